// What a Node says, read in one way by everybody (Kubernetes, "Nodes"). Facts only.
import type { Node } from './generated.ts';

/** Label of a node: the zone that it is in. */
export const ZONE_LABEL = 'topology.kubernetes.io/zone';
/** Condition of a node: True where it has no network, with the reason. */
export const NETWORK_UNAVAILABLE = 'NetworkUnavailable';

/** Label of a node that serves no load balancer (Kubernetes, "Well-Known Labels"). */
export const EXCLUDED_LABEL = 'node.kubernetes.io/exclude-from-external-load-balancers';
/** Annotation of a node: the ranges that its host reaches without a router, `192.168.1.0/24,10.0.0.0/8`; empty for none. Absent while they are not known. */
export const SUBNETS_ANNOTATION = 'holdfast.dev/subnets';

/** The address at which its host is reached by the others; undefined when it is not known. */
export function internalAddressOf({ status }: Pick<Node, 'status'>): string | undefined {
  return status?.addresses?.find(({ type }) => type === 'InternalIP')?.address;
}
