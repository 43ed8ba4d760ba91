// The door of the room: loads sets of files, remembers the last one, and judges what only a whole set shows. Pure apart from its
// memory: the files are read by whoever owns them. Knows no Git and no Docker, and never guesses: what is not certain to mean what
// Kubernetes means is a problem.
import { displayKey, keyOf, keyString } from '../model/resource.ts';
import type { Loader, LoaderOptions, LoadResult, Manifest, ManifestFile, UnreadFile } from './load.ts';
import type { ReadObject } from './object.ts';
import type { Problem } from './problem.ts';
import { fileProblem, MAX_FILE_BYTES, type ReadFile, readFile, tooLargeProblem } from './reading/file.ts';
import { findForeignFolders, isManifestLink, isManifestPath } from './reading/selection.ts';

const idOf = ({ path, blobId }: { path: string; blobId: string }): string => `${blobId} ${path}`;

/** A loader with an empty memory. */
export function createManifestLoader({ root = '' }: LoaderOptions = {}): Loader {
  let known = new Map<string, ReadFile>();
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
    const what =
      files.length === 0 ? 'there are no manifests (files that end in .yaml, .yml or .json)' : 'there are no Kubernetes objects';
    const message = `${what}; an empty set is never applied`;
    problems.push({ severity: 'error', reason: 'Empty', file: '', line: 0, column: 0, field: '', message });
  }
  return { manifests: objects.map(({ manifest }) => manifest), problems: problems.toSorted(byPlace) };
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
    problems.push({ severity: 'error', reason: 'Duplicate', ...namePlace, field: 'metadata.name', message });
  }
  return problems;
}

function byPlace(one: Problem, other: Problem): number {
  if (one.file !== other.file) return one.file < other.file ? -1 : 1;
  return one.line - other.line || one.column - other.column;
}

/** How many files are read at a time. */
export const READS_AT_A_TIME = 32;

/** A file of a commit. */
export interface SnapshotFile {
  readonly path: string;
  readonly blobId: string;
  readonly sizeBytes: number;
  readonly type: 'file' | 'symlink';
  read(): Promise<Uint8Array>;
}

/**
 * Loads the manifests of a commit. Files that were in the last set are not read again, nor files that are too large. A read that
 * fails rejects: it is the source's failure, not the user's mistake, and nothing is remembered.
 */
export async function loadSnapshot(loader: Loader, files: readonly SnapshotFile[]): Promise<LoadResult> {
  const chosen = files.filter(({ path, type }) => (type === 'file' ? loader.isWanted(path) : loader.isWantedLink(path)));
  const result: (ManifestFile | UnreadFile)[] = [];
  const queue = chosen.entries();
  const work = async (): Promise<void> => {
    for (const [index, file] of queue) result[index] = await readFromSource(loader, file);
  };
  await Promise.all(Array.from({ length: READS_AT_A_TIME }, work));
  return loader.load(result);
}

async function readFromSource(loader: Loader, file: SnapshotFile): Promise<ManifestFile | UnreadFile> {
  const { path, blobId, sizeBytes, type } = file;
  if (type === 'symlink') return { path, blobId, refusal: fileProblem(path, 'Unreadable', 'symbolic links are not followed') };
  if (sizeBytes > MAX_FILE_BYTES) return { path, blobId, refusal: tooLargeProblem(path, sizeBytes) };
  if (loader.isKnown(path, blobId)) return { path, blobId };
  return { path, blobId, bytes: await file.read() };
}
