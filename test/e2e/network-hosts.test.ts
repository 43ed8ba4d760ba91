// The network over three hosts: who reaches whom and as whom, and that it goes on when the controller, the network container, an engine, a host or
// the way between hosts fails. The second half builds on the first: one set of hosts serves for all.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NETWORK_IMAGE } from '../../src/network-image.ts';
import { podSpec } from '../support/e2e-manifests.ts';
import { server, service, WHO } from '../support/e2e-network.ts';
import { until } from '../support/e2e-until.ts';
import { type HostLayout, type Station, startHosts, type TestHost, type TestHosts } from '../support/hosts.ts';
import { NetworkCluster, type PodSeen } from '../support/network-cluster.ts';

const MANY = 300;
const NODE_PORT = 'NodePort';
const onHost = (name: string): object => ({ nodeSelector: { 'kubernetes.io/hostname': name } });

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

describe.each<HostLayout>(['subnet', 'routed'])('three hosts, layout %s', (layout) => {
  let world: TestHosts;
  let one: TestHost;
  let two: TestHost;
  let three: TestHost;
  const cluster = new NetworkCluster(`net-${layout}`);

  const hostOf = (node: string): TestHost => world.hosts.find(({ name }) => name === node) ?? one;
  const ask = (url: string): string => `timeout 2 wget -qO- http://${url} 2>&1 || echo failed`;
  const who = (at: string): string => ask(`${at}/cgi-bin/who`);
  const lines = (text: string): readonly string[] => text.split('\n').map((line) => line.trim());
  /** What each agent hears from each of these addresses, in their order. */
  const heard = async (places: readonly string[], from = cluster.pods('agent')): Promise<Record<string, readonly string[]>> =>
    Object.fromEntries(
      await Promise.all(
        from.map(async ({ node, name }) => {
          const script = places.map(who).join('; ');
          return [node, lines(await cluster.inside(hostOf(node), name, script))] as const;
        }),
      ),
    );
  const times = (count: number, place: string): readonly string[] => Array.from({ length: count }, () => place);
  const fromStation = async (station: Station, place: string): Promise<string> => {
    const command = ['busybox', 'timeout', '2', 'busybox', 'wget', '-qO-', `http://${place}/cgi-bin/who`];
    const { output, exitCode } = await station.exec(command, { mayFail: true });
    return exitCode === 0 ? output.trim() : 'failed';
  };
  const nameOf = (answer: string): string => answer.split(' ')[0] ?? '';
  const names = (answers: readonly string[]): readonly string[] => [...new Set(answers.map(nameOf))].toSorted();
  const namesOf = (pods: readonly PodSeen[]): readonly string[] => pods.map(({ name }) => name).toSorted();

  /** Every pod reaches every pod, and is seen with its own address; every pod gets answers of the Service from all of them. */
  const expectAllInLine = async (count: number): Promise<void> => {
    const pods = cluster.pods('agent');
    expect(pods).toHaveLength(count);
    const direct = Object.fromEntries(pods.map(({ node, address }) => [node, pods.map((pod) => `${pod.name} ${address}`)]));
    const look = (): Promise<object> => heard(pods.map(({ address }) => `${address}:8080`));
    await expect.poll(look, { timeout: 30_000, interval: 300 }).toEqual(direct);
    const served = await heard(times(8 * count, 'agents'));
    for (const answers of Object.values(served)) expect(names(answers)).toEqual(namesOf(pods));
  };

  beforeAll(async () => {
    world = await startHosts({ count: 3, layout });
    [one, two, three] = world.hosts as [TestHost, TestHost, TestHost];
    await cluster.start([one, two]);
    await cluster.apply(
      agents,
      service('agents', { selector: { app: 'agent' } }),
      service('heads', { selector: { app: 'agent' }, clusterIP: 'None' }),
      service('near', { selector: { app: 'agent' }, internalTrafficPolicy: 'Local' }),
      service('any', { selector: { app: 'agent' }, type: NODE_PORT }),
      server('web', { pod: onHost('two') }),
      service('web', {}),
      service('web-local', { selector: { app: 'web' }, type: NODE_PORT, externalTrafficPolicy: 'Local' }),
      service('web-near', { selector: { app: 'web' }, internalTrafficPolicy: 'Local' }),
      service('agents-one', { selector: { app: 'only-one' } }),
      server('only-one', { pod: onHost('one') }),
    );
    await cluster.ready('agent', 2);
    await cluster.ready('web', 1);
    await cluster.ready('only-one', 1);
  }, 120_000);
  afterAll(async () => {
    await cluster.stop();
    await world?.close();
  }, 60_000);

  test('pods reach each other with their own addresses, also those of a host that joins later', async () => {
    await expectAllInLine(2);
    await cluster.join(three);
    await cluster.ready('agent', 3);
    await expectAllInLine(3);
  }, 60_000);
});
