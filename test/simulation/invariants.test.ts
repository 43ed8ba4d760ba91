// The checker is worth something only if it can fail: each test plants a fault and asks whether it is seen.
import { describe, expect, test } from 'vitest';
import type { LiveSettings } from '../../src/kubelet/engine/container-engine.ts';
import { CLAIM_LABEL } from '../../src/kubelet/labels.ts';
import type { StoredOf } from '../../src/model/resource.ts';
import type { Write } from '../../src/store/store.ts';
import { isAlive } from '../support/fake-container.ts';
import { Dice } from './dice.ts';
import { disagreement } from './end-state.ts';
import { filesOf } from './manifests.ts';
import { end } from './scenario.ts';
import { slotOf } from './simulated-engine.ts';
import { type DeploymentWish, noWishes, type SimulatedCommit, type Wishes } from './wishes.ts';
import { World } from './world.ts';

const web: DeploymentWish = {
  replicas: 3,
  image: 'app:1',
  strategy: { type: 'RollingUpdate', maxSurge: 1, maxUnavailable: 1 },
  minReadySeconds: 0,
  hasSidecar: false,
  probe: 'http',
  graceSeconds: 5,
  progressDeadlineSeconds: 600,
  claim: 'data',
};

function aCommit(
  change: Partial<DeploymentWish> = {},
  className: SimulatedCommit['class'] = 'good',
  more: Partial<Wishes> = {},
): SimulatedCommit {
  const wishes: Wishes = {
    ...noWishes,
    deployments: { web: { ...web, ...change } },
    configMaps: { texts: 'a' },
    claims: ['data'],
    ...more,
  };
  return { class: className, wishes, files: filesOf(wishes), about: className };
}

async function aWorld(): Promise<World> {
  const world = new World({ seed: 1, dice: new Dice(1), isSlow: false });
  world.push(aCommit());
  world.start();
  await world.clock.advance(60_000);
  world.engine.writeData();
  world.invariants.lookAtRest();
  expect(world.invariants.violations).toEqual([]);
  return world;
}

/** Changes the size of ReplicaSets as they are written. */
function resizing(
  op: 'create' | 'update',
  size: (set: StoredOf<'ReplicaSet'>, old: number) => number,
): (writes: readonly Write[]) => readonly Write[] {
  return (writes) =>
    writes.map((write) => {
      if (write.op !== op || write.resource.kind !== 'ReplicaSet') return write;
      const set = write.resource as StoredOf<'ReplicaSet'>;
      return { ...write, resource: { ...set, spec: { ...set.spec, replicas: size(set, set.spec.replicas ?? 1) } } };
    });
}

const isOld = (set: StoredOf<'ReplicaSet'>): boolean => set.spec.template?.spec.containers[0].image === 'app:1';
const mainOf = (world: World) => {
  const container = world.engine.ourContainers().find((each) => isAlive(each) && slotOf(each).container === 'main');
  if (container === undefined) throw new Error('nothing runs');
  return container;
};
const dataVolume = (world: World): string =>
  world.engine.volumes().find(({ labels }) => labels[CLAIM_LABEL] === 'data')?.name ?? '';

