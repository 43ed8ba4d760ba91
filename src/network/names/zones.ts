// The zones that a node's name server answers for: the cluster's domain, and the reverse of the Service range and of the pod range, cut by
// octets (RFC 1035, 3.5). Pure.
import { CLUSTER_DOMAIN } from '../../model/cluster-domain.ts';
import { formatAddress, parseRange, type Range, sizeOf } from '../../model/ipv4.ts';
import type { NodeNetwork } from '../node-network.ts';

const OCTET_BITS = 8;
const MAX_PREFIX = 24;

/** The zones, without a final dot. */
export function zonesOf({ serviceRange, clusterRange }: Pick<NodeNetwork, 'serviceRange' | 'clusterRange'>): readonly string[] {
  return [...new Set([CLUSTER_DOMAIN, ...reverseZones(serviceRange), ...reverseZones(clusterRange)])];
}

/**
 * The reverse zones of a range: one for a /8, /16 or /24, several for what lies between; for less than a /24 that of the /24 around it.
 * None when the text is no range.
 */
export function reverseZones(range: string): readonly string[] {
  const parsed = parseRange(range);
  if (parsed === undefined) return [];
  const octets = Math.min(Math.max(Math.ceil(parsed.prefix / OCTET_BITS), 1), MAX_PREFIX / OCTET_BITS);
  const step = sizeOf({ base: 0, prefix: octets * OCTET_BITS });
  return Array.from({ length: Math.max(1, sizeOf(parsed) / step) }, (_, index) => zoneAt(parsed, octets, index * step));
}

function zoneAt({ base }: Range, octets: number, offset: number): string {
  const labels = formatAddress(base + offset)
    .split('.')
    .slice(0, octets);
  return `${labels.toReversed().join('.')}.in-addr.arpa`;
}

/** The zone of a name with its final dot; undefined when it lies in none of them. */
export function zoneOf(zones: ReadonlySet<string>, name: string): string | undefined {
  for (let rest = name.slice(0, -1); ; rest = rest.slice(rest.indexOf('.') + 1)) {
    if (zones.has(rest)) return rest;
    if (!rest.includes('.')) return undefined;
  }
}
