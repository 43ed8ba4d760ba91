// The files of a commit below one path. What was read for an earlier commit is not read again: trees and blobs are known by
// their ids, so the work grows with the change and not with the repository.
import { type RepositoryFile, type Snapshot, SourceError, type SourceFile } from '../sync/commit-source.ts';
import { FileBytes } from './file-bytes.ts';
import type { GitBinary } from './git-binary.ts';
import { inParallel, type ObjectReader, readMany } from './object-reader.ts';
import { damaged, type GitObject, type ParsedCommit, parseCommit, parseParents, parseTag, type TreeEntry } from './objects.ts';
import { didYouMean, shortId, someOf } from './revision.ts';
import { SharedObjects } from './shared-objects.ts';

/** More new blobs than this are read through the git program, when there is one. */
const MANY_BLOBS = 500;
/** Files of one application. */
const MAX_FILES = 50_000;
const MAX_FOLDER_DEPTH = 100;
/** A tag may point at a tag. */
const MAX_TAG_DEPTH = 10;

/** Where to read from. */
export interface CommitFilesOptions {
  readonly reader: ObjectReader;
  readonly gitdir: string;
  /** Absent: everything is read by the library. */
  readonly binary: GitBinary | undefined;
  /** Below this path, '' for the whole repository. */
  readonly path: string;
  /** What other sources read too; nobody's when absent. */
  readonly shared?: SharedObjects | undefined;
}

interface Listed {
  readonly path: string;
  readonly id: string;
  readonly type: 'file' | 'symlink';
}

interface Folder {
  readonly id: string;
  readonly path: string;
}

/** `./deploy//prod/` → `deploy/prod`; the root is ''. Throws SourceError Misconfigured for a path that leaves the repository. */
export function parsePath(path: string): string {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..'))
    throw new SourceError('Misconfigured', `the path ${JSON.stringify(path)} must stay inside the repository`);
  return parts.join('/');
}

/** Reads the commits of one repository on disk. */
export class CommitFiles {
  readonly #options: CommitFilesOptions;
  readonly #shared: SharedObjects;
  readonly #bytes = new FileBytes();
  #trees = new Map<string, readonly TreeEntry[]>();
  /** Trees beside the path: of this snapshot, and of the one before, since they seldom change. */
  #beside = new Map<string, readonly TreeEntry[]>();
  #besideBefore: ReadonlyMap<string, readonly TreeEntry[]> = new Map();
  #sizes = new Map<string, number>();

  constructor(options: CommitFilesOptions) {
    this.#options = options;
    this.#shared = options.shared ?? new SharedObjects();
  }

  /** The commit of this name, through tags; undefined when the repository does not have it. Throws SourceError Corrupt. */
  async commit(id: string): Promise<ParsedCommit | undefined> {
    let at = id;
    for (let depth = 0; depth < MAX_TAG_DEPTH; depth += 1) {
      const found = await this.#options.reader.find(at);
      if (found === undefined) return undefined;
      if (found.type === 'commit') return parseCommit(at, found.bytes);
      if (found.type !== 'tag') {
        throw new SourceError('RevisionNotFound', `${shortId(id)} names a ${found.type}, not a commit`);
      }
      at = parseTag(at, found.bytes);
    }
    throw damaged('tag', id);
  }

  /** The commits that a commit was made on; undefined when the repository does not have it. */
  async parents(id: string): Promise<readonly string[] | undefined> {
    const found = await this.#options.reader.find(id);
    return found?.type === 'commit' ? parseParents(found.bytes) : undefined;
  }

  /** An object, as it is stored; undefined when the repository does not have it. */
  async object(id: string): Promise<GitObject | undefined> {
    return await this.#options.reader.find(id);
  }

