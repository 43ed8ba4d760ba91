// Several nodes rebuild one lost store, each from its own containers.
import { expect, test } from 'vitest';
import type { ContainerSeen } from '../../src/kubelet/engine/container-engine.ts';
import { planRecovery, recover } from '../../src/kubelet/recover.ts';
import { openMemoryStore } from '../../src/store/memory-store.ts';
import type { Store } from '../../src/store/store.ts';
import { silentLogger } from '../../src/system/logger.ts';
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

test.each([
  ['rebuilds the same owner between the plan and the write', []],
  ['adds its pods to it meanwhile', ['a']],
])('another node %s: no pod is forgotten', async (_case, first) => {
  const inner = openMemoryStore({ clock: new FakeClock(), ids: seededIds(1) });
  const sandboxOf = (name: string): ContainerSeen => aSandbox(aPod({ name, uid: name, owner: set }));
  await recover(inner, first.map(sandboxOf), 'zero', silentLogger);
  const store = beforeFirstWrite(inner, () => recover(inner, [sandboxOf('c')], 'two', silentLogger));
  expect(await recover(store, [sandboxOf('b')], 'one', silentLogger)).toBe(1);
  expect(inner.list('Pod').map(({ metadata }) => metadata.name)).toEqual([...first, 'b', 'c']);
  expect(inner.list('ReplicaSet').map(({ spec }) => spec.replicas)).toEqual([first.length + 2]);
});

/** The same store, in which something else happens before the first write. */
function beforeFirstWrite(store: Store, happen: () => Promise<unknown>): Store {
  let isFirst = true;
  return new Proxy(store, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property, target);
      if (typeof value !== 'function') return value;
      if (property !== 'write') return value.bind(target);
      return async (...args: Parameters<Store['write']>) => {
        if (isFirst) {
          isFirst = false;
          await happen();
        }
        return await target.write(...args);
      };
    },
  });
}
