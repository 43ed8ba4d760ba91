// Chance of a scenario: everything that a seed decides comes from here, in one order.
import { seededRandom } from '../support/seeded-ids.ts';

export class Dice {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  /** A whole number from `min` to `max`, both possible. */
  between(min: number, max: number): number {
    return min + Math.floor(this.#random() * (max - min + 1));
  }

  /** True once in `one / chance` throws. */
  chance(chance: number): boolean {
    return this.#random() < chance;
  }

  pick<const T>(from: readonly [T, ...T[]]): T;
  pick<const T>(from: readonly T[]): T | undefined;
  pick<T>(from: readonly T[]): T | undefined {
    return from[Math.floor(this.#random() * from.length)];
  }

  /** One of several, each as often as its weight says. */
  weighted<T>(options: readonly (readonly [weight: number, value: T])[]): T {
    const total = options.reduce((sum, [weight]) => sum + weight, 0);
    let left = this.#random() * total;
    for (const [weight, value] of options) {
      left -= weight;
      if (left < 0) return value;
    }
    const last = options.at(-1);
    if (last === undefined) throw new Error('nothing to choose from');
    return last[1];
  }
}
