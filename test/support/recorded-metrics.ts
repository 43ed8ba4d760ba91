// Measurements as a test reads them.
import type { CounterName, GaugeName, HistogramName, Labels, Metrics } from '../../src/signals/metrics/metrics.ts';

const textOf = (labels: Labels): string =>
  Object.entries(labels)
    .map((pair) => pair.join('='))
    .join(',');

/** Remembers what is measured, in order. */
export class RecordedMetrics implements Metrics {
  readonly observed: { readonly name: HistogramName; readonly labels: Labels; readonly seconds: number }[] = [];
  readonly gauges = new Map<string, number>();
  readonly #lines: string[] = [];

  /** Counts and observations, `count NAME label=value,… BY` and `observe NAME label=value,…`. */
  lines(): readonly string[] {
    return this.#lines;
  }

  count(name: CounterName, labels: Labels, by = 1): void {
    this.#lines.push(`count ${name} ${textOf(labels)} ${by}`);
  }

  observe(name: HistogramName, labels: Labels, seconds: number): void {
    this.observed.push({ name, labels, seconds });
    this.#lines.push(`observe ${name} ${textOf(labels)}`);
  }

  set(name: GaugeName, labels: Labels, value: number): void {
    this.gauges.set(`${name} ${textOf(labels)}`, value);
  }

  drop(name: GaugeName, labels: Labels): void {
    this.gauges.delete(`${name} ${textOf(labels)}`);
  }
}
