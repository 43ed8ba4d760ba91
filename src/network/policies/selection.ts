// What a NetworkPolicy selects and restricts, as Kubernetes reads its spec ("Network Policies"). Pure.
import type { NetworkPolicy, NetworkPolicyPeer } from '../../model/resource.ts';
import { matchesSelector } from '../../model/selector.ts';
import type { Labels, PolicyPod } from './policy-pod.ts';
import type { Selection } from './words.ts';

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

/** The pods that a policy is for: of its own namespace; no selector is the empty one. */
export function subjectsOf({ spec }: NetworkPolicy, namespace: string): Selection {
  return { namespace, podSelector: spec?.podSelector ?? {} };
}

/**
 * The pods of a peer that selects pods, in a policy of `namespace`: by pods in that namespace, by namespaces, or by both together. A peer that
 * is a network is not asked: it is compared by addresses.
 */
export function peersOf({ podSelector = {}, namespaceSelector }: NetworkPolicyPeer, namespace: string): Selection {
  return namespaceSelector === undefined ? { namespace, podSelector } : { podSelector, namespaceSelector };
}

/** Whether a pod is among those that are meant. `labels` are those of its namespace. */
export function isSelected(
  { namespace, podSelector, namespaceSelector, port }: Selection,
  pod: PolicyPod,
  labels: Labels,
): boolean {
  return (
    (namespace === undefined || namespace === pod.namespace) &&
    (namespaceSelector === undefined || matchesSelector(namespaceSelector, labels)) &&
    matchesSelector(podSelector, pod.labels) &&
    (port === undefined || pod.ports.some((each) => each.name === port.name && each.protocol.toLowerCase() === port.protocol))
  );
}
