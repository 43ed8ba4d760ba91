// Where a pod is best, among the nodes where it can be: the scores and weights of Kubernetes' default scheduler. Image locality is left
// out: a commit's images are pulled before its pods are placed.
import { isTolerated, matchesNodeTerm } from '../model/node-fit.ts';
import type { Candidate } from './candidate.ts';
import { isMember } from './crowd.ts';
import { isInSpread } from './filters.ts';
import { type Room, type Rooms, scoredDemand } from './room.ts';

const MAX_SCORE = 100;

/** One score per node, 0 to 100, in the order of the nodes. */
type Scores = readonly number[];

interface Scorer {
  readonly weight: number;
  readonly score: (candidate: Candidate, possible: readonly Room[], rooms: Rooms) => Scores;
}

const scorers: readonly Scorer[] = [
  { weight: 1, score: (candidate, possible) => possible.map((room) => freeScore(candidate, room)) },
  { weight: 1, score: (candidate, possible) => possible.map((room) => balanceScore(candidate, room)) },
  { weight: 2, score: spreadScores },
  { weight: 2, score: neighbourScores },
  { weight: 2, score: affinityScores },
  { weight: 3, score: taintScores },
];

/** How good each of the possible nodes is. Higher is better. */
export function scoresOf(candidate: Candidate, possible: readonly Room[], rooms: Rooms): Scores {
  const totals = possible.map(() => 0);
  for (const { weight, score } of scorers)
    for (const [index, value] of score(candidate, possible, rooms).entries())
      totals[index] = (totals[index] ?? 0) + weight * Math.round(value);
  return totals;
}

function fractions(candidate: Candidate, room: Room): { cpu: number; memory: number } {
  const { milliCpu, memoryBytes } = scoredDemand(candidate);
  const share = (used: number, total: number | undefined): number =>
    total === undefined || total <= 0 ? 1 : Math.min(1, used / total);
  return {
    cpu: share(room.scoredMilliCpu + milliCpu, room.allocatable.get('cpu')),
    memory: share(room.scoredMemoryBytes + memoryBytes, room.allocatable.get('memory')),
  };
}

/** Free share of a node once the candidate is on it. */
function freeScore(candidate: Candidate, room: Room): number {
  const { cpu, memory } = fractions(candidate, room);
  return ((1 - cpu + (1 - memory)) / 2) * MAX_SCORE;
}

/** How evenly processors and memory would be used. */
function balanceScore(candidate: Candidate, room: Room): number {
  const { cpu, memory } = fractions(candidate, room);
  return (1 - Math.abs(cpu - memory) / 2) * MAX_SCORE;
}

/** Few pods of the constraints' kind; without constraints, few pods of the same owner. */
function spreadScores(candidate: Candidate, possible: readonly Room[], rooms: Rooms): Scores {
  const soft = candidate.spread.filter(({ isRequired }) => !isRequired);
  if (soft.length > 0) return wishedSpread(candidate, possible, rooms);
  const { group } = candidate;
  if (candidate.spread.length > 0 || group === undefined) return possible.map(() => MAX_SCORE);
  return fewest(possible.map((room) => room.groups.get(group) ?? 0));
}

function wishedSpread(candidate: Candidate, possible: readonly Room[], rooms: Rooms): Scores {
  const soft = candidate.spread.filter(({ isRequired }) => !isRequired);
  const isScored = (room: Room): boolean => soft.every(({ topologyKey }) => room.labels[topologyKey] !== undefined);
  const totals = possible.map((): number | undefined => 0);
  for (const spread of soft) {
    const byValue = new Map<string, number>();
    for (const room of possible) if (isScored(room)) byValue.set(room.labels[spread.topologyKey] ?? '', 0);
    for (const room of rooms.all) {
      const value = room.labels[spread.topologyKey] ?? '';
      const count = byValue.get(value);
      if (count === undefined || !isScored(room) || !isInSpread(candidate, room, spread)) continue;
      byValue.set(value, count + rooms.count(spread.crowd, room).staying);
    }
    // Small topologies must not be drowned by big ones.
    const weight = Math.log(byValue.size + 2);
    for (const [index, room] of possible.entries()) {
      const before = totals[index];
      const count = byValue.get(room.labels[spread.topologyKey] ?? '') ?? 0;
      totals[index] = before === undefined || !isScored(room) ? undefined : before + count * weight + (spread.maxSkew - 1);
    }
  }
  return fewest(totals.map((total) => (total === undefined ? undefined : Math.round(total))));
}

/** 100 for the smallest count, falling to the biggest; 0 for what is not counted. */
function fewest(counts: readonly (number | undefined)[]): Scores {
  const counted = counts.filter((count) => count !== undefined);
  const [most, least] = [Math.max(0, ...counted), Math.min(...counted)];
  return counts.map((count) => (count === undefined ? 0 : most === 0 ? MAX_SCORE : (MAX_SCORE * (most + least - count)) / most));
}

/** What the candidate wishes for its neighbours, and what pods that are there wish for it. */
function neighbourScores(candidate: Candidate, possible: readonly Room[], rooms: Rooms): Scores {
  const draw = new Map<string, number>();
  const keys = new Set<string>();
  const add = (topologyKey: string, room: Room, points: number): void => {
    const value = room.labels[topologyKey];
    if (value === undefined || points === 0) return;
    keys.add(topologyKey);
    draw.set(`${topologyKey}=${value}`, (draw.get(`${topologyKey}=${value}`) ?? 0) + points);
  };
  for (const { crowd, topologyKey, weight } of candidate.wishes)
    for (const room of rooms.all) add(topologyKey, room, weight * rooms.count(crowd, room).all);
  for (const { term, rooms: where } of rooms.draws()) {
    if (!isMember(term.crowd, candidate, rooms.namespaces)) continue;
    for (const [room, times] of where) add(term.topologyKey, room, term.weight * times);
  }
  const points = possible.map((room) => {
    let sum = 0;
    for (const key of keys) sum += draw.get(`${key}=${room.labels[key] ?? ''}`) ?? 0;
    return sum;
  });
  const [most, least] = [Math.max(0, ...points), Math.min(0, ...points)];
  return points.map((sum) => (most === least ? 0 : (MAX_SCORE * (sum - least)) / (most - least)));
}

function affinityScores({ spec }: Candidate, possible: readonly Room[]): Scores {
  const preferred = spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  const points = possible.map((room) =>
    preferred.reduce((sum, { weight, preference }) => sum + (matchesNodeTerm(preference, room.node) ? weight : 0), 0),
  );
  const most = Math.max(0, ...points);
  return points.map((sum) => (most === 0 ? 0 : (MAX_SCORE * sum) / most));
}

function taintScores({ spec }: Candidate, possible: readonly Room[]): Scores {
  const counts = possible.map(
    ({ taints }) => taints.filter((taint) => taint.effect === 'PreferNoSchedule' && !isTolerated(spec.tolerations, taint)).length,
  );
  const most = Math.max(0, ...counts);
  return counts.map((count) => (most === 0 ? MAX_SCORE : MAX_SCORE - (MAX_SCORE * count) / most));
}
