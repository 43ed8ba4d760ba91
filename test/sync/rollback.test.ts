import { describe, expect, test } from 'vitest';
import type { Desired } from '../../src/model/resource.ts';
import { SourceError } from '../../src/sync/commit-source.ts';
import { aClaim, aConfigMap, aNamespace, aPod, asDesired } from '../support/builders.ts';
import { benchForEach, deploymentOf, type SyncBench } from './sync-bench.ts';

const config = (value: string, name = 'config'): Desired => asDesired(aConfigMap({ name, data: { key: value } }));

let bench: SyncBench;
benchForEach((each) => {
  bench = each;
});

function push(...resources: readonly Desired[]): string {
  return bench.push(resources);
}

const good = [config('a'), config('old', 'leaving'), deploymentOf('web', 'web:1')] as const;
const goodState = { names: ['ConfigMap/config', 'ConfigMap/leaving', 'Deployment/web'], config: { key: 'a' }, web: 'web:1' };
const state = (): unknown => ({ names: bench.names(), config: bench.data('config'), web: bench.image('web') });

async function live(): Promise<string> {
  const id = push(...good);
  bench.start();
  await bench.settle();
  expect(bench.status.lastGood?.id).toBe(id);
  return id;
}

describe('a commit that does not become healthy', () => {
  test('goes back as a whole: config, what it brought, what it left out; and is not tried again until HEAD moves', async () => {
    const first = await live();
    const bad = push(config('b'), deploymentOf('web', 'web:slow'), deploymentOf('new', 'new:1'));
    await bench.settle();
    expect(state()).toEqual({
      names: ['ConfigMap/config', 'ConfigMap/leaving', 'Deployment/new', 'Deployment/web'],
      config: { key: 'b' },
      web: 'web:slow',
    });
    await bench.advance(299_000);
    expect(bench.status.attempt?.phase).toBe('verifying');
    await bench.advance(1_000);
    expect(state()).toEqual(goodState);
    expect(bench.status).toMatchObject({
      lastGood: { id: first },
      quarantined: {
        outcome: 'rolled-back',
        commit: { id: bad },
        message: expect.stringContaining('deployment/web: pod web-webslow'),
      },
      health: 'Healthy',
    });
    expect(bench.status.inventory?.map((entry) => [entry.name, entry.commit])).toEqual([
      ['config', first],
      ['leaving', first],
      ['web', first],
    ]);
    const revision = bench.store.revision();
    await bench.advance(600_000);
    await bench.restart();
    await bench.settle();
    expect(bench.store.revision()).toBe(revision);
    const fixed = push(config('c'), deploymentOf('web', 'web:2'));
    await bench.settle();
    expect(bench.status).toMatchObject({ lastGood: { id: fixed } });
    expect([bench.status.quarantined, bench.status.held]).toEqual([undefined, undefined]);
  });

  test('fails early when everything that is not healthy is stuck', async () => {
    await live();
    push(config('b'), deploymentOf('web', 'web:crash'));
    await bench.settle();
    expect(state()).toEqual(goodState);
    expect(bench.status.quarantined?.message).toContain('cannot become healthy: deployment/web: pod web-webcrash');
  });

  test('waits on while something still starts that a crash loop may be waiting for', async () => {
    await live();
    push(deploymentOf('web', 'web:crash'), deploymentOf('db', 'db:slow'));
    await bench.settle();
    expect(bench.status.attempt?.phase).toBe('verifying');
  });

  test('is what runs when there is nothing to go back to, and is live should it recover', async () => {
    const id = push(deploymentOf('web', 'web:slow'));
    bench.start();
    await bench.settle();
    await bench.advance(300_000);
    expect(bench.status).toMatchObject({ held: { outcome: 'failed' }, quarantined: { commit: { id } } });
    expect(bench.names()).toEqual(['Deployment/web']);
    const object = bench.store.get('Deployment', 'default', 'web');
    const status = {
      observedGeneration: object?.metadata.generation ?? 0,
      replicas: 1,
      updatedReplicas: 1,
      readyReplicas: 1,
      availableReplicas: 1,
    };
    await bench.store.write([
      {
        op: 'updateStatus',
        key: { kind: 'Deployment', namespace: 'default', name: 'web' },
        uid: object?.metadata.uid ?? '',
        status,
      },
    ]);
    await bench.settleSyncer();
    expect(bench.status).toMatchObject({ lastGood: { id } });
    expect(bench.status.quarantined).toBeUndefined();
  });

  test('and whose rollback does not become healthy either: failed, the last good commit is held', async () => {
    await live();
    const bad = push(deploymentOf('web', 'web:slow'), config('b'));
    await bench.settle();
    // What the good commit needs is broken by now as well.
    bench.sick.add('web:1');
    await bench.advance(300_000);
    expect(bench.status.attempt?.phase).toBe('rolling-back');
    await bench.advance(300_000);
    expect(bench.status).toMatchObject({
      held: { outcome: 'failed', commit: { id: bad } },
      quarantined: { commit: { id: bad } },
    });
    expect(bench.status.attempt).toBeUndefined();
    expect(bench.data('config')).toEqual({ key: 'a' });
  });

  test('leaves nothing behind of what has to go in order: a namespace after what is in it, a claim after its pod', async () => {
    await live();
    const claim = asDesired(aClaim());
    const user = asDesired(
      aPod({ name: 'user', spec: { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] } }),
    );
    push(
      ...good.slice(0, 2),
      asDesired(aNamespace()),
      asDesired(aConfigMap({ namespace: 'shop' })),
      claim,
      user,
      deploymentOf('web', 'web:crash'),
    );
    await bench.settle();
    expect(state()).toEqual(goodState);
    expect(bench.status).toMatchObject({ quarantined: { outcome: 'rolled-back' } });
    expect(bench.status.inventory?.map((entry) => entry.name)).toEqual(['config', 'leaving', 'web']);
  });

  test('without Git: a rollback needs nothing but the store', async () => {
    await live();
    push(config('b'), deploymentOf('web', 'web:slow'));
    await bench.settle();
    bench.source.failure = new SourceError('Unreachable', 'down');
    await bench.advance(300_000);
    expect(state()).toEqual(goodState);
  });
});

