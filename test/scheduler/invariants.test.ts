// What holds whatever is asked of the scheduler: random clusters, run through the real loop on a store in memory.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PodSpec, StoredOf } from '../../src/model/resource.ts';
import { matchesSelector } from '../../src/model/selector.ts';
import { runController } from '../../src/runtime/run-controller.ts';
import { candidateOf, storedCandidate } from '../../src/scheduler/candidate.ts';
import { choose } from '../../src/scheduler/choose.ts';
import { demandOf, isSamePort } from '../../src/scheduler/demand.ts';
import { outlookOf, refusalOf } from '../../src/scheduler/filters.ts';
import { choosePreemption } from '../../src/scheduler/preempt.ts';
import { roomsWith } from '../../src/scheduler/room.ts';
import { schedulerController } from '../../src/scheduler/schedule.ts';
import { Seating } from '../../src/scheduler/seating.ts';
import { openMemoryStore } from '../../src/store/memory-store.ts';
import type { Store } from '../../src/store/store.ts';
import { silentLogger } from '../../src/system/logger.ts';
import { aNode, aPod } from '../support/builders.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { seededIds } from '../support/seeded-ids.ts';
import { required, toApp, zoned } from './scene.ts';

type Pod = StoredOf<'Pod'>;
const RUNS = { numRuns: 60 };
const apps = ['web', 'db', 'job'];

const node = fc.record({
  cpu: fc.integer({ min: 1, max: 6 }),
  pods: fc.integer({ min: 1, max: 6 }),
  zone: fc.constantFrom('n', 's'),
  isReady: fc.boolean(),
  isTainted: fc.boolean(),
});
const pod = fc.record({
  cpu: fc.integer({ min: 0, max: 3000 }),
  port: fc.option(fc.record({ hostPort: fc.constantFrom(80, 81), hostIP: fc.constantFrom('', '10.0.0.1', '10.0.0.2') }), {
    nil: undefined,
  }),
  app: fc.constantFrom(...apps),
  priority: fc.integer({ min: 0, max: 3 }),
  isNever: fc.boolean(),
  avoids: fc.option(fc.record({ app: fc.constantFrom(...apps), key: fc.constantFrom('zone', 'kubernetes.io/hostname') }), {
    nil: undefined,
  }),
  isSpread: fc.boolean(),
  isTolerant: fc.boolean(),
});
type NodeWish = typeof node extends fc.Arbitrary<infer T> ? T : never;
type PodWish = typeof pod extends fc.Arbitrary<infer T> ? T : never;

function nodeOf(wish: NodeWish, index: number): StoredOf<'Node'> {
  const made = zoned(`node-${index}`, wish.zone);
  const amounts = { cpu: String(wish.cpu), memory: '8Gi', pods: String(wish.pods) };
  const ready = aNode({ isReady: wish.isReady }).status;
  return {
    ...made,
    spec: wish.isTainted ? { taints: [{ key: 'k', effect: 'NoSchedule' }] } : {},
    status: { ...ready, allocatable: amounts, capacity: amounts },
  };
}

function podOf(wish: PodWish, index: number): Pod {
  const spec: Partial<PodSpec> = {
    priority: wish.priority,
    ...(wish.isNever ? { preemptionPolicy: 'Never' } : {}),
    ...(wish.avoids === undefined ? {} : required('podAntiAffinity', toApp(wish.avoids.app, wish.avoids.key))),
    ...(wish.isTolerant ? { tolerations: [{ key: 'k', operator: 'Exists' }] } : {}),
    ...(wish.isSpread
      ? {
          topologySpreadConstraints: [
            {
              maxSkew: 1,
              topologyKey: 'zone',
              whenUnsatisfiable: 'DoNotSchedule',
              labelSelector: { matchLabels: { app: wish.app } },
            },
          ],
        }
      : {}),
  };
  return aPod({
    name: `pod-${index}`,
    labels: { app: wish.app },
    container: {
      resources: { requests: { cpu: `${wish.cpu}m` } },
      ...(wish.port === undefined ? {} : { ports: [{ containerPort: 80, ...wish.port }] }),
    },
    spec,
  });
}

