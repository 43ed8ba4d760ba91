// The choice of a node: filters say where a pod can be and scores where it is best; when it can be nowhere, why, in the words of
// Kubernetes ("Scheduling, Preemption and Eviction").
import type { Candidate } from './candidate.ts';
import { displayPort, isSamePort } from './demand.ts';
import { type Outlook, outlookOf, refusalOf } from './filters.ts';
import { type Refusal } from './refusal.ts';
import type { Room, Rooms } from './room.ts';
import { scoresOf } from './scores.ts';
import type { VolumeFit } from './volume-fit.ts';

/** Details that are told at most: they name who is in the way, and there may be many. */
const MAX_DETAILS = 10;

/** Why there is no place: one sentence, details that name who is in the way, and what each node said. */
export interface NoPlace {
  readonly room: undefined;
  readonly message: string;
  readonly details: readonly string[];
  readonly refusals: ReadonlyMap<Room, Refusal>;
}

/** A place, or why there is none. */
export type Choice = { readonly room: Room } | NoPlace;

/** `0/3 nodes are available: 1 Too many pods, 2 Insufficient cpu.` */
export function countReasons(nodes: number, reasons: Iterable<string>): string {
  const counts = new Map<string, number>();
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const counted = [...counts].map(([reason, count]) => `${count} ${reason}`).toSorted();
  return `0/${nodes} nodes are available: ${counted.join(', ')}.`;
}

function detailsOf({ demand }: Candidate, room: Room): string[] {
  return demand.ports.flatMap((port) =>
    room.ports
      .filter((taken) => isSamePort(taken.port, port))
      .map((taken) => `Port ${displayPort(port)} of node ${room.name} is taken by ${taken.holder}.`),
  );
}

function explain({ candidate }: Outlook, refusals: ReadonlyMap<Room, Refusal>): NoPlace {
  const rooms = [...refusals.keys()];
  if (rooms.length === 0) return { room: undefined, message: 'no nodes available to schedule pods', details: [], refusals };
  const reasons = [...refusals.values()].flatMap((refusal) => refusal.reasons);
  const details = [...new Set(rooms.flatMap((room) => detailsOf(candidate, room)))].slice(0, MAX_DETAILS);
  return { room: undefined, message: countReasons(rooms.length, reasons), details, refusals };
}

/** The best node for a candidate. Equal scores: fewest pods, then the name, so that the choice is always the same. */
export function choose(candidate: Candidate, rooms: Rooms, volumes?: VolumeFit): Choice {
  if (volumes?.unschedulable !== undefined) {
    const refusal: Refusal = { reasons: [volumes.unschedulable], isFinal: true };
    const message = `0/${rooms.all.length} nodes are available: ${volumes.unschedulable}.`;
    return { room: undefined, message, details: [], refusals: new Map(rooms.all.map((room) => [room, refusal])) };
  }
  const outlook = outlookOf(candidate, rooms, volumes);
  const refusals = new Map<Room, Refusal>();
  const possible: Room[] = [];
  for (const room of rooms.all) {
    const refusal = refusalOf(outlook, room);
    if (refusal === undefined) possible.push(room);
    else refusals.set(room, refusal);
  }
  const best = bestOf(candidate, possible, rooms);
  return best === undefined ? explain(outlook, refusals) : { room: best };
}

function bestOf(candidate: Candidate, possible: readonly Room[], rooms: Rooms): Room | undefined {
  if (possible.length <= 1) return possible[0];
  const scores = scoresOf(candidate, possible, rooms);
  const best = Math.max(...scores);
  const first = (a: Room, b: Room): Room =>
    a.seats.size !== b.seats.size ? (a.seats.size < b.seats.size ? a : b) : a.name < b.name ? a : b;
  return possible.filter((_room, index) => scores[index] === best).reduce(first);
}
