// What the kubelet may know of the data plane: whether clients are still led to a pod. A pod counts for a moment longer than that, for the
// requests that are under way to it, and not at all for a lane that cannot say.
import type { Cancel, Clock } from '../../system/clock.ts';
import { type Lane, ScriptFailed } from './lane.ts';

/**
 * How long a pod that nothing leads to any more still counts as served: connections that were made to it just before have sent their request
 * and have the answer by then. Longer requests are for the program to finish before it ends.
 */
export const LINGER_MS = 500;
/**
 * How long a container that does not answer at all is waited for, from its first silence on. What it programmed still leads clients to pods; but a
 * node that is cut off must not hold up the others for as long as it is. One that answers, whatever it says, is waited for: who waits has an end.
 */
export const GIVE_UP_MS = 10_000;

/** A lane that leads clients to pods. */
export interface LeadsToPods extends Lane {
  /** Whether it leads to this pod, by what the container is known to hold; true as long as that is not known. */
  isServed(uid: string): boolean;
}

/** Sums up all that leads to pods. */
export class PodTraffic {
  readonly #clock: Clock;
  readonly #leaders: readonly LeadsToPods[];
  readonly #givenUp = new Set<LeadsToPods>();
  /** Pods that were left a moment ago, each with the call that told it last. */
  readonly #lingering = new Map<string, symbol>();
  readonly #callbacks: ((uids: readonly string[]) => void)[] = [];
  /** Pods that somebody was told of as served, and waits for. */
  readonly #told = new Set<string>();

  constructor(clock: Clock, leaders: readonly LeadsToPods[]) {
    this.#clock = clock;
    this.#leaders = leaders;
  }

  /** Whether clients may still be under way to this pod. */
  isServed(uid: string): boolean {
    const isServed = this.#lingering.has(uid) || this.#isLedTo(uid);
    if (isServed) this.#told.add(uid);
    return isServed;
  }

  /** Calls back when pods may no longer be served. */
  onLeft(callback: (uids: readonly string[]) => void): void {
    this.#callbacks.push(callback);
  }

  /** A lane leads to these pods no more. */
  left(uids: readonly string[]): void {
    const gone = uids.filter((uid) => !this.#isLedTo(uid));
    if (gone.length === 0) return;
    const call = Symbol('left');
    for (const uid of gone) this.#lingering.set(uid, call);
    this.#clock.after(LINGER_MS, () => {
      const over = gone.filter((uid) => this.#lingering.get(uid) === call);
      for (const uid of over) this.#lingering.delete(uid);
      this.#tell(over);
    });
  }

  /** The lanes, for the agent: what becomes of their passes is noticed. */
  lanes(): readonly Lane[] {
    return this.#leaders.map((leader) => this.#noticed(leader));
  }

  #noticed(leader: LeadsToPods): Lane {
    let cancel: Cancel | undefined;
    const giveUp = (): void => {
      this.#givenUp.add(leader);
      this.#tell([...this.#told].filter((uid) => !this.isServed(uid)));
    };
    const heard = (): void => {
      cancel?.();
      cancel = undefined;
      this.#givenUp.delete(leader);
    };
    return {
      name: leader.name,
      isEssential: leader.isEssential,
      reset: (store) => leader.reset(store),
      take: (event, store) => leader.take(event, store),
      forget: () => leader.forget(),
      apply: async (pass) => {
        try {
          const result = await leader.apply(pass);
          heard();
          return result;
        } catch (error) {
          if (error instanceof ScriptFailed) heard();
          else cancel ??= this.#clock.after(GIVE_UP_MS, giveUp);
          throw error;
        }
      },
    };
  }

  #isLedTo(uid: string): boolean {
    return this.#leaders.some((leader) => !this.#givenUp.has(leader) && leader.isServed(uid));
  }

  #tell(uids: readonly string[]): void {
    for (const uid of uids) this.#told.delete(uid);
    for (const tell of this.#callbacks) tell(uids);
  }
}
