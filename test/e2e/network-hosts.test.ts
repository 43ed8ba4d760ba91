// The network over three hosts: who reaches whom and as whom, and that it goes on when the controller, the network container, an engine, a host or
// the way between hosts fails. One set of hosts serves for all: each test leaves the cluster as it found it.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NETWORK_IMAGE } from '../../src/node/network-image.ts';
import { podSpec } from '../support/e2e-manifests.ts';
import { server, service, WHO } from '../support/e2e-network.ts';
import { until } from '../support/e2e-until.ts';
import { type HostLayout, type Station, startHosts, type TestHost, type TestHosts } from '../support/hosts.ts';
import { NetworkCluster, type PodSeen } from '../support/network-cluster.ts';

const MANY = 300;
const DNS = '10.96.0.10';
const NOBODY = 'failed';
const onHost = (name: string): object => ({ nodeSelector: { 'kubernetes.io/hostname': name } });
const byLabel = (app: string): object => ({ podSelector: { matchLabels: { app } } });
const policy = (name: string, spec: object): object => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name },
  spec: { policyTypes: ['Ingress'], ...spec },
});

/** A pod on every host: it answers `who`, and has the tools to ask. */
const agents = {
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { name: 'agent' },
  spec: {
    selector: { matchLabels: { app: 'agent' } },
    template: {
      metadata: { labels: { app: 'agent' } },
      spec: podSpec({
        image: NETWORK_IMAGE,
        script: WHO,
        container: {
          ports: [{ name: 'http', containerPort: 8080 }],
          readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 },
        },
      }),
    },
  },
};
const UNREACHABLE = 'node.kubernetes.io/unreachable';
/** Pods that keep apart, one on each host, and leave a host that nobody reaches at once. */
const apart = {
  tolerations: [{ key: UNREACHABLE, effect: 'NoExecute', operator: 'Exists', tolerationSeconds: 0 }],
  topologySpreadConstraints: [
    {
      maxSkew: 1,
      topologyKey: 'kubernetes.io/hostname',
      whenUnsatisfiable: 'DoNotSchedule',
      labelSelector: { matchLabels: { app: 'spread' } },
    },
  ],
};
const objects = [
  agents,
  service('agents', { selector: { app: 'agent' } }),
  service('heads', { selector: { app: 'agent' }, clusterIP: 'None' }),
  service('any', { selector: { app: 'agent' }, type: 'NodePort' }),
  server('web', { pod: onHost('two') }),
  service('web', {}),
  service('web-local', { selector: { app: 'web' }, type: 'NodePort', externalTrafficPolicy: 'Local' }),
  service('web-near', { selector: { app: 'web' }, internalTrafficPolicy: 'Local' }),
  server('spread', { replicas: 3, pod: apart }),
  service('spread', {}),
];
/** Connects to each address until it answers, and prints how many milliseconds that took. */
const REACH_ALL = `
const net = require('node:net');
const begin = Date.now();
const reach = (host) => new Promise((done) => {
  const again = () => setTimeout(() => done(reach(host)), 300);
  const socket = net.connect({ host, port: 80, timeout: 1000 }, () => { socket.destroy(); done(); });
  socket.on('error', again).on('timeout', () => { socket.destroy(); again(); });
});
Promise.all(process.argv.slice(1).map(reach)).then(() => console.log(Date.now() - begin));
`;

/** Addresses without port, and as IPv4. */
const plain = (answer: string): string => answer.trim().replace(/\[?(?:::ffff:)?(\d+\.\d+\.\d+\.\d+)\]?(?::\d+)?$/, '$1');
const linesOf = (text: string): readonly string[] => text.split('\n').map(plain);
const times = (count: number, place: string): readonly string[] => Array.from({ length: count }, () => place);
const nameIn = (answer: string): string => answer.split(' ')[0] ?? '';
const names = (answers: readonly string[]): readonly string[] => [...new Set(answers.map(nameIn))].toSorted();
const namesOf = (pods: readonly PodSeen[]): readonly string[] => pods.map(({ name }) => name).toSorted();

