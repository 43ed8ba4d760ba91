// Commits of a repository on a server. Asking where it stands is one listing; what is new is fetched into a clone of our own, and only what was seen to
// read there is handed out. Knows neither http nor ssh.

import { type RepositoryFile, type Snapshot, SourceError } from '../sync/commit-source.ts';
import type { Clock } from '../system/clock.ts';
import { cloneDirectory, exclusively, hasClone, haves, isCrowded, makeClone, noteHave } from './clone.ts';
import { CommitFiles } from './commit-files.ts';
import { attempt, type Call, FETCH_TIMEOUT_MS, LIST_TIMEOUT_MS, READ_TIMEOUT_MS } from './faults.ts';
import type { GitBinary } from './git-binary.ts';
import { ObjectReader } from './object-reader.ts';
import type { GitObject, ParsedCommit } from './objects.ts';
import type { Remote, RemoteRef, Wanted } from './remote.ts';
import {
  emptyRepository,
  isFullId,
  noSuchRevision,
  type Revision,
  refOf,
  revisionLabel,
  shortId,
  someOf,
  tagInRange,
} from './revision.ts';
import type { SharedObjects } from './shared-objects.ts';
import type { ObjectSource } from './verified-source.ts';

/** What is followed, and through what. */
export interface RemoteSourceOptions {
  readonly remote: Remote;
  /** Without credentials; also the key of the clone. */
  readonly url: string;
  /** Undefined: the branch that the server's HEAD names. */
  readonly revision: Revision | undefined;
  readonly path: string;
  readonly cacheDir: string;
  readonly binary: GitBinary | undefined;
  readonly clock: Clock;
  /** What other sources read too; nobody's when absent. */
  readonly shared?: SharedObjects | undefined;
}

interface Located {
  readonly commitId: string;
  readonly ref: string | undefined;
  /** Of an annotated tag. */
  readonly tagId?: string;
}

/** A CommitSource over a server. */
export class RemoteSource implements ObjectSource {
  readonly description: string;
  readonly #options: RemoteSourceOptions;
  readonly #gitdir: string;
  readonly #reader: ObjectReader;
  readonly #files: CommitFiles;
  readonly #closed = new AbortController();
  #defaultBranch: string | undefined;
  #located: Located | undefined;
  #isSuspect = false;

  constructor(options: RemoteSourceOptions) {
    this.#options = options;
    this.description = options.url;
    this.#gitdir = cloneDirectory(options.cacheDir, options.url);
    const { binary, path, shared } = options;
    const onDamage = (): void => {
      this.#isSuspect = true;
    };
    this.#reader = new ObjectReader(this.#gitdir, onDamage, shared?.packs(this.#gitdir));
    this.#files = new CommitFiles({ reader: this.#reader, gitdir: this.#gitdir, binary, path, shared });
  }

  get revision(): string {
    const { revision } = this.#options;
    if (revision !== undefined) return revisionLabel(revision);
    return this.#defaultBranch === undefined ? 'default branch' : `branch ${this.#defaultBranch}`;
  }

