// The store's port: versioned resources with compare-and-swap, watches and leases. Every other room meets its neighbours here.
// Reads come from an in-memory index and are synchronous; what they return is frozen and shared, so copy before changing it.
import type { Kind, Resource, ResourceKey, Stored, StoredOf } from '../model/resource.ts';

/** One write. Expected revisions make a stale planner's write fail instead of overwriting what it has not seen. */
export type Write =
  /** Fails with `exists` when the key is taken. `uid` only to bring back an object that had one before (recovery). */
  | { readonly op: 'create'; readonly resource: Resource; readonly uid?: string }
  /**
   * Replaces all but status, uid, creationTimestamp. Needs metadata.resourceVersion. Bumps the generation when something outside metadata
   * changed. Removes the object when it takes the last finalizer off one that is asked to go.
   */
  | { readonly op: 'update'; readonly resource: Stored }
  /** Replaces the status only. With `resourceVersion` it fails when the object has moved on; with `uid` when it is another one. */
  | {
      readonly op: 'updateStatus';
      readonly key: ResourceKey;
      readonly uid: string;
      readonly resourceVersion?: string;
      readonly status: unknown;
    }
  /** Removes the object now. Fails with `not-found` or `conflict` (other uid, other revision). */
  | { readonly op: 'remove'; readonly key: ResourceKey; readonly uid?: string; readonly resourceVersion?: string };

/** Why a transaction was refused. Nothing of it has happened. */
export interface WriteRefusal {
  readonly ok: false;
  readonly why: 'exists' | 'not-found' | 'conflict';
  readonly key: ResourceKey;
  readonly message: string;
}

/** What a transaction did: one entry per write, in order; `undefined` for a removal. A write that changed nothing keeps its revision. */
export interface WriteDone {
  readonly ok: true;
  readonly revision: number;
  readonly resources: readonly (Stored | undefined)[];
}

export type WriteResult = WriteDone | WriteRefusal;

/** One change, as watchers see it. */
export interface WatchEvent {
  readonly type: 'added' | 'modified' | 'removed';
  /** The new state; for `removed` the last one. */
  readonly resource: Stored;
  /** For `modified`: the state before. */
  readonly before?: Stored;
  readonly revision: number;
  /** Set when more events of the same revision follow: who has seen the one without it has seen the revision. */
  readonly more?: true;
}

/** Reads of the store. */
export interface StoreReader {
  /** The revision of the last write. Never goes backwards, not even over a restart. */
  revision(): number;
  get<K extends Kind>(kind: K, namespace: string, name: string): StoredOf<K> | undefined;
  /** All objects of a kind, ordered by namespace and name; optionally of one namespace only. */
  list<K extends Kind>(kind: K, namespace?: string): readonly StoredOf<K>[];
  /** All objects of a kind whose managing controller has this uid. */
  listOwned<K extends Kind>(kind: K, ownerUid: string): readonly StoredOf<K>[];
  /** All objects of any kind that name this uid among their owners, managing or not, ordered by kind, namespace and name. */
  listDependents(ownerUid: string): readonly Stored[];
  /**
   * All objects of any kind that say that they came from this application, with what is kept of its commits (ApplicationRevision) and of what they
   * removed (DeletedObject), ordered by kind, namespace and name. Does not cost more for the objects of others.
   */
  listApplied(application: string): readonly Stored[];
  /**
   * The pods of a namespace that have all of these labels, ordered by name; none for no labels. Costs what the rarest of the labels has, not what
   * the namespace has.
   */
  podsWith(namespace: string, labels: Readonly<Record<string, string>>): readonly StoredOf<'Pod'>[];
  /** The Services of a namespace whose selector these labels match, ordered by name. Does not cost more for the others. */
  servicesSelecting(namespace: string, labels: Readonly<Record<string, string>>): readonly StoredOf<'Service'>[];
}

/** The watch asked for a revision that is no longer kept; list anew and watch from there. */
export class RevisionCompacted extends Error {
  readonly code = 'REVISION_COMPACTED';
  constructor(asked: number, oldest: number) {
    super(`revision ${asked} is no longer kept; the oldest is ${oldest}`);
    this.name = 'RevisionCompacted';
  }
}

/** A lease: who may act, until when. */
export interface Lease {
  readonly holder: string;
  readonly expiresAtMs: number;
}

/** The store. */
export interface Store extends StoreReader {
  /** All writes or none. A transaction in which nothing changes writes nothing and keeps the revision. */
  write(writes: readonly Write[]): Promise<WriteResult>;
  /**
   * Every change after `fromRevision`, in order, from then on. Throws RevisionCompacted when those are no longer kept (at call or,
   * for a watcher that falls too far behind, later). Ends when the signal is aborted.
   */
  watch(fromRevision: number, signal: AbortSignal): AsyncIterable<WatchEvent>;
  /** Takes or renews a lease; returns the lease in force, which is another holder's when it was refused. */
  lease(name: string, holder: string, durationMs: number): Promise<Lease>;
  /** Gives a lease back, if this holder has it. */
  release(name: string, holder: string): Promise<void>;
  /** Releases files and handles. Writes that were acknowledged are durable before and after. */
  close(): Promise<void>;
}
