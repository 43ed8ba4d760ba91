// What a plan is, and what it is made of: plain data, for whoever makes plans, carries them out or prints them.
import type { Manifest } from '../manifests/load.ts';
import type { Problem } from '../manifests/problem.ts';
import type { Desired, InventoryEntry, ResourceKey, Stored } from '../model/resource.ts';
import type { HookEvent } from '../model/sync-order.ts';
import type { IgnoreRule } from '../model/sync-policy.ts';
import type { StoreReader } from '../store/store.ts';
import type { FieldChange } from './diff.ts';
import type { IgnoredField } from './gates/ignore.ts';

/** What a change means for what runs. */
export type Effect = 'none' | 'new' | 'in-place' | 'rolling update' | 'restart' | 'removed';

export type ChangeReason =
  | 'Created'
  | 'Updated'
  | 'Recreated'
  | 'Adopted'
  | 'Deleted'
  | 'Undeleted'
  | 'Unchanged'
  | 'Drifted'
  | 'RolledBack'
  | 'HookStarted'
  | 'HookEnded'
  | 'HookDeleted';

/** One object and what becomes of it. */
export interface PlannedChange {
  readonly key: ResourceKey;
  readonly action: 'create' | 'update' | 'recreate' | 'delete' | 'unchanged';
  readonly effect: Effect;
  /** What differs; values of Secrets are never in it. */
  readonly fields: readonly FieldChange[];
  readonly reason: ChangeReason;
  readonly message: string;
  /** Where it is, or was, written; line 0 when that is not known. */
  readonly file: string;
  readonly line: number;
  /** The object to have; absent for a deletion. */
  readonly next?: Stored | Desired;
  /** The object that is there; absent for a creation. */
  readonly live?: Stored;
  /** Set when it has to wait, and for what. */
  readonly waitsFor?: string;
  /** Fields that are left as they are, although the commit says otherwise. */
  readonly ignored?: readonly IgnoredField[];
  /** Set on the Job of a hook: when it runs. */
  readonly hook?: HookEvent;
  /** Set on a deletion: for how many milliseconds the object can be brought back. */
  readonly keptMs?: number;
}

export interface SyncPlan {
  /** Unchanged ones first, then changes in the order of application, deletions last in reverse order. */
  readonly changes: readonly PlannedChange[];
  /** What starts the hooks of a commit, in their order; absent when it runs none. */
  readonly hooks?: readonly PlannedChange[];
  /** Objects of the inventory that are gone already, or are no longer this application's. */
  readonly forgotten: readonly ResourceKey[];
  /** Objects that should go but stay, and why. */
  readonly kept: readonly { readonly key: ResourceKey; readonly message: string }[];
  /** What forbids the commit, and notes. */
  readonly problems: readonly Problem[];
}

/**
 * Why the plan is made: to admit a commit, to finish writing an admitted one, to put right what changed behind Git's back, or to go
 * back. Only the admission can refuse; the others restore what was admitted before.
 */
export type PlanMode = 'commit' | 'apply' | 'drift' | 'rollback';

export interface PlanInput {
  /** Validated and defaulted. */
  readonly desired: readonly Manifest[];
  /** Jobs of the commit that are hooks: their names are taken, and they are nobody's leftovers. */
  readonly hooks?: readonly Manifest[];
  readonly live: StoreReader;
  readonly inventory: readonly InventoryEntry[];
  readonly application: string;
  readonly mode: PlanMode;
  /** Also take away what was rebuilt from Docker and nobody claimed. Only when everything desired is healthy: then nobody will. */
  readonly withRecovered?: boolean;
  /** Whether what is no longer wanted is deleted; true when absent. */
  readonly prune?: boolean | undefined;
  /** For how long what is deleted can be brought back, where the objects do not say. */
  readonly softDelete?: string | undefined;
  /** The commit that the plan is for, once it is applied. */
  readonly commit?: string | undefined;
  /** Nothing of it will be written: addresses and node ports, which depend on what runs, are left open. */
  readonly isOnPaper?: true;
  /** Fields that something else may own; those of the application in the store when absent. */
  readonly ignore?: readonly IgnoreRule[];
}
