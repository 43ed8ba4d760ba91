// What the fabric of a cluster is called in the kernel. The same on every node, so that nodes need not tell each other. Pure.
import { hashOf } from '../../model/hash.ts';

/** Marks the routes of the fabric, so that they are found again (rtnetlink(7): protocols that the kernel gives no meaning). */
export const ROUTE_PROTOCOL = 151;
/** Lists them: the check's question to `ip`. */
export const ROUTES_QUESTION = `route show proto ${ROUTE_PROTOCOL}`;
/** Port of the tunnel between hosts of different subnets. Docker Swarm has 4789. */
export const TUNNEL_PORT = 8472;
/** What a packet in the tunnel has less room than one outside. */
export const TUNNEL_BYTES = 50;

const HASH_LENGTH = 10;
const MAC_BYTES = 5;

/** The tunnel's device: at most 15 characters. */
export function tunnelDevice(cluster: string): string {
  return `hfx${hashOf(cluster, HASH_LENGTH)}`;
}

/** The number of the tunnel's network, of 24 bits and never one of the small ones that others choose. */
export function tunnelNumber(cluster: string): number {
  return 0x80_0000 + Number.parseInt(hashOf(['tunnel', cluster], 5), 16);
}

/** The hardware address of a node's end of the tunnel: a locally administered one. */
export function tunnelMac(cluster: string, slice: string): string {
  const digits = hashOf(['mac', cluster, slice], 2 * MAC_BYTES);
  return `02:${(digits.match(/../g) ?? []).join(':')}`;
}

/** The tables that the fabric's script makes itself. No cluster's name has a dot. */
export function fabricTable(cluster: string): string {
  return `hf-${cluster}.fabric`;
}

/** What the fabric's rules in Docker's chain are marked with. */
export function fabricComment(cluster: string): string {
  return `hf-${cluster}`;
}
