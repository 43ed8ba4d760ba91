// Whatever happens around it, a StatefulSet has one pod per ordinal, takes no more away than it may, deletes no claim and comes to an end.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { isAvailable, isTerminating } from '../../../src/controllers/pods.ts';
import { statefulSetController } from '../../../src/controllers/statefulset/controller.ts';
import { ordinalOf } from '../../../src/controllers/statefulset/identity.ts';
import { maxUnavailableOf } from '../../../src/controllers/statefulset/plan.ts';
import type { Action } from '../../../src/model/action.ts';
import type { StatefulSetSpec, StoredOf } from '../../../src/model/resource.ts';
import { SetWorld } from './sets.ts';

/** Enough for every pod to be replaced, one after another, each waiting to be available. */
const ROUNDS = 16;

type Step =
  | { readonly do: 'pass' | 'bind' | 'reap' }
  | { readonly do: 'flip'; readonly index: number; readonly isReady: boolean }
  | { readonly do: 'finish' | 'vanish'; readonly index: number }
  | { readonly do: 'wait'; readonly seconds: number }
  | { readonly do: 'scale'; readonly replicas: number }
  | { readonly do: 'template'; readonly image: string };

const index = fc.nat(30);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: fc.constant<Step>({ do: 'pass' }) },
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant('flip' as const), index, isReady: fc.constantFrom(true, true, true, false) }),
  },
  { weight: 4, arbitrary: fc.constant<Step>({ do: 'bind' }) },
  { weight: 4, arbitrary: fc.constant<Step>({ do: 'reap' }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('finish' as const, 'vanish' as const), index }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), seconds: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('scale' as const), replicas: fc.nat(6) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('template' as const), image: fc.constantFrom('v1', 'v2', 'v3') }) },
);

const spec: fc.Arbitrary<Partial<StatefulSetSpec>> = fc.record({
  podManagementPolicy: fc.constantFrom('OrderedReady' as const, 'Parallel' as const),
  minReadySeconds: fc.constantFrom(0, 10),
  ordinals: fc.record({ start: fc.nat(2) }),
  revisionHistoryLimit: fc.nat(3),
  updateStrategy: fc.oneof(
    { weight: 1, arbitrary: fc.constant({ type: 'OnDelete' as const }) },
    {
      weight: 6,
      arbitrary: fc.record({
        type: fc.constant('RollingUpdate' as const),
        rollingUpdate: fc.record({ partition: fc.nat(3), maxUnavailable: fc.constantFrom(1, 2, '50%') }),
      }),
    },
  ),
});

async function act(world: SetWorld, action: Step, base: Partial<StatefulSetSpec>): Promise<void> {
  const pods = world.pods();
  const pod = 'index' in action && pods.length > 0 ? pods[action.index % pods.length] : undefined;
  const gone = pods.find(isTerminating);
  switch (action.do) {
    case 'pass':
      return passAndJudge(world);
    case 'bind':
      for (const each of pods.filter((other) => other.spec.nodeName === undefined))
        await world.update({ ...each, spec: { ...each.spec, nodeName: 'node-a' } });
      return;
    case 'reap':
      return gone === undefined ? undefined : world.remove(gone);
    case 'flip':
      return pod === undefined || pod.status?.phase === 'Failed' ? undefined : world.setReady(pod, action.isReady);
    case 'finish':
      return pod === undefined ? undefined : world.setPodStatus(pod, { phase: 'Failed' });
    case 'vanish':
      return pod === undefined ? undefined : world.remove(pod);
    case 'wait':
      world.now += action.seconds * 1_000;
      return;
    case 'scale':
      return world.commit({ replicas: action.replicas, spec: base });
    case 'template':
      return world.commit({ image: action.image, spec: base });
  }
}

/** One pass, and what must be true of its plan. */
async function passAndJudge(world: SetWorld): Promise<void> {
  const set = world.set();
  const pods = world.store.listOwned('Pod', set.metadata.uid);
  const before = world.actions.length;
  await world.pass(statefulSetController, set);
  const actions = world.actions.slice(before);
  const deleted = actions.flatMap((action) => (action.type === 'delete' ? [action.key] : []));
  expect(deleted.filter(({ kind }) => kind === 'PersistentVolumeClaim')).toEqual([]);
  const isOrdered = set.spec.podManagementPolicy === 'OrderedReady';
  if (isOrdered) expect(created(actions).length).toBeLessThanOrEqual(1);
  judgeRollout(
    world.now,
    set,
    pods,
    deleted.filter(({ kind }) => kind === 'Pod').map(({ name }) => name),
  );
}

function created(actions: readonly Action[]): string[] {
  return actions.flatMap((action) =>
    action.type === 'create' && action.resource.kind === 'Pod' ? [action.resource.metadata.name ?? ''] : [],
  );
}

/** Pods that are available and wanted are taken away only as far as maxUnavailable leaves, and never below the partition. */
function judgeRollout(
  now: number,
  set: StoredOf<'StatefulSet'>,
  pods: readonly StoredOf<'Pod'>[],
  deleted: readonly string[],
): void {
  const start = set.spec.ordinals?.start ?? 0;
  const replicas = set.spec.replicas ?? 1;
  const indexOf = (pod: StoredOf<'Pod'>): number => (ordinalOf(set, pod.metadata.name) ?? -1) - start;
  const wanted = pods.filter((pod) => indexOf(pod) >= 0 && indexOf(pod) < replicas);
  const serves = (pod: StoredOf<'Pod'>): boolean =>
    !isTerminating(pod) && pod.status?.phase === 'Running' && isAvailable(pod, set.spec.minReadySeconds ?? 0, now);
  const taken = wanted.filter((pod) => serves(pod) && deleted.includes(pod.metadata.name));
  if (taken.length === 0) return;
  expect(replicas - wanted.filter(serves).length + taken.length).toBeLessThanOrEqual(maxUnavailableOf(set));
  expect(set.spec.updateStrategy?.type).toBe('RollingUpdate');
  const partition = set.spec.updateStrategy?.rollingUpdate?.partition ?? 0;
  expect(Math.min(...taken.map(indexOf))).toBeGreaterThanOrEqual(partition);
}

test('keeps its promises under any sequence of events, and comes to rest', async () => {
  await fc.assert(
    fc.asyncProperty(spec, fc.array(step, { maxLength: 60 }), async (base, steps) => {
      const world = await SetWorld.with({ spec: base, claims: ['data'] });
      for (const action of steps) await act(world, action, base);
      for (let round = 0; round < ROUNDS; round++) {
        world.now += 60_000;
        await world.converge();
      }
      const set = world.set();
      const start = set.spec.ordinals?.start ?? 0;
      const replicas = set.spec.replicas ?? 1;
      expect(world.pods().map((pod) => pod.metadata.name)).toEqual(
        Array.from({ length: replicas }, (_value, at) => `db-${start + at}`),
      );
      expect(set.status).toMatchObject({ replicas, readyReplicas: replicas, availableReplicas: replicas });
      const { type, rollingUpdate } = set.spec.updateStrategy ?? {};
      const toUpdate = type === 'OnDelete' ? 0 : Math.max(0, replicas - (rollingUpdate?.partition ?? 0));
      expect(set.status?.updatedReplicas).toBeGreaterThanOrEqual(toUpdate);
    }),
    { numRuns: 150 },
  );
});
