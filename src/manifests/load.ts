// The door of the room: files in, typed resources or problems out. Pure apart from its cache. Reads no files, knows no Git and no
// Docker, and never guesses: what is not certain to mean what Kubernetes means is a problem.
import { type Desired, displayKey, keyOf, keyString } from '../model/resource.ts';
import { type ReadFile, readFile } from './file.ts';
import type { ReadObject } from './object.ts';
import type { Problem } from './problem.ts';
import type { Reference } from './references.ts';
import { findForeignFolders, isManifestLink, isManifestPath } from './selection.ts';

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

/** A loader with an empty memory. */
export function createManifestLoader({ root = '' }: LoaderOptions = {}): Loader {
  let known = new Map<string, ReadFile>();
  const idOf = (file: { path: string; blobId: string }): string => `${file.blobId} ${file.path}`;
  return {
    isKnown: (path, blobId) => known.has(idOf({ path, blobId })),
    isWanted: (path) => isManifestPath(path, root),
    isWantedLink: (path) => isManifestLink(path, root),
    load: (files) => {
      const wanted = files.filter(({ path, bytes }) => bytes === undefined || isManifestPath(path, root));
      const foreign = findForeignFolders(wanted.map(({ path }) => path));
      const next = new Map<string, ReadFile>();
      const read: ReadFile[] = [];
      for (const file of wanted) {
        if (foreign.folders.some((folder) => file.path.startsWith(folder))) continue;
        const id = idOf(file);
        const result = known.get(id) ?? readOne(file);
        next.set(id, result);
        read.push(result);
      }
      known = next;
      return assemble(read, foreign.problems);
    },
  };
}

function readOne(file: ManifestFile | UnreadFile): ReadFile {
  if (file.bytes !== undefined) return readFile(file.path, file.bytes);
  if (file.refusal !== undefined) return { objects: [], problems: [file.refusal] };
  throw new TypeError(`${file.path} has neither bytes nor a place in the memory of the loader`);
}

function assemble(files: readonly ReadFile[], folderProblems: readonly Problem[]): LoadResult {
  const objects = files.flatMap((file) => file.objects);
  const problems = [...folderProblems, ...files.flatMap((file) => file.problems), ...findDuplicates(objects)];
  if (objects.length === 0 && !problems.some(({ severity }) => severity === 'error')) {
    const message = 'there are no Kubernetes objects; an empty set is never applied';
    problems.push({ severity: 'error', reason: 'Empty', file: '', line: 0, column: 0, field: '', message });
  }
  return { manifests: objects.map(({ manifest }) => manifest), problems: problems.sort(byPlace) };
}

function findDuplicates(objects: readonly ReadObject[]): Problem[] {
  const first = new Map<string, Manifest>();
  const problems: Problem[] = [];
  for (const { manifest, namePlace } of objects) {
    const key = keyOf(manifest.resource);
    const other = first.get(keyString(key));
    if (other === undefined) {
      first.set(keyString(key), manifest);
      continue;
    }
    const message = `${displayKey(key)} is declared twice; first at ${other.file}:${other.line}`;
    problems.push({ severity: 'error', reason: 'Duplicate', file: manifest.file, ...namePlace, field: 'metadata.name', message });
  }
  return problems;
}

function byPlace(one: Problem, other: Problem): number {
  if (one.file !== other.file) return one.file < other.file ? -1 : 1;
  return one.line - other.line || one.column - other.column;
}
