// Services and their slices for the tests of rules.
import type { Endpoint, EndpointSlice, Service, ServiceSpec, StoredMeta, StoredOf } from '../../../src/model/resource.ts';

const meta = (name: string): StoredMeta => ({
  name,
  namespace: 'shop',
  uid: `uid-${name}`,
  resourceVersion: '1',
  generation: 1,
  creationTimestamp: '2026-01-01T00:00:00Z',
});

/** A Service `shop/web` with port 80 → 8080 at 10.96.0.7. */
export function aService(
  spec: Partial<ServiceSpec> = {},
  options: { name?: string; status?: Service['status'] } = {},
): StoredOf<'Service'> {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: meta(options.name ?? 'web'),
    spec: { type: 'ClusterIP', clusterIP: '10.96.0.7', ports: [{ port: 80, protocol: 'TCP' }], ...spec },
    ...(options.status === undefined ? {} : { status: options.status }),
  };
}

/** A slice of it, with these ports in place of 8080. */
export function aSlice(
  endpoints: readonly Endpoint[],
  ports: EndpointSlice['ports'] = [{ name: '', port: 8080, protocol: 'TCP' }],
  options: { name?: string } & Partial<Pick<EndpointSlice, 'addressType'>> = {},
): StoredOf<'EndpointSlice'> {
  const { name = 'web-1', addressType = 'IPv4' } = options;
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: meta(name),
    addressType,
    endpoints: [...endpoints],
    ports,
  };
}

/** A ready endpoint on node `a`; its address is 10.244.1.NUMBER. */
export function anEndpoint(number: number, options: Partial<Endpoint> = {}): Endpoint {
  return {
    addresses: [`10.244.1.${number}`],
    conditions: { ready: true, serving: true, terminating: false },
    nodeName: 'a',
    ...options,
  };
}

/** One that is about to end, and still serves. */
export function anEnding(number: number, options: Partial<Endpoint> = {}): Endpoint {
  return anEndpoint(number, { conditions: { ready: false, serving: true, terminating: true }, ...options });
}

/** One that is not ready. */
export function anUnready(number: number, options: Partial<Endpoint> = {}): Endpoint {
  return anEndpoint(number, { conditions: { ready: false, serving: false, terminating: false }, ...options });
}
