import { describe, expect, test } from 'vitest';
import type { Desired } from '../../src/model/resource.ts';
import { SourceError } from '../../src/sync/commit-source.ts';
import type { Outcome } from '../../src/sync/outcome.ts';
import { aConfigMap, aDeployment, asDesired, aTemplate } from '../support/builders.ts';
import { benchForEach, deploymentOf, type SyncBench } from './sync-bench.ts';

const web = (image: string): Desired => deploymentOf('web', image);
const config = (value: string): Desired => asDesired(aConfigMap({ data: { key: value } }));

let bench: SyncBench;
benchForEach((each) => {
  bench = each;
});

function push(...resources: readonly Desired[]): string {
  return bench.push(resources);
}

/** The outcome of a single run, or undefined when it has none yet. */
async function outcome(): Promise<Outcome | undefined> {
  await bench.settle();
  return await Promise.race([bench.syncer.outcome(), Promise.resolve(undefined)]);
}

async function runOnce(): Promise<Outcome | undefined> {
  await bench.restart({ once: true });
  return await outcome();
}

describe('a single run', () => {
  test('ends live with what it did, and does nothing the second time', async () => {
    const id = push(config('a'), web('web:1'));
    const first = await runOnce();
    expect(first).toMatchObject({ application: 'shop', outcome: 'live', commit: { id }, problems: [] });
    expect(first?.actions.map(({ kind, name, action, file, line }) => [kind, name, action, file, line])).toEqual([
      ['ConfigMap', 'config', 'create', 'app.yaml', 1],
      ['Deployment', 'web', 'create', 'app.yaml', 3],
    ]);
    const revision = bench.store.revision();
    expect(await runOnce()).toMatchObject({ outcome: 'live', actions: [], message: 'everything is as the commit says' });
    expect(bench.store.revision()).toBe(revision);
  });

  test('ends invalid at once, with every problem', async () => {
    bench.source.commit({
      files: { 'a.yaml': '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x"},"dta":{}}', 'b.yaml': 'kind: [' },
    });
    const ended = await runOnce();
    expect(ended?.outcome).toBe('invalid');
    expect(ended?.problems.map((problem) => problem.file)).toEqual(expect.arrayContaining(['a.yaml', 'b.yaml']));
    expect(bench.names()).toEqual([]);
  });

  test.each([3_600_000, -3_600_000])('has as much time as before when the clock is set by %i ms', async (byMs) => {
    push(web('web:slow'));
    expect(await runOnce()).toBeUndefined();
    await bench.advance(60_000);
    bench.clock.set(byMs);
    await bench.advance(200_000);
    expect(await outcome()).toBeUndefined();
    await bench.advance(60_000);
    expect(await outcome()).toMatchObject({ outcome: 'failed' });
  });

  test('says again why a commit is invalid in a second run', async () => {
    bench.source.commit({ files: { 'b.yaml': 'kind: [' } });
    await runOnce();
    expect(await runOnce()).toMatchObject({ outcome: 'invalid', problems: [{ file: 'b.yaml' }] });
  });

  test.each([
    ['a reference that leads nowhere', 'NotFound'],
    ['an image that cannot be had', 'ImageUnavailable'],
  ])('ends preflight-failed at once because of %s', async (why, reason) => {
    bench.images.states.set('gone:1', { state: 'failed', message: 'no such image', isFinal: true, retryAtMs: 0 });
    const env = [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'missing', key: 'k' } } }];
    const container = why.startsWith('an image') ? { image: 'gone:1' } : { env };
    push(asDesired(aDeployment({ spec: { template: aTemplate({ container }) } })));
    const ended = await runOnce();
    expect(ended).toMatchObject({ outcome: 'preflight-failed', actions: [], problems: [{ reason, file: 'app.yaml' }] });
    expect(bench.names()).toEqual([]);
  });

  test('ends preflight-failed when the time for pulling is over', async () => {
    bench.images.states.set('web:1', { state: 'pulling' });
    push(web('web:1'));
    expect(await runOnce()).toBeUndefined();
    await bench.advance(300_000);
    expect(await outcome()).toMatchObject({ outcome: 'preflight-failed', problems: [{ reason: 'ImageUnavailable' }] });
  });

  test('ends rolled-back, never live, with the culprit; and says so again while HEAD stays', async () => {
    push(config('a'), web('web:1'));
    await runOnce();
    const bad = push(config('b'), web('web:crash'));
    const ended = await runOnce();
    expect(ended).toMatchObject({
      outcome: 'rolled-back',
      commit: { id: bad },
      problems: [{ reason: 'Unhealthy', file: 'app.yaml', line: 3 }],
    });
    expect(ended?.actions.map((action) => action.reason)).toEqual(['Updated', 'Updated', 'RolledBack', 'RolledBack']);
    expect(await runOnce()).toMatchObject({ outcome: 'rolled-back', commit: { id: bad }, actions: [] });
  });

  test('ends failed when a first commit does not become healthy', async () => {
    push(web('web:crash'));
    expect(await runOnce()).toMatchObject({ outcome: 'failed', problems: [{ reason: 'Unhealthy' }] });
  });

  test('ends failed when what was live is no longer healthy', async () => {
    push(web('web:1'));
    await runOnce();
    bench.sick.add('web:1');
    await bench.settle();
    expect(await runOnce()).toBeUndefined();
    await bench.advance(300_000);
    expect(await outcome()).toMatchObject({ outcome: 'failed', problems: [{ reason: 'Unhealthy' }] });
  });

  test.each([
    ['AuthenticationFailed', 0],
    ['RevisionNotFound', 0],
    ['Unreachable', 300_000],
    ['TimedOut', 300_000],
  ] as const)('ends failed when the source says %s, waiting %i ms', async (fault, waitMs) => {
    bench.source.failure = new SourceError(fault, 'no');
    expect((await runOnce()) === undefined).toBe(waitMs > 0);
    await bench.advance(waitMs);
    expect(await outcome()).toMatchObject({
      outcome: 'failed',
      commit: undefined,
      problems: [{ reason: 'SourceFailed', message: `no (${fault})` }],
    });
  });

  test('takes a source that comes back in time', async () => {
    push(config('a'));
    bench.source.failure = new SourceError('Unreachable', 'no');
    await runOnce();
    bench.source.failure = undefined;
    await bench.advance(60_000);
    expect(await outcome()).toMatchObject({ outcome: 'live' });
  });

  test('applies only what was agreed to: whatever moves before the commit is written, is noticed', async () => {
    push(config('a'), web('web:1'));
    await runOnce();
    push(config('b'), web('web:2'));
    bench.agreed = ({ plan }) =>
      plan.changes.flatMap(({ key, action }) => (action === 'update' ? [`${key.name} has moved`] : []));
    expect(await runOnce()).toMatchObject({
      outcome: 'preflight-failed',
      actions: [],
      problems: [
        { reason: 'PlanMoved', message: 'the saved plan does not hold: config has moved' },
        { reason: 'PlanMoved', message: 'the saved plan does not hold: web has moved' },
      ],
    });
    expect([bench.image('web'), bench.data('config')]).toEqual(['web:1', { key: 'a' }]);
    bench.agreed = () => [];
    expect(await runOnce()).toMatchObject({ outcome: 'live' });
    expect([bench.image('web'), bench.data('config')]).toEqual(['web:2', { key: 'b' }]);
  });
});
