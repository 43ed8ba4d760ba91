// The columns of Services and of what belongs to them, as kubectl prints them.
import type { EndpointSlice, Endpoints, Service, ServicePort } from '../../model/resource.ts';
import { clusterAddressOf, HEADLESS, isHeadless, serviceTypeOf } from '../../model/service.ts';
import { printable } from '../phrases.ts';
import { ageColumn, name, none, orNone, type Tables } from './columns.ts';
import { balancerText, firstFew } from './shortened.ts';

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
    { heading: 'PORTS', cell: ({ ports = [] }) => orUnset(firstFew(ports.map(slicePort))) },
    { heading: 'ENDPOINTS', cell: (slice) => orUnset(firstFew(sliceAddresses(slice))) },
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
  const all = [balancerText(status, isWide), ...externalIPs].filter((address) => address !== '');
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
  return firstFew(all);
}

function slicePort({ port, name: portName = '' }: NonNullable<EndpointSlice['ports']>[number]): string {
  return port === undefined ? printable(portName === '' ? '*' : portName) : String(port);
}

function sliceAddresses({ endpoints = [] }: EndpointSlice): string[] {
  return endpoints.flatMap(({ addresses }) => addresses);
}

function orUnset(text: string): string {
  return text === '' ? '<unset>' : text;
}
