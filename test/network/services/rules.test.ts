// The rules of Services, whole.
import { describe, expect, test } from 'vitest';
import type { StoredOf } from '../../../src/model/resource.ts';
import { rulesText } from '../../../src/network/rules-text.ts';
import { serviceRules } from '../../../src/network/services/service-rules.ts';
import { FRAME_NODE } from './frame-node.ts';
import { anEnding, anEndpoint, anUnready, aService, aSlice } from './service-objects.ts';

type Slice = StoredOf<'EndpointSlice'>;

const lines = (service: StoredOf<'Service'>, slices: readonly Slice[], zone?: string): string[] =>
  rulesText('T', serviceRules(service, slices, { ...FRAME_NODE, ...(zone === undefined ? {} : { zone }) }))
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.replace(/^add (\w+) ip T /, '$1 '));

/** Where new connections to its address may go. */
const targets = (slices: readonly Slice[], service = aService(), zone?: string): string[] => {
  const rules = lines(service, slices, zone).filter((line) => line.startsWith('rule cluster/'));
  const each = rules.flatMap((line) => [...line.matchAll(/10\.244\.\d+\.(\d+)(?: \. |:)(\d+)/g)]);
  return [...new Set(each.map((match) => `${match[1]}:${match[2]}`))];
};

describe('rules', () => {
  test('of one port with two endpoints', () => {
    expect(lines(aService(), [aSlice([anEndpoint(4), anEndpoint(3)])])).toEqual([
      'chain cluster/shop/web/tcp/80',
      'rule cluster/shop/web/tcp/80 meta l4proto tcp dnat ip addr . port to numgen random mod 2 map { 0 : 10.244.1.3 . 8080, 1 : 10.244.1.4 . 8080 }',
      'rule cluster/shop/web/tcp/80 meta l4proto tcp dnat to 10.244.1.3:8080',
      'element hairpin { 10.244.1.3 . 10.244.1.3, 10.244.1.4 . 10.244.1.4 }',
      'element services { 10.96.0.7 . tcp . 80 : goto cluster/shop/web/tcp/80 }',
    ]);
  });

  test('of a node port over UDP with the policy Local and an endpoint elsewhere', () => {
    const service = aService({
      type: 'NodePort',
      ports: [{ name: 'dns', port: 53, protocol: 'UDP', nodePort: 30053 }],
      externalTrafficPolicy: 'Local',
    });
    const ports = [{ name: 'dns', port: 5353, protocol: 'UDP' as const }];
    expect(lines(service, [aSlice([anEndpoint(3), anEndpoint(9, { nodeName: 'b' })], ports)])).toEqual([
      '# flow udp 10.96.0.7 53 : 10.244.1.3 5353, 10.244.1.9 5353',
      '# flow udp * 30053 : 10.244.1.3 5353, 10.244.1.9 5353',
      'chain cluster/shop/web/udp/53',
      'chain local/shop/web/udp/53',
      'chain external/shop/web/udp/53',
      'rule cluster/shop/web/udp/53 meta l4proto udp dnat ip addr . port to numgen random mod 2 map { 0 : 10.244.1.3 . 5353, 1 : 10.244.1.9 . 5353 }',
      'rule cluster/shop/web/udp/53 meta l4proto udp dnat to 10.244.1.3:5353',
      'rule local/shop/web/udp/53 meta l4proto udp dnat to 10.244.1.3:5353',
      'rule external/shop/web/udp/53 ip saddr 10.244.1.0/24 goto cluster/shop/web/udp/53',
      'rule external/shop/web/udp/53 fib saddr type local meta mark set meta mark | 0x00001000',
      'rule external/shop/web/udp/53 fib saddr type local goto cluster/shop/web/udp/53',
      'rule external/shop/web/udp/53 goto local/shop/web/udp/53',
      'element hairpin { 10.244.1.3 . 10.244.1.3 }',
      'element services { 10.96.0.7 . udp . 53 : goto cluster/shop/web/udp/53 }',
      'element node-ports { udp . 30053 : goto external/shop/web/udp/53 }',
    ]);
  });

  test('of a load balancer with source ranges that lie in each other, one of them with the node', () => {
    const service = aService(
      { type: 'LoadBalancer', loadBalancerSourceRanges: ['192.0.2.0/24', ' 192.0.2.128/25', '198.51.100.7/32'] },
      {
        status: {
          loadBalancer: { ingress: [{ ip: '203.0.113.7' }, { ip: '203.0.113.8', ipMode: 'Proxy' }, { ip: '2001:db8::1' }] },
        },
      },
    );
    expect(lines(service, [aSlice([anEndpoint(3)])]).filter((line) => /firewall|external|services/.test(line))).toEqual([
      'chain external/shop/web/tcp/80',
      'chain firewall/shop/web/tcp/80',
      'rule external/shop/web/tcp/80 meta mark set meta mark | 0x00001000',
      'rule external/shop/web/tcp/80 goto cluster/shop/web/tcp/80',
      'rule firewall/shop/web/tcp/80 ip saddr != { 192.0.2.0/24, 198.51.100.7/32, 203.0.113.7/32 } drop',
      'rule firewall/shop/web/tcp/80 goto external/shop/web/tcp/80',
      'element services { 10.96.0.7 . tcp . 80 : goto cluster/shop/web/tcp/80, 203.0.113.7 . tcp . 80 : goto firewall/shop/web/tcp/80 }',
    ]);
  });

  test('of a Service whose clients stay', () => {
    const service = aService({ sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 60 } } });
    expect(lines(service, [aSlice([anEndpoint(3), anEndpoint(4)])])).toEqual([
      'set affinity/shop/web/tcp/80/10.244.1.3/8080 { type ipv4_addr; size 65536; flags dynamic,timeout; timeout 60s; }',
      'set affinity/shop/web/tcp/80/10.244.1.4/8080 { type ipv4_addr; size 65536; flags dynamic,timeout; timeout 60s; }',
      'chain cluster/shop/web/tcp/80',
      'chain endpoint/shop/web/tcp/80/10.244.1.3/8080',
      'chain endpoint/shop/web/tcp/80/10.244.1.4/8080',
      'rule cluster/shop/web/tcp/80 ip saddr @affinity/shop/web/tcp/80/10.244.1.3/8080 goto endpoint/shop/web/tcp/80/10.244.1.3/8080',
      'rule cluster/shop/web/tcp/80 ip saddr @affinity/shop/web/tcp/80/10.244.1.4/8080 goto endpoint/shop/web/tcp/80/10.244.1.4/8080',
      'rule cluster/shop/web/tcp/80 numgen random mod 2 vmap { 0 : goto endpoint/shop/web/tcp/80/10.244.1.3/8080, 1 : goto endpoint/shop/web/tcp/80/10.244.1.4/8080 }',
      'rule cluster/shop/web/tcp/80 goto endpoint/shop/web/tcp/80/10.244.1.3/8080',
      'rule endpoint/shop/web/tcp/80/10.244.1.3/8080 update @affinity/shop/web/tcp/80/10.244.1.3/8080 { ip saddr }',
      'rule endpoint/shop/web/tcp/80/10.244.1.3/8080 meta l4proto tcp dnat to 10.244.1.3:8080',
      'rule endpoint/shop/web/tcp/80/10.244.1.4/8080 update @affinity/shop/web/tcp/80/10.244.1.4/8080 { ip saddr }',
      'rule endpoint/shop/web/tcp/80/10.244.1.4/8080 meta l4proto tcp dnat to 10.244.1.4:8080',
      'element hairpin { 10.244.1.3 . 10.244.1.3, 10.244.1.4 . 10.244.1.4 }',
      'element services { 10.96.0.7 . tcp . 80 : goto cluster/shop/web/tcp/80 }',
    ]);
  });

  test('say no without endpoints, everywhere', () => {
    const service = aService({ type: 'NodePort', ports: [{ port: 80, nodePort: 30080 }], externalIPs: ['203.0.113.8'] });
    expect(lines(service, [])).toEqual([
      'element services { 10.96.0.7 . tcp . 80 : goto refuse, 203.0.113.8 . tcp . 80 : goto refuse }',
      'element node-ports { tcp . 30080 : goto refuse }',
    ]);
  });

  test.each([
    ['headless', aService({ clusterIP: 'None' })],
    ['of type ExternalName', aService({ type: 'ExternalName', clusterIP: '', externalName: 'example.com' })],
    ['without an address yet', aService({ clusterIP: '' })],
  ])('are none for a Service that is %s', (_, service) => {
    expect(lines(service, [aSlice([anEndpoint(3)])])).toEqual([]);
  });

  test('have names that nft takes, whatever the Service is called', () => {
    const [long, other] = ['a', 'b'].map((last) => aService({ sessionAffinity: 'ClientIP' }, { name: 'x'.repeat(62) + last }));
    const named = [long, other].map((service) => {
      if (service === undefined) throw new Error('no Service');
      service.metadata.namespace = 'n'.repeat(63);
      const { chains, sets } = serviceRules(service, [aSlice([anEndpoint(250)])], FRAME_NODE);
      return [...chains.keys(), ...sets.keys()];
    });
    expect(named.flat().filter((name) => name.length > 127)).toEqual([]);
    expect(new Set(named.flat()).size).toBe(6);
  });
});

