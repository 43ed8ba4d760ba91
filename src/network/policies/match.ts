// The rules of a policy as nft reads them (nft(8)): peers as sets of addresses or networks, ports as ranges or as sets of addresses with their
// ports. No rule names a pod, so that pods come and go as elements of sets. Pure.
import { formatAddress, formatRange, outermost, parseRange, type Range } from '../../model/ipv4.ts';
import type { IPBlock, NetworkPolicyPeer, NetworkPolicyPort } from '../../model/resource.ts';
import type { AllowRule, Direction } from './selection.ts';

/** Gives the names of sets and sees to it that they are there. */
export interface SetNames {
  /** The addresses of a peer's pods. */
  readonly peers: (peer: NetworkPolicyPeer) => string;
  /** `address . protocol . port` of every pod that has a port of this name. */
  readonly namedPort: (direction: Direction, protocol: string, name: string) => string;
}

/** Rules that end with `accept` for what a rule of a policy allows. */
export function allowRules(rule: AllowRule, direction: Direction, names: SetNames): readonly string[] {
  const peers = rule.peers.length === 0 ? [''] : rule.peers.flatMap((peer) => peerMatch(peer, direction, names));
  const ports = rule.ports.length === 0 ? [''] : portMatches(rule.ports, direction, names);
  const lines = peers.flatMap((peer) => ports.map((port) => [peer, port, 'accept'].filter((part) => part !== '').join(' ')));
  return [...new Set(lines)];
}

/** At most one match; '' matches everybody. A network of IPv6 matches nobody: pods have addresses of IPv4 only. */
function peerMatch(peer: NetworkPolicyPeer, direction: Direction, names: SetNames): readonly string[] {
  const side = direction === 'ingress' ? 'ip saddr' : 'ip daddr';
  if (peer.ipBlock === undefined) return [`${side} @${names.peers(peer)}`];
  return blockMatch(peer.ipBlock, side);
}

function blockMatch({ cidr, except = [] }: IPBlock, side: string): readonly string[] {
  const block = parseRange(cidr);
  if (block === undefined) return [];
  const inside = block.prefix === 0 ? [] : [`${side} ${formatRange(block)}`];
  const holes = outermost(except.map(parseRange).filter((range) => range !== undefined));
  // A range of length 0 cannot be an element.
  if (holes.some(({ prefix }) => prefix === 0)) return [];
  const outside = holes.length === 0 ? [] : [`${side} != { ${holes.map(rangeText).join(', ')} }`];
  return [[...inside, ...outside].join(' ')];
}

function rangeText(range: Range): string {
  return range.prefix === 32 ? formatAddress(range.base) : formatRange(range);
}

/** One match for each protocol with numbers, and one for each name. */
function portMatches(ports: readonly NetworkPolicyPort[], direction: Direction, names: SetNames): readonly string[] {
  const numbers = new Map<string, (readonly [number, number])[]>();
  const named = new Set<string>();
  for (const { protocol = 'TCP', port, endPort } of ports) {
    if (typeof port === 'string')
      named.add(`ip daddr . meta l4proto . th dport @${names.namedPort(direction, protocol.toLowerCase(), port)}`);
    else {
      const range = port === undefined ? ([0, 65535] as const) : ([port, endPort ?? port] as const);
      numbers.set(protocol.toLowerCase(), [...(numbers.get(protocol.toLowerCase()) ?? []), range]);
    }
  }
  return [...[...numbers].map(([protocol, ranges]) => numberMatch(protocol, merged(ranges))), ...named];
}

function numberMatch(protocol: string, ranges: readonly (readonly [number, number])[]): string {
  const [only] = ranges;
  if (only !== undefined && only[0] === 0 && only[1] === 65535) return `meta l4proto ${protocol}`;
  const texts = ranges.map(([first, last]) => (first === last ? String(first) : `${first}-${last}`));
  return `${protocol} dport ${texts.length === 1 ? texts[0] : `{ ${texts.join(', ')} }`}`;
}

/** Ranges that touch or overlap become one. */
function merged(ranges: readonly (readonly [number, number])[]): readonly (readonly [number, number])[] {
  const result: [number, number][] = [];
  for (const [first, last] of ranges.toSorted((a, b) => a[0] - b[0])) {
    const before = result.at(-1);
    if (before !== undefined && first <= before[1] + 1) before[1] = Math.max(before[1], last);
    else result.push([first, last]);
  }
  return result;
}