describe.each<HostLayout>(['subnet', 'routed'])('three hosts, layout %s', (layout) => {
  /** What does not depend on how hosts are joined is tried once. */
  const isThorough = layout === 'subnet';
  let world: TestHosts;
  let one: TestHost;
  let two: TestHost;
  let three: TestHost;
  const cluster = new NetworkCluster(`net-${layout}`);

  const hostOf = (node: string): TestHost => world.hosts.find(({ name }) => name === node) ?? one;
  const agentOf = (host: TestHost): string => cluster.pods('agent').find(({ node }) => node === host.name)?.name ?? '';
  const addressOn = (pods: readonly PodSeen[], host: TestHost): string =>
    `${pods.find(({ node }) => node === host.name)?.address}:8080`;
  const inAgent = (host: TestHost, script: string): Promise<string> => cluster.inside(host, agentOf(host), script);
  const who = (at: string): string => `timeout 2 wget -qO- http://${at}/cgi-bin/who 2>/dev/null || echo ${NOBODY}`;
  /** Who answers at these places, and as whom one is seen there: from the agent of a host. */
  const fromPod = async (host: TestHost, ...places: readonly string[]): Promise<readonly string[]> =>
    linesOf(await inAgent(host, places.map(who).join('; ')));
  /** The same from a host itself, or from outside. */
  const fromStation = async (station: Station, ...places: readonly string[]): Promise<readonly string[]> => {
    const script = places.map(who).join('; ').replaceAll('timeout 2 wget', 'busybox timeout 2 busybox wget');
    return linesOf((await station.exec(['sh', '-c', script])).output.trim());
  };
  const eventually = (look: () => Promise<unknown>): ReturnType<typeof expect.poll> =>
    // oxlint-disable-next-line vitest/require-awaited-expect-poll -- whoever calls it awaits what it is compared with
    expect.poll(look, { timeout: 30_000, interval: 200 });

  /** Every pod reaches every pod, and is seen with its own address; the Service leads every pod to all of them. */
  const expectAllInLine = async (count: number): Promise<void> => {
    const pods = await cluster.ready('agent', count);
    const places = pods.map(({ address }) => `${address}:8080`);
    for (const { node, address } of pods)
      await eventually(() => fromPod(hostOf(node), ...places)).toEqual(pods.map(({ name }) => `${name} ${address}`));
    await Promise.all(
      pods.map(async ({ node }) =>
        eventually(async () => names(await fromPod(hostOf(node), ...times(8 * count, 'agents')))).toEqual(namesOf(pods)),
      ),
    );
  };

  beforeAll(async () => {
    world = await startHosts({ count: 3, layout });
    [one, two, three] = world.hosts as [TestHost, TestHost, TestHost];
    await cluster.start([one, two]);
    await cluster.apply(...objects);
    await cluster.ready('web', 1);
  }, 180_000);
  afterAll(async () => {
    await cluster.stop();
    await world?.close();
  }, 180_000);

  test('pods reach each other with their own addresses, also those of a host that joins later', async () => {
    await expectAllInLine(2);
    await cluster.join(three);
    await cluster.ready('spread', 3);
    await expectAllInLine(3);
  }, 180_000);

  test('a Service leads to pods of other hosts, which see who asks', async () => {
    const [web] = cluster.pods('web');
    for (const { node, address } of cluster.pods('agent'))
      expect(await fromPod(hostOf(node), 'web')).toEqual([`${web?.name} ${address}`]);
    for (const host of world.hosts)
      expect(names(await fromStation(host, ...times(20, cluster.service('agents').address)))).toEqual(
        namesOf(cluster.pods('agent')),
      );
  });

  test('what is to stay on its node leads nowhere else', async () => {
    const [web] = cluster.pods('web');
    const seen = await Promise.all(world.hosts.map((host) => fromPod(host, 'web-near')));
    expect(seen.map(([answer = '']) => nameIn(answer))).toEqual([NOBODY, web?.name, NOBODY]);
  });

  test('node ports are on every host, and those with the policy Local only where a pod is, which sees who asks', async () => {
    const { client } = world;
    const [web] = cluster.pods('web');
    const { nodePort: any } = cluster.service('any');
    const { nodePort: local } = cluster.service('web-local');
    for (const { address } of world.hosts)
      expect(names(await fromStation(client, ...times(20, `${address}:${any}`)))).toEqual(namesOf(cluster.pods('agent')));
    const seen = await Promise.all(world.hosts.map(({ address }) => fromStation(client, `${address}:${local}`)));
    expect(seen).toEqual([[NOBODY], [`${web?.name} ${client.address}`], [NOBODY]]);
  });

  test('names have the same answers on every host', async () => {
    const addresses = cluster.pods('agent').map(({ address }) => address);
    const ask = (name: string): string =>
      `nslookup -type=a ${name}.default.svc.cluster.local ${DNS} | awk '/^Name/ { on = 1 } /^Address/ && on { print $2 }' | sort`;
    for (const host of world.hosts) {
      expect(linesOf(await inAgent(host, ask('heads')))).toEqual(addresses.toSorted());
      expect(await inAgent(host, ask('agents'))).toBe(cluster.service('agents').address);
    }
  });

  test('a lost store costs no request between hosts, no address and no pod', async () => {
    const services = (): readonly object[] =>
      ['agents', 'any', 'web', 'web-local', 'spread'].map((name) => cluster.service(name));
    const pods = (): readonly object[] => ['agent', 'web', 'spread'].flatMap((app) => cluster.pods(app));
    const slices = (): readonly unknown[] =>
      cluster.store.list('Node').map(({ metadata, spec }) => [metadata.name, spec?.podCIDR]);
    const before = { services: services(), pods: pods(), slices: slices() };
    const [web] = cluster.pods('web');
    const places = ['web', cluster.service('spread').address, `${web?.address}:8080`];
    const agents = cluster.pods('agent').map(({ node, name }) => ({ host: hostOf(node), name }));
    const loads = agents.map(({ host, name }) => {
      const asks = places.map((place) => `timeout 5 wget -qO- http://${place}/ready || echo ${NOBODY}`).join('; ');
      return cluster.inside(host, name, `while [ ! -e /tmp/lost ]; do ${asks}; done; rm /tmp/lost`);
    });
    await cluster.stop();
    await cluster.startAnew(world.hosts, ...objects);
    await cluster.ready('agent', agents.length);
    await cluster.ready('web', 1);
    await cluster.ready('spread', agents.length);
    await Promise.all(agents.map(({ host, name }) => cluster.inside(host, name, 'touch /tmp/lost')));
    for (const load of loads) {
      const answers = (await load).split('\n');
      console.log(`${layout}: ${answers.length} requests while the store was lost`);
      expect(answers.filter((answer) => answer !== 'ready')).toEqual([]);
    }
    expect({ services: services(), pods: pods(), slices: slices() }).toEqual(before);
    await expectAllInLine(agents.length);
  }, 180_000);

  test('policies hold between hosts', async () => {
    const reached = async (): Promise<readonly (string | undefined)[]> =>
      Promise.all(world.hosts.map(async (host) => (await fromPod(host, 'web')).map(nameIn)[0]));
    const web = cluster.pods('web')[0]?.name;
    await cluster.apply(policy('deny', { podSelector: {} }));
    await cluster.settled();
    expect(await reached()).toEqual([NOBODY, NOBODY, NOBODY]);
    await cluster.apply(policy('allow', { ...byLabel('web'), ingress: [{ from: [byLabel('agent')] }] }));
    await cluster.settled();
    expect(await reached()).toEqual([web, web, web]);
    await cluster.apply(policy('allow', { ...byLabel('web'), ingress: [{ from: [byLabel('other')] }] }));
    await cluster.settled();
    expect(await reached()).toEqual([NOBODY, NOBODY, NOBODY]);
    await cluster.remove('NetworkPolicy', 'deny');
    await cluster.remove('NetworkPolicy', 'allow');
    await cluster.settled();
    expect(await reached()).toEqual([web, web, web]);
  });

  // oxlint-disable-next-line vitest/no-conditional-tests -- what does not depend on how hosts are joined
  if (isThorough)
    test('many Services that appear at once are reached from everywhere within moments', async () => {
      const all = Array.from({ length: MANY }, (_, index) => `many-${index}`);
      await cluster.apply(...all.map((name) => service(name, { selector: { app: 'agent' } })));
      const beginMs = Date.now();
      const addresses = all.map((name) => cluster.service(name).address);
      expect(new Set(addresses).size).toBe(MANY);
      const took = await Promise.all(
        world.hosts.map(async (host) => Number((await host.exec(['node', '-e', REACH_ALL, ...addresses])).output.trim())),
      );
      const reachable = Date.now() - beginMs;
      await cluster.settled();
      console.log(
        `${layout}: ${MANY} Services reached from ${took.join(', ')} ms on; all hosts in line after ${Date.now() - beginMs} ms (${reachable})`,
      );
      const script = addresses.map((address) => `wget -qO- http://${address}/ready`).join('; ');
      expect((await inAgent(three, script)).split('\n')).toEqual(times(MANY, 'ready'));
      for (const name of all) await cluster.remove('Service', name);
      await cluster.settled();
      const [gone = ''] = addresses;
      expect(await fromPod(two, gone)).toEqual([NOBODY]);
    }, 180_000);

  test('a rolling update loses no request from another host', async () => {
    const { address } = cluster.service('spread');
    const load = inAgent(
      one,
      `while [ ! -e /tmp/over ]; do timeout 5 wget -qO- http://${address}/ready || echo ${NOBODY}; done; rm /tmp/over`,
    );
    await cluster.apply(server('spread', { replicas: 3, pod: apart, container: { env: [{ name: 'VERSION', value: '2' }] } }));
    const isNew = (): boolean => {
      const { metadata, status } = cluster.store.get('Deployment', 'default', 'spread') ?? {};
      return status?.observedGeneration === metadata?.generation && status?.updatedReplicas === 3 && status.replicas === 3;
    };
    await until('the update is over', isNew, (is) => is, { timeoutMs: 60_000 });
    await cluster.ready('spread', 3);
    await inAgent(one, 'touch /tmp/over');
    const answers = (await load).split('\n');
    console.log(`${layout}: ${answers.length} requests during a rolling update`);
    expect(answers.filter((answer) => answer !== 'ready')).toEqual([]);
  }, 180_000);

  test('a host that is cut off costs the others nothing once its pods are out, and is back in line when it returns', async () => {
    const node = cluster.store.get('Node', '', 'three');
    if (node === undefined) throw new Error('there is no node three');
    const taints = (['NoSchedule', 'NoExecute'] as const).map((effect) => ({ key: UNREACHABLE, effect }));
    await three.cutOff();
    await cluster.write([{ op: 'update', resource: { ...node, spec: { ...node.spec, taints } } }]);
    const onThree = (): readonly PodSeen[] => cluster.pods('spread').filter((pod) => pod.node === 'three');
    await until('the pods of the host are out', onThree, (pods) => pods.length === 0);
    await cluster.settled();
    for (const host of [one, two]) {
      const answers = await fromPod(host, ...times(20, 'spread'));
      expect(answers.filter((answer) => answer === NOBODY)).toEqual([]);
    }
    await three.reconnect();
    const after = cluster.store.get('Node', '', 'three') ?? node;
    await cluster.write([{ op: 'update', resource: { ...after, spec: { ...after.spec, taints: [] } } }]);
    await cluster.ready('spread', 3);
    await expectAllInLine(3);
  }, 180_000);

  // oxlint-disable-next-line vitest/no-conditional-tests -- what does not depend on how hosts are joined
  if (isThorough)
    test('an engine that is stopped and started has its pods back at their addresses', async () => {
      const before = cluster.pods('agent');
      await two.stopEngine();
      const { address } = cluster.service('agents');
      // What the kernel holds goes on, though it leads to pods that have ended as well.
      const survivor = before.find(({ node }) => node === 'one')?.name;
      await eventually(async () => (await fromStation(two, address)).map(nameIn)).toEqual([survivor]);
      await two.startEngine();
      await eventually(() => fromStation(one, addressOn(before, two))).not.toEqual([NOBODY]);
      expect(await cluster.ready('agent', 3)).toEqual(before);
      await cluster.ready('web', 1);
      await expectAllInLine(3);
    }, 180_000);

  test('without the controller all goes on, and comes back when network containers are killed and a host is rebooted', async () => {
    const before = cluster.pods('agent');
    const [web] = cluster.pods('web');
    const { nodePort } = cluster.service('web-local');
    const { address } = cluster.service('agents');
    await cluster.stop();
    const killed = await Promise.all(world.hosts.map((host) => cluster.networkContainer(host)));
    await Promise.all(world.hosts.map((host) => cluster.killNetworkContainer(host)));
    const answers = await fromStation(one, ...times(20, address));
    expect(names(answers)).toEqual(namesOf(before));
    for (const host of world.hosts)
      await eventually(() => fromPod(host, 'web')).toEqual([expect.stringContaining(`${web?.name} `)]);
    await eventually(() => Promise.all(world.hosts.map((host) => cluster.networkContainer(host)))).toEqual(killed);

    await three.reboot();
    // Its pods wait for the controller; everything else is there.
    await eventually(() => fromStation(three, cluster.service('web').address)).toEqual([
      expect.stringContaining(`${web?.name} `),
    ]);
    await eventually(() => fromStation(three, `${before[0]?.address}:8080`)).toEqual([
      expect.stringContaining(`${before[0]?.name} `),
    ]);
    await eventually(async () => {
      const question = ['nslookup', '-type=a', 'web.default.svc.cluster.local', DNS];
      return (await three.exec(question, { mayFail: true })).output;
    }).toContain(cluster.service('web').address);
    await eventually(() => fromStation(world.client, `${two.address}:${nodePort}`)).toEqual([
      `${web?.name} ${world.client.address}`,
    ]);

    await cluster.start(world.hosts);
    await eventually(() => fromStation(one, addressOn(before, three))).not.toEqual([NOBODY]);
    expect(await cluster.ready('agent', 3)).toEqual(before);
    await expectAllInLine(3);
  }, 180_000);

  test('a host that goes away leaves no way behind', async () => {
    const routes = async (host: TestHost): Promise<string> => (await host.exec(['ip', 'route'])).output;
    const slice = cluster.store.get('Node', '', 'three')?.spec?.podCIDR ?? 'none';
    expect(await routes(one)).toContain(slice);
    await cluster.leave(three);
    for (const host of [one, two]) await eventually(() => routes(host)).not.toContain(slice);
    await expectAllInLine(2);
  }, 180_000);
});
