// What goes into the room and what comes out of it: a commit's files in, typed resources or problems out.
import type { ApplicationSpec, Desired } from '../model/resource.ts';
import type { RevertPolicy, SyncPolicy } from '../model/sync-policy.ts';
import type { RemoteTrees } from './file-tree.ts';
import type { HelmRenderer } from './helm/renderer.ts';
import type { Path } from './place.ts';
import type { Problem } from './problem.ts';
import type { Decrypter, KustomizationBuilder } from './rendering.ts';
import type { SourcePlace } from './source.ts';

/** A file of a commit. Equal `blobId`, equal bytes. */
export interface SnapshotFile {
  /** In the repository, with forward slashes. */
  readonly path: string;
  readonly blobId: string;
  /** Absent where it is not known before the file is read. */
  readonly sizeBytes?: number;
  /** Symbolic links are not followed by whoever lists them: `read` yields the target. What is in a submodule is not there. */
  readonly type: 'file' | 'symlink' | 'submodule';
  read(): Promise<Uint8Array>;
}

/** What is loaded: the files below the root, and a way to the rest of the repository. */
export interface SnapshotFiles {
  readonly files: readonly SnapshotFile[];
  /**
   * The files below any folder at the same commit, '' for all. What is no folder is listed alone: the file itself, or the link, file or
   * submodule that is in the way. Empty when there is nothing.
   */
  readonly filesBelow?: (folder: string, signal: AbortSignal) => Promise<readonly SnapshotFile[]>;
}

/** A resource and where it was written. */
export interface Manifest {
  readonly resource: Desired;
  readonly file: string;
  /** Line of the document's first key, from 1. */
  readonly line: number;
  /** The kustomization that rendered it, as a path in the repository; absent when the file is taken as it is. */
  readonly kustomization?: string;
  /**
   * Where a field is written: in the base, the patch, the generator or the List that it comes from. The first question about a file costs
   * the reading of it. When absent, everything is at `file` and `line`.
   */
  readonly locate?: (path: Path) => SourcePlace;
}

/** All manifests of a commit. Apply nothing when `problems` has an error. */
export interface LoadResult {
  readonly manifests: readonly Manifest[];
  /** Sorted by file, line and column. */
  readonly problems: readonly Problem[];
  /** What the Application of the set asks for: seconds until the commit must be healthy. */
  readonly timeoutSeconds?: number;
  /** Who is to be told what becomes of commits; absent when nobody, or when that cannot be read. */
  readonly notifications?: NonNullable<ApplicationSpec['notifications']>;
  /** How the Application of the set wants to be synced; absent when it says nothing of that, or cannot be read. */
  readonly policy?: SyncPolicy;
}

/** What a load needs to know and to have. */
export interface LoadingOptions {
  readonly roots: readonly string[];
  /**
   * `together`: all that is loaded is one set. `apart`: every kustomization is a set of its own, and the plain files are another, so that
   * overlays of one base can be judged at once.
   */
  readonly sets: 'together' | 'apart';
  /**
   * Nothing is known to be there beside the sets: what only a whole set shows is judged by the load, and what a set misses is missing unless
   * another one has it. Otherwise that is for whoever knows what runs: see `checkSet`.
   */
  readonly areSetsJudged: boolean;
  /** Custom resources and kinds that only a cluster has are left out with a note, not refused. */
  readonly skipUnknownKinds: boolean;
  readonly remoteTrees: RemoteTrees;
  readonly helm: HelmRenderer;
  readonly decrypter: Decrypter;
  readonly buildKustomization: KustomizationBuilder;
  /** Variables of the command line; they win over all others. */
  readonly substitute: Readonly<Record<string, string>>;
  /** The name under which the set is reconciled: an Application in it must have it too. */
  readonly applicationName?: string;
  /**
   * Files with policies that every set has to keep to, from outside the repository: read by each load. Their paths are told as they are.
   * Rejects when they cannot be read: nothing is loaded then.
   */
  readonly policies?: () => Promise<readonly SnapshotFile[]>;
  /** Another application declares the one that the set is, and says how it is synced. */
  readonly isDeclared?: boolean;
  /** Why no revert can be written to the repository as the Application of the set wants it; undefined when it can. */
  readonly revertFault?: (wanted: RevertPolicy) => string | undefined;
  /** The namespace of namespaced objects that name none; those that name another are refused. */
  readonly targetNamespace?: string;
}

/** How a loader works. All of it can be left out. */
export interface LoaderOptions extends Partial<Omit<LoadingOptions, 'roots'>> {
  /** The application's path, or several files and folders: hidden folders above them do not hide them. */
  readonly root?: string | readonly string[];
}

/** Loads commits and remembers what the last one was made of. Results are shared and deeply frozen. */
export interface Loader {
  /**
   * Loads a commit; calls must not overlap. Rejects when the source
   * fails or the signal is aborted, and then remembers what it did before.
   */
  readonly load: (snapshot: SnapshotFiles, signal?: AbortSignal) => Promise<LoadResult>;
  /** Whether a path can be that of a manifest; all others are ignored. */
  isWanted(path: string): boolean;
}
