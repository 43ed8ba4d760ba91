// The columns of Services and of what belongs to them, as kubectl prints them.
import type { EndpointSlice, Endpoints, Service, ServicePort } from '../../model/resource.ts';
import { clusterAddressOf, HEADLESS, isHeadless, serviceTypeOf } from '../../model/service.ts';
import { printable } from '../phrases.ts';
import { ageColumn, name, none, orNone, type Tables } from './columns.ts';

/** Addresses that are shown of one object. */
const SHOWN = 3;
/** Longer texts of load balancers are cut, unless the table is wide. */
const MAX_BALANCER_CHARACTERS = 16;

export const networkTables: Tables = {
  Service: [
    name,
    { heading: 'TYPE', cell: ({ spec }) => serviceTypeOf(spec) },
    { heading: 'CLUSTER-IP', cell: (service) => (isHeadless(service.spec) ? HEADLESS : orNone(clusterAddressOf(service))) },
    { heading: 'EXTERNAL-IP', cell: (service, _nowMs, isWide) => externalAddress(service, isWide) },
    { heading: 'PORT(S)', cell: ({ spec }) => orNone((spec.ports ?? []).map(portText).join(',')) },
    ageColumn,
    { heading: 'SELECTOR', cell: ({ spec }) => labelsText(spec.selector), isWide: true },
  ],
  Endpoints: [name, { heading: 'ENDPOINTS', cell: (endpoints) => endpointsText(endpoints) }, ageColumn],
  EndpointSlice: [
    name,
    { heading: 'ADDRESSTYPE', cell: ({ addressType }) => addressType },
    { heading: 'PORTS', cell: ({ ports = [] }) => orUnset(listed(ports.map(slicePort))) },
    { heading: 'ENDPOINTS', cell: (slice) => orUnset(listed(sliceAddresses(slice))) },
    ageColumn,
  ],
  ServiceCIDR: [name, { heading: 'CIDRS', cell: ({ spec }) => orNone(spec?.cidrs?.join(',')) }, ageColumn],
  IPAddress: [
    name,
    {
      heading: 'PARENTREF',
      cell: ({ spec: { parentRef } }) =>
        printable([parentRef.resource, parentRef.namespace ?? '', parentRef.name].filter((part) => part !== '').join('/')),
    },
    ageColumn,
  ],
};

function externalAddress({ spec, status }: Service, isWide: boolean): string {
  const { externalIPs = [], externalName } = spec;
  const type = serviceTypeOf(spec);
  if (type === 'ExternalName') return orNone(externalName);
  if (type !== 'LoadBalancer') return orNone(externalIPs.join(','));
  const balanced = (status?.loadBalancer?.ingress ?? [])
    .map(({ ip = '', hostname = '' }) => (ip === '' ? hostname : ip))
    .join(',');
  const isCut = !isWide && balanced.length > MAX_BALANCER_CHARACTERS;
  const shown = isCut ? `${balanced.slice(0, MAX_BALANCER_CHARACTERS - 3)}...` : balanced;
  const all = [shown, ...externalIPs].filter((address) => address !== '');
  return all.length === 0 ? '<pending>' : printable(all.join(','));
}

function portText({ port, nodePort = 0, protocol = 'TCP' }: ServicePort): string {
  return nodePort === 0 ? `${port}/${protocol}` : `${port}:${nodePort}/${protocol}`;
}

function labelsText(labels: Readonly<Record<string, string>> | undefined): string {
  const pairs = Object.entries(labels ?? {}).map(([key, value]) => `${key}=${value}`);
  return orNone(pairs.toSorted().join(','));
}

function endpointsText({ subsets = [] }: Endpoints): string {
  if (subsets.length === 0) return none;
  const all = subsets.flatMap(({ addresses = [], ports = [] }) =>
    ports.length === 0 ? addresses.map(({ ip }) => ip) : ports.flatMap(({ port }) => addresses.map(({ ip }) => `${ip}:${port}`)),
  );
  return listed(all);
}

function slicePort({ port, name: portName = '' }: NonNullable<EndpointSlice['ports']>[number]): string {
  return port === undefined ? printable(portName === '' ? '*' : portName) : String(port);
}

function sliceAddresses({ endpoints = [] }: EndpointSlice): string[] {
  return endpoints.flatMap(({ addresses }) => addresses);
}

function listed(items: readonly string[]): string {
  const shown = printable(items.slice(0, SHOWN).join(','));
  return items.length > SHOWN ? `${shown} + ${items.length - SHOWN} more...` : shown;
}

function orUnset(text: string): string {
  return text === '' ? '<unset>' : text;
}
