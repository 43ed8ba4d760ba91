// Services in a real kernel: the rules are programmed by nft, packets are sent by programs.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { StoredOf } from '../../../src/model/resource.ts';
import type { Fragment, Fragments } from '../../../src/network/fragment.ts';
import { serviceRules } from '../../../src/network/services/service-rules.ts';
import { type KernelScene, kernelScene } from './kernel-scene.ts';
import { anEnding, anEndpoint, anUnready, aService, aSlice } from './service-objects.ts';

type Entry = readonly [StoredOf<'Service'>, StoredOf<'EndpointSlice'>];

describe.each([0, 1] as const)('with bridge-nf-call-iptables %i', (bridgeCalls) => {
  let scene: KernelScene;

  beforeAll(async () => {
    scene = await kernelScene(bridgeCalls);
    await Promise.all(scene.pods.flatMap((pod) => [pod.listenTcp(8080), pod.listenUdp(5353)]));
    await scene.host.listenTcp(9999);
  });
  afterAll(async () => await scene.close());
  beforeEach(async () => await scene.apply(new Map()));

  function fragments(...entries: readonly Entry[]): Fragments {
    return new Map(
      entries.map(([service, slice]): [string, Fragment] => [
        `service/shop/${service.metadata.name}`,
        { rules: serviceRules(service, [slice], scene.node), records: new Set() },
      ]),
    );
  }

  const udpPort = [{ name: '', port: 5353, protocol: 'UDP' as const }];
  const dns = { ports: [{ port: 53, protocol: 'UDP' as const }], clusterIP: '10.96.0.8' };
  const pod = (number: number): ReturnType<typeof anEndpoint> => anEndpoint(10 + number);
  /** On another node, where nobody answers. */
  const far = { ...anEndpoint(99, { nodeName: 'b' }), addresses: ['10.244.2.9'] };
  const answers = async (count: number, ask: () => Promise<string>): Promise<Set<string>> => {
    const seen = new Set<string>();
    for (let index = 0; index < count; index++) seen.add(await ask());
    return seen;
  };

  describe('the address of a Service', () => {
    test('is served over TCP by its endpoints, for pods with their own address and for the host', async () => {
      const [pod1] = scene.pods;
      await scene.apply(fragments([aService(), aSlice([pod(2), pod(3)])]));
      const seen = await answers(20, async () => (await pod1?.tcp('10.96.0.7', 80)) ?? '');
      expect(seen).toEqual(new Set(['pod2 10.244.1.11', 'pod3 10.244.1.11']));
      expect(await answers(20, async () => await scene.host.tcp('10.96.0.7', 80))).toEqual(
        new Set(['pod2 10.244.1.1', 'pod3 10.244.1.1']),
      );
    });

    test('is served to the pod that is its endpoint', async () => {
      const [pod1] = scene.pods;
      await scene.apply(fragments([aService(), aSlice([pod(1)])], [aService(dns, { name: 'dns' }), aSlice([pod(1)], udpPort)]));
      expect(await pod1?.tcp('10.96.0.7', 80)).toBe('pod1 10.244.1.1');
      expect(await pod1?.udp('self', '10.96.0.8', 53)).toBe('pod1 10.244.1.1');
    });

    test('is served over UDP, and a flow moves when its endpoint goes, and comes when there was none', async () => {
      const [pod1] = scene.pods;
      const state = (...numbers: readonly number[]): Fragments =>
        fragments([aService(dns, { name: 'dns' }), aSlice(numbers.map(pod), udpPort)]);
      await scene.apply(state());
      const ask = async (): Promise<string> => (await pod1?.udp('moving', '10.96.0.8', 53)) ?? '';
      expect(await ask()).toBe('ECONNREFUSED');
      await scene.apply(state(2));
      expect(await ask()).toBe('pod2 10.244.1.11');
      await scene.apply(state(2, 3));
      expect(await ask()).toBe('pod2 10.244.1.11');
      await scene.apply(state(3));
      expect(await ask()).toBe('pod3 10.244.1.11');
      await scene.apply(state());
      expect(await ask()).toBe('ECONNREFUSED');
    });

    test('keeps flows of UDP at an endpoint that ends while it serves, as it does connections, and leads new ones elsewhere', async () => {
      const [pod1] = scene.pods;
      const state = (...endpoints: readonly ReturnType<typeof pod>[]): Fragments =>
        fragments([aService(dns, { name: 'dns' }), aSlice(endpoints, udpPort)]);
      const ask = async (flow = 'draining'): Promise<string> => (await pod1?.udp(flow, '10.96.0.8', 53)) ?? '';
      await scene.apply(state(pod(2)));
      expect(await ask()).toBe('pod2 10.244.1.11');
      await scene.apply(state(anEnding(12), pod(3)));
      expect([await ask(), await ask('later')]).toEqual(['pod2 10.244.1.11', 'pod3 10.244.1.11']);
      // Its readiness fails: nothing keeps the flow there.
      await scene.apply(state(anUnready(12), pod(3)));
      expect([await ask(), await ask('later')]).toEqual(['pod3 10.244.1.11', 'pod3 10.244.1.11']);
    });

    test('leads to the endpoints of the own node alone when all are meant for nodes', async () => {
      const [pod1] = scene.pods;
      const meantFor = (endpoint: ReturnType<typeof pod>, ...names: readonly string[]): ReturnType<typeof pod> => ({
        ...endpoint,
        hints: { forNodes: names.map((name) => ({ name })) },
      });
      const ask = async (): Promise<string> => (await pod1?.tcp('10.96.0.7', 80)) ?? '';
      await scene.apply(fragments([aService(), aSlice([meantFor(pod(2), 'a'), meantFor(far, 'b')])]));
      expect(await answers(20, ask)).toEqual(new Set(['pod2 10.244.1.11']));
      // With none of the own node all are as good.
      await scene.apply(fragments([aService(), aSlice([meantFor(pod(2), 'b'), meantFor(pod(3), 'c')])]));
      expect(await answers(30, ask)).toEqual(new Set(['pod2 10.244.1.11', 'pod3 10.244.1.11']));
    });

    test('keeps established TCP connections when an endpoint goes, and its own Service', async () => {
      const [pod1] = scene.pods;
      await scene.apply(fragments([aService(), aSlice([pod(2)])]));
      expect(await pod1?.keep('kept', '10.96.0.7', 80)).toBe('pod2 10.244.1.11');
      await scene.apply(fragments([aService(), aSlice([pod(3)])]));
      expect(await pod1?.again('kept')).toBe('pod2 10.244.1.11');
      expect(await pod1?.tcp('10.96.0.7', 80)).toBe('pod3 10.244.1.11');
      await scene.apply(new Map());
      expect(await pod1?.again('kept')).toBe('pod2 10.244.1.11');
      await scene.apply(fragments([aService(), aSlice([pod(3)])]), 'all');
      expect(await pod1?.again('kept')).toBe('pod2 10.244.1.11');
    });

    test('is refused without endpoints, at another port, and when nobody has it', async () => {
      const [pod1] = scene.pods;
      await scene.apply(
        fragments([aService(), aSlice([])], [aService({ clusterIP: '10.96.0.9' }, { name: 'other' }), aSlice([pod(2)])]),
      );
      for (const from of [pod1, scene.host]) {
        expect(await from?.tcp('10.96.0.7', 80)).toBe('ECONNREFUSED');
        expect(await from?.tcp('10.96.0.9', 81)).toBe('ECONNREFUSED');
        expect(await from?.tcp('10.96.200.1', 443)).toBe('ECONNREFUSED');
      }
      expect(await pod1?.udp('nobody', '10.96.200.1', 53)).toBe('ECONNREFUSED');
    });

    test('of DNS is left alone', async () => {
      await scene.run('ip addr add 10.96.0.10/32 dev lo');
      expect(await scene.pods[0]?.tcp('10.96.0.10', 9999)).toBe('host 10.244.1.11');
      expect(await scene.host.tcp('10.96.0.10', 9999)).toBe('host 10.96.0.10');
    });

    test('is dropped with the internal policy Local and endpoints elsewhere only', async () => {
      await scene.apply(fragments([aService({ internalTrafficPolicy: 'Local' }), aSlice([far])]));
      expect(await scene.pods[0]?.tcp('10.96.0.7', 80)).toBe('timeout');
      await scene.apply(fragments([aService({ internalTrafficPolicy: 'Local' }), aSlice([far, pod(2)])]));
      expect(await answers(10, async () => (await scene.pods[0]?.tcp('10.96.0.7', 80)) ?? '')).toEqual(
        new Set(['pod2 10.244.1.11']),
      );
    });
  });

  describe('from outside', () => {
    const ports = [{ port: 80, protocol: 'TCP' as const, nodePort: 30080 }];

    test('a node port leads to any endpoint with the policy Cluster, and not on loopback addresses', async () => {
      await scene.apply(fragments([aService({ type: 'NodePort', ports }), aSlice([pod(2)])]));
      expect(await scene.outside.tcp('192.0.2.1', 30080)).toBe('pod2 10.244.1.1');
      expect(await scene.host.tcp('192.0.2.1', 30080)).toBe('pod2 10.244.1.1');
      expect(await scene.pods[0]?.tcp('192.0.2.1', 30080)).toBe('pod2 10.244.1.1');
      expect(await scene.pods[0]?.tcp('10.244.1.1', 30080)).toBe('pod2 10.244.1.1');
      expect(await scene.host.tcp('127.0.0.1', 30080)).toBe('ECONNREFUSED');
    });

    test('a node port keeps the address of the client with the policy Local', async () => {
      const service = aService({ type: 'NodePort', ports, externalTrafficPolicy: 'Local' });
      await scene.apply(fragments([service, aSlice([pod(2), far])]));
      expect(await answers(10, async () => await scene.outside.tcp('192.0.2.1', 30080))).toEqual(new Set(['pod2 192.0.2.9']));
      await scene.apply(fragments([service, aSlice([far])]));
      expect(await scene.outside.tcp('192.0.2.1', 30080)).toBe('timeout');
      await scene.apply(fragments([service, aSlice([])]));
      expect(await scene.outside.tcp('192.0.2.1', 30080)).toBe('ECONNREFUSED');
    });

    test('a node port comes before what listens on the host, and is refused without endpoints', async () => {
      const own = [{ port: 80, protocol: 'TCP' as const, nodePort: 9999 }];
      expect(await scene.outside.tcp('192.0.2.1', 9999)).toBe('host 192.0.2.9');
      await scene.apply(fragments([aService({ type: 'NodePort', ports: own }), aSlice([pod(2)])]));
      expect(await scene.outside.tcp('192.0.2.1', 9999)).toBe('pod2 10.244.1.1');
      await scene.apply(fragments([aService({ type: 'NodePort', ports: own }), aSlice([])]));
      expect(await scene.outside.tcp('192.0.2.1', 9999)).toBe('ECONNREFUSED');
    });

    test('a flow to a node port moves', async () => {
      const state = (...numbers: readonly number[]): Fragments =>
        fragments([
          aService({ ...dns, type: 'NodePort', ports: [{ port: 53, protocol: 'UDP', nodePort: 30053 }] }, { name: 'dns' }),
          aSlice(numbers.map(pod), udpPort),
        ]);
      const ask = async (): Promise<string> => await scene.outside.udp('node port', '192.0.2.1', 30053);
      expect(await ask()).toBe('ECONNREFUSED');
      await scene.apply(state(1));
      expect(await ask()).toBe('pod1 10.244.1.1');
      await scene.apply(state(2));
      expect(await ask()).toBe('pod2 10.244.1.1');
      await scene.apply(new Map());
      expect(await ask()).toBe('ECONNREFUSED');
    });

    test('outer addresses and those of load balancers lead to endpoints, the latter for their source ranges', async () => {
      const ingress = [{ ip: '203.0.113.7' }];
      const balanced = (ranges: string[]): Entry => [
        aService(
          { type: 'LoadBalancer', externalIPs: ['203.0.113.8'], loadBalancerSourceRanges: ranges },
          { status: { loadBalancer: { ingress } } },
        ),
        aSlice([pod(2)]),
      ];
      await scene.apply(fragments(balanced([])));
      expect(await scene.outside.tcp('203.0.113.7', 80)).toBe('pod2 10.244.1.1');
      expect(await scene.outside.tcp('203.0.113.8', 80)).toBe('pod2 10.244.1.1');
      await scene.apply(fragments(balanced(['198.51.100.0/24', '198.51.100.7/32'])));
      expect(await scene.outside.tcp('203.0.113.7', 80)).toBe('timeout');
      expect(await scene.outside.tcp('203.0.113.8', 80)).toBe('pod2 10.244.1.1');
      await scene.apply(fragments(balanced(['192.0.2.0/24'])));
      expect(await scene.outside.tcp('203.0.113.7', 80)).toBe('pod2 10.244.1.1');
    });
  });

  describe('a client with affinity', () => {
    test('stays with its endpoint while that is there, and gets another one then', async () => {
      const [pod1] = scene.pods;
      const service = aService({ sessionAffinity: 'ClientIP' });
      await scene.apply(fragments([service, aSlice([pod(2), pod(3)])]));
      const ask = async (): Promise<string> => (await pod1?.tcp('10.96.0.7', 80)) ?? '';
      const first = await ask();
      expect(await answers(20, ask)).toEqual(new Set([first]));
      await scene.apply(fragments([service, aSlice([pod(1), pod(2), pod(3)])]));
      expect(await answers(20, ask)).toEqual(new Set([first]));
      const other = first.startsWith('pod2') ? 3 : 2;
      await scene.apply(fragments([service, aSlice([pod(other)])]));
      expect(await ask()).toBe(`pod${other} 10.244.1.11`);
      await scene.apply(fragments([service, aSlice([pod(2), pod(3)])]));
      expect(await answers(20, ask)).toEqual(new Set([`pod${other} 10.244.1.11`]));
    });
  });

  test('a client with affinity that stays away longer than its timeout is led anew', async () => {
    const [pod1] = scene.pods;
    const affinity = { sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 1 } } } as const;
    await scene.apply(fragments([aService(affinity), aSlice([pod(2), pod(3)])]));
    const ask = async (): Promise<string> => (await pod1?.tcp('10.96.0.7', 80)) ?? '';
    const first = await ask();
    expect(await answers(5, ask)).toEqual(new Set([first]));
    // Each look waits longer than that, so that about half of them are led elsewhere.
    await expect.poll(ask, { interval: 1_200, timeout: 30_000 }).not.toBe(first);
  }, 40_000);

  describe('the tables', () => {
    test('hold nothing of a Service that went, and no other table is touched', async () => {
      await scene.run('nft add table ip others; nft add chain ip others mine');
      const list = async (): Promise<string> => (await scene.run('nft list table ip hf-test; nft list table ip others')).output;
      const empty = await list();
      const service = aService({ type: 'NodePort', sessionAffinity: 'ClientIP', ports: [{ port: 80, nodePort: 30080 }] });
      await scene.apply(fragments([service, aSlice([pod(1), pod(2)])]));
      expect(await list()).not.toBe(empty);
      await scene.apply(new Map());
      expect(await list()).toBe(empty);
      await scene.apply(new Map(), 'all');
      expect(await list()).toBe(empty);
    });
  });
});
