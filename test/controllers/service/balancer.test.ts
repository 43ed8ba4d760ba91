// Load balancers: which addresses they have, who has to wait, and what is told.
import { beforeEach, describe, expect, test } from 'vitest';
import { serviceController } from '../../../src/controllers/service/controller.ts';
import { isInPools, readPools } from '../../../src/model/address-pools.ts';
import type { ConfigMap, ServiceSpec, ServiceStatus, StoredOf } from '../../../src/model/resource.ts';
import { LOAD_BALANCER_CLASS } from '../../../src/model/service.ts';
import { addressRecord } from '../../../src/model/service-address.ts';
import { aCondition, aConfigMap, aNamespace, aNode, asDesired } from '../../support/builders.ts';
import { aService, aServingPod } from '../endpointslice/services.ts';
import { found, SmallWorld } from '../small-world.ts';

let world: SmallWorld;

beforeEach(async () => {
  world = new SmallWorld();
  await world.create(asDesired(aNamespace({ name: 'holdfast-system' })));
  await addNode('node-a', '192.168.1.10');
});

async function addNode(
  name: string,
  address: string,
  more: { labels?: Record<string, string>; isReady?: boolean } = {},
): Promise<void> {
  const node = aNode({ name, ...(more.labels === undefined ? {} : { labels: more.labels }) });
  await world.create(asDesired(node));
  await reportNode(name, address, more.isReady ?? true);
}

async function reportNode(name: string, address: string, isReady: boolean): Promise<void> {
  const { metadata } = found(world.store.get('Node', '', name));
  const status = {
    addresses: [{ type: 'InternalIP' as const, address }],
    conditions: [aCondition('Ready', isReady ? 'True' : 'False')],
  };
  const key = { kind: 'Node', namespace: '', name } as const;
  const result = await world.store.write([{ op: 'updateStatus', key, uid: metadata.uid, status }]);
  expect(result.ok).toBe(true);
}

async function add(name: string, spec: Partial<ServiceSpec> = {}, annotations: Record<string, string> = {}): Promise<void> {
  const service = asDesired(aService({ name, spec: { type: 'LoadBalancer', ...spec } }));
  await world.create({ ...service, metadata: { ...service.metadata, annotations } });
  await world.settle();
}

async function change(name: string, spec: Partial<ServiceSpec>): Promise<void> {
  const service = serviceOf(name);
  await world.update({ ...service, spec: { ...service.spec, ...spec } });
  await world.settle();
}

function serviceOf(name: string): StoredOf<'Service'> {
  return found(world.store.get('Service', 'default', name), name);
}

/** Its addresses, or why it has none. */
function addressOf(name: string): unknown {
  const { loadBalancer, conditions } = serviceOf(name).status ?? {};
  const { status, reason, message } = conditions?.find(({ type }) => type === 'LoadBalancerReady') ?? {};
  if (status === 'False') return [reason, message, loadBalancer?.ingress];
  return loadBalancer?.ingress?.map(({ ip, hostname }) => ip ?? hostname);
}

async function declare(data: Record<string, string>): Promise<void> {
  const namespace = 'holdfast-system';
  const old = world.store.get('ConfigMap', namespace, 'holdfast-address-pools');
  if (old === undefined) await world.create(asDesired(aConfigMap({ namespace, name: 'holdfast-address-pools', data })));
  else await world.update({ ...old, data });
  await world.settle();
}

const events = (name: string): unknown[] =>
  world.store
    .list('Event')
    .filter(({ involvedObject }) => involvedObject.name === name)
    .toSorted((a, b) => a.reason.localeCompare(b.reason))
    .map(({ type, reason, message, count }) => [type, reason, message, count]);

