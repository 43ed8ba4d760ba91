// What the fabric needs of a node's frame: pods keep their address on the way to other pods and lose it on the way out of the cluster. Pure.
import type { TableBodies } from '../fragment.ts';
import type { NodeNetwork } from '../node-network.ts';
import { closedConnectionRule, earlyChain } from './closed-connections.ts';
import { tunnelDevice } from './fabric-names.ts';

/** After those of Services (95), which may want another address for a reason of theirs; before Docker's (100). */
const SOURCE_PRIORITY = 97;
const MANGLE_PRIORITY = -150;

/**
 * The part of the frame that the fabric has. Translating an address to itself settles the matter for the connection: Docker, which would
 * replace it, comes later. The host would tell pods of one bridge that there is a shorter way between them; there is none that works. TCP learns
 * at once what fits through the tunnel. Nobody is led to the pod that has just reset the last connection of a port.
 */
export function fabricFrame(node: NodeNetwork): TableBodies {
  const { bridge, podRange, clusterRange, serviceRange, cluster } = node;
  return {
    ip: [
      ...earlyChain(serviceRange, clusterRange),
      'chain fabric-output {',
      '  type filter hook output priority 0; policy accept;',
      `  oifname "${bridge}" icmp type redirect drop`,
      `  ${closedConnectionRule}`,
      '}',
      'chain fabric-forward {',
      `  type filter hook forward priority ${MANGLE_PRIORITY}; policy accept;`,
      `  oifname "${tunnelDevice(cluster)}" tcp flags & (syn | rst) == syn tcp option maxseg size set rt mtu`,
      `  ${closedConnectionRule}`,
      '}',
      'chain fabric-postrouting {',
      `  type nat hook postrouting priority ${SOURCE_PRIORITY}; policy accept;`,
      `  ip saddr ${podRange} ip daddr ${clusterRange} snat to ip saddr`,
      `  ip saddr ${podRange} ip daddr != ${clusterRange} oifname != "${bridge}" masquerade fully-random`,
      '}',
    ],
  };
}
