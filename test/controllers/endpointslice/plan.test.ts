// Whole EndpointSlices and Endpoints of Services.
import { describe, expect, test } from 'vitest';
import { planService } from '../../../src/controllers/endpointslice/plan.ts';
import type { Endpoint, EndpointSlicePort, Service, StoredOf } from '../../../src/model/resource.ts';
import { aContainer, aPod, START_MS } from '../../support/builders.ts';
import { anEndpoint, aService, aServingPod, SliceWorld, sliceBody } from './services.ts';

type Pod = StoredOf<'Pod'>;

const http: EndpointSlicePort = { name: 'http', port: 8080, protocol: 'TCP' };
const notReady = { ready: false, serving: false, terminating: false };
const unready = { conditions: [] };

function slicesOf(service: StoredOf<'Service'>, pods: readonly Pod[], zones: [string, string][] = []): readonly object[] {
  const world = new SliceWorld();
  world.zones = new Map(zones);
  world.plan(service, pods);
  return world.slices.map(
    ({ metadata: { uid: _u, resourceVersion: _r, generation: _g, creationTimestamp: _c, ...metadata }, ...slice }) => ({
      ...slice,
      metadata,
    }),
  );
}

describe('an endpoint', () => {
  const ip = '10.244.0.5';
  const leaving = { deletionTimestamp: '2026-01-01T00:00:30Z' };
  test.each<readonly [string, Partial<Service['spec']>, Pod, Endpoint]>([
    ['that is ready', {}, aServingPod('a', ip), anEndpoint('a', ip)],
    ['that is not', {}, aServingPod('a', ip, { status: unready }), anEndpoint('a', ip, { conditions: notReady })],
    [
      'that is not, of a Service that publishes all',
      { publishNotReadyAddresses: true },
      aServingPod('a', ip, { status: unready }),
      anEndpoint('a', ip, { conditions: { ready: true, serving: false, terminating: false } }),
    ],
    [
      'that ends and serves still',
      {},
      aServingPod('a', ip, leaving),
      anEndpoint('a', ip, { conditions: { ready: false, serving: true, terminating: true } }),
    ],
    [
      'that ends, of a Service that publishes all',
      { publishNotReadyAddresses: true },
      aServingPod('a', ip, leaving),
      anEndpoint('a', ip, { conditions: { ready: true, serving: true, terminating: true } }),
    ],
    [
      'with a name below its Service',
      {},
      aServingPod('a', ip, { spec: { hostname: 'db-0', subdomain: 'web' } }),
      anEndpoint('a', ip, { hostname: 'db-0' }),
    ],
    ['with a name below another', {}, aServingPod('a', ip, { spec: { hostname: 'db-0', subdomain: 'x' } }), anEndpoint('a', ip)],
    ['in a zone', {}, aServingPod('a', ip, { nodeName: 'node-z' }), anEndpoint('a', ip, { nodeName: 'node-z', zone: 'east' })],
    [
      'preferred in its zone',
      { trafficDistribution: 'PreferClose' },
      aServingPod('a', ip, { nodeName: 'node-z' }),
      anEndpoint('a', ip, { nodeName: 'node-z', zone: 'east', hints: { forZones: [{ name: 'east' }] } }),
    ],
    [
      'preferred on its node',
      { trafficDistribution: 'PreferSameNode' },
      aServingPod('a', ip, { nodeName: 'node-z' }),
      anEndpoint('a', ip, {
        nodeName: 'node-z',
        zone: 'east',
        hints: { forZones: [{ name: 'east' }], forNodes: [{ name: 'node-z' }] },
      }),
    ],
    [
      'preferred on its node, without a zone',
      { trafficDistribution: 'PreferSameNode' },
      aServingPod('a', ip),
      anEndpoint('a', ip, { hints: { forNodes: [{ name: 'node-a' }] } }),
    ],
    [
      'preferred in a zone that it does not have',
      { trafficDistribution: 'PreferSameZone' },
      aServingPod('a', ip),
      anEndpoint('a', ip),
    ],
    [
      'that is not ready has no hints',
      { trafficDistribution: 'PreferSameNode' },
      aServingPod('a', ip, { status: unready }),
      anEndpoint('a', ip, { conditions: notReady }),
    ],
  ])('%s', (_name, spec, pod, endpoint) => {
    const service = aService({ spec });
    expect(slicesOf(service, [pod], [['node-z', 'east']])).toEqual([sliceBody(service, [endpoint], [http])]);
  });

  test.each<readonly [string, Pod]>([
    [
      'without an address',
      aPod({ name: 'a', nodeName: 'node-a', phase: 'Pending', status: { startTime: '2026-01-01T00:00:00Z' } }),
    ],
    ['that has succeeded', aServingPod('a', ip, { status: { phase: 'Succeeded' } })],
    ['that has failed', aServingPod('a', ip, { status: { phase: 'Failed' } })],
  ])('is none: a pod %s', (_name, pod) => {
    const service = aService();
    expect(slicesOf(service, [pod])).toEqual([sliceBody(service, [])]);
  });
});

