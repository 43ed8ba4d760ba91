// Lets a first wake through at once, and makes of those that follow closely one more, when no further one comes: a storm is one look at the
// repository and one after it, however long it takes to come down.
import type { Cancel, Clock } from '../../system/clock.ts';

/** A wake that comes so soon after another one waits whether there are more. */
export const QUIET_MS = 2_000;
/** It does not wait for longer than this. */
export const LONGEST_WAIT_MS = 10_000;

export class WakeGate {
  readonly #clock: Clock;
  readonly #wake: () => void;
  #lastMs = Number.NEGATIVE_INFINITY;
  #waiting: { readonly cancel: Cancel; readonly sinceMs: number } | undefined;

  constructor(clock: Clock, wake: () => void) {
    this.#clock = clock;
    this.#wake = wake;
  }

  wake(): void {
    const now = this.#clock.elapsed();
    const isClose = now - this.#lastMs < QUIET_MS;
    this.#lastMs = now;
    if (!isClose && this.#waiting === undefined) this.#wake();
    else this.#wait(now);
  }

  /** Forgets a wake that waits. */
  stop(): void {
    this.#waiting?.cancel();
    this.#waiting = undefined;
  }

  #wait(now: number): void {
    const sinceMs = this.#waiting?.sinceMs ?? now;
    this.#waiting?.cancel();
    const cancel = this.#clock.after(Math.min(QUIET_MS, sinceMs + LONGEST_WAIT_MS - now), () => {
      this.#waiting = undefined;
      this.#lastMs = this.#clock.elapsed();
      this.#wake();
    });
    this.#waiting = { cancel, sinceMs };
  }
}
