import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Arbitrary,
  array,
  assert,
  asyncProperty,
  boolean,
  constant,
  constantFrom,
  integer,
  oneof,
  record,
} from 'fast-check';
import { expect, test } from 'vitest';
import { keyOf, keyString, type Stored, type StoredOf } from '../../src/model/resource.ts';
import { openMemoryStore } from '../../src/store/memory-store.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import type { Store, Write } from '../../src/store/store.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { seededIds } from '../support/seeded-ids.ts';

interface Step {
  readonly op: 'create' | 'update' | 'updateStatus' | 'remove';
  readonly name: string;
  readonly namespace: string;
  readonly owner: string;
  readonly value: number;
  readonly isStale: boolean;
}

const step: Arbitrary<Step> = record({
  op: oneof(constant('create' as const), constantFrom('update' as const, 'updateStatus' as const, 'remove' as const)),
  name: constantFrom('a', 'b', 'c', 'd', 'e'),
  namespace: constantFrom('default', 'shop'),
  owner: constantFrom('x', 'y'),
  value: integer({ min: 0, max: 2 }),
  isStale: boolean(),
});

function writeOf(store: Store, { op, name, namespace, owner, value, isStale }: Step): Write {
  const old: StoredOf<'Pod'> | undefined = store.get('Pod', namespace, name);
  const key = { kind: 'Pod', namespace, name } as const;
  const spec = { containers: [{ name: 'main', image: `busybox:${value}` }] } satisfies StoredOf<'Pod'>['spec'];
  const ownerReferences = [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: owner, uid: owner, controller: true }];
  const uid = old?.metadata.uid ?? 'none';
  // Now and then a revision that was seen long ago, or never.
  const resourceVersion = isStale && value === 0 ? '1' : (old?.metadata.resourceVersion ?? '1');
  if (op === 'remove') return { op, key, uid, resourceVersion };
  if (op === 'updateStatus') return { op, key, uid, resourceVersion, status: { reason: `r${value}` } };
  const labels = { owner, value: String(value) };
  const resource = { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace, labels, ownerReferences }, spec } as const;
  if (op === 'create' || old === undefined) return { op: 'create', resource };
  return { op, resource: { ...old, metadata: { ...old.metadata, labels, ownerReferences, resourceVersion }, spec } };
}

const namesOf = (resources: readonly Stored[]): string[] => resources.map((resource) => keyString(keyOf(resource)));

/** Reads of every kind agree with each other. */
function checkReads(store: Store): void {
  const all = store.list('Pod');
  expect(namesOf(all)).toEqual(namesOf(all).toSorted());
  expect([...store.list('Pod', 'default'), ...store.list('Pod', 'shop')]).toEqual(all);
  for (const owner of ['x', 'y']) {
    expect(store.listOwned('Pod', owner)).toEqual(all.filter(({ metadata }) => metadata.ownerReferences?.[0]?.uid === owner));
  }
  for (const labels of [{ owner: 'x' }, { value: '1' }, { owner: 'y', value: '2' }]) {
    const isLabelled = ({ metadata }: Stored): boolean =>
      Object.entries(labels).every(([name, value]) => metadata.labels?.[name] === value);
    expect(store.podsWith('shop', labels)).toEqual(store.list('Pod', 'shop').filter(isLabelled));
  }
  for (const pod of all) expect(store.get('Pod', pod.metadata.namespace ?? '', pod.metadata.name)).toBe(pod);
}

/** The objects that a watcher knows of, who has seen nothing but the events. */
async function objectsFromWatch(store: Store): Promise<Map<string, Stored>> {
  const objects = new Map<string, Stored>();
  if (store.revision() === 0) return objects;
  for await (const { type, resource, revision, more } of store.watch(0, new AbortController().signal)) {
    const id = keyString(keyOf(resource));
    if ((type === 'added') === objects.has(id)) throw new Error(`${id} was ${type}, which cannot be`);
    if (type === 'removed') objects.delete(id);
    else objects.set(id, resource);
    if (revision === store.revision() && more !== true) break;
  }
  return objects;
}

test('whatever is written: both stores do the same, all reads agree, a watcher can follow, and a restart changes nothing', async () => {
  await assert(
    asyncProperty(array(array(step, { minLength: 1, maxLength: 4 }), { maxLength: 30 }), async (transactions) => {
      const folder = mkdtempSync(join(tmpdir(), 'store-'));
      const options = { clock: new FakeClock(), path: join(folder, 'store.db'), key: new Uint8Array(32).fill(7) };
      const memory = openMemoryStore({ ...options, ids: seededIds(1) });
      const sqlite = openSqliteStore({ ...options, ids: seededIds(1) });
      for (const steps of transactions) {
        const before = { revision: memory.revision(), all: memory.list('Pod') };
        const writes = steps.map((one) => writeOf(memory, one));
        const result = await memory.write(writes);
        expect(await sqlite.write(writes)).toEqual(result);
        const after = { revision: memory.revision(), all: memory.list('Pod') };
        expect(after).toEqual(result.ok ? after : before);
        expect(memory.revision() - before.revision).toBeLessThanOrEqual(1);
        checkReads(memory);
      }
      const followed = await objectsFromWatch(memory);
      expect(new Set(followed.values())).toEqual(new Set(memory.list('Pod')));
      await sqlite.close();
      const again = openSqliteStore({ ...options, ids: seededIds(2) });
      expect(again.list('Pod')).toEqual(memory.list('Pod'));
      expect(again.revision()).toBe(memory.revision());
      checkReads(again);
      await again.close();
      rmSync(folder, { recursive: true });
    }),
    { numRuns: 60 },
  );
});