  async head(signal: AbortSignal): Promise<string> {
    const { revision } = this.#options;
    // A hash cannot move.
    if (revision?.type === 'commit' && isFullId(revision.name)) return revision.name;
    const located = await attempt(this.#call('reading the refs', LIST_TIMEOUT_MS, signal), (inner) => this.#locate(inner));
    this.#located = located;
    return located.commitId;
  }

  /** The commit, which is here from then on with its history and all its objects. Throws SourceError. */
  async bring(commitId: string, signal: AbortSignal): Promise<ParsedCommit> {
    return (
      (await attempt(this.#call('reading a commit', READ_TIMEOUT_MS, signal), () => this.#find(commitId))) ??
      (await attempt(this.#call('fetching', FETCH_TIMEOUT_MS, signal), (inner) =>
        exclusively(this.#gitdir, inner, () => this.#fetch(commitId, inner)),
      ))
    );
  }

  async snapshot(commitId: string, signal: AbortSignal): Promise<Snapshot> {
    try {
      const parsed = await this.bring(commitId, signal);
      const snapshot = await attempt(this.#call('reading the files', READ_TIMEOUT_MS, signal), (inner) =>
        this.#files.snapshot(parsed, inner),
      );
      return { ...snapshot, filesBelow: (folder, asked) => this.#filesBelow(parsed, folder, asked) };
    } catch (error) {
      if (error instanceof SourceError && error.fault === 'Corrupt') this.#isSuspect = true;
      throw error;
    }
  }

  /** A tag may not have come with its commit: it is fetched when somebody asks for it. */
  async object(id: string, signal: AbortSignal): Promise<GitObject | undefined> {
    const found = await attempt(this.#call('reading an object', READ_TIMEOUT_MS, signal), () => this.#reader.find(id));
    if (found !== undefined || id !== this.#located?.tagId) return found;
    return await attempt(this.#call('fetching the tag', FETCH_TIMEOUT_MS, signal), (inner) =>
      exclusively(this.#gitdir, inner, async () => {
        await this.#options.remote.fetch(this.#gitdir, { commitId: id, ref: this.#located?.ref, haves: [] }, inner);
        this.#reader.reset();
        return await this.#reader.find(id);
      }),
    );
  }

  followedTag(): { readonly id: string; readonly name: string } | undefined {
    const { revision } = this.#options;
    const id = this.#located?.tagId;
    return id === undefined || revision?.type !== 'tag' ? undefined : { id, name: revision.name };
  }

  async #filesBelow(parsed: ParsedCommit, folder: string, signal: AbortSignal): Promise<readonly RepositoryFile[]> {
    return await attempt(this.#call('reading the files', READ_TIMEOUT_MS, signal), (inner) =>
      this.#files.filesBelow(parsed, folder, inner),
    );
  }

  // A server tells nobody that it has moved.
  changes(signal: AbortSignal): AsyncIterable<void> {
    return {
      [Symbol.asyncIterator]: () => ({
        next: async () => {
          await this.#isOver(signal);
          return { done: true, value: undefined };
        },
      }),
    };
  }

  async #isOver(signal: AbortSignal): Promise<void> {
    const isOver = [signal, this.#closed.signal];
    await new Promise<void>((resolve) => {
      if (isOver.some((each) => each.aborted)) resolve();
      for (const each of isOver) each.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  async close(): Promise<void> {
    this.#closed.abort();
    this.#files.forget();
    this.#reader.reset();
  }

  #call(what: string, timeoutMs: number, signal: AbortSignal): Call {
    return { clock: this.#options.clock, what: `${what} of ${this.description}`, timeoutMs, signal };
  }

  async #locate(signal: AbortSignal): Promise<Located> {
    const { remote, revision } = this.#options;
    if (revision?.type === 'commit') return await this.#locateShort(revision, signal);
    const chosen = revision?.type === 'semver' ? await this.#tagInRange(revision, signal) : revision;
    const ref = chosen === undefined ? 'HEAD' : refOf(chosen);
    const found = (await remote.list(ref, signal)).find((each) => each.ref === ref);
    if (found === undefined) throw await this.#noSuchRevision(signal);
    if (revision === undefined) this.#defaultBranch = found.target?.replace(/^refs\/heads\//, '');
    const tag = chosen?.type === 'tag' && found.peeledId !== undefined ? { tagId: found.id } : {};
    return { commitId: found.peeledId ?? found.id, ref: found.target ?? ref, ...tag };
  }

  async #tagInRange(revision: Revision, signal: AbortSignal): Promise<Revision> {
    const tags = namesBelow('refs/tags/', await this.#options.remote.list('refs/tags/', signal));
    return { type: 'tag', name: tagInRange(this.description, revision, tags) };
  }

  async #locateShort(revision: Revision, signal: AbortSignal): Promise<Located> {
    const refs = await this.#branchesAndTags(signal);
    const ids = new Set(refs.map((each) => each.peeledId ?? each.id).filter((id) => id.startsWith(revision.name)));
    const [commitId] = ids;
    if (commitId !== undefined && ids.size === 1) return { commitId, ref: undefined };
    const why = ids.size > 1 ? 'several refs start with it' : 'no branch or tag of the server is at it';
    throw new SourceError(
      'RevisionNotFound',
      `${this.description}: the short hash ${revision.name} is not enough, ${why}. Give all 40 characters`,
    );
  }

  async #noSuchRevision(signal: AbortSignal): Promise<SourceError> {
    const refs = await this.#branchesAndTags(signal);
    const branches = namesBelow('refs/heads/', refs);
    const { revision } = this.#options;
    if (refs.length === 0) return emptyRepository(this.description);
    if (revision !== undefined) return noSuchRevision(this.description, revision, branches, namesBelow('refs/tags/', refs));
    return new SourceError(
      'RevisionNotFound',
      `${this.description}: HEAD of the server names a branch that does not exist. Choose one with --branch; there are: ${someOf(branches)}`,
    );
  }

  /** Not all refs: forges list one per merge request. */
  async #branchesAndTags(signal: AbortSignal): Promise<readonly RemoteRef[]> {
    const { remote } = this.#options;
    return [...(await remote.list('refs/heads/', signal)), ...(await remote.list('refs/tags/', signal))];
  }

  async #find(commitId: string): Promise<ParsedCommit | undefined> {
    return !this.#isSuspect && (await hasClone(this.#gitdir)) ? await this.#files.commit(commitId) : undefined;
  }

  async #fetch(commitId: string, signal: AbortSignal): Promise<ParsedCommit> {
    // Another application of the same repository may have brought it while this one waited its turn.
    const present = await this.#find(commitId);
    if (present !== undefined) return present;
    const isPinned = this.#options.revision?.type === 'commit';
    if (!isPinned && this.#located === undefined) this.#located = await this.#locate(signal);
    const wanted: Wanted = { commitId, ref: this.#located?.ref, haves: [] };
    const isKept = !this.#isSuspect && (await hasClone(this.#gitdir)) && !(await isCrowded(this.#gitdir));
    if (isKept) await this.#update(wanted, signal);
    else await this.#reclone(wanted, signal);
    const parsed = await this.#files.commit(commitId);
    if (parsed === undefined) throw this.#gone(commitId);
    await noteHave(this.#gitdir, this.revision, parsed.commit.id);
    return parsed;
  }

  async #update(wanted: Wanted, signal: AbortSignal): Promise<void> {
    const known: string[] = [];
    for (const id of await haves(this.#gitdir)) {
      if ((await this.#reader.find(id)) !== undefined) known.push(id);
    }
    await this.#options.remote.fetch(this.#gitdir, { ...wanted, haves: known }, signal);
  }

  async #reclone(wanted: Wanted, signal: AbortSignal): Promise<void> {
    await makeClone(this.#gitdir, this.#options.clock, async (gitdir) => {
      await this.#options.remote.fetch(gitdir, wanted, signal);
      if ((await new ObjectReader(gitdir).find(wanted.commitId)) === undefined) throw this.#gone(wanted.commitId);
      signal.throwIfAborted();
    });
    this.#reader.reset();
    this.#files.forget();
    this.#isSuspect = false;
  }

  #gone(commitId: string): SourceError {
    const message = `${this.description} does not have commit ${shortId(commitId)} (any longer). Was ${this.revision} force-pushed?`;
    return new SourceError('RevisionNotFound', message);
  }
}

function namesBelow(prefix: string, refs: readonly RemoteRef[]): string[] {
  return refs.filter(({ ref }) => ref.startsWith(prefix)).map(({ ref }) => ref.slice(prefix.length));
}
