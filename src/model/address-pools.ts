// Pools of addresses for load balancers, as a ConfigMap declares them: the name of each pool and its ranges, written as MetalLB has them
// (`192.168.1.240-192.168.1.250` or `10.0.0.0/28`). Pure.
import type { ConfigMap } from './generated.ts';
import { formatAddress, parseAddress, parseRange, sizeOf } from './ipv4.ts';

/** Where pools are declared. */
export const POOLS_CONFIG_MAP = { namespace: 'holdfast-system', name: 'holdfast-address-pools' } as const;
/** Annotation of that ConfigMap: `disabled` when no node shall answer for addresses of the pools, `enabled` as without it. */
export const ANNOUNCE_ANNOTATION = 'holdfast.dev/announce';

/** A range by its first and its last address, as numbers. */
interface Span {
  readonly first: number;
  readonly last: number;
}

/** Addresses under one name. */
export interface AddressPool {
  readonly name: string;
  readonly spans: readonly Span[];
}

/** The pools, and what of the ConfigMap is no range: whole sentences. */
export interface DeclaredPools {
  readonly pools: readonly AddressPool[];
  readonly problems: readonly string[];
}

/** Reads the ConfigMap; without one there are no pools. */
export function readPools(configMap: ConfigMap | undefined): DeclaredPools {
  const read = Object.entries(configMap?.data ?? {}).map(([name, text]) => readPool(name, text));
  return { pools: read.map(({ pool }) => pool), problems: read.flatMap(({ problems }) => problems) };
}

/** Reads one entry of it. */
export function readPool(name: string, text: string): { readonly pool: AddressPool; readonly problems: readonly string[] } {
  const spans: Span[] = [];
  const problems: string[] = [];
  for (const part of text
    .replaceAll(/\s*-\s*/g, '-')
    .split(/[\s,]+/)
    .filter((each) => each !== '')) {
    const span = spanOf(part);
    if (span === undefined) problems.push(`"${part}" of pool "${name}" is not a range such as 10.0.0.0/28 or 10.0.0.1-10.0.0.9`);
    else spans.push(span);
  }
  return { pool: { name, spans }, problems };
}

function spanOf(text: string): Span | undefined {
  const [from = '', to = from] = text.split('-');
  if (text.includes('/')) {
    const range = parseRange(text);
    return range === undefined ? undefined : { first: range.base, last: range.base + sizeOf(range) - 1 };
  }
  const first = parseAddress(from);
  const last = parseAddress(to);
  return first === undefined || last === undefined || last < first ? undefined : { first, last };
}

/** Whether one of the pools has the address. */
export function isInPools(pools: readonly AddressPool[], address: string): boolean {
  const number = parseAddress(address);
  return number !== undefined && pools.some(({ spans }) => spans.some(({ first, last }) => number >= first && number <= last));
}

/** The first address of the pools that is not taken; undefined when there is none. */
export function freeAddress(pools: readonly AddressPool[], taken: ReadonlySet<string>): string | undefined {
  for (const { first, last } of pools.flatMap(({ spans }) => spans))
    for (let number = first; number <= last; number++) {
      const address = formatAddress(number);
      if (!taken.has(address)) return address;
    }
  return undefined;
}

/** Whether nodes answer for addresses of the pools in the hosts' own subnets. */
export function isAnnouncing(configMap: ConfigMap): boolean {
  return configMap.metadata.annotations?.[ANNOUNCE_ANNOTATION] !== 'disabled';
}
