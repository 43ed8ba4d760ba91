// Reads objects of one repository on disk, in place. Every object is checked against its name: a damaged one is Corrupt, never data.
import { promises as fs } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import * as git from 'isomorphic-git';
import type { SourceError } from '../sync/commit-source.ts';
import type { GitBinary } from './git-binary.ts';
import { damaged, type GitObject, type ObjectType, objectId } from './objects.ts';
import type { KeptPacks } from './shared-objects.ts';

/** Reads in flight at once. */
const PARALLEL_READS = 32;
/** The library keeps whole packs in memory once it has read from them. Above this they are let go after each snapshot. */
const MAX_KEPT_PACK_BYTES = 16 * 1024 * 1024;
/** Contents asked of the program in one run. */
const BATCH_BYTES = 32 * 1024 * 1024;
/** Alternates may have alternates; Git itself follows five. */
const MAX_ALTERNATES = 5;

/** What is known of an object without its content. */
export interface ObjectSize {
  readonly id: string;
  readonly sizeBytes: number;
}

/** The objects below one git directory and its alternates. */
export class ObjectReader {
  readonly #gitdir: string;
  readonly #onDamage: () => void;
  #gitdirs: Promise<readonly string[]> | undefined;
  readonly #kept: KeptPacks;
  #packs: ReadonlySet<string> = new Set();

  /** `gitdir` holds `objects/`. `onDamage` is called when an object that must be there is missing or damaged. */
  constructor(gitdir: string, onDamage: () => void = () => {}, packs: KeptPacks = { cache: {} }) {
    this.#gitdir = gitdir;
    this.#onDamage = onDamage;
    this.#kept = packs;
  }

