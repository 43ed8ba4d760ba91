import { describe, expect, test } from 'vitest';
import type { StoredOf } from '../../src/model/resource.ts';
import { toRfc3339 } from '../../src/model/time.ts';
import { runController } from '../../src/runtime/run-controller.ts';
import { schedulerController } from '../../src/scheduler/schedule.ts';
import { Seating } from '../../src/scheduler/seating.ts';
import { openMemoryStore } from '../../src/store/memory-store.ts';
import { silentLogger } from '../../src/system/logger.ts';
import { aClaim, aNode, aPod, aReplicaSet, START_MS } from '../support/builders.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { seededIds } from '../support/seeded-ids.ts';
import { requests, zoned } from './scene.ts';

const nodes = [aNode(), aNode({ name: 'node-b' })];
const waiting = (name: string, cpu: string, priority = 0, seconds = 0): StoredOf<'Pod'> =>
  aPod({ name, container: requests(cpu), spec: { priority }, creationTimestamp: toRfc3339(START_MS + seconds * 1000) });
const bound = (pod: StoredOf<'Pod'>, nodeName: string): StoredOf<'Pod'> => ({ ...pod, spec: { ...pod.spec, nodeName } });
const seatsOf = (seating: Seating, pods: readonly StoredOf<'Pod'>[]): (string | undefined)[] =>
  pods.map((pod) => seating.choiceOf(pod)?.room?.name);

test('the highest priority is served first, then the oldest, then by name', () => {
  const pods = [waiting('a', '4', 0, 5), waiting('b', '4', 0, 1), waiting('c', '4', 9, 9), waiting('d', '4', 0, 1)];
  expect(seatsOf(new Seating({ nodes, pods }), pods)).toEqual([undefined, 'node-b', 'node-a', undefined]);
});

describe('the paper is kept', () => {
  test('when a pod is bound where it says, and its seat is taken from then on', () => {
    const [a, b, c] = [waiting('a', '4'), waiting('b', '4'), waiting('c', '4')];
    const seating = new Seating({ nodes, pods: [a, b, c] });
    const choice = seating.choiceOf(b);
    seating.update({ nodes, pods: [bound(a, 'node-a'), b, c] });
    expect(seating.choiceOf(b)).toBe(choice);
    expect(seating.choiceOf(a)).toBeUndefined();
    expect(seatsOf(seating, [b, c])).toEqual(['node-b', undefined]);
  });

  test('when a pod comes that is neither more important nor older, whatever its name', () => {
    const b = waiting('b', '3');
    const seating = new Seating({ nodes: [aNode()], pods: [b] });
    const choice = seating.choiceOf(b);
    const a = waiting('a', '2');
    seating.update({ nodes: [aNode()], pods: [a, b] });
    expect(seating.choiceOf(b)).not.toBe(choice);
    const only = [aNode()];
    const again = new Seating({ nodes: only, pods: [b] });
    const kept = again.choiceOf(b);
    again.update({ nodes: only, pods: [a, b] });
    expect(again.choiceOf(b)).toBe(kept);
    expect(seatsOf(again, [a, b])).toEqual([undefined, 'node-a']);
  });
});

