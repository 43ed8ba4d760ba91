// Which node answers for an address of a pool in the hosts' own subnet (MetalLB, "MetalLB in layer 2 mode"). Whoever asks gets the same answer from the
// same store: nothing is remembered. Pure.
import { isAnnouncing, isInPools, readPools } from './address-pools.ts';
import { isConditionTrue } from './conditions.ts';
import { serviceNameOf } from './endpoint-slice.ts';
import { digestOf } from './hash.ts';
import { contains, parseAddress, parseRange } from './ipv4.ts';
import { EXCLUDED_LABEL, internalAddressOf, NETWORK_UNAVAILABLE, SUBNETS_ANNOTATION } from './node.ts';
import { type ConfigMap, displayKey, type Endpoint, type EndpointSlice, keyOf, type StoredOf } from './resource.ts';
import { isBalanced } from './service.ts';

type Service = StoredOf<'Service'>;
type Node = StoredOf<'Node'>;

/** What is known when somebody is chosen. */
export interface AnnouncementFacts {
  readonly nodes: readonly Node[];
  /** The slices of the namespace of a Service, or only its own. */
  readonly slices: (service: Service) => readonly EndpointSlice[];
}

/** Who answers for an address; or why nobody does, as a sentence. */
export type Announcer = { readonly node: string } | { readonly nobody: string };

/**
 * The addresses that nodes shall answer for, with the Services that have them: those of pools, unless the pools say that nobody answers. The
 * address of a node is its own.
 */
export function addressesToAnnounce(
  pools: ConfigMap | undefined,
  services: readonly Service[],
  nodes: readonly Node[],
): ReadonlyMap<string, readonly Service[]> {
  if (pools === undefined || !isAnnouncing(pools)) return new Map();
  const declared = readPools(pools).pools;
  const own = new Set(nodes.map(internalAddressOf));
  const found = new Map<string, Service[]>();
  for (const service of services.filter(isBalanced))
    for (const { ip = '' } of service.status?.loadBalancer?.ingress ?? [])
      if (isInPools(declared, ip) && !own.has(ip)) found.set(ip, [...(found.get(ip) ?? []), service]);
  return found;
}

/**
 * The node that answers for an address: of those that may, the first in an order that is another for each address (rendezvous hashing). So
 * addresses are spread, and when a node goes or comes only its own move. One that serves all Services of the address is better than one that serves some.
 */
export function announcerOf(address: string, services: readonly Service[], { nodes, slices }: AnnouncementFacts): Announcer {
  const candidates = nodes.filter(takesPart);
  const near = candidates.filter((node) => isOnSubnet(node, address));
  if (near.length === 0) return { nobody: whyNobodyIsNear(address, candidates) };
  const ready = near.filter(({ status }) => isConditionTrue(status?.conditions, 'Ready'));
  // When none is ready, what they have programmed goes on without their engines.
  const able = (ready.length > 0 ? ready : near).map(({ metadata }) => metadata.name);
  const served = services.map((service) => new Set(servingNodes(service, able, slices(service))));
  const counts = new Map(able.map((name) => [name, served.filter((names) => names.has(name)).length]));
  const most = Math.max(...counts.values());
  if (most === 0) return { nobody: whyNobodyServes(services) };
  const best = able.filter((name) => counts.get(name) === most);
  const [first = ''] = best.toSorted((a, b) => (rankOf(a, address) < rankOf(b, address) ? -1 : 1));
  return { node: first };
}

function rankOf(node: string, address: string): string {
  return digestOf(`${node}#${address}`);
}

/** Not kept out, and with a network of ours. */
function takesPart({ metadata, status }: Node): boolean {
  return metadata.labels?.[EXCLUDED_LABEL] === undefined && !isConditionTrue(status?.conditions, NETWORK_UNAVAILABLE);
}

function isOnSubnet({ metadata }: Node, address: string): boolean {
  const number = parseAddress(address);
  const ranges = (metadata.annotations?.[SUBNETS_ANNOTATION] ?? '').split(',').map(parseRange);
  return number !== undefined && ranges.some((range) => range !== undefined && contains(range, number));
}

function whyNobodyIsNear(address: string, candidates: readonly Node[]): string {
  if (candidates.length === 0) return 'no node has a network and serves load balancers';
  const isKnown = candidates.some(({ metadata }) => metadata.annotations?.[SUBNETS_ANNOTATION] !== undefined);
  return isKnown
    ? `${address} is in the subnet of no node that serves load balancers: a router has to lead it to one`
    : 'no node has told its subnets yet';
}

function whyNobodyServes(services: readonly Service[]): string {
  const names = services.map((service) => displayKey(keyOf(service))).join(', ');
  return `with externalTrafficPolicy Local a node needs an endpoint, and none in the subnet has one of ${names}`;
}

/**
 * Of these nodes those that lead to a Service. With externalTrafficPolicy Local those that have an endpoint: a ready one, and where none of them has,
 * one that is about to end and serves still (Kubernetes, "Virtual IPs and Service Proxies"; KEP-1669).
 */
function servingNodes(service: Service, nodes: readonly string[], slices: readonly EndpointSlice[]): readonly string[] {
  if (service.spec.externalTrafficPolicy !== 'Local') return nodes;
  const endpoints = slices
    .filter((slice) => slice.addressType === 'IPv4' && serviceNameOf(slice) === service.metadata.name)
    .flatMap((slice) => slice.endpoints ?? []);
  const having = (isFit: (endpoint: Endpoint) => boolean): readonly string[] => {
    const names = new Set(endpoints.filter(isFit).map(({ nodeName }) => nodeName));
    return nodes.filter((name) => names.has(name));
  };
  const ready = having(({ conditions }) => conditions?.ready !== false);
  return ready.length > 0 ? ready : having(({ conditions }) => conditions?.serving !== false && conditions?.terminating === true);
}
