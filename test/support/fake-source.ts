// A repository in memory: a list of commits and a HEAD that tests move. It fails when told to, and counts what it is asked.
import { hashOf } from '../../src/model/hash.ts';
import type { Commit, CommitSource, Snapshot, SourceError } from '../../src/sync/commit-source.ts';
import { Broadcast } from './broadcast.ts';

/** What a test says of a commit; the rest is derived. */
export interface FakeCommit {
  /** Text by path. */
  readonly files: Readonly<Record<string, string>>;
  readonly message?: string;
  readonly author?: string;
}

export class FakeSource implements CommitSource {
  readonly description: string;
  readonly revision = 'branch main';
  /** Calls so far. */
  heads = 0;
  snapshots = 0;
  isClosed = false;
  /** What the next calls fail with, until it is taken away. */
  failure: SourceError | undefined;
  /** Only snapshots fail. */
  snapshotFailure: SourceError | undefined;
  /** Calls do not answer while this is set; they end with their signal. */
  isHanging = false;
  readonly #commits = new Map<string, FakeCommit & { commit: Commit }>();
  readonly #moves = new Broadcast<true>();
  #head = '';

  constructor(description = 'https://git.example/shop.git') {
    this.description = description;
  }

  /** Adds a commit and moves HEAD to it. Returns its id, which depends on content and number only. */
  commit(commit: FakeCommit): string {
    const id = this.add(commit);
    this.move(id);
    return id;
  }

  /** Adds a commit that HEAD is not at yet. */
  add(commit: FakeCommit): string {
    const number = this.#commits.size + 1;
    const id = hashOf([number, commit.files], 40);
    const message = commit.message ?? `Commit ${number}`;
    const time = new Date(Date.UTC(2026, 0, 1, 0, number)).toISOString().replace('.000Z', 'Z');
    const author = commit.author ?? 'Ada <ada@example.org>';
    this.#commits.set(id, { ...commit, commit: { id, subject: message.split('\n')[0] ?? '', author, time, message } });
    return id;
  }

  /** Moves HEAD to a commit and says so. */
  move(id: string): void {
    this.moveQuietly(id);
    this.#moves.send(true);
  }

  /** Moves HEAD to a commit; only who asks learns of it. */
  moveQuietly(id: string): void {
    this.#head = id;
  }

  async head(signal: AbortSignal): Promise<string> {
    this.heads += 1;
    await this.#answer(signal, this.failure);
    return this.#head;
  }

  async snapshot(commitId: string, signal: AbortSignal): Promise<Snapshot> {
    this.snapshots += 1;
    await this.#answer(signal, this.failure ?? this.snapshotFailure);
    const found = this.#commits.get(commitId);
    if (found === undefined) throw new Error(`the fake has no commit ${commitId}`);
    const files = Object.entries(found.files).map(([path, text]) => {
      const bytes = new TextEncoder().encode(text);
      return { path, blobId: hashOf(text, 40), sizeBytes: bytes.length, type: 'file' as const, read: async () => bytes };
    });
    return { commit: found.commit, files };
  }

  async *changes(signal: AbortSignal): AsyncGenerator<void> {
    const moves = this.#moves.read([], signal);
    while ((await moves.next()).done !== true) yield;
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.#moves.end();
  }

  async #answer(signal: AbortSignal, failure: SourceError | undefined): Promise<void> {
    if (this.isHanging)
      await new Promise<never>((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
      });
    if (failure !== undefined) throw failure;
  }
}
