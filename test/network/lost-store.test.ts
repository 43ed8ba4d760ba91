// A store that was lost: what a container holds stays until the store knows again what there should be.
import { beforeEach, describe, expect, test } from 'vitest';
import type { ApplicationStatus } from '../../src/model/resource.ts';
import type { Lane } from '../../src/network/agent/lane.ts';
import { heldBack, LostStore } from '../../src/network/agent/lost-store.ts';
import { type Fragment, NO_RULES } from '../../src/network/fragment.ts';
import { openMemoryStore } from '../../src/store/memory-store.ts';
import type { Store, Write } from '../../src/store/store.ts';
import { aPod } from '../support/builders.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { seededIds } from '../support/seeded-ids.ts';

let clock: FakeClock;
let store: Store;
let lost: LostStore;
let told: (string | undefined)[];
beforeEach(() => {
  clock = new FakeClock();
  store = openMemoryStore({ clock, ids: seededIds(1) });
  told = [];
  lost = new LostStore(
    () => clock.now(),
    (message) => told.push(message),
  );
});

async function write(...writes: readonly Write[]): Promise<void> {
  const result = await store.write(writes);
  if (!result.ok) throw new Error(result.message);
}

const commit = { id: '1'.repeat(40), subject: 'One', author: 'Ada', time: '2026-01-01T00:00:00Z' };
const record = { commit, startedAt: '2026-01-01T00:00:00Z', finishedAt: '2026-01-01T00:00:00Z', message: '', actions: 0 };

async function application(status: ApplicationStatus, name = 'shop'): Promise<void> {
  if (store.get('Application', '', name) === undefined)
    await write({
      op: 'create',
      resource: {
        apiVersion: 'holdfast.dev/v1',
        kind: 'Application',
        metadata: { name },
        spec: { repo: '/repo', revision: 'main', path: '.', timeoutSeconds: 60 },
      },
    });
  const { uid } = store.get('Application', '', name)?.metadata ?? { uid: '' };
  await write({ op: 'updateStatus', key: { kind: 'Application', namespace: '', name }, uid, status });
}

async function pod(name: string, ready: 'True' | 'False', of = 'shop', podIP = '10.244.0.9'): Promise<void> {
  const { metadata, ...rest } = aPod({ name, annotations: { 'holdfast.dev/application': of } });
  const { uid, resourceVersion: _version, ...own } = metadata;
  if (store.get('Pod', 'default', name) === undefined) await write({ op: 'create', resource: { ...rest, metadata: own }, uid });
  const conditions = [{ type: 'Ready', status: ready, lastTransitionTime: '2026-01-01T00:00:00Z' }] as const;
  const status = { phase: 'Running', podIP, conditions: [...conditions] } as const;
  await write({ op: 'updateStatus', key: { kind: 'Pod', namespace: 'default', name }, uid, status });
}

