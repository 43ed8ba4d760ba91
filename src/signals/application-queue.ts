// What a signal does for each application, beside everything else: one piece of work per application, which is woken by a change of what there is to do
// and by nothing else, so that a server that asks to be left alone is.
import type { StoredOf } from '../model/resource.ts';
import type { Following, StoreFeed } from '../runtime/store-feed.ts';
import { allQuiet, type Quiet, quietQueue } from '../runtime/watch-store.ts';
import { WorkQueue, type WorkResult } from '../runtime/work-queue.ts';
import type { Store, WatchEvent } from '../store/store.ts';
import { type Clock, sleep } from '../system/clock.ts';
import { withDeadline } from '../system/deadline.ts';
import type { Ids } from '../system/ids.ts';
import type { Logger } from '../system/logger.ts';

const LONGEST_RETRY_MS = 600_000;
/** What was refused may be taken once a person has done something. */
export const REFUSED_RETRY_MS = 600_000;
const LOOK_AGAIN_MS = 50;

/** What such a signal is given. */
export interface ApplicationSignalParts {
  readonly store: Store;
  /** Tells what changes in the store. */
  readonly feed: StoreFeed;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
}

/** What is done. */
export interface ApplicationWork {
  /** Applications that are worked on at the same time. */
  readonly concurrency: number;
  readonly firstRetryMs: number;
  /** What there is to do for an application, so that two looks can be compared; empty when there is nothing. */
  readonly markOf: (application: StoredOf<'Application'>) => string;
  readonly work: (name: string, signal: AbortSignal) => Promise<WorkResult>;
  /** An application is gone. */
  readonly onRemoved?: (name: string) => void;
  /** A Secret has changed: credentials that were refused may be right now. */
  readonly onSecret: (name: string) => void;
  /** For the log: that a piece of work has failed, and that there was some left when somebody waited for it. */
  readonly says: { readonly failed: string; readonly late: string };
}

/** The work of all applications. */
export class ApplicationQueue implements Quiet {
  readonly #parts: ApplicationSignalParts;
  readonly #does: ApplicationWork;
  readonly #queue: WorkQueue;
  readonly #aborter = new AbortController();
  #following: Following | undefined;
  /** By application: what there was to do when it was last looked at. */
  readonly #seen = new Map<string, string>();

  constructor(parts: ApplicationSignalParts, does: ApplicationWork) {
    const { clock, ids, logger } = parts;
    this.#parts = parts;
    this.#does = does;
    this.#queue = new WorkQueue({
      clock,
      random: () => ids.random(),
      concurrency: does.concurrency,
      backoff: { initialMs: does.firstRetryMs, maxMs: LONGEST_RETRY_MS },
      work: does.work,
      onError: (application, error, retryInMs) => {
        const message = error instanceof Error ? error.message : String(error);
        logger.warn({ component: 'signals', application, message, retryInMs }, does.says.failed);
      },
    });
  }

  start(): void {
    const { store, feed } = this.#parts;
    const onRelist = (): void => {
      for (const application of store.list('Application')) this.#see(application);
    };
    this.#following = feed.join({ onRelist, onEvent: (event) => this.#hear(event) }, { kinds: ['Application', 'Secret'] });
  }

  /** Ends it, with what is on its way. */
  async stop(): Promise<void> {
    this.#aborter.abort(new Error('signals have ended'));
    this.#following?.end();
    await this.#queue.stop();
  }

  /** Has an application worked on now. */
  add(name: string): void {
    this.#queue.add(name);
  }

  /** Names of applications of which there was something to do. */
  names(): Iterable<string> {
    return this.#seen.keys();
  }

  /** Resolves when `isOpen` says of no application any more that it is to be waited for, or after `timeoutMs`. Never rejects. */
  async settled(timeoutMs: number, isOpen: (application: StoredOf<'Application'>) => boolean): Promise<void> {
    const { clock, store, logger } = this.#parts;
    const open = (): readonly string[] =>
      store
        .list('Application')
        .filter(isOpen)
        .map(({ metadata }) => metadata.name);
    const done = async (signal: AbortSignal): Promise<void> => {
      while (open().length > 0) await sleep(clock, LOOK_AGAIN_MS, signal);
    };
    await withDeadline(clock, 'signals', timeoutMs, done, this.#aborter.signal).catch(() =>
      logger.warn({ component: 'signals', applications: open() }, this.#does.says.late),
    );
  }

  isIdle(): boolean {
    return this.#quiet().isIdle();
  }

  idle(): Promise<void> {
    return this.#quiet().idle();
  }

  #quiet(): Quiet {
    return allQuiet([this.#parts.feed, quietQueue(this.#queue)]);
  }

  #hear({ type, resource }: WatchEvent): void {
    const { name } = resource.metadata;
    if (resource.kind === 'Secret') this.#does.onSecret(name);
    if (resource.kind !== 'Application') return;
    if (type !== 'removed') {
      this.#see(resource);
      return;
    }
    this.#seen.delete(name);
    this.#does.onRemoved?.(name);
  }

  #see(application: StoredOf<'Application'>): void {
    const { name } = application.metadata;
    const mark = this.#does.markOf(application);
    if (mark === (this.#seen.get(name) ?? '')) return;
    this.#seen.set(name, mark);
    if (mark !== '') this.#queue.add(name);
  }
}
