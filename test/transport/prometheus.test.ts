// Metrics as Prometheus reads them.
import { expect, test } from 'vitest';
import { dispatch, type SignalAnswer } from '../../src/signals/desk.ts';
import { counters, gauges, histograms } from '../../src/signals/metrics/metrics.ts';
import { silentLogger } from '../../src/system/logger.ts';
import { createPrometheus } from '../../src/transport/prometheus.ts';
import { metricSamples } from '../support/metric-samples.ts';

const prometheus = (refresh = () => {}) => createPrometheus({ version: '1.2.3', logger: silentLogger, refresh });

async function scrape({ route }: ReturnType<typeof prometheus>): Promise<SignalAnswer> {
  const answer = await dispatch([route], { method: 'GET', path: '/metrics', headers: {} });
  if ('maxBytes' in answer) throw new Error('a scrape has no body');
  return answer;
}

test('every measurement is taken under its name, with its labels', async () => {
  let refreshed = 0;
  const made = prometheus(() => {
    refreshed += 1;
  });
  const { metrics } = made;
  metrics.count('holdfast_sync_attempts_total', { application: 'shop', outcome: 'live' });
  metrics.count('holdfast_sync_attempts_total', { application: 'shop', outcome: 'live' }, 2);
  metrics.observe('holdfast_engine_call_duration_seconds', { operation: 'create' }, 0.02);
  metrics.set('holdfast_source_ready', { application: 'shop' }, 1);
  metrics.set('holdfast_source_ready', { application: 'gone' }, 1);
  metrics.drop('holdfast_source_ready', { application: 'gone' });
  const answer = await scrape(made);
  const samples = metricSamples(answer.body);
  expect(answer.headers).toEqual({ 'content-type': 'text/plain; version=0.0.4; charset=utf-8' });
  expect(refreshed).toBe(1);
  expect(samples.get('holdfast_build_info{version="1.2.3"}')).toBe(1);
  expect(samples.get('holdfast_sync_attempts_total{application="shop",outcome="live"}')).toBe(3);
  expect(samples.get('holdfast_engine_call_duration_seconds_bucket{le="0.01",operation="create"}')).toBe(0);
  expect(samples.get('holdfast_engine_call_duration_seconds_bucket{le="0.025",operation="create"}')).toBe(1);
  expect(samples.get('holdfast_engine_call_duration_seconds_sum{operation="create"}')).toBe(0.02);
  expect([...samples.keys()].filter((name) => name.startsWith('holdfast_source_ready'))).toEqual([
    'holdfast_source_ready{application="shop"}',
  ]);
  expect(samples.get('process_resident_memory_bytes')).toBeGreaterThan(0);
});

test('every name is described before anything was measured', async () => {
  const { body } = await scrape(prometheus());
  const described = [...body.matchAll(/^# TYPE (holdfast_\S+) (\S+)$/gm)].map(([, name, type]) => `${name} ${type}`);
  expect(described.sort()).toEqual(
    [
      ...Object.keys(counters).map((name) => `${name} counter`),
      ...Object.keys(gauges).map((name) => `${name} gauge`),
      ...Object.keys(histograms).map((name) => `${name} histogram`),
    ].sort(),
  );
});

test('a measurement that cannot be taken breaks nothing', async () => {
  const made = prometheus();
  made.metrics.count('holdfast_sync_attempts_total', { nonsense: 'x' });
  made.metrics.observe('holdfast_sync_duration_seconds', { application: 'a', outcome: 'live' }, Number.NaN);
  expect((await scrape(made)).status).toBe(200);
});

test('two of one process do not share anything', async () => {
  const [one, other] = [prometheus(), prometheus()];
  one.metrics.set('holdfast_source_ready', { application: 'shop' }, 1);
  expect((await scrape(other)).body).not.toContain('application="shop"');
});
