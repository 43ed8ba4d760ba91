// All that the network of a node does, in a real kernel, beside what each version of Docker makes there with each of its firewall backends.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EndpointSlice, StoredOf } from '../../../src/model/resource.ts';
import { fabricCheck } from '../../../src/network/fabric/fabric-check.ts';
import { fabricFrame } from '../../../src/network/fabric/fabric-frame.ts';
import { fabricRemoval, fabricScript, hairpinScript } from '../../../src/network/fabric/fabric-script.ts';
import type { Fragment } from '../../../src/network/fragment.ts';
import { replacingText } from '../../../src/network/frame.ts';
import { filesOf, filesOfFragment, tableOf } from '../../../src/network/plan-change.ts';
import { policyFrame } from '../../../src/network/policies/policies.ts';
import type { PolicyPod } from '../../../src/network/policies/policy-pod.ts';
import { serviceFrame } from '../../../src/network/services/service-frame.ts';
import { serviceRules } from '../../../src/network/services/service-rules.ts';
import { allFragments, aPolicy, aPolicyPod } from '../policies-scene.ts';
import { aService, aSlice } from '../services/service-objects.ts';
import { DOCKER_20, DOCKER_28, DOCKER_29, DOCKER_29_WITHOUT_PROXY } from './docker-rules.ts';
import { Hosts, OTHER } from './hosts.ts';

const names = ['one', 'two', 'three'] as const;
type Name = (typeof names)[number];
const POD = { 'one-a': '10.199.0.2', 'one-b': '10.199.0.3', 'two-a': '10.199.1.2', 'three-a': '10.199.2.2' };
const ADDRESS = { one: '192.168.171.11', two: '192.168.171.12', three: '192.168.172.13' };
const OUTSIDE = '203.0.113.1';
const SERVICE = '10.198.0.7';
const NODE_PORT = 30_080;
/** Of a pool, in the subnet of two of the hosts. */
const BALANCER = '192.168.171.240';

/** One endpoint, so that it is known who answers. */
const web = aService(
  { type: 'LoadBalancer', clusterIP: SERVICE, ports: [{ port: 80, protocol: 'TCP', nodePort: NODE_PORT }] },
  { status: { loadBalancer: { ingress: [{ ip: BALANCER }] } } },
);
const endpoints: StoredOf<'EndpointSlice'> = aSlice(
  [{ addresses: [POD['one-b']], conditions: { ready: true, serving: true, terminating: false }, nodeName: 'one' }],
  [{ name: '', port: 80, protocol: 'TCP' }] satisfies EndpointSlice['ports'],
);
const pods = Object.entries(POD).map(([name, address]): PolicyPod => {
  const [node = ''] = name.split('-');
  return { ...aPolicyPod(`shop/${name}`, address, { app: name }), node };
});
/** Only the first pod may come to the second one. */
const policy = aPolicy('narrow', {
  podSelector: { matchLabels: { app: 'one-b' } },
  ingress: [{ from: [{ podSelector: { matchLabels: { app: 'one-a' } } }] }],
});

const CLOSED = 'no answer';

