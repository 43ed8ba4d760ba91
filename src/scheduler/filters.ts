// Whether a pod can be on a node: the filters of Kubernetes' scheduler, in its order and its words. The first that refuses speaks.
import {
  GPU_LABEL,
  GPU_RESOURCE,
  isTolerated,
  matchesNodeAffinity,
  UNSCHEDULABLE_TAINT,
  untoleratedTaint,
} from '../model/node-fit.ts';
import type { Candidate, Spread } from './candidate.ts';
import { isMember } from './crowd.ts';
import { isSamePort } from './demand.ts';
import { type Refusal } from './refusal.ts';
import type { Room, Rooms } from './room.ts';
import type { VolumeFit } from './volume-fit.ts';

const EPHEMERAL_STORAGE = 'ephemeral-storage';

const final = (reason: string): Refusal => ({ reasons: [reason], isFinal: true });
const passing = (reason: string): Refusal => ({ reasons: [reason], isFinal: false });

/** What of all nodes together bears on one candidate. Good as long as no pod is seated or leaves. */
export interface Outlook {
  readonly candidate: Candidate;
  readonly rooms: Rooms;
  /** `topologyKey=value` where pods of others' anti-affinity keep the candidate away. */
  readonly guarded: ReadonlySet<string>;
  readonly guardKeys: readonly string[];
  /** Pods that its affinity asks for, by `topologyKey=value`; and whether there are any at all. */
  readonly wanted: ReadonlyMap<string, number>;
  /** Pods that its anti-affinity keeps away from, by `topologyKey=value`. */
  readonly avoided: ReadonlySet<string>;
  readonly spreads: readonly SpreadCount[];
  readonly volumes: VolumeFit | undefined;
}

interface SpreadCount {
  readonly spread: Spread;
  readonly byValue: ReadonlyMap<string, number>;
  readonly least: number;
  readonly isSelf: 0 | 1;
}

const domain = (key: string, room: Room): string | undefined => {
  const value = room.labels[key];
  return value === undefined ? undefined : `${key}=${value}`;
};

/** Counts what the filters of a candidate ask about. */
export function outlookOf(candidate: Candidate, rooms: Rooms, volumes?: VolumeFit): Outlook {
  const guarded = new Set<string>();
  const guardKeys = new Set<string>();
  for (const { term, rooms: where } of rooms.guards()) {
    if (!isMember(term.crowd, candidate, rooms.namespaces)) continue;
    guardKeys.add(term.topologyKey);
    for (const room of where.keys()) {
      const at = domain(term.topologyKey, room);
      if (at !== undefined) guarded.add(at);
    }
  }
  const wanted = new Map<string, number>();
  const avoided = new Set<string>();
  const { affinity, antiAffinity } = candidate;
  if (affinity !== undefined || antiAffinity.length > 0)
    for (const room of rooms.all) {
      const here = affinity === undefined ? 0 : rooms.count(affinity.crowd, room).all;
      for (const key of here === 0 ? [] : (affinity?.topologyKeys ?? [])) {
        const at = domain(key, room);
        if (at !== undefined) wanted.set(at, (wanted.get(at) ?? 0) + here);
      }
      for (const { crowd, topologyKey } of antiAffinity) {
        const at = domain(topologyKey, room);
        if (at !== undefined && rooms.count(crowd, room).all > 0) avoided.add(at);
      }
    }
  const required = candidate.spread.filter(({ isRequired }) => isRequired);
  const spreads = required.map((spread) => countSpread(candidate, rooms, spread, required));
  return { candidate, rooms, guarded, guardKeys: [...guardKeys], wanted, avoided, spreads, volumes };
}

/** Whether a node counts among the domains of a spread. */
export function isInSpread(candidate: Candidate, room: Room, spread: Spread): boolean {
  if (spread.honorsAffinity && !matchesNodeAffinity(candidate.spec, room.node)) return false;
  return !spread.honorsTaints || untoleratedTaint(candidate.spec.tolerations, room.taints) === undefined;
}

function countSpread(candidate: Candidate, rooms: Rooms, spread: Spread, all: readonly Spread[]): SpreadCount {
  const byValue = new Map<string, number>();
  for (const room of rooms.all) {
    if (all.some(({ topologyKey }) => room.labels[topologyKey] === undefined)) continue;
    if (!isInSpread(candidate, room, spread)) continue;
    const value = room.labels[spread.topologyKey] ?? '';
    byValue.set(value, (byValue.get(value) ?? 0) + rooms.count(spread.crowd, room).staying);
  }
  // Domains that are still missing count as empty ones.
  const least = byValue.size < spread.minDomains ? 0 : Math.min(...byValue.values());
  return { spread, byValue, least, isSelf: isMember(spread.crowd, candidate, rooms.namespaces) ? 1 : 0 };
}

