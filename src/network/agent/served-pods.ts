// Which pods the data plane leads clients to, counted over fragments. Plain bookkeeping.
import type { StoredOf } from '../../model/resource.ts';

/** Uids of the pods that slices lead new clients to. Those that are about to end are not counted: they serve only while no other does. */
export function podsServed(slices: readonly StoredOf<'EndpointSlice'>[]): readonly string[] {
  const endpoints = slices.flatMap((slice) => slice.endpoints ?? []);
  return endpoints.flatMap(({ conditions, targetRef }) =>
    conditions?.ready !== false && conditions?.terminating !== true && targetRef?.uid !== undefined ? [targetRef.uid] : [],
  );
}

/** Counts, per pod, the fragments that lead to it. */
export class ServedPods {
  /** By fragment: the pods that it leads to, as the container is known to hold it. */
  readonly #held = new Map<string, ReadonlySet<string>>();
  /** By fragment: the same, as it was planned last. */
  readonly #expected = new Map<string, ReadonlySet<string>>();
  readonly #counts = new Map<string, number>();
  #isKnown = false;

  /** Whether anything leads to this pod, or may lead: nothing is known before the first `settle`. */
  has(uid: string): boolean {
    return !this.#isKnown || this.#counts.has(uid);
  }

  /** Whether `settle` was called. */
  get isKnown(): boolean {
    return this.#isKnown;
  }

  /** A fragment was planned anew. What it led to counts until `settle`. */
  expect(id: string, uids: Iterable<string>): void {
    const expected = new Set(uids);
    this.#expected.set(id, expected);
    for (const uid of expected) if (this.#held.get(id)?.has(uid) !== true) this.#count(uid, 1);
    const held = this.#held.get(id) ?? new Set<string>();
    this.#held.set(id, new Set([...held, ...expected]));
  }

  /** The container holds what was planned, and these fragments are all. Tells the pods that nothing leads to any more. */
  settle(ids: Pick<ReadonlySet<string>, 'has'>): readonly string[] {
    this.#isKnown = true;
    const left: string[] = [];
    for (const [id, expected] of this.#expected) {
      const now = ids.has(id) ? expected : new Set<string>();
      for (const uid of this.#held.get(id) ?? []) if (!now.has(uid) && this.#count(uid, -1) === 0) left.push(uid);
      if (now.size === 0) this.#held.delete(id);
      else this.#held.set(id, now);
    }
    this.#expected.clear();
    return left;
  }

  #count(uid: string, change: number): number {
    const count = (this.#counts.get(uid) ?? 0) + change;
    if (count === 0) this.#counts.delete(uid);
    else this.#counts.set(uid, count);
    return count;
  }
}