function expectSound(store: Store): void {
  const nodes = store.list('Node');
  const placed = store.list('Pod').filter((each) => each.spec.nodeName !== undefined);
  for (const each of nodes) {
    const here = placed.filter(({ spec }) => spec.nodeName === each.metadata.name);
    const cpu = here.reduce((sum, { spec }) => sum + (demandOf(spec).amounts.get('cpu') ?? 0), 0);
    expect(cpu).toBeLessThanOrEqual(Number(each.status?.allocatable?.cpu) * 1000);
    expect(here.length).toBeLessThanOrEqual(Number(each.status?.allocatable?.pods));
    const ports = here.flatMap(({ spec }) => demandOf(spec).ports);
    expect(ports.some((left, index) => ports.slice(index + 1).some((right) => isSamePort(left, right)))).toBe(false);
  }
  const zoneOf = (each: Pod, key: string): string | undefined =>
    nodes.find(({ metadata }) => metadata.name === each.spec.nodeName)?.metadata.labels?.[key];
  for (const each of placed)
    for (const { topologyKey, labelSelector } of each.spec.affinity?.podAntiAffinity
      ?.requiredDuringSchedulingIgnoredDuringExecution ?? [])
      for (const other of placed) {
        if (other === each || !matchesSelector(labelSelector, other.metadata.labels)) continue;
        expect([each.metadata.name, zoneOf(each, topologyKey)]).not.toEqual([each.metadata.name, zoneOf(other, topologyKey)]);
      }
}

/** Runs a cluster: pods come in two waves, and whoever is asked to go goes in between. Returns who made whom go. */
async function run(nodes: readonly StoredOf<'Node'>[], waves: readonly (readonly Pod[])[]): Promise<Store> {
  const clock = new FakeClock();
  const ids = seededIds(3);
  const store = openMemoryStore({ clock, ids });
  await store.write(nodes.map((resource) => ({ op: 'create', resource })));
  const controller = runController(schedulerController, { store, clock, ids, logger: silentLogger });
  for (const wave of waves) {
    await store.write(wave.map((resource) => ({ op: 'create', resource, uid: resource.metadata.uid })));
    for (;;) {
      await controller.idle();
      expectSound(store);
      const going = store.list('Pod').find(({ metadata }) => metadata.deletionTimestamp !== undefined);
      if (going === undefined) break;
      await store.write([{ op: 'remove', key: { kind: 'Pod', namespace: 'default', name: going.metadata.name } }]);
    }
  }
  await controller.stop();
  return store;
}

test('no node is ever over what it has, no port is given twice, and pods stay apart that have to', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(node, { minLength: 1, maxLength: 4 }),
      fc.array(pod, { maxLength: 8 }),
      fc.array(pod, { maxLength: 8 }),
      async (nodes, first, second) => {
        const pods = [...first, ...second].map(podOf);
        const store = await run(nodes.map(nodeOf), [pods.slice(0, first.length), pods.slice(first.length)]);
        // Whoever still waits has no place: nobody is forgotten.
        const left = store.list('Pod').filter(({ spec }) => spec.nodeName === undefined);
        const rooms = roomsWith(store.list('Node'), store.list('Pod'));
        for (const each of left) expect(choose(storedCandidate(each), rooms).room).toBeUndefined();
      },
    ),
    RUNS,
  );
});

test('preemption never makes a pod of the same or a higher priority go, and what it frees is enough', () => {
  fc.assert(
    fc.property(
      fc.array(node, { minLength: 1, maxLength: 4 }),
      fc.array(pod, { maxLength: 12 }),
      pod,
      (nodeWishes, wishes, wish) => {
        const nodes = nodeWishes.map(nodeOf);
        const pods = wishes.map(podOf);
        const seating = new Seating({ nodes, pods });
        const placed = pods
          .map((each) => ({ each, at: seating.choiceOf(each)?.room?.name }))
          .flatMap(({ each, at }) => (at === undefined ? [] : [{ ...each, spec: { ...each.spec, nodeName: at } }]));
        const rooms = roomsWith(nodes, placed);
        const candidate = candidateOf(podOf(wish, 99));
        const choice = choose(candidate, rooms);
        if (choice.room !== undefined) return;
        const taken = (): unknown =>
          rooms.all.map(({ used, seats, ports }) => [Object.fromEntries(used), seats.size, ports.length]);
        const before = taken();
        const { found } = choosePreemption({ candidate, rooms, refusals: choice.refusals, budgets: [] });
        expect(taken()).toEqual(before);
        if (found === undefined) return;
        expect(wish.isNever).toBe(false);
        expect(found.victims.filter((victim) => victim.candidate.priority >= wish.priority)).toEqual([]);
        for (const victim of found.victims) rooms.vacate(victim);
        expect(refusalOf(outlookOf(candidate, rooms), found.room)).toBeUndefined();
      },
    ),
    { numRuns: 200 },
  );
});