/** Why the candidate cannot be on a node; undefined when it can. */
export function refusalOf(outlook: Outlook, room: Room): Refusal | undefined {
  return (
    refuseByNode(outlook.candidate, room) ??
    refuseByPorts(outlook.candidate, room) ??
    refuseByAmounts(outlook.candidate, room) ??
    outlook.volumes?.refusalOn(room) ??
    refuseBySpread(outlook, room) ??
    refuseByNeighbours(outlook, room)
  );
}

/** What no other pod has a part in: name, cordon, taints, selector and affinity of the node. */
export function refuseByNode({ nodeName, spec }: Candidate, room: Room): Refusal | undefined {
  // A pod whose manifest names its node goes there past the scheduler: only what would remove it again counts.
  if (nodeName !== undefined) {
    if (nodeName !== room.name) return final("node(s) didn't match the requested node name");
    return refuseByTaint(untoleratedTaint(spec.tolerations, room.taints, ['NoExecute']));
  }
  const cordon = { key: UNSCHEDULABLE_TAINT, effect: 'NoSchedule' } as const;
  if (room.node.spec?.unschedulable === true && !isTolerated(spec.tolerations, cordon))
    return final('node(s) were unschedulable');
  const byTaint = refuseByTaint(untoleratedTaint(spec.tolerations, room.taints));
  if (byTaint !== undefined) return byTaint;
  return matchesNodeAffinity(spec, room.node) ? undefined : final("node(s) didn't match Pod's node affinity/selector");
}

function refuseByTaint(taint: { key: string; value?: string } | undefined): Refusal | undefined {
  return taint === undefined ? undefined : final(`node(s) had untolerated taint {${taint.key}: ${taint.value ?? ''}}`);
}

function refuseByPorts({ demand }: Candidate, room: Room): Refusal | undefined {
  const isTaken = demand.ports.some((port) => room.ports.some((taken) => isSamePort(taken.port, port)));
  return isTaken ? passing("node(s) didn't have free ports for the requested pod ports") : undefined;
}

function refuseByAmounts({ demand }: Candidate, room: Room): Refusal | undefined {
  const reasons: string[] = [];
  let isFinal = false;
  if (room.seats.size + 1 > (room.allocatable.get('pods') ?? 0)) reasons.push('Too many pods');
  for (const [resource, amount] of demand.amounts) {
    const allocatable = room.allocatable.get(resource);
    if (allocatable === undefined && isUncounted(resource, room)) continue;
    if (amount <= (allocatable ?? 0) - (room.used.get(resource) ?? 0)) continue;
    reasons.push(`Insufficient ${resource}`);
    isFinal ||= amount > (allocatable ?? 0);
  }
  return reasons.length === 0 ? undefined : { reasons, isFinal };
}

/** What is there, or may be, while nobody knows how much: not every engine tells of its disk, and none of its GPUs. */
function isUncounted(resource: string, room: Room): boolean {
  return resource === EPHEMERAL_STORAGE || (resource === GPU_RESOURCE && room.labels[GPU_LABEL] === 'true');
}

function refuseBySpread({ spreads }: Outlook, room: Room): Refusal | undefined {
  for (const { spread, byValue, least, isSelf } of spreads) {
    const value = room.labels[spread.topologyKey];
    if (value === undefined) return final("node(s) didn't match pod topology spread constraints (missing required label)");
    if ((byValue.get(value) ?? 0) + isSelf - least > spread.maxSkew)
      return passing("node(s) didn't match pod topology spread constraints");
  }
  return undefined;
}

function refuseByNeighbours({ candidate, rooms, guarded, guardKeys, wanted, avoided }: Outlook, room: Room): Refusal | undefined {
  const isAmong = (found: { has(at: string): boolean }, key: string): boolean => {
    const at = domain(key, room);
    return at !== undefined && found.has(at);
  };
  const { affinity } = candidate;
  if (affinity !== undefined) {
    const areLabelsThere = affinity.topologyKeys.every((key) => room.labels[key] !== undefined);
    // The first of a group that wants to be together would wait for itself.
    const isFirst = wanted.size === 0 && isMember(affinity.crowd, candidate, rooms.namespaces);
    if (!areLabelsThere || !(isFirst || affinity.topologyKeys.every((key) => isAmong(wanted, key))))
      return final("node(s) didn't match pod affinity rules");
  }
  if (candidate.antiAffinity.some(({ topologyKey }) => isAmong(avoided, topologyKey)))
    return passing("node(s) didn't match pod anti-affinity rules");
  if (guardKeys.some((key) => isAmong(guarded, key))) return passing("node(s) didn't satisfy existing pods anti-affinity rules");
  return undefined;
}
