// Workloads whose selectors reach beyond their own pods.
import { matchesSelector } from '../../model/selector.ts';
import type { Path } from '../place.ts';
import { type Facts, type FactsOf, ownsPods } from './facts.ts';
import type { ObjectSet, Tell } from './object-set.ts';
import type { PodGroup } from './pod-index.ts';

const selectorPath: Path = ['spec', 'selector'];
/** Kinds that take every pod that they select and that nobody owns. A Deployment takes ReplicaSets; a StatefulSet knows its pods by name. */
const adopters: ReadonlySet<string> = new Set(['ReplicaSet', 'ReplicationController', 'DaemonSet']);

/**
 * What is declared by itself and would be taken over is an error: it would be scaled and deleted by another's rules. Workloads that select
 * each other's pods keep them apart by their owners, so that is only a note (Kubernetes, "Owners and Dependents").
 */
export function checkOwnership(set: ObjectSet, tell: Tell): void {
  const takenSets = findTakenSets(set);
  for (const [at, owner] of takenSets) tellTaken(at, owner, tell);
  const takers = new Map<PodGroup, Facts>();
  for (const at of set.members) {
    if (!ownsPods(at)) continue;
    const groups = set.pods.select(at) ?? [];
    if (adopters.has(at.key.kind)) for (const group of groups) if (!takers.has(group)) takers.set(group, at);
    const other = findOverlap(at, groups, set, takenSets);
    if (other === undefined) continue;
    const message = (name: string): string => `selects the pods of ${name} as well: whoever asks for the pods of one gets both`;
    const place = { at: other, path: selectorPath };
    tell({ at, path: selectorPath, severity: 'note', reason: 'Conflict', message, other: place });
  }
  for (const [{ members }, taker] of takers) for (const pod of members) if (pod.key.kind === 'Pod') tellTaken(pod, taker, tell);
}

/**
 * The first other workload whose pods are selected. Two that select each other's pods are told once: at the later one. What is taken over as
 * a whole is told already.
 */
function findOverlap(
  at: Facts,
  groups: readonly PodGroup[],
  set: ObjectSet,
  taken: ReadonlyMap<Facts, Facts>,
): Facts | undefined {
  for (const { workloads } of groups) {
    for (const other of workloads) {
      if (other === at || taken.get(other) === at) continue;
      if (set.isBefore(other, at) || !matchesSelector(other.selector, at.pods?.look.labels)) return other;
    }
  }
  return undefined;
}

function tellTaken(at: Facts, owner: Facts, tell: Tell): void {
  const message = (name: string): string => `${name} selects this ${at.key.kind} and would take it over; give it other labels`;
  const other = { at: owner, path: selectorPath };
  tell({ at, path: ['metadata', 'labels'], severity: 'error', reason: 'Conflict', message, other });
}

/** ReplicaSets, and the Deployment that takes each of them for an old one of its own: it selects it. */
function findTakenSets(set: ObjectSet): ReadonlyMap<Facts, Facts> {
  const taken = new Map<Facts, Facts>();
  const replicaSets = set.ofKind('ReplicaSet');
  if (replicaSets.length === 0) return taken;
  // Each under one label that it asks for, or under none.
  const deployments = new Map<string, FactsOf<'Deployment'>[]>();
  for (const deployment of set.ofKind('Deployment')) {
    const [label] = Object.entries(deployment.resource.spec.selector.matchLabels ?? {});
    const key = keyOfLabel(deployment.key.namespace, label);
    const others = deployments.get(key);
    if (others === undefined) deployments.set(key, [deployment]);
    else others.push(deployment);
  }
  for (const at of replicaSets) {
    const { labels } = at.resource.metadata;
    const owners = [undefined, ...Object.entries(labels ?? {})]
      .map((label) => deployments.get(keyOfLabel(at.key.namespace, label)))
      .map((group) => group?.find(({ resource }) => matchesSelector(resource.spec.selector, labels)))
      .filter((owner) => owner !== undefined);
    const [owner] = owners.toSorted((one, other) => (set.isBefore(one, other) ? -1 : 1));
    if (owner !== undefined) taken.set(at, owner);
  }
  return taken;
}

function keyOfLabel(namespace: string, label: readonly [string, string] | undefined): string {
  return `${namespace} ${label === undefined ? '' : label.join('=')}`;
}
