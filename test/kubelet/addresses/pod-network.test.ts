// The network of pods on a node: what is chosen, where it is remembered, and which pod gets which address, on a whole kubelet.
import { beforeEach, describe, expect, test } from 'vitest';
import { EngineError } from '../../../src/kubelet/engine/container-engine.ts';
import type { NetworkChoices } from '../../../src/kubelet/kubelet-options.ts';
import { CLUSTER_LABEL } from '../../../src/kubelet/labels.ts';
import { aPod } from '../../support/builders.ts';
import { NODE_NAME, SmallNode, TEST_CLUSTER } from '../../support/small-node.ts';

const never = new AbortController().signal;
let node: SmallNode;
const begin = async (network: NetworkChoices = {}): Promise<SmallNode> => {
  node = new SmallNode({ network });
  await node.start();
  return node;
};
const ip = (name = 'web'): string | undefined => node.status(name).podIP;
const create = (name: string): Promise<void> => node.create(aPod({ name, nodeName: NODE_NAME }));

describe('the address of the host', () => {
  const seen = (): unknown => [
    node.store.get('Node', '', NODE_NAME)?.status?.addresses?.find(({ type }) => type === 'InternalIP')?.address,
    ...['web', 'host'].map((name) => [node.status(name).hostIP, node.status(name).podIP]),
  ];
  const runIds = (): readonly string[] => node.engine.containers().map(({ id }) => id);
  let address: string | undefined;
  const lookAgain = (): Promise<void> => node.clock.advance(30_000);
  const start = async (nodeAddress?: string): Promise<void> => {
    const network = { hostFacts: () => Promise.resolve(address === undefined ? {} : { address }) };
    node = new SmallNode({ network, ...(nodeAddress === undefined ? {} : { nodeAddress }) });
    await node.start();
    await create('web');
    await node.create(aPod({ name: 'host', nodeName: NODE_NAME, spec: { hostNetwork: true } }));
    await node.clock.settle();
  };

  test('is followed when it changes, and kept while it is not known', async () => {
    address = '192.0.2.7';
    await start();
    expect(seen()).toEqual(['192.0.2.7', ['192.0.2.7', '10.244.0.2'], ['192.0.2.7', '192.0.2.7']]);
    const before = runIds();
    address = '192.0.2.8';
    await lookAgain();
    expect(seen()).toEqual(['192.0.2.8', ['192.0.2.8', '10.244.0.2'], ['192.0.2.8', '192.0.2.8']]);
    // Nothing is replaced for it.
    expect(runIds()).toEqual(before);
    address = undefined;
    await lookAgain();
    expect(seen()).toEqual(['192.0.2.8', ['192.0.2.8', '10.244.0.2'], ['192.0.2.8', '192.0.2.8']]);
    const { resourceVersion } = node.store.get('Node', '', NODE_NAME)?.metadata ?? {};
    await lookAgain();
    expect(node.store.get('Node', '', NODE_NAME)?.metadata.resourceVersion).toBe(resourceVersion);
  });

  test('is what somebody has decided', async () => {
    address = '192.0.2.7';
    await start('198.51.100.1');
    address = '192.0.2.8';
    await lookAgain();
    expect(seen()).toEqual(['198.51.100.1', ['198.51.100.1', '10.244.0.2'], ['198.51.100.1', '198.51.100.1']]);
  });
});