describe('the invariants hold, and a planted fault is seen:', () => {
  test.each<[string, (world: World) => void | Promise<void>, string]>([
    ['a container that is started twice', (world) => world.engine.double(mainOf(world)), 'a second main for pod'],
    [
      'a second sandbox',
      (world) =>
        world.engine.double(world.engine.ourContainers().find((each) => slotOf(each).container === '_sandbox') ?? mainOf(world)),
      'a second _sandbox for pod',
    ],
    ['the volume of a claim that is gone', (world) => world.engine.dropVolume(dataVolume(world)), 'of a claim is gone'],
    [
      'the volume of a claim that is emptied',
      (world) => {
        const name = dataVolume(world);
        const volume = world.engine.volumes().find((each) => each.name === name);
        world.engine.dropVolume(name);
        void world.engine.ensureVolume(
          { name, labels: volume?.labels ?? {}, inMemory: false, sizeBytes: 0 },
          AbortSignal.timeout(1_000),
        );
      },
      'are gone',
    ],
    [
      'a call that would remove it',
      (world) => world.invariants.engineCalled('removeVolume', [dataVolume(world)]),
      'is to be removed',
    ],
    [
      'a container of somebody else that is touched',
      (world) => world.invariants.engineCalled('remove', [world.foreign[0]]),
      'not ours',
    ],
    [
      'a container that is killed for nothing',
      (world) => world.invariants.engineCalled('kill', [mainOf(world).id]),
      'is wanted and which nobody has touched',
    ],
    [
      'a rollout that exceeds its surge',
      (world) => {
        world.tamper = resizing('create', (_set, size) => size + 2);
        world.push(aCommit({ image: 'app:2' }));
      },
      'are allowed',
    ],
    [
      'a rollout that takes the old pods away too soon',
      (world) => {
        world.tamper = resizing('update', (set, size) => (isOld(set) ? 0 : size));
        world.push(aCommit({ image: 'slow:2' }));
      },
      'which leaves',
    ],
    [
      'a pod that goes although the spec has not changed',
      async (world) => {
        const [pod] = world.store.list('Pod');
        if (pod === undefined) throw new Error('no pod');
        const metadata = { ...pod.metadata, deletionTimestamp: '2026-01-01T00:10:00Z', deletionGracePeriodSeconds: 5 };
        const writes: readonly Write[] = [{ op: 'update', resource: { ...pod, metadata } }];
        await world.invariants.writing(writes, () => world.store.write(writes));
      },
      'has too few',
    ],
    [
      'a commit that is applied although it is invalid',
      (world) => void world.push(aCommit({ image: 'app:2' }, 'invalid')),
      'was applied that is invalid',
    ],
    [
      'a commit that is applied although its image is missing',
      (world) => {
        world.push(aCommit({ image: 'app:2' }));
        world.engine.images = () => [];
      },
      'without the image app:2',
    ],
    [
      'a commit that is called good and is not',
      (world) => void world.push(aCommit({ image: 'app:2' }, 'unhealthy')),
      'is called good',
    ],
    ['a good commit that fails for nothing', (world) => void world.push(aCommit({ image: 'never:2' })), 'nothing had gone wrong'],
    [
      'an object that says something else than the commit',
      (world) => {
        // Once: whoever writes and never reads what was written would try for ever.
        world.tamper = (writes) => {
          const config = writes.find((write) => write.op === 'update' && write.resource.kind === 'ConfigMap');
          if (config === undefined) return writes;
          world.tamper = (others) => others;
          return writes.filter((write) => write !== config);
        };
        world.push(aCommit({}, 'good', { configMaps: { texts: 'b' } }));
      },
      'the target says b',
    ],
  ])('%s', async (_title, plant, seen) => {
    const world = await aWorld();
    await plant(world);
    world.invariants.lookAtRest();
    await world.clock.advance(400_000);
    expect(world.invariants.violations.join('\n')).toContain(seen);
  });

  test('a world that does not come to rest', async () => {
    const world = await aWorld();
    world.fault = (call) => (call === 'start' ? 'hang' : undefined);
    world.engine.crash(mainOf(world).id, 1);
    await end(world, 'in this test');
    expect(world.invariants.violations.join('\n')).toContain('in this test: not at rest within 30 minutes');
  });

  test('a controller that kills what runs because it has lost its store', async () => {
    const world = await aWorld();
    world.tamper = (writes) =>
      writes.filter((write) => write.op !== 'create' || write.resource.kind !== 'Pod' || write.uid === undefined);
    world.loseStoreNext();
    world.killNow();
    await world.clock.advance(60_000);
    expect(world.invariants.violations.join('\n')).toContain('whose pod nobody asked to go');
  });

  test('a controller that runs in a circle', async () => {
    const world = await aWorld();
    world.tamper = (writes) => writes.filter((write) => write.op !== 'update' || write.resource.kind !== 'ConfigMap');
    world.push(aCommit({}, 'good', { configMaps: { texts: 'b' } }));
    await world.clock.advance(1_000);
    expect(world.invariants.violations.join('\n')).toContain('it runs in a circle');
  });

  test('a controller that is never quiet', async () => {
    const world = await aWorld();
    const tick = (): void => {
      void world.store.write([
        { op: 'create', resource: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `at-${world.clock.now()}` } } },
      ]);
      world.clock.after(60_000, tick);
    };
    tick();
    await world.clock.settle();
    await end(world, 'in this test');
    expect(world.invariants.violations).toEqual(['in this test: at rest, and 10 transactions were written']);
  });

  test('and none is seen where there is none: the same world after a good commit', async () => {
    const world = await aWorld();
    world.push(aCommit({ image: 'slow:2' }));
    await end(world, 'in this test');
    expect(world.invariants.violations).toEqual([]);
  });
});

describe('a container that was edited by hand while the event stream hung', () => {
  const LISTING_MS = 30_000;
  /** Its end after SIGTERM; then the first probe of the next one. */
  const REPLACING_MS = 15_000;

  test.each<[string, Partial<LiveSettings>]>([
    ['memory', { memoryBytes: 64 * 2 ** 20 }],
    ['CPUs', { nanoCpus: 1 }],
    ['share of CPUs', { cpuShares: 7 }],
    ['processes', { pidsLimit: 7 }],
    ['restart policy', { restartPolicy: 'always' }],
    ['name', { name: 'mine' }],
    ['network', { networks: ['bridge'] }],
    ['other settings', { others: ['CpusetCpus=0'] }],
  ])('is not at rest until its %s was put right, within one listing', async (_what, settings) => {
    const world = await aWorld();
    world.fault = (call) => (call === 'events' ? 'hang' : undefined);
    world.engine.breakEvents();
    await world.clock.advance(1_000);
    world.fault = () => undefined;
    expect(disagreement(world)).toBeUndefined();
    const victim = mainOf(world);
    world.invariants.touching(victim);
    world.engine.edit(victim.id, settings);
    expect(disagreement(world)).toBe(`${victim.spec.name} has other settings than it was made with`);
    expect(await world.clock.runUntil(() => !isAlive(victim), LISTING_MS + 1_000)).toBe(true);
    expect(await world.clock.runUntil(() => disagreement(world) === undefined, REPLACING_MS)).toBe(true);
    await end(world, 'in this test');
    expect(world.invariants.violations).toEqual([]);
  });
});
