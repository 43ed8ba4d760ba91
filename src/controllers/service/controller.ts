// Load balancers: gives Services of type LoadBalancer their addresses and says why one has none. The ports are served by the network, on
// every node, at the addresses that the status names.
import { POOLS_CONFIG_MAP, readPools } from '../../model/address-pools.ts';
import { isConditionTrue } from '../../model/conditions.ts';
import { readyEndpoints, serviceNameOf } from '../../model/endpoint-slice.ts';
import { doorsOf, firstServed } from '../../model/ingress/doors.ts';
import { parseAddress } from '../../model/ipv4.ts';
import { EXCLUDED_LABEL, internalAddressOf } from '../../model/node.ts';
import { keyOf, type ResourceKey, type StoredOf } from '../../model/resource.ts';
import { isBalanced } from '../../model/service.ts';
import { holderNameOf, holderOf, recordedBalancer } from '../../model/service-address.ts';
import { announcersOf, ipsOf } from '../../runtime/announcers.ts';
import type { Controller } from '../../runtime/controller.ts';
import type { StoreReader } from '../../store/store.ts';
import { namespaceOf } from '../claims.ts';
import { type BalancerObserved, planBalancer } from './plan.ts';

type Service = StoredOf<'Service'>;
type Node = StoredOf<'Node'>;

const NOTHING: BalancerObserved = {
  nodeAddresses: [],
  declared: { pools: [], problems: [] },
  others: [],
  before: [],
  reserved: [],
  doors: [],
  firstIngress: undefined,
  announcers: new Map(),
};

function observeBalancer(store: StoreReader, service: Service): BalancerObserved {
  if (!isBalanced(service)) return NOTHING;
  const { namespace, name } = POOLS_CONFIG_MAP;
  return {
    nodeAddresses: nodeAddresses(store, service),
    declared: readPools(store.get('ConfigMap', namespace, name)),
    others: balanced(store).filter(({ metadata }) => metadata.uid !== service.metadata.uid),
    ...remembered(store, service),
    doors: doorsOf(store.list('Node')),
    firstIngress: firstServed(store.list('Ingress'), store.list('IngressClass')),
    announcers: announcersOf(store, service),
  };
}

/** What the records of addresses that a lost store got back say of load balancers. */
function remembered(store: StoreReader, service: Service): Pick<BalancerObserved, 'before' | 'reserved'> {
  const records = store.list('IPAddress').filter((record) => recordedBalancer(record).length > 0);
  const isOwn = (record: StoredOf<'IPAddress'>): boolean => holderOf(record) === holderNameOf(service);
  /** Who is not back, or has no address yet. */
  const isMissing = (record: StoredOf<'IPAddress'>): boolean => {
    const [namespace = '', name = ''] = holderOf(record)?.split('/') ?? [];
    const holder = store.get('Service', namespace, name);
    return holder === undefined || (isBalanced(holder) && (holder.status?.loadBalancer?.ingress ?? []).length === 0);
  };
  return {
    before: records.filter(isOwn).flatMap(recordedBalancer),
    reserved: records.filter((record) => !isOwn(record) && isMissing(record)).flatMap(recordedBalancer),
  };
}

/** The addresses of the nodes that are ready; when none is, of all: what they have programmed goes on without their engines. */
function nodeAddresses(store: StoreReader, service: Service): readonly string[] {
  const all = store.list('Node').filter(({ metadata }) => metadata.labels?.[EXCLUDED_LABEL] === undefined);
  const ready = orAll(all, ({ status }) => isConditionTrue(status?.conditions, 'Ready'));
  const addresses = orAll(ready, servingNodes(store, service)).flatMap(addressOf);
  return [...new Set(addresses)].toSorted((a, b) => (parseAddress(a) ?? 0) - (parseAddress(b) ?? 0));
}

function orAll(nodes: readonly Node[], wanted: (node: Node) => boolean): readonly Node[] {
  const found = nodes.filter(wanted);
  return found.length === 0 ? nodes : found;
}

/** With externalTrafficPolicy Local a node without an endpoint leads nowhere. */
function servingNodes(store: StoreReader, service: Service): (node: Node) => boolean {
  if (service.spec.externalTrafficPolicy !== 'Local') return () => true;
  const endpoints = readyEndpoints(store.list('EndpointSlice', namespaceOf(service)), service.metadata.name);
  const names = new Set(endpoints.map(({ nodeName }) => nodeName));
  return ({ metadata }) => names.has(metadata.name);
}

function addressOf(node: Node): readonly string[] {
  const address = internalAddressOf(node) ?? '';
  return address === '' ? [] : [address];
}

function balanced(store: StoreReader): readonly Service[] {
  return store.list('Service').filter(isBalanced);
}

/** With the Service those that share an address with it: one node answers for all of them. */
function wokenBySlice(slice: StoredOf<'EndpointSlice'>, store: StoreReader): readonly ResourceKey[] {
  const service = store.get('Service', namespaceOf(slice), serviceNameOf(slice) ?? '');
  if (service === undefined || !isBalanced(service) || service.spec.externalTrafficPolicy !== 'Local') return [];
  const own = new Set(ipsOf(service.status));
  const sharing = balanced(store).filter(({ status }) => ipsOf(status).some((ip) => own.has(ip)));
  return [...new Set([service, ...sharing])].map(keyOf);
}

/** The service controller (Kubernetes, "Cloud Controller Manager": service controller). */
export const serviceController: Controller<'Service', BalancerObserved> = {
  name: 'service-controller',
  kind: 'Service',
  wakes(changed, store) {
    if (changed.kind === 'EndpointSlice') return wokenBySlice(changed, store);
    const isPools = changed.kind === 'ConfigMap' && isSame(keyOf(changed));
    // What one gives up another may have.
    const isRival = changed.kind === 'Service' && (isBalanced(changed) || changed.status?.loadBalancer?.ingress !== undefined);
    const isOfDoors = changed.kind === 'Node' || changed.kind === 'Ingress' || changed.kind === 'IngressClass';
    return isPools || isRival || isOfDoors ? balanced(store).map(keyOf) : [];
  },
  observe: observeBalancer,
  plan: planBalancer,
};

function isSame({ namespace, name }: ResourceKey): boolean {
  return namespace === POOLS_CONFIG_MAP.namespace && name === POOLS_CONFIG_MAP.name;
}
