// A node's network as its planners see it, from the Nodes of the store. Pure.
import type { StoredOf } from '../../model/resource.ts';
import type { NodeNetwork, NodeRoute } from '../node-network.ts';

/** What the node itself knows. */
export type OwnNetwork = Omit<NodeNetwork, 'peers' | 'nodePorts'>;

const DEFAULT_NODE_PORTS = { first: 30_000, last: 32_767 };

/** The network of a node. Peers are all other nodes whose slice and address are known, by name; one on the loopback is reached by nobody. */
export function nodeNetworkOf(
  own: OwnNetwork,
  nodes: readonly StoredOf<'Node'>[],
  nodePorts: NodeNetwork['nodePorts'] = DEFAULT_NODE_PORTS,
): NodeNetwork {
  const peers = nodes.flatMap(({ metadata: { name }, spec, status }): NodeRoute[] => {
    const address = status?.addresses?.find(({ type }) => type === 'InternalIP')?.address;
    const podRange = spec?.podCIDR;
    if (name === own.name || podRange === undefined || address === undefined || address.startsWith('127.')) return [];
    return [{ name, podRange, address }];
  });
  return { ...own, nodePorts, peers: peers.toSorted((a, b) => (a.name < b.name ? -1 : 1)) };
}
