// Follows the store: first everything, then every change; everything again after a gap. Events only wake; what they wake looks itself.
import { RevisionCompacted, type Store, type StoreReader, type WatchEvent } from '../store/store.ts';
import { type Clock, sleep } from '../system/clock.ts';
import type { Logger } from '../system/logger.ts';
import type { WorkQueue } from './work-queue.ts';

/** How long to wait before a broken watch is begun anew. */
const WATCH_RETRY_MS = 1_000;

/** What following the store takes. */
export interface WatchStoreOptions {
  readonly store: Pick<Store, 'watch'> & StoreReader;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called at the start, synchronously, and after every gap: enqueue everything. */
  readonly onRelist: () => void;
  /** Called for every change, in order. */
  readonly onEvent: (event: WatchEvent) => void;
  /** Ends the watch. */
  readonly signal: AbortSignal;
}

/** A running watch. */
export interface StoreWatch {
  /** Whether every change that is in the store has been told. */
  isIdle(): boolean;
  /** Resolves when every change has been told. */
  idle(): Promise<void>;
  /** Resolves when the watch has ended: signal aborted or store closed. Never rejects. */
  readonly done: Promise<void>;
}

/** Something that is quiet at times: a watch, a controller. */
export interface Quiet {
  isIdle(): boolean;
  idle(): Promise<void>;
}

/** Starts to follow the store. */
export function watchStore({ store, clock, logger, onRelist, onEvent, signal }: WatchStoreOptions): StoreWatch {
  let toldRevision = -1;
  let hasEnded = false;
  let waiters: (() => void)[] = [];
  const isIdle = (): boolean => hasEnded || toldRevision >= store.revision();
  const tellWaiters = (): void => {
    if (!isIdle()) return;
    const told = waiters;
    waiters = [];
    for (const tell of told) tell();
  };
  const followOnce = async (): Promise<void> => {
    const from = store.revision();
    const changes = store.watch(from, signal);
    onRelist();
    toldRevision = Math.max(toldRevision, from);
    tellWaiters();
    for await (const event of changes) {
      onEvent(event);
      if (event.more !== true) toldRevision = Math.max(toldRevision, event.revision);
      tellWaiters();
    }
  };
  const follow = async (): Promise<void> => {
    while (!signal.aborted) {
      try {
        await followOnce();
        return;
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof RevisionCompacted) {
          logger.warn({ error: error.message }, 'watch fell behind, listing anew');
        } else {
          logger.error({ error, retryInMs: WATCH_RETRY_MS }, 'watch failed, listing anew');
          await sleep(clock, WATCH_RETRY_MS, signal).catch(() => undefined);
        }
      }
    }
  };
  const done = follow().finally(() => {
    hasEnded = true;
    tellWaiters();
  });
  const idle = (): Promise<void> => (isIdle() ? Promise.resolve() : new Promise((resolve) => waiters.push(resolve)));
  return { isIdle, idle, done };
}

/** A queue as something quiet. */
export function quietQueue(queue: WorkQueue): Quiet {
  return { isIdle: () => queue.isIdle, idle: () => queue.idle() };
}

/**
 * All parts that there are as one: idle when all are at the same moment, so that none can wake another any more. Waiting for each in turn is not
 * enough: the last one may have woken the first.
 */
export function allQuiet(all: readonly (Quiet | undefined)[]): Quiet {
  const parts = all.filter((part) => part !== undefined);
  const isIdle = (): boolean => parts.every((part) => part.isIdle());
  const idle = async (): Promise<void> => {
    while (!isIdle()) for (const part of parts) await part.idle();
  };
  return { isIdle, idle };
}
