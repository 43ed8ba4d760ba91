// The nodes with the pods on them, and what is left: amounts, ports, and which pods are where. Built from the store, or on paper; taking
// a seat and giving it up keep every count right.
import { amountOf } from '../model/admission/amounts.ts';
import { taintsOf } from '../model/node-fit.ts';
import { isFinished } from '../model/pod-phase.ts';
import type { Quantity, StoredOf, Taint } from '../model/resource.ts';
import { fromRfc3339 } from '../model/time.ts';
import { type Candidate, type PodTerm, storedCandidate, type WeightedTerm } from './candidate.ts';
import { type Crowd, isMember, type NamespaceLabels } from './crowd.ts';
import type { HostPort } from './demand.ts';

/** What a pod without requests counts as when nodes are compared, as in Kubernetes. */
const SCORED_MILLI_CPU = 100;
const SCORED_MEMORY_BYTES = 200 * 2 ** 20;

/** One pod on one node. */
export interface Seat {
  readonly candidate: Candidate;
  readonly room: Room;
  /** On its way out: it still takes what it took, and is no longer counted when pods are spread. */
  readonly isLeaving: boolean;
  /** Reserved for a pod that waits: nothing runs there yet. */
  isPaper: boolean;
  /** When it began, in epoch milliseconds; undefined for one that has not. */
  readonly startedAtMs: number | undefined;
}

/** A port that is taken, and by whom. */
interface TakenPort {
  readonly port: HostPort;
  readonly holder: string;
}

interface Count {
  all: number;
  staying: number;
}

/** One node and what is taken of it. */
export interface Room {
  readonly node: StoredOf<'Node'>;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  readonly allocatable: ReadonlyMap<string, number>;
  readonly used: Map<string, number>;
  /** As above, with at least a little for every pod. */
  scoredMilliCpu: number;
  scoredMemoryBytes: number;
  readonly seats: Set<Seat>;
  readonly ports: TakenPort[];
  readonly groups: Map<string, number>;
  /** How many pods of a crowd are here, by the crowd's key. */
  readonly counts: Map<string, Count>;
}

/** A term that pods on nodes have, and where they are. */
interface Held<T extends PodTerm> {
  readonly term: T;
  readonly rooms: Map<Room, number>;
}

/** What a candidate adds to the load of a node when nodes are compared. */
export function scoredDemand({ demand }: Candidate): { milliCpu: number; memoryBytes: number } {
  return {
    milliCpu: Math.max(demand.amounts.get('cpu') ?? 0, SCORED_MILLI_CPU),
    memoryBytes: Math.max(demand.amounts.get('memory') ?? 0, SCORED_MEMORY_BYTES),
  };
}

function shift<K>(counts: Map<K, number>, key: K, by: number): void {
  const next = (counts.get(key) ?? 0) + by;
  if (next === 0) counts.delete(key);
  else counts.set(key, next);
}

function emptyRoom(node: StoredOf<'Node'>): Room {
  const written: Record<string, Quantity | undefined> = { ...node.status?.allocatable };
  const amounts = Object.entries(written).map(([resource, quantity]): [string, number] => [
    resource,
    amountOf(resource, quantity),
  ]);
  return {
    node,
    name: node.metadata.name,
    labels: node.metadata.labels ?? {},
    taints: taintsOf(node),
    allocatable: new Map(amounts),
    used: new Map(),
    scoredMilliCpu: 0,
    scoredMemoryBytes: 0,
    seats: new Set(),
    ports: [],
    groups: new Map(),
    counts: new Map(),
  };
}

/** All nodes. */
export class Rooms {
  readonly all: readonly Room[];
  readonly namespaces: NamespaceLabels;
  readonly #byName: ReadonlyMap<string, Room>;
  readonly #crowds = new Map<string, Crowd>();
  readonly #guards = new Map<string, Held<PodTerm>>();
  readonly #draws = new Map<string, Held<WeightedTerm>>();

  constructor(nodes: readonly StoredOf<'Node'>[], namespaces: NamespaceLabels = new Map()) {
    this.all = nodes.map(emptyRoom);
    this.namespaces = namespaces;
    this.#byName = new Map(this.all.map((room) => [room.name, room]));
  }

  /** The node of this name, if there is one. */
  named(name: string | undefined): Room | undefined {
    return name === undefined ? undefined : this.#byName.get(name);
  }

