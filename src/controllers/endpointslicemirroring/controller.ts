// Endpoints that people write for a Service without a selector → EndpointSlices, the one form that the network reads (Kubernetes,
// "EndpointSlices": EndpointSlice mirroring). EndpointSlices that people write themselves are used as they are.

import type { Action } from '../../model/action.ts';
import { MANAGED_BY_LABEL, SERVICE_NAME_LABEL } from '../../model/endpoint-slice.ts';
import { parseAddress } from '../../model/ipv4.ts';
import {
  type Endpoint,
  type EndpointAddress,
  type EndpointSlice,
  type EndpointSlicePort,
  type EndpointSubset,
  keyOf,
  type ResourceKey,
  type StoredOf,
} from '../../model/resource.ts';
import { hasSelector } from '../../model/service.ts';
import type { Controller } from '../../runtime/controller.ts';
import type { StoreReader } from '../../store/store.ts';
import { namespaceOf } from '../claims.ts';
import { MIRROR_MANAGER, ownLabels } from '../endpointslice/names.ts';
import { type PortGroup, planSlices } from '../endpointslice/pack.ts';

type UserEndpoints = StoredOf<'Endpoints'>;

/** Kubernetes' default (`--mirroring-max-endpoints-per-subset`): what is beyond is left out. */
const MAX_ENDPOINTS_PER_SUBSET = 1_000;

/** Set to "true" by who does not want slices. */
const SKIP_LABEL = 'endpointslice.kubernetes.io/skip-mirror';
/** On Endpoints that are no addresses but an old way to elect a leader. */
const LEADER_ANNOTATION = 'control-plane.alpha.kubernetes.io/leader';
/** Annotations that tell of the Endpoints themselves. */
const KEPT_BACK = /^(kubectl\.kubernetes\.io\/last-applied-configuration|endpoints\.kubernetes\.io\/|holdfast\.dev\/)/;

/** What is known around Endpoints. */
export interface MirrorObserved {
  /** The Service of their name. */
  readonly service: StoredOf<'Service'> | undefined;
  /** The slices that mirror them, by name. */
  readonly slices: readonly StoredOf<'EndpointSlice'>[];
  /** Whether the namespace has a slice of this name. */
  readonly isTaken: (name: string) => boolean;
}

/** What makes the slices say what the Endpoints say; without a Service that wants them there are none. Pure. */
export function planMirror(endpoints: UserEndpoints, observed: MirrorObserved): readonly Action[] {
  const { service, slices, isTaken } = observed;
  const { metadata, subsets = [] } = endpoints;
  if (service === undefined || !isMirrored(endpoints, service)) return slices.map(removal);
  const annotations = Object.entries(metadata.annotations ?? {}).filter(([name]) => !KEPT_BACK.test(name));
  return planSlices(slices, subsets.flatMap(groupsOf), {
    owner: endpoints,
    labels: { ...ownLabels(metadata.labels), [SERVICE_NAME_LABEL]: metadata.name, [MANAGED_BY_LABEL]: MIRROR_MANAGER },
    annotations: Object.fromEntries(annotations),
    maxEndpoints: MAX_ENDPOINTS_PER_SUBSET,
    isTaken,
  });
}

function removal(slice: StoredOf<'EndpointSlice'>): Action {
  const message = 'the Endpoints that it mirrors are not wanted';
  const { uid } = slice.metadata;
  return { type: 'delete', key: keyOf(slice), uid, reason: 'EndpointsChanged', message, isQuiet: true };
}

/** Those that are written for a selector have slices of their own; so do those that belong to an object that is not there any more. */
function isMirrored({ metadata }: UserEndpoints, { spec }: StoredOf<'Service'>): boolean {
  const { labels, annotations, ownerReferences = [], deletionTimestamp } = metadata;
  const isWritten = ownerReferences.some(({ kind, controller }) => kind === 'Service' && controller === true);
  const isKeptBack = labels?.[SKIP_LABEL] === 'true' || annotations?.[LEADER_ANNOTATION] !== undefined;
  return !isWritten && !hasSelector(spec) && !isKeptBack && deletionTimestamp === undefined;
}

/** One group for each family of addresses. */
function groupsOf({ addresses = [], notReadyAddresses = [], ports = [] }: EndpointSubset): readonly PortGroup[] {
  const all = [...addresses.map((one) => endpointOf(one, true)), ...notReadyAddresses.map((one) => endpointOf(one, false))];
  const families: readonly EndpointSlice['addressType'][] = ['IPv4', 'IPv6'];
  return families.flatMap((addressType): readonly PortGroup[] => {
    const endpoints = all.filter((one) => familyOf(one) === addressType).slice(0, MAX_ENDPOINTS_PER_SUBSET);
    return endpoints.length === 0 ? [] : [{ addressType, ports: ports.map(slicePort), endpoints }];
  });
}

function familyOf({ addresses: [address = ''] }: Endpoint): EndpointSlice['addressType'] {
  return parseAddress(address) === undefined ? 'IPv6' : 'IPv4';
}

function endpointOf({ ip, hostname, nodeName, targetRef }: EndpointAddress, ready: boolean): Endpoint {
  return {
    addresses: [ip],
    conditions: { ready },
    ...(hostname === undefined ? {} : { hostname }),
    ...(nodeName === undefined ? {} : { nodeName }),
    ...(targetRef === undefined ? {} : { targetRef }),
  };
}

function slicePort({
  name = '',
  port,
  protocol = 'TCP',
  appProtocol,
}: NonNullable<EndpointSubset['ports']>[number]): EndpointSlicePort {
  return { name, port, protocol, ...(appProtocol === undefined ? {} : { appProtocol }) };
}

function observeEndpoints(store: StoreReader, endpoints: UserEndpoints): MirrorObserved {
  const namespace = namespaceOf(endpoints);
  return {
    service: store.get('Service', namespace, endpoints.metadata.name),
    slices: store.listOwned('EndpointSlice', endpoints.metadata.uid),
    isTaken: (name) => store.get('EndpointSlice', namespace, name) !== undefined,
  };
}

/** The EndpointSlice mirroring controller. */
export const endpointSliceMirroring: Controller<'Endpoints', MirrorObserved> = {
  name: 'endpoint-slice-mirroring-controller',
  kind: 'Endpoints',
  wakes(changed): readonly ResourceKey[] {
    if (changed.kind === 'Service') return [{ ...keyOf(changed), kind: 'Endpoints' }];
    const owner =
      changed.kind === 'EndpointSlice' ? changed.metadata.ownerReferences?.find(({ controller }) => controller) : undefined;
    return owner?.kind === 'Endpoints' ? [{ kind: 'Endpoints', namespace: namespaceOf(changed), name: owner.name }] : [];
  },
  observe: observeEndpoints,
  plan: (endpoints, observed) => ({ actions: planMirror(endpoints, observed) }),
};
