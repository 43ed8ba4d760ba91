// Whatever happens around it, a rolling update keeps its two promises and comes to an end.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { deploymentController } from '../../../src/controllers/deployment/controller.ts';
import { isActive, isAvailable } from '../../../src/controllers/pods.ts';
import { replicaSetController } from '../../../src/controllers/replicaset/controller.ts';
import { rolloutLimits } from '../../../src/model/rollout.ts';
import { aDeployment, asDesired, aTemplate } from '../../support/builders.ts';
import { SmallWorld } from '../small-world.ts';

type Step =
  | { readonly do: 'deployment' }
  | { readonly do: 'set'; readonly index: number }
  | { readonly do: 'flip'; readonly index: number; readonly isReady: boolean }
  | { readonly do: 'finish'; readonly index: number }
  | { readonly do: 'bind' }
  | { readonly do: 'reap' }
  | { readonly do: 'wait'; readonly seconds: number }
  | { readonly do: 'scale'; readonly replicas: number }
  | { readonly do: 'template'; readonly tag: string };

const index = fc.nat(30);
/** Mostly the controllers and the pods at work; now and then a person. */
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.constant<Step>({ do: 'deployment' }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('set' as const), index }) },
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant('flip' as const), index, isReady: fc.constantFrom(true, true, true, false) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('finish' as const), index }) },
  { weight: 3, arbitrary: fc.constant<Step>({ do: 'bind' }) },
  { weight: 2, arbitrary: fc.constant<Step>({ do: 'reap' }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), seconds: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('scale' as const), replicas: fc.nat(8) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('template' as const), tag: fc.constantFrom('v1', 'v2', 'v3') }) },
);

const limit = fc.oneof(fc.nat(4), fc.constantFrom('0%', '25%', '50%', '100%'));

function counts(world: SmallWorld): { active: number; available: number } {
  const minReadySeconds = world.deployment().spec.minReadySeconds ?? 0;
  const active = world.pods().filter(isActive);
  return { active: active.length, available: active.filter((pod) => isAvailable(pod, minReadySeconds, world.now)).length };
}

/** A ReplicaSet has been told to shrink and has not yet: a pod that changes just then makes a right decision look wrong. */
function isShrinking(world: SmallWorld): boolean {
  return world.store
    .list('ReplicaSet')
    .some((set) => world.store.listOwned('Pod', set.metadata.uid).filter(isActive).length > (set.spec.replicas ?? 1));
}

async function act(world: SmallWorld, action: Step): Promise<void> {
  const pods = world.pods();
  const pod = 'index' in action && pods.length > 0 ? pods[action.index % pods.length] : undefined;
  switch (action.do) {
    case 'deployment':
      return world.pass(deploymentController, world.deployment());
    case 'set': {
      const sets = world.store.list('ReplicaSet');
      const set = sets[action.index % Math.max(1, sets.length)];
      return set === undefined ? undefined : world.pass(replicaSetController, set);
    }
    case 'flip':
      return pod?.spec.nodeName !== undefined && isActive(pod) ? world.setReady(pod, action.isReady) : undefined;
    case 'finish':
      return pod === undefined ? undefined : world.setPodStatus(pod, { phase: 'Failed', reason: 'Evicted' });
    case 'bind':
      for (const each of pods)
        if (each.spec.nodeName === undefined) await world.update({ ...each, spec: { ...each.spec, nodeName: 'node-a' } });
      return undefined;
    case 'reap':
      for (const each of pods) if (each.metadata.deletionTimestamp !== undefined) await world.remove(each);
      return undefined;
    case 'wait':
      world.now += action.seconds * 1000;
      return undefined;
    case 'scale': {
      const deployment = world.deployment();
      return world.update({ ...deployment, spec: { ...deployment.spec, replicas: action.replicas } });
    }
    case 'template': {
      const deployment = world.deployment();
      const template = aTemplate({ container: { image: action.tag } });
      return world.update({ ...deployment, spec: { ...deployment.spec, template } });
    }
  }
}

/** The state is checked around each controller's step, so that what pods and people do is not held against the controllers. */
async function play(world: SmallWorld, steps: readonly Step[], mayScale: boolean): Promise<void> {
  for (const action of steps) {
    if (action.do === 'scale' && !mayScale) continue;
    if (['finish', 'flip', 'wait'].includes(action.do) && !mayScale && isShrinking(world)) continue;
    const before = counts(world);
    await act(world, action);
    if (action.do !== 'deployment' && action.do !== 'set') continue;
    const after = counts(world);
    const { replicas, maxSurge, minAvailable } = rolloutLimits(world.deployment());
    if (mayScale) continue;
    expect(after.active).toBeLessThanOrEqual(Math.max(before.active, replicas + maxSurge));
    expect(after.available).toBeGreaterThanOrEqual(Math.min(before.available, minAvailable));
  }
}

const setting = fc.record({
  seed: fc.nat(),
  replicas: fc.nat(8),
  maxSurge: limit,
  maxUnavailable: limit,
  minReadySeconds: fc.constantFrom(0, 0, 10),
  steps: fc.array(step, { minLength: 30, maxLength: 150, size: 'max' }),
});

async function worldOf({
  seed,
  replicas,
  maxSurge,
  maxUnavailable,
  minReadySeconds,
}: {
  seed: number;
  replicas: number;
  maxSurge: number | string;
  maxUnavailable: number | string;
  minReadySeconds: number;
}): Promise<SmallWorld> {
  const world = new SmallWorld(seed);
  const strategy = { type: 'RollingUpdate' as const, rollingUpdate: { maxSurge, maxUnavailable } };
  const template = aTemplate({ container: { image: 'v1' } });
  await world.create(asDesired(aDeployment({ replicas, spec: { strategy, minReadySeconds, template } })));
  await settleReady(world);
  return world;
}

async function settleReady(world: SmallWorld): Promise<void> {
  for (let round = 0; round < 60; round++) {
    const before = world.store.revision();
    await world.converge();
    world.now += 10_000;
    await world.settle();
    if (world.store.revision() === before) return;
  }
  throw new Error('it did not come to rest');
}

describe('a rolling update', () => {
  test('never has more pods than replicas + maxSurge, never takes availability below replicas - maxUnavailable, and ends', async () => {
    await fc.assert(
      fc.asyncProperty(setting, async (given) => {
        const world = await worldOf(given);
        await play(world, given.steps, false);
        await settleReady(world);
        expect(counts(world)).toEqual({ active: given.replicas, available: given.replicas });
        const tag = world.deployment().spec.template.spec.containers[0].image;
        expect(world.pods().map((pod) => pod.spec.containers[0].image)).toEqual(Array(given.replicas).fill(tag));
      }),
      { numRuns: 150 },
    );
  });

  test('ends also when people scale in the middle', async () => {
    await fc.assert(
      fc.asyncProperty(setting, async (given) => {
        const world = await worldOf(given);
        await play(world, given.steps, true);
        await settleReady(world);
        const { replicas } = rolloutLimits(world.deployment());
        expect(counts(world)).toEqual({ active: replicas, available: replicas });
        expect(world.deployment().status).toMatchObject({ replicas, updatedReplicas: replicas, availableReplicas: replicas });
      }),
      { numRuns: 100 },
    );
  });
});
