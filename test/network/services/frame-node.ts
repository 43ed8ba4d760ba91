// The node that rules are tested on.
import type { NodeNetwork } from '../../../src/network/node-network.ts';

export const FRAME_NODE: NodeNetwork = {
  name: 'a',
  cluster: 'test',
  podRange: '10.244.1.0/24',
  address: '192.0.2.1',
  bridge: 'br0',
  gateway: '10.244.1.1',
  clusterRange: '10.244.0.0/16',
  serviceRange: '10.96.0.0/16',
  dnsAddress: '10.96.0.10',
  nodePorts: { first: 30000, last: 32767 },
  peers: [],
};
