// What `why` says of a Service: where it leads, and if nowhere, who is to blame.
import { expect, test } from 'vitest';
import type { EndpointSlice, Resource, ServiceSpec } from '../../src/model/resource.ts';
import { openMemoryStore } from '../../src/store/memory-store.ts';
import { explain } from '../../src/sync/why.ts';
import { aService } from '../support/a-service.ts';
import { aConfigMap, aNode, aPod, START_MS } from '../support/builders.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { seededIds } from '../support/seeded-ids.ts';

const address = { clusterIP: '10.96.3.4', clusterIPs: ['10.96.3.4'], selector: { app: 'web' } };
const ready = (name: string) => aPod({ name, readyAtMs: START_MS, nodeName: 'node-a' });
const slice: EndpointSlice = {
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name: 'web-1', namespace: 'default', labels: { 'kubernetes.io/service-name': 'web' } },
  addressType: 'IPv4',
  endpoints: [{ addresses: ['10.244.0.2'] }, { addresses: ['10.244.0.3'], conditions: { ready: false } }],
};
const network = { type: 'NetworkUnavailable', status: 'True' as const, reason: 'Off', message: 'started with --network none' };

async function linesOf(spec: ServiceSpec, ...others: readonly Resource[]): Promise<readonly string[]> {
  const store = openMemoryStore({ clock: new FakeClock(), ids: seededIds(1) });
  const all = [aService({ spec }), ...others];
  expect(await store.write(all.map((resource) => ({ op: 'create', resource })))).toMatchObject({ ok: true });
  const lines = explain({ kind: 'Service', namespace: 'default', name: 'web' }, store, START_MS);
  return lines.slice(2);
}

const has = 'it has the address 10.96.3.4, port 80/TCP';
test.each<[string, ServiceSpec, readonly Resource[], readonly string[]]>([
  ['no pod', address, [], [has, 'it leads nowhere: no pod in namespace "default" has the labels app=web']],
  [
    'pods that have ended count for nothing',
    address,
    [aPod({ phase: 'Succeeded' })],
    [has, 'it leads nowhere: no pod in namespace "default" has the labels app=web'],
  ],
  [
    'no ready pod',
    address,
    [aPod({ phase: 'Running', nodeName: 'node-a' })],
    [has, 'it leads nowhere: the only pod with the labels app=web is not ready', '  pod/web is not ready: not started yet'],
  ],
  [
    'ready pods that nobody has written down',
    address,
    [ready('a'), ready('b')],
    [
      has,
      'pods with the labels app=web: 2, ready 2',
      'its EndpointSlices have no address yet: their controller has not seen that the pods are ready',
    ],
  ],
  [
    'ready pods',
    address,
    [ready('a'), slice],
    [has, 'pods with the labels app=web: 1, ready 1', 'addresses in its EndpointSlices that take traffic: 1'],
  ],
  [
    'a port that no pod has',
    { ...address, ports: [{ port: 80, targetPort: 'http' }] },
    [ready('a'), slice],
    [
      has,
      'pods with the labels app=web: 1, ready 1',
      'port 80/TCP leads nowhere: no container of its pods has a TCP port named "http"',
      'addresses in its EndpointSlices that take traffic: 1',
    ],
  ],
  [
    'no address of its own, and ports of nodes',
    { type: 'NodePort', ...address, ports: [{ port: 80, nodePort: 30080 }], externalIPs: ['192.0.2.1'] },
    [],
    [`${has}; from outside node port 30080, 192.0.2.1`, 'it leads nowhere: no pod in namespace "default" has the labels app=web'],
  ],
  ['another name', { type: 'ExternalName', externalName: 'db.example' }, [], ['it is another name for db.example']],
  [
    'no selector',
    { clusterIP: 'None', clusterIPs: ['None'] },
    [],
    [
      'it has no address of its own: its name stands for the addresses of its pods, port 80/TCP',
      'it leads nowhere: it has no selector, and nothing gives it addresses; write an Endpoints named web, or an EndpointSlice with the label kubernetes.io/service-name: web',
    ],
  ],
  [
    'nodes without a network',
    address,
    [aNode({ status: { conditions: [network] } })],
    [
      has,
      'no node leads anything to it: started with --network none; start Holdfast without --network none on an engine that can have it, or publish the pods with hostPort',
      'it leads nowhere: no pod in namespace "default" has the labels app=web',
    ],
  ],
])('%s', async (_what, spec, others, expected) => {
  expect(await linesOf(spec, ...others)).toEqual(expected);
});

test('who answers for its address of a pool, or why nobody does', async () => {
  const store = openMemoryStore({ clock: new FakeClock(), ids: seededIds(1) });
  const pools = {
    namespace: 'holdfast-system',
    name: 'holdfast-address-pools',
    data: { default: '192.168.1.240-192.168.1.250' },
  };
  const near = (name: string, reason = 'NetworkReady', message = ''): ReturnType<typeof aNode> =>
    aNode({
      name,
      annotations: { 'holdfast.dev/subnets': '192.168.1.0/24' },
      status: {
        conditions: [
          { type: 'Ready', status: 'True' },
          { type: 'NetworkUnavailable', status: 'False', reason, message },
        ],
      },
    });
  const service = aService({ spec: { ...address, type: 'LoadBalancer' } });
  const status = { loadBalancer: { ingress: [{ ip: '192.168.1.240' }] } };
  const all = [aConfigMap(pools), service, aNode({ name: 'far', annotations: { 'holdfast.dev/subnets': '10.0.0.0/8' } })];
  expect(await store.write(all.map((resource) => ({ op: 'create', resource })))).toMatchObject({ ok: true });
  const key = { kind: 'Service', namespace: 'default', name: 'web' } as const;
  const uid = store.get('Service', 'default', 'web')?.metadata.uid ?? '';
  expect(await store.write([{ op: 'updateStatus', key, uid, status }])).toMatchObject({ ok: true });
  const line = (): string | undefined =>
    explain(key, store, START_MS).find((each) => each.includes('192.168.1.240:') || each.includes('answers'));
  expect(line()).toBe(
    'no node answers for 192.168.1.240: 192.168.1.240 is in the subnet of no node that serves load balancers: a router has to lead it to one',
  );
  expect(await store.write([{ op: 'create', resource: near('near') }])).toMatchObject({ ok: true });
  expect(line()).toBe('node near answers for 192.168.1.240 in its subnet');
  const node = store.get('Node', '', 'near');
  const conditions = near('near', 'NetworkStale', 'the Docker Engine does not answer').status?.conditions;
  const write = {
    op: 'updateStatus',
    key: { kind: 'Node', namespace: '', name: 'near' },
    uid: node?.metadata.uid ?? '',
    status: { conditions },
  } as const;
  expect(await store.write([write])).toMatchObject({ ok: true });
  expect(line()).toBe(
    'node near answers for 192.168.1.240 in its subnet; its network cannot be changed just now: the Docker Engine does not answer',
  );
});