describe.each([
  ['20.10', DOCKER_20, '192.168.171.1 0'],
  ['28 and 29 with iptables', DOCKER_28, CLOSED],
  ['29 with nftables', DOCKER_29, CLOSED],
  ['29 with nftables, without its proxy', DOCKER_29_WITHOUT_PROXY, CLOSED],
])('beside Docker %s', (_version, docker, past) => {
  const hosts = new Hosts(docker);
  const before = new Map<Name, string>();
  let tables: string;

  /** What a host holds of the cluster, as the node's network container gives it to nft. */
  async function load(name: Name, policies: Parameters<typeof allFragments>[0]): Promise<void> {
    const node = hosts.node(name);
    const service: Fragment = { rules: serviceRules(web, [endpoints], node), records: new Set() };
    const fragments = new Map([['service/shop/web', service], ...allFragments(policies, pods, {}, node)]);
    const texts = [...fragments].map(
      ([id, fragment]) => filesOf(id, fragment, fragment.rules, tableOf(node)).get(filesOfFragment(id).rules) ?? '',
    );
    const frame = [serviceFrame(node), policyFrame(), fabricFrame(node)];
    await hosts.script(name, `nft -f - <<'end'\n${replacingText(node, frame, texts)}\nend\n`);
  }

  const ownTables = (name: Name): Promise<string> =>
    hosts.script(name, `nft -s list ruleset | sed -n '/^table [a-z]* hf-/,/^}/p'`);
  const ask = (asked: readonly (readonly [string, string])[]): Promise<readonly string[]> =>
    Promise.all(asked.map(([from, to]) => hosts.ask(from, to)));
  const askBriefly = (asked: readonly (readonly [string, string])[]): Promise<readonly string[]> =>
    Promise.all(asked.map(([from, to]) => hosts.askBriefly(from, to)));

  beforeAll(async () => {
    await hosts.up();
    // Whoever is outside knows where somebody else's containers are.
    await hosts.script('router', `ip route add 172.30.0.0/24 via ${ADDRESS.one}`);
    tables = await hosts.script('two', 'nft list tables');
    for (const name of names) {
      before.set(name, await hosts.docker(name));
      await load(name, []);
      expect(await hosts.script(name, fabricScript(hosts.node(name)))).toBe('');
      await hosts.script(name, hairpinScript(hosts.node(name)));
      expect(await hosts.script(name, fabricCheck(hosts.node(name)))).toBe('');
    }
  });
  afterAll(() => hosts.down());

  test('pods reach each other as themselves, on one host and across hosts', async () => {
    const pairs = [
      ['one-a', 'one-b'],
      ['one-a', 'two-a'],
      ['two-a', 'one-b'],
      ['one-a', 'three-a'],
      ['three-a', 'two-a'],
    ] as const;
    expect(await ask(pairs.map(([from, to]) => [from, POD[to]]))).toEqual(pairs.map(([from]) => `${POD[from]} 0`));
  });

  test('a Service is reached from pods of all hosts, from hosts, and from the pod behind it', async () => {
    const asked = ['one-a', 'two-a', 'three-a', 'one-b', 'one', 'two'].map((from) => [from, SERVICE] as const);
    expect(await ask(asked)).toEqual([
      `${POD['one-a']} 0`,
      `${POD['two-a']} 0`,
      `${POD['three-a']} 0`,
      '10.199.0.1 0',
      '10.199.0.1 0',
      '10.199.1.1 0',
    ]);
  });

  test('a node port is reached from outside, on the node of the pod and on another one', async () => {
    const asked = names.map((name) => ['router', `${ADDRESS[name]}:${NODE_PORT}`] as const);
    expect(await ask(asked)).toEqual(['10.199.0.1 0', `${ADDRESS.two} 0`, '10.199.2.1 0']);
  });

  test('an address of a pool is reached from outside on the host that has it, and follows it to another one', async () => {
    const seen: string[] = [];
    for (const name of ['two', 'one'] as const) {
      await hosts.script(name, `ip addr add ${BALANCER}/32 dev eth0`);
      // As the announcement of the new host does.
      await hosts.script('router', 'ip neigh flush all');
      seen.push(await hosts.ask('router', BALANCER));
      await hosts.script(name, `ip addr del ${BALANCER}/32 dev eth0`);
    }
    expect(seen).toEqual([`${ADDRESS.two} 0`, '10.199.0.1 0']);
    // Inside of the cluster it is nobody's matter who has it.
    expect(
      await ask([
        ['one-a', BALANCER],
        ['two', BALANCER],
      ]),
    ).toEqual(['10.199.0.1 0', `${ADDRESS.two} 0`]);
  });

  test("a port of the host's own, as an Ingress has it, is reached from outside and reaches pods", async () => {
    const asked = [
      ['router', ADDRESS.two],
      ['two', POD['two-a']],
      ['two', POD['one-b']],
    ] as const;
    expect(await ask(asked)).toEqual(['192.168.171.1 0', '10.199.1.1 0', `${ADDRESS.two} 0`]);
  });

  test('pods are seen as their host outside of the cluster', async () => {
    const asked = (['one-a', 'two-a', 'three-a'] as const).map((from) => [from, OUTSIDE] as const);
    expect(await ask(asked)).toEqual([`${ADDRESS.one} 0`, `${ADDRESS.two} 0`, `${ADDRESS.three} 0`]);
  });

  test('a policy is kept on one host and across hosts, behind the Service and the node port too', async () => {
    for (const name of names) await load(name, [policy]);
    const asked = [
      ['one-a', POD['one-b']],
      ['one-a', SERVICE],
      ['one', POD['one-b']],
      ['two-a', POD['one-b']],
      ['two-a', SERVICE],
      ['router', `${ADDRESS.two}:${NODE_PORT}`],
    ] as const;
    expect(await askBriefly(asked)).toEqual([`${POD['one-a']} 0`, `${POD['one-a']} 0`, '10.199.0.1 0', CLOSED, CLOSED, CLOSED]);
    for (const name of names) await load(name, []);
    expect(await hosts.ask('two-a', SERVICE)).toBe(`${POD['two-a']} 0`);
  });

  test("somebody else's containers are reached as before", async () => {
    const asked = [
      ['router', `${ADDRESS.one}:${OTHER.published}`],
      ['one-other', OUTSIDE],
      // Past the published port.
      ['router', OTHER.address],
      ['one-a', OTHER.address],
    ] as const;
    expect(await askBriefly(asked)).toEqual(['192.168.171.1 0', `${ADDRESS.one} 0`, past, CLOSED]);
  });

  test('all goes on while Docker makes its rules anew, and ours stay', async () => {
    const own = await ownTables('one');
    const over = new AbortController();
    const remade = (async () => {
      try {
        for (let times = 0; times < 3; times += 1) for (const name of ['one', 'two'] as const) await hosts.remakeDocker(name);
      } finally {
        over.abort();
      }
    })();
    const seen = new Set<string>();
    while (!over.signal.aborted) {
      const lines = await ask([
        ['two-a', SERVICE],
        ['router', `${ADDRESS.two}:${NODE_PORT}`],
      ]);
      for (const line of lines) seen.add(line);
    }
    await remade;
    expect([...seen].toSorted()).toEqual([`${POD['two-a']} 0`, `${ADDRESS.two} 0`].toSorted());
    expect(await ownTables('one')).toBe(own);
    for (const name of names) expect(await hosts.script(name, fabricCheck(hosts.node(name)))).toBe('');
  });

  test("nothing of Docker's was touched, and the removal leaves what was there before", async () => {
    for (const name of names) {
      expect(await hosts.docker(name)).toBe(before.get(name));
      await hosts.script(name, fabricRemoval(hosts.node(name)));
      expect(await hosts.docker(name)).toBe(before.get(name));
    }
    const { cluster } = hosts.node('two');
    await hosts.script('two', `for family in ip bridge; do nft delete table $family hf-${cluster} 2>/dev/null; done; true`);
    expect(await hosts.script('two', 'nft list tables')).toBe(tables);
  });
});

