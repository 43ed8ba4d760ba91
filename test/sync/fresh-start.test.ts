import { expect, test } from 'vitest';
import { openMemoryStore } from '../../src/store/memory-store.ts';
import { startAfresh } from '../../src/sync/fresh-start.ts';
import { anApplication, anAttempt, annsCommit, aRecord } from '../support/applications.ts';
import { START_MS } from '../support/builders.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { put } from '../support/fake-parts.ts';
import { seededIds } from '../support/seeded-ids.ts';

const unreadable = { ready: false, reason: 'PathNotFound', message: 'no such path', since: '2026-01-01T00:00:00Z' } as const;
const readable = { ready: true, reason: 'Read', message: '', since: '2026-01-01T00:00:00Z' } as const;

test('what earlier runs could not read is not told as the truth of this one, and mistyped applications are forgotten', async () => {
  const store = openMemoryStore({ clock: new FakeClock(), ids: seededIds(1) });
  await put(
    store,
    anApplication({ lastGood: annsCommit, source: unreadable }, 'shop'),
    anApplication({ lastGood: annsCommit, source: unreadable }, 'other'),
    anApplication({ lastGood: annsCommit, source: readable }, 'read'),
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
  await startAfresh(store, 'shop', START_MS);
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
