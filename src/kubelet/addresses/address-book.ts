// Which pod has which address of a node's slice. One pod keeps one address for as long as it lives, whatever becomes of its sandbox; no two
// have the same. It only remembers and chooses: whoever asks says what time it is, and what else is in use. Pure.
import { podAddresses } from '../../model/cluster-ranges.ts';
import { formatAddress, parseAddress } from '../../model/ipv4.ts';

/** An address that was given up is not given again for so long, if there are others: clients may still send to it. */
export const REST_MS = 30_000;
/** An address that a container of somebody else has is passed over for so long. */
export const FOREIGN_MS = 600_000;

/** The addresses of one node's pods. */
export class AddressBook {
  readonly #first: number;
  readonly #last: number;
  readonly #holders = new Map<string, number>();
  readonly #freedAtMs = new Map<number, number>();
  readonly #foreignUntilMs = new Map<number, number>();
  /** Where the search for the next address begins, so that the one that was given up last comes last. */
  #next: number;

  /** `slice` is the node's: `10.244.3.0/24`. */
  constructor(slice: string) {
    const { first, last } = podAddresses(slice) ?? { first: 0, last: -1 };
    this.#first = first;
    this.#last = last;
    this.#next = first;
  }

  /** How many pods can have an address. */
  get size(): number {
    return this.#last - this.#first + 1;
  }

  /** The address of a pod; undefined when it has none. */
  addressOf(uid: string): string | undefined {
    const address = this.#holders.get(uid);
    return address === undefined ? undefined : formatAddress(address);
  }

  /**
   * Notes that a pod has this address. False when it is none of the slice's, or another pod's: the pod will get another one then.
   * Addresses that are given later begin behind it.
   */
  hold(uid: string, text: string): boolean {
    const address = parseAddress(text);
    if (address === undefined || address < this.#first || address > this.#last) return false;
    const before = this.#holders.get(uid);
    if (before === address) return true;
    if ([...this.#holders.values()].includes(address)) return false;
    this.#holders.set(uid, address);
    this.#freedAtMs.delete(address);
    this.#next = address + 1;
    return true;
  }

  /** The address of a pod, a new one if it has none; undefined when all are in use. `isUsed`: what is seen to be in use beside. */
  take(uid: string, now: number, isUsed: (address: string) => boolean = () => false): string | undefined {
    const own = this.#holders.get(uid);
    if (own !== undefined) return formatAddress(own);
    const held = new Set(this.#holders.values());
    const free = Array.from({ length: Math.max(this.size, 0) }, (_, step) => this.#at(step)).filter(
      (address) => !held.has(address) && (this.#foreignUntilMs.get(address) ?? 0) <= now && !isUsed(formatAddress(address)),
    );
    const rested = free.find((address) => now - (this.#freedAtMs.get(address) ?? Number.NEGATIVE_INFINITY) >= REST_MS);
    const chosen = rested ?? free.toSorted((a, b) => (this.#freedAtMs.get(a) ?? 0) - (this.#freedAtMs.get(b) ?? 0))[0];
    if (chosen === undefined) return undefined;
    this.#holders.set(uid, chosen);
    this.#freedAtMs.delete(chosen);
    this.#next = chosen + 1;
    return formatAddress(chosen);
  }

  #at(step: number): number {
    return this.#first + ((this.#next - this.#first + step) % this.size);
  }

  /** A pod needs no address any more. Harmless when it has none. */
  release(uid: string, now: number): void {
    const address = this.#holders.get(uid);
    if (address === undefined) return;
    this.#holders.delete(uid);
    this.#freedAtMs.set(address, now);
  }

  /** The address of a pod turned out to be somebody else's: it is given to nobody for a while, and the pod gets another one. */
  passOver(uid: string, now: number): void {
    const address = this.#holders.get(uid);
    if (address === undefined) return;
    this.#holders.delete(uid);
    this.#foreignUntilMs.set(address, now + FOREIGN_MS);
  }
}
