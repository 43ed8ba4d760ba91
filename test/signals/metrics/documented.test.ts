// Dashboard and reference name what exists, and all of it.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { allMetricNames, counters, gauges, histograms } from '../../../src/signals/metrics/metrics.ts';

const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
const dashboard = read('docs/grafana-dashboard.json');
const all: Readonly<Record<string, { readonly labels: readonly string[] }>> = { ...counters, ...histograms, ...gauges };
const OF_THE_PROCESS = ['process_cpu_seconds_total', 'process_resident_memory_bytes', 'process_start_time_seconds'];

interface Dashboard {
  readonly panels: readonly {
    readonly id: number;
    readonly title: string;
    readonly targets: readonly { readonly expr: string }[];
  }[];
}
const { panels } = JSON.parse(dashboard) as Dashboard;
const expressions = panels.flatMap(({ title, targets }) => targets.map(({ expr }) => [title, expr] as const));

describe('the dashboard', () => {
  test('names only what there is', () => {
    const named = [...dashboard.matchAll(/\b(?:holdfast|process)_[a-z_]+/g)].map(([name]) => name);
    const known = new Set([...allMetricNames(), ...OF_THE_PROCESS]);
    expect(named.filter((name) => !known.has(name))).toEqual([]);
  });

  test('shows everything that is measured', () => {
    const hidden = ['holdfast_source_read_duration_seconds', 'holdfast_build_info', 'holdfast_last_live_timestamp_seconds'];
    expect(Object.keys(all).filter((name) => !expressions.some(([, expr]) => expr.includes(name)))).toEqual(hidden);
  });

  test.each(expressions)('%s asks only for labels that there are', (_title, expr) => {
    const known = new Set(['le', 'job', 'instance']);
    for (const [name, { labels }] of Object.entries(all)) if (expr.includes(name)) for (const label of labels) known.add(label);
    const asked = [...expr.matchAll(/by \(([^)]*)\)|\{([^}]*)\}/g)].flatMap(([, by, selectors]) =>
      (by ?? selectors ?? '').split(',').map((part) => part.split(/[=!~]/)[0]?.trim() ?? ''),
    );
    expect(asked.filter((label) => !known.has(label))).toEqual([]);
  });

  test('numbers its panels', () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  });
});

test('the page has a line for each measurement, with its labels', () => {
  const page = read('docs/signals.md');
  const lines = Object.entries(all).map(
    ([name, { labels }]) => `| \`${name}\` | ${labels.map((label) => `\`${label}\``).join(', ')} |`,
  );
  expect(lines.filter((line) => !page.includes(line))).toEqual([]);
});

test('names follow the conventions', () => {
  expect(Object.keys(counters).filter((name) => !/^holdfast_[a-z_]+_total$/.test(name))).toEqual([]);
  expect(Object.keys(histograms).filter((name) => !/^holdfast_[a-z_]+_seconds$/.test(name))).toEqual([]);
  expect(Object.keys(gauges).filter((name) => name.endsWith('_total'))).toEqual([]);
});
