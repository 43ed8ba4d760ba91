// The choice of a node: filters say where a pod can be and scores where it is best; when it can be nowhere, why, in the words of
// Kubernetes ("Scheduling, Preemption and Eviction").
import { isConditionTrue } from '../model/conditions.ts';
import { displayPort, isSamePort } from './demand.ts';
import type { Candidate, Room } from './room.ts';

/** What a pod without requests counts as when nodes are compared, as in Kubernetes. */
const SCORED_MILLI_CPU = 100;
const SCORED_MEMORY_BYTES = 200 * 2 ** 20;
/** Spreading pods of one owner weighs more than evening out the load. */
const SPREAD_WEIGHT = 2;
const MAX_SCORE = 100;

/** A place, or why there is none: one sentence, and details that name who is in the way. */
export type Choice =
  | { readonly room: Room }
  | { readonly room: undefined; readonly message: string; readonly details: readonly string[] };

/** Why a candidate cannot be on a node; empty when it can. Later checks are left out once one has failed. */
function refusals(candidate: Candidate, room: Room): string[] {
  const { node, allocatable } = room;
  const { demand } = candidate;
  if (candidate.nodeName !== undefined && candidate.nodeName !== node.metadata.name) {
    return ["node(s) didn't match the requested node name"];
  }
  // A pod whose manifest names its node goes there even when nothing else may.
  if (node.spec?.unschedulable === true && candidate.nodeName === undefined) return ['node(s) were unschedulable'];
  if (!isConditionTrue(node.status?.conditions, 'Ready'))
    return ['node(s) had untolerated taint {node.kubernetes.io/not-ready: }'];
  if (demand.ports.some((port) => room.ports.some((taken) => isSamePort(taken.port, port)))) {
    return ["node(s) didn't have free ports for the requested pod ports"];
  }
  const short: string[] = [];
  if (room.pods + 1 > allocatable.pods) short.push('Too many pods');
  if (demand.milliCpu > 0 && demand.milliCpu > allocatable.milliCpu - room.milliCpu) short.push('Insufficient cpu');
  if (demand.memoryBytes > 0 && demand.memoryBytes > allocatable.memoryBytes - room.memoryBytes)
    short.push('Insufficient memory');
  return short;
}

function detailsOf(candidate: Candidate, room: Room): string[] {
  return candidate.demand.ports.flatMap((port) =>
    room.ports
      .filter((taken) => isSamePort(taken.port, port))
      .map((taken) => `Port ${displayPort(port)} of node ${room.node.metadata.name} is taken by ${taken.holder}.`),
  );
}

function explain(candidate: Candidate, rooms: readonly Room[]): Choice {
  if (rooms.length === 0) return { room: undefined, message: 'no nodes available to schedule pods', details: [] };
  const counts = new Map<string, number>();
  for (const room of rooms) for (const reason of refusals(candidate, room)) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const reasons = [...counts].map(([reason, count]) => `${count} ${reason}`).toSorted();
  const details = rooms.flatMap((room) => detailsOf(candidate, room));
  return {
    room: undefined,
    message: `0/${rooms.length} nodes are available: ${reasons.join(', ')}.`,
    details: [...new Set(details)],
  };
}

/** Free share of a node once the candidate is on it, 0 to 100. */
function freeScore({ demand }: Candidate, room: Room): number {
  const share = (used: number, total: number): number => (total <= 0 ? 0 : Math.max(0, (total - used) / total) * MAX_SCORE);
  const cpu = share(room.milliCpu + Math.max(demand.milliCpu, SCORED_MILLI_CPU), room.allocatable.milliCpu);
  const memory = share(room.memoryBytes + Math.max(demand.memoryBytes, SCORED_MEMORY_BYTES), room.allocatable.memoryBytes);
  return (cpu + memory) / 2;
}

function spreadScore({ group }: Candidate, room: Room, most: number): number {
  if (group === undefined || most === 0) return MAX_SCORE;
  return (MAX_SCORE * (most - (room.groups.get(group) ?? 0))) / most;
}

/** The best node for a candidate. Equal scores: fewest pods, then the name, so that the choice is always the same. */
export function choose(candidate: Candidate, rooms: readonly Room[]): Choice {
  const possible = rooms.filter((room) => refusals(candidate, room).length === 0);
  const most = Math.max(
    0,
    ...possible.map((room) => (candidate.group === undefined ? 0 : (room.groups.get(candidate.group) ?? 0))),
  );
  const scored = possible.map((room) => ({
    room,
    score: Math.round(freeScore(candidate, room) + SPREAD_WEIGHT * spreadScore(candidate, room, most)),
  }));
  scored.sort(
    (a, b) => b.score - a.score || a.room.pods - b.room.pods || (a.room.node.metadata.name < b.room.node.metadata.name ? -1 : 1),
  );
  const best = scored[0];
  return best === undefined ? explain(candidate, rooms) : { room: best.room };
}
