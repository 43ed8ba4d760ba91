import { describe, expect, test } from 'vitest';
import { APPLICATION_ANNOTATION, type InventoryEntry, type StoredOf } from '../../src/model/resource.ts';
import { openMemoryStore } from '../../src/store/memory-store.ts';
import type { Store } from '../../src/store/store.ts';
import { startAfresh } from '../../src/sync/fresh-start.ts';
import { explain } from '../../src/sync/why.ts';
import { anApplication, anAttempt, annsCommit, aRecord } from '../support/applications.ts';
import { aConfigMap, START_MS } from '../support/builders.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { put } from '../support/fake-parts.ts';
import { seededIds } from '../support/seeded-ids.ts';

const unreadable = { ready: false, reason: 'PathNotFound', message: 'no such path', since: '2026-01-01T00:00:00Z' } as const;
const entryOf = (name: string): InventoryEntry => ({
  kind: 'ConfigMap',
  namespace: 'default',
  name,
  file: 'a.yaml',
  line: 1,
  commit: annsCommit.id,
  author: annsCommit.author,
});
const configOf = (name: string, application: string): StoredOf<'ConfigMap'> =>
  aConfigMap({ name, annotations: { [APPLICATION_ANNOTATION]: application } });
const readable = { ready: true, reason: 'Read', message: '', since: '2026-01-01T00:00:00Z' } as const;

test('what earlier runs could not read is not told as the truth of this one, and mistyped applications are forgotten', async () => {
  const store = openMemoryStore({ clock: new FakeClock(), ids: seededIds(1) });
  await put(
    store,
    anApplication({ lastGood: annsCommit, source: unreadable }, 'shop'),
    anApplication({ lastGood: annsCommit, source: unreadable, inventory: [entryOf('a')] }, 'other'),
    anApplication({ lastGood: annsCommit, source: readable, inventory: [entryOf('b')] }, 'read'),
    configOf('a', 'other'),
    configOf('b', 'read'),
    anApplication({ source: unreadable }, 'mistyped'),
    anApplication({ source: unreadable, history: [aRecord('invalid')] }, 'refused'),
  );
  await startAfresh(store, 'shop', START_MS);
  expect(Object.fromEntries(store.list('Application').map(({ metadata, status }) => [metadata.name, status?.source]))).toEqual({
    other: undefined,
    read: readable,
    refused: undefined,
    shop: undefined,
  });
  expect(store.get('Application', '', 'shop')?.status).toEqual({ lastGood: annsCommit });
  const revision = store.revision();
  await startAfresh(store, 'shop', START_MS);
  expect(store.revision()).toBe(revision);
});

test('what waited to be applied is forgotten, what was applied goes on', async () => {
  const store = openMemoryStore({ clock: new FakeClock(), ids: seededIds(1) });
  await put(
    store,
    anApplication({ lastGood: annsCommit, attempt: anAttempt('preflighting'), source: readable }, 'shop'),
    anApplication({ attempt: anAttempt('verifying') }, 'other'),
  );
  await startAfresh(store, 'shop', START_MS, true);
  expect(store.get('Application', '', 'shop')?.status).toEqual({ lastGood: annsCommit, source: readable });
  expect(store.get('Application', '', 'other')?.status).toEqual({ attempt: anAttempt('verifying') });
});

test('the application that starts is kept, whatever came of it', async () => {
  const store = openMemoryStore({ clock: new FakeClock(), ids: seededIds(1) });
  await put(store, anApplication({ source: unreadable }, 'shop'));
  await startAfresh(store, 'shop', START_MS);
  expect(store.get('Application', '', 'shop')?.status).toEqual({});
});

test('a commit that was applied before has its whole time again', async () => {
  const store = openMemoryStore({ clock: new FakeClock(), ids: seededIds(1) });
  const attempt = anAttempt('verifying');
  await put(store, anApplication({ attempt }, 'shop'), anApplication({ attempt }, 'other'));
  const nowMs = Date.parse('2026-01-01T13:00:00Z');
  await startAfresh(store, 'shop', nowMs);
  expect(store.get('Application', '', 'shop')?.status?.attempt).toEqual({ ...attempt, deadline: '2026-01-01T13:05:00Z' });
  expect(store.get('Application', '', 'other')?.status?.attempt).toEqual(attempt);
  const revision = store.revision();
  await startAfresh(store, 'shop', nowMs);
  expect(store.revision()).toBe(revision);
});

describe('an application that had another name', () => {
  const conditionsOf = (store: Store, name: string) => store.get('Application', '', name)?.status?.conditions;

  async function renamed(): Promise<Store> {
    const store = openMemoryStore({ clock: new FakeClock(), ids: seededIds(1) });
    const inventory = [entryOf('a'), entryOf('b')];
    await put(store, anApplication({ lastGood: annsCommit, inventory }, 'old'), configOf('a', 'old'), configOf('b', 'new'));
    return store;
  }

  test('is told as one that nobody follows, and nothing of it is touched', async () => {
    const store = await renamed();
    const before = store.list('ConfigMap');
    await startAfresh(store, 'new', START_MS);
    expect(conditionsOf(store, 'old')).toMatchObject([{ type: 'Followed', status: 'False', reason: 'AnotherApplication' }]);
    expect(store.list('ConfigMap')).toEqual(before);
    expect(explain({ kind: 'Application', namespace: '', name: 'old' }, store, START_MS)).toContainEqual(
      'nobody follows it since 2026-01-01T00:00:00Z: the controller follows application/new: nothing of this one is changed or put right, ' +
        'and what runs of it goes on. "holdfast reconcile --application old", with its repository and path, goes on with it',
    );
    const revision = store.revision();
    await startAfresh(store, 'new', START_MS + 60_000);
    expect(store.revision()).toBe(revision);
  });

  test('is its own again when somebody goes on with it, and single runs say nothing of others', async () => {
    const store = await renamed();
    await startAfresh(store, 'new', START_MS, true);
    expect(conditionsOf(store, 'old')).toBeUndefined();
    await startAfresh(store, 'new', START_MS);
    await startAfresh(store, 'old', START_MS);
    expect(conditionsOf(store, 'old')).toEqual([]);
  });

  test('is forgotten, with what was kept of it, when nothing of it is there', async () => {
    const store = await renamed();
    const spec = { application: 'old', commit: annsCommit, resources: [], inventory: [] };
    const name = `old.${annsCommit.id}`;
    await store.write([
      { op: 'create', resource: { apiVersion: 'holdfast.dev/v1', kind: 'ApplicationRevision', metadata: { name }, spec } },
    ]);
    await put(store, configOf('a', 'new'));
    await startAfresh(store, 'new', START_MS, true);
    expect(store.list('Application')).toHaveLength(1);
    await startAfresh(store, 'new', START_MS);
    expect([store.list('Application'), store.list('ApplicationRevision'), store.list('ConfigMap').length]).toEqual([[], [], 2]);
  });
});
