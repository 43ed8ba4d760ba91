// A commit as rendering sees it: paths, with symbolic links followed as long as they stay inside the repository.
import type { FileTree, TreeEntry } from './file-tree.ts';
import type { SnapshotFile, SnapshotFiles } from './load.ts';

/** How many links may lead to one another. */
const MAX_HOPS = 20;
/** Longer than any path that a file system takes. */
const MAX_TARGET_BYTES = 4096;

/** `deploy/base` and `../web` → `deploy/web`; undefined when it leaves the repository. Absolute paths leave it. */
export function joinInside(folder: string, path: string): string | undefined {
  if (path.startsWith('/')) return undefined;
  const parts = folder === '' ? [] : folder.split('/');
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts.join('/');
}

/** The folder of a path, '' for the root. */
export const folderOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));

/** A tree over a commit whose `files` are all that is below `roots`. What is beside them is asked of the source when it is needed, once. */
export function createSnapshotTree(snapshot: SnapshotFiles, roots: readonly string[], signal: AbortSignal): FileTree {
  return new SnapshotTree(snapshot, roots, signal);
}

class SnapshotTree implements FileTree {
  readonly #snapshot: SnapshotFiles;
  readonly #roots: readonly string[];
  readonly #signal: AbortSignal;
  readonly #files = new Map<string, SnapshotFile>();
  readonly #folders = new Set<string>(['']);
  /** Folders of which everything below is known. */
  readonly #covered = new Set<string>();
  readonly #asked = new Map<string, Promise<void>>();

  constructor(snapshot: SnapshotFiles, roots: readonly string[], signal: AbortSignal) {
    this.#snapshot = snapshot;
    this.#roots = roots;
    this.#signal = signal;
  }

  async entry(path: string): Promise<TreeEntry | undefined> {
    return await this.#resolve(path, 0);
  }

  async filesBelow(folder: string): Promise<readonly string[]> {
    const entry = await this.#resolve(folder, 0);
    if (entry?.type !== 'folder') return [];
    const real = entry.path ?? folder;
    await this.#cover(real);
    const prefix = real === '' ? '' : `${real}/`;
    const shown = folder === '' ? '' : `${folder}/`;
    const found: string[] = [];
    for (const [path, file] of this.#files) {
      if (!path.startsWith(prefix)) continue;
      const isFile = file.type === 'file' || (file.type === 'symlink' && (await this.#resolve(path, 0))?.type === 'file');
      if (isFile) found.push(shown + path.slice(prefix.length));
    }
    return found.toSorted();
  }

  async #resolve(path: string, hops: number): Promise<TreeEntry | undefined> {
    const found = await this.#lookUp(path);
    if (found === undefined || found === 'folder') return found && { type: 'folder', path };
    const rest = path.slice(found.path.length);
    if (found.type === 'file') return rest === '' ? { type: 'file', file: found } : undefined;
    if (found.type === 'submodule')
      return { type: 'refused', message: `${found.path} is a Git submodule, which is not supported yet; commit its files` };
    const link = `the symbolic link ${found.path}`;
    if (hops >= MAX_HOPS) return { type: 'refused', message: `${link} leads round in a circle` };
    const bytes = await found.read();
    const target = new TextDecoder().decode(bytes.subarray(0, MAX_TARGET_BYTES));
    const next = bytes.byteLength > MAX_TARGET_BYTES ? undefined : joinInside(folderOf(found.path), target + rest);
    if (next === undefined)
      return { type: 'refused', message: `${link} leads out of the repository, to ${target.slice(0, 200)}` };
    return await this.#resolve(next, hops + 1);
  }

  /** What is at a path, or what is in the way there: a link, a submodule or a file. */
  async #lookUp(path: string): Promise<SnapshotFile | 'folder' | undefined> {
    if (this.#covered.size === 0) for (const root of this.#roots) this.#learn(this.#snapshot.files, root);
    const known = this.#known(path);
    if (known !== undefined || this.#isCovered(path)) return known;
    await this.#cover(path);
    return this.#known(path);
  }

  #known(path: string): SnapshotFile | 'folder' | undefined {
    const file = this.#files.get(path);
    if (file !== undefined) return file;
    if (this.#folders.has(path)) return 'folder';
    for (let above = folderOf(path); above !== ''; above = folderOf(above)) {
      const blocking = this.#files.get(above);
      if (blocking !== undefined) return blocking;
      if (this.#folders.has(above)) return undefined;
    }
    return undefined;
  }

  #isCovered(path: string): boolean {
    for (let at = path; ; at = folderOf(at)) {
      if (this.#covered.has(at)) return true;
      if (at === '') return false;
    }
  }

  async #cover(path: string): Promise<void> {
    const { filesBelow } = this.#snapshot;
    if (filesBelow === undefined || this.#isCovered(path)) return;
    const asked = this.#asked.get(path) ?? filesBelow(path, this.#signal).then((files) => this.#learn(files, path));
    this.#asked.set(path, asked);
    await asked;
  }

  #learn(files: readonly SnapshotFile[], covered: string): void {
    for (const file of files) {
      this.#files.set(file.path, file);
      for (let above = folderOf(file.path); !this.#folders.has(above); above = folderOf(above)) this.#folders.add(above);
    }
    this.#covered.add(covered);
  }
}

/** What was asked of a tree, and what the answers were: as long as they stay the same, so does whatever was made of them. */
export interface Reads {
  readonly entries: ReadonlyMap<string, string>;
  readonly listings: ReadonlyMap<string, string>;
}

/** A tree that notes what it is asked. */
export function recordReads(tree: FileTree): { readonly tree: FileTree; readonly reads: Reads } {
  const entries = new Map<string, string>();
  const listings = new Map<string, string>();
  const recording: FileTree = {
    entry: async (path) => {
      const entry = await tree.entry(path);
      entries.set(path, fingerprint(entry));
      return entry;
    },
    filesBelow: async (folder) => {
      const paths = await tree.filesBelow(folder);
      listings.set(folder, paths.join('\n'));
      return paths;
    },
  };
  return { tree: recording, reads: { entries, listings } };
}

/** Whether a tree would answer as it did. */
export async function areUnchanged({ entries, listings }: Reads, tree: FileTree): Promise<boolean> {
  for (const [path, before] of entries) if (fingerprint(await tree.entry(path)) !== before) return false;
  for (const [folder, before] of listings) if ((await tree.filesBelow(folder)).join('\n') !== before) return false;
  return true;
}

function fingerprint(entry: TreeEntry | undefined): string {
  if (entry === undefined) return 'nothing';
  if (entry.type === 'file') return fileId(entry.file);
  return entry.type === 'folder' ? `folder ${entry.path ?? ''}` : `refused ${entry.message}`;
}

/** One id for the bytes of a file and its place: what was read from it holds as long as this does. */
export const fileId = ({ path, blobId }: { readonly path: string; readonly blobId: string }): string => `${blobId} ${path}`;
