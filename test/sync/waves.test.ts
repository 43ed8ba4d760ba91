import { describe, expect, test } from 'vitest';
import { type Desired, displayKey, keyOf } from '../../src/model/resource.ts';
import { WAVE_ANNOTATION } from '../../src/model/sync-order.ts';
import type { Write } from '../../src/store/store.ts';
import { aConfigMap, aDeployment, aNamespace, aPod, asDesired, aTemplate } from '../support/builders.ts';
import { benchForEach, deploymentOf, type SyncBench } from './sync-bench.ts';

const inWave = (wave: number, resource: Desired): Desired => ({
  ...resource,
  metadata: { ...resource.metadata, annotations: { ...resource.metadata.annotations, [WAVE_ANNOTATION]: String(wave) } },
});
const config = (name: string, value = 'a'): Desired => asDesired(aConfigMap({ name, data: { key: value } }));

let bench: SyncBench;
benchForEach((each) => {
  bench = each;
});

function push(...resources: readonly Desired[]): string {
  return bench.push(resources, 'a\n\nHoldfast-Allow-Prune: true');
}

/** Objects of commits, as they are created, changed and removed; one line for each transaction. */
function recorded(): string[] {
  const lines: string[] = [];
  const write = bench.store.write.bind(bench.store);
  const ofCommits = ['ConfigMap', 'Deployment', 'Pod'];
  bench.store.write = async (writes: readonly Write[]) => {
    const told = writes.flatMap((each) => {
      if (each.op === 'updateStatus') return [];
      const key = each.op === 'remove' ? each.key : keyOf(each.resource);
      const owner = each.op === 'remove' ? undefined : each.resource.metadata.ownerReferences;
      return ofCommits.includes(key.kind) && owner === undefined ? [`${each.op} ${displayKey(key)}`] : [];
    });
    const result = await write(writes);
    if (told.length > 0) lines.push(told.join(', '));
    return result;
  };
  return lines;
}