  /** The commit with its files, every one of which was seen to be readable. Throws SourceError. */
  async snapshot(parsed: ParsedCommit, signal: AbortSignal): Promise<Snapshot> {
    await this.#options.reader.trim();
    const used = new Map<string, readonly TreeEntry[]>();
    const root = await this.#rootFolder(parsed, used);
    const listed: Listed[] = [];
    await this.#walk({ id: root, path: this.#options.path }, used, signal, (path, entry) => {
      if (entry.type === 'submodule') throw submodule(path);
      if (listed.push({ path, id: entry.id, type: entry.type }) > MAX_FILES) throw tooManyFiles(this.#options.path);
    });
    listed.sort(byPath);
    await this.#learnSizes(listed, signal);
    this.#trees = used;
    this.#besideBefore = this.#beside;
    this.#beside = new Map();
    const files = listed.map((each) => this.#file(each));
    return { commit: parsed.commit, files };
  }

  /** The files below any folder of a commit, or what is in the way there: see `Snapshot`. No content is read. Throws SourceError. */
  async filesBelow(parsed: ParsedCommit, folder: string, signal: AbortSignal): Promise<readonly RepositoryFile[]> {
    const found = await this.#descend(parsed.treeId, folder);
    if (found === undefined) return [];
    if (found.type !== 'folder') return [this.#unreadFile(found.path, { id: found.id, type: found.type })];
    const files: RepositoryFile[] = [];
    await this.#walk(found, this.#beside, signal, (path, entry) => {
      if (files.push(this.#unreadFile(path, entry)) > MAX_FILES) throw tooManyFiles(folder);
    });
    return files.sort(byPath);
  }

  /** What is at a path, or the first thing on the way there that is no folder. */
  async #descend(treeId: string, path: string): Promise<(Folder & { type: TreeEntry['type'] }) | undefined> {
    let at: Folder & { type: TreeEntry['type'] } = { id: treeId, path: '', type: 'folder' };
    for (const part of path.split('/').filter((each) => each !== '')) {
      if (at.type !== 'folder') return at;
      const entry = (await this.#tree(at.id, this.#beside)).find((each) => each.name === part);
      if (entry === undefined) return undefined;
      at = { id: entry.id, path: at.path === '' ? part : `${at.path}/${part}`, type: entry.type };
    }
    return at;
  }

  /** Lets go of all that is kept. */
  forget(): void {
    this.#trees.clear();
    this.#beside.clear();
    this.#besideBefore = new Map();
    this.#sizes.clear();
    this.#bytes.clear();
  }

  #file({ path, id, type }: Listed): SourceFile {
    const { reader } = this.#options;
    const bytes = this.#bytes;
    return {
      path,
      blobId: id,
      type,
      sizeBytes: this.#sizes.get(id) ?? 0,
      read: async () => bytes.take(id) ?? (await reader.read('blob', id)),
    };
  }