describe('without pools', () => {
  test('a load balancer has the addresses of the nodes, and says so once', async () => {
    await addNode('node-b', '192.168.1.9');
    await add('web');
    expect(serviceOf('web').status).toEqual({
      loadBalancer: {
        ingress: [
          { ip: '192.168.1.9', ipMode: 'VIP' },
          { ip: '192.168.1.10', ipMode: 'VIP' },
        ],
      },
    });
    await world.settle();
    expect(events('web')).toEqual([
      ['Normal', 'EnsuredLoadBalancer', 'Ensured load balancer', 1],
      ['Normal', 'EnsuringLoadBalancer', 'Ensuring load balancer', 1],
    ]);
  });

  test('it has those of the nodes that are ready and not kept out of it; when none is ready, of all', async () => {
    await addNode('node-b', '192.168.1.11', { isReady: false });
    await addNode('node-c', '192.168.1.12', { labels: { 'node.kubernetes.io/exclude-from-external-load-balancers': '' } });
    await add('web');
    expect(addressOf('web')).toEqual(['192.168.1.10']);
    await reportNode('node-a', '192.168.1.10', false);
    await world.settle();
    expect(addressOf('web')).toEqual(['192.168.1.10', '192.168.1.11']);
  });

  test('a node that moves takes it along, and one that has only a name is reached by that', async () => {
    await add('web');
    await reportNode('node-a', 'host.example.com', true);
    await world.settle();
    expect(serviceOf('web').status?.loadBalancer).toEqual({ ingress: [{ hostname: 'host.example.com' }] });
  });

  test('with externalTrafficPolicy Local it has those of the nodes with an endpoint', async () => {
    await addNode('node-b', '192.168.1.11');
    await add('web', { externalTrafficPolicy: 'Local' });
    expect(addressOf('web')).toEqual(['192.168.1.10', '192.168.1.11']);
    const pod = aServingPod('a', '10.244.1.5', { nodeName: 'node-b' });
    await world.create(asDesired(pod));
    await world.setPodStatus(found(world.pods()[0]), pod.status ?? {});
    await world.settle();
    expect(addressOf('web')).toEqual(['192.168.1.11']);
  });

  test('two on one port: the later one waits and names the other, until that is gone', async () => {
    await add('web');
    await add('other', { ports: [{ port: 80, protocol: 'UDP' }] });
    await add('late', {
      ports: [
        { name: 'a', port: 443 },
        { name: 'b', port: 80 },
      ],
    });
    const conflict = 'port 80/TCP of 192.168.1.10 is served by service/web';
    expect([addressOf('web'), addressOf('other'), addressOf('late')]).toEqual([
      ['192.168.1.10'],
      ['192.168.1.10'],
      ['PortConflict', conflict, undefined],
    ]);
    expect(events('late')).toEqual([
      ['Warning', 'SyncLoadBalancerFailed', `Error syncing load balancer: failed to ensure load balancer: ${conflict}`, 1],
    ]);
    await world.remove(serviceOf('web'));
    await world.settle();
    expect(addressOf('late')).toEqual(['192.168.1.10']);
  });

  test('one whose ports come to be those of another: the older keeps them', async () => {
    await add('a', { ports: [{ port: 80 }] });
    await add('b', { ports: [{ port: 81 }] });
    await change('a', { ports: [{ port: 81 }] });
    expect([addressOf('a'), addressOf('b')]).toEqual([
      ['192.168.1.10'],
      ['PortConflict', 'port 81/TCP of 192.168.1.10 is served by service/a', undefined],
    ]);
  });
});

describe('with pools', () => {
  test('each has an address of its own, keeps it, and waits when there is none', async () => {
    await declare({ default: '192.168.7.1-192.168.7.2' });
    for (const name of ['a', 'b', 'c']) await add(name);
    const none = [
      'AllocationFailed',
      'no address is free in the pools of configmap/holdfast-address-pools in holdfast-system',
      undefined,
    ];
    expect([addressOf('a'), addressOf('b'), addressOf('c')]).toEqual([['192.168.7.1'], ['192.168.7.2'], none]);
    await world.remove(serviceOf('a'));
    await world.settle();
    expect([addressOf('b'), addressOf('c')]).toEqual([['192.168.7.2'], ['192.168.7.1']]);
    await declare({ default: '192.168.7.2/31, 192.168.8.0 - 192.168.8.9' });
    expect([addressOf('b'), addressOf('c')]).toEqual([['192.168.7.2'], ['192.168.7.3']]);
  });

  test.each<readonly [string, Partial<ServiceSpec>, Record<string, string>, unknown]>([
    ['an address of a pool', { loadBalancerIP: '192.168.7.9' }, {}, ['192.168.7.9']],
    ['an address of a node', { loadBalancerIP: '192.168.1.10' }, {}, ['192.168.1.10']],
    [
      'addresses by annotation',
      {},
      { 'metallb.universe.tf/loadBalancerIPs': '192.168.7.9, 192.168.7.8' },
      ['192.168.7.9', '192.168.7.8'],
    ],
    ['a pool', {}, { 'metallb.io/address-pool': 'second' }, ['10.9.0.0']],
    [
      'a pool that there is not',
      {},
      { 'metallb.universe.tf/address-pool': 'third' },
      [
        'AllocationFailed',
        expect.stringMatching('^there is no pool "third" in configmap/holdfast-address-pools in holdfast-system; "x" of'),
        undefined,
      ],
    ],
    [
      'an address of nobody',
      { loadBalancerIP: '192.0.2.1' },
      {},
      [
        'AllocationFailed',
        '192.0.2.1 is neither the address of a node nor in a pool of configmap/holdfast-address-pools in holdfast-system; "x" of pool "bad" is not a range such as 10.0.0.0/28 or 10.0.0.1-10.0.0.9',
        undefined,
      ],
    ],
  ])('it may ask for %s', async (_name, spec, annotations, expected) => {
    await declare({ first: '192.168.7.0/28', second: '10.9.0.0/30', bad: 'x' });
    await add('web', spec, annotations);
    expect(addressOf('web')).toEqual(expected);
  });

  test('an address can be shared by who asks for it, on other ports', async () => {
    await declare({ first: '192.168.7.0/28' });
    await add('a', { loadBalancerIP: '192.168.7.3' });
    await add('b', { loadBalancerIP: '192.168.7.3', ports: [{ port: 81 }] });
    await add('c', { loadBalancerIP: '192.168.7.3', ports: [{ port: 81 }] });
    expect([addressOf('a'), addressOf('b'), addressOf('c')]).toEqual([
      ['192.168.7.3'],
      ['192.168.7.3'],
      ['PortConflict', 'port 81/TCP of 192.168.7.3 is served by service/b', undefined],
    ]);
  });
});

