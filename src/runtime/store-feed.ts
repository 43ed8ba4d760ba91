// One watch of the store for many who each follow a little of it: tells each only what concerns it. Everybody is told to look at everything when they
// begin to follow, and again after every gap, so that a change that was lost is a look that comes later.
import type { Store, WatchEvent } from '../store/store.ts';
import type { Clock } from '../system/clock.ts';
import type { Logger } from '../system/logger.ts';
import { type Concern, Routes } from './routes.ts';
import { type Quiet, type StoreWatch, watchStore } from './watch-store.ts';

export interface StoreFeedParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Who follows. As for `watchStore`: what is told only wakes; what it wakes looks itself. */
export interface FeedListener {
  /** Called at the beginning, synchronously, and after every gap: enqueue everything. */
  readonly onRelist: () => void;
  /** Called for every change that concerns the listener and is newer than its beginning, in order. */
  readonly onEvent: (event: WatchEvent) => void;
}

/** A listener's place in the feed. */
export interface Following {
  /** This is what is followed from now on. What it adds must have been looked at after this. */
  follow(concern: Concern): void;
  /** Nothing more is told. */
  end(): void;
}

interface Entry extends FeedListener {
  /** Changes up to this revision were there when it began. */
  readonly fromRevision: number;
}

export class StoreFeed implements Quiet {
  readonly #parts: StoreFeedParts;
  readonly #routes = new Routes<Entry>();
  readonly #aborter = new AbortController();
  #watch: StoreWatch | undefined;

  constructor(parts: StoreFeedParts) {
    this.#parts = parts;
  }

  /** Starts to watch. Who follows already is told to look at everything. */
  start(): void {
    this.#watch = watchStore({
      ...this.#parts,
      signal: this.#aborter.signal,
      onRelist: () => {
        for (const { onRelist } of this.#routes.followers()) onRelist();
      },
      onEvent: (event) => this.#tell(event),
    });
  }

  /** Begins to tell somebody. Before the start of the feed nothing is told. */
  join(listener: FeedListener, concern: Concern): Following {
    const entry: Entry = { ...listener, fromRevision: this.#parts.store.revision() };
    this.#routes.set(entry, concern);
    if (this.#watch !== undefined) entry.onRelist();
    let hasEnded = false;
    return {
      follow: (next) => {
        if (!hasEnded) this.#routes.set(entry, next);
      },
      end: () => {
        hasEnded = true;
        this.#routes.delete(entry);
      },
    };
  }

  /** Resolves when nothing is told any more. */
  async stop(): Promise<void> {
    this.#aborter.abort(new Error('the store is no longer watched'));
    await this.#watch?.done;
  }

  isIdle(): boolean {
    return this.#watch?.isIdle() ?? true;
  }

  /** Resolves when every change has been told. */
  idle(): Promise<void> {
    return this.#watch?.idle() ?? Promise.resolve();
  }

  #tell(event: WatchEvent): void {
    for (const { onEvent, fromRevision } of this.#routes.concernedBy(event)) if (event.revision > fromRevision) onEvent(event);
  }
}
