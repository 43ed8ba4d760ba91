// Uncommitted files as if they were a commit, for development: its id is a hash of what they hold.
import { createHash } from 'node:crypto';
import { promises as fs } from 'node:fs';
import { join, relative } from 'node:path';
import * as git from 'isomorphic-git';
import { type Commit, type CommitSource, type Snapshot, SourceError, type SourceFile } from '../sync/commit-source.ts';
import type { Clock } from '../system/clock.ts';
import { attempt, READ_TIMEOUT_MS } from './faults.ts';
import { openRepository, type Repository, readHead } from './repository.ts';
import { shortId } from './revision.ts';
import { fileChanges } from './watch.ts';
import { IgnoreVerdicts, readBeside, readOne, readWorkTree, type WorkTreeFile } from './work-tree.ts';

/** The states that can still be handed out after the files have changed: the one that `head` saw, and the one before. */
const MAX_KEPT_STATES = 2;
/** Contents kept in memory for one state; the rest is read again when it is asked for. */
const MAX_KEPT_BYTES = 32 * 1024 * 1024;
/** An editor writes a file in several steps, and people save several files at once. */
const SETTLE_MS = 100;

/** What is followed. */
export interface WorkTreeSourceOptions {
  /** Absolute. */
  readonly repo: string;
  readonly path: string;
  readonly clock: Clock;
}

/** A CommitSource over the files of a work tree. */
export class WorkTreeSource implements CommitSource {
  readonly description: string;
  readonly revision = 'working tree';
  readonly #options: WorkTreeSourceOptions;
  readonly #verdicts = new IgnoreVerdicts();
  readonly #besideVerdicts = new IgnoreVerdicts();
  /** What was asked for beside the path: it belongs to the state from then on. */
  readonly #beside = new Set<string>();
  #grown = new AbortController();
  readonly #states = new Map<string, Snapshot>();
  readonly #closed = new AbortController();

  constructor(options: WorkTreeSourceOptions) {
    this.#options = options;
    this.description = options.repo;
  }

  async head(signal: AbortSignal): Promise<string> {
    return (await this.#read(signal)).commit.id;
  }

  async snapshot(commitId: string, signal: AbortSignal): Promise<Snapshot> {
    const kept = this.#states.get(commitId);
    if (kept !== undefined) return kept;
    const now = await this.#read(signal);
    if (now.commit.id === commitId) return now;
    throw new SourceError(
      'RevisionNotFound',
      `the files of ${this.description} have changed since; they are as ${now.commit.id} now`,
    );
  }

  async *changes(signal: AbortSignal): AsyncGenerator<void> {
    let workTree: string;
    let ignored: ReadonlySet<string>;
    try {
      // The walk finds out what is ignored, so that no watch is spent on it.
      await this.#read(signal);
      workTree = (await this.#repository()).workTree;
      ignored = await this.#verdicts.ignored();
    } catch {
      // The next poll says what is wrong; there is nothing to watch.
      return;
    }
    const isIgnored = (path: string): boolean => {
      const below = relative(workTree, path).replaceAll('\\', '/');
      return below === '.git' || below.endsWith('/.git') || ignored.has(below);
    };
    const isOver = [signal, this.#closed.signal];
    while (!isOver.some(({ aborted }) => aborted)) {
      const folders = [this.#options.path, ...this.#beside].map((folder) => join(workTree, folder));
      const options = { folders, isIgnored, settleMs: SETTLE_MS, clock: this.#options.clock };
      yield* fileChanges(options, [...isOver, this.#grown.signal]);
    }
  }

  async close(): Promise<void> {
    this.#closed.abort();
    this.#states.clear();
  }

  async #read(signal: AbortSignal): Promise<Snapshot> {
    const call = {
      clock: this.#options.clock,
      what: `reading the files of ${this.description}`,
      timeoutMs: READ_TIMEOUT_MS,
      signal,
    };
    return await attempt(call, async (inner) => {
      const repository = await this.#repository();
      const files = await readWorkTree(repository, this.#options.path, this.#verdicts, inner);
      const beside: WorkTreeFile[] = [];
      for (const folder of this.#beside) beside.push(...(await readBeside(repository, folder, this.#besideVerdicts, inner)));
      const id = stateId([...files, ...beside]);
      return (
        this.#states.get(id) ??
        this.#keep({
          commit: await describe(id, repository, files),
          files: sourceFiles(repository.workTree, files),
          filesBelow: (folder, asked) => this.#filesBelow(folder, asked),
        })
      );
    });
  }

  async #filesBelow(folder: string, signal: AbortSignal): Promise<readonly SourceFile[]> {
    const repository = await this.#repository();
    const files = await readBeside(repository, folder, this.#besideVerdicts, signal);
    if (!this.#beside.has(folder)) {
      this.#beside.add(folder);
      const before = this.#grown;
      this.#grown = new AbortController();
      before.abort();
    }
    return sourceFiles(repository.workTree, files);
  }

  #keep(state: Snapshot): Snapshot {
    this.#states.set(state.commit.id, state);
    for (const id of [...this.#states.keys()].slice(0, -MAX_KEPT_STATES)) this.#states.delete(id);
    return state;
  }

  async #repository(): Promise<Repository & { readonly workTree: string }> {
    const repository = await openRepository(this.#options.repo);
    const { workTree } = repository;
    if (workTree !== undefined) return { ...repository, workTree };
    throw new SourceError('Misconfigured', `${this.description} is a bare repository and has no files: leave out --working-tree`);
  }
}

function stateId(files: readonly WorkTreeFile[]): string {
  const hash = createHash('sha1');
  for (const file of files) hash.update(`${file.type} ${file.blobId} ${file.path}\0`);
  return `worktree-${hash.digest('hex')}`;
}

async function describe(
  id: string,
  repository: Repository & { workTree: string },
  files: readonly WorkTreeFile[],
): Promise<Commit> {
  const head = await readHead(repository.workTree, repository).catch(() => undefined);
  const base = head === undefined ? '' : ` on ${head.branch === undefined ? '' : `${head.branch} `}${shortId(head.id)}`;
  const subject = `Uncommitted files${base}`;
  const setting = async (path: string): Promise<string | undefined> => {
    const value: unknown = await git
      .getConfig({ fs: { promises: fs }, gitdir: repository.commonDir, path })
      .catch(() => undefined);
    return typeof value === 'string' ? value : undefined;
  };
  const author = `${(await setting('user.name')) ?? 'working tree'} <${(await setting('user.email')) ?? ''}>`;
  const latestMs = files.reduce((latest, file) => Math.max(latest, file.modifiedMs), 0);
  return { id, subject, author, time: `${new Date(latestMs).toISOString().slice(0, 19)}Z`, message: `${subject}\n` };
}

function sourceFiles(workTree: string, files: readonly WorkTreeFile[]): SourceFile[] {
  let keptBytes = 0;
  return files.map(({ path, blobId, type, bytes }) => {
    keptBytes += bytes.byteLength;
    const file = { path, blobId, type, sizeBytes: bytes.byteLength };
    if (keptBytes <= MAX_KEPT_BYTES) return { ...file, read: async () => bytes };
    return { ...file, read: () => readAgain(workTree, path, type, blobId) };
  });
}

async function readAgain(workTree: string, path: string, type: 'file' | 'symlink', blobId: string): Promise<Uint8Array> {
  const file = await readOne(workTree, path, type);
  if (file?.blobId === blobId) return file.bytes;
  throw new SourceError('RevisionNotFound', `${path} has changed while it was being read; the next pass takes it as it is then`);
}
