// Several nodes rebuild one lost store, each from its own containers.
import { expect, test } from 'vitest';
import { planRecovery } from '../../src/kubelet/recover.ts';
import { openMemoryStore } from '../../src/store/memory-store.ts';
import { aDeployment, aPod, aReplicaSetOf } from '../support/builders.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { put } from '../support/fake-parts.ts';
import { seededIds } from '../support/seeded-ids.ts';
import { aSandbox } from './planning.ts';

const set = aReplicaSetOf(aDeployment({ name: 'web' }));
const pods = ['a', 'b', 'c'].map((name) => aPod({ name, uid: name, owner: set }));

test('a ReplicaSet wants the pods that were found on all of them', async () => {
  const store = openMemoryStore({ clock: new FakeClock(), ids: seededIds(1) });
  const [a, b, c] = pods.map((pod) => aSandbox(pod));
  if (a === undefined || b === undefined || c === undefined) throw new Error('there are three');
  for (const [node, seen] of [
    ['one', [a, b]],
    ['two', [c]],
  ] as const)
    for (const writes of planRecovery(store, seen, node)) expect(await store.write(writes)).toMatchObject({ ok: true });
  expect(store.list('ReplicaSet').map(({ metadata, spec }) => [metadata.uid, spec.replicas])).toEqual([[set.metadata.uid, 3]]);
  expect(store.list('Pod').map(({ metadata, spec }) => [metadata.name, spec.nodeName])).toEqual([
    ['a', 'one'],
    ['b', 'one'],
    ['c', 'two'],
  ]);
  expect(planRecovery(store, [a, b], 'one')).toEqual([]);
});

test('one that was not lost wants what it wanted', async () => {
  const store = openMemoryStore({ clock: new FakeClock(), ids: seededIds(1) });
  await put(store, { ...set, spec: { ...set.spec, replicas: 2 } });
  const [a] = pods;
  if (a === undefined) throw new Error('there is one');
  for (const writes of planRecovery(store, [aSandbox(a)], 'one')) await store.write(writes);
  expect(store.list('ReplicaSet').map(({ spec }) => spec.replicas)).toEqual([2]);
});
