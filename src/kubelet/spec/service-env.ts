// Variables that tell a container of the Services of its namespace (Kubernetes, "Accessing the Service": environment variables, with the
// names that Docker's links had). Pure.
import type { Service } from '../../model/resource.ts';

type Ports = NonNullable<Service['spec']['ports']>;

/** The Service of the API itself, which all namespaces see. */
const API_NAMESPACE = 'default';
const API_SERVICE = 'kubernetes';

/** What of a Service matters here. */
export type ServiceSeen = Pick<Service, 'metadata'> & { readonly spec: Pick<Service['spec'], 'clusterIP' | 'ports'> };

function nameOf({ metadata }: ServiceSeen): string {
  return metadata.name ?? '';
}

/** The variables for Services that have an address. `enableServiceLinks` false leaves those of the API alone. */
export function serviceVariables(
  services: readonly ServiceSeen[],
  namespace: string,
  enableServiceLinks: boolean,
): ReadonlyMap<string, string> {
  const isApi = ({ metadata }: ServiceSeen): boolean =>
    metadata.name === API_SERVICE && (metadata.namespace ?? 'default') === API_NAMESPACE;
  const isLinked = (service: ServiceSeen): boolean =>
    enableServiceLinks && (service.metadata.namespace ?? 'default') === namespace;
  const seen = services
    .filter((service) => isApi(service) || isLinked(service))
    // A Service of the pod's own namespace hides the API's.
    .toSorted((a, b) => Number(isLinked(a)) - Number(isLinked(b)) || (nameOf(a) < nameOf(b) ? -1 : 1));
  return new Map(seen.flatMap(variablesOf));
}

function variablesOf({ metadata, spec }: ServiceSeen): readonly (readonly [string, string])[] {
  const { clusterIP = '', ports = [] } = spec;
  const [first] = ports;
  if (clusterIP === '' || clusterIP === 'None' || first === undefined) return [];
  const prefix = variableName(metadata.name ?? '');
  return [
    [`${prefix}_SERVICE_HOST`, clusterIP],
    [`${prefix}_SERVICE_PORT`, String(first.port)],
    ...ports.flatMap(({ name, port }): [string, string][] =>
      name === undefined || name === '' ? [] : [[`${prefix}_SERVICE_PORT_${variableName(name)}`, String(port)]],
    ),
    ...linkVariables(prefix, clusterIP, ports),
  ];
}

function linkVariables(prefix: string, address: string, ports: Ports): readonly (readonly [string, string])[] {
  const host = address.includes(':') ? `[${address}]` : address;
  return ports.flatMap(({ port, protocol = 'TCP' }, index): [string, string][] => {
    const url = `${protocol.toLowerCase()}://${host}:${port}`;
    const name = `${prefix}_PORT_${port}_${protocol}`;
    return [
      ...(index === 0 ? ([[`${prefix}_PORT`, url]] satisfies [string, string][]) : []),
      [name, url],
      [`${name}_PROTO`, protocol.toLowerCase()],
      [`${name}_PORT`, String(port)],
      [`${name}_ADDR`, address],
    ];
  });
}

function variableName(name: string): string {
  return name.toUpperCase().replaceAll('-', '_');
}