  /** The object, or undefined when the repository does not have it. Throws SourceError Corrupt. */
  async find(id: string): Promise<GitObject | undefined> {
    for (const gitdir of await this.#directories()) {
      const found = await this.#readFrom(gitdir, id);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** The object, which must be there and of this type. Throws SourceError Corrupt. */
  async read(type: ObjectType, id: string): Promise<Uint8Array> {
    const found = await this.find(id);
    if (found === undefined || found.type !== type) throw this.#damaged(type, id);
    return found.bytes;
  }

  /** Forgets all that is kept: the files below the directory were replaced. */
  reset(): void {
    this.#kept.cache = {};
    this.#gitdirs = undefined;
  }

  /** Forgets what is kept of packs that are gone or big. Called between snapshots. */
  async trim(): Promise<void> {
    const names = new Set<string>();
    let bytes = 0;
    for (const gitdir of await this.#directories()) {
      const folder = join(gitdir, 'objects', 'pack');
      for (const name of await namesIn(folder)) {
        if (!name.endsWith('.pack')) continue;
        names.add(join(folder, name));
        bytes += (await fs.stat(join(folder, name)).catch(() => undefined))?.size ?? 0;
      }
    }
    if (bytes > MAX_KEPT_PACK_BYTES || [...this.#packs].some((name) => !names.has(name))) this.#kept.cache = {};
    this.#packs = names;
    this.#gitdirs = undefined;
  }

  async #readFrom(gitdir: string, id: string): Promise<GitObject | undefined> {
    let result: Awaited<ReturnType<typeof git.readObject>>;
    try {
      result = await git.readObject({ fs: { promises: fs }, gitdir, oid: id, format: 'content', cache: this.#kept.cache });
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'NotFoundError') return undefined;
      throw this.#damaged('object', id, error);
    }
    const { type, object } = result;
    if (!isObjectType(type) || !(object instanceof Uint8Array)) throw this.#damaged('object', id);
    if (objectId(type, object) !== id) throw this.#damaged(type, id);
    return { type, bytes: object };
  }

  #damaged(type: string, id: string, cause?: unknown): SourceError {
    this.#onDamage();
    return damaged(type, id, cause);
  }

  #directories(): Promise<readonly string[]> {
    this.#gitdirs ??= withAlternates(this.#gitdir);
    return this.#gitdirs;
  }
}

/** A repository may borrow objects of others (`git clone --shared`, `--reference`); the library does not know of it. */
async function withAlternates(gitdir: string): Promise<readonly string[]> {
  const found = [gitdir];
  for (let at = 0; at < found.length && at < MAX_ALTERNATES; at += 1) {
    const objects = join(found[at] ?? gitdir, 'objects');
    const text = await fs.readFile(join(objects, 'info', 'alternates'), 'utf8').catch(() => '');
    for (const line of text.split('\n')) {
      const folder = line.trim();
      if (folder === '' || folder.startsWith('#')) continue;
      const other = resolve(objects, folder);
      if (basename(other) === 'objects' && !found.includes(dirname(other))) found.push(dirname(other));
    }
  }
  return found;
}

async function namesIn(folder: string): Promise<readonly string[]> {
  return await fs.readdir(folder).catch(() => []);
}

function isObjectType(type: string | undefined): type is ObjectType {
  return type === 'commit' || type === 'tree' || type === 'blob' || type === 'tag';
}

/** Applies `perform` to every item, a bounded number at a time, and stops at the first failure or when the signal is aborted. */
export async function inParallel<T>(
  items: readonly T[],
  signal: AbortSignal,
  perform: (item: T) => Promise<void>,
): Promise<void> {
  let next = 0;
  let isStopped = false;
  const work = async (): Promise<void> => {
    while (!isStopped && next < items.length) {
      signal.throwIfAborted();
      const item = items[next];
      next += 1;
      if (item === undefined) continue;
      try {
        await perform(item);
      } catch (error) {
        isStopped = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(PARALLEL_READS, items.length) }, work));
}

/**
 * Sizes of many blobs through the git program, and the contents of those that `wants` says, at some hundred times the speed of the library.
 * Undefined when the program is missing or cannot read this repository. Throws SourceError Corrupt for a blob that is missing or damaged.
 */
export async function readMany(
  binary: GitBinary,
  gitdir: string,
  ids: readonly string[],
  signal: AbortSignal,
  wants: (size: ObjectSize) => boolean,
  onContent: (id: string, bytes: Uint8Array) => void,
): Promise<ObjectSize[] | undefined> {
  const checked = await catFile(binary, gitdir, '--batch-check', ids, signal);
  if (checked === undefined) return undefined;
  const sizes = checked
    .toString('latin1')
    .trimEnd()
    .split('\n')
    .map((line) => blobSize(line));
  for (const portion of portions(sizes.filter(wants))) {
    const output = await catFile(
      binary,
      gitdir,
      '--batch',
      portion.map((size) => size.id),
      signal,
    );
    if (output === undefined) return undefined;
    splitBatch(output, portion, onContent);
  }
  return sizes;
}

async function catFile(
  binary: GitBinary,
  gitdir: string,
  mode: string,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<Buffer | undefined> {
  try {
    const run = await binary.run([`--git-dir=${gitdir}`, 'cat-file', mode, '--buffer'], { signal, input: `${ids.join('\n')}\n` });
    return run.exitCode === 0 ? run.stdout : undefined;
  } catch (error) {
    // Without the program the library reads them, only slower.
    if (signal.aborted) throw error;
    return undefined;
  }
}

function blobSize(line: string): ObjectSize {
  const [id = '', type, size] = line.split(' ');
  if (type !== 'blob' || size === undefined) throw damaged('blob', id);
  return { id, sizeBytes: Number(size) };
}

function portions(sizes: readonly ObjectSize[]): ObjectSize[][] {
  const result: ObjectSize[][] = [];
  let current: ObjectSize[] = [];
  let bytes = 0;
  for (const size of sizes) {
    if (current.length > 0 && bytes + size.sizeBytes > BATCH_BYTES) {
      result.push(current);
      current = [];
      bytes = 0;
    }
    current.push(size);
    bytes += size.sizeBytes;
  }
  return current.length === 0 ? result : [...result, current];
}

/** Each content stands between a line `<id> <type> <size>` and a newline. */
function splitBatch(output: Buffer, expected: readonly ObjectSize[], onContent: (id: string, bytes: Uint8Array) => void): void {
  let at = 0;
  for (const { id, sizeBytes } of expected) {
    const start = output.indexOf('\n', at) + 1;
    // A copy, so that one kept file does not keep the whole output.
    const bytes = Uint8Array.from(output.subarray(start, start + sizeBytes));
    if (start === 0 || objectId('blob', bytes) !== id) throw damaged('blob', id);
    onContent(id, bytes);
    at = start + sizeBytes + 1;
  }
}
