// Whole Endpoints of Services.
import { describe, expect, test } from 'vitest';
import { planEndpoints } from '../../../src/controllers/endpoints/plan.ts';
import type { EndpointAddress, Endpoints, StoredOf } from '../../../src/model/resource.ts';
import { aService, aServingPod, SliceWorld } from '../endpointslice/services.ts';

const address = (name: string, ip: string, more: Partial<EndpointAddress> = {}): EndpointAddress => ({
  ip,
  nodeName: 'node-a',
  targetRef: { kind: 'Pod', namespace: 'default', name, uid: `uid-pod-default-${name}` },
  ...more,
});
const http = { name: 'http', port: 8080, protocol: 'TCP' };
const unready = { status: { conditions: [] } };
const leaving = { deletionTimestamp: '2026-01-01T00:00:30Z' };

function endpointsOf(service: StoredOf<'Service'>, pods: readonly StoredOf<'Pod'>[]): Endpoints | undefined {
  const world = new SliceWorld();
  world.plan(service, pods);
  return world.endpoints;
}

test('name ready and other pods, in the order of their addresses, and belong to the Service', () => {
  const service = aService({ labels: { tier: 'front' } });
  const pods = [
    aServingPod('a', '10.244.0.10'),
    aServingPod('b', '10.244.0.9', { spec: { hostname: 'b', subdomain: 'web' } }),
    aServingPod('c', '10.244.0.8', unready),
    aServingPod('d', '10.244.0.7', leaving),
  ];
  expect(endpointsOf(service, pods)).toMatchObject({
    metadata: {
      name: 'web',
      namespace: 'default',
      labels: { tier: 'front', 'endpoints.kubernetes.io/managed-by': 'endpoint-controller' },
      ownerReferences: [{ kind: 'Service', name: 'web', uid: 'uid-service-default-web', controller: true }],
    },
    subsets: [
      {
        addresses: [address('b', '10.244.0.9', { hostname: 'b' }), address('a', '10.244.0.10')],
        notReadyAddresses: [address('c', '10.244.0.8')],
        ports: [http],
      },
    ],
  });
});

describe('subsets', () => {
  test('of a Service that publishes all have all as ready', () => {
    const pods = [aServingPod('c', '10.244.0.8', unready), aServingPod('d', '10.244.0.9', leaving)];
    expect(endpointsOf(aService({ spec: { publishNotReadyAddresses: true } }), pods)?.subsets).toEqual([
      { addresses: [address('c', '10.244.0.8'), address('d', '10.244.0.9')], ports: [http] },
    ]);
  });

  test('are by ports; a pod without any is in none', () => {
    const ports = [{ name: 'http', port: 80, targetPort: 'web' }];
    const named = (containerPort: number): object => ({ container: { ports: [{ name: 'web', containerPort }] } });
    const pods = [
      aServingPod('a', '10.244.0.1', named(8080)),
      aServingPod('b', '10.244.0.2', named(9090)),
      aServingPod('c', '10.244.0.3'),
    ];
    expect(endpointsOf(aService({ spec: { ports } }), pods)?.subsets).toEqual([
      { addresses: [address('a', '10.244.0.1')], ports: [http] },
      { addresses: [address('b', '10.244.0.2')], ports: [{ ...http, port: 9090 }] },
    ]);
  });

  test('of a headless Service without ports have none', () => {
    const service = aService({ spec: { clusterIP: 'None', ports: [] } });
    expect(endpointsOf(service, [aServingPod('a', '10.244.0.1')])).toMatchObject({
      metadata: { labels: { 'service.kubernetes.io/headless': '' } },
      subsets: [{ addresses: [address('a', '10.244.0.1')] }],
    });
  });

  test('without pods there are none', () => {
    expect(endpointsOf(aService(), [])?.subsets).toEqual([]);
  });
});

test('beyond a thousand addresses those that are not ready are left out first, and it says so', () => {
  const pods = (ready: number, others: number): StoredOf<'Pod'>[] =>
    Array.from({ length: ready + others }, (_none, index) =>
      aServingPod(`p${index}`, `10.244.${Math.floor(index / 250)}.${index % 250}`, index < ready ? {} : unready),
    );
  const world = new SliceWorld();
  const sizes = (): readonly (number | undefined)[] => [
    world.endpoints?.subsets?.[0]?.addresses?.length,
    world.endpoints?.subsets?.[0]?.notReadyAddresses?.length,
  ];
  world.plan(aService(), pods(900, 200));
  expect([sizes(), world.endpoints?.metadata.annotations]).toEqual([
    [900, 100],
    { 'endpoints.kubernetes.io/over-capacity': 'truncated' },
  ]);
  world.plan(aService(), pods(1050, 50));
  expect(sizes()).toEqual([1000, undefined]);
  world.plan(aService(), pods(3, 0));
  expect([sizes(), world.endpoints?.metadata.annotations]).toEqual([[3, undefined], {}]);
});

test('that a commit holds are left as they are; others are taken over', () => {
  const held = (annotations: Record<string, string>): StoredOf<'Endpoints'> => ({
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: {
      name: 'web',
      namespace: 'default',
      annotations,
      uid: 'uid-e',
      resourceVersion: '7',
      generation: 1,
      creationTimestamp: '2026-01-01T00:00:00Z',
    },
    subsets: [{ addresses: [{ ip: '192.0.2.1' }] }],
  });
  const pods = [aServingPod('a', '10.244.0.1')];
  expect(planEndpoints(aService(), pods, held({ 'holdfast.dev/application': 'shop' }))).toEqual([]);
  expect(planEndpoints(aService(), pods, held({ note: 'x' }))).toMatchObject([
    { type: 'update', resource: { metadata: { annotations: { note: 'x' } }, subsets: [{ addresses: [{ ip: '10.244.0.1' }] }] } },
  ]);
});
