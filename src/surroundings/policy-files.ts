// Policies from outside the repository: read again for each commit, so that what was changed counts for the next one.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { UsageFault } from '../cli/usage-fault.ts';
import type { LoadingOptions, SnapshotFile } from '../manifests/load.ts';

/** What is looked at in a folder, and in those below it. */
const manifestName = /\.(?:ya?ml|json)$/;
/** More is no folder of policies. */
const MAX_FILES = 1_000;

/**
 * Reads the files of these paths whenever it is asked; undefined when there are no paths. Throws UsageFault, at once and later, when one of
 * them cannot be read or holds no files: no rules must never mean that everything is allowed.
 */
export function policyFiles(paths: readonly string[]): LoadingOptions['policies'] {
  if (paths.length === 0) return undefined;
  // A controller may be elsewhere when it reads them again.
  const places = paths.map((path) => resolve(path));
  const read = (): SnapshotFile[] => places.flatMap(filesAt);
  read();
  return () => Promise.resolve().then(read);
}

function filesAt(path: string): SnapshotFile[] {
  try {
    const found = statSync(path).isDirectory() ? namesBelow(path) : [path];
    if (found.length === 0) throw new UsageFault(`there are no policies in ${path}: files end in .yaml, .yml or .json`);
    if (found.length > MAX_FILES)
      throw new UsageFault(`${path} has ${found.length} files; at most ${MAX_FILES} are read as policies`);
    return found.map(fileAt);
  } catch (error) {
    if (error instanceof UsageFault) throw error;
    throw new UsageFault(`policies cannot be read: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

/** Hidden folders hold what tools keep there; a mounted ConfigMap has its files in one, and links to them. */
function namesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => !name.startsWith('.'))
    .toSorted((one, other) => (one.name < other.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      const isFolder = entry.isDirectory() || (entry.isSymbolicLink() && statSync(path).isDirectory());
      return isFolder ? namesBelow(path) : manifestName.test(entry.name) ? [path] : [];
    });
}

function fileAt(path: string): SnapshotFile {
  const bytes = readFileSync(path);
  const blobId = createHash('sha256').update(bytes).digest('hex');
  return { path, blobId, sizeBytes: bytes.byteLength, type: 'file', read: () => Promise.resolve(bytes) };
}
