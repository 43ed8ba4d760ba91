// Where the addresses of Services come from, and how those that are taken are remembered (Kubernetes, "Virtual IPs and Service Proxies",
// ServiceCIDR and IPAddress). Facts only; who gets what is for src/model/admission.
import type { IPAddress, Service, ServiceCIDR, ServicePort } from './generated.ts';
import { formatAddress, parseRange, type Range, sizeOf } from './ipv4.ts';
import { RECOVERED_ANNOTATION } from './resource.ts';
import { clusterAddressOf } from './service.ts';

/** The ServiceCIDR that says which range the cluster uses. */
export const SERVICE_CIDR_NAME = 'kubernetes';
/** The range as long as nothing else is said. */
export const DEFAULT_SERVICE_RANGE: Range = { base: 0x0a60_0000, prefix: 16 };
/** Annotation of an IPAddress: the node ports of its Service, `TCP/80=30080,UDP/53=30053`. */
export const NODE_PORTS_ANNOTATION = 'holdfast.dev/node-ports';

/** Annotation of an IPAddress that a lost store got back: the addresses of its Service's load balancer, `203.0.113.16`. */
export const BALANCER_ANNOTATION = 'holdfast.dev/load-balancer';

const DNS_OFFSET = 10;

/** The range of the cluster's Services: that of the ServiceCIDR `kubernetes`, or the default. */
export function serviceRangeOf(cidr: Pick<ServiceCIDR, 'spec'> | undefined): Range {
  return parseRange(cidr?.spec?.cidrs?.[0] ?? '') ?? DEFAULT_SERVICE_RANGE;
}

/** Where pods find DNS: the tenth address of the range of Services, as with kubeadm. Empty when the text is no range. */
export function dnsAddressOf(serviceRange: string): string {
  const range = parseRange(serviceRange);
  return range === undefined ? '' : formatAddress(range.base + DNS_OFFSET);
}

/** Addresses of the range that no Service gets, and why: the first, which Kubernetes gives to its own API, and that of DNS. */
export function keptAddressesOf(range: Range): ReadonlyMap<number, string> {
  return new Map([
    [range.base + 1, 'the first address of the range is kept free, as Kubernetes has it for its API'],
    [range.base + DNS_OFFSET, 'DNS of the cluster answers there'],
  ]);
}

/** First and last address that Services may have: all but those of the network and of its broadcast. */
export function usableAddressesOf(range: Range): { readonly first: number; readonly last: number } {
  return { first: range.base + 1, last: range.base + sizeOf(range) - 2 };
}

/** `namespace/name` of the Service that has a recorded address; undefined when it is not a Service's. */
export function holderOf({ spec: { parentRef } }: Pick<IPAddress, 'spec'>): string | undefined {
  const { group = '', resource, namespace = '', name } = parentRef;
  return group === '' && resource === 'services' && namespace !== '' ? `${namespace}/${name}` : undefined;
}

/** `namespace/name` of a Service. */
export function holderNameOf({ metadata }: Pick<Service, 'metadata'>): string {
  return `${metadata.namespace ?? 'default'}/${metadata.name ?? ''}`;
}

/** A port of a Service as the record of its node port names it. */
export function portKeyOf({ protocol = 'TCP', port }: Pick<ServicePort, 'protocol' | 'port'>): string {
  return `${protocol}/${port}`;
}

/** The node ports of a Service as NODE_PORTS_ANNOTATION has them; empty for none. */
export function nodePortsText({ spec }: Pick<Service, 'spec'>): string {
  const ports = (spec.ports ?? []).filter(({ nodePort = 0 }) => nodePort !== 0);
  return ports.map((port) => `${portKeyOf(port)}=${port.nodePort}`).join(',');
}

/** The node ports that a record keeps, by `protocol/port`. What cannot be read is left out. */
export function recordedNodePorts({ metadata }: Pick<IPAddress, 'metadata'>): ReadonlyMap<string, number> {
  const text = metadata.annotations?.[NODE_PORTS_ANNOTATION] ?? '';
  const entries = text.split(',').flatMap((entry): [string, number][] => {
    const [, key, number] = /^((?:TCP|UDP|SCTP)\/\d+)=(\d+)$/.exec(entry) ?? [];
    return key === undefined || number === undefined ? [] : [[key, Number(number)]];
  });
  return new Map(entries);
}

/** The addresses that a load balancer has, as BALANCER_ANNOTATION has them; empty for none. */
export function balancerText({ spec, status }: Pick<Service, 'spec' | 'status'>): string {
  if (spec.type !== 'LoadBalancer') return '';
  return (status?.loadBalancer?.ingress ?? []).flatMap(({ ip = '' }) => (ip === '' ? [] : [ip])).join(',');
}

/** The addresses of a load balancer that a record remembers. */
export function recordedBalancer({ metadata }: Pick<IPAddress, 'metadata'>): readonly string[] {
  const text = metadata.annotations?.[BALANCER_ANNOTATION] ?? '';
  return text.split(',').filter((address) => address !== '');
}

/** The record of a Service's address, with its node ports; undefined when it has no address. */
export function addressRecordOf(service: Pick<Service, 'metadata' | 'spec'>): IPAddress | undefined {
  const address = clusterAddressOf(service);
  if (address === undefined) return undefined;
  const { namespace = 'default', name = '' } = service.metadata;
  return addressRecord(address, { namespace, name, nodePorts: nodePortsText(service) });
}

/** What has to be remembered of a Service for its address and node ports to be found again. */
export interface AddressMemory {
  readonly namespace: string;
  readonly name: string;
  /** As `nodePortsText` has it. */
  readonly nodePorts: string;
  /** As `balancerText` has it; absent for none. */
  readonly balancer?: string;
}

/** The record of an address that a Service has, or had before the store was lost: then `isRecovered`, so that it is kept for it. */
export function addressRecord(address: string, memory: AddressMemory, isRecovered = false): IPAddress {
  const { namespace, name, nodePorts, balancer = '' } = memory;
  const annotations = {
    ...(balancer === '' ? {} : { [BALANCER_ANNOTATION]: balancer }),
    ...(nodePorts === '' ? {} : { [NODE_PORTS_ANNOTATION]: nodePorts }),
    ...(isRecovered ? { [RECOVERED_ANNOTATION]: 'true' } : {}),
  };
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IPAddress',
    metadata: { name: address, ...(Object.keys(annotations).length === 0 ? {} : { annotations }) },
    spec: { parentRef: { group: '', resource: 'services', namespace, name } },
  };
}
