// Notices that somebody has set the clock while this process runs, and has everything in the store that waits by the clock wait as much longer as
// before. What is kept has to be in the time of the calendar, since it outlives the process; how long something still has is not for a clock to
// say that was set in between. A controller that is started anew owes that to others: what it finds has its whole time again.
import type { Store, StoreReader, Write } from '../store/store.ts';
import type { Clock } from '../system/clock.ts';
import type { Logger } from '../system/logger.ts';

/** A clock that differs by less from what passed was not set: it drifts. */
const SET_MS = 1_000;
/** Plans in a row that the store refuses because somebody was quicker. */
const MAX_REPLANS = 20;

/** What has to be written so that it has as much time left as before the clock was set `byMs` ahead. `now` is epoch milliseconds, as it is told now. */
export type Keeper = (store: StoreReader, byMs: number, now: number) => readonly Write[];

/** What a pass asks before it looks at any time. */
export interface TimeKeeping {
  /** Undefined when nobody has set the clock; else it resolves when everything in the store is moved, and rejects with the store's error. */
  keep(): Promise<void> | undefined;
}

export interface KeptTimeParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly keepers: readonly Keeper[];
}

export class KeptTime implements TimeKeeping {
  readonly #parts: KeptTimeParts;
  #offsetMs: number;
  #moving: Promise<void> | undefined;

  constructor(parts: KeptTimeParts) {
    this.#parts = parts;
    this.#offsetMs = offsetOf(parts.clock);
  }

  keep(): Promise<void> | undefined {
    if (this.#moving !== undefined) return this.#moving;
    if (Math.abs(offsetOf(this.#parts.clock) - this.#offsetMs) < SET_MS) return undefined;
    this.#moving = this.#move().finally(() => {
      this.#moving = undefined;
    });
    return this.#moving;
  }

  async #move(): Promise<void> {
    const { store, clock, logger, keepers } = this.#parts;
    for (let replans = 0; replans <= MAX_REPLANS; replans++) {
      const offsetMs = offsetOf(clock);
      const byMs = Math.round(offsetMs - this.#offsetMs);
      const writes = keepers.flatMap((keeper) => keeper(store, byMs, clock.now()));
      if (writes.length > 0 && !(await store.write(writes)).ok) continue;
      this.#offsetMs = offsetMs;
      logger.warn({ component: 'clock', byMs, moved: writes.length }, 'the clock was set');
      return;
    }
    throw new Error('the clock was set, and the store changes faster than what waits by it can be moved');
  }
}

function offsetOf(clock: Clock): number {
  return clock.now() - clock.elapsed();
}