describe('ranges', () => {
  test('are chosen once, told in the Node, and recorded in Docker’s network', async () => {
    await begin();
    expect(node.kubelet.network).toEqual({
      name: 'hf-test',
      bridge: expect.stringMatching(/^hf[0-9a-f]{10}$/),
      slice: '10.244.0.0/24',
      gateway: '10.244.0.1',
      podRange: '10.244.0.0/16',
      serviceRange: '10.96.0.0/16',
      dnsAddress: '10.96.0.10',
    });
    expect(node.store.list('Node')).toMatchObject([
      {
        metadata: { annotations: { 'holdfast.dev/pod-range': '10.244.0.0/16', 'holdfast.dev/service-range': '10.96.0.0/16' } },
        spec: { podCIDR: '10.244.0.0/24', podCIDRs: ['10.244.0.0/24'] },
      },
    ]);
    expect(await node.engine.networks(never)).toMatchObject([
      {
        name: 'hf-test',
        labels: {
          [CLUSTER_LABEL]: TEST_CLUSTER,
          'holdfast.dev/pod-range': '10.244.0.0/16',
          'holdfast.dev/service-range': '10.96.0.0/16',
        },
        subnets: ['10.244.0.0/24'],
      },
    ]);
  });

  test.each(['restart', 'loseStore'] as const)('stay over %s, even when their range is wished away by others', async (end) => {
    await begin({ wishes: { podRange: '10.60.0.0/16', serviceRange: '10.61.0.0/16' } });
    const before = node.kubelet.network;
    node.options = { network: { hostFacts: () => Promise.resolve({ ranges: ['10.60.0.0/16'] }) } };
    await node[end]();
    expect(node.kubelet.network).toEqual(before);
  });

  test('of the host and of networks that the engine does not show are passed over', async () => {
    node = new SmallNode({ network: { hostFacts: () => Promise.resolve({ ranges: ['10.96.0.0/12'] }) } });
    node.engine.hideRange('10.244.0.0/16');
    await node.start();
    expect(node.kubelet.network).toMatchObject({
      slice: '10.245.0.0/24',
      podRange: '10.245.0.0/16',
      serviceRange: '10.112.0.0/16',
    });
  });

  test('of another node are kept: the next slice is taken', async () => {
    node = new SmallNode({ network: {} });
    await node.store.write([
      {
        op: 'create',
        resource: {
          apiVersion: 'v1',
          kind: 'Node',
          metadata: {
            name: 'other',
            annotations: { 'holdfast.dev/pod-range': '10.9.0.0/16', 'holdfast.dev/service-range': '10.8.0.0/16' },
          },
          spec: { podCIDR: '10.9.0.0/24', podCIDRs: ['10.9.0.0/24'] },
        },
      },
    ]);
    node.engine.hideRange('10.9.1.0/24');
    await node.start();
    expect(node.kubelet.network).toMatchObject({ slice: '10.9.2.0/24', gateway: '10.9.2.1', serviceRange: '10.8.0.0/16' });
  });

  test('that cannot be had are refused in words', async () => {
    node = new SmallNode({ network: { wishes: { podRange: '10.244.0.0/16' } } });
    node.engine.hideRange('10.244.0.0/24');
    await expect(node.start()).rejects.toThrow(
      new EngineError('Invalid', '--pod-range 10.244.0.0/16: it overlaps 10.244.0.0/24, which is in use on this host'),
    );
  });
});

