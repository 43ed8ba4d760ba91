// Which node answers for an address of a pool: a table, and what holds for any nodes.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Announcer, addressesToAnnounce, announcerOf } from '../../src/model/announcement.ts';
import type { EndpointSlice, ServiceSpec, StoredOf } from '../../src/model/resource.ts';
import { aService } from '../controllers/endpointslice/services.ts';
import { aCondition, aConfigMap, aNode } from '../support/builders.ts';

type Node = StoredOf<'Node'>;
type Service = StoredOf<'Service'>;

const A = '192.168.1.240';
const NEAR = '192.168.1.0/24';
const EXCLUDED = 'node.kubernetes.io/exclude-from-external-load-balancers';

interface NodeOptions {
  readonly isReady?: boolean;
  readonly subnets?: string | undefined;
  readonly labels?: Record<string, string>;
  readonly isOff?: boolean;
}
function node(name: string, { isReady = true, subnets = NEAR, labels = {}, isOff = false }: NodeOptions = {}): Node {
  const made = aNode({ name, labels, isReady, annotations: { 'holdfast.dev/subnets': subnets } });
  const conditions = [...(made.status?.conditions ?? []), ...(isOff ? [aCondition('NetworkUnavailable', 'True')] : [])];
  return { ...made, status: { ...made.status, conditions } };
}
const untold = (name: string): Node => aNode({ name });
const balanced = (name: string, spec: Partial<ServiceSpec> = {}, ip = A): Service => ({
  ...aService({ name, spec: { type: 'LoadBalancer', ...spec } }),
  status: { loadBalancer: { ingress: [{ ip, ipMode: 'VIP' }] } },
});
const local = (name = 'web'): Service => balanced(name, { externalTrafficPolicy: 'Local' });
type Conditions = { ready?: boolean; serving?: boolean; terminating?: boolean };
const READY: Conditions = { ready: true, serving: true, terminating: false };
const ENDING: Conditions = { ready: false, serving: true, terminating: true };
const UNREADY: Conditions = { ready: false, serving: false, terminating: false };
const slice = (service: string, ...endpoints: readonly (readonly [string, Conditions])[]): EndpointSlice => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name: `${service}-1`, namespace: 'default', labels: { 'kubernetes.io/service-name': service } },
  addressType: 'IPv4',
  endpoints: endpoints.map(([nodeName, conditions]) => ({ addresses: ['10.244.0.2'], nodeName, conditions })),
});
const choose = (
  nodes: readonly Node[],
  services: readonly Service[] = [balanced('web')],
  slices: readonly EndpointSlice[] = [],
  address = A,
): Announcer => announcerOf(address, services, { nodes, slices: () => slices });
const nodeOf = (announcer: Announcer): string | undefined => ('node' in announcer ? announcer.node : undefined);

const noEndpoint = 'with externalTrafficPolicy Local a node needs an endpoint, and none in the subnet has one of service/web';
const noSubnet = `${A} is in the subnet of no node that serves load balancers: a router has to lead it to one`;
test.each<[string, Announcer, readonly Node[], (readonly Service[])?, (readonly EndpointSlice[])?]>([
  ['the only one', { node: 'a' }, [node('a')]],
  ['one that is ready', { node: 'b' }, [node('a', { isReady: false }), node('b'), node('c', { isReady: false })]],
  ['when none is ready, one of them all the same', { node: 'a' }, [node('a', { isReady: false })]],
  ['one that is not kept out', { node: 'b' }, [node('a', { labels: { [EXCLUDED]: '' } }), node('b')]],
  ['one with a network', { node: 'b' }, [node('a', { isOff: true }), node('b')]],
  ['one on its subnet', { node: 'b' }, [node('a', { subnets: '10.0.0.0/8,192.168.2.0/24' }), node('b'), untold('c')]],
  [
    'one on its subnet, though it is not ready and others are',
    { node: 'b' },
    [node('a', { subnets: '' }), node('b', { isReady: false })],
  ],
  ['no node', { nobody: 'no node has a network and serves load balancers' }, []],
  [
    'all are kept out',
    { nobody: 'no node has a network and serves load balancers' },
    [node('a', { labels: { [EXCLUDED]: '' } })],
  ],
  ['none has told', { nobody: 'no node has told its subnets yet' }, [untold('a')]],
  ['none is on its subnet', { nobody: noSubnet }, [node('a', { subnets: '192.168.2.0/24' }), untold('b')]],
  [
    'Local: one with a ready endpoint',
    { node: 'b' },
    [node('a'), node('b')],
    [local()],
    [slice('web', ['a', UNREADY], ['b', READY])],
  ],
  ['Local: unknown is ready', { node: 'b' }, [node('a'), node('b')], [local()], [slice('web', ['b', {}])]],
  ['Local: ready before ending', { node: 'b' }, [node('a'), node('b')], [local()], [slice('web', ['a', ENDING], ['b', READY])]],
  [
    'Local: ending when none is ready',
    { node: 'a' },
    [node('a'), node('b')],
    [local()],
    [slice('web', ['a', ENDING], ['b', UNREADY])],
  ],
  [
    'Local: ending when the ready ones are in another subnet',
    { node: 'a' },
    [node('a'), node('b', { subnets: '' })],
    [local()],
    [slice('web', ['a', ENDING], ['b', READY])],
  ],
  [
    'Local: nobody has one',
    { nobody: noEndpoint },
    [node('a')],
    [local()],
    [slice('web', ['a', UNREADY]), slice('other', ['a', READY])],
  ],
  [
    'two Services of one address: one that serves both',
    { node: 'b' },
    [node('a'), node('b'), node('c')],
    [local('x'), local('y')],
    [slice('x', ['a', READY], ['b', READY]), slice('y', ['b', READY], ['c', READY])],
  ],
  [
    'two, of which one leads nowhere',
    { node: 'c' },
    [node('a'), node('c')],
    [local('x'), local('y')],
    [slice('y', ['c', READY])],
  ],
])('%s', (_what, expected, nodes, services, slices) => {
  expect(choose(nodes, services, slices)).toEqual(expected);
});