describe('endpoints that take connections', () => {
  const hinted = (number: number, zone: string, node?: string): ReturnType<typeof anEndpoint> =>
    anEndpoint(number, {
      nodeName: node ?? 'b',
      hints: { forZones: [{ name: zone }], ...(node === undefined ? {} : { forNodes: [{ name: node }] }) },
    });

  test.each<[string, readonly Slice[], string[], string?]>([
    ['are the ready ones', [aSlice([anEndpoint(3), anUnready(4), anEnding(5)])], ['3:8080']],
    ['are those about to end when none is ready', [aSlice([anUnready(4), anEnding(5)])], ['5:8080']],
    [
      'are ready when nothing is said',
      [aSlice([anEndpoint(3, { conditions: {} }), { addresses: ['10.244.1.4'] }])],
      ['3:8080', '4:8080'],
    ],
    [
      'are those of all slices, each once',
      [aSlice([anUnready(3)]), aSlice([anEndpoint(3), anEndpoint(4)])],
      ['3:8080', '4:8080'],
    ],
    [
      'have the port of their slice',
      [aSlice([anEndpoint(3)]), aSlice([anEndpoint(4)], [{ name: '', port: 81 }])],
      ['3:8080', '4:81'],
    ],
    [
      'are not of another name, protocol or family',
      [
        aSlice([anEndpoint(3)], [{ name: 'other', port: 1 }]),
        aSlice([anEndpoint(4)], [{ name: '', port: 1, protocol: 'UDP' }]),
        aSlice([anEndpoint(5)], undefined, { addressType: 'FQDN' }),
        aSlice([anEndpoint(6)], [{ name: '' }]),
      ],
      [],
    ],
    ['are those of the zone when all have hints', [aSlice([hinted(3, 'x'), hinted(4, 'y')])], ['4:8080'], 'y'],
    ['are all when one has no hint', [aSlice([hinted(3, 'x'), anEndpoint(4)])], ['3:8080', '4:8080'], 'x'],
    ['are all when no hint is for this zone', [aSlice([hinted(3, 'x'), hinted(4, 'x')])], ['3:8080', '4:8080'], 'y'],
    ['are those of the node before those of the zone', [aSlice([hinted(3, 'y', 'a'), hinted(4, 'y', 'b')])], ['3:8080'], 'y'],
  ])('%s', (_, slices, expected, zone) => {
    expect(targets(slices, aService(), zone)).toEqual(expected);
  });
});
