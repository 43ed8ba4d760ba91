// What Services need of a node's frame: who is asked for a packet's destination, what is refused, and whose address is replaced.
import type { TableBodies } from '../fragment.ts';
import type { NodeNetwork } from '../node-network.ts';

/** Map: address . protocol . port → verdict, for all addresses that Services have. */
export const SERVICES = 'services';
/** Map: protocol . port → verdict, for the addresses of the node itself. */
export const NODE_PORTS = 'node-ports';
/** Set: a pod's address twice, for pods that may reach themselves through a Service. */
export const HAIRPIN = 'hairpin';
/** Chain that says no: at once, and so that the client is told. */
export const REFUSE = 'refuse';

/**
 * Bit of a packet's mark that says, from the translation of its destination to that of its source, that the node's address shall replace the
 * client's. The bits of others are left alone: 0x2000 (CNI portmap, Podman), 0x4000 and 0x8000 (kube-proxy), 0x00ff0000 (Tailscale), 0xffff0000
 * (Calico), 0x0f00 (Cilium), 0xca6c (wg-quick); Docker Swarm counts its marks up from 0x100 and reaches this bit with its 3,840th.
 */
const MASQUERADE_BIT = 0x1000;
const REST = 0xffffffff - MASQUERADE_BIT;
const hex = (bits: number): string => `0x${bits.toString(16).padStart(8, '0')}`;
/** Rule: the node's address shall replace the client's. */
export const MARK_RULE = `meta mark set meta mark | ${hex(MASQUERADE_BIT)}`;

/** Just before those of Docker, which would take a node port for one that it publishes. */
const DESTINATION_PRIORITY = -105;
const SOURCE_PRIORITY = 95;
/** Right after destinations were translated, whatever the priority of the chain that did it (the kernel does it at -100). */
const TRANSLATED_PRIORITY = -95;

/**
 * The part of the frame that Services have. A destination is translated when the packet enters or leaves the host's own programs; what then
 * still goes to the range of Services has no endpoint or no Service and is refused, but for DNS, which the node answers itself. Sources are
 * replaced where an answer would not come back this way: for a pod that reached itself, for node ports and outer addresses that may lead to
 * other nodes, and for clients of the range of Services that are no pods. Node ports are not served on loopback addresses.
 */
export function serviceFrame(node: NodeNetwork): TableBodies {
  const { serviceRange, clusterRange, dnsAddress } = node;
  const base = (name: string, type: string, hook: string, priority: number, rules: readonly string[]): readonly string[] => [
    `chain ${name} {`,
    `  type ${type} hook ${hook} priority ${priority}; policy accept;`,
    ...rules.map((rule) => `  ${rule}`),
    '}',
  ];
  const unassigned = [`ip daddr ${serviceRange} ip daddr != ${dnsAddress} goto ${REFUSE}`];
  return {
    ip: [
      `map ${SERVICES} { type ipv4_addr . inet_proto . inet_service : verdict; }`,
      `map ${NODE_PORTS} { type inet_proto . inet_service : verdict; }`,
      `set ${HAIRPIN} { type ipv4_addr . ipv4_addr; }`,
      `chain ${REFUSE} {`,
      '  meta l4proto tcp reject with tcp reset',
      '  reject with icmp type port-unreachable',
      '}',
      'chain dispatch {',
      `  ip daddr . meta l4proto . th dport vmap @${SERVICES}`,
      `  fib daddr type local ip daddr != { 127.0.0.0/8, ${serviceRange} } meta l4proto . th dport vmap @${NODE_PORTS}`,
      '}',
      ...base('nat-prerouting', 'nat', 'prerouting', DESTINATION_PRIORITY, ['goto dispatch']),
      ...base('nat-output', 'nat', 'output', DESTINATION_PRIORITY, ['goto dispatch']),
      ...base('unassigned-prerouting', 'filter', 'prerouting', TRANSLATED_PRIORITY, unassigned),
      ...base('unassigned-output', 'filter', 'output', TRANSLATED_PRIORITY, unassigned),
      ...base('nat-postrouting', 'nat', 'postrouting', SOURCE_PRIORITY, [
        `ct status dnat ip saddr . ip daddr @${HAIRPIN} masquerade fully-random`,
        `ct status dnat ct original ip daddr ${serviceRange} ip saddr != ${clusterRange} masquerade fully-random`,
        `ct status dnat meta mark & ${hex(MASQUERADE_BIT)} != 0 meta mark set meta mark & ${hex(REST)} masquerade fully-random`,
      ]),
    ],
  };
}
