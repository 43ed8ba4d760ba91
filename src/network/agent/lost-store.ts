// A store that was lost knows the pods that run, and not yet what leads to them: a data plane brought in line with it would take away all that
// works. Until a commit was applied and the pods were looked at, the container keeps what it holds.
import { findCondition } from '../../model/conditions.ts';
import type { StoreReader } from '../../store/store.ts';
import type { Lane } from './lane.ts';

/** How long pods that ran before may take to be found ready again. One that was not ready before never is. */
const PODS_MS = 10_000;
const LOOK_AGAIN_MS = 200;

/** Knows whether a store is whole. Asked before the first time that a data plane is brought in line with it. */
export class LostStore {
  readonly #now: () => number;
  /** Uids of pods that were there before anything that a commit wants was. */
  #found: ReadonlySet<string> | undefined;
  #appliedAtMs: number | undefined;
  #isWhole = false;

  /** `now` is in epoch milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Whether the store says all that there should be. Once true it stays so. */
  isWhole(store: StoreReader): boolean {
    this.#isWhole ||= this.#look(store);
    return this.#isWhole;
  }

  #look(store: StoreReader): boolean {
    if (!wasApplied(store)) {
      this.#found ??= new Set(store.list('Pod').map(({ metadata }) => metadata.uid));
      return false;
    }
    if (this.#found === undefined || this.#found.size === 0) return true;
    this.#appliedAtMs ??= this.#now();
    if (this.#now() - this.#appliedAtMs >= PODS_MS) return true;
    const found = this.#found;
    return store
      .list('Pod')
      .every(({ metadata, status }) => !found.has(metadata.uid) || findCondition(status?.conditions, 'Ready')?.status === 'True');
  }
}

/** Whether a commit of any application was ever written to this store. */
function wasApplied(store: StoreReader): boolean {
  return store.list('Application').some(({ status = {} }) => {
    const { lastGood, quarantined, attempt, inventory = [] } = status;
    return lastGood !== undefined || quarantined !== undefined || attempt?.appliedAt !== undefined || inventory.length > 0;
  });
}

/** A lane that sends nothing before the store is whole. */
export function heldBack(lane: Lane, lostStore: LostStore): Lane {
  return {
    name: lane.name,
    isEssential: lane.isEssential,
    reset: (store) => lane.reset(store),
    take: (event, store) => lane.take(event, store),
    forget: () => lane.forget(),
    apply: async (pass) => (lostStore.isWhole(pass.store) ? await lane.apply(pass) : { checkAgainAfterMs: LOOK_AGAIN_MS }),
  };
}
