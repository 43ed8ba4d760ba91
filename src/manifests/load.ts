// What goes into the room and what comes out of it: files in, typed resources or problems out.
import type { Desired } from '../model/resource.ts';
import type { Reference } from './checks/references.ts';
import type { Problem } from './problem.ts';

/** The bytes of one file. Equal `blobId`, equal bytes. */
export interface ManifestFile {
  readonly path: string;
  readonly blobId: string;
  readonly bytes: Uint8Array;
}

/** A file whose bytes are not needed: the loader knows it, or it is refused unread. */
export interface UnreadFile {
  readonly path: string;
  readonly blobId: string;
  readonly bytes?: never;
  /** Why it is refused unread. */
  readonly refusal?: Problem;
}

/** A resource and where it was written. */
export interface Manifest {
  readonly resource: Desired;
  readonly file: string;
  /** Line of the document's first key, from 1. */
  readonly line: number;
  /** The kustomization that rendered it, as a path in the repository; absent when the file is taken as it is. */
  readonly kustomization?: string;
  /** What the resource refers to, with places. Taken from the resource when absent. */
  readonly references?: readonly Reference[];
}

/** All manifests of a commit. Apply nothing when `problems` has an error. */
export interface LoadResult {
  readonly manifests: readonly Manifest[];
  /** Sorted by file, line and column. */
  readonly problems: readonly Problem[];
}

/** Loads sets of files and remembers the files of the last set. Results are shared and deeply frozen. */
export interface Loader {
  /** Loads a set. What it refers to outside is not judged here: see `checkReferences`. */
  load(files: readonly (ManifestFile | UnreadFile)[]): LoadResult;
  /** Whether a file was in the last set, so that its bytes need not be read. */
  isKnown(path: string, blobId: string): boolean;
  /** Whether a path can be that of a manifest; all others are ignored. */
  isWanted(path: string): boolean;
  /** Whether a symbolic link of this name could lead to manifests. */
  isWantedLink(path: string): boolean;
}

/** How a loader looks at paths. */
export interface LoaderOptions {
  /** The application's path: hidden folders above it do not hide it. */
  readonly root?: string;
}
