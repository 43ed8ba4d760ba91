// Engine and repository do the same with a stopwatch as without, and every call is counted.
import { describe, expect, test } from 'vitest';
import { measuredEngine, measuredSource } from '../../src/control-plane/measured.ts';
import { EngineError } from '../../src/kubelet/engine/container-engine.ts';
import { SourceError } from '../../src/sync/commit-source.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FakeEngine } from '../support/fake-engine.ts';
import { FakeSource } from '../support/fake-source.ts';
import { RecordedMetrics } from '../support/recorded-metrics.ts';

const { signal } = new AbortController();

describe('an engine', () => {
  test('answers as it would, and is measured', async () => {
    const [clock, metrics] = [new FakeClock(), new RecordedMetrics()];
    const engine = measuredEngine(new FakeEngine({ clock, name: 'node-a', images: ['web:1'] }), metrics, clock);
    expect(await engine.info(signal)).toMatchObject({ name: 'node-a' });
    expect(await engine.image('web:1', signal)).toBeDefined();
    expect(metrics.lines()).toEqual([
      'observe holdfast_engine_call_duration_seconds operation=info',
      'observe holdfast_engine_call_duration_seconds operation=image',
    ]);
  });

  test('fails as it would, and the fault is counted', async () => {
    const [clock, metrics] = [new FakeClock(), new RecordedMetrics()];
    const fault = new EngineError('Unreachable', 'no answer');
    const plain = new FakeEngine({ clock, name: 'node-a', images: [] });
    plain.info = () => Promise.reject(fault);
    await expect(measuredEngine(plain, metrics, clock).info(signal)).rejects.toBe(fault);
    expect(metrics.lines()).toEqual([
      'observe holdfast_engine_call_duration_seconds operation=info',
      'count holdfast_engine_faults_total operation=info,fault=Unreachable 1',
    ]);
  });

  test('streams without being measured', async () => {
    const [clock, metrics] = [new FakeClock(), new RecordedMetrics()];
    const aborter = new AbortController();
    const engine = measuredEngine(new FakeEngine({ clock, name: 'node-a', images: [] }), metrics, clock);
    const events = engine.events(clock.now(), aborter.signal)[Symbol.asyncIterator]().next();
    aborter.abort();
    expect(await events).toMatchObject({ done: true });
    expect(metrics.lines()).toEqual([]);
  });
});

describe('a repository', () => {
  test('answers as it would, and is measured', async () => {
    const [clock, metrics, plain] = [new FakeClock(), new RecordedMetrics(), new FakeSource()];
    const id = plain.commit({ files: {} });
    const source = measuredSource(plain, 'shop', metrics, clock);
    expect(source).toMatchObject({ description: plain.description, revision: plain.revision });
    expect(await source.head(signal)).toBe(id);
    expect((await source.snapshot(id, signal)).commit.id).toBe(id);
    plain.failure = new SourceError('Unreachable', 'no answer');
    await expect(source.head(signal)).rejects.toBe(plain.failure);
    expect(metrics.lines().filter((line) => line.startsWith('count'))).toEqual([
      'count holdfast_source_reads_total application=shop,operation=head,result=ok 1',
      'count holdfast_source_reads_total application=shop,operation=snapshot,result=ok 1',
      'count holdfast_source_reads_total application=shop,operation=head,result=Unreachable 1',
    ]);
    await source.close();
    expect(plain.isClosed).toBe(true);
  });
});
