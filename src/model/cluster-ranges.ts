// The ranges of a cluster's network: where the addresses of pods, of nodes' slices and of Services come from (Kubernetes, "Cluster
// Networking"). Chosen once and kept: what was recorded is never changed here. Pure, and the same for the same input.
import { formatAddress, formatRange, overlaps, parseRange, partOf, type Range, sizeOf } from './ipv4.ts';
import { DEFAULT_SERVICE_RANGE } from './service-address.ts';

/** The ranges of a cluster, as text: `10.244.0.0/16`. */
export interface ClusterRanges {
  readonly podRange: string;
  readonly serviceRange: string;
}

/** What is known when ranges are chosen. */
export interface RangeInput {
  /** What the operator asked for; absent leaves the choice. */
  readonly wishes: Partial<ClusterRanges>;
  /** What was chosen before; it stands. */
  readonly recorded: Partial<ClusterRanges>;
  /** Ranges that others use: networks of the engine, routes of the host. Without the cluster's own. Text that is none counts for nothing. */
  readonly taken: readonly string[];
}

export type RangeResult<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly message: string };

/** Every node has so many addresses: 246 for pods. */
export const SLICE_PREFIX = 24;
/** A pod range is cut into slices, one for each node. */
const MAX_POD_PREFIX = SLICE_PREFIX;
/** Ranges of Services may be smaller than those of pods. */
export const MAX_SERVICE_PREFIX = 28;
/** Shorter prefixes are routes to everywhere (a VPN's 0.0.0.0/1), not networks. */
const MIN_TAKEN_PREFIX = 8;

const sixteens = (first: number, from: number, to: number): readonly string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => `${first}.${from + index}.0.0/16`);

/** In this order; the last ones for hosts whose own network is all of 10.0.0.0/8 (RFC 1918, RFC 6598). */
const POD_CANDIDATES = [
  '10.244.0.0/16',
  ...sixteens(10, 245, 254),
  ...sixteens(10, 224, 243),
  ...sixteens(172, 24, 31),
  ...sixteens(100, 80, 95),
];
const SERVICE_CANDIDATES = [
  formatRange(DEFAULT_SERVICE_RANGE),
  ...sixteens(10, 97, 127),
  ...sixteens(172, 20, 23),
  ...sixteens(100, 96, 111),
];

function rangesOf(texts: readonly string[]): readonly Range[] {
  return texts.flatMap((text) => {
    const range = parseRange(text);
    return range === undefined || range.prefix < MIN_TAKEN_PREFIX ? [] : [range];
  });
}

/** Chooses both ranges. What is recorded stands; a wish is taken or refused in words; else the first free candidates. */
export function chooseRanges({ wishes, recorded, taken }: RangeInput): RangeResult<ClusterRanges> {
  const others = rangesOf(taken);
  const pod = chooseOne('--pod-range', MAX_POD_PREFIX, wishes.podRange, recorded.podRange, POD_CANDIDATES, [
    ...others,
    ...rangesOf([recorded.serviceRange ?? wishes.serviceRange ?? '']),
  ]);
  if (!pod.ok) return pod;
  const service = chooseOne(
    '--service-range',
    MAX_SERVICE_PREFIX,
    wishes.serviceRange,
    recorded.serviceRange,
    SERVICE_CANDIDATES,
    [...others, ...rangesOf([pod.value])],
  );
  return service.ok ? { ok: true, value: { podRange: pod.value, serviceRange: service.value } } : service;
}

function chooseOne(
  option: string,
  maxPrefix: number,
  wish: string | undefined,
  recorded: string | undefined,
  candidates: readonly string[],
  taken: readonly Range[],
): RangeResult<string> {
  const problem = wish === undefined ? undefined : rangeProblem(wish, maxPrefix);
  if (problem !== undefined) return { ok: false, message: `${option} ${wish}: ${problem}` };
  if (recorded !== undefined) {
    if (wish === undefined || isSameRange(wish, recorded)) return { ok: true, value: recorded };
    const message = `${option} ${wish}: the cluster has ${recorded} since it was made, and it cannot be changed while it exists`;
    return { ok: false, message };
  }
  const clash = (text: string): Range | undefined => {
    const range = parseRange(text);
    return taken.find((other) => range !== undefined && overlaps(range, other));
  };
  if (wish !== undefined) {
    const other = clash(wish);
    if (other === undefined) return { ok: true, value: wish };
    return { ok: false, message: `${option} ${wish}: it overlaps ${formatRange(other)}, which is in use on this host` };
  }
  const free = candidates.find((text) => clash(text) === undefined);
  if (free !== undefined) return { ok: true, value: free };
  return { ok: false, message: `no range is free for the network: choose one with ${option}` };
}