  /** Puts a pod on a node, whether or not it fits. */
  occupy(
    room: Room,
    candidate: Candidate,
    options: { readonly isLeaving?: boolean; readonly isPaper?: boolean; readonly startedAtMs?: number | undefined } = {},
  ): Seat {
    const { isLeaving = false, isPaper = false, startedAtMs } = options;
    const seat: Seat = { candidate, room, isLeaving, isPaper, startedAtMs };
    this.restore(seat);
    return seat;
  }

  /** Puts a pod back where it was. */
  restore(seat: Seat): void {
    const { room, candidate } = seat;
    if (room.seats.has(seat)) return;
    room.seats.add(seat);
    this.#change(seat, 1);
    for (const port of candidate.demand.ports) room.ports.push({ port, holder: candidate.name });
  }

  /** Takes it off again. */
  vacate(seat: Seat): void {
    const { room, candidate } = seat;
    if (!room.seats.delete(seat)) return;
    this.#change(seat, -1);
    for (const port of candidate.demand.ports) {
      const taken = room.ports.findIndex((entry) => entry.port === port && entry.holder === candidate.name);
      if (taken >= 0) room.ports.splice(taken, 1);
    }
  }

  /** How many pods of a crowd are on a node. Counted once, then kept. */
  count(crowd: Crowd, room: Room): Readonly<Count> {
    if (!this.#crowds.has(crowd.key)) {
      this.#crowds.set(crowd.key, crowd);
      for (const each of this.all) for (const seat of each.seats) this.#countSeat(crowd, seat, 1);
    }
    return room.counts.get(crowd.key) ?? { all: 0, staying: 0 };
  }

  /** Required anti-affinity of the pods that are here. */
  guards(): Iterable<Held<PodTerm>> {
    return this.#guards.values();
  }

  /** Affinity of the pods that are here: what they like, or dislike, to be beside. */
  draws(): Iterable<Held<WeightedTerm>> {
    return this.#draws.values();
  }

  #change(seat: Seat, by: 1 | -1): void {
    const { room, candidate } = seat;
    for (const [resource, amount] of candidate.demand.amounts) shift(room.used, resource, by * amount);
    const scored = scoredDemand(candidate);
    room.scoredMilliCpu += by * scored.milliCpu;
    room.scoredMemoryBytes += by * scored.memoryBytes;
    if (candidate.group !== undefined) shift(room.groups, candidate.group, by);
    for (const crowd of this.#crowds.values()) this.#countSeat(crowd, seat, by);
    for (const term of candidate.antiAffinity) hold(this.#guards, `${term.topologyKey} ${term.crowd.key}`, term, room, by);
    for (const term of candidate.draws) hold(this.#draws, `${term.weight} ${term.topologyKey} ${term.crowd.key}`, term, room, by);
  }

  #countSeat(crowd: Crowd, { candidate, room, isLeaving }: Seat, by: 1 | -1): void {
    if (!isMember(crowd, candidate, this.namespaces)) return;
    const count = room.counts.get(crowd.key) ?? { all: 0, staying: 0 };
    count.all += by;
    if (!isLeaving) count.staying += by;
    room.counts.set(crowd.key, count);
  }
}

function hold<T extends PodTerm>(held: Map<string, Held<T>>, key: string, term: T, room: Room, by: 1 | -1): void {
  const entry = held.get(key) ?? { term, rooms: new Map<Room, number>() };
  shift(entry.rooms, room, by);
  if (entry.rooms.size === 0) held.delete(key);
  else held.set(key, entry);
}

/** Puts a stored pod on the node that it has been given to. Undefined for one that has ended, or whose node is not there. */
export function seatStored(rooms: Rooms, pod: StoredOf<'Pod'>): Seat | undefined {
  const room = rooms.named(pod.spec.nodeName);
  if (room === undefined || isFinished(pod)) return undefined;
  const startTime = pod.status?.startTime;
  return rooms.occupy(room, storedCandidate(pod), {
    isLeaving: pod.metadata.deletionTimestamp !== undefined,
    startedAtMs: startTime === undefined ? undefined : fromRfc3339(startTime),
  });
}

/** The nodes with these pods on them. */
export function roomsWith(
  nodes: readonly StoredOf<'Node'>[],
  pods: readonly StoredOf<'Pod'>[],
  namespaces?: NamespaceLabels,
): Rooms {
  const rooms = new Rooms(nodes, namespaces);
  for (const pod of pods) seatStored(rooms, pod);
  return rooms;
}