describe('who answers for an address of a pool', () => {
  const announced = (name: string): unknown => {
    const { status, reason, message } =
      serviceOf(name).status?.conditions?.find(({ type }) => type === 'LoadBalancerAnnounced') ?? {};
    return status === undefined ? undefined : [status, reason, message];
  };
  const inSubnet = async (name: string, ranges: string): Promise<void> => {
    const node = found(world.store.get('Node', '', name));
    await world.update({ ...node, metadata: { ...node.metadata, annotations: { 'holdfast.dev/subnets': ranges } } });
    await world.settle();
  };
  const assigned = (node: string): string => `announcing from node "${node}" with protocol "layer2"`;
  /** Of the nodes, in the order of their messages. */
  const told = (name: string): unknown[] =>
    (events(name) as string[][])
      .filter(([, reason]) => reason?.startsWith('node'))
      .toSorted((a, b) => (`${a[2]}` < `${b[2]}` ? -1 : 1));
  const say = async (annotations: Record<string, string>): Promise<void> => {
    const pools = found(world.store.get('ConfigMap', 'holdfast-system', 'holdfast-address-pools'));
    await world.update({ ...pools, metadata: { ...pools.metadata, annotations } });
    await world.settle();
  };

  beforeEach(() => declare({ default: '192.168.1.240-192.168.1.250' }));

  test('is told by its status and by an event, and another one when that changes', async () => {
    await inSubnet('node-a', '192.168.1.0/24');
    await add('web');
    expect([addressOf('web'), announced('web')]).toEqual([['192.168.1.240'], ['True', 'NodeAssigned', assigned('node-a')]]);
    await addNode('node-b', '192.168.1.11');
    await inSubnet('node-b', '192.168.1.0/24');
    await reportNode('node-a', '192.168.1.10', false);
    await world.settle();
    expect(announced('web')).toEqual(['True', 'NodeAssigned', assigned('node-b')]);
    expect(told('web')).toEqual([
      ['Normal', 'nodeAssigned', assigned('node-a'), 1],
      ['Normal', 'nodeAssigned', assigned('node-b'), 1],
    ]);
  });

  test('is nobody where a router leads the pool, which is no news', async () => {
    await inSubnet('node-a', '10.0.0.0/8');
    await add('web');
    const nobody = '192.168.1.240 is in the subnet of no node that serves load balancers: a router has to lead it to one';
    expect([announced('web'), told('web')]).toEqual([['False', 'NoNode', nobody], []]);
  });

  test('that nobody does any more is news', async () => {
    await inSubnet('node-a', '192.168.1.0/24');
    await add('web');
    await change('web', { externalTrafficPolicy: 'Local' });
    const nobody = 'with externalTrafficPolicy Local a node needs an endpoint, and none in the subnet has one of service/web';
    expect(announced('web')).toEqual(['False', 'NoNode', nobody]);
    expect(told('web')).toEqual([
      ['Normal', 'nodeAssigned', assigned('node-a'), 1],
      ['Warning', 'nodeUnassigned', nobody, 1],
    ]);
  });

  test('is one for all that share the address: where the endpoints of one are, the others follow', async () => {
    await inSubnet('node-a', '192.168.1.0/24');
    await addNode('node-b', '192.168.1.11');
    await inSubnet('node-b', '192.168.1.0/24');
    await add('web', { loadBalancerIP: '192.168.1.240', externalTrafficPolicy: 'Local' });
    await add('other', { loadBalancerIP: '192.168.1.240', ports: [{ port: 443 }], selector: { app: 'other' } });
    for (const [index, name] of ['node-a', 'node-b'].entries()) {
      const pod = aServingPod(`pod-${index}`, `10.244.${index}.5`, { nodeName: name });
      await world.create(asDesired(pod));
      await world.setPodStatus(found(world.pods()[0]), pod.status ?? {});
      await world.settle();
      for (const each of ['web', 'other']) expect(announced(each)).toEqual(['True', 'NodeAssigned', assigned(name)]);
      await world.remove(found(world.pods()[0]));
      await world.settle();
    }
    const slice = found(world.store.list('EndpointSlice').find(({ metadata }) => metadata.name.startsWith('web-')));
    expect(serviceController.wakes(slice, world.store).map(({ name }) => name)).toEqual(['web', 'other']);
  });

  test('is not told of addresses of nodes, nor where the pools say that nobody is to', async () => {
    await inSubnet('node-a', '192.168.1.0/24');
    await add('web', { loadBalancerIP: '192.168.1.10' });
    expect(announced('web')).toBeUndefined();
    await add('other');
    expect(announced('other')).toEqual(['True', 'NodeAssigned', assigned('node-a')]);
    await say({ 'holdfast.dev/announce': 'disabled' });
    expect(announced('other')).toBeUndefined();
    await say({});
    expect(announced('other')).toEqual(['True', 'NodeAssigned', assigned('node-a')]);
    await change('other', { type: 'ClusterIP' });
    expect([announced('other'), serviceOf('other').status]).toEqual([undefined, { loadBalancer: {} }]);
  });
});

