// What a machine says of its network, by the files that the kernel and the administrator keep.
import { networkInterfaces } from 'node:os';
import { expect, test } from 'vitest';
import { hostFacts } from '../../src/node/host-facts.ts';

const HERE = { type: 'unix', path: '/var/run/docker.sock' } as const;
const ROUTES = `Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0\t00000000\t0100A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0
eth0\t0000A8C0\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0
tun0\t0000800A\t00000000\t0001\t0\t0\t0\t000080FF\t0\t0\t0
odd line
`;

const files = (contents: Readonly<Record<string, string>>): ((file: string) => string) => {
  return (file) => {
    const text = contents[file];
    if (text === undefined) throw new Error(`ENOENT: ${file}`);
    return text;
  };
};

test('nothing is known of a machine that is elsewhere', async () => {
  expect(await hostFacts({ type: 'tcp', hostname: 'docker.example', port: 2376 })).toEqual({});
});

test('its own addresses are those that others reach it by, and no range of them is free', async () => {
  const { address, ranges = [] } = await hostFacts(HERE, files({}));
  const own = Object.values(networkInterfaces()).flatMap((all) => (all ?? []).filter(({ family }) => family === 'IPv4'));
  expect(ranges).toEqual(own.flatMap(({ internal, cidr }) => (internal || cidr === null ? [] : [cidr])));
  // A machine without a way out has none.
  expect([undefined, ...own.map((each) => each.address)]).toContain(address);
});

test('the ranges of its routes are taken, but for the way to everywhere else', async () => {
  const { ranges = [] } = await hostFacts(HERE, files({ '/proc/net/route': ROUTES }));
  const { ranges: before = [] } = await hostFacts(HERE, files({}));
  expect(ranges.slice(before.length)).toEqual(['192.168.0.0/16', '10.128.0.0/9']);
});

test.each<[string, string, object | undefined]>([
  ['none', '', undefined],
  ['comments alone', '# nothing\n; nothing\n', undefined],
  [
    'all of it',
    'nameserver 192.0.2.53\n  nameserver 192.0.2.54\nsearch a.example b.example\noptions ndots:2 rotate\noptions timeout:1\n',
    { servers: ['192.0.2.53', '192.0.2.54'], searches: ['a.example', 'b.example'], options: ['ndots:2', 'rotate', 'timeout:1'] },
  ],
  [
    'the last of search and domain',
    'search a.example\ndomain b.example\n',
    { servers: [], searches: ['b.example'], options: [] },
  ],
])('resolver: %s', async (_what, text, resolver) => {
  expect((await hostFacts(HERE, files({ '/etc/resolv.conf': text }))).resolver).toEqual(resolver);
});
