// Writes to a repository on a server the one thing that Holdfast ever writes: a commit that brings a folder back. It never moves a ref that is not
// where it is said to be, and never takes a commit out of one.
import { promises as fs } from 'node:fs';
import { resolve } from 'node:path';
import * as git from 'isomorphic-git';
import { type Snapshot, SourceError } from '../sync/commit-source.ts';
import { cloneDirectory, exclusively } from './clone.ts';
import { parsePath } from './commit-files.ts';
import { type RemoteAccess, remoteOf } from './commit-source.ts';
import { attempt, LIST_TIMEOUT_MS } from './faults.ts';
import { gitBinary } from './git-binary.ts';
import { parseLocation } from './location.ts';
import { type GitObject, parseCommit, parseParents } from './objects.ts';
import { commitObject, type NewObject, revertedTree, type Signature } from './path-revert.ts';
import type { Remote } from './remote.ts';
import { RemoteSource } from './remote-source.ts';
import { parseRevision, type Revision, revisionLabel } from './revision.ts';

/** One push. */
const PUSH_TIMEOUT_MS = 120_000;
/** Commits on top of each other that are looked at. */
const MAX_STEPS = 50;

/** The repository, and how to reach it. */
export interface RemoteWriterOptions extends RemoteAccess {
  readonly repo: string;
  /** Undefined: the branch that the server's HEAD names. */
  readonly revision: Revision | undefined;
  /** The folder that is brought back; '' or `.` for the whole repository. */
  readonly path: string;
}

/** What is to be made. */
export interface WantedRevert {
  /** The commit that it is made on. */
  readonly onto: string;
  /** The commit whose folder is brought back. */
  readonly good: string;
  readonly by: Signature;
  readonly message: string;
}

/** A branch of a server that commits can be put on. Throws SourceError. */
export class RemoteWriter {
  readonly #options: RemoteWriterOptions;
  readonly #remote: Remote;
  readonly #url: string;
  readonly #path: string;
  readonly #gitdir: string;
  /** By commit: what the server does not have. */
  readonly #made = new Map<string, readonly NewObject[]>();

  /** Reads nothing yet. Throws SourceError Misconfigured for what nothing can be put on. */
  constructor(options: RemoteWriterOptions) {
    const location = parseLocation(options.repo);
    const { revision } = options;
    if (location.kind === 'local')
      throw misconfigured(`${location.description} is a repository on this machine: nothing is written to it`);
    if (revision !== undefined && revision.type !== 'branch')
      throw misconfigured(`${revisionLabel(revision)} is followed, and a commit can be put on a branch alone`);
    this.#options = options;
    this.#path = parsePath(options.path);
    this.#remote = remoteOf(location, options);
    this.#url = location.url;
    this.#gitdir = cloneDirectory(resolve(options.cacheDir), location.url);
  }