describe('who is no load balancer', () => {
  test('a Service of another class is left alone, one of our own is not', async () => {
    await add('theirs', { loadBalancerClass: 'example.com/theirs' });
    await add('ours', { loadBalancerClass: LOAD_BALANCER_CLASS });
    expect([serviceOf('theirs').status, addressOf('ours')]).toEqual([undefined, ['192.168.1.10']]);
  });

  test('one that is none any more loses its address, and others may have the port', async () => {
    await add('a');
    await add('b');
    await change('a', { type: 'ClusterIP' });
    expect([serviceOf('a').status, addressOf('b')]).toEqual<[ServiceStatus, unknown]>([{ loadBalancer: {} }, ['192.168.1.10']]);
    await change('b', { type: 'ClusterIP' });
    await change('a', { type: 'LoadBalancer' });
    expect(addressOf('a')).toEqual(['192.168.1.10']);
  });
});

test.each<readonly [string, readonly string[], readonly string[]]>([
  ['10.0.0.0/30', ['10.0.0.0', '10.0.0.3'], ['10.0.0.4']],
  ['10.0.0.5-10.0.0.6', ['10.0.0.5', '10.0.0.6'], ['10.0.0.4', '10.0.0.7']],
  ['10.0.0.5 - 10.0.0.6\n10.1.0.1', ['10.0.0.6', '10.1.0.1'], ['10.1.0.2', 'fe80::1']],
  ['10.0.0.6-10.0.0.5', [], ['10.0.0.5']],
])('the ranges %j', (text, inside, outside) => {
  const configMap: ConfigMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'pools' }, data: { a: text } };
  const { pools } = readPools(configMap);
  expect(inside.filter((address) => !isInPools(pools, address))).toEqual([]);
  expect(outside.filter((address) => isInPools(pools, address))).toEqual([]);
});

describe('after a lost store', () => {
  const remembered = (address: string, name: string, balancer: string): Promise<void> =>
    world.create(addressRecord(address, { namespace: 'default', name, nodePorts: '', balancer }, true));
  const at = (clusterIP: string): Partial<ServiceSpec> => ({ clusterIP, clusterIPs: [clusterIP] });

  beforeEach(async () => {
    await declare({ default: '203.0.113.16-203.0.113.18' });
    await remembered('10.96.0.21', 'second', '203.0.113.17');
    await remembered('10.96.0.22', 'third', '203.0.113.16');
  });

  test('each has its address of a pool again, whoever comes first', async () => {
    await add('new', at('10.96.0.20'));
    await add('third', at('10.96.0.22'));
    await add('second', at('10.96.0.21'));
    expect(['new', 'second', 'third'].map(addressOf)).toEqual([['203.0.113.18'], ['203.0.113.17'], ['203.0.113.16']]);
  });

  test('an address that no pool has any more is not given again', async () => {
    await declare({ default: '203.0.113.17-203.0.113.18' });
    await add('third', at('10.96.0.22'));
    expect(addressOf('third')).toEqual(['203.0.113.18']);
  });

  test('one that comes back as something else keeps nothing from the others', async () => {
    await add('second', { ...at('10.96.0.21'), type: 'ClusterIP' });
    await add('one', at('10.96.0.30'));
    expect(addressOf('one')).toEqual(['203.0.113.17']);
  });
});
