// What sync needs from the rest, beside the store and the commits. Implemented where main.ts says.

import type { Manifest } from '../manifests/load.ts';
import type { Problem } from '../manifests/problem.ts';
import type { RegistryCredentials } from '../model/registry.ts';
import type { ApplicationSpec, ApplicationStatus, Desired } from '../model/resource.ts';
import type { SyncPolicy } from '../model/sync-policy.ts';
import type { Snapshot } from './commit-source.ts';
import type { LoadedCommit } from './loaded-commit.ts';
import type { SyncPlan } from './planned.ts';
import type { Notary } from './receipts/receipt.ts';

/** A plan as it was found. */
export interface FoundPlan {
  readonly plan: SyncPlan;
  readonly status: ApplicationStatus;
  readonly loaded: Pick<LoadedCommit, 'commit' | 'manifests'>;
}

/** How far an image is. Asking starts what is needed and never waits. */
export type ImageState =
  | { readonly state: 'present' }
  | { readonly state: 'pulling'; readonly progress?: { readonly completedBytes: number; readonly totalBytes: number } }
  /** `isFinal`: another try cannot help (no such image) unless something changes. */
  | { readonly state: 'failed'; readonly message: string; readonly isFinal: boolean; readonly retryAtMs: number };

/** An image that a commit needs. */
export interface WantedImage {
  readonly image: string;
  readonly policy: 'Always' | 'IfNotPresent' | 'Never';
  /** Names the wish: for policy Always, one pull per wish and image. */
  readonly wish: string;
  /** Of the pods' pull secrets, as the commit has them. */
  readonly credentials: readonly RegistryCredentials[];
}

/** Brings images to the nodes before anything that runs is touched. */
export interface ImagePreparer {
  /**
   * What has failed is tried again by asking at `retryAtMs` or later, also when the failure was final: somebody may have pushed the
   * image meanwhile.
   */
  prepare(wanted: WantedImage): ImageState;
  /** A person wants what has failed tried again now: nothing waits for its `retryAtMs`. */
  forgetFailures(): void;
  /** Calls back whenever an image's state has changed. */
  onChange(callback: () => void): () => void;
}

/** What keeps a commit from being applied as it is planned now: what has moved since somebody agreed to a plan. Empty when nothing has. */
export type PlanAgreement = (found: FoundPlan) => readonly string[];

/** Who holds a sync to what was agreed, and who writes down what came of it. */
export interface Witnesses {
  /** What a commit must be planned as; any plan will do when absent. */
  readonly agreed?: PlanAgreement;
  /** Who signs receipts; there are none when absent. */
  readonly notary?: Notary;
}

/** What is known of an image without pulling it. */
export interface ImageKnown {
  readonly image: string;
  /** Whether the engine has it; undefined when no engine was asked. */
  readonly isPresent?: boolean;
  /** What a pull would bring over the wire at most, compressed; absent when nobody tells. */
  readonly pullBytes?: number;
}

/** Looks at images, and pulls none. Answers for each that was asked about, in that order; never rejects for want of knowledge. */
export type ImageLookup = (wanted: readonly WantedImage[], signal: AbortSignal) => Promise<readonly ImageKnown[]>;

/**
 * A dry run of the scheduler over the pods that a commit wants. One reason per pod that has no place; empty when all have. `isLasting`: nothing that
 * leaves the nodes by itself changes that.
 */
export type PlacementCheck = (
  wanted: readonly Desired[],
  now: number,
) => readonly { readonly key: string; readonly message: string; readonly isLasting?: boolean }[];

/**
 * The manifests of a snapshot, rendered, validated and defaulted. Calls must not overlap: what did not change is taken from the last one.
 * Rejects when the source fails, or something outside that the snapshot refers to does not answer.
 */
export type ManifestLoader = (
  snapshot: Pick<Snapshot, 'files' | 'filesBelow' | 'refusal'>,
  signal: AbortSignal,
) => Promise<{
  manifests: readonly Manifest[];
  problems: readonly Problem[];
  timeoutSeconds?: number;
  notifications?: NonNullable<ApplicationSpec['notifications']>;
  policy?: SyncPolicy;
}>;
