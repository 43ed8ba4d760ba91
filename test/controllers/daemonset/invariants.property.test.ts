// Whatever happens around it, a DaemonSet keeps its limits during an update, has one pod per node in the end, and comes to rest.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { daemonSetController } from '../../../src/controllers/daemonset/controller.ts';
import { isServing, isUpdated, readNodes } from '../../../src/controllers/daemonset/nodes.ts';
import { daemonLimits } from '../../../src/controllers/daemonset/rolling.ts';
import { isActive, isTerminating } from '../../../src/controllers/pods.ts';
import type { DaemonSetSpec, StoredOf } from '../../../src/model/resource.ts';
import { daemonSetRevision } from '../../../src/model/revision.ts';
import { DaemonWorld } from './sets.ts';

type Step =
  | { readonly do: 'pass' | 'bind' | 'reap' }
  | { readonly do: 'flip'; readonly index: number; readonly isReady: boolean }
  | { readonly do: 'finish'; readonly index: number }
  | { readonly do: 'wait'; readonly seconds: number }
  | { readonly do: 'cordon' | 'taint'; readonly index: number }
  | { readonly do: 'template'; readonly image: string };

const index = fc.nat(30);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: fc.constant<Step>({ do: 'pass' }) },
  {
    weight: 10,
    arbitrary: fc.record({ do: fc.constant('flip' as const), index, isReady: fc.constantFrom(true, true, true, false) }),
  },
  { weight: 4, arbitrary: fc.constant<Step>({ do: 'bind' }) },
  { weight: 4, arbitrary: fc.constant<Step>({ do: 'reap' }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('finish' as const), index }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), seconds: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('cordon' as const, 'taint' as const), index }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('template' as const), image: fc.constantFrom('v1', 'v2', 'v3') }) },
);

const amount = fc.constantFrom(1, 2, '30%', '100%');
const spec: fc.Arbitrary<Partial<DaemonSetSpec>> = fc.record({
  minReadySeconds: fc.constantFrom(0, 10),
  revisionHistoryLimit: fc.nat(3),
  updateStrategy: fc.oneof(
    amount.map((maxUnavailable) => ({ type: 'RollingUpdate' as const, rollingUpdate: { maxUnavailable, maxSurge: 0 } })),
    amount.map((maxSurge) => ({ type: 'RollingUpdate' as const, rollingUpdate: { maxUnavailable: 0, maxSurge } })),
  ),
});

async function act(world: DaemonWorld, action: Step, base: Partial<DaemonSetSpec>): Promise<void> {
  const pods = world.pods();
  const nodes = world.store.list('Node');
  const pod = 'index' in action && pods.length > 0 ? pods[action.index % pods.length] : undefined;
  const node = 'index' in action ? nodes[action.index % nodes.length] : undefined;
  const gone = pods.find(isTerminating);
  switch (action.do) {
    case 'pass':
      return passAndJudge(world);
    case 'bind':
      return world.bind();
    case 'reap':
      return gone === undefined ? undefined : world.remove(gone);
    case 'flip':
      return pod?.spec.nodeName === undefined || !isActive(pod) ? undefined : world.setReady(pod, action.isReady);
    case 'finish':
      return pod?.spec.nodeName === undefined ? undefined : world.setPodStatus(pod, { phase: 'Failed' });
    case 'wait':
      world.now += action.seconds * 1_000;
      return;
    case 'cordon':
      return node === undefined ? undefined : world.update({ ...node, spec: { unschedulable: true } });
    case 'taint':
      return node === undefined ? undefined : world.update({ ...node, spec: { taints: [{ key: 'gpu', effect: 'NoSchedule' }] } });
    case 'template':
      return world.commit({ image: action.image, spec: base });
  }
}

/** One pass, and what must be true of its plan. */
async function passAndJudge(world: DaemonWorld): Promise<void> {
  const set = world.daemonSet();
  const owned = world.store.listOwned('Pod', set.metadata.uid);
  const nodes = readNodes(set, world.store.list('Node'), owned);
  const limits = daemonLimits(set, nodes);
  const before = world.actions.length;
  await world.pass(daemonSetController, set);
  const deleted = new Set(world.actions.slice(before).flatMap((action) => (action.type === 'delete' ? [action.key.name] : [])));
  const serving = (pods: readonly StoredOf<'Pod'>[]) => pods.filter((pod) => isServing(pod, set, world.now));
  const desired = nodes.filter(({ shouldRun }) => shouldRun);
  if (limits.maxSurge === 0) {
    const lost = desired.filter(
      ({ pods }) => serving(pods).length > 0 && serving(pods).every(({ metadata }) => deleted.has(metadata.name)),
    );
    const without = desired.filter(({ pods }) => serving(pods).length === 0);
    if (lost.length > 0) expect(lost.length + without.length).toBeLessThanOrEqual(limits.maxUnavailable);
    return;
  }
  // With a surge, a node loses a pod that serves only when another one serves.
  for (const { pods } of desired) {
    const going = serving(pods).filter(({ metadata }) => deleted.has(metadata.name));
    if (going.length > 0) expect(serving(pods).length).toBeGreaterThan(going.length);
  }
  const hash = daemonSetRevision(set);
  const doubled = readNodes(set, world.store.list('Node'), world.store.listOwned('Pod', set.metadata.uid)).filter(({ pods }) => {
    const staying = pods.filter((pod) => isActive(pod));
    const old = staying.filter((pod) => !isUpdated(pod, hash));
    return old.length < staying.length && serving(old).length > 0;
  });
  expect(doubled.length).toBeLessThanOrEqual(Math.max(limits.maxSurge, doubledBefore(nodes, hash, serving)));
}

/** Nodes that had both already: pods that become ready late add to those that the limit allows. */
function doubledBefore(
  nodes: ReturnType<typeof readNodes>,
  hash: string,
  serving: (pods: readonly StoredOf<'Pod'>[]) => readonly StoredOf<'Pod'>[],
): number {
  return nodes.filter(({ pods }) => {
    const old = pods.filter((pod) => isActive(pod) && !isUpdated(pod, hash));
    return serving(old).length > 0 && pods.some((pod) => isActive(pod) && isUpdated(pod, hash));
  }).length;
}

test('keeps its promises under any sequence of events, and comes to rest', async () => {
  await fc.assert(
    fc.asyncProperty(spec, fc.array(step, { maxLength: 60 }), async (base, steps) => {
      const world = await DaemonWorld.with(['a', 'b', 'c', 'd'], { spec: base });
      for (const action of steps) await act(world, action, base);
      for (const node of world.store.list('Node')) await world.update({ ...node, spec: {} });
      for (let round = 0; round < 12; round++) {
        world.now += 1_800_000;
        await world.converge();
      }
      const image = world.daemonSet().spec.template.spec.containers[0].image;
      expect(world.look()).toEqual(['a', 'b', 'c', 'd'].map((node) => `${node} ${image}`));
      expect(world.daemonSet().status).toMatchObject({
        desiredNumberScheduled: 4,
        updatedNumberScheduled: 4,
        numberAvailable: 4,
      });
    }),
    { numRuns: 150 },
  );
});