describe('for any nodes', () => {
  const names = fc.uniqueArray(fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/), { minLength: 2, maxLength: 8 });
  const addresses = Array.from({ length: 200 }, (_, index) => `192.168.1.${index + 10}`);
  const all = (nodes: readonly Node[]): readonly (string | undefined)[] =>
    addresses.map((address) => nodeOf(choose(nodes, [balanced('web', {}, address)], [], address)));

  test('their order says nothing', () => {
    fc.assert(
      fc.property(names, fc.integer({ min: 0, max: 199 }), (of, index) => {
        const nodes = of.map((name) => node(name));
        const address = addresses[index] ?? '';
        expect(choose(nodes.toReversed(), undefined, [], address)).toEqual(choose(nodes, undefined, [], address));
      }),
    );
  });

  test('of one that goes only its own addresses move, and they come back with it', () => {
    fc.assert(
      fc.property(names, fc.nat(), (of, number) => {
        const gone = of[number % of.length];
        const before = all(of.map((name) => node(name)));
        const after = all(of.map((name) => node(name, { isReady: name !== gone })));
        const isRight = after.map((name, index) => (before[index] === gone ? name !== gone : name === before[index]));
        expect(isRight).not.toContain(false);
      }),
      { numRuns: 30 },
    );
  });

  test('each has its share', () => {
    fc.assert(
      fc.property(names, (of) => {
        const chosen = all(of.map((name) => node(name)));
        // A third of what it would have if they were dealt out.
        for (const name of of)
          expect(chosen.filter((each) => each === name).length).toBeGreaterThan(addresses.length / of.length / 3);
      }),
      // Chance would find unlucky names.
      { numRuns: 30, seed: 7 },
    );
  });
});

describe('the addresses', () => {
  const pools = aConfigMap({ data: { default: '192.168.1.240-192.168.1.250' } });
  const announced = (configMap: StoredOf<'ConfigMap'> | undefined, ...services: readonly Service[]): unknown =>
    [...addressesToAnnounce(configMap, services, [withAddress('192.168.1.241')])].map(([address, its]) => [
      address,
      its.map(({ metadata }) => metadata.name),
    ]);
  const withAddress = (address: string): Node => {
    const made = node('a');
    return { ...made, status: { ...made.status, addresses: [{ type: 'InternalIP', address }] } };
  };

  test('are those of pools, and not those of nodes or of other load balancers', () => {
    expect(
      announced(
        pools,
        balanced('web'),
        balanced('beside'),
        balanced('of a node', {}, '192.168.1.241'),
        balanced('elsewhere', {}, '192.168.1.10'),
        balanced('other', { loadBalancerClass: 'example.com/other' }, '192.168.1.242'),
        { ...balanced('none'), status: {} },
      ),
    ).toEqual([[A, ['web', 'beside']]]);
  });

  test('are none without pools, or where those say so', () => {
    expect(announced(undefined, balanced('web'))).toEqual([]);
    const saying = (value: string): StoredOf<'ConfigMap'> => ({
      ...pools,
      metadata: { ...pools.metadata, annotations: { 'holdfast.dev/announce': value } },
    });
    expect(announced(saying('disabled'), balanced('web'))).toEqual([]);
    expect(announced(saying('enabled'), balanced('web'))).toEqual([[A, ['web']]]);
  });
});