test('the counts of an explanation add up to what the nodes said, and to the nodes where each said one thing', () => {
  fc.assert(
    fc.property(
      fc.array(node, { minLength: 1, maxLength: 6 }),
      fc.array(pod, { maxLength: 8 }),
      pod,
      (nodeWishes, wishes, wish) => {
        const nodes = nodeWishes.map(nodeOf);
        const pods = wishes.map((each, index) => aPodOn(podOf(each, index), `node-${index % nodes.length}`));
        const choice = choose(candidateOf(podOf(wish, 99)), roomsWith(nodes, pods));
        if (choice.room !== undefined) return;
        const counted = [...choice.message.replace(/^.*available: /, '').matchAll(/(?:^|, )(\d+) /g)].map(([, count]) =>
          Number(count),
        );
        const said = [...choice.refusals.values()].map(({ reasons }) => reasons.length);
        expect(choice.refusals.size).toBe(nodes.length);
        expect(Math.min(...said)).toBeGreaterThan(0);
        expect(counted.reduce((sum, count) => sum + count, 0)).toBe(said.reduce((sum, count) => sum + count, 0));
      },
    ),
    { numRuns: 300 },
  );
});

const aPodOn = (each: Pod, nodeName: string): Pod => ({ ...each, spec: { ...each.spec, nodeName } });

test('where each pod has one node that it can be on, it is found', async () => {
  await fc.assert(
    fc.asyncProperty(fc.shuffledSubarray([0, 1, 2, 3, 4, 5], { minLength: 1 }), async (order) => {
      const nodes = order.map((index) => zoned(`node-${index}`, 'n'));
      const pods = order.toReversed().map((index) =>
        aPod({
          name: `pod-${index}`,
          container: { resources: { requests: { cpu: '4' } } },
          spec: { nodeSelector: { 'kubernetes.io/hostname': `node-${index}` } },
        }),
      );
      const store = await run(nodes, [pods]);
      expect(store.list('Pod').map(({ metadata, spec }) => [metadata.name, spec.nodeName])).toEqual(
        order.toSorted((a, b) => a - b).map((index) => [`pod-${index}`, `node-${index}`]),
      );
    }),
    RUNS,
  );
});

test('the paper that was kept up to date says what a fresh one says', () => {
  fc.assert(
    fc.property(
      fc.array(node, { minLength: 1, maxLength: 4 }),
      fc.array(pod, { minLength: 1, maxLength: 8 }),
      fc.infiniteStream(fc.nat({ max: 7 })),
      (nodeWishes, wishes, picks) => {
        const nodes = nodeWishes.map(nodeOf);
        let pods = wishes.map((wish, index) => podOf({ ...wish, priority: 0 }, index));
        const seating = new Seating({ nodes, pods });
        for (let turn = 0; turn < wishes.length; turn++) {
          const pick = pods[(picks.next().value ?? 0) % pods.length];
          const at = pick === undefined ? undefined : seating.choiceOf(pick)?.room?.name;
          if (pick === undefined || at === undefined) continue;
          pods = pods.map((each) => (each === pick ? aPodOn(each, at) : each));
          seating.update({ nodes, pods });
          const rooms = roomsWith(nodes, pods);
          const fresh = new Seating({ nodes, pods });
          // Whoever has a seat on the kept paper fits beside those that are bound; whether others do is the same question for both.
          for (const each of pods) {
            const choice = seating.choiceOf(each);
            expect(choice === undefined).toBe(fresh.choiceOf(each) === undefined);
            if (choice?.room === undefined) continue;
            const room = rooms.named(choice.room.name);
            const seats = room === undefined ? [] : [...room.seats];
            const cpu = seats.reduce((sum, seat) => sum + (seat.candidate.demand.amounts.get('cpu') ?? 0), 0);
            expect(cpu + (demandOf(each.spec).amounts.get('cpu') ?? 0)).toBeLessThanOrEqual(room?.allocatable.get('cpu') ?? 0);
          }
        }
      },
    ),
    { numRuns: 100 },
  );
});