  /** Where the branch that is followed stands, and where another one does, if it exists. */
  async heads(
    other: string | undefined,
    signal: AbortSignal,
  ): Promise<{ readonly branch: string; readonly head: string; readonly other?: string }> {
    return await this.#attempt('reading the branches', LIST_TIMEOUT_MS, signal, async (inner) => {
      const { revision } = this.#options;
      const wanted = revision === undefined ? 'HEAD' : `refs/heads/${parseRevision(revision).name}`;
      const found = await this.#ref(wanted, inner);
      if (found === undefined)
        throw new SourceError(
          'RevisionNotFound',
          `${this.#url} has no ${revision === undefined ? 'branch at HEAD' : revisionLabel(revision)}`,
        );
      const branch = (found.target ?? found.ref).replace(/^refs\/heads\//, '');
      const second = other === undefined ? undefined : await this.#ref(`refs/heads/${other}`, inner);
      return { branch, head: found.id, ...(second === undefined ? {} : { other: second.id }) };
    });
  }

  /**
   * The commits from `head` back to `base`, by first parents, the newest first and without `base`; undefined when it is not below the last
   * of them.
   */
  async since(
    branch: string,
    head: string,
    base: string,
    signal: AbortSignal,
  ): Promise<readonly { readonly id: string; readonly message: string }[] | undefined> {
    const commits: { id: string; message: string }[] = [];
    if (head === base) return commits;
    const source = this.#source(branch);
    await source.bring(head, signal);
    for (let at = head; commits.length < MAX_STEPS; ) {
      const { bytes } = await this.#object(source, at, 'commit', signal);
      commits.push({ id: at, message: parseCommit(at, bytes).commit.message });
      const [parent] = parseParents(bytes);
      if (parent === undefined) return undefined;
      if (parent === base) return commits;
      at = parent;
    }
    return undefined;
  }

  /** Makes the commit here. Undefined when it would change nothing. The same wish makes the same commit. */
  async make(branch: string, { onto, good, by, message }: WantedRevert, signal: AbortSignal): Promise<string | undefined> {
    const source = this.#source(branch);
    const [below, back] = [await source.bring(onto, signal), await source.bring(good, signal)];
    const tree = async (id: string): Promise<Uint8Array> => (await this.#object(source, id, 'tree', signal)).bytes;
    const next = await revertedTree({ ontoTree: below.treeId, goodTree: back.treeId, path: this.#path, tree });
    if ('fault' in next) throw misconfigured(next.fault);
    if (next.id === below.treeId) return undefined;
    const commit = commitObject({ tree: next.id, parent: onto, by, message });
    const objects = [commit, ...next.objects];
    // The clone is a cache: what lies in it unused does no harm.
    await exclusively(this.#gitdir, signal, async () => {
      for (const { type, bytes } of objects)
        await git.writeObject({ fs: { promises: fs }, gitdir: this.#gitdir, type, object: bytes, format: 'content' });
    });
    this.#made.set(commit.id, objects);
    return commit.id;
  }

  /** The files of the folder in a commit that is here. */
  async snapshot(branch: string, commitId: string, signal: AbortSignal): Promise<Snapshot> {
    return await this.#source(branch).snapshot(commitId, signal);
  }

  /** Puts a commit that was made here on a branch, if that is where it is said to be. Resolves to why the server does not want it. */
  async push(branch: string, from: string | undefined, commitId: string, signal: AbortSignal): Promise<string | undefined> {
    const objects = this.#made.get(commitId) ?? [];
    const update = { ref: `refs/heads/${branch}`, from, to: commitId, objects };
    return await this.#attempt('pushing to', PUSH_TIMEOUT_MS, signal, (inner) =>
      exclusively(this.#gitdir, inner, () => this.#remote.push(this.#gitdir, update, inner)),
    );
  }

  async #ref(name: string, signal: AbortSignal) {
    return (await this.#remote.list(name, signal)).find(({ ref }) => ref === name);
  }

  #source(branch: string): RemoteSource {
    const { cacheDir, gitProgram, clock } = this.#options;
    const revision = { type: 'branch', name: branch } as const;
    const binary = gitBinary(gitProgram);
    return new RemoteSource({
      remote: this.#remote,
      url: this.#url,
      revision,
      path: this.#path,
      cacheDir: resolve(cacheDir),
      binary,
      clock,
    });
  }

  async #object(source: RemoteSource, id: string, type: GitObject['type'], signal: AbortSignal): Promise<GitObject> {
    const found = await source.object(id, signal);
    if (found?.type === type) return found;
    throw new SourceError('Corrupt', `${this.#url}: the ${type} ${id} is missing here`);
  }

  #attempt<T>(what: string, timeoutMs: number, signal: AbortSignal, perform: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return attempt({ clock: this.#options.clock, what: `${what} ${this.#url}`, timeoutMs, signal }, perform);
  }
}

const misconfigured = (message: string): SourceError => new SourceError('Misconfigured', message);
