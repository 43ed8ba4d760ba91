// The Endpoints of a Service, which `get endpoints` shows and older programs read (Kubernetes, "Service": Endpoints). Written in the same pass
// as its EndpointSlices; see src/controllers/endpointslice. Pure.
import type { Action } from '../../model/action.ts';
import { canonicalJson } from '../../model/hash.ts';
import { parseAddress } from '../../model/ipv4.ts';
import {
  APPLICATION_ANNOTATION,
  controllerReference,
  type EndpointAddress,
  type EndpointPort,
  type EndpointSubset,
  type Endpoints,
  type StoredOf,
} from '../../model/resource.ts';
import { isHeadless } from '../../model/service.ts';
import { isSameData } from '../../store/frozen.ts';
import { addressOf, hostnameOf, portsOf } from '../endpointslice/endpoint.ts';
import { HEADLESS_LABEL } from '../endpointslice/names.ts';
import { isReady, isTerminating } from '../pods.ts';

type Service = StoredOf<'Service'>;
type Pod = StoredOf<'Pod'>;

/** Who writes Endpoints for a selector (Kubernetes, "Well-Known Labels"). */
const MANAGED_BY_LABEL = 'endpoints.kubernetes.io/managed-by';
const MANAGER = 'endpoint-controller';
/** Says that not all addresses are in it. */
const OVER_CAPACITY_ANNOTATION = 'endpoints.kubernetes.io/over-capacity';
/** Addresses that Endpoints hold at most. */
const MAX_ADDRESSES = 1_000;

/**
 * What makes the Endpoints of a Service name these pods, which all have an address. Endpoints that a commit holds are left as they are. They
 * belong to the Service, so that they go with it.
 */
export function planEndpoints(
  service: Service,
  pods: readonly Pod[],
  existing: StoredOf<'Endpoints'> | undefined,
): readonly Action[] {
  const { annotations, name } = existing?.metadata ?? {};
  if (annotations?.[APPLICATION_ANNOTATION] !== undefined) return [];
  const { subsets, isCut } = cut(subsetsOf(service, pods));
  const { [OVER_CAPACITY_ANNOTATION]: _capacity, ...others } = annotations ?? {};
  const kept = isCut ? { ...others, [OVER_CAPACITY_ANNOTATION]: 'truncated' } : others;
  const metadata = {
    labels: labelsOf(service),
    ownerReferences: [controllerReference(service)],
    ...(annotations === undefined && !isCut ? {} : { annotations: kept }),
  };
  const why = {
    reason: 'EndpointsChanged',
    message: `service/${service.metadata.name} has other endpoints`,
    isQuiet: true,
  } as const;
  if (existing === undefined || name === undefined) {
    const namespace = service.metadata.namespace ?? 'default';
    const resource: Endpoints = {
      apiVersion: 'v1',
      kind: 'Endpoints',
      metadata: { name: service.metadata.name, namespace, ...metadata },
      subsets,
    };
    return [{ type: 'create', resource, ...why }];
  }
  const next = { ...existing, metadata: { ...existing.metadata, ...metadata }, subsets };
  return isSameData(existing, next) ? [] : [{ type: 'update', resource: next, ...why }];
}

function labelsOf(service: Service): Record<string, string> {
  const { [HEADLESS_LABEL]: _headless, ...labels } = service.metadata.labels ?? {};
  return { ...labels, ...(isHeadless(service.spec) ? { [HEADLESS_LABEL]: '' } : {}), [MANAGED_BY_LABEL]: MANAGER };
}

/** Addresses by the ports that they serve, in an order that only depends on what they are. */
function subsetsOf(service: Service, pods: readonly Pod[]): EndpointSubset[] {
  const { publishNotReadyAddresses: areAllPublished = false, ports: servicePorts = [] } = service.spec;
  const groups = new Map<string, { ports: EndpointPort[]; ready: EndpointAddress[]; notReady: EndpointAddress[] }>();
  for (const pod of pods) {
    if (isTerminating(pod) && !areAllPublished) continue;
    const ports = portsOf(pod, service).map(endpointPort);
    if (ports.length === 0 && (servicePorts.length > 0 || !isHeadless(service.spec))) continue;
    const key = canonicalJson(ports);
    const group = groups.get(key) ?? { ports, ready: [], notReady: [] };
    groups.set(key, group);
    (areAllPublished || isReady(pod) ? group.ready : group.notReady).push(endpointAddress(pod, service));
  }
  return [...groups]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, { ports, ready, notReady }]) => subsetOf(ready.toSorted(byAddress), notReady.toSorted(byAddress), ports));
}

function subsetOf(
  addresses: EndpointAddress[],
  notReadyAddresses: EndpointAddress[],
  ports: EndpointPort[],
): readonly EndpointSubset[] {
  if (addresses.length + notReadyAddresses.length === 0) return [];
  return [
    {
      ...(addresses.length === 0 ? {} : { addresses }),
      ...(notReadyAddresses.length === 0 ? {} : { notReadyAddresses }),
      ...(ports.length === 0 ? {} : { ports }),
    },
  ];
}

function endpointPort({ name = '', port = 0, ...others }: ReturnType<typeof portsOf>[number]): EndpointPort {
  return { ...(name === '' ? {} : { name }), port, ...others };
}

function endpointAddress(pod: Pod, service: Service): EndpointAddress {
  const hostname = hostnameOf(pod, service);
  const { name, namespace = 'default', uid } = pod.metadata;
  const { nodeName = '' } = pod.spec;
  return {
    ip: addressOf(pod) ?? '',
    ...(hostname === undefined ? {} : { hostname }),
    ...(nodeName === '' ? {} : { nodeName }),
    targetRef: { kind: 'Pod', namespace, name, uid },
  };
}

function byAddress(a: EndpointAddress, b: EndpointAddress): number {
  const difference = (parseAddress(a.ip) ?? 0) - (parseAddress(b.ip) ?? 0);
  return difference || ((a.targetRef?.uid ?? '') < (b.targetRef?.uid ?? '') ? -1 : 1);
}

/** Leaves as many addresses as Endpoints may hold: of each subset its share, those that are not ready last. */
function cut(subsets: EndpointSubset[]): { readonly subsets: EndpointSubset[]; readonly isCut: boolean } {
  const ready = subsets.reduce((sum, { addresses = [] }) => sum + addresses.length, 0);
  const notReady = subsets.reduce((sum, { notReadyAddresses = [] }) => sum + notReadyAddresses.length, 0);
  if (ready + notReady <= MAX_ADDRESSES) return { subsets, isCut: false };
  const readyShare = shares(
    subsets.map(({ addresses = [] }) => addresses.length),
    MAX_ADDRESSES,
  );
  const room = MAX_ADDRESSES - Math.min(ready, MAX_ADDRESSES);
  const notReadyShare = shares(
    subsets.map(({ notReadyAddresses = [] }) => notReadyAddresses.length),
    room,
  );
  return {
    isCut: true,
    subsets: subsets.flatMap(({ addresses = [], notReadyAddresses = [], ports = [] }, index) =>
      subsetOf(addresses.slice(0, readyShare[index]), notReadyAddresses.slice(0, notReadyShare[index]), ports),
    ),
  };
}

/** How many of each may stay when all together may be `room`: in proportion, rounded up, until there is no more room. */
function shares(sizes: readonly number[], room: number): readonly number[] {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total <= room) return sizes;
  let left = room;
  return sizes.map((size) => {
    const share = Math.min(left, Math.ceil((size / total) * room));
    left -= share;
    return share;
  });
}
