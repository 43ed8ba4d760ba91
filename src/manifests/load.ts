// The door of the room: files in, typed resources or problems out. Pure apart from its cache.
import type { Desired } from '../model/resource.ts';
import type { Problem } from './problem.ts';

/** The bytes of one file. Equal `blobId`, equal bytes. */
export interface ManifestFile {
  readonly path: string;
  readonly blobId: string;
  readonly bytes: Uint8Array;
}

/** A resource and where it was written. */
export interface Manifest {
  readonly resource: Desired;
  readonly file: string;
  /** Line of the document's first key, from 1. */
  readonly line: number;
}

/** All manifests of a commit. Apply nothing when `problems` has an error. */
export interface LoadResult {
  readonly manifests: readonly Manifest[];
  /** Sorted by file, line and column. */
  readonly problems: readonly Problem[];
}
