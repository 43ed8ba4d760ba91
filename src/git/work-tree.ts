// The files of a work tree as they are on disk: tracked ones, and untracked ones that no .gitignore leaves out.
import { type Dirent, promises as fs } from 'node:fs';
import { join } from 'node:path';
import * as git from 'isomorphic-git';
import { SourceError } from '../sync/commit-source.ts';
import { pathNotInWorkTree, submodule, tooManyFiles } from './commit-files.ts';
import { codeOf } from './faults.ts';
import { inParallel } from './object-reader.ts';
import { objectId } from './objects.ts';
import type { Repository } from './repository.ts';

const MAX_FILES = 50_000;

/** A file of the work tree, read. */
export interface WorkTreeFile {
  /** In the repository, with forward slashes. */
  readonly path: string;
  readonly type: 'file' | 'symlink';
  readonly blobId: string;
  readonly bytes: Uint8Array;
  readonly modifiedMs: number;
}

interface Walk {
  readonly repository: Repository & { readonly workTree: string };
  readonly tracked: ReadonlySet<string>;
  /** Folders that hold a tracked file at any depth: they are entered even when they are ignored. */
  readonly trackedFolders: ReadonlySet<string>;
  readonly verdicts: IgnoreVerdicts;
  readonly signal: AbortSignal;
  /** Below the path that was asked for, a submodule is a fault; beside it, it is passed over. */
  readonly areSubmodulesRefused: boolean;
}

/** Whether a path is ignored, remembered until a .gitignore changes: each answer costs the reading of several files. */
export class IgnoreVerdicts {
  #known = new Map<string, Promise<boolean>>();
  #rules = '';

  async isIgnored(repository: Repository & { workTree: string }, path: string): Promise<boolean> {
    const asked =
      this.#known.get(path) ??
      git.isIgnored({ fs: { promises: fs }, dir: repository.workTree, gitdir: repository.commonDir, filepath: path });
    this.#known.set(path, asked);
    return await asked;
  }

