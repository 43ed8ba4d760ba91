// What the kubelet may know of the data plane: whether clients are still led to a pod. A pod counts for a moment longer than that, for the
// requests that are under way to it.
import type { Clock } from '../../system/clock.ts';

/**
 * How long a pod that nothing leads to any more still counts as served: connections that were made to it just before have sent their request
 * and have the answer by then. Longer requests are for the program to finish before it ends.
 */
export const LINGER_MS = 250;

/** Whoever leads clients to pods. */
export interface LeadsToPods {
  /** Whether it leads to this pod, by what the container is known to hold; true as long as that is not known. */
  isServed(uid: string): boolean;
}

/** Sums up all that leads to pods. */
export class PodTraffic {
  readonly #clock: Clock;
  readonly #leaders: readonly LeadsToPods[];
  readonly #lingering = new Set<string>();
  readonly #callbacks: ((uids: readonly string[]) => void)[] = [];

  constructor(clock: Clock, leaders: readonly LeadsToPods[]) {
    this.#clock = clock;
    this.#leaders = leaders;
  }

  /** Whether clients may still be under way to this pod. */
  isServed(uid: string): boolean {
    return this.#lingering.has(uid) || this.#leaders.some((leader) => leader.isServed(uid));
  }

  /** Calls back when pods may no longer be served. */
  onLeft(callback: (uids: readonly string[]) => void): void {
    this.#callbacks.push(callback);
  }

  /** One of the leaders leads to these pods no more. */
  left(uids: readonly string[]): void {
    const gone = uids.filter((uid) => !this.#leaders.some((leader) => leader.isServed(uid)));
    if (gone.length === 0) return;
    for (const uid of gone) this.#lingering.add(uid);
    this.#clock.after(LINGER_MS, () => {
      for (const uid of gone) this.#lingering.delete(uid);
      for (const tell of this.#callbacks) tell(gone);
    });
  }
}