test('a pod that wants company, or evenness, is asked again when another one has been bound', () => {
  const zones = [zoned('node-a', 'north'), tainted('node-b', 'south')];
  const labelSelector = { matchLabels: { app: 'web' } };
  const evenly = [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' as const, labelSelector }];
  const there = aPod({ name: 'there', nodeName: 'node-a' });
  const even = aPod({ name: 'a', spec: { topologySpreadConstraints: evenly } });
  const other = aPod({
    name: 'b',
    spec: { nodeName: '', tolerations: [{ operator: 'Exists' }], nodeSelector: { zone: 'south' } },
  });
  const seating = new Seating({ nodes: zones, pods: [there, even, other] });
  expect(seatsOf(seating, [even, other])).toEqual([undefined, 'node-b']);
  seating.update({ nodes: zones, pods: [there, even, bound(other, 'node-b')] });
  expect(seatsOf(seating, [even])).toEqual(['node-a']);

  function tainted(name: string, zone: string): StoredOf<'Node'> {
    return { ...zoned(name, zone), spec: { taints: [{ key: 'k', effect: 'NoSchedule' }] } };
  }
});

test('a pod with a claim finds the claims of its time, also where no pod with a claim has waited since they changed', () => {
  const only = [aNode()];
  const plain = waiting('plain', '1');
  const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }];
  const user = aPod({ name: 'user', spec: { volumes }, creationTimestamp: toRfc3339(START_MS + 9_000) });
  const seating = new Seating({ nodes: only, pods: [plain], claims: [] });
  const claims = [aClaim()];
  seating.update({ nodes: only, pods: [plain], claims });
  seating.update({ nodes: only, pods: [plain, user], claims });
  expect(seatsOf(seating, [user])).toEqual(['node-a']);
});

describe('the paper is started anew', () => {
  const [a, b] = [waiting('a', '4'), waiting('b', '4')];
  const only = [aNode()];
  test.each<[string, readonly StoredOf<'Pod'>[], (string | undefined)[]]>([
    ['when a more important pod comes', [a, b, waiting('c', '4', 1, 9)], [undefined, undefined]],
    ['when an older pod comes', [a, b, waiting('c', '4', 0, -9)], [undefined, undefined]],
    ['when a pod comes with a node', [a, b, bound(waiting('c', '4'), 'node-a')], [undefined, undefined]],
    ['when a pod with a seat goes', [b], [undefined, 'node-a']],
    [
      'when a pod with a seat is deleted',
      [{ ...a, metadata: { ...a.metadata, deletionTimestamp: toRfc3339(START_MS) } }, b],
      [undefined, 'node-a'],
    ],
  ])('%s', (_title, pods, expected) => {
    const seating = new Seating({ nodes: only, pods: [a, b] });
    expect(seatsOf(seating, [a, b])).toEqual(['node-a', undefined]);
    seating.update({ nodes: only, pods });
    expect(seatsOf(seating, [a, b])).toEqual(expected);
  });

  test('when a node comes', () => {
    const seating = new Seating({ nodes: only, pods: [a, b] });
    seating.update({ nodes, pods: [a, b] });
    expect(seatsOf(seating, [a, b])).toEqual(['node-a', 'node-b']);
  });
});

test('a thousand pods on fifty nodes: each looked at a few times, filled to the last seat', async () => {
  const clock = new FakeClock();
  const ids = seededIds(1);
  const store = openMemoryStore({ clock, ids });
  const many = Array.from({ length: 50 }, (_value, index) => aNode({ name: `node-${index}` }));
  const pods = Array.from({ length: 1000 }, (_value, index) =>
    aPod({
      name: `pod-${(index * 7919) % 1000}`,
      owner: aReplicaSet({ name: `set-${index % 20}` }),
      container: requests('400m'),
    }),
  );
  await store.write([...many, ...pods].map((resource) => ({ op: 'create', resource })));
  let passes = 0;
  const controller = runController(
    {
      ...schedulerController,
      plan: (pod, observed, now, suffix) => {
        passes += 1;
        return schedulerController.plan(pod, observed, now, suffix);
      },
    },
    { store, clock, ids, logger: silentLogger },
  );
  await controller.idle();
  const counts = new Map<string, number>();
  for (const { spec } of store.list('Pod')) counts.set(spec.nodeName ?? '', (counts.get(spec.nodeName ?? '') ?? 0) + 1);
  expect(counts.get('')).toBe(500);
  expect([...counts.values()].filter((count) => count !== 500)).toEqual(many.map(() => 10));
  // One pass places or explains; the pod's own change, in its spec and in its status, asks again.
  expect(passes).toBeLessThanOrEqual(3000);
  await controller.stop();
});
