import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fabricCheck } from '../../../src/network/fabric/fabric-check.ts';
import { fabricFrame } from '../../../src/network/fabric/fabric-frame.ts';
import { fabricRemoval, fabricScript } from '../../../src/network/fabric/fabric-script.ts';
import { Hosts } from './hosts.ts';

const hosts = new Hosts();
const names = ['one', 'two', 'three'] as const;
const POD = { 'one-a': '10.199.0.2', 'one-b': '10.199.0.3', 'two-a': '10.199.1.2', 'three-a': '10.199.2.2' };
const SERVICE = '10.198.0.7';

/** The frame, and a Service of our own that leads to a pod, as those of Services do. */
function frame(name: (typeof names)[number], endpoint: string): string {
  const node = hosts.node(name);
  return `nft -f - <<end
table ip hf-${node.cluster} {}
delete table ip hf-${node.cluster}
table ip hf-${node.cluster} {
chain dispatch { ip daddr ${SERVICE} tcp dport 80 dnat to ${endpoint}; }
chain pre { type nat hook prerouting priority -105; goto dispatch; }
chain out { type nat hook output priority -105; goto dispatch; }
${fabricFrame(node).ip.join('\n')}
}
end
`;
}

const state = async (name: string): Promise<string> => {
  const text = await hosts.script(
    name,
    'ip -4 addr show dev lo | grep inet; ip route; ip -d link show type vxlan | grep -o "vxlan.*dstport [0-9]*"; ip neigh show nud permanent; nft -s list ruleset 2>/dev/null',
  );
  return text.replaceAll(/counter packets \d+ bytes \d+ ?/g, '');
};

beforeAll(async () => {
  await hosts.up();
  for (const name of names) {
    await hosts.script(name, frame(name, POD['one-b']));
    expect(await hosts.script(name, fabricScript(hosts.node(name)))).toBe('');
  }
}, 60_000);
afterAll(() => hosts.down());

describe.each([0, 1])('bridge-nf-call-iptables %i', (isCalled) => {
  beforeAll(async () => {
    for (const name of names)
      await hosts.script(name, `f=/proc/sys/net/bridge/bridge-nf-call-iptables; [ ! -e $f ] || echo ${isCalled} >$f`);
  });

  test.each([
    ['one-a', 'one-b'],
    ['one-a', 'two-a'],
    ['two-a', 'one-b'],
    ['one-a', 'three-a'],
    ['three-a', 'two-a'],
  ] as const)('pod %s reaches pod %s as itself', async (from, to) => {
    expect(await hosts.ask(from, POD[to])).toBe(`${POD[from]} 0`);
  });

  test('pods reach a pod of their own host and of others through a Service, and are seen as themselves', async () => {
    const asked = ['one-a', 'two-a', 'three-a'] as const;
    expect(await Promise.all(asked.map((from) => hosts.ask(from, SERVICE)))).toEqual(asked.map((from) => `${POD[from]} 0`));
  });
});

test('hosts reach pods, their own and those of others, and Services', async () => {
  expect(await hosts.ask('one', POD['one-a'])).toBe('10.199.0.1 0');
  expect(await hosts.ask('one', POD['two-a'])).toBe('192.168.171.11 0');
  expect(await hosts.ask('one', POD['three-a'])).toBe('10.199.0.1 0');
  expect(await hosts.ask('one', SERVICE)).toBe('10.199.0.1 0');
  expect(await hosts.ask('three', SERVICE)).toBe('10.199.2.1 0');
});

test('a host without a way to the outside reaches Services all the same', async () => {
  await hosts.script('two', 'ip route del default');
  try {
    expect(await hosts.ask('two', SERVICE)).toBe('10.199.1.1 0');
  } finally {
    await hosts.script('two', 'ip route add default via 192.168.171.1');
  }
});

test('pods are seen as their host outside of the cluster', async () => {
  expect(await hosts.ask('one-a', '203.0.113.1')).toBe('192.168.171.11 0');
  expect(await hosts.ask('three-a', '203.0.113.1')).toBe('192.168.172.13 0');
});

test('pods keep their address on the way to a host that knows the way back without a router, and only there', async () => {
  expect(await hosts.ask('one-a', '192.168.171.12')).toBe(`${POD['one-a']} 0`);
  expect(await hosts.ask('one-a', '192.168.172.13')).toBe('192.168.171.11 0');
});

test('what fits into no packet of the tunnel arrives, over TCP and UDP', async () => {
  expect(await hosts.ask('one-a', POD['three-a'], 3_000_000)).toBe(`${POD['one-a']} 3000000`);
  expect(await hosts.ask('three-a', POD['one-a'], 3_000_000)).toBe(`${POD['three-a']} 3000000`);
  expect(await hosts.askUdp('one-a', POD['three-a'], 1472)).toBe('1472');
  expect(await hosts.askUdp('one-a', POD['three-a'], 9000)).toBe('9000');
});

test('once more changes nothing, and the check finds it in force', async () => {
  for (const name of names) {
    const before = await state(name);
    expect(await hosts.script(name, fabricScript(hosts.node(name)))).toBe('');
    expect(await state(name)).toBe(before);
    expect(await hosts.script(name, fabricCheck(hosts.node(name)))).toBe('');
  }
});

test.each([
  ['the route to Services', 'ip route del 10.198.0.0/16', 'the route to 10.198.0.0/16 is gone'],
  ['a route to a peer', 'ip route del 10.199.1.0/24', 'the route to 10.199.1.0/24 is gone'],
  ['the tunnel', 'ip link del $(ip -o link show type vxlan | cut -d: -f2)', 'the route to 10.199.2.0/24 is gone'],
])('the check finds that %s is gone, and the script makes all as it was', async (_what, damage, words) => {
  const before = await state('one');
  await hosts.script('one', damage);
  await expect(hosts.script('one', fabricCheck(hosts.node('one')))).rejects.toThrow(words);
  expect(await hosts.script('one', fabricScript(hosts.node('one')))).toBe('');
  expect(await state('one')).toBe(before);
});

