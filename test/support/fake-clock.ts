// Virtual time for tests: nothing waits, and timers fire in the order of their due times.
import type { Cancel, Clock } from '../../src/system/clock.ts';

interface Timer {
  readonly dueMs: number;
  readonly sequence: number;
  readonly callback: () => void;
}

/**
 * Turns of the event loop in which nothing new was scheduled, after which promises count as settled. More than one, because
 * a callback may itself go through the event loop (setImmediate) before it shows on the clock.
 */
const QUIET_TURNS = 3;

/** Turns after which `settle` gives up on a program that schedules for ever. */
const MAX_TURNS = 10_000;

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A clock that moves only when a test moves it. */
export class FakeClock implements Clock {
  #nowMs: number;
  #setByMs = 0;
  #sequence = 0;
  #changes = 0;
  readonly #timers = new Set<Timer>();

  constructor(startMs: number = Date.parse('2026-01-01T00:00:00Z')) {
    this.#nowMs = startMs;
  }

  now(): number {
    return this.#nowMs + this.#setByMs;
  }

  elapsed(): number {
    return this.#nowMs;
  }

  /** Somebody sets the clock, forward or back. Timers run on, as those of the platform do. */
  set(byMs: number): void {
    this.#setByMs += byMs;
  }

  after(delayMs: number, callback: () => void): Cancel {
    const timer: Timer = { dueMs: this.#nowMs + Math.max(delayMs, 0), sequence: this.#sequence++, callback };
    this.#timers.add(timer);
    this.#changes++;
    return () => {
      if (this.#timers.delete(timer)) this.#changes++;
    };
  }

  /** Timers that have neither fired nor been cancelled. */
  get pendingTimers(): number {
    return this.#timers.size;
  }

  /** When the next timer is due, in epoch milliseconds. */
  get nextDueMs(): number | undefined {
    return this.#next()?.dueMs;
  }

  /** Moves time forward, firing the timers that fall due in their order and letting promises settle after each. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    await this.settle();
    for (let timer = this.#next(); timer !== undefined && timer.dueMs <= endMs; timer = this.#next()) {
      this.#fire(timer);
      await this.settle();
    }
    this.#nowMs = Math.max(this.#nowMs, endMs);
    await this.settle();
  }

  /**
   * Jumps from timer to timer until the predicate holds; checks it after each. Returns false when `limitMs` of virtual time have
   * passed, or no timer is left, and it still does not hold.
   */
  async runUntil(predicate: () => boolean, limitMs: number): Promise<boolean> {
    const endMs = this.#nowMs + limitMs;
    await this.settle();
    while (!predicate()) {
      const timer = this.#next();
      if (timer === undefined || timer.dueMs > endMs) {
        this.#nowMs = Math.max(this.#nowMs, endMs);
        await this.settle();
        return predicate();
      }
      this.#fire(timer);
      await this.settle();
    }
    return true;
  }

  /** Lets promises settle without moving time: returns when several turns of the event loop have scheduled nothing. */
  async settle(): Promise<void> {
    let quiet = 0;
    let seen = this.#changes;
    for (let turns = 0; quiet < QUIET_TURNS; turns++) {
      if (turns > MAX_TURNS) throw new Error(`promises did not settle within ${MAX_TURNS} turns of the event loop`);
      await turn();
      quiet = seen === this.#changes ? quiet + 1 : 0;
      seen = this.#changes;
    }
  }

  #next(): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) {
      if (first === undefined || timer.dueMs < first.dueMs || (timer.dueMs === first.dueMs && timer.sequence < first.sequence)) {
        first = timer;
      }
    }
    return first;
  }

  #fire(timer: Timer): void {
    this.#timers.delete(timer);
    this.#nowMs = Math.max(this.#nowMs, timer.dueMs);
    timer.callback();
  }
}