describe('a commit with waves', () => {
  test('is applied wave by wave, each when the one before is healthy; kinds in their order within', async () => {
    const lines = recorded();
    const id = push(
      inWave(5, deploymentOf('web', 'web:1')),
      inWave(-2, deploymentOf('db', 'db:1')),
      config('settings'),
      inWave(5, config('texts')),
    );
    bench.start();
    await bench.settleSyncer();
    expect(bench.status.attempt).toMatchObject({
      phase: 'applying',
      wave: -2,
      nextWave: 0,
      waitingFor: ['deployment/db: its controller has not seen the change yet'],
    });
    expect(bench.names()).toEqual(['Deployment/db']);
    await bench.settle();
    expect(lines).toEqual(['create deployment/db', 'create configmap/settings', 'create configmap/texts, create deployment/web']);
    expect(bench.status.lastGood?.id).toBe(id);
    expect(bench.status.inventory?.map(({ name, wave }) => [name, wave])).toEqual([
      ['web', 5],
      ['db', -2],
      ['settings', undefined],
      ['texts', 5],
    ]);
    const revision = bench.store.revision();
    await bench.advance(600_000);
    expect(bench.store.revision()).toBe(revision);
  });

  test('says what the next wave waits for, and goes back as a whole when its time is over', async () => {
    const good = push(deploymentOf('db', 'db:1'), inWave(1, deploymentOf('web', 'web:1')));
    bench.start();
    await bench.settle();
    const bad = push(deploymentOf('db', 'db:slow'), inWave(1, deploymentOf('web', 'web:2')));
    await bench.settle();
    expect([bench.image('db'), bench.image('web')]).toEqual(['db:slow', 'web:1']);
    await bench.advance(300_000);
    expect(bench.status.quarantined).toMatchObject({
      commit: { id: bad },
      outcome: 'rolled-back',
      message: expect.stringMatching(/^not healthy in time: wave 1 waited for deployment\/db: pod db-/),
    });
    expect([bench.image('db'), bench.image('web'), bench.status.lastGood?.id]).toEqual(['db:1', 'web:1', good]);
  });

  test('refuses the whole commit before the first wave when a later one lacks an image', async () => {
    bench.images.states.set('web:2', {
      state: 'failed',
      message: 'no such tag',
      isFinal: true,
      retryAtMs: bench.clock.now() + 30_000,
    });
    push(deploymentOf('db', 'db:1'), inWave(1, deploymentOf('web', 'web:2')));
    bench.start();
    await bench.settle();
    expect(bench.names()).toEqual([]);
    expect(bench.status.held?.outcome).toBe('preflight-failed');
  });

  test.each<[string, readonly Desired[], string]>([
    [
      'a ConfigMap that comes later than who reads it',
      [
        inWave(3, config('texts')),
        inWave(
          1,
          asDesired(
            aDeployment({
              name: 'web',
              spec: { template: aTemplate({ container: { envFrom: [{ configMapRef: { name: 'texts' } }] } }) },
            }),
          ),
        ),
      ],
      'configmap/texts comes in wave 3, and this needs it in wave 1: give configmap/texts the holdfast.dev/sync-wave 1 or a lower one',
    ],
    [
      'a namespace that comes later than what is in it',
      [inWave(1, asDesired(aNamespace({ name: 'side' }))), { ...config('a'), metadata: { name: 'a', namespace: 'side' } }],
      'namespace/side comes in wave 1, and this needs it in wave 0',
    ],
  ])('refuses %s', async (_what, resources, message) => {
    push(...resources);
    bench.start();
    await bench.settle();
    expect(bench.names()).toEqual([]);
    expect(bench.status.held).toMatchObject({ outcome: 'preflight-failed', message: expect.stringContaining(message) });
  });

  test('deletes from the highest wave to the lowest, each when the one before is gone with its pods', async () => {
    push(
      config('kept'),
      inWave(-1, config('first')),
      inWave(1, deploymentOf('db', 'db:1')),
      inWave(2, deploymentOf('web', 'web:1')),
    );
    bench.start();
    await bench.settle();
    const lines = recorded();
    push(config('kept'));
    await bench.settleSyncer();
    expect(bench.names()).toEqual(['ConfigMap/first', 'ConfigMap/kept', 'Deployment/db']);
    expect(bench.status.attempt?.phase).toBe('pruning');
    await bench.settle();
    expect(lines.map((line) => line.replace(/-\w{4}-0$/, '-…'))).toEqual([
      'remove deployment/web',
      'remove pod/web-web1-…',
      'remove deployment/db',
      'remove pod/db-db1-…',
      'remove configmap/first',
    ]);
    expect(bench.status.history?.[0]?.outcome).toBe('live');
    expect(bench.names()).toEqual(['ConfigMap/kept']);
  });

  test('repairs what was changed by hand at once, whatever its wave', async () => {
    push(deploymentOf('db', 'db:1'), inWave(3, config('texts')));
    bench.start();
    await bench.settle();
    bench.sick.add('db:1');
    await bench.settle();
    const live = bench.store.get('ConfigMap', 'default', 'texts');
    await bench.store.write([
      { op: 'remove', key: { kind: 'ConfigMap', namespace: 'default', name: 'texts' }, uid: live?.metadata.uid ?? '' },
    ]);
    await bench.settle();
    expect(bench.data('texts')).toEqual({ key: 'a' });
  });

  test('follows a changed wave, and one that is taken out', async () => {
    push(inWave(3, config('texts')));
    bench.start();
    await bench.settle();
    push(config('texts'));
    await bench.settle();
    expect(bench.store.get('ConfigMap', 'default', 'texts')?.metadata.annotations?.[WAVE_ANNOTATION]).toBeUndefined();
    expect(bench.status.inventory?.[0]?.wave).toBeUndefined();
  });

  test('is pre-empted by a newer commit between two waves', async () => {
    push(deploymentOf('db', 'db:slow'), inWave(1, deploymentOf('web', 'web:1')));
    bench.start();
    await bench.settle();
    expect(bench.names()).not.toContain('Deployment/web');
    const fixed = push(deploymentOf('db', 'db:2'), inWave(1, deploymentOf('web', 'web:2')));
    await bench.settle();
    expect([bench.image('db'), bench.image('web'), bench.status.lastGood?.id]).toEqual(['db:2', 'web:2', fixed]);
  });

  test.each(Array.from({ length: 14 }, (_, writes) => writes))(
    'killed after %i writes is finished in the next life',
    async (writes) => {
      const id = push(
        deploymentOf('db', 'db:1'),
        inWave(1, deploymentOf('web', 'web:1')),
        inWave(2, asDesired(aPod({ name: 'tool' }))),
      );
      bench.writesLeft = writes;
      bench.start();
      await bench.settle();
      await bench.restart();
      await bench.settle();
      expect(bench.status).toMatchObject({ lastGood: { id }, health: 'Healthy' });
      expect(bench.names()).toEqual(['Pod/tool', 'Deployment/db', 'Deployment/web']);
    },
  );
});
