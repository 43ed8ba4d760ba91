// Commits of a repository on this machine, read where they are. Knows nothing of its work tree.
import { promises as fs } from 'node:fs';
import { relative } from 'node:path';
import * as git from 'isomorphic-git';
import { type RepositoryFile, type Snapshot, SourceError } from '../sync/commit-source.ts';
import type { Clock } from '../system/clock.ts';
import { CommitFiles } from './commit-files.ts';
import { attempt, type Call, codeOf, LIST_TIMEOUT_MS, READ_TIMEOUT_MS } from './faults.ts';
import type { GitBinary } from './git-binary.ts';
import { ObjectReader } from './object-reader.ts';
import type { GitObject, ParsedCommit } from './objects.ts';
import { openRepository, type Repository, readHead, resolveRevision } from './repository.ts';
import { isFullId, type Revision, revisionLabel, shortId } from './revision.ts';
import type { SharedObjects } from './shared-objects.ts';
import type { ObjectSource } from './verified-source.ts';
import { fileChanges } from './watch.ts';

/** Each ref moves in one piece, so there is nothing to wait for but the other refs of the same command. */
const SETTLE_MS = 10;

/** What is followed. */
export interface LocalSourceOptions {
  /** Absolute. */
  readonly repo: string;
  /** Undefined: whatever branch is checked out. */
  readonly revision: Revision | undefined;
  readonly path: string;
  readonly binary: GitBinary | undefined;
  readonly clock: Clock;
  /** What other sources read too; nobody's when absent. */
  readonly shared?: SharedObjects | undefined;
}

/** A CommitSource over a local repository, with files or bare. */
export class LocalSource implements ObjectSource {
  readonly description: string;
  readonly #options: LocalSourceOptions;
  readonly #closed = new AbortController();
  #opened: { commonDir: string; files: CommitFiles } | undefined;
  #headLabel: string | undefined;
  #tag: { readonly id: string; readonly name: string } | undefined;

  constructor(options: LocalSourceOptions) {
    this.#options = options;
    this.description = options.repo;
  }

  get revision(): string {
    const { revision } = this.#options;
    return revision === undefined ? (this.#headLabel ?? 'current branch') : revisionLabel(revision);
  }

  async head(signal: AbortSignal): Promise<string> {
    return await attempt(this.#call('reading the refs', LIST_TIMEOUT_MS, signal), () => this.#head());
  }

  async snapshot(commitId: string, signal: AbortSignal): Promise<Snapshot> {
    return await attempt(this.#call('reading the files', READ_TIMEOUT_MS, signal), async (inner) => {
      const files = this.#filesOf(await openRepository(this.#options.repo));
      const parsed = await files.commit(commitId);
      if (parsed === undefined) {
        throw new SourceError('RevisionNotFound', `${this.description} does not have commit ${shortId(commitId)} (any longer)`);
      }
      const snapshot = await files.snapshot(parsed, inner);
      return { ...snapshot, filesBelow: (folder, asked) => this.#filesBelow(files, parsed, folder, asked) };
    });
  }

  async parents(commitId: string, signal: AbortSignal): Promise<readonly string[]> {
    return await attempt(this.#call('reading a commit', LIST_TIMEOUT_MS, signal), async () => {
      const found = await this.#filesOf(await openRepository(this.#options.repo)).parents(commitId);
      if (found !== undefined) return found;
      throw new SourceError('RevisionNotFound', `${this.description} does not have commit ${shortId(commitId)}`);
    });
  }

  async object(id: string, signal: AbortSignal): Promise<GitObject | undefined> {
    return await attempt(this.#call('reading an object', LIST_TIMEOUT_MS, signal), async () =>
      this.#filesOf(await openRepository(this.#options.repo)).object(id),
    );
  }

  followedTag(): { readonly id: string; readonly name: string } | undefined {
    return this.#tag;
  }

  async #filesBelow(
    files: CommitFiles,
    parsed: ParsedCommit,
    folder: string,
    signal: AbortSignal,
  ): Promise<readonly RepositoryFile[]> {
    return await attempt(this.#call('reading the files', READ_TIMEOUT_MS, signal), (inner) =>
      files.filesBelow(parsed, folder, inner),
    );
  }

  async *changes(signal: AbortSignal): AsyncGenerator<void> {
    let repository: Repository;
    try {
      repository = await openRepository(this.#options.repo);
    } catch {
      // The next poll says what is wrong; there is nothing to watch.
      return;
    }
    const folders = [...new Set([repository.gitdir, repository.commonDir])];
    const isIgnored = (path: string): boolean => !isRefFile(folders, path);
    const options = { folders, isIgnored, settleMs: SETTLE_MS, clock: this.#options.clock };
    yield* fileChanges(options, [signal, this.#closed.signal]);
  }

  async close(): Promise<void> {
    this.#closed.abort();
    this.#opened?.files.forget();
    this.#opened = undefined;
  }

  #call(what: string, timeoutMs: number, signal: AbortSignal): Call {
    return { clock: this.#options.clock, what: `${what} of ${this.description}`, timeoutMs, signal };
  }

  async #head(): Promise<string> {
    const { repo, revision } = this.#options;
    const repository = await openRepository(repo);
    let id: string;
    if (revision === undefined) {
      const head = await readHead(repo, repository);
      this.#headLabel = head.branch === undefined ? `commit ${shortId(head.id)}` : `branch ${head.branch}`;
      id = head.id;
    } else {
      id =
        revision.type === 'commit'
          ? await this.#expand(repository, revision.name)
          : await resolveRevision(repo, repository, revision);
    }
    const parsed = await this.#filesOf(repository).commit(id);
    this.#tag = revision?.type === 'tag' && parsed?.commit.id !== id ? { id, name: revision.name } : undefined;
    if (parsed !== undefined) return parsed.commit.id;
    throw new SourceError(
      revision?.type === 'commit' ? 'RevisionNotFound' : 'Corrupt',
      `${repo} does not have commit ${shortId(id)}`,
    );
  }

  async #expand(repository: Repository, short: string): Promise<string> {
    if (isFullId(short)) return short;
    try {
      return await git.expandOid({ fs: { promises: fs }, gitdir: repository.commonDir, oid: short });
    } catch (cause) {
      const why = codeOf(cause) === 'AmbiguousError' ? 'has several objects that start with' : 'has no commit that starts with';
      throw new SourceError('RevisionNotFound', `${this.description} ${why} ${short}`, { cause });
    }
  }

  #filesOf({ commonDir }: Repository): CommitFiles {
    if (this.#opened?.commonDir !== commonDir) {
      const { binary, path, shared } = this.#options;
      const reader = new ObjectReader(commonDir, undefined, shared?.packs(commonDir));
      this.#opened = { commonDir, files: new CommitFiles({ reader, gitdir: commonDir, binary, path, shared }) };
    }
    return this.#opened.files;
  }
}

/** HEAD, packed-refs and what is below refs: everything that moves when a commit, a push or a checkout happens. */
function isRefFile(folders: readonly string[], path: string): boolean {
  if (path.endsWith('.lock')) return false;
  return folders.some((folder) => path === folder || /^(HEAD|packed-refs|refs)([/\\]|$)/.test(relative(folder, path)));
}
