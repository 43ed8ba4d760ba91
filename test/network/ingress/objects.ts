// Ingresses and what they need, for the tests of this folder.

import type {
  Endpoint,
  Ingress,
  IngressClass,
  IngressSpec,
  Resource,
  Secret,
  Service,
  Stored,
  StoredOf,
} from '../../../src/model/resource.ts';
import type { IngressInput } from '../../../src/network/ingress/plan.ts';

export interface IngressOptions {
  readonly name?: string;
  readonly namespace?: string;
  readonly annotations?: Record<string, string>;
  /** Seconds after the first moment. */
  readonly age?: number;
}

function stored<R extends Resource>(resource: R, age = 0): Stored<R> {
  const { namespace = '', name = '' } = resource.metadata;
  const metadata = {
    uid: `${resource.kind}-${namespace}-${name}`,
    resourceVersion: '1',
    generation: 1,
    creationTimestamp: new Date(Date.UTC(2026, 0, 1, 0, 0, age)).toISOString().replace('.000', ''),
    ...resource.metadata,
  };
  // The name is in the metadata of every object that is made here.
  return { ...resource, metadata } as unknown as Stored<R>;
}

export function anIngress(
  spec: IngressSpec,
  { name = 'web', namespace = 'shop', annotations, age }: IngressOptions = {},
): StoredOf<'Ingress'> {
  const resource: Ingress = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name, namespace, ...(annotations === undefined ? {} : { annotations }) },
    spec,
  };
  return stored(resource, age);
}

type PathType = 'Exact' | 'Prefix' | 'ImplementationSpecific';

/** `[path, pathType, service, port]` */
export type PathLine = readonly [string, PathType, string, (string | number)?];

export function rule(host: string, ...paths: readonly PathLine[]): NonNullable<IngressSpec['rules']>[number] {
  return {
    ...(host === '' ? {} : { host }),
    http: { paths: paths.map(([path, pathType, service, port]) => ({ path, pathType, backend: backend(service, port) })) },
  };
}

export function backend(name: string, port: string | number = 80): NonNullable<IngressSpec['defaultBackend']> {
  return { service: { name, port: typeof port === 'string' ? { name: port } : { number: port } } };
}

export function aClass(name: string, controller: string, isDefault = false): IngressClass {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IngressClass',
    metadata: { name, ...(isDefault ? { annotations: { 'ingressclass.kubernetes.io/is-default-class': 'true' } } : {}) },
    spec: { controller },
  };
}

export function aService(name: string, spec: Partial<Service['spec']> = {}, namespace = 'shop'): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace },
    spec: { ports: [{ name: 'http', port: 80 }], ...spec },
  };
}

/** A slice of a Service; an endpoint is `ADDRESS` or `ADDRESS terminating`. */
export function aSlice(
  service: string,
  addresses: readonly string[],
  port = 8080,
  { namespace = 'shop', portName = 'http' } = {},
): StoredOf<'EndpointSlice'> {
  const endpoints = addresses.map((text): Endpoint => {
    const [address = '', word] = text.split(' ');
    const isEnding = word === 'terminating';
    return {
      addresses: [address],
      conditions: { ready: !isEnding && word !== 'unready', serving: word !== 'unready', terminating: isEnding },
    };
  });
  return stored({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: `${service}-${port}`, namespace, labels: { 'kubernetes.io/service-name': service } },
    addressType: 'IPv4',
    endpoints,
    ports: [{ name: portName, port, protocol: 'TCP' }],
  });
}

export function aTlsSecret(name: string, crt: string, key: string, namespace = 'shop'): Secret {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'kubernetes.io/tls',
    metadata: { name, namespace },
    stringData: { 'tls.crt': crt, 'tls.key': key },
  };
}

/** Everything that a plan is made from. */
export interface Scene {
  readonly ingresses: readonly StoredOf<'Ingress'>[];
  readonly classes?: readonly IngressClass[];
  readonly services?: readonly Service[];
  readonly slices?: readonly StoredOf<'EndpointSlice'>[];
  readonly secrets?: readonly Secret[];
}

export function inputOf(scene: Scene, more: Partial<IngressInput> = {}): IngressInput {
  const { ingresses, classes = [], services = [], slices = [], secrets = [] } = scene;
  return {
    ingresses,
    classes,
    service: (namespace, name) => services.find(({ metadata }) => metadata.namespace === namespace && metadata.name === name),
    slices: (namespace, service) =>
      slices.filter(
        ({ metadata }) => metadata.namespace === namespace && metadata.labels?.['kubernetes.io/service-name'] === service,
      ),
    secret: (namespace, name) => secrets.find(({ metadata }) => metadata.namespace === namespace && metadata.name === name),
    node: { dnsAddress: '10.96.0.10' },
    directory: '/state/ingress',
    ...more,
  };
}
