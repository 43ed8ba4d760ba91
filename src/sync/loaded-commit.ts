// A commit, as the steps of a sync pass it on.
import type { Manifest } from '../manifests/load.ts';
import type { Problem } from '../manifests/problem.ts';
import type { ApplicationSpec } from '../model/resource.ts';
import type { SyncPolicy } from '../model/sync-policy.ts';
import type { Commit } from './commit-source.ts';

/** A commit, fetched, rendered and validated. */
export interface LoadedCommit {
  readonly commit: Commit;
  readonly manifests: readonly Manifest[];
  readonly problems: readonly Problem[];
  /** When this controller had it, in epoch milliseconds. */
  readonly loadedAtMs: number;
  /** What the commit itself says of the time until it must be healthy; it wins over the application's. */
  readonly timeoutSeconds?: number;
  /** Who it wants to be told what becomes of commits; absent when nobody, or when that cannot be read. */
  readonly notifications?: NonNullable<ApplicationSpec['notifications']>;
  /** How it wants to be synced; absent when it says nothing of that. */
  readonly policy?: SyncPolicy;
}
