// What the evaluation of an expression costs, counted roughly as Kubernetes counts it: a step of a loop and a call cost one, the reading of a
// text a tenth of its length. When the budget is spent, loops end and calls fail, so that no expression can hold anything up.
import { type CelValue, isCelList, isCelMap } from '@bufbuild/cel';

/** How many characters or elements are read for one unit. */
const PER_UNIT = 10;

/** Counts for one evaluation at a time. */
export class Meter {
  #left = 0;
  #isSpent = false;

  /** Begins an evaluation that may cost this much. */
  start(budget: number): void {
    this.#left = budget;
    this.#isSpent = false;
  }

  get isSpent(): boolean {
    return this.#isSpent;
  }

  /** What is left of the budget; 0 when it is spent. */
  get left(): number {
    return Math.max(this.#left, 0);
  }

  /** Whether there is as much left; takes it. */
  take(units: number): boolean {
    this.#left -= units;
    if (this.#left < 0) this.#isSpent = true;
    return !this.#isSpent;
  }

  /** The same value, once what reading it costs has been taken. Throws when the budget is spent. */
  charged(value: CelValue, isDeep: boolean): CelValue {
    if (this.#isSpent || !this.#read(value, isDeep)) throw new Error('the expression costs too much');
    return value;
  }

  /** Takes the cost of as many characters or elements. Throws when the budget is spent. */
  chargeFor(elements: number): void {
    if (!this.take(elements / PER_UNIT)) throw new Error('the expression costs too much');
  }

  #read(value: CelValue, isDeep: boolean): boolean {
    if (typeof value === 'string') return this.take(value.length / PER_UNIT);
    if (value instanceof Uint8Array) return this.take(value.byteLength / PER_UNIT);
    if (isCelList(value)) {
      if (!this.take(value.size / PER_UNIT)) return false;
      if (isDeep) for (const element of value) if (!this.#read(element, true)) return false;
    } else if (isCelMap(value)) {
      if (!this.take(value.size / PER_UNIT)) return false;
      if (isDeep) for (const [, element] of value) if (!this.#read(element, true)) return false;
    }
    return true;
  }
}
