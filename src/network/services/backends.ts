// Which endpoints of a Service port take new connections on a node: those that are ready, near ones first where the slices' hints say so, and
// those that are about to end when there is nothing better (Kubernetes, "Virtual IPs and Service Proxies"; KEP-1669). Pure.
import { parseAddress } from '../../model/ipv4.ts';
import type { Endpoint, EndpointSlicePort, ServicePort, StoredOf } from '../../model/resource.ts';
import type { NodeNetwork } from '../node-network.ts';

/** An endpoint of one port of a Service. */
export interface Backend {
  readonly address: string;
  readonly port: number;
  readonly isReady: boolean;
  readonly isServing: boolean;
  readonly isTerminating: boolean;
  readonly nodeName?: string;
  /** Nodes and zones that should use it; empty when the slice does not say. */
  readonly forNodes: readonly string[];
  readonly forZones: readonly string[];
}

/** What of a Service port ties it to those of slices. */
type NamedPort = Pick<ServicePort, 'name' | 'protocol'>;

/** What a node may use of a Service port. */
export interface Choice {
  /** For traffic that may go to any node. */
  readonly cluster: readonly Backend[];
  /** For traffic that stays on this node. */
  readonly local: readonly Backend[];
  /** Whether any node has one that could be used. */
  readonly hasAny: boolean;
}

/**
 * The endpoints of a Service port, in the order of their addresses. A slice's port belongs to that of the same name and protocol, whatever
 * its number; slices of other families than IPv4 have none. An endpoint that stands in several slices counts as the readiest of them.
 */
export function backendsOf(port: NamedPort, slices: readonly StoredOf<'EndpointSlice'>[]): readonly Backend[] {
  const byTarget = new Map<string, Backend>();
  for (const slice of slices) {
    if (slice.addressType !== 'IPv4') continue;
    for (const target of (slice.ports ?? []).filter((each) => isFor(each, port)))
      for (const endpoint of slice.endpoints ?? []) {
        const backend = backendOf(endpoint, target.port ?? 0);
        const known = backend === undefined ? undefined : byTarget.get(targetOf(backend));
        if (backend !== undefined && (known === undefined || rankOf(backend) > rankOf(known)))
          byTarget.set(targetOf(backend), backend);
      }
  }
  return [...byTarget.values()].toSorted((a, b) => numberOf(a) - numberOf(b) || a.port - b.port);
}

/** `10.244.1.3/8080`: unique among the endpoints of a Service port, and part of names in the rules. */
export function targetOf({ address, port }: Backend): string {
  return `${address}/${port}`;
}

/** What a node uses of the endpoints of a Service port. */
export function chooseBackends(backends: readonly Backend[], node: NodeNetwork): Choice {
  const isLocal = (backend: Backend): boolean => backend.nodeName === node.name;
  return {
    cluster: readyOrEnding(backends, (ready) => preferred(ready, node)),
    local: readyOrEnding(backends.filter(isLocal), (ready) => ready),
    hasAny: readyOrEnding(backends, (ready) => ready).length > 0,
  };
}

function isFor(target: EndpointSlicePort, port: NamedPort): boolean {
  const isSame = (target.name ?? '') === (port.name ?? '') && (target.protocol ?? 'TCP') === (port.protocol ?? 'TCP');
  return isSame && target.port !== undefined && target.port > 0;
}

/** Absent conditions count as Kubernetes has it: ready, serving, and not about to end. Only the first address is used. */
function backendOf({ addresses, conditions, nodeName, hints }: Endpoint, port: number): Backend | undefined {
  const [address] = addresses;
  if (address === undefined || parseAddress(address) === undefined) return undefined;
  return {
    address,
    port,
    isReady: conditions?.ready ?? true,
    isServing: conditions?.serving ?? conditions?.ready ?? true,
    isTerminating: conditions?.terminating ?? false,
    ...(nodeName === undefined ? {} : { nodeName }),
    forNodes: (hints?.forNodes ?? []).map(({ name }) => name),
    forZones: (hints?.forZones ?? []).map(({ name }) => name),
  };
}

function rankOf({ isReady, isServing }: Backend): number {
  return isReady ? 2 : isServing ? 1 : 0;
}

function numberOf({ address }: Backend): number {
  return parseAddress(address) ?? 0;
}

function readyOrEnding(
  backends: readonly Backend[],
  choose: (ready: readonly Backend[]) => readonly Backend[],
): readonly Backend[] {
  const ready = backends.filter(({ isReady }) => isReady);
  return ready.length > 0 ? choose(ready) : backends.filter(({ isServing, isTerminating }) => isServing && isTerminating);
}

/** Hints are followed when every ready endpoint has them and one is meant for this place; those for nodes before those for zones (KEP-3015). */
function preferred(ready: readonly Backend[], { name, zone = '' }: NodeNetwork): readonly Backend[] {
  const meant = (hints: (backend: Backend) => readonly string[], place: string): readonly Backend[] =>
    ready.every((backend) => hints(backend).length > 0) ? ready.filter((backend) => hints(backend).includes(place)) : [];
  const forNode = meant(({ forNodes }) => forNodes, name);
  if (forNode.length > 0) return forNode;
  const forZone = meant(({ forZones }) => forZones, zone);
  return forZone.length > 0 ? forZone : ready;
}