describe('a slice', () => {
  test('takes the labels of its Service, and says whether that has an address', () => {
    const service = aService({
      labels: { tier: 'front', 'endpointslice.kubernetes.io/managed-by': 'x' },
      spec: { clusterIP: 'None' },
    });
    const world = new SliceWorld();
    world.plan(service, []);
    expect(world.slices.map(({ metadata }) => metadata.labels)).toEqual([
      {
        tier: 'front',
        'service.kubernetes.io/headless': '',
        'kubernetes.io/service-name': 'web',
        'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
      },
    ]);
  });

  test('of a headless Service needs no ports', () => {
    const service = aService({ spec: { clusterIP: 'None', ports: [] } });
    expect(slicesOf(service, [aServingPod('a', '10.244.0.5')])).toMatchObject([
      { ports: [], endpoints: [anEndpoint('a', '10.244.0.5')] },
    ]);
  });

  test('has one number for each port: pods that give a name another number are in another slice', () => {
    const named = (port: number): { container: { ports: { name: string; containerPort: number }[] } } => ({
      container: { ports: [{ name: 'web', containerPort: port }] },
    });
    const ports = [
      { name: 'http', port: 80, targetPort: 'web', appProtocol: 'http' },
      { name: 'admin', port: 81 },
    ];
    const pods = [
      aServingPod('a', '10.244.0.5', named(8080)),
      aServingPod('b', '10.244.0.6', named(9090)),
      aServingPod('c', '10.244.0.7'),
      aServingPod('d', '10.244.0.8', {
        spec: { initContainers: [{ ...aContainer({ ports: [{ name: 'web', containerPort: 8080 }] }), restartPolicy: 'Always' }] },
      }),
    ];
    const slices = slicesOf(aService({ spec: { ports } }), pods);
    const admin = { name: 'admin', port: 81, protocol: 'TCP' };
    const web = (port: number): object => ({ name: 'http', port, protocol: 'TCP', appProtocol: 'http' });
    expect(slices).toHaveLength(3);
    expect(slices).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          ports: [web(8080), admin],
          endpoints: [anEndpoint('a', '10.244.0.5'), anEndpoint('d', '10.244.0.8')],
        }),
        expect.objectContaining({ ports: [web(9090), admin], endpoints: [anEndpoint('b', '10.244.0.6')] }),
        expect.objectContaining({ ports: [admin], endpoints: [anEndpoint('c', '10.244.0.7')] }),
      ]),
    );
  });
});

