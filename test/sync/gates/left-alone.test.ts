// What is left to others: fields that rules ignore, and objects whose annotations keep them.
import { describe, expect, test } from 'vitest';
import type { Desired } from '../../../src/model/resource.ts';
import { aConfigMap, aDeployment, asDesired, aTemplate } from '../../support/builders.ts';
import { benchForEach, type SyncBench, settings } from '../sync-bench.ts';

const web = (image: string, replicas: number): Desired =>
  asDesired(aDeployment({ name: 'web', replicas, spec: { template: aTemplate({ container: { image } }) } }));
const config = (name: string, annotations: Record<string, string> = {}): Desired =>
  asDesired(aConfigMap({ name, annotations, data: {} }));
const scaled = settings({
  ignoreDifferences: [{ kind: 'Deployment', name: 'web', jsonPointers: ['/spec/replicas'], reason: 'scaled by hand' }],
});

let bench: SyncBench;
benchForEach((each) => {
  bench = each;
});

const replicas = (): number | undefined => bench.store.get('Deployment', 'default', 'web')?.spec.replicas;

async function scale(count: number): Promise<void> {
  const deployment = bench.store.get('Deployment', 'default', 'web');
  if (deployment === undefined) throw new Error('there is no deployment');
  await bench.store.write([{ op: 'update', resource: { ...deployment, spec: { ...deployment.spec, replicas: count } } }]);
  await bench.settle();
}

async function pushed(resources: readonly Desired[], message?: string): Promise<void> {
  bench.push(resources, message);
  await bench.settle();
}

describe('an ignored field', () => {
  test('is set when the object is made, and neither drift nor changed by a commit from then on', async () => {
    bench.push([web('web:1', 2), scaled]);
    bench.start();
    await bench.settle();
    expect(replicas()).toBe(2);
    await scale(5);
    expect(replicas()).toBe(5);
    await bench.advance(600_000);
    expect(replicas()).toBe(5);
    expect(bench.store.list('Event').filter(({ reason }) => reason === 'Drifted')).toEqual([]);
    await pushed([web('web:2', 3), scaled]);
    expect([bench.image('web'), replicas()]).toEqual(['web:2', 5]);
  });

  test('costs no write while nothing happens', async () => {
    const rule = {
      kind: 'ConfigMap',
      jsonPointers: ['/data/key', '/metadata/annotations/example.org~1by'],
      reason: 'a program writes it',
    };
    bench.push([
      asDesired(aConfigMap({ name: 'config', data: { key: 'a', other: 'a' } })),
      settings({ ignoreDifferences: [rule] }),
    ]);
    bench.start();
    await bench.settle();
    const live = bench.store.get('ConfigMap', 'default', 'config');
    if (live === undefined) throw new Error('there is no config map');
    const annotations = { ...live.metadata.annotations, 'example.org/by': 'hand' };
    await bench.store.write([
      { op: 'update', resource: { ...live, metadata: { ...live.metadata, annotations }, data: { other: 'a' } } },
    ]);
    await bench.settle();
    const revision = bench.store.revision();
    await bench.advance(600_000);
    expect(bench.store.revision()).toBe(revision);
    expect(bench.data('config')).toEqual({ other: 'a' });
  });

  test('is the commit’s again when no rule names it any more', async () => {
    bench.push([web('web:1', 2), scaled]);
    bench.start();
    await bench.settle();
    await scale(5);
    await pushed([web('web:1', 2)]);
    expect(replicas()).toBe(2);
  });

  test('does not keep other fields from being put right', async () => {
    bench.push([web('web:1', 2), scaled]);
    bench.start();
    await bench.settle();
    const deployment = bench.store.get('Deployment', 'default', 'web');
    if (deployment === undefined) throw new Error('there is no deployment');
    await bench.store.write([
      { op: 'update', resource: { ...deployment, spec: { ...deployment.spec, replicas: 4, paused: true } } },
    ]);
    await bench.settle();
    expect(bench.store.get('Deployment', 'default', 'web')?.spec).toMatchObject({ replicas: 4 });
    expect(bench.store.get('Deployment', 'default', 'web')?.spec.paused).not.toBe(true);
  });
});

describe('what a commit no longer has', () => {
  const keep = { 'holdfast.dev/prune': 'disabled' };
  const argoKeep = { 'argocd.argoproj.io/sync-options': 'Validate=false,Prune=false' };
  const ask = { 'holdfast.dev/prune': 'confirm' };
  const argoAsk = { 'argocd.argoproj.io/sync-options': 'Prune=confirm' };

  test.each([
    [keep, true],
    [argoKeep, true],
    [ask, false],
  ])('stays where %j says so', async (annotations, stays) => {
    bench.push([config('data', annotations), config('a'), config('b')]);
    bench.start();
    await bench.settle();
    await pushed([config('a')], 'Less\n\nHoldfast-Allow-Prune: true');
    expect(bench.names()).toEqual(stays ? ['ConfigMap/a', 'ConfigMap/data'] : ['ConfigMap/a']);
    expect(bench.status.history?.[0]?.outcome).toBe('live');
    const revision = bench.store.revision();
    await bench.advance(600_000);
    expect(bench.store.revision()).toBe(revision);
  });

  test.each([[ask], [argoAsk]])('waits for a commit that says so where %j asks for it', async (annotations) => {
    bench.push([config('data', annotations), config('a'), config('b')]);
    bench.start();
    await bench.settle();
    await pushed([config('a'), config('b')]);
    expect(bench.names()).toContain('ConfigMap/data');
    expect(bench.status.held).toMatchObject({
      outcome: 'preflight-failed',
      message:
        'the commit would delete configmap/data, whose annotation asks for a confirmation; if that is meant, commit with the trailer "Holdfast-Allow-Prune: true"',
    });
  });

  test.each([
    [20, 1, 'preflight-failed'],
    [80, 3, 'live'],
    [80, 4, 'preflight-failed'],
    [0, 1, 'preflight-failed'],
    [100, 4, 'live'],
  ])('is held back above %i%% when %i of 4 go: %s', async (maxPercent, gone, outcome) => {
    const all = ['a', 'b', 'c', 'd'].map((name) => config(name));
    const guard = settings({ pruneGuard: { maxPercent } });
    bench.push([...all, guard]);
    bench.start();
    await bench.settle();
    await pushed([...all.slice(gone), config('e'), guard]);
    expect(bench.status.history?.[0]?.outcome).toBe(outcome);
  });
});
