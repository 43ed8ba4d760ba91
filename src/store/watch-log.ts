// The latest changes, for watchers. Each watcher has only a position in one bounded log, so that a slow one costs nothing.
import { RevisionCompacted, type WatchEvent } from './store.ts';

/** Changes that are kept for watchers; who falls further behind lists anew. */
export const WATCH_BACKLOG_EVENTS = 10_000;

/** A bounded log of changes, followed by any number of watchers. */
export class WatchLog {
  readonly #capacity: number;
  readonly #events: WatchEvent[] = [];
  #wakers: (() => void)[] = [];
  /** Position of the next event; the event at position p is in slot p modulo capacity. */
  #end = 0;
  /** The newest revision of which events are no longer kept. */
  #compacted: number;
  #revision: number;
  #isClosed = false;

  /** Starts empty at `revision`: what happened before cannot be watched. */
  constructor(revision: number, capacity: number = WATCH_BACKLOG_EVENTS) {
    this.#compacted = revision;
    this.#revision = revision;
    this.#capacity = capacity;
  }

  /** Appends the events of one transaction and wakes the watchers. */
  append(events: readonly WatchEvent[]): void {
    for (const event of events) {
      const dropped = this.#events[this.#end % this.#capacity];
      if (dropped !== undefined) this.#compacted = dropped.revision;
      this.#events[this.#end % this.#capacity] = event;
      this.#end++;
      this.#revision = event.revision;
    }
    this.#wake();
  }

  /** Ends all watches. */
  close(): void {
    this.#isClosed = true;
    this.#wake();
  }

  /** See `Store.watch`. */
  watch(fromRevision: number, signal: AbortSignal): AsyncIterable<WatchEvent> {
    // A revision of the future belongs to a store that was lost: its reader has to list anew as well.
    if (fromRevision < this.#compacted || fromRevision > this.#revision)
      throw new RevisionCompacted(fromRevision, this.#compacted);
    let position = this.#end;
    while (position > this.#start && (this.#at(position - 1)?.revision ?? 0) > fromRevision) position--;
    return this.#follow(position, signal);
  }

  async *#follow(from: number, signal: AbortSignal): AsyncGenerator<WatchEvent, void, undefined> {
    let reached = this.#compacted;
    const told = { isAborted: signal.aborted };
    let wake = (): void => {};
    // Thousands may follow: asking a signal, or listening to it anew for each wait, costs more than the rest.
    const onAbort = (): void => {
      told.isAborted = true;
      wake();
    };
    signal.addEventListener('abort', onAbort, { once: true });
    const next = (): Promise<void> =>
      new Promise((resolve) => {
        wake = resolve;
        this.#wakers.push(resolve);
      });
    try {
      for (let position = from; !told.isAborted && !this.#isClosed; ) {
        if (position < this.#start) throw new RevisionCompacted(reached, this.#compacted);
        const event = position < this.#end ? this.#at(position) : undefined;
        if (event === undefined) {
          await next();
          continue;
        }
        position++;
        reached = event.revision;
        yield event;
      }
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  get #start(): number {
    return Math.max(0, this.#end - this.#capacity);
  }

  #at(position: number): WatchEvent | undefined {
    return this.#events[position % this.#capacity];
  }

  #wake(): void {
    const wakers = this.#wakers;
    this.#wakers = [];
    for (const wake of wakers) wake();
  }
}
