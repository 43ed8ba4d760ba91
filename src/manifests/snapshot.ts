// The files of a commit → manifests: reads only what the loader does not know.
import { fileProblem, MAX_FILE_BYTES, tooLargeProblem } from './file.ts';
import type { Loader, LoadResult, ManifestFile, UnreadFile } from './load.ts';

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
  const result: (ManifestFile | UnreadFile)[] = new Array<UnreadFile>(chosen.length);
  const queue = chosen.entries();
  const work = async (): Promise<void> => {
    for (const [index, file] of queue) result[index] = await readOne(loader, file);
  };
  await Promise.all(Array.from({ length: READS_AT_A_TIME }, work));
  return loader.load(result);
}

async function readOne(loader: Loader, file: SnapshotFile): Promise<ManifestFile | UnreadFile> {
  const { path, blobId, sizeBytes, type } = file;
  if (type === 'symlink') return { path, blobId, refusal: fileProblem(path, 'Unreadable', 'symbolic links are not followed') };
  if (sizeBytes > MAX_FILE_BYTES) return { path, blobId, refusal: tooLargeProblem(path, sizeBytes) };
  if (loader.isKnown(path, blobId)) return { path, blobId };
  return { path, blobId, bytes: await file.read() };
}