/** Why a text cannot be a range of at most this prefix; undefined when it can. */
export function rangeProblem(text: string, maxPrefix: number = MAX_POD_PREFIX): string | undefined {
  const range = parseRange(text);
  if (range === undefined || !text.includes('/')) return 'write it as an IPv4 range, for example 10.244.0.0/16';
  if (formatRange(range) !== text) return `the first address of such a range is ${formatRange(range)}`;
  if (range.prefix < MIN_TAKEN_PREFIX) return `it is too large: the shortest prefix is /${MIN_TAKEN_PREFIX}`;
  if (range.prefix > maxPrefix) return `it is too small: the longest prefix is /${maxPrefix}`;
  return undefined;
}

function isSameRange(one: string, other: string): boolean {
  const range = parseRange(one);
  return range !== undefined && formatRange(range) === other;
}

/** What is known when a node's slice is chosen. */
export interface SliceInput {
  readonly podRange: string;
  /** The node's slice by what was recorded of it; it stands. */
  readonly recorded?: string;
  /** Slices of the other nodes. */
  readonly others: readonly string[];
  /** Ranges that others use on the node's host, without the cluster's own. */
  readonly taken: readonly string[];
}

/** A node's part of the pod range: what was recorded, or the first that no other node has. No two nodes ever share one. */
export function chooseSlice({ podRange, recorded, others, taken }: SliceInput): RangeResult<string> {
  const held = rangesOf(others);
  const own = recorded === undefined ? undefined : parseRange(recorded);
  if (recorded !== undefined && own !== undefined) {
    const other = held.find((each) => overlaps(each, own));
    if (other === undefined) return { ok: true, value: recorded };
    const message = `the pods of this node have ${recorded}, and another node of the cluster has ${formatRange(other)}`;
    return { ok: false, message };
  }
  const whole = parseRange(podRange);
  const used = [...held, ...rangesOf(taken)];
  const count = whole === undefined || whole.prefix > SLICE_PREFIX ? 0 : 2 ** (SLICE_PREFIX - whole.prefix);
  for (let index = 0; index < count; index += 1) {
    const slice = whole && partOf(whole, SLICE_PREFIX, index);
    if (slice !== undefined && !used.some((each) => overlaps(each, slice))) return { ok: true, value: formatRange(slice) };
  }
  return { ok: false, message: `no slice of ${podRange} is free for another node: each has a /${SLICE_PREFIX}` };
}

/** The first address of a slice: the bridge's own. Empty when the text is no range. */
export function gatewayOf(slice: string): string {
  const range = parseRange(slice);
  return range === undefined ? '' : formatAddress(range.base + 1);
}

/** Addresses at the end of a slice that the engine gives to containers which are not pods, if somebody connects some. */
const DYNAMIC_PREFIX = 29;

/** The part of a slice that pods get no addresses from. */
export function dynamicPartOf(slice: string): string {
  const range = parseRange(slice);
  if (range === undefined) return '';
  const base = range.base + sizeOf(range) - 2 ** (32 - DYNAMIC_PREFIX);
  return formatRange({ base, prefix: DYNAMIC_PREFIX });
}

/** The first and the last address that pods of a slice can have; undefined when the text is no range. */
export function podAddresses(slice: string): { readonly first: number; readonly last: number } | undefined {
  const range = parseRange(slice);
  const dynamic = parseRange(dynamicPartOf(slice));
  return range === undefined || dynamic === undefined ? undefined : { first: range.base + 2, last: dynamic.base - 1 };
}
