// The columns of Services and of what belongs to them, as kubectl prints them.
import { expect, test } from 'vitest';
import { tableOf } from '../../../src/cli/tables.ts';
import type {
  EndpointSlice,
  Endpoints,
  Kind,
  ServiceSpec,
  ServiceStatus,
  Stored,
  StoredOf,
} from '../../../src/model/resource.ts';
import { addressRecord } from '../../../src/model/service-address.ts';
import { aService } from '../../support/a-service.ts';

const meta = { uid: 'u', resourceVersion: '1', generation: 1, creationTimestamp: '2026-01-01T00:00:00Z', name: 'web' };

function row<K extends Kind>(kind: K, object: StoredOf<K>, isWide = false): string[] {
  const nowMs = Date.parse('2026-01-01T00:00:05Z');
  const { header, rows } = tableOf(kind, [object], { isWide, withNamespace: false, prefix: '', nowMs });
  expect(header).toHaveLength(rows[0]?.length ?? 0);
  return rows[0] ?? [];
}

const address = { clusterIP: '10.96.3.4', clusterIPs: ['10.96.3.4'] };
const ports = [
  { name: 'http', port: 80, protocol: 'TCP' as const, nodePort: 30080 },
  { name: 'dns', port: 53, protocol: 'UDP' as const },
];

test.each<[string, ServiceSpec, ServiceStatus, string[]]>([
  ['inside', address, {}, ['web', 'ClusterIP', '10.96.3.4', '<none>', '80/TCP', '5s', '<none>']],
  [
    'headless, with a selector',
    { clusterIP: 'None', clusterIPs: ['None'], ports: [], selector: { b: '2', a: '1' } },
    {},
    ['web', 'ClusterIP', 'None', '<none>', '<none>', '5s', 'a=1,b=2'],
  ],
  [
    'ports of nodes',
    { ...address, type: 'NodePort', ports, externalIPs: ['192.0.2.1'] },
    {},
    ['web', 'NodePort', '10.96.3.4', '192.0.2.1', '80:30080/TCP,53/UDP', '5s', '<none>'],
  ],
  [
    'pending',
    { ...address, type: 'LoadBalancer' },
    {},
    ['web', 'LoadBalancer', '10.96.3.4', '<pending>', '80/TCP', '5s', '<none>'],
  ],
  [
    'balanced',
    { ...address, type: 'LoadBalancer', externalIPs: ['192.0.2.9'] },
    { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } },
    ['web', 'LoadBalancer', '10.96.3.4', '192.0.2.1,192.0.2.9', '80/TCP', '5s', '<none>'],
  ],
  [
    'another name',
    { type: 'ExternalName', externalName: 'db.example', ports: [] },
    {},
    ['web', 'ExternalName', '<none>', 'db.example', '<none>', '5s', '<none>'],
  ],
])('a Service: %s', (_what, spec, status, expected) => {
  expect(row('Service', { ...aService({ spec }), metadata: meta, status }, true)).toEqual(expected);
});

test('long addresses of load balancers are cut, unless the table is wide', () => {
  const ingress = [{ ip: '192.168.100.101' }, { hostname: 'lb.example' }];
  const service: StoredOf<'Service'> = {
    ...aService({ spec: { ...address, type: 'LoadBalancer' } }),
    metadata: meta,
    status: { loadBalancer: { ingress } },
  };
  expect(row('Service', service)[3]).toBe('192.168.100.1...');
  expect(row('Service', service, true)[3]).toBe('192.168.100.101,lb.example');
});

const endpoints: Endpoints = {
  apiVersion: 'v1',
  kind: 'Endpoints',
  metadata: meta,
  subsets: [{ addresses: [{ ip: '10.0.0.1' }, { ip: '10.0.0.2' }], ports: [{ port: 80 }, { port: 81 }] }],
};
const slice: EndpointSlice = {
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: meta,
  addressType: 'IPv4',
  endpoints: ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4'].map((ip) => ({ addresses: [ip] })),
  ports: [{ port: 80 }, { name: 'any' }],
};

test.each<[string, Stored, string[]]>([
  ['Endpoints', { ...endpoints, metadata: meta }, ['web', '10.0.0.1:80,10.0.0.2:80,10.0.0.1:81 + 1 more...', '5s']],
  ['Endpoints without any', { ...endpoints, subsets: [], metadata: meta }, ['web', '<none>', '5s']],
  [
    'Endpoints without ports',
    { ...endpoints, subsets: [{ addresses: [{ ip: '10.0.0.1' }] }], metadata: meta },
    ['web', '10.0.0.1', '5s'],
  ],
  ['an EndpointSlice', { ...slice, metadata: meta }, ['web', 'IPv4', '80,any', '10.0.0.1,10.0.0.2,10.0.0.3 + 1 more...', '5s']],
  [
    'an EndpointSlice without any',
    { ...slice, endpoints: [], ports: [], metadata: meta },
    ['web', 'IPv4', '<unset>', '<unset>', '5s'],
  ],
  [
    'an address',
    {
      ...addressRecord('10.96.3.4', { namespace: 'shop', name: 'web', nodePorts: '' }),
      metadata: { ...meta, name: '10.96.3.4' },
    },
    ['10.96.3.4', 'services/shop/web', '5s'],
  ],
  [
    'the range',
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'ServiceCIDR',
      metadata: { ...meta, name: 'kubernetes' },
      spec: { cidrs: ['10.96.0.0/16'] },
    },
    ['kubernetes', '10.96.0.0/16', '5s'],
  ],
])('%s', (_what, object, expected) => {
  expect(row(object.kind, object)).toEqual(expected);
});
