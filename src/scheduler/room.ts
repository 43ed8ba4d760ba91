// What is free on the nodes, given the pods that are there. Built anew for every decision and used up by it.

import { byteCount, milliCpu, parseQuantity } from '../model/quantity.ts';
import type { ObjectMeta, PodSpec, StoredOf } from '../model/resource.ts';
import { controllerOf, displayKey, keyOf } from '../model/resource.ts';
import { type Demand, demandOf, type HostPort } from './demand.ts';

/** A pod as the scheduler sees it: one that exists, or one that a commit would bring. */
export interface Candidate {
  /** How a person calls it. */
  readonly name: string;
  readonly demand: Demand;
  /** Pods of the same group are spread over the nodes; undefined for a pod that stands alone. */
  readonly group: string | undefined;
  /** The node that its manifest names. */
  readonly nodeName: string | undefined;
}

/** A port that is taken, and by whom. */
interface TakenPort {
  readonly port: HostPort;
  readonly holder: string;
}

/** One node and what is left of it. */
export interface Room {
  readonly node: StoredOf<'Node'>;
  readonly allocatable: { readonly milliCpu: number; readonly memoryBytes: number; readonly pods: number };
  milliCpu: number;
  memoryBytes: number;
  pods: number;
  readonly ports: TakenPort[];
  readonly groups: Map<string, number>;
}

/** A pod of the store, or one that is planned, as a candidate. */
export function candidateOf(
  pod: { kind: 'Pod'; metadata: ObjectMeta; spec: PodSpec },
  group = controllerOf(pod)?.uid,
): Candidate {
  const { nodeName } = pod.spec;
  return { name: displayKey(keyOf(pod)), demand: demandOf(pod.spec), group, nodeName: nodeName === '' ? undefined : nodeName };
}

/** Takes a candidate's needs off a node. */
export function occupy(room: Room, { name, demand, group }: Candidate): void {
  room.milliCpu += demand.milliCpu;
  room.memoryBytes += demand.memoryBytes;
  room.pods += 1;
  for (const port of demand.ports) room.ports.push({ port, holder: name });
  if (group !== undefined) room.groups.set(group, (room.groups.get(group) ?? 0) + 1);
}

/** The nodes with nothing on them. */
function emptyRooms(nodes: readonly StoredOf<'Node'>[]): Room[] {
  return nodes.map((node) => ({
    node,
    allocatable: {
      milliCpu: milliCpu(node.status?.allocatable?.cpu),
      memoryBytes: byteCount(node.status?.allocatable?.memory),
      pods: parseQuantity(node.status?.allocatable?.pods ?? '0') ?? 0,
    },
    milliCpu: 0,
    memoryBytes: 0,
    pods: 0,
    ports: [],
    groups: new Map(),
  }));
}

/** The nodes with these pods on them. Pods that have ended, or that no node has, take nothing. */
export function roomsWith(nodes: readonly StoredOf<'Node'>[], pods: readonly StoredOf<'Pod'>[]): Room[] {
  const rooms = emptyRooms(nodes);
  const byName = new Map(rooms.map((room) => [room.node.metadata.name, room]));
  for (const pod of pods) {
    const room = byName.get(pod.spec.nodeName ?? '');
    if (room !== undefined && pod.status?.phase !== 'Succeeded' && pod.status?.phase !== 'Failed') occupy(room, candidateOf(pod));
  }
  return rooms;
}