  /** What is known to be ignored, for a watcher that cannot wait for an answer. */
  async ignored(): Promise<ReadonlySet<string>> {
    const paths = new Set<string>();
    for (const [path, verdict] of this.#known) if (await verdict) paths.add(path);
    return paths;
  }

  /** Forgets everything when the rules differ from those that the answers were given by. True when it did. */
  renew(rules: string): boolean {
    if (rules === this.#rules) return false;
    this.#rules = rules;
    this.#known = new Map();
    return true;
  }
}

/** Reads everything below `path`, in the order of the paths. Throws SourceError PathNotFound and Misconfigured. */
export async function readWorkTree(
  repository: Repository & { readonly workTree: string },
  path: string,
  verdicts: IgnoreVerdicts,
  signal: AbortSignal,
): Promise<WorkTreeFile[]> {
  await assertFolder(repository.workTree, path);
  return await readFolder(repository, path, verdicts, signal, true);
}

/**
 * What is at any path of the work tree: the files below a folder; else the file itself, or the link or file that is in the way there. Empty
 * when there is nothing. Never leaves the work tree.
 */
export async function readBeside(
  repository: Repository & { readonly workTree: string },
  path: string,
  verdicts: IgnoreVerdicts,
  signal: AbortSignal,
): Promise<readonly WorkTreeFile[]> {
  let at = '';
  for (const part of path.split('/').filter((each) => each !== '')) {
    if (part === '..' || part === '.' || part === '.git') return [];
    at = at === '' ? part : `${at}/${part}`;
    const found = await fs.lstat(join(repository.workTree, at)).catch(() => undefined);
    if (found?.isDirectory() === true) continue;
    const type = found?.isSymbolicLink() === true ? 'symlink' : 'file';
    if (found === undefined || (type === 'file' && !found.isFile())) return [];
    const file = await readOne(repository.workTree, at, type);
    return file === undefined ? [] : [file];
  }
  return await readFolder(repository, at, verdicts, signal, false);
}

async function readFolder(
  repository: Repository & { readonly workTree: string },
  path: string,
  verdicts: IgnoreVerdicts,
  signal: AbortSignal,
  areSubmodulesRefused: boolean,
): Promise<WorkTreeFile[]> {
  const tracked = await trackedFiles(repository);
  const walk: Walk = { repository, tracked, trackedFolders: foldersOf(tracked), verdicts, signal, areSubmodulesRefused };
  verdicts.renew(await rulesOf(repository, path, []));
  let entries = await list(walk, path);
  // Only after a walk all rules are known.
  const rules = entries.filter((entry) => entry.path.endsWith('.gitignore')).map((entry) => entry.path);
  if (verdicts.renew(await rulesOf(repository, path, rules))) entries = await list(walk, path);
  const files: WorkTreeFile[] = [];
  await inParallel(entries, signal, async (entry) => {
    const file = await readOne(repository.workTree, entry.path, entry.type);
    if (file !== undefined) files.push(file);
  });
  return files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/** The file on disk; undefined when it has gone since it was listed. */
export async function readOne(workTree: string, path: string, type: 'file' | 'symlink'): Promise<WorkTreeFile | undefined> {
  const place = join(workTree, path);
  try {
    const { mtimeMs } = await fs.lstat(place);
    const bytes = type === 'symlink' ? Buffer.from(await fs.readlink(place)) : await fs.readFile(place);
    return { path, type, bytes, blobId: objectId('blob', bytes), modifiedMs: mtimeMs };
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}

async function assertFolder(workTree: string, path: string): Promise<void> {
  const walked: string[] = [];
  for (const part of path.split('/').filter((each) => each !== '')) {
    const folder = join(workTree, ...walked);
    const entries = await fs.readdir(folder, { withFileTypes: true });
    const entry = entries.find((each) => each.name === part);
    const beside = entries
      .filter((each) => each.name !== '.git')
      .map((each) => ({ name: each.name, type: each.isDirectory() ? 'folder' : 'file' }));
    if (entry === undefined) throw pathNotInWorkTree(path, 'the work tree', walked, part, beside);
    walked.push(part);
    if (!entry.isDirectory()) {
      throw new SourceError('PathNotFound', `the path ${walked.join('/')} is not a folder in the work tree ${workTree}`);
    }
  }
}

async function trackedFiles(repository: Repository & { workTree: string }): Promise<ReadonlySet<string>> {
  try {
    return new Set(await git.listFiles({ fs: { promises: fs }, dir: repository.workTree, gitdir: repository.gitdir, cache: {} }));
  } catch {
    // An index in a format that the library does not read: only files that are both tracked and ignored are then left out.
    return new Set();
  }
}

function foldersOf(files: ReadonlySet<string>): ReadonlySet<string> {
  const folders = new Set<string>();
  for (const file of files) {
    for (let end = file.lastIndexOf('/'); end > 0; end = file.lastIndexOf('/', end - 1)) folders.add(file.slice(0, end));
  }
  return folders;
}

interface Entry {
  readonly path: string;
  readonly type: 'file' | 'symlink';
}

async function list(walk: Walk, root: string): Promise<Entry[]> {
  const found: Entry[] = [];
  let folders = [root];
  while (folders.length > 0) {
    const below: string[] = [];
    await inParallel(folders, walk.signal, async (folder) => {
      for (const entry of await entriesOf(join(walk.repository.workTree, folder))) {
        const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
        if (entry.isDirectory()) {
          if (await isEntered(walk, path)) below.push(path);
        } else if (entry.isFile() || entry.isSymbolicLink()) {
          if (await isWanted(walk, path)) found.push({ path, type: entry.isSymbolicLink() ? 'symlink' : 'file' });
        }
      }
      if (found.length > MAX_FILES) throw tooManyFiles(root);
    });
    folders = below;
  }
  return found;
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    return await fs.readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return [];
    throw error;
  }
}

async function isEntered(walk: Walk, path: string): Promise<boolean> {
  if (path === '.git' || path.endsWith('/.git')) return false;
  if (walk.tracked.has(path)) {
    if (walk.areSubmodulesRefused) throw submodule(path);
    return false;
  }
  if (walk.trackedFolders.has(path)) return true;
  if (await walk.verdicts.isIgnored(walk.repository, path)) return false;
  // Another repository inside this one: Git does not look into it either.
  return !(await entriesOf(join(walk.repository.workTree, path))).some((entry) => entry.name === '.git');
}

async function isWanted(walk: Walk, path: string): Promise<boolean> {
  if (path === '.git' || path.endsWith('/.git')) return false;
  return walk.tracked.has(path) || !(await walk.verdicts.isIgnored(walk.repository, path));
}

/** The contents of all files that say what is ignored. */
async function rulesOf(repository: Repository & { workTree: string }, path: string, below: readonly string[]): Promise<string> {
  const parts = path.split('/').filter((part) => part !== '');
  const above = parts.map((_, index) => [...parts.slice(0, index), '.gitignore'].join('/'));
  const places = [...above, ...below.toSorted()].map((file) => join(repository.workTree, file));
  const texts = await Promise.all(
    [join(repository.commonDir, 'info', 'exclude'), ...places].map(
      async (place) => `${place}\n${await fs.readFile(place, 'utf8').catch(() => '')}`,
    ),
  );
  return texts.join('\n');
}
