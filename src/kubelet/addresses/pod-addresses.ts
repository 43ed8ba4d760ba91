// The addresses of this node's pods, as the kubelet gives them: what Docker and the store show goes into the book before anything is given,
// and whoever needs no address any more is taken out. It calls nobody.
import { isFinalPhase } from '../../model/pod-phase.ts';
import type { StoreReader } from '../../store/store.ts';
import type { Clock } from '../../system/clock.ts';
import type { ContainerSeen } from '../engine/container-engine.ts';
import { ROLE_LABEL } from '../labels.ts';
import type { PodMemory } from '../pod-memory.ts';
import type { PodTable } from '../pod-table.ts';
import { AddressBook } from './address-book.ts';
import type { PodNetwork } from './pod-network.ts';

/** What giving addresses needs. */
export interface PodAddressesParts {
  readonly network: PodNetwork;
  readonly store: StoreReader;
  readonly pods: PodTable;
  readonly clock: Clock;
  readonly nodeName: string;
}

function isUp({ state }: ContainerSeen): boolean {
  return state === 'running' || state === 'paused' || state === 'restarting';
}

function addressOf({ address, ip }: ContainerSeen): string {
  return address ?? ip;
}

/** Addresses of pods on one node. */
export class PodAddresses {
  readonly #parts: PodAddressesParts;
  readonly #book: AddressBook;

  /** Begins with what the listed pods have; to be made before the first pod is worked on. */
  constructor(parts: PodAddressesParts) {
    this.#parts = parts;
    this.#book = new AddressBook(parts.network.slice);
    this.#adopt();
  }

  /** The address of a pod: the one that it has, or a new one; undefined when all are in use. */
  take(uid: string): string | undefined {
    const { pods, clock } = this.#parts;
    const used = new Set(pods.uids().flatMap((other) => (other === uid ? [] : this.#up(other).map(addressOf))));
    return this.#book.take(uid, clock.now(), (address) => used.has(address));
  }

  /** Why a pod gets no address, in words. */
  get exhausted(): string {
    return `no address is free for a pod: all ${this.#book.size} of ${this.#parts.network.slice} are in use`;
  }

  /** The address of a pod is somebody else's. */
  passOver(uid: string): void {
    this.#book.passOver(uid, this.#parts.clock.now());
  }

  /** A pod was worked on: what it has by now counts, and what it needs no more is free. */
  settle(uid: string, isGone: boolean): void {
    const { clock } = this.#parts;
    const [up] = this.#up(uid);
    if (up === undefined && (isGone || !this.#needsAddress(uid))) return this.#book.release(uid, clock.now());
    const address = up === undefined ? '' : addressOf(up);
    if (address !== '' && address !== this.#book.addressOf(uid)) this.#book.hold(uid, address);
  }

  #memory(uid: string): PodMemory | undefined {
    return this.#parts.pods.get(uid);
  }

  #sandboxes(uid: string): readonly ContainerSeen[] {
    return [...(this.#memory(uid)?.seen.values() ?? [])].filter(({ labels }) => labels[ROLE_LABEL] === 'sandbox');
  }

  #up(uid: string): readonly ContainerSeen[] {
    return this.#sandboxes(uid).filter(isUp);
  }

  /** A pod that is over keeps the address in its status only. One without a pod in the store is about to go. */
  #needsAddress(uid: string): boolean {
    const memory = this.#memory(uid);
    const pod = memory === undefined ? undefined : this.#parts.store.get('Pod', memory.namespace, memory.name);
    return pod?.metadata.uid === uid && !isFinalPhase(pod.status?.phase);
  }

  /** First what runs, then what was made and does not, then what the store remembers; the newest last, so that new pods come behind it. */
  #adopt(): void {
    const { pods, store, nodeName } = this.#parts;
    const all = pods.uids().flatMap((uid) => this.#sandboxes(uid).map((sandbox) => ({ uid, sandbox })));
    const byAge = all.toSorted((a, b) => a.sandbox.createdAtMs - b.sandbox.createdAtMs);
    for (const { uid, sandbox } of byAge) if (isUp(sandbox)) this.#book.hold(uid, addressOf(sandbox));
    for (const { uid, sandbox } of byAge)
      if (this.#book.addressOf(uid) === undefined && this.#needsAddress(uid)) this.#book.hold(uid, addressOf(sandbox));
    for (const { metadata, spec, status } of store.list('Pod')) {
      const isHere = spec.nodeName === nodeName && spec.hostNetwork !== true && !isFinalPhase(status?.phase);
      if (isHere && this.#book.addressOf(metadata.uid) === undefined) this.#book.hold(metadata.uid, status?.podIP ?? '');
    }
  }
}
