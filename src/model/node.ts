// What a Node says, read in one way by everybody (Kubernetes, "Nodes"). Facts only.
import type { Node } from './generated.ts';

/** Label of a node: the zone that it is in. */
export const ZONE_LABEL = 'topology.kubernetes.io/zone';
/** Condition of a node: True where it has no network, with the reason. */
export const NETWORK_UNAVAILABLE = 'NetworkUnavailable';

/** The address at which its host is reached by the others; undefined when it is not known. */
export function internalAddressOf({ status }: Pick<Node, 'status'>): string | undefined {
  return status?.addresses?.find(({ type }) => type === 'InternalIP')?.address;
}
