// The store without a disk: for simulations, and for plans that are thrown away.
import type { Clock } from '../system/clock.ts';
import type { Ids } from '../system/ids.ts';
import { IndexedStore, type Journal } from './indexed-store.ts';
import { ObjectIndex } from './object-index.ts';
import type { Lease, Store } from './store.ts';

/** What a memory store needs. */
export interface MemoryStoreOptions {
  readonly clock: Clock;
  readonly ids: Ids;
  /** How many changes are kept for watchers; WATCH_BACKLOG_EVENTS when absent. */
  readonly watchBacklogEvents?: number;
}

/** An empty store that forgets everything with the process. */
export function openMemoryStore({ clock, ids, watchBacklogEvents }: MemoryStoreOptions): Store {
  return new IndexedStore({ clock, ids, journal: memoryJournal(), index: new ObjectIndex(), revision: 0, watchBacklogEvents });
}

function memoryJournal(): Journal {
  const leases = new Map<string, Lease>();
  return {
    keep() {},
    keepLease(name, decide) {
      const lease = decide(leases.get(name));
      if (lease === undefined) leases.delete(name);
      else leases.set(name, lease);
      return lease;
    },
    close() {},
  };
}
