// A pod as the scheduler sees it: one that exists, or one that a commit would bring. What placing looks at, read once.
import type { ObjectMeta, PodAffinityTerm, PodSpec, StoredOf, TopologySpreadConstraint } from '../model/resource.ts';
import { controllerOf, displayKey, keyOf } from '../model/resource.ts';
import { type Crowd, crowdOfAffinity, crowdOfSelector, type Member } from './crowd.ts';
import { type Demand, demandOf } from './demand.ts';

/** What an existing pod's required affinity adds to a node for those that it asks for, as in Kubernetes. */
const REQUIRED_AFFINITY_WEIGHT = 1;

/** Pods that are asked for, or kept away, in the domains of a topology. */
export interface PodTerm {
  readonly crowd: Crowd;
  readonly topologyKey: string;
}

/** A wish; below zero to keep away. */
export interface WeightedTerm extends PodTerm {
  readonly weight: number;
}

/** One constraint of how evenly pods are spread. */
export interface Spread extends PodTerm {
  readonly maxSkew: number;
  readonly minDomains: number;
  readonly isRequired: boolean;
  readonly honorsAffinity: boolean;
  readonly honorsTaints: boolean;
}

/** A pod that wants, or has, a place. */
export interface Candidate extends Member {
  /** How a person calls it. */
  readonly name: string;
  readonly uid: string;
  readonly spec: PodSpec;
  readonly demand: Demand;
  /** Pods of the same group are spread over the nodes; undefined for a pod that stands alone. */
  readonly group: string | undefined;
  /** The node that its manifest names. */
  readonly nodeName: string | undefined;
  readonly priority: number;
  /** All have to be met in one place: the pods that meet all of them at once. */
  readonly affinity: { readonly crowd: Crowd; readonly topologyKeys: readonly string[] } | undefined;
  readonly antiAffinity: readonly PodTerm[];
  /** Its own wishes. */
  readonly wishes: readonly WeightedTerm[];
  /** What draws others to it, or keeps them away, once it has a place. */
  readonly draws: readonly WeightedTerm[];
  readonly spread: readonly Spread[];
}

const known = new WeakMap<StoredOf<'Pod'>, Candidate>();

/** A pod of the store as a candidate. Stored pods are frozen, so each is read once. */
export function storedCandidate(pod: StoredOf<'Pod'>): Candidate {
  let candidate = known.get(pod);
  if (candidate === undefined) {
    candidate = candidateOf(pod);
    known.set(pod, candidate);
  }
  return candidate;
}

/** A pod, stored or planned, as a candidate. */
export function candidateOf(
  pod: { kind: 'Pod'; metadata: ObjectMeta; spec: PodSpec },
  options: { readonly group?: string | undefined; readonly name?: string } = {},
): Candidate {
  const { metadata, spec } = pod;
  const key = keyOf(pod);
  const member: Member = { namespace: key.namespace, labels: metadata.labels ?? {} };
  const { podAffinity, podAntiAffinity } = spec.affinity ?? {};
  const required = podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  const term = (one: PodAffinityTerm): PodTerm => ({ crowd: crowdOfAffinity(member, [one]), topologyKey: one.topologyKey });
  const wishes = [
    ...(podAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((wish) => ({ ...wish, sign: 1 })),
    ...(podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((wish) => ({ ...wish, sign: -1 })),
  ].map(({ weight, sign, podAffinityTerm }): WeightedTerm => ({ ...term(podAffinityTerm), weight: sign * weight }));
  return {
    ...member,
    name: options.name ?? displayKey(key),
    uid: metadata.uid ?? '',
    spec,
    demand: demandOf(spec),
    group: options.group ?? controllerOf(pod)?.uid,
    nodeName: spec.nodeName === '' ? undefined : spec.nodeName,
    priority: spec.priority ?? 0,
    affinity:
      required.length === 0
        ? undefined
        : { crowd: crowdOfAffinity(member, required), topologyKeys: required.map(({ topologyKey }) => topologyKey) },
    antiAffinity: (podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).map(term),
    wishes,
    draws: [...wishes, ...required.map((one): WeightedTerm => ({ ...term(one), weight: REQUIRED_AFFINITY_WEIGHT }))],
    spread: (spec.topologySpreadConstraints ?? []).map((constraint) => spreadOf(member, constraint)),
  };
}

function spreadOf(member: Member, constraint: TopologySpreadConstraint): Spread {
  const { maxSkew, topologyKey, whenUnsatisfiable, labelSelector, matchLabelKeys, minDomains = 1 } = constraint;
  return {
    crowd: crowdOfSelector(member, labelSelector, matchLabelKeys),
    topologyKey,
    maxSkew,
    minDomains,
    isRequired: whenUnsatisfiable === 'DoNotSchedule',
    honorsAffinity: constraint.nodeAffinityPolicy !== 'Ignore',
    honorsTaints: constraint.nodeTaintsPolicy === 'Honor',
  };
}