describe('addresses', () => {
  beforeEach(async () => {
    await begin();
  });

  test('are given in turn, and stay when the sandbox, the kubelet or the store is another', async () => {
    for (const name of ['web', 'db', 'cache']) await create(name);
    const before = ['web', 'db', 'cache'].map(ip);
    expect(before).toEqual(['10.244.0.2', '10.244.0.3', '10.244.0.4']);
    for (const { id } of node.sandboxes()) node.engine.crash(id, 137);
    await node.clock.advance(60_000);
    expect(['web', 'db', 'cache'].map(ip)).toEqual(before);
    expect(
      node
        .sandboxes()
        .map(({ address = '' }) => address)
        .toSorted((a, b) => a.localeCompare(b)),
    ).toEqual(before);
    await node.restart();
    await node.loseStore();
    await node.clock.advance(60_000);
    expect(['web', 'db', 'cache'].map(ip)).toEqual(before);
    await create('late');
    expect(ip('late')).toBe('10.244.0.5');
  });

  test('a host that was restarted gives each pod its own again', async () => {
    for (const name of ['web', 'db']) await create(name);
    await node.kubelet.stop();
    for (const { id } of node.engine.containers()) node.engine.crash(id, 137);
    node.kubelet = node.newKubelet();
    await node.start();
    await node.clock.advance(120_000);
    expect([ip('web'), ip('db')]).toEqual(['10.244.0.2', '10.244.0.3']);
    expect([node.isReady('web'), node.isReady('db')]).toEqual([true, true]);
  });

  test('of pods that are gone or over are given again, those of the last half minute last', async () => {
    for (const name of ['web', 'db']) await create(name);
    await node.deletePod('web', 0);
    await create('next');
    expect(ip('next')).toBe('10.244.0.4');
    node.engine.behave('busybox:1.36', { exitAfterMs: 1_000 });
    await node.create(aPod({ name: 'job', nodeName: NODE_NAME, spec: { restartPolicy: 'Never' } }));
    await node.clock.advance(5_000);
    expect(node.status('job')).toMatchObject({ phase: 'Succeeded', podIP: '10.244.0.5' });
  });

  test('one that a stranger’s container has is passed over, which is told', async () => {
    node.engine.occupyAddress('10.244.0.2');
    await create('web');
    expect(ip()).toBe('10.244.0.3');
    expect(node.isReady()).toBe(true);
    expect(node.events()).toContain(
      'FailedCreatePodSandBox: the address 10.244.0.2 is used by a container that is not a pod of this cluster: the pod gets another one',
    );
  });

  test('when none is left, the pod says so and gets the first that is given up', async () => {
    await node.kubelet.stop();
    await begin({ wishes: { podRange: '10.7.7.0/24' } });
    await Promise.all(Array.from({ length: 246 }, (_, index) => create(`p${index}`)));
    expect(new Set(node.sandboxes().map(({ ip: its }) => its)).size).toBe(246);
    await create('web');
    const message = 'Failed to create pod sandbox: no address is free for a pod: all 246 of 10.7.7.0/24 are in use';
    expect(node.events()).toContain(`FailedCreatePodSandBox: ${message}`);
    const freed = ip('p7');
    await node.deletePod('p7', 0);
    await node.clock.advance(60_000);
    expect(ip()).toBe(freed);
  });
});

describe('a change of the network', () => {
  test.each([
    [undefined, {}, 'holdfast-test'],
    [{}, undefined, 'hf-test'],
  ])('leaves what runs alone (%j → %j)', async (before, after, network) => {
    node = new SmallNode(before === undefined ? {} : { network: before });
    await node.start();
    await create('web');
    const first = node.living().id;
    node.options = after === undefined ? {} : { network: after };
    await node.restart();
    await node.clock.advance(120_000);
    expect(node.living().id).toBe(first);
    expect(node.sandboxes().map(({ settings }) => settings.networks)).toEqual([[network]]);
  });

  test('of the host’s address is told by pods that run on', async () => {
    await begin();
    await create('web');
    const first = node.living().id;
    expect(node.status().hostIP).toBe('127.0.0.1');
    node.options = { ...node.options, nodeAddress: '192.168.7.4' };
    await node.restart();
    expect(node.status()).toMatchObject({ hostIP: '192.168.7.4', hostIPs: [{ ip: '192.168.7.4' }] });
    expect(node.store.list('Node')[0]?.status?.addresses).toContainEqual({ type: 'InternalIP', address: '192.168.7.4' });
    expect(node.living().id).toBe(first);
  });

  test('that takes the network away from under the pods is put right', async () => {
    await begin();
    await create('web');
    for (const { id } of node.engine.containers()) node.engine.crash(id, 137);
    node.engine.loseNetwork('hf-test');
    await node.clock.advance(120_000);
    expect(node.isReady()).toBe(true);
    expect(ip()).toBe('10.244.0.2');
  });
});
