// Services and Ingresses from outside of the cluster and from other hosts than those of their pods: load balancers at the hosts' addresses and at those of
// declared pools, external addresses, UDP, and the Ingress ports of every host.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { StoredOf } from '../../src/model/resource.ts';
import { NETWORK_IMAGE } from '../../src/node/network-image.ts';
import { explain } from '../../src/sync/why.ts';
import { deployment } from '../support/e2e-manifests.ts';
import { server, service } from '../support/e2e-network.ts';
import { until } from '../support/e2e-until.ts';
import { type Station, startHosts, type TestHost, type TestHosts } from '../support/hosts.ts';
import { NetworkCluster } from '../support/network-cluster.ts';

const NOBODY = 'failed';
const onHost = (name: string): object => ({ nodeSelector: { 'kubernetes.io/hostname': name } });
const balanced = (name: string, port: number, spec: object = {}): object =>
  service(name, { type: 'LoadBalancer', selector: { app: 'web' }, ports: [{ port, targetPort: 'http' }], ...spec });
/** Documentation addresses (RFC 5737): the router leads them to the hosts. */
const POOL = '203.0.113.16-203.0.113.19';
const EXTERNAL = '203.0.113.7';
const UDP = { name: 'udp', protocol: 'UDP', port: 7, targetPort: 7007 };
/** A server over UDP that says its host name: a DNS server, asked for `hostname.bind`. */
const NAMED = `printf 'options { directory "/tmp"; listen-on port 7007 { any; }; listen-on-v6 { none; }; recursion no; pid-file none; session-keyfile none; };
controls { };
' > /tmp/named.conf; (named -g -c /tmp/named.conf 2>/dev/null &)`;
/** RFC 1035: the TXT records of hostname.bind in the class CHAOS. */
const QUESTION = '00010000000100000000000008686f73746e616d650462696e640000100003';
/** Asks it, and prints the answer, or that there is none for a while. */
const ASK_UDP = `
const [host, port, own] = process.argv.slice(1);
const socket = require('node:dgram').createSocket('udp4');
const end = (said) => { console.log(said); process.exit(); };
const question = Buffer.from('${QUESTION}', 'hex');
socket.on('message', (answer) => end(/echo-[a-z0-9-]+/.exec(answer.toString('latin1'))?.[0] ?? 'an odd answer'));
socket.bind(Number(own), () => socket.send(question, Number(port), host));
setTimeout(end, 5000, '${NOBODY}');
`;
const objects = [
  deployment('client', { image: NETWORK_IMAGE, pod: onHost('one') }),
  server('web', { pod: onHost('two') }),
  service('web'),
  balanced('everywhere', 8000),
  balanced('local', 8001, { externalTrafficPolicy: 'Local' }),
  balanced('guarded', 8002, { loadBalancerSourceRanges: ['198.19.0.10/32'] }),
  balanced('closed', 8003, { loadBalancerSourceRanges: ['192.0.2.0/24'] }),
  service('external', { selector: { app: 'web' }, externalIPs: [EXTERNAL], ports: [{ port: 8004, targetPort: 'http' }] }),
  deployment('echo', { image: NETWORK_IMAGE, script: NAMED, pod: onHost('two') }),
  service('echo', { type: 'LoadBalancer', ports: [UDP] }),
  {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: 'shop' },
    spec: {
      defaultBackend: { service: { name: 'web', port: { number: 80 } } },
      rules: [
        {
          host: 'shop.example',
          http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'web', port: { number: 80 } } } }] },
        },
      ],
    },
  },
];

const pools = [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'holdfast-system' } },
  {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'holdfast-address-pools', namespace: 'holdfast-system' },
    data: { default: POOL },
  },
];
const isOf = (object: object, names: readonly string[]): boolean => {
  const { kind, metadata } = object as { kind: string; metadata: { name: string } };
  return kind === 'Service' && names.includes(metadata.name);
};

