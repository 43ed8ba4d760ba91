// Notices that somebody has set the clock while this process runs, and has everything in the store that waits by the clock wait as much longer as
// before. What is kept has to be in the time of the calendar, since it outlives the process; how long something still has is not for a clock to
// say that was set in between. What a controller finds when it starts was written by others, and nobody knows when the clock was set since: what began
// later than now begins now, so that nothing has more than its whole time.
import type { Store, StoreReader, Write } from '../store/store.ts';
import type { Clock } from '../system/clock.ts';
import type { Logger } from '../system/logger.ts';

/** A clock that differs by less from what passed was not set: it drifts. */
const SET_MS = 1_000;
/** Plans in a row that the store refuses because somebody was quicker. */
const MAX_REPLANS = 20;

/** By how much the times of something are moved, in milliseconds; 0: they stay. `lastMs` is the last that happened of it, in epoch milliseconds. */
export type Shift = (lastMs: number) => number;

/** What has to be written so that everything is moved that waits by the clock. `now` is epoch milliseconds, as it is told now. */
export type Keeper = (store: StoreReader, shift: Shift, now: number) => readonly Write[];

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
  #isTakenUp = false;
  #moving: Promise<void> | undefined;

  constructor(parts: KeptTimeParts) {
    this.#parts = parts;
    this.#offsetMs = offsetOf(parts.clock);
  }

  keep(): Promise<void> | undefined {
    if (this.#moving !== undefined) return this.#moving;
    if (!this.#isTakenUp && this.#takenUp().length > 0) return this.#moved(() => this.#takeUp());
    this.#isTakenUp = true;
    if (Math.abs(offsetOf(this.#parts.clock) - this.#offsetMs) < SET_MS) return undefined;
    return this.#moved(() => this.#follow());
  }

  #moved(move: () => Promise<void>): Promise<void> {
    this.#moving = move().finally(() => {
      this.#moving = undefined;
    });
    return this.#moving;
  }

  /** What others left that begins later than now. */
  #takenUp(): readonly Write[] {
    const { store, clock, keepers } = this.#parts;
    const now = clock.now();
    const shift: Shift = (lastMs) => (lastMs - now >= SET_MS ? now - lastMs : 0);
    return keepers.flatMap((keeper) => keeper(store, shift, now));
  }

  async #takeUp(): Promise<void> {
    const moved = await this.#write(() => this.#takenUp());
    this.#isTakenUp = true;
    this.#parts.logger.warn({ component: 'clock', moved }, 'the clock was set back while no controller ran');
  }

  async #follow(): Promise<void> {
    const { store, clock, logger, keepers } = this.#parts;
    let [offsetMs, byMs] = [0, 0];
    const moved = await this.#write(() => {
      offsetMs = offsetOf(clock);
      byMs = Math.round(offsetMs - this.#offsetMs);
      return keepers.flatMap((keeper) => keeper(store, () => byMs, clock.now()));
    });
    this.#offsetMs = offsetMs;
    logger.warn({ component: 'clock', byMs, moved }, 'the clock was set');
  }

  /** How many writes it took. */
  async #write(plan: () => readonly Write[]): Promise<number> {
    for (let replans = 0; replans <= MAX_REPLANS; replans++) {
      const writes = plan();
      if (writes.length === 0 || (await this.#parts.store.write(writes)).ok) return writes.length;
    }
    throw new Error('the clock was set, and the store changes faster than what waits by it can be moved');
  }
}

function offsetOf(clock: Clock): number {
  return clock.now() - clock.elapsed();
}
