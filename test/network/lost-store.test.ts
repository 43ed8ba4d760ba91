// A store that was lost: what a container holds stays until the store knows again what there should be.
import { beforeEach, describe, expect, test } from 'vitest';
import type { ApplicationStatus } from '../../src/model/resource.ts';
import type { Lane } from '../../src/network/agent/lane.ts';
import { heldBack, LostStore } from '../../src/network/agent/lost-store.ts';
import { openMemoryStore } from '../../src/store/memory-store.ts';
import type { Store, Write } from '../../src/store/store.ts';
import { aPod } from '../support/builders.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { seededIds } from '../support/seeded-ids.ts';

let clock: FakeClock;
let store: Store;
let lost: LostStore;
beforeEach(() => {
  clock = new FakeClock();
  store = openMemoryStore({ clock, ids: seededIds(1) });
  lost = new LostStore(() => clock.now());
});

async function write(...writes: readonly Write[]): Promise<void> {
  const result = await store.write(writes);
  if (!result.ok) throw new Error(result.message);
}

const commit = { id: '1'.repeat(40), subject: 'One', author: 'Ada', time: '2026-01-01T00:00:00Z' };
const record = { commit, startedAt: '2026-01-01T00:00:00Z', finishedAt: '2026-01-01T00:00:00Z', message: '', actions: 0 };

async function application(status: ApplicationStatus): Promise<void> {
  if (store.get('Application', '', 'shop') === undefined)
    await write({
      op: 'create',
      resource: {
        apiVersion: 'holdfast.dev/v1',
        kind: 'Application',
        metadata: { name: 'shop' },
        spec: { repo: '/repo', revision: 'main', path: '.', timeoutSeconds: 60 },
      },
    });
  const { uid } = store.get('Application', '', 'shop')?.metadata ?? { uid: '' };
  await write({ op: 'updateStatus', key: { kind: 'Application', namespace: '', name: 'shop' }, uid, status });
}

async function pod(name: string, ready: 'True' | 'False'): Promise<void> {
  const { metadata, ...rest } = aPod({ name });
  const { uid, resourceVersion: _version, ...own } = metadata;
  if (store.get('Pod', 'default', name) === undefined) await write({ op: 'create', resource: { ...rest, metadata: own }, uid });
  const conditions = [{ type: 'Ready', status: ready, lastTransitionTime: '2026-01-01T00:00:00Z' }] as const;
  const status = { phase: 'Running', conditions: [...conditions] } as const;
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
  });
});
