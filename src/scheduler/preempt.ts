// Preemption: which pods of lower priority would have to go so that a pod has a place (Kubernetes, "Pod Priority and Preemption"). On paper
// only; the rooms are as before afterwards. As few and as unimportant pods as possible, and as few broken disruption budgets.
import type { StoredOf } from '../model/resource.ts';
import { matchesSelector } from '../model/selector.ts';
import type { Candidate } from './candidate.ts';
import { countReasons } from './choose.ts';
import { outlookOf, refusalOf } from './filters.ts';
import { type Refusal } from './refusal.ts';
import type { Room, Rooms, Seat } from './room.ts';
import type { VolumeFit } from './volume-fit.ts';

type Budget = StoredOf<'PodDisruptionBudget'>;

/** Puts priorities above zero, so that a few pods of negative priority do not weigh less than one. */
const PRIORITY_OFFSET = 2 ** 31;

/** A node on which a pod has a place once the victims are gone. */
export interface Preemption {
  readonly room: Room;
  /** The most important first; none when all that is in the way is leaving already. */
  readonly victims: readonly Seat[];
  /** Victims whose disruption budget does not allow it. */
  readonly violations: number;
}

/** The best preemption, or why there is none, in the words of Kubernetes. */
export type PreemptionChoice = { readonly found: Preemption } | { readonly found: undefined; readonly message: string };

/** What preemption looks at. */
export interface PreemptionInput {
  readonly candidate: Candidate;
  readonly rooms: Rooms;
  /** Why each node was refused. */
  readonly refusals: ReadonlyMap<Room, Refusal>;
  readonly budgets: readonly Budget[];
  readonly volumes?: VolumeFit | undefined;
  /** The node that was nominated for the pod before. */
  readonly nominated?: string | undefined;
}

/** Whether a pod is on its way out to make room for another. */
function isPreempted(seat: Seat, candidate: Candidate): boolean {
  return seat.isLeaving && seat.candidate.priority < candidate.priority;
}

/** Looks for the node where making room costs least. */
export function choosePreemption(input: PreemptionInput): PreemptionChoice {
  const { candidate, rooms, refusals, nominated } = input;
  if (candidate.spec.preemptionPolicy === 'Never')
    return { found: undefined, message: 'not eligible due to preemptionPolicy=Never.' };
  const before = rooms.named(nominated);
  const isWaiting = before !== undefined && [...before.seats].some((seat) => isPreempted(seat, candidate));
  if (before !== undefined && isWaiting && refusals.get(before)?.isFinal !== true)
    return { found: undefined, message: 'not eligible due to a terminating pod on the nominated node.' };
  const found: Preemption[] = [];
  const reasons: string[] = [];
  for (const [room, refusal] of refusals) {
    const tried = refusal.isFinal ? { reasons: ['Preemption is not helpful for scheduling'] } : tryRoom(input, room);
    if ('reasons' in tried) reasons.push(...tried.reasons);
    else found.push(tried);
  }
  const [best] = found.toSorted(byCost);
  return best === undefined ? { found: undefined, message: countReasons(rooms.all.length, reasons) } : { found: best };
}

/** The victims on one node, or the reasons why even all of them would not help. */
function tryRoom(input: PreemptionInput, room: Room): Preemption | Pick<Refusal, 'reasons'> {
  const { candidate, rooms } = input;
  const lower = [...room.seats].filter((seat) => seat.candidate.priority < candidate.priority);
  if (lower.length === 0) return { reasons: ['No preemption victims found for incoming pod'] };
  for (const seat of lower) rooms.vacate(seat);
  const refusal = refusalIn(input, room);
  const result = refusal === undefined ? spareSome(input, room, lower) : refusal;
  for (const seat of lower) rooms.restore(seat);
  return result;
}

function refusalIn({ candidate, rooms, volumes }: PreemptionInput, room: Room): Refusal | undefined {
  return refusalOf(outlookOf(candidate, rooms, volumes), room);
}

/** Puts back whoever can stay: first those whose budget would be broken, the most important first. */
function spareSome(input: PreemptionInput, room: Room, lower: readonly Seat[]): Preemption {
  // Who waits has nothing to lose, and who is leaving is gone soon.
  const real = lower.filter((seat) => !seat.isPaper && !seat.isLeaving).toSorted(byImportance);
  const protectedSeats = protectedBy(real, input.budgets);
  const victims: Seat[] = [];
  let violations = 0;
  const order = [...real.filter((seat) => protectedSeats.has(seat)), ...real.filter((seat) => !protectedSeats.has(seat))];
  for (const seat of order) {
    input.rooms.restore(seat);
    if (refusalIn(input, room) === undefined) continue;
    input.rooms.vacate(seat);
    victims.push(seat);
    if (protectedSeats.has(seat)) violations += 1;
  }
  return { room, victims: victims.toSorted(byImportance), violations };
}

/** The most important first: priority, then the longest running. */
function byImportance(a: Seat, b: Seat): number {
  const byPriority = b.candidate.priority - a.candidate.priority;
  if (byPriority !== 0) return byPriority;
  const [left, right] = [a.startedAtMs ?? Number.MAX_SAFE_INTEGER, b.startedAtMs ?? Number.MAX_SAFE_INTEGER];
  return left - right || (a.candidate.name < b.candidate.name ? -1 : 1);
}

/** The pods whose going would break a budget, given that those before them in the list go too. */
function protectedBy(seats: readonly Seat[], budgets: readonly Budget[]): ReadonlySet<Seat> {
  const allowed = new Map(budgets.map((budget) => [budget, budget.status?.disruptionsAllowed ?? 0]));
  const broken = new Set<Seat>();
  for (const seat of seats) {
    const { namespace, labels } = seat.candidate;
    for (const [budget, left] of allowed) {
      if ((budget.metadata.namespace ?? 'default') !== namespace || !matchesSelector(budget.spec?.selector, labels)) continue;
      allowed.set(budget, left - 1);
      if (left <= 0) broken.add(seat);
    }
  }
  return broken;
}

/** The cheapest first, as Kubernetes weighs it; then by name. */
function byCost(a: Preemption, b: Preemption): number {
  const highest = ({ victims }: Preemption): number => victims[0]?.candidate.priority ?? Number.NEGATIVE_INFINITY;
  const sum = ({ victims }: Preemption): number =>
    victims.reduce((total, { candidate }) => total + candidate.priority + PRIORITY_OFFSET, 0);
  const earliest = ({ victims }: Preemption): number => {
    const most = victims.filter(({ candidate }) => candidate.priority === victims[0]?.candidate.priority);
    return Math.min(...most.map(({ startedAtMs }) => startedAtMs ?? Number.MAX_SAFE_INTEGER));
  };
  return (
    a.violations - b.violations ||
    compare(highest(a), highest(b)) ||
    sum(a) - sum(b) ||
    a.victims.length - b.victims.length ||
    compare(earliest(b), earliest(a)) ||
    (a.room.name < b.room.name ? -1 : 1)
  );
}

function compare(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