describe('an engine that goes on with', () => {
  const hosts = new Hosts(DOCKER_28);
  const node = hosts.node('one');
  const fabric = (): Promise<string> => hosts.script('one', fabricScript(node));

  beforeAll(async () => {
    await hosts.up();
    for (const name of names) {
      const each = hosts.node(name);
      await hosts.script(name, `nft -f - <<'end'\n${replacingText(each, [fabricFrame(each)], [])}\nend\n`);
      expect(await hosts.script(name, fabricScript(each))).toBe('');
    }
  });
  afterAll(() => hosts.down());

  test('nftables is told where its iptables rules of before are in the way, and lets all through without', async () => {
    // What it takes away when it starts; the policy of FORWARD and the chain of the administrator stay.
    await hosts.script(
      'one',
      `iptables -D FORWARD -j DOCKER-FORWARD
for chain in $(iptables -S | sed -n 's/^-N \\(DOCKER.*\\)/\\1/p' | grep -v USER); do iptables -F $chain; done
for chain in $(iptables -S | sed -n 's/^-N \\(DOCKER.*\\)/\\1/p' | grep -v USER); do iptables -X $chain; done
iptables -t raw -F; iptables -t nat -F; iptables -t nat -X
${DOCKER_29.make(hosts.networks('one'))}`,
    );
    expect(await hosts.script('one', fabricCheck(node))).toBe('');
    expect(await hosts.ask('two-a', POD['one-a'])).toBe(`${POD['two-a']} 0`);
    expect(await hosts.askBriefly('one-a', OUTSIDE)).toBe(CLOSED);
    expect(await fabric()).toBe(
      'fabric: Docker filters by nftables now, and its iptables rules of before drop what pods send out of the cluster: iptables-nft -P FORWARD ACCEPT\n',
    );
    await hosts.script('one', 'iptables -P FORWARD ACCEPT');
    expect(await fabric()).toBe('');
    expect(await hosts.ask('one-a', OUTSIDE)).toBe(`${ADDRESS.one} 0`);
  });

  test('iptables gets our rules as soon as it has its chain', async () => {
    await hosts.script('one', 'nft delete table ip docker-bridges; iptables -F; iptables -X');
    expect(await hosts.script('one', fabricCheck(node))).toBe('');
    await hosts.script('one', DOCKER_28.make(hosts.networks('one')));
    await expect(hosts.script('one', fabricCheck(node))).rejects.toThrow('rules in DOCKER-USER are gone');
    expect(await fabric()).toBe('');
    expect(await hosts.ask('two-a', POD['one-a'])).toBe(`${POD['two-a']} 0`);
  });

  test.each([
    [
      'iptables',
      DOCKER_28,
      'iptables -F; iptables -X; iptables -t raw -F; iptables -t nat -F; iptables -t nat -X',
      'pods that it connects itself',
      `${POD['two-a']} 0`,
    ],
    ['nftables', DOCKER_29, 'nft delete table ip filter; nft delete table ip nat; nft delete table ip raw', 'pods', CLOSED],
  ])('%s says which pods are closed in a network of before Docker 28', async (_backend, docker, cleared, closed, seen) => {
    const networks = hosts.networks('one').map((network) => ({ ...network, isOpen: false }));
    await hosts.script('one', `${cleared}\n${docker.make(networks)}`);
    expect(await fabric()).toBe(
      `fabric: the network of the pods was made by an engine before Docker 28, and this one lets nothing in to ${closed} from other hosts: stop Holdfast, run holdfast uninstall --pods, and start it again (volumes of claims stay)\n`,
    );
    expect(await hosts.askBriefly('two-a', POD['one-a'])).toBe(seen);
  });
});