describe('a newer commit', () => {
  test('pre-empts one that is being verified', async () => {
    await live();
    push(config('b'), deploymentOf('web', 'web:slow'), deploymentOf('extra', 'extra:1'));
    await bench.settle();
    const newest = push(config('c'), deploymentOf('web', 'web:2'));
    await bench.settle();
    expect(bench.status).toMatchObject({ lastGood: { id: newest } });
    expect(bench.names()).toEqual(['ConfigMap/config', 'Deployment/web']);
    expect(bench.store.list('ApplicationRevision')).toHaveLength(1);
  });

  test('pre-empts a rollback', async () => {
    await live();
    push(deploymentOf('web', 'web:slow'));
    await bench.settle();
    bench.sick.add('web:1');
    await bench.advance(300_000);
    expect(bench.status.attempt?.phase).toBe('rolling-back');
    const newest = push(deploymentOf('web', 'web:2'));
    await bench.settle();
    expect(bench.status).toMatchObject({ lastGood: { id: newest } });
  });

  test('that is refused lets the one before it come to its own end', async () => {
    await live();
    push(config('b'), deploymentOf('web', 'web:slow'));
    await bench.settle();
    const broken = bench.source.commit({ files: { 'app.yaml': 'kind: [' } });
    await bench.settle();
    expect(bench.status).toMatchObject({ held: { outcome: 'invalid', commit: { id: broken } }, attempt: { phase: 'verifying' } });
    await bench.advance(300_000);
    expect(state()).toEqual(goodState);
  });

  test('may be the last good one: HEAD goes back while a bad commit is verified', async () => {
    const first = await live();
    push(config('b'), deploymentOf('web', 'web:slow'));
    await bench.settle();
    bench.source.move(first);
    await bench.settle();
    expect(state()).toEqual(goodState);
    expect(bench.status.attempt).toBeUndefined();
    expect(bench.status.history?.[0]).toMatchObject({ outcome: 'live', commit: { id: first } });
  });
});

describe('a controller that is killed', () => {
  const deaths = Array.from({ length: 8 }, (_, writes) => writes);

  test.each(deaths)('after %i writes of a good commit finishes it in its next life', async (writes) => {
    await live();
    bench.writesLeft = writes;
    const next = push(config('b'), deploymentOf('web', 'web:2'), deploymentOf('new', 'new:1'));
    await bench.settle();
    await bench.restart();
    await bench.settle();
    expect(bench.status).toMatchObject({ lastGood: { id: next }, health: 'Healthy' });
    expect(state()).toEqual({
      names: ['ConfigMap/config', 'Deployment/new', 'Deployment/web'],
      config: { key: 'b' },
      web: 'web:2',
    });
    expect(bench.store.list('ApplicationRevision')).toHaveLength(1);
  });

  test.each(deaths)('after %i writes of a bad commit goes back in its next life', async (writes) => {
    await live();
    bench.writesLeft = writes;
    const bad = push(config('b'), deploymentOf('web', 'web:crash'), deploymentOf('new', 'new:1'));
    await bench.settle();
    await bench.restart();
    await bench.settle();
    expect(state()).toEqual(goodState);
    expect(bench.status).toMatchObject({ held: { outcome: 'rolled-back', commit: { id: bad } } });
    expect(bench.status.attempt).toBeUndefined();
  });
});
