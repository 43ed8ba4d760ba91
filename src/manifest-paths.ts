// Reads manifests from files and folders that are no repository, for `holdfast validate`.
import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { UsageFault, type ValidatedPaths } from './cli/parts.ts';
import { createManifestLoader, loadSnapshot, type SnapshotFile } from './manifests/loader.ts';

/** The name under which standard input appears in problems; its ending makes it a manifest. */
const STDIN_NAME = 'stdin.yaml';

/** Reads and validates. Throws UsageFault for a path that is not there or cannot be read. */
export async function loadPaths(paths: readonly string[], readStdin: () => Promise<Uint8Array>): Promise<ValidatedPaths> {
  const files: SnapshotFile[] = [];
  for (const path of paths) {
    if (path === '-') files.push(inMemory(STDIN_NAME, await readStdin()));
    else files.push(...filesBelow(path));
  }
  const loader = createManifestLoader({ root: commonRoot(paths) });
  const result = await loadSnapshot(loader, files);
  return { ...result, fileCount: files.filter(({ path, type }) => type === 'file' && loader.isWanted(path)).length };
}

/** A hidden folder that was named on purpose hides nothing. */
function commonRoot(paths: readonly string[]): string {
  const [only, ...others] = paths;
  return only === undefined || others.length > 0 || only === '-' ? '' : only.replace(/\/+$/, '');
}

function filesBelow(path: string): SnapshotFile[] {
  try {
    const found = statSync(path);
    if (!found.isDirectory()) return [onDisk(path)];
    return readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.name !== '.git')
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .flatMap((entry) => {
        const child = join(path, entry.name);
        if (entry.isSymbolicLink())
          return [{ path: child, blobId: child, sizeBytes: 0, type: 'symlink' as const, read: () => readFileAsync(child) }];
        return entry.isDirectory() ? filesBelow(child) : entry.isFile() ? [onDisk(child)] : [];
      });
  } catch (error) {
    if (error instanceof UsageFault) throw error;
    throw unreadable(path, error);
  }
}

function onDisk(path: string): SnapshotFile {
  return { path, blobId: path, sizeBytes: lstatSync(path).size, type: 'file', read: () => readFileAsync(path) };
}

function inMemory(path: string, bytes: Uint8Array): SnapshotFile {
  const blobId = createHash('sha256').update(bytes).digest('hex');
  return { path, blobId, sizeBytes: bytes.length, type: 'file', read: () => Promise.resolve(bytes) };
}

async function readFileAsync(path: string): Promise<Uint8Array> {
  try {
    return await Promise.resolve(readFileSync(path));
  } catch (error) {
    throw unreadable(path, error);
  }
}

function unreadable(path: string, error: unknown): UsageFault {
  const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
  return new UsageFault(
    isMissing
      ? `there is no file or folder ${path}`
      : `${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    { cause: error },
  );
}
