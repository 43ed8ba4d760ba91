// The names of one Service: its address, ports and endpoints (Kubernetes, "DNS-Based Service Discovery", 2.3 to 2.5). Pure.
import { CLUSTER_DOMAIN } from '../../model/cluster-domain.ts';
import type { Endpoint, EndpointSlice, Service } from '../../model/generated.ts';
import type { Records } from '../fragment.ts';
import { absoluteName, addressData, labelOf, recordLine, reverseName } from './names.ts';

/** Priority and weight of every SRV record: all are equal, and one more does not change the others. */
const EQUAL_SHARE = '0 100';

/**
 * The records of a Service and its endpoint slices. None while it waits for its address. Endpoints that are not ready have names only where
 * the Service says publishNotReadyAddresses. What cannot be a name or an address is left out, as an ExternalName that is an address.
 */
export function serviceRecords(service: Service, slices: readonly EndpointSlice[]): Records {
  const { metadata, spec } = service;
  const name = absoluteName(`${metadata.name}.${metadata.namespace ?? 'default'}.svc.${CLUSTER_DOMAIN}`);
  if (name === undefined) return new Set();
  if (spec.type === 'ExternalName') return new Set(aliasRecords(name, spec.externalName ?? ''));
  const isHeadless = spec.clusterIP === 'None';
  const own = isHeadless ? [] : clusterRecords(name, service);
  return new Set(isHeadless || own.length > 0 ? [...own, ...endpointsRecords(name, service, slices)] : []);
}

/** CoreDNS answers nothing for an ExternalName that looks like an address: it cannot be an alias. */
function aliasRecords(name: string, target: string): readonly string[] {
  const alias = addressData(target) === undefined ? absoluteName(target) : undefined;
  return alias === undefined ? [] : [recordLine(name, `CNAME ${alias}`)];
}

function clusterRecords(name: string, { spec }: Service): readonly string[] {
  const addresses = (spec.clusterIPs ?? [spec.clusterIP ?? '']).filter((address) => addressData(address) !== undefined);
  if (addresses.length === 0) return [];
  return [
    ...addresses.flatMap((address) => [...addressRecords(name, address), ...pointers(address, name)]),
    ...portRecords(name, spec.ports ?? [], name),
  ];
}

/**
 * Of a headless Service: every endpoint under the Service's name and under its own. Of one with an address: those alone that have a host
 * name, under it, as CoreDNS answers for a StatefulSet whose Service has an address.
 */
function endpointsRecords(name: string, { spec }: Service, slices: readonly EndpointSlice[]): readonly string[] {
  const isHeadless = spec.clusterIP === 'None';
  return slices
    .filter(({ addressType }) => addressType !== 'FQDN')
    .flatMap(({ endpoints = [], ports = [] }) =>
      endpoints
        .filter((endpoint) => isPublished(endpoint, spec.publishNotReadyAddresses === true))
        .flatMap(({ addresses, hostname = '' }) =>
          addresses.flatMap((address) => {
            const label = labelOf(hostname === '' ? address.replaceAll(/[.:]/g, '-') : hostname);
            if (addressData(address) === undefined || (!isHeadless && hostname === '')) return [];
            if (label === undefined) return isHeadless ? addressRecords(name, address) : [];
            const own = `${label}.${name}`;
            const named = [...addressRecords(own, address), ...pointers(address, own)];
            return isHeadless ? [...addressRecords(name, address), ...named, ...portRecords(name, ports, own)] : named;
          }),
        ),
    );
}

/** Unknown counts as ready (EndpointConditions). */
function isPublished({ conditions }: Endpoint, isNotReadyToo: boolean): boolean {
  return isNotReadyToo || conditions?.ready !== false;
}

function addressRecords(name: string, address: string): readonly string[] {
  const data = addressData(address);
  return data === undefined ? [] : [recordLine(name, data)];
}

function pointers(address: string, name: string): readonly string[] {
  const reverse = reverseName(address);
  return reverse === undefined ? [] : [recordLine(reverse, `PTR ${name}`)];
}

interface Port {
  readonly name?: string | undefined;
  readonly protocol?: string | undefined;
  readonly port?: number | undefined;
}

/** Ports without a name have none. */
function portRecords(name: string, ports: readonly Port[], target: string): readonly string[] {
  return ports.flatMap(({ name: port = '', protocol = 'TCP', port: number }) => {
    const label = labelOf(port);
    if (label === undefined || number === undefined) return [];
    return [recordLine(`_${label}._${protocol.toLowerCase()}.${name}`, `SRV ${EQUAL_SHARE} ${number} ${target}`)];
  });
}
