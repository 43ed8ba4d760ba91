// What has been delivered before, as far as it is worth remembering.

/** A set that forgets what is oldest. */
export class Deliveries {
  readonly #capacity: number;
  readonly #seen = new Set<string>();

  /** How many are remembered. */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Whether any of these was there before. */
  hasAny(keys: readonly string[]): boolean {
    return keys.some((key) => this.#seen.has(key));
  }

  remember(keys: readonly string[]): void {
    for (const key of keys) this.#seen.add(key);
    for (const key of this.#seen) {
      if (this.#seen.size <= this.#capacity) return;
      this.#seen.delete(key);
    }
  }
}
