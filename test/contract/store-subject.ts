// What the contract suite works with: an opened store, the objects it writes, and short ways to say so.
import type { ConfigMap, Deployment, Pod, Stored, StoredOf } from '../../src/model/resource.ts';
import type { Store, WatchEvent, Write, WriteResult } from '../../src/store/store.ts';
import type { Clock } from '../../src/system/clock.ts';
import type { Ids } from '../../src/system/ids.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { seededIds } from '../support/seeded-ids.ts';

/** What the suite gives to an implementation. */
export interface OpenOptions {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly watchBacklogEvents: number;
}

/** An opened store, and how to get rid of it. */
export interface OpenedStore {
  readonly store: Store;
  dispose(): Promise<void>;
}

export const BACKLOG = 20;
export const START = '2026-01-01T00:00:00Z';

export const configMap = (name: string, data: Record<string, string> = {}, namespace = 'default'): ConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace },
  data,
});

export const pod = (name: string, ownerUid?: string): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name,
    namespace: 'default',
    ...(ownerUid === undefined
      ? {}
      : { ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'owner', uid: ownerUid, controller: true }] }),
  },
  spec: { containers: [{ name: 'main', image: 'busybox:1.36' }] },
});

export const create = (resource: ConfigMap | Pod | Deployment, uid?: string): Write => ({
  op: 'create',
  resource,
  ...(uid === undefined ? {} : { uid }),
});

export function done(result: WriteResult): Extract<WriteResult, { ok: true }> {
  if (!result.ok) throw new Error(`refused: ${result.message}`);
  return result;
}

export function refused(result: WriteResult): Extract<WriteResult, { ok: false }> {
  if (result.ok) throw new Error('it was not refused');
  return result;
}

/** Reads what a watch has to say without waiting for more. */
export const drain = async (iterable: AsyncIterable<WatchEvent>, count: number): Promise<WatchEvent[]> => {
  const events: WatchEvent[] = [];
  if (count === 0) return events;
  for await (const event of iterable) {
    events.push(event);
    if (events.length === count) break;
  }
  return events;
};

export const names = (list: readonly Stored[]): string[] =>
  list.map(({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name}`);

/** The store under test, a new one for each test, and short ways to use it. */
export interface StoreSubject {
  readonly store: Store;
  readonly clock: FakeClock;
  begin(): Promise<void>;
  end(): Promise<void>;
  /** Writes one transaction; throws when it is refused. */
  readonly write: (...writes: Write[]) => Promise<Extract<WriteResult, { ok: true }>>;
  readonly createOne: (resource: ConfigMap | Pod, uid?: string) => Promise<Stored>;
  /** The ConfigMap of this name in the namespace default; throws when it is not there. */
  readonly getMap: (name: string) => StoredOf<'ConfigMap'>;
  /** The pod of this name in the namespace default; throws when it is not there. */
  readonly getPod: (name: string) => StoredOf<'Pod'>;
}

/** A subject that opens its stores with `open`. */
export function storeSubject(open: (options: OpenOptions) => Promise<OpenedStore>): StoreSubject {
  let clock = new FakeClock();
  let opened: OpenedStore | undefined;
  const store = (): Store => found(opened, 'store').store;
  const write = async (...writes: Write[]): Promise<Extract<WriteResult, { ok: true }>> => done(await store().write(writes));
  return {
    get store() {
      return store();
    },
    get clock() {
      return clock;
    },
    async begin() {
      clock = new FakeClock();
      opened = await open({ clock, ids: seededIds(1), watchBacklogEvents: BACKLOG });
    },
    async end() {
      await opened?.dispose();
    },
    write,
    createOne: async (resource, uid) => found((await write(create(resource, uid))).resources[0], 'new object'),
    getMap: (name) => found(store().get('ConfigMap', 'default', name), name),
    getPod: (name) => found(store().get('Pod', 'default', name), name),
  };
}

function found<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`${what} is not there`);
  return value;
}
