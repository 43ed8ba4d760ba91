// What Kubernetes fills in where a Service, its endpoints, an ingress class or a network policy leave something open.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { setDefaults } from '../../../src/manifests/defaults/defaults.ts';
import type {
  EndpointSlice,
  Endpoints,
  IngressClass,
  NetworkPolicySpec,
  Service,
  ServiceSpec,
} from '../../../src/model/resource.ts';

function defaulted(spec: ServiceSpec): ServiceSpec {
  const service: Service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' }, spec };
  setDefaults(service);
  return service.spec;
}

const inside: ServiceSpec = {
  sessionAffinity: 'None',
  internalTrafficPolicy: 'Cluster',
  ipFamilyPolicy: 'SingleStack',
  ipFamilies: ['IPv4'],
};

test.each<[string, ServiceSpec, ServiceSpec]>([
  ['a port', { ports: [{ port: 80 }] }, { ...inside, type: 'ClusterIP', ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }] }],
  [
    'what is written stays',
    {
      ports: [{ port: 80, protocol: 'UDP', targetPort: 'dns' }],
      internalTrafficPolicy: 'Local',
      ipFamilyPolicy: 'PreferDualStack',
    },
    {
      ...inside,
      type: 'ClusterIP',
      ports: [{ port: 80, protocol: 'UDP', targetPort: 'dns' }],
      internalTrafficPolicy: 'Local',
      ipFamilyPolicy: 'PreferDualStack',
    },
  ],
  ['no address', { clusterIP: 'None' }, { ...inside, type: 'ClusterIP', clusterIP: 'None', clusterIPs: ['None'] }],
  ['ports of nodes', { type: 'NodePort' }, { ...inside, type: 'NodePort', externalTrafficPolicy: 'Cluster' }],
  [
    'a load balancer',
    { type: 'LoadBalancer' },
    { ...inside, type: 'LoadBalancer', externalTrafficPolicy: 'Cluster', allocateLoadBalancerNodePorts: true },
  ],
  [
    'addresses of nodes',
    { externalIPs: ['192.0.2.1'] },
    { ...inside, type: 'ClusterIP', externalIPs: ['192.0.2.1'], externalTrafficPolicy: 'Cluster' },
  ],
  [
    'another name',
    { type: 'ExternalName', externalName: 'db.example' },
    { type: 'ExternalName', externalName: 'db.example', sessionAffinity: 'None' },
  ],
  [
    'affinity',
    { sessionAffinity: 'ClientIP' },
    {
      ...inside,
      type: 'ClusterIP',
      sessionAffinity: 'ClientIP',
      sessionAffinityConfig: { clientIP: { timeoutSeconds: 10800 } },
    },
  ],
  [
    'two families',
    { ipFamilies: ['IPv4', 'IPv6'] },
    { type: 'ClusterIP', sessionAffinity: 'None', internalTrafficPolicy: 'Cluster', ipFamilies: ['IPv4', 'IPv6'] },
  ],
])('Service: %s', (_what, spec, expected) => {
  expect(defaulted(spec)).toEqual(expected);
});

test('filling in twice changes nothing', () => {
  const port = fc.record({ port: fc.integer(), targetPort: fc.oneof(fc.integer(), fc.string()) }, { requiredKeys: ['port'] });
  const spec = fc.record<ServiceSpec>(
    {
      type: fc.constantFrom('ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName'),
      ports: fc.array(port),
      clusterIP: fc.constantFrom('None', '10.96.0.1'),
      externalIPs: fc.array(fc.ipV4()),
      ipFamilies: fc.array(fc.constantFrom('IPv4', 'IPv6'), { maxLength: 2 }),
      sessionAffinity: fc.constantFrom('None', 'ClientIP'),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(spec, (given) => {
      const once = structuredClone(defaulted(structuredClone(given)));
      expect(defaulted(structuredClone(once))).toEqual(once);
    }),
  );
});

test('ports of endpoints speak TCP, and those of slices have a name', () => {
  const endpoints: Endpoints = {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { name: 'web' },
    subsets: [{ addresses: [{ ip: '10.0.0.1' }], ports: [{ port: 80 }, { port: 53, protocol: 'UDP' }] }],
  };
  const slice: EndpointSlice = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'web-1' },
    addressType: 'IPv4',
    ports: [{ port: 80 }, { name: 'dns', protocol: 'UDP' }],
  };
  setDefaults(endpoints);
  setDefaults(slice);
  expect(endpoints.subsets?.[0]?.ports).toEqual([
    { port: 80, protocol: 'TCP' },
    { port: 53, protocol: 'UDP' },
  ]);
  expect(slice.ports).toEqual([
    { port: 80, name: '', protocol: 'TCP' },
    { name: 'dns', protocol: 'UDP' },
  ]);
});

test('the parameters of an ingress class are those of the whole cluster', () => {
  const ingressClass: IngressClass = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IngressClass',
    metadata: { name: 'nginx' },
    spec: { controller: 'example.com/nginx', parameters: { kind: 'Settings', name: 'a' } },
  };
  setDefaults(ingressClass);
  expect(ingressClass.spec?.parameters?.scope).toBe('Cluster');
});

test.each<[string, NetworkPolicySpec | undefined, NetworkPolicySpec]>([
  ['nothing: every pod, and what comes in', undefined, { podSelector: {}, policyTypes: ['Ingress'] }],
  [
    'rules for what goes out',
    { egress: [{ ports: [{ port: 53 }] }] },
    { podSelector: {}, policyTypes: ['Ingress', 'Egress'], egress: [{ ports: [{ port: 53, protocol: 'TCP' }] }] },
  ],
  [
    'directions that are written',
    { policyTypes: ['Egress'], ingress: [{ ports: [{ port: 53, protocol: 'UDP' }] }] },
    { podSelector: {}, policyTypes: ['Egress'], ingress: [{ ports: [{ port: 53, protocol: 'UDP' }] }] },
  ],
])('NetworkPolicy: %s', (_what, spec, expected) => {
  const policy = {
    apiVersion: 'networking.k8s.io/v1' as const,
    kind: 'NetworkPolicy' as const,
    metadata: { name: 'web' },
    ...(spec === undefined ? {} : { spec }),
  };
  setDefaults(policy);
  const once = structuredClone(policy);
  setDefaults(policy);
  expect(policy).toEqual({ ...once, spec: expected });
});