describe('changes', () => {
  const many = (from: number, to: number): Pod[] =>
    Array.from({ length: to - from }, (_none, index) =>
      aServingPod(`p${from + index}`, `10.244.${Math.floor((from + index) / 250)}.${(from + index) % 250}`),
    );
  const sizes = (world: SliceWorld): number[] => world.slices.map(({ endpoints = [] }) => endpoints.length).sort((a, b) => b - a);

  test('are as few as can be', () => {
    const world = new SliceWorld();
    const service = aService();
    expect(world.plan(service, many(0, 250)).map(({ type }) => type)).toEqual(['create', 'create', 'create']);
    expect(sizes(world)).toEqual([100, 100, 50]);
    expect(world.plan(service, many(0, 250))).toEqual([]);
    // One that leaves changes its slice alone, and what is new goes there.
    expect(world.plan(service, many(1, 250)).map(({ type }) => type)).toEqual(['update']);
    expect(world.plan(service, many(1, 260)).map(({ type }) => type)).toEqual(['update']);
    expect(sizes(world)).toEqual([100, 99, 60]);
    expect(world.plan(service, many(0, 250)).map(({ type }) => type)).toEqual(['update']);
    // All of them at once: the slices stay.
    expect(
      world
        .plan(service, many(300, 420))
        .map(({ type }) => type)
        .toSorted(),
    ).toEqual(['delete', 'update', 'update']);
    expect(
      world
        .plan(service, [])
        .map(({ type }) => type)
        .toSorted(),
    ).toEqual(['delete', 'update']);
    expect(world.slices).toMatchObject([{ ports: [], endpoints: [] }]);
    expect(world.plan(service, [])).toEqual([]);
    expect(world.plan(service, many(0, 1)).map(({ type }) => type)).toEqual(['update']);
  });

  test('of one pod leave the others in their places', () => {
    const world = new SliceWorld();
    const pods = ['a', 'b', 'c'].map((name, index) => aServingPod(name, `10.244.0.${index}`));
    world.plan(aService(), pods);
    world.plan(
      aService(),
      pods.map((pod) => (pod.metadata.name === 'b' ? aServingPod('b', '10.244.0.1', { status: unready }) : pod)),
    );
    expect(world.slices[0]?.endpoints?.map(({ targetRef, conditions }) => [targetRef?.name, conditions?.ready])).toEqual([
      ['a', true],
      ['b', false],
      ['c', true],
    ]);
  });

  test('of the labels of a Service reach all its slices', () => {
    const world = new SliceWorld();
    world.plan(aService(), many(0, 150));
    expect(world.plan(aService({ labels: { a: 'b' } }), many(0, 150)).map(({ type }) => type)).toEqual(['update', 'update']);
  });

  test.each([
    ['a Service loses its selector', { selector: {} }],
    ['a Service becomes a name for something outside', { type: 'ExternalName' as const, externalName: 'example.com' }],
  ])('when %s: nothing that was written for its pods stays', (_name, spec) => {
    const world = new SliceWorld();
    world.plan(aService(), many(0, 2));
    world.plan(aService({ spec }), []);
    expect([world.slices, world.endpoints]).toEqual([[], undefined]);
  });
});

describe('a new Service waits for', () => {
  const since = (startTime: string): Pod => aServingPod('a', '10.244.0.5', { status: { conditions: [], startTime } });
  test.each<readonly [string, Pod, boolean]>([
    ['a pod of which its node has said nothing yet', aPod({ name: 'a', nodeName: 'node-a' }), true],
    ['a pod that is older than the store and was not probed since', since('2025-12-31T23:00:00Z'), true],
    ['no pod that is simply not ready', since('2026-01-01T00:00:02Z'), false],
    ['no pod that has no node yet', aPod({ name: 'a' }), false],
    ['no pod that is about to go', aPod({ name: 'a', nodeName: 'node-a', deletionTimestamp: '2026-01-01T00:00:30Z' }), false],
  ])('%s', (_name, pod, waits) => {
    const world = new SliceWorld();
    const service = aService();
    expect(planService(service, world.observed([pod]), START_MS + 10_000).checkAgainAfterMs).toBe(waits ? 20_000 : undefined);
    world.plan(service, [pod], START_MS + 10_000);
    expect(world.slices).toHaveLength(waits ? 0 : 1);
    world.plan(service, [pod], START_MS + 30_000);
    expect(world.slices).toHaveLength(1);
    // Whoever has slices is told of everything at once.
    world.plan(aService({ labels: { a: 'b' } }), [pod], START_MS + 10_000);
    expect(world.slices[0]?.metadata.labels).toMatchObject({ a: 'b' });
  });
});