  #unreadFile(path: string, { id, type }: Pick<TreeEntry, 'id'> & { readonly type: RepositoryFile['type'] }): RepositoryFile {
    const { reader } = this.#options;
    const sizeBytes = this.#sizes.get(id);
    return { path, blobId: id, type, ...(sizeBytes === undefined ? {} : { sizeBytes }), read: () => reader.read('blob', id) };
  }

  async #tree(id: string, used: Map<string, readonly TreeEntry[]>): Promise<readonly TreeEntry[]> {
    const known = used.get(id) ?? this.#trees.get(id) ?? this.#beside.get(id) ?? this.#besideBefore.get(id);
    const { reader, gitdir } = this.#options;
    const entries = known ?? (await this.#shared.tree(gitdir, id, () => reader.read('tree', id)));
    used.set(id, entries);
    return entries;
  }

  async #rootFolder(parsed: ParsedCommit, used: Map<string, readonly TreeEntry[]>): Promise<string> {
    let at = parsed.treeId;
    const walked: string[] = [];
    for (const part of this.#options.path.split('/').filter((each) => each !== '')) {
      const entries = await this.#tree(at, used);
      const entry = entries.find((each) => each.name === part);
      const where = `commit ${shortId(parsed.commit.id)}`;
      if (entry === undefined) throw pathNotFound(this.#options.path, where, walked, part, entries);
      walked.push(part);
      if (entry.type === 'submodule') throw submodule(walked.join('/'));
      if (entry.type !== 'folder') throw notAFolder(walked.join('/'), where, entry.type);
      at = entry.id;
    }
    return at;
  }

  /** Hands out everything below a folder that is no folder, in no order. */
  async #walk(
    root: Folder,
    used: Map<string, readonly TreeEntry[]>,
    signal: AbortSignal,
    onEntry: (path: string, entry: TreeEntry & { readonly type: RepositoryFile['type'] }) => void,
  ): Promise<void> {
    let folders: Folder[] = [{ id: root.id, path: root.path }];
    for (let depth = 0; folders.length > 0; depth += 1) {
      if (depth > MAX_FOLDER_DEPTH)
        throw new SourceError('Misconfigured', `the folders are nested more than ${MAX_FOLDER_DEPTH} deep`);
      const below: Folder[] = [];
      await inParallel(folders, signal, async (folder) => {
        for (const entry of await this.#tree(folder.id, used)) {
          const path = folder.path === '' ? entry.name : `${folder.path}/${entry.name}`;
          if (entry.type === 'folder') below.push({ id: entry.id, path });
          else onEntry(path, { ...entry, type: entry.type });
        }
      });
      folders = below;
    }
  }

  /** Trees hold no sizes, so each new blob is read once here; that it can be read is thereby known. */
  async #learnSizes(listed: readonly Listed[], signal: AbortSignal): Promise<void> {
    const known = this.#sizes;
    const wanted = new Set(listed.map((each) => each.id));
    const unknown = [...wanted].filter((id) => !known.has(id));
    const sizes = new Map([...known].filter(([id]) => wanted.has(id)));
    this.#bytes.clear();
    const isRead = unknown.length > MANY_BLOBS && (await this.#learnMany(unknown, sizes, signal));
    if (!isRead) {
      await inParallel(unknown, signal, async (id) => {
        const bytes = await this.#options.reader.read('blob', id);
        sizes.set(id, bytes.byteLength);
        this.#bytes.keep(id, bytes);
      });
    }
    this.#sizes = sizes;
  }

  async #learnMany(ids: readonly string[], sizes: Map<string, number>, signal: AbortSignal): Promise<boolean> {
    const { binary, gitdir } = this.#options;
    if (binary === undefined) return false;
    const bytes = this.#bytes;
    const read = await readMany(
      binary,
      gitdir,
      ids,
      signal,
      (size) => bytes.plan(size.sizeBytes),
      (id, content) => bytes.keep(id, content),
    );
    for (const { id, sizeBytes } of read ?? []) sizes.set(id, sizeBytes);
    return read !== undefined;
  }
}

const byPath = (a: { readonly path: string }, b: { readonly path: string }): number => (a.path < b.path ? -1 : 1);

function pathNotFound(
  path: string,
  where: string,
  walked: readonly string[],
  missing: string,
  beside: readonly { name: string; type: string }[],
): SourceError {
  const folders = beside.filter((entry) => entry.type === 'folder').map((entry) => entry.name);
  const names = folders.length > 0 ? folders : beside.map((entry) => entry.name);
  const folder = walked.length === 0 ? 'The repository' : `The folder ${walked.join('/')}`;
  const content = names.length === 0 ? `${folder} is empty.` : `${folder} has ${someOf(names)}.`;
  return new SourceError('PathNotFound', `the path ${path} does not exist in ${where}. ${content}${didYouMean(missing, names)}`);
}

function notAFolder(path: string, where: string, type: string): SourceError {
  return new SourceError(
    'PathNotFound',
    `the path ${path} is a ${type === 'symlink' ? 'symbolic link' : 'file'} in ${where}, not a folder`,
  );
}

/** Git submodules name commits of other repositories, which are not fetched. */
export const submodule = (path: string): SourceError =>
  new SourceError('Misconfigured', `${path} is a Git submodule: submodules are not supported yet`);

/** A path that holds more than can be meant. */
export const tooManyFiles = (path: string): SourceError =>
  new SourceError(
    'Misconfigured',
    `there are more than ${MAX_FILES} files below ${path === '' ? 'the root' : path}: choose a narrower path`,
  );

/** The error for a path that is not in the work tree; says what is beside it. */
export const pathNotInWorkTree = pathNotFound;