describe('a store is whole', () => {
  test('not before a commit was applied, also when one is refused', async () => {
    expect(lost.isWhole(store)).toBe(false);
    await application({ held: { ...record, outcome: 'invalid' } });
    expect(lost.isWhole(store)).toBe(false);
    await application({ lastGood: commit });
    expect(lost.isWhole(store)).toBe(true);
  });

  test('at once when it was not lost, whatever its pods are', async () => {
    await application({ lastGood: commit });
    await pod('a', 'False');
    expect(lost.isWhole(store)).toBe(true);
  });

  test('when the pods that were found are ready, or have had their time', async () => {
    await pod('a', 'False');
    expect(lost.isWhole(store)).toBe(false);
    await application({ lastGood: commit });
    await pod('new', 'False');
    expect(lost.isWhole(store)).toBe(false);
    await pod('a', 'True');
    expect(lost.isWhole(store)).toBe(true);
    // What happens later is what happens every day.
    await pod('a', 'False');
    expect(lost.isWhole(store)).toBe(true);
  });

  test('although a pod that was found never gets ready', async () => {
    await pod('a', 'False');
    expect(lost.isWhole(store)).toBe(false);
    await application({ lastGood: commit });
    expect(lost.isWhole(store)).toBe(false);
    await clock.advance(9_999);
    expect(lost.isWhole(store)).toBe(false);
    await clock.advance(1);
    expect(lost.isWhole(store)).toBe(true);
  });

  test('when every application that has pods here was applied', async () => {
    await pod('a', 'True');
    await pod('b', 'True', 'blog');
    expect(lost.isWhole(store)).toBe(false);
    expect(told).toEqual([]);
    await application({ lastGood: commit });
    expect(lost.isWhole(store)).toBe(false);
    expect(told).toEqual([
      'application "blog" has pods here, and no commit of which the store knows: all that was programmed is kept as it was found, for at most 30 seconds; run holdfast reconcile with --application for each',
    ]);
    await clock.advance(29_999);
    expect(lost.isWhole(store)).toBe(false);
    await application({ lastGood: commit }, 'blog');
    expect(lost.isWhole(store)).toBe(true);
    expect(lost.missing(store)).toEqual([]);
    expect(told.slice(1)).toEqual([undefined]);
  });

  test('although one of them is not applied in time', async () => {
    await pod('a', 'True');
    await pod('b', 'True', 'blog');
    await application({ lastGood: commit });
    expect(lost.isWhole(store)).toBe(false);
    await clock.advance(30_000);
    expect(lost.isWhole(store)).toBe(true);
    expect(lost.missing(store)).toEqual(['blog']);
    expect(told.at(-1)).toMatch(
      /^application "blog" has pods here, .*: their NetworkPolicies and the Services that lead to these pods are kept/,
    );
  });

  test('at once when what is missing cannot come: its commit is refused', async () => {
    await pod('b', 'True', 'blog');
    expect(lost.isWhole(store)).toBe(false);
    await application({ lastGood: commit });
    await application({ held: { ...record, outcome: 'invalid' } }, 'blog');
    expect(lost.isWhole(store)).toBe(true);
    expect(lost.missing(store)).toEqual(['blog']);
  });

  test('not for a process that begins when one of two was applied', async () => {
    await pod('b', 'True', 'blog');
    await application({ lastGood: commit });
    const next = new LostStore(() => clock.now());
    expect(next.isWhole(store)).toBe(false);
    await application({ lastGood: commit }, 'blog');
    expect(next.isWhole(store)).toBe(true);
  });

  test('and until all are applied, keeps the Services that lead to the pods of the others', async () => {
    await pod('a', 'True', 'shop', '10.244.0.9');
    await pod('b', 'True', 'blog', '10.244.0.1');
    await application({ lastGood: commit });
    const leading = (address: string): Fragment => ({
      rules: { ...NO_RULES, chains: new Map([['web', [`dnat to ${address}:8080`]]]) },
      records: new Set(),
    });
    const headless = (address: string): Fragment => ({ rules: NO_RULES, records: new Set([`db.svc. 5 IN A ${address}`]) });
    const kept = (id: string, fragment: Fragment): boolean => lost.keeps(id, fragment, store);
    expect(kept('service/default/web', leading('10.244.0.1'))).toBe(true);
    expect(kept('service/default/db', headless('10.244.0.1'))).toBe(true);
    expect(kept('service/default/other', leading('10.244.0.10'))).toBe(false);
    expect(kept('service/default/shop', leading('10.244.0.9'))).toBe(false);
    expect(kept('policies/default', leading('10.244.0.1'))).toBe(false);
    await application({ lastGood: commit }, 'blog');
    expect(lost.isWhole(store)).toBe(true);
    expect(kept('service/default/web', leading('10.244.0.1'))).toBe(false);
  });

  test('and until all are applied, keeps the routes of a proxy that leads to the pods of the others', async () => {
    await pod('a', 'True', 'shop', '10.244.0.9');
    await pod('b', 'True', 'blog', '10.244.0.1');
    await application({ lastGood: commit });
    const keeps = (...addresses: readonly string[]): boolean => lost.keepsRoutes(new Set(addresses), store);
    expect([keeps('10.244.0.9', '10.244.0.1'), keeps('10.244.0.9'), keeps()]).toEqual([true, false, false]);
    await application({ lastGood: commit }, 'blog');
    expect(lost.isWhole(store)).toBe(true);
    expect(keeps('10.244.0.1')).toBe(false);
  });

  test('before that a lane sends nothing and looks again', async () => {
    const sent: string[] = [];
    const lane: Lane = {
      name: 'some',
      isEssential: true,
      reset: () => {},
      take: () => true,
      forget: () => {},
      apply: () => Promise.resolve(void sent.push('all')),
    };
    const held = heldBack(lane, lost);
    const pass = { store, node: {} as Parameters<Lane['apply']>[0]['node'], run: () => Promise.resolve('') };
    expect(await held.apply(pass)).toEqual({ checkAgainAfterMs: 200 });
    expect(sent).toEqual([]);
    await application({ lastGood: commit });
    expect(await held.apply(pass)).toBe(undefined);
    expect(sent).toEqual(['all']);
    // What is kept for another application is looked at again.
    await pod('b', 'True', 'blog');
    const late = heldBack(lane, new LostStore(() => clock.now()));
    expect(await late.apply(pass)).toEqual({ checkAgainAfterMs: 200 });
    await clock.advance(30_000);
    expect(await late.apply(pass)).toEqual({ checkAgainAfterMs: 1_000 });
    await application({ lastGood: commit }, 'blog');
    expect(await late.apply(pass)).toBe(undefined);
    expect(sent).toEqual(['all', 'all', 'all']);
  });
});
