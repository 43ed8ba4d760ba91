// Addresses of pools in the hosts' own subnet: one host answers for each without anybody's route, another one when it goes, and neighbours follow. The
// router stands in for every machine of that subnet, the client for those behind it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { StoredOf } from '../../src/model/resource.ts';
import { explain } from '../../src/sync/why.ts';
import { runCommand } from '../support/e2e-command.ts';
import { server, service } from '../support/e2e-network.ts';
import { type Station, startHosts, type TestHost, type TestHosts } from '../support/hosts.ts';
import { NetworkCluster } from '../support/network-cluster.ts';

const NOBODY = 'failed';
const CLUSTER = 'net-announced';
const SPREAD = {
  affinity: {
    podAntiAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [
        { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'web' } } },
      ],
    },
  },
};
const onHost = (name: string): object => ({ pod: { nodeSelector: { 'kubernetes.io/hostname': name } } });
const balanced = (name: string, spec: object = {}): object =>
  service(name, { type: 'LoadBalancer', selector: { app: 'web' }, ...spec });
const pools = [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'holdfast-system' } },
  {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'holdfast-address-pools', namespace: 'holdfast-system' },
    data: { default: '198.18.0.240-198.18.0.247' },
  },
];
const web = server('web', { replicas: 2, pod: SPREAD });
const NAMES = ['first', 'second', 'third', 'fourth'] as const;

