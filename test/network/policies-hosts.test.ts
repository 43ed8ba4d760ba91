// Policies on Docker hosts: containers as pods on two hosts, each host with the rules that are planned for it, beside Docker's own.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BUSYBOX } from '../../scripts/images.mjs';
import { replacingText } from '../../src/network/frame.ts';
import type { NodeNetwork } from '../../src/network/node-network.ts';
import { filesOf, filesOfFragment, tableOf } from '../../src/network/plan-change.ts';
import { policyFrame } from '../../src/network/policies/policies.ts';
import type { PolicyPod } from '../../src/network/policies/policy-pod.ts';
import { type Station, startHosts, type TestHost, type TestHosts } from '../support/hosts.ts';
import { allFragments, aPolicy, aPolicyPod, NODE } from './policies-scene.ts';

const web = aPolicyPod('shop/web', '10.244.1.5', { app: 'web' }, [{ name: 'http', protocol: 'TCP', port: 8080 }]);
const near = aPolicyPod('shop/near', '10.244.1.6', { app: 'near' });
const far = aPolicyPod('shop/far', '10.244.2.7', { app: 'far' });
const pods = [web, near, far];

let world: TestHosts;
let one: TestHost;
let two: TestHost;
const hostOf = ({ node }: PolicyPod): TestHost => (node === 'one' ? one : two);
const nodeOf = ({ name, address }: TestHost): NodeNetwork =>
  name === 'one' ? NODE : { ...NODE, name, address, podRange: '10.244.2.0/24', gateway: '10.244.2.1' };

beforeAll(async () => {
  world = await startHosts({ count: 2 });
  [one, two] = world.hosts as [TestHost, TestHost];
  await Promise.all([prepare(one, two), prepare(two, one)]);
});
afterAll(() => world.close());

/** The network of pods: what goes from pod to pod of one host passes the host, and what goes to pods passes Docker's filter. */
async function prepare(host: TestHost, other: TestHost): Promise<void> {
  const { podRange, gateway, bridge } = nodeOf(host);
  const mac = `$(ip -o link show ${bridge} | sed 's/.*ether \\([^ ]*\\).*/\\1/')`;
  const rule = `ip daddr ${podRange} ip daddr != ${gateway} meta pkttype set host ether daddr set`;
  const own = pods.filter((pod) => hostOf(pod) === host);
  const script = [
    `docker network create --subnet ${podRange} --gateway ${gateway} -o com.docker.network.bridge.name=${bridge} pods`,
    `ip route add ${nodeOf(other).podRange} via ${other.address}`,
    'iptables -I DOCKER-USER -d 10.244.0.0/16 -j ACCEPT',
    'iptables -t nat -I POSTROUTING -s 10.244.0.0/16 -d 10.244.0.0/16 -j ACCEPT',
    `nft "table bridge pods { chain pre { type filter hook prerouting priority -300; ${rule} ${mac}; }; }"`,
    ...own.map(
      ({ name, address }) => `docker run -d --name ${name} --net pods --ip ${address} ${BUSYBOX} nc -ll -p 8080 -e echo hello`,
    ),
  ];
  await host.exec(['sh', '-ec', script.join('\n')]);
}

/** Each host gets the rules that are planned for it, as the files that a boot reads. */
async function load(policies: Parameters<typeof allFragments>[0]): Promise<void> {
  for (const host of world.hosts) {
    const node = nodeOf(host);
    const texts = [...allFragments(policies, pods, {}, node)].map(
      ([id, fragment]) => filesOf(id, fragment, fragment.rules, tableOf(node)).get(filesOfFragment(id).rules) ?? '',
    );
    await host.exec(['nft', '-f', '-'], { input: replacingText(node, [policyFrame()], texts) });
  }
}

const answered = async (station: Station, command: readonly string[]): Promise<boolean> =>
  (await station.exec([...command, 'nc', '-w', '1', web.address, '8080'], { mayFail: true })).output === 'hello\n';
const fromPod = (pod: PolicyPod): Promise<boolean> => answered(hostOf(pod), ['docker', 'exec', pod.name, 'timeout', '3']);
const fromHost = (host: TestHost): Promise<boolean> => answered(host, ['busybox', 'timeout', '3', 'busybox']);

/** Who reaches the web: a pod of its host, one of the other host, its host, the other host. */
const seen = (): Promise<boolean[]> => Promise.all([fromPod(near), fromPod(far), fromHost(one), fromHost(two)]);

test('each host holds what its pods may receive and send', async () => {
  await load([]);
  await expect.poll(seen, { timeout: 20_000 }).toEqual([true, true, true, true]);

  await load([aPolicy('deny', { podSelector: {} })]);
  expect(await seen()).toEqual([false, false, true, false]);

  const toWeb = { podSelector: { matchLabels: { app: 'web' } } };
  await load([
    aPolicy('near', {
      ...toWeb,
      ingress: [{ from: [{ podSelector: { matchLabels: { app: 'near' } } }], ports: [{ port: 'http' }] }],
    }),
  ]);
  expect(await seen()).toEqual([true, false, true, false]);

  await load([aPolicy('far', { ...toWeb, ingress: [{ from: [{ podSelector: { matchLabels: { app: 'far' } } }] }] })]);
  expect(await seen()).toEqual([false, true, true, false]);

  await load([aPolicy('host', { ...toWeb, ingress: [{ from: [{ ipBlock: { cidr: `${two.address}/32` } }] }] })]);
  expect(await seen()).toEqual([false, false, true, true]);

  const others = { podSelector: { matchExpressions: [{ key: 'app', operator: 'In' as const, values: ['far', 'near'] }] } };
  await load([
    aPolicy('out', {
      ...others,
      policyTypes: ['Egress'],
      egress: [{ to: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['10.244.1.0/24'] } }] }],
    }),
  ]);
  expect(await seen()).toEqual([false, false, true, true]);

  await load([aPolicy('out', { ...others, policyTypes: ['Egress'], egress: [{ to: [toWeb], ports: [{ port: 'http' }] }] })]);
  expect(await seen()).toEqual([true, true, true, true]);
}, 60_000);
