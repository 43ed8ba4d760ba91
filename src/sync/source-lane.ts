// Follows the source beside everything else, so that a slow or dead server holds up nothing: asks where HEAD is at each interval and
// whenever the source says that it may have moved, and loads a commit when somebody wants it. Retries with back-off.
import type { WorkResult } from '../runtime/work-queue.ts';
import { WorkQueue } from '../runtime/work-queue.ts';
import { type Clock, sleep } from '../system/clock.ts';
import { DeadlineExceeded, withDeadline } from '../system/deadline.ts';
import type { Ids } from '../system/ids.ts';
import type { Logger } from '../system/logger.ts';
import { type CommitSource, SourceError } from './commit-source.ts';
import type { LoadedCommit } from './loaded-commit.ts';
import type { ManifestLoader } from './ports.ts';

/** Asking where a remote branch points. */
const HEAD_TIMEOUT_MS = 60_000;
/** The first load of a big repository is a whole clone. */
const SNAPSHOT_TIMEOUT_MS = 600_000;
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 60_000;

/** Why the source cannot be read. */
export interface SourceTrouble {
  /** CamelCase; a SourceFault, or `Failed`. */
  readonly reason: string;
  readonly message: string;
  /** Waiting may help: the server may come back. */
  readonly isTransient: boolean;
}

export interface SourceLaneParts {
  readonly source: CommitSource;
  readonly load: ManifestLoader;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly intervalMs: number;
  /** How long reading a commit may take, in milliseconds; ten minutes when undefined. */
  readonly loadTimeoutMs?: () => number | undefined;
  /** Called whenever something is known that was not before. */
  readonly onChange: () => void;
}

type Errand = 'head' | 'load';

export class SourceLane {
  readonly #parts: SourceLaneParts;
  readonly #queue: WorkQueue;
  readonly #aborter = new AbortController();
  readonly #troubles = new Map<Errand, SourceTrouble>();
  #head: string | undefined;
  #wanted: string | undefined;
  #loaded: LoadedCommit | undefined;
  #isStale = false;
  /** How often somebody asked for a look, and which of these looks is done. */
  #asked = 0;
  #answered = 0;
  #watching: Promise<void> = Promise.resolve();

  constructor(parts: SourceLaneParts) {
    this.#parts = parts;
    this.#queue = new WorkQueue({
      clock: parts.clock,
      random: () => parts.ids.random(),
      concurrency: 2,
      backoff: { initialMs: FIRST_RETRY_MS, maxMs: Math.max(Math.min(parts.intervalMs, LONGEST_RETRY_MS), FIRST_RETRY_MS) },
      work: (key, signal) => this.#work(key === 'head' ? 'head' : 'load', signal),
      onError: (key, error, retryInMs) =>
        parts.logger.warn(
          { component: 'sync', source: parts.source.description, errand: key, error, retryInMs },
          'source cannot be read',
        ),
    });
  }

  start(): void {
    this.#queue.add('head');
    this.#watching = this.#watch();
  }

  /** Somebody says that the source has moved: asks it at once, whatever it waits for. Tells whether it has answered since. */
  look(): () => boolean {
    this.#asked += 1;
    const look = this.#asked;
    this.#queue.add('head');
    return () => this.#answered >= look;
  }

  /** Ends everything. The source itself stays open. */
  async stop(): Promise<void> {
    this.#aborter.abort(new Error('the source is no longer followed'));
    await this.#queue.stop();
    await this.#watching;
  }

  get queue(): WorkQueue {
    return this.#queue;
  }

  /** Where the source pointed when it was last read; undefined before that. */
  get head(): string | undefined {
    return this.#head;
  }

  /** The commit that was loaded last. */
  get loaded(): LoadedCommit | undefined {
    return this.#loaded;
  }

  /** What is wrong with the source now. */
  get trouble(): SourceTrouble | undefined {
    return this.#troubles.get('head') ?? this.#troubles.get('load');
  }

  /** Loads this commit, unless it is there or on its way. */
  want(commitId: string): void {
    if (this.#wanted === commitId) return;
    this.#wanted = commitId;
    if (this.#loaded?.commit.id !== commitId) this.#queue.add('load');
  }

  /** Whatever ails the newest commit may be over: it is asked for, and read, anew. What was read of it before counts until then. */
  loadAgain(): void {
    this.#queue.add('head');
    if (this.#wanted === undefined) return;
    this.#isStale = true;
    this.#queue.add('load');
  }

  async #work(errand: Errand, signal: AbortSignal): Promise<WorkResult> {
    try {
      const asked = this.#asked;
      const isNew = errand === 'head' ? await this.#readHead(signal) : await this.#load(signal);
      const wasIll = this.#troubles.delete(errand);
      const isAwaited = errand === 'head' && this.#answered < asked;
      if (isAwaited) this.#answered = asked;
      if (isNew || wasIll || isAwaited) this.#parts.onChange();
    } catch (error) {
      if (!signal.aborted) {
        this.#troubles.set(errand, troubleOf(error));
        this.#parts.onChange();
      }
      throw error;
    }
    return errand === 'head' ? { checkAgainAfterMs: this.#parts.intervalMs } : undefined;
  }

  async #readHead(signal: AbortSignal): Promise<boolean> {
    const { clock, source } = this.#parts;
    const head = await withDeadline(
      clock,
      'asking the repository for its newest commit',
      HEAD_TIMEOUT_MS,
      (inner) => source.head(inner),
      signal,
    );
    const isNew = head !== this.#head;
    this.#head = head;
    if (isNew && this.#wanted !== head) {
      // A load of a commit that nobody wants any more is not retried.
      this.#wanted = undefined;
      this.#troubles.delete('load');
    }
    return isNew;
  }

  async #load(signal: AbortSignal): Promise<boolean> {
    const { clock, source, load } = this.#parts;
    const wanted = this.#wanted;
    if (wanted === undefined || (this.#loaded?.commit.id === wanted && !this.#isStale)) return false;
    const loaded = await withDeadline(
      clock,
      'reading the commit',
      this.#parts.loadTimeoutMs?.() ?? SNAPSHOT_TIMEOUT_MS,
      async (inner) => {
        const snapshot = await source.snapshot(wanted, inner);
        return { commit: snapshot.commit, ...(await load(snapshot, inner)) };
      },
      signal,
    );
    this.#loaded = { ...loaded, loadedAtMs: clock.now() };
    this.#isStale = false;
    if (this.#wanted !== wanted) this.#queue.add('load');
    return true;
  }

  /** A watch that breaks is no harm: the interval is the truth. */
  async #watch(): Promise<void> {
    const { source, clock, logger, intervalMs } = this.#parts;
    const { signal } = this.#aborter;
    while (!signal.aborted) {
      try {
        const changes = source.changes(signal)[Symbol.asyncIterator]();
        while ((await changes.next()).done !== true) this.#queue.add('head');
        return;
      } catch (error) {
        if (signal.aborted) return;
        logger.warn({ component: 'sync', error }, 'watching the source failed, polling goes on');
        await sleep(clock, intervalMs, signal).catch(() => undefined);
      }
    }
  }
}

/** What an error of the source means to people. */
export function troubleOf(error: unknown): SourceTrouble {
  if (error instanceof SourceError) {
    return {
      reason: error.fault,
      message: error.message,
      isTransient: error.fault === 'Unreachable' || error.fault === 'TimedOut',
    };
  }
  if (error instanceof DeadlineExceeded) return { reason: 'TimedOut', message: error.message, isTransient: true };
  return { reason: 'Failed', message: error instanceof Error ? error.message : String(error), isTransient: true };
}
