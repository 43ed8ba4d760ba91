// Which pods a policy is for, in which directions, and which pods its peers are (Kubernetes, "Network Policies"). Pure.
import type { NetworkPolicy, NetworkPolicyPeer, StoredOf } from '../../model/resource.ts';
import { matchesSelector } from '../../model/selector.ts';
import { labelsOf, type NamespaceLabels, type PolicyPod } from './policy-pod.ts';

/** What a policy can restrict: what comes in to its pods, and what goes out of them. */
export type Direction = 'ingress' | 'egress';

export const DIRECTIONS: readonly Direction[] = ['ingress', 'egress'];

/** What a rule allows in its direction. Without peers, or with none in the list, everybody; likewise for ports. */
export interface AllowRule {
  readonly peers: readonly NetworkPolicyPeer[];
  readonly ports: NonNullable<NonNullable<NonNullable<NetworkPolicy['spec']>['ingress']>[number]['ports']>;
}

/** Whether a policy restricts a direction; without types what comes in, and what goes out if there are rules for it. */
export function restricts({ spec }: NetworkPolicy, direction: Direction): boolean {
  const types = spec?.policyTypes ?? [];
  if (types.length > 0) return types.includes(direction === 'ingress' ? 'Ingress' : 'Egress');
  return direction === 'ingress' || (spec?.egress ?? []).length > 0;
}

/** The rules of a direction. */
export function rulesOf({ spec }: NetworkPolicy, direction: Direction): readonly AllowRule[] {
  return direction === 'ingress'
    ? (spec?.ingress ?? []).map(({ from = [], ports = [] }) => ({ peers: from, ports }))
    : (spec?.egress ?? []).map(({ to = [], ports = [] }) => ({ peers: to, ports }));
}

/** Whether a policy is for a pod. Policies are for pods of their own namespace; no selector is the empty one. */
export function isFor({ metadata, spec }: StoredOf<'NetworkPolicy'>, pod: Pick<PolicyPod, 'namespace' | 'labels'>): boolean {
  return pod.namespace === (metadata.namespace ?? 'default') && matchesSelector(spec?.podSelector ?? {}, pod.labels);
}

/**
 * Whether a pod is one of a peer that selects pods, in a policy of `namespace`: by pods in that namespace, by namespaces, or by both together.
 * A peer that is a network is not asked: it is compared by addresses.
 */
export function isPeer(
  { podSelector, namespaceSelector }: NetworkPolicyPeer,
  namespace: string,
  pod: PolicyPod,
  namespaces: NamespaceLabels,
): boolean {
  const isThere =
    namespaceSelector === undefined
      ? pod.namespace === namespace
      : matchesSelector(namespaceSelector, labelsOf(pod.namespace, namespaces));
  return isThere && matchesSelector(podSelector ?? {}, pod.labels);
}
