// Work by key: one worker per key, what arrives meanwhile collapses, what fails comes back later. The only place that retries.
// It knows nothing of what a key means.
import type { Cancel, Clock } from '../system/clock.ts';

/** The work cannot succeed until something changes: no retry until the key is added again. */
export class TerminalError extends Error {
  readonly code: string = 'TERMINAL';
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'TerminalError';
  }
}

/** What a pass over a key asks for; nothing for "done". */
export type WorkResult = { readonly checkAgainAfterMs?: number } | void;

/** How long a failing key waits: doubled with each failure in a row, up to the maximum, of which half is chance. */
export interface Backoff {
  readonly initialMs: number;
  readonly maxMs: number;
}

/** Back-off of a queue that does not say its own. */
export const DEFAULT_BACKOFF: Backoff = { initialMs: 200, maxMs: 60_000 };

/** What a queue needs. */
export interface WorkQueueOptions {
  readonly clock: Clock;
  /** A number in [0, 1), for jitter. */
  readonly random: () => number;
  /** How many keys are worked on at the same time. */
  readonly concurrency: number;
  /** One pass. Its signal is aborted when the queue stops. Throwing retries with back-off; TerminalError does not. */
  readonly work: (key: string, signal: AbortSignal) => Promise<WorkResult>;
  /** Hears of every failed pass once; `retryInMs` is undefined for a TerminalError. */
  readonly onError: (key: string, error: unknown, retryInMs: number | undefined) => void;
  readonly backoff?: Backoff;
}

interface Timer {
  readonly dueMs: number;
  readonly cancel: Cancel;
}

/** A queue of keys with workers. Starts working at once. */
export class WorkQueue {
  readonly #options: WorkQueueOptions;
  readonly #backoff: Backoff;
  readonly #aborter = new AbortController();
  /** Keys to be worked on now, oldest first. */
  readonly #due = new Set<string>();
  readonly #running = new Set<string>();
  readonly #timers = new Map<string, Timer>();
  readonly #retries = new Map<string, Timer>();
  readonly #failures = new Map<string, number>();
  #waiters: (() => void)[] = [];
  #isPumpPlanned = false;

  constructor(options: WorkQueueOptions) {
    this.#options = options;
    this.#backoff = options.backoff ?? DEFAULT_BACKOFF;
  }

  /** Works on the key as soon as a worker is free; once more if it is being worked on right now. Overrides a back-off. */
  add(key: string): void {
    if (this.#isStopped || this.#due.has(key)) return;
    this.#due.add(key);
    this.#planPump();
  }

  /** Adds the key after a time. Of several times of one key the earliest wins. */
  addAfter(key: string, delayMs: number): void {
    if (delayMs <= 0) this.add(key);
    else this.#arm(this.#timers, key, delayMs);
  }

  /** Whether nothing is running and nothing is due now. Timers and back-offs may be pending. */
  get isIdle(): boolean {
    return this.#due.size === 0 && this.#running.size === 0;
  }

  /** How many keys wait for a worker or have one. */
  get depth(): number {
    return this.#due.size + this.#running.size;
  }

  /** Resolves when the queue is idle. */
  idle(): Promise<void> {
    if (this.isIdle) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  /** When the next timer or back-off is due, in epoch milliseconds; undefined for none. */
  get nextDueMs(): number | undefined {
    const times = [...this.#timers.values(), ...this.#retries.values()].map((timer) => timer.dueMs);
    const { clock } = this.#options;
    return times.length === 0 ? undefined : Math.min(...times) - clock.elapsed() + clock.now();
  }

  /** Takes nothing more on, aborts what runs and waits for it. */
  stop(): Promise<void> {
    if (!this.#isStopped) this.#aborter.abort(new Error('the queue was stopped'));
    for (const timer of [...this.#timers.values(), ...this.#retries.values()]) timer.cancel();
    this.#timers.clear();
    this.#retries.clear();
    this.#due.clear();
    this.#tellWaiters();
    return this.idle();
  }

  get #isStopped(): boolean {
    return this.#aborter.signal.aborted;
  }

  #arm(timers: Map<string, Timer>, key: string, delayMs: number): void {
    if (this.#isStopped) return;
    const dueMs = this.#options.clock.elapsed() + delayMs;
    const pending = timers.get(key);
    if (pending !== undefined && pending.dueMs <= dueMs) return;
    pending?.cancel();
    const cancel = this.#options.clock.after(delayMs, () => {
      timers.delete(key);
      this.add(key);
    });
    timers.set(key, { dueMs, cancel });
  }

  /** Starts workers in a microtask, so that a burst of keys is seen whole and adding never runs the work itself. */
  #planPump(): void {
    if (this.#isPumpPlanned) return;
    this.#isPumpPlanned = true;
    queueMicrotask(() => {
      this.#isPumpPlanned = false;
      this.#pump();
    });
  }

  #pump(): void {
    for (const key of this.#due) {
      if (this.#running.size >= this.#options.concurrency) return;
      if (this.#running.has(key)) continue;
      this.#due.delete(key);
      this.#running.add(key);
      // Any pass is as good as the retry that was planned.
      this.#retries.get(key)?.cancel();
      this.#retries.delete(key);
      void this.#run(key);
    }
  }

  async #run(key: string): Promise<void> {
    try {
      const result = await this.#options.work(key, this.#aborter.signal);
      this.#failures.delete(key);
      if (result?.checkAgainAfterMs !== undefined) this.addAfter(key, result.checkAgainAfterMs);
    } catch (error) {
      if (!this.#isStopped) this.#failed(key, error);
    } finally {
      this.#running.delete(key);
      this.#planPump();
      this.#tellWaiters();
    }
  }

  #failed(key: string, error: unknown): void {
    if (error instanceof TerminalError) {
      this.#failures.delete(key);
      this.#options.onError(key, error, undefined);
      return;
    }
    const failures = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.set(key, failures);
    const fullMs = Math.min(this.#backoff.maxMs, this.#backoff.initialMs * 2 ** (failures - 1));
    const retryInMs = Math.round(fullMs / 2 + (this.#options.random() * fullMs) / 2);
    this.#arm(this.#retries, key, retryInMs);
    this.#options.onError(key, error, retryInMs);
  }

  #tellWaiters(): void {
    if (!this.isIdle) return;
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const tell of waiters) tell();
  }
}
