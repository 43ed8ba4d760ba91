// Who answers for the addresses of a load balancer, as the store says.
import { POOLS_CONFIG_MAP } from '../model/address-pools.ts';
import { type Announcer, addressesToAnnounce, announcerOf } from '../model/announcement.ts';
import type { ServiceStatus, StoredOf } from '../model/resource.ts';
import type { StoreReader } from '../store/store.ts';

type Service = StoredOf<'Service'>;

/** Who answers for the addresses that a load balancer has now; without those that no node is to answer for. */
export function announcersOf(store: StoreReader, service: Service): ReadonlyMap<string, Announcer> {
  const own = new Set(ipsOf(service.status));
  const pools = own.size === 0 ? undefined : store.get('ConfigMap', POOLS_CONFIG_MAP.namespace, POOLS_CONFIG_MAP.name);
  if (pools === undefined) return new Map();
  const nodes = store.list('Node');
  const sharing = store.list('Service').filter(({ status }) => ipsOf(status).some((ip) => own.has(ip)));
  const facts = { nodes, slices: (its: Service) => store.list('EndpointSlice', its.metadata.namespace ?? 'default') };
  const found = [...addressesToAnnounce(pools, sharing, nodes)].filter(([address]) => own.has(address));
  return new Map(found.map(([address, services]) => [address, announcerOf(address, services, facts)]));
}

/** The addresses of a load balancer that are no names. */
export function ipsOf(status: ServiceStatus | undefined): readonly string[] {
  return (status?.loadBalancer?.ingress ?? []).flatMap(({ ip }) => (ip === undefined ? [] : [ip]));
}
