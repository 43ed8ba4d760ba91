// The store proper: decides writes, has them kept by a journal, then shows them to readers and watchers, in this order. What differs
// between implementations is the journal alone.
import type { Kind, Stored, StoredOf } from '../model/resource.ts';
import type { Clock } from '../system/clock.ts';
import type { Ids } from '../system/ids.ts';
import { type Change, decideTransaction } from './apply-write.ts';
import { StoreUnavailable } from './failures.ts';
import type { ObjectIndex } from './object-index.ts';
import type { Lease, Store, WatchEvent, Write, WriteResult } from './store.ts';
import { WatchLog } from './watch-log.ts';

/** Keeps what the store has decided. */
export interface Journal {
  /** Keeps a transaction, all or nothing; returns only when it is safe. Throws when it is not. */
  keep(revision: number, changes: readonly Change[]): void;
  /** Replaces a lease by what `decide` makes of the one in force, and returns it; undefined for none. */
  keepLease(name: string, decide: (current: Lease | undefined) => Lease | undefined): Lease | undefined;
  close(): void;
}

/** What a store starts from. */
export interface StoreParts {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly journal: Journal;
  /** The objects as the journal has them, at `revision`. */
  readonly index: ObjectIndex;
  readonly revision: number;
  /** How many changes are kept for watchers. */
  readonly watchBacklogEvents?: number | undefined;
}

/** A store over an index in memory and a journal. */
export class IndexedStore implements Store {
  readonly #parts: StoreParts;
  readonly #log: WatchLog;
  #revision: number;
  #isClosed = false;

  constructor(parts: StoreParts) {
    this.#parts = parts;
    this.#revision = parts.revision;
    this.#log = new WatchLog(parts.revision, parts.watchBacklogEvents);
  }

  revision(): number {
    return this.#revision;
  }

  get<K extends Kind>(kind: K, namespace: string, name: string): StoredOf<K> | undefined {
    return this.#parts.index.get(kind, namespace, name);
  }

  list<K extends Kind>(kind: K, namespace?: string): readonly StoredOf<K>[] {
    return this.#parts.index.list(kind, namespace);
  }

  listOwned<K extends Kind>(kind: K, ownerUid: string): readonly StoredOf<K>[] {
    return this.#parts.index.listOwned(kind, ownerUid);
  }

  listDependents(ownerUid: string): readonly Stored[] {
    return this.#parts.index.listDependents(ownerUid);
  }

  listApplied(application: string): readonly Stored[] {
    return this.#parts.index.listApplied(application);
  }

  podsWith(namespace: string, labels: Readonly<Record<string, string>>): readonly StoredOf<'Pod'>[] {
    return this.#parts.index.podsWith(namespace, labels);
  }

  servicesSelecting(namespace: string, labels: Readonly<Record<string, string>>): readonly StoredOf<'Service'>[] {
    return this.#parts.index.servicesSelecting(namespace, labels);
  }

  // Nothing is awaited between the decision and its being visible: no other write can come in between.
  async write(writes: readonly Write[]): Promise<WriteResult> {
    this.#assertOpen();
    const { index, journal, clock, ids } = this.#parts;
    const revision = this.#revision + 1;
    const decision = decideTransaction((key) => index.get(key.kind, key.namespace, key.name), writes, {
      now: clock.now(),
      revision,
      uid: () => ids.uid(),
    });
    if (!decision.ok) return decision;
    const { changes, resources } = decision;
    if (changes.length === 0) return { ok: true, revision: this.#revision, resources };
    journal.keep(revision, changes);
    this.#revision = revision;
    for (const change of changes) index.apply(change);
    this.#log.append(eventsOf(changes, revision));
    return { ok: true, revision, resources };
  }

  watch(fromRevision: number, signal: AbortSignal): AsyncIterable<WatchEvent> {
    this.#assertOpen();
    return this.#log.watch(fromRevision, signal);
  }

  async lease(name: string, holder: string, durationMs: number): Promise<Lease> {
    this.#assertOpen();
    const now = this.#parts.clock.now();
    const wanted: Lease = { holder, expiresAtMs: now + durationMs };
    const decide = (current: Lease | undefined): Lease =>
      current !== undefined && current.holder !== holder && current.expiresAtMs > now ? current : wanted;
    return this.#parts.journal.keepLease(name, decide) ?? wanted;
  }

  async release(name: string, holder: string): Promise<void> {
    this.#assertOpen();
    this.#parts.journal.keepLease(name, (current) => (current?.holder === holder ? undefined : current));
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#log.close();
    this.#parts.journal.close();
  }

  #assertOpen(): void {
    if (this.#isClosed) throw new StoreUnavailable('the store is closed');
  }
}

function eventsOf(changes: readonly Change[], revision: number): WatchEvent[] {
  return changes.flatMap(({ before, after }, position): WatchEvent[] => {
    const resource = after ?? before;
    if (resource === undefined) return [];
    const type = after === undefined ? 'removed' : before === undefined ? 'added' : 'modified';
    const old = type === 'modified' && before !== undefined ? { before } : {};
    return [{ type, resource, ...old, revision, ...(position < changes.length - 1 ? { more: true } : {}) }];
  });
}