describe('two hosts and their neighbours', () => {
  let world: TestHosts;
  let one: TestHost;
  let two: TestHost;
  const cluster = new NetworkCluster(CLUSTER);

  const who = async (from: Station, place: string): Promise<string> => {
    const ask = `busybox timeout 2 busybox wget -qO- http://${place}/cgi-bin/who 2>/dev/null || echo ${NOBODY}`;
    return (await from.exec(['sh', '-c', ask])).output.trim();
  };
  const stored = (name: string): StoredOf<'Service'> | undefined => cluster.store.get('Service', 'default', name);
  const addressOf = (name: string): string => stored(name)?.status?.loadBalancer?.ingress?.[0]?.ip ?? '';
  /** What its status says of who answers. */
  const announced = (name: string): string | undefined =>
    stored(name)?.status?.conditions?.find(({ type }) => type === 'LoadBalancerAnnounced')?.message;
  const by = (host: TestHost): string => `announcing from node "${host.name}" with protocol "layer2"`;
  /** The hosts that have an address. */
  const holders = async (address: string): Promise<readonly string[]> => {
    const has = async (host: TestHost): Promise<boolean> =>
      (await host.exec(['ip', '-4', '-o', 'addr', 'show'])).output.includes(` ${address}/32 `);
    const found = await Promise.all([one, two].map(async (host) => ((await has(host)) ? [host.name] : [])));
    return found.flat();
  };
  /** The hardware address that the router remembers for an address, and that of a host. */
  const known = async (address: string): Promise<string | undefined> =>
    /lladdr (\S+)/.exec((await world.router.exec(['ip', 'neigh', 'show', address])).output)?.[1];
  const macOf = async (host: TestHost): Promise<string | undefined> =>
    /link\/ether (\S+)/.exec((await host.exec(['ip', '-o', 'link', 'show', 'eth0'])).output)?.[1];
  const why = (name: string): string =>
    explain({ kind: 'Service', namespace: 'default', name }, cluster.store, cluster.clock.now()).join('\n');
  const eventually = (look: () => unknown): ReturnType<typeof expect.poll> =>
    // oxlint-disable-next-line vitest/require-awaited-expect-poll -- whoever calls it awaits what it is compared with
    expect.poll(look, { timeout: 30_000, interval: 200 });
  const answeredBy = async (name: string): Promise<TestHost> => {
    const [holder] = await holders(addressOf(name));
    const host = [one, two].find((each) => each.name === holder);
    if (host === undefined) throw new Error(`no host has the address of ${name}`);
    return host;
  };
  /** Whoever asks reaches a pod at the address, which one host has. */
  const expectServed = async (name: string, host: TestHost): Promise<void> => {
    await eventually(() => announced(name)).toBe(by(host));
    await eventually(() => holders(addressOf(name))).toEqual([host.name]);
    await eventually(async () => [await who(world.router, addressOf(name)), await known(addressOf(name))]).toEqual([
      expect.stringMatching(/^web-/),
      await macOf(host),
    ]);
    await eventually(() => who(world.client, addressOf(name))).toMatch(/^web-/);
  };

  /** Follows what becomes of the addresses of a host; resolves when it does. The function ends it and tells what was seen. */
  const watchAddresses = async (host: TestHost): Promise<() => Promise<string>> => {
    const [program = '', ...args] = host.inside(['ip', '-4', 'monitor', 'address']);
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let seen = '';
    child.stdout.on('data', (data: Buffer) => {
      seen += data.toString();
    });
    await eventually(async () => {
      await host.exec(['ip', 'addr', 'replace', '192.0.2.77/32', 'dev', 'lo']);
      return seen;
    }).toContain('192.0.2.77');
    return async () => {
      child.kill();
      await once(child, 'close');
      return seen;
    };
  };

  beforeAll(async () => {
    world = await startHosts({ count: 2 });
    [one, two] = world.hosts as [TestHost, TestHost];
    await cluster.start([one, two]);
    await cluster.apply(...pools, web, ...NAMES.map((name) => balanced(name)));
    await cluster.ready('web', 2);
  }, 180_000);
  afterAll(async () => {
    await cluster.stop();
    await world?.close();
  }, 180_000);

  test('each address is answered by one host, which is told, and each host answers for some', async () => {
    const given = NAMES.map((_name, index) => `198.18.0.${240 + index}`);
    await eventually(() => NAMES.map(addressOf).toSorted()).toEqual(given);
    for (const name of NAMES) {
      await eventually(async () => (await holders(addressOf(name))).length).toBe(1);
      const host = await answeredBy(name);
      await expectServed(name, host);
      expect(why(name)).toContain(`node ${host.name} answers for ${addressOf(name)} in its subnet`);
      const events = cluster.store.list('Event').filter(({ involvedObject }) => involvedObject.name === name);
      expect(events.map(({ reason, message }) => `${reason}: ${message}`)).toContain(`nodeAssigned: ${by(host)}`);
    }
    const hosts = await Promise.all(NAMES.map(answeredBy));
    expect(new Set(hosts)).toEqual(new Set([one, two]));
  }, 180_000);

  test('with the policy Local it is a host with a pod, which sees who asks, and neighbours follow the pod', async () => {
    await cluster.apply(
      server('alone', onHost('one')),
      balanced('local', { selector: { app: 'alone' }, externalTrafficPolicy: 'Local' }),
    );
    const seen = async (host: TestHost): Promise<void> => {
      await eventually(() => announced('local')).toBe(by(host));
      await eventually(() => who(world.client, addressOf('local'))).toMatch(
        new RegExp(`^alone-.*${world.client.address.replaceAll('.', '\\.')}`),
      );
      await eventually(() => holders(addressOf('local'))).toEqual([host.name]);
      await eventually(() => known(addressOf('local'))).toBe(await macOf(host));
    };
    await seen(one);
    await cluster.apply(server('alone', onHost('two')));
    await seen(two);
    await cluster.remove('Deployment', 'alone');
    await eventually(() => holders(addressOf('local'))).toEqual([]);
    expect(why('local')).toContain(`no node answers for ${addressOf('local')}: with externalTrafficPolicy Local`);
  }, 180_000);

  test('a host that goes loses its addresses to the other, and has them again when it is back', async () => {
    const before = new Map(await Promise.all(NAMES.map(async (name) => [name, await answeredBy(name)] as const)));
    const names = NAMES.filter((name) => before.get(name) === two);
    await two.cutOff();
    await two.stopEngine();
    try {
      const survivor = await macOf(one);
      for (const name of names) {
        await eventually(() => announced(name)).toBe(by(one));
        await eventually(() => who(world.router, addressOf(name))).toMatch(/^web-/);
        expect(await known(addressOf(name))).toBe(survivor);
      }
    } finally {
      await two.reconnect();
      await two.startEngine();
    }
    await cluster.ready('web', 2);
    for (const name of NAMES) await expectServed(name, before.get(name) ?? one);
  }, 180_000);

  test('without the controller addresses come back when they are taken away, and when the host boots', async () => {
    const host = await answeredBy('first');
    const address = addressOf('first');
    await cluster.stop();
    await host.exec(['ip', 'addr', 'del', `${address}/32`, 'dev', 'eth0']);
    await eventually(() => holders(address)).toEqual([host.name]);
    await host.reboot();
    await eventually(() => holders(address)).toEqual([host.name]);
    await eventually(() => who(world.router, address)).toMatch(/^web-/);
    await cluster.start([one, two]);
    await cluster.ready('web', 2);
    await expectServed('first', host);
  }, 180_000);

  test('a lost store takes no address away, not for a moment', async () => {
    const before = new Map(await Promise.all(NAMES.map(async (name) => [name, addressOf(name)] as const)));
    const holding = new Map(await Promise.all(NAMES.map(async (name) => [name, await answeredBy(name)] as const)));
    const monitors = await Promise.all([one, two].map(watchAddresses));
    await cluster.stop();
    await cluster.startAnew([one, two], ...pools, web, ...NAMES.map((name) => balanced(name)));
    await cluster.ready('web', 2);
    for (const name of NAMES) await expectServed(name, holding.get(name) ?? one);
    expect(new Map(NAMES.map((name) => [name, addressOf(name)]))).toEqual(before);
    const seen = await Promise.all(monitors.map((end) => end()));
    expect(
      seen
        .join('')
        .split('\n')
        .filter((line) => line.includes('198.18.0.24')),
    ).toEqual([]);
  }, 180_000);

  test('pools whose addresses nobody is to answer for are left to the network', async () => {
    const name = { namespace: 'holdfast-system', name: 'holdfast-address-pools' };
    const current = (): StoredOf<'ConfigMap'> => {
      const found = cluster.store.get('ConfigMap', name.namespace, name.name);
      if (found === undefined) throw new Error('there are no pools');
      return found;
    };
    const say = (annotations: Record<string, string>): Promise<void> =>
      cluster.write([{ op: 'update', resource: { ...current(), metadata: { ...current().metadata, annotations } } }]);
    await say({ 'holdfast.dev/announce': 'disabled' });
    for (const each of NAMES) await eventually(() => holders(addressOf(each))).toEqual([]);
    expect(announced('first')).toBeUndefined();
    await say({});
    for (const each of NAMES) await eventually(async () => (await holders(addressOf(each))).length).toBe(1);
  }, 180_000);

  test('a Service that goes takes its address along, and uninstall those that are left', async () => {
    const address = addressOf('first');
    await cluster.remove('Service', 'first');
    await eventually(() => holders(address)).toEqual([]);
    await one.exec(['ip', 'addr', 'add', '198.18.0.250/32', 'dev', 'eth0']);
    const others = NAMES.slice(1).map(addressOf);
    await cluster.stop();
    for (const host of [one, two]) {
      const result = await runCommand(['uninstall', '--yes', '--cluster', CLUSTER], {
        env: { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent', DOCKER_HOST: host.dockerHost },
        cwd: '/',
      });
      expect(result).toMatchObject({ exitCode: 0 });
    }
    for (const each of others) expect(await holders(each)).toEqual([]);
    expect(await holders('198.18.0.250')).toEqual(['one']);
  }, 180_000);
});
