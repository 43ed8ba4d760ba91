import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import type { StoredOf } from '../../../src/model/resource.ts';
import { tunnelDevice, tunnelMac, tunnelNumber } from '../../../src/network/fabric/fabric-names.ts';
import { HOST_FACTS_SCRIPT, readHostFacts } from '../../../src/network/fabric/host-facts.ts';
import { nodeNetworkOf } from '../../../src/network/fabric/node-network-of.ts';
import { aNode } from '../../support/builders.ts';

test('what a host says of itself', () => {
  const output = `route default via 192.168.7.1 dev eth0 proto dhcp src 192.168.7.4
route 172.17.0.0/16 dev docker0 proto kernel scope link src 172.17.0.1 linkdown
route 192.168.7.0/24 dev eth0 proto kernel scope link src 192.168.7.4
route 10.8.0.1 dev tun0 scope link
route local 127.0.0.0/8 dev lo table local proto kernel scope host src 127.0.0.1
route broadcast 192.168.7.255 dev eth0 table local proto kernel scope link src 192.168.7.4
addr 1: lo    inet 10.96.0.10/32 scope global lo\\       valid_lft forever preferred_lft forever
addr 2: eth0    inet 192.168.7.4/24 brd 192.168.7.255 scope global eth0\\       valid_lft forever preferred_lft forever
source 192.168.7.4
resolv # made by somebody
resolv nameserver 192.168.7.1
resolv nameserver   192.168.7.2
resolv domain old.example
resolv search corp.example .
resolv options timeout:2 attempts:1
`;
  expect(readHostFacts(output)).toEqual({
    ranges: ['172.17.0.0/16', '192.168.7.0/24', '10.8.0.1/32', '192.168.7.4/32'],
    resolver: { servers: ['192.168.7.1', '192.168.7.2'], searches: ['corp.example'], options: ['timeout:2', 'attempts:1'] },
    address: '192.168.7.4',
  });
});

test('a host that says nothing', () => {
  expect(readHostFacts('')).toEqual({ ranges: [], resolver: { servers: [], searches: [], options: [] } });
});

test('the script runs on a host', async () => {
  const { stdout } = await promisify(execFile)('busybox', ['sh', '-c', HOST_FACTS_SCRIPT]);
  expect(readHostFacts(stdout).ranges).not.toEqual([]);
});

test('names in the kernel fit, and are the same on every node', () => {
  const device = tunnelDevice('a-cluster-with-a-long-name');
  expect(device.length).toBeLessThanOrEqual(15);
  expect(device).toBe(tunnelDevice('a-cluster-with-a-long-name'));
  expect(tunnelNumber('shop')).toBeGreaterThan(0x80_0000);
  expect(tunnelNumber('shop')).toBeLessThan(2 ** 24);
  expect(tunnelMac('shop', '10.244.1.0/24')).toMatch(/^02(:[0-9a-f]{2}){5}$/);
  expect(tunnelMac('shop', '10.244.1.0/24')).not.toBe(tunnelMac('shop', '10.244.2.0/24'));
});

test('peers are the other nodes whose slice and address are known', () => {
  const own = {
    name: 'b',
    cluster: 'shop',
    bridge: 'hf0',
    podRange: '10.244.1.0/24',
    gateway: '10.244.1.1',
    clusterRange: '10.244.0.0/16',
    serviceRange: '10.96.0.0/16',
    dnsAddress: '10.96.0.10',
    address: '192.168.7.2',
  };
  const node = (name: string, podCIDR: string | undefined, address: string): StoredOf<'Node'> => ({
    ...aNode({ name }),
    spec: podCIDR === undefined ? {} : { podCIDR },
    status: {
      addresses: [
        { type: 'Hostname', address: name },
        { type: 'InternalIP', address },
      ],
    },
  });
  const nodes = [
    node('c', '10.244.2.0/24', '192.168.7.3'),
    node('b', '10.244.1.0/24', '192.168.7.2'),
    node('a', '10.244.0.0/24', '192.168.7.1'),
    node('new', undefined, '192.168.7.4'),
    node('alone', '10.244.3.0/24', '127.0.0.1'),
  ];
  expect(nodeNetworkOf(own, nodes)).toEqual({
    ...own,
    nodePorts: { first: 30_000, last: 32_767 },
    peers: [
      { name: 'a', podRange: '10.244.0.0/24', address: '192.168.7.1' },
      { name: 'c', podRange: '10.244.2.0/24', address: '192.168.7.3' },
    ],
  });
});