describe('two hosts and somebody outside', () => {
  let world: TestHosts;
  let one: TestHost;
  let two: TestHost;
  const cluster = new NetworkCluster('net-outside');

  const who = async (from: Station, place: string, header = 'Accept: */*'): Promise<string> => {
    const ask = `busybox timeout 2 busybox wget -qO- --header '${header}' http://${place}/cgi-bin/who 2>/dev/null || echo ${NOBODY}`;
    return (await from.exec(['sh', '-c', ask])).output.trim();
  };
  const inClient = (script: string): Promise<string> => cluster.inside(one, cluster.pods('client')[0]?.name ?? '', script);
  const said = async (from: Station, host: string, port: number, ownPort = 0): Promise<string> =>
    (await from.exec(['node', '-e', ASK_UDP, host, String(port), String(ownPort)])).output.trim();
  const stored = (name: string): StoredOf<'Service'> => {
    const found = cluster.store.get('Service', 'default', name);
    if (found === undefined) throw new Error(`there is no Service ${name}`);
    return found;
  };
  const addresses = (name: string): readonly (string | undefined)[] =>
    (stored(name).status?.loadBalancer?.ingress ?? []).map(({ ip }) => ip);
  const why = (name: string): string =>
    explain({ kind: 'Service', namespace: 'default', name }, cluster.store, cluster.clock.now()).join('\n');
  const eventually = (look: () => unknown): ReturnType<typeof expect.poll> =>
    // oxlint-disable-next-line vitest/require-awaited-expect-poll -- whoever calls it awaits what it is compared with
    expect.poll(look, { timeout: 30_000, interval: 200 });

  beforeAll(async () => {
    world = await startHosts({ count: 2 });
    [one, two] = world.hosts as [TestHost, TestHost];
    // As the network around a cluster does for addresses that it was given.
    await world.router.exec(['ip', 'route', 'add', '203.0.113.0/24', 'via', one.address]);
    await cluster.start([one, two]);
    await cluster.apply(...objects);
    await cluster.ready('web', 1);
    await cluster.ready('echo', 1);
    await cluster.ready('client', 1);
  }, 180_000);
  afterAll(async () => {
    await cluster.stop();
    await world?.close();
  }, 180_000);

  test('a load balancer has the addresses of the hosts, and each leads to its pods', async () => {
    const [web] = cluster.pods('web');
    await eventually(() => addresses('everywhere')).toEqual([one.address, two.address]);
    for (const host of [one, two])
      await eventually(() => who(world.client, `${host.address}:8000`)).toMatch(new RegExp(`^${web?.name} `));
    expect(why('everywhere')).toContain(
      `from outside node port ${stored('everywhere').spec.ports?.[0]?.nodePort}, ${one.address}`,
    );
    // From a pod and from a host, too.
    expect(await inClient(`timeout 3 wget -qO- http://${two.address}:8000/cgi-bin/who`)).toMatch(new RegExp(`^${web?.name} `));
    expect(await who(one, `${two.address}:8000`)).toMatch(new RegExp(`^${web?.name} `));
  });

  test('one with the policy Local has those with a pod, which sees who asks', async () => {
    const [web] = cluster.pods('web');
    await eventually(() => addresses('local')).toEqual([two.address]);
    await eventually(() => who(world.client, `${two.address}:8001`)).toMatch(
      new RegExp(`^${web?.name} .*${world.client.address.replaceAll('.', '\\.')}`),
    );
    expect(await who(world.client, `${one.address}:8001`)).toBe(NOBODY);
  });

  test('source ranges hold', async () => {
    const [web] = cluster.pods('web');
    await eventually(() => who(world.client, `${one.address}:8002`)).toMatch(new RegExp(`^${web?.name} `));
    await eventually(() => addresses('closed')).toEqual([one.address, two.address]);
    await cluster.settled();
    expect(await who(world.client, `${one.address}:8003`)).toBe(NOBODY);
  });

  test('an external address leads to the pods wherever it arrives', async () => {
    const [web] = cluster.pods('web');
    await eventually(() => who(world.client, `${EXTERNAL}:8004`)).toMatch(new RegExp(`^${web?.name} `));
    expect(await inClient(`timeout 3 wget -qO- http://${EXTERNAL}:8004/cgi-bin/who`)).toMatch(new RegExp(`^${web?.name} `));
    expect(await who(world.client, `${EXTERNAL}:8000`)).toBe(NOBODY);
  });

  test('UDP reaches pods of another host by every way, and moves when the pod does', async () => {
    const [echo] = await cluster.ready('echo', 1);
    const { nodePort } = cluster.service('echo');
    const bytes = QUESTION.replaceAll(/../g, (byte) => `\\${Number.parseInt(byte, 16).toString(8).padStart(3, '0')}`);
    const inside = (): Promise<string> =>
      inClient(`printf '${bytes}' | socat -t2 - UDP:echo:7 | tr -c 'a-z0-9-' '\\n' | grep ^echo-`);
    expect(await inside()).toBe(echo?.name);
    for (const { address } of [one, two])
      for (const port of [nodePort, 7]) expect(await said(world.client, address, port)).toBe(echo?.name);
    expect(await said(one, cluster.service('echo').address, 7)).toBe(echo?.name);
    // One port of the client, so that it is one flow.
    const flow = (): Promise<string> => said(world.client, one.address, 7, 4007);
    expect(await flow()).toBe(echo?.name);
    await cluster.remove('Pod', echo?.name ?? '');
    await until(
      'another pod',
      () => cluster.pods('echo'),
      ([pod]) => pod !== undefined && pod.name !== echo?.name,
      { timeoutMs: 60_000 },
    );
    const [next] = cluster.pods('echo');
    await eventually(flow).toBe(next?.name);
    await eventually(inside).toBe(next?.name);
  });

  test('an Ingress is served by every host, whatever host its pods are on', async () => {
    const [web] = cluster.pods('web');
    const isWeb = new RegExp(`^${web?.name} `);
    const ingress = (): unknown => cluster.store.get('Ingress', 'default', 'shop')?.status?.loadBalancer?.ingress;
    await eventually(ingress).toEqual([{ ip: one.address }, { ip: two.address }]);
    for (const host of [one, two]) {
      await eventually(() => who(world.client, host.address, 'Host: shop.example')).toMatch(isWeb);
      expect(await who(world.client, host.address, 'Host: other.example')).toMatch(isWeb);
      expect(await who(host === one ? two : one, host.address, 'Host: shop.example')).toMatch(isWeb);
      expect(await inClient(`timeout 3 wget -qO- http://${host.address}/cgi-bin/who`)).toMatch(isWeb);
    }
  });

  test('of two on one port of the hosts the later one waits, says so, and is served when the first has gone', async () => {
    await cluster.apply(balanced('late', 8000));
    await eventually(() => why('late')).toContain(`port 8000/TCP of ${one.address} is served by service/everywhere`);
    expect(addresses('late')).toEqual([]);
    await cluster.remove('Service', 'everywhere');
    await eventually(() => addresses('late')).toEqual([one.address, two.address]);
    await eventually(() => who(world.client, `${one.address}:8000`)).toMatch(/^web-/);
    await cluster.remove('Service', 'late');
    await eventually(() => who(world.client, `${one.address}:8000`)).toBe(NOBODY);
  });

  test('declared pools give each an address of its own, which it keeps, also when the store is lost', async () => {
    await cluster.apply(...pools);
    for (const name of ['local', 'guarded', 'closed', 'echo']) await cluster.remove('Service', name);
    for (const name of ['first', 'second', 'third']) {
      await cluster.apply(balanced(name, 80));
      await eventually(() => addresses(name).length).toBe(1);
    }
    const given = ['203.0.113.16', '203.0.113.17', '203.0.113.18'];
    expect(['first', 'second', 'third'].flatMap(addresses)).toEqual(given);
    for (const address of given) await eventually(() => who(world.client, address)).toMatch(/^web-/);
    expect(await inClient(`timeout 3 wget -qO- http://${given[1]}/cgi-bin/who`)).toMatch(/^web-/);
    await cluster.remove('Service', 'first');
    await eventually(() => who(world.client, given[0] ?? '')).toBe(NOBODY);
    expect(['second', 'third'].flatMap(addresses)).toEqual(given.slice(1));
    await cluster.settled();
    await cluster.stop();
    const kept = objects.filter((object) => !isOf(object, ['local', 'guarded', 'closed', 'echo', 'everywhere']));
    await cluster.startAnew(world.hosts, ...pools, ...kept, balanced('third', 80), balanced('second', 80));
    await cluster.ready('web', 1);
    await eventually(() => ['second', 'third'].map(addresses)).toEqual([[given[1]], [given[2]]]);
    for (const address of given.slice(1)) await eventually(() => who(world.client, address)).toMatch(/^web-/);
  });
});