test.each([
  [
    "a rule in Docker's chain is gone",
    'iptables -F DOCKER-USER; iptables -A DOCKER-USER -j RETURN',
    'rules in DOCKER-USER are gone',
  ],
  ['the bridge was made anew', 'ip link set hfpods address 02:00:00:00:00:99', 'the rule of the bridge is gone'],
  ['all rules are gone', 'nft flush ruleset', 'the rule of the bridge is gone'],
])('the check finds that %s, and the script puts it right', async (_what, damage, words) => {
  await hosts.script('one', damage);
  await expect(hosts.script('one', fabricCheck(hosts.node('one')))).rejects.toThrow(words);
  await hosts.script('one', frame('one', POD['one-b']));
  expect(await hosts.script('one', fabricScript(hosts.node('one')))).toBe('');
  expect(await hosts.script('one', fabricCheck(hosts.node('one')))).toBe('');
  expect(await hosts.ask('one-a', SERVICE)).toBe(`${POD['one-a']} 0`);
});

test.each([
  ['one', '10.199.0.1'],
  ['one-a', POD['one-a']],
] as const)('whoever was reset by a pod that went comes to another one from the same port: %s', async (from, seenAs) => {
  const port = 40_001;
  await hosts.script('one', frame('one', POD['one-b']));
  const held = await hosts.hold(from, SERVICE, port);
  expect(await hosts.script('one', fabricScript(hosts.node('one')))).toBe('');
  expect(await held.reset()).toBe('ECONNRESET');
  await hosts.script('one-b', 'ip link set eth0 down');
  try {
    await hosts.script('one', frame('one', POD['two-a']));
    expect(await hosts.askFrom(from, SERVICE, port)).toBe(`${seenAs} 0`);
  } finally {
    await hosts.script('one-b', 'ip link set eth0 up; ip route add default via 10.199.0.1');
    await hosts.script('one', frame('one', POD['one-b']));
  }
});

test('nft that cannot read what a newer one has made changes nothing, and is told of', async () => {
  const before = await state('one');
  const older = `nft() { sh -c 'kill -SEGV $$'; }\n${fabricScript(hosts.node('one'))}`;
  await expect(hosts.script('one', older)).rejects.toThrow('give Holdfast an image with as new a one');
  expect(await state('one')).toBe(before);
});

test('a host that went leaves nothing, and the administrator’s rules stay before ours', async () => {
  const [whole, alone] = [hosts.node('two'), hosts.node('two', [])];
  await hosts.script('two', fabricScript(alone));
  expect(await hosts.script('two', fabricCheck(alone))).toBe('');
  const routes = await hosts.script(
    'two',
    'ip route show proto 151; ip -d link show type vxlan; iptables -S DOCKER-USER 2>/dev/null',
  );
  expect(
    routes
      .trim()
      .split('\n')
      .map((line) => line.trim()),
  ).toEqual([
    '10.198.0.0/16 dev hfpods scope link src 10.199.1.1',
    '-N DOCKER-USER',
    '-A DOCKER-USER -s 198.51.100.7/32 -j DROP',
    `-A DOCKER-USER -s 10.199.0.0/16 -d 10.199.0.0/16 -m comment --comment hf-${whole.cluster} -j ACCEPT`,
    `-A DOCKER-USER -d 10.199.0.0/16 -m conntrack --ctstate DNAT -m comment --comment hf-${whole.cluster} -j ACCEPT`,
    `-A DOCKER-USER -s 10.199.0.0/16 -m conntrack --ctstate RELATED,ESTABLISHED -m comment --comment hf-${whole.cluster} -j ACCEPT`,
    '-A DOCKER-USER -j RETURN',
  ]);
  await hosts.script('two', fabricScript(whole));
  expect(await hosts.ask('two-a', POD['three-a'])).toBe(`${POD['two-a']} 0`);
});

test('a host that moved to another address is found again', async () => {
  const moved = { ...hosts.node('three'), address: '192.168.172.14' };
  const seenBy = (name: 'one' | 'two') => {
    const node = hosts.node(name);
    return { ...node, peers: node.peers.map((peer) => (peer.name === 'three' ? { ...peer, address: moved.address } : peer)) };
  };
  await hosts.script(
    'three',
    'ip addr del 192.168.172.13/24 dev eth0; ip addr add 192.168.172.14/24 dev eth0; ip route replace default via 192.168.172.1',
  );
  await hosts.script('three', fabricScript(moved));
  for (const name of ['one', 'two'] as const) await hosts.script(name, fabricScript(seenBy(name)));
  expect(await hosts.ask('one-a', POD['three-a'])).toBe(`${POD['one-a']} 0`);
  expect(await hosts.ask('three-a', POD['two-a'])).toBe(`${POD['three-a']} 0`);
});

test('the removal leaves what was there before', async () => {
  for (const name of names) {
    await hosts.script(name, fabricRemoval(hosts.node(name)));
    await hosts.script(name, fabricRemoval(hosts.node(name)));
    const left = await hosts.script(
      name,
      'ip route show proto 151; ip addr show dev lo | grep 10.198; ip -d link show type vxlan; nft list tables 2>/dev/null | grep fabric; iptables -S DOCKER-USER 2>/dev/null | grep comment; true',
    );
    expect(left).toBe('');
  }
});
