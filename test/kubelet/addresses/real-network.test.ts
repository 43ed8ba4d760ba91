// The network of pods on a real Docker Engine: fixed addresses, and the resolver file that all containers of a pod share.
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { nodeProber } from '../../../src/docker/node-prober.ts';
import type { ContainerEngine } from '../../../src/kubelet/engine/container-engine.ts';
import { Kubelet } from '../../../src/kubelet/kubelet.ts';
import { CONTAINER_LABEL, POD_LABEL, ROLE_LABEL } from '../../../src/kubelet/labels.ts';
import type { Container, PodSpec, StoredOf } from '../../../src/model/resource.ts';
import { hostFacts } from '../../../src/node/host-facts.ts';
import { openMemoryStore } from '../../../src/store/memory-store.ts';
import { systemClock } from '../../../src/system/clock.ts';
import { systemIds } from '../../../src/system/ids.ts';
import { silentLogger } from '../../../src/system/logger.ts';
import { aPod } from '../../support/builders.ts';
import { BUSYBOX, cleanUp, ensureBusybox, testDockerHost, testEngine, uniqueCluster } from '../../support/docker.ts';
import { untilStored } from '../../support/store-until.ts';

const NODE = 'test-node';
const SHOW = 'cat /etc/resolv.conf; exec sleep 1000';
const cluster = uniqueCluster('pods');
const clock = systemClock();
const ids = systemIds();
let store = openMemoryStore({ clock, ids });
let engine: ContainerEngine;
let kubelet: Kubelet;

const soon = (): AbortSignal => AbortSignal.timeout(20_000);
const podOf = (name: string): StoredOf<'Pod'> | undefined => store.get('Pod', 'default', name);
const isReady = (name: string) => (): boolean =>
  podOf(name)?.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true;

async function startKubelet(): Promise<void> {
  // What other engines and tests on this machine have.
  const { ranges = [] } = await hostFacts(testDockerHost());
  const network = { hostFacts: () => Promise.resolve({ ranges, resolver: { searches: ['corp.example'] } }) };
  kubelet = new Kubelet({
    store,
    engine,
    clock,
    ids,
    logger: silentLogger,
    cluster,
    nodeName: NODE,
    prober: nodeProber(),
    network,
  });
  await kubelet.start();
}

const until = (isReached: () => boolean): Promise<void> => untilStored(store, isReached);

async function create(name: string, spec: Partial<PodSpec> = {}): Promise<void> {
  const one: Container = { name: 'main', image: BUSYBOX, imagePullPolicy: 'IfNotPresent', command: ['sh', '-c', SHOW] };
  const pod = aPod({ name, nodeName: NODE, spec: { terminationGracePeriodSeconds: 0, ...spec } });
  const initContainers = [{ ...one, name: 'first', command: ['cat', '/etc/resolv.conf'] }];
  const other = { ...one, name: 'other', command: ['sh', '-c', `sleep 0.2; ${SHOW}`] };
  const result = await store.write([
    { op: 'create', resource: { ...pod, spec: { ...pod.spec, initContainers, containers: [one, other] } } },
  ]);
  expect(result.ok).toBe(true);
}

/** What each container of a pod printed, the init container first. */
async function printed(name: string): Promise<readonly string[]> {
  const all = (await engine.list(soon())).filter(({ labels }) => labels[POD_LABEL] === name);
  const texts: string[] = [];
  for (const container of ['first', 'main', 'other']) {
    const found = all.findLast(({ labels }) => labels[CONTAINER_LABEL] === container);
    let text = '';
    for await (const { bytes } of engine.logs(found?.id ?? '', { follow: false, timestamps: false }, soon()))
      text += Buffer.from(bytes).toString();
    texts.push(text);
  }
  return texts;
}

beforeAll(async () => {
  await ensureBusybox();
  engine = await testEngine(cluster);
  await startKubelet();
});
afterAll(async () => {
  await kubelet.stop();
  await cleanUp(cluster);
});

const file = (): string =>
  `nameserver ${kubelet.network?.dnsAddress}\nsearch default.svc.cluster.local svc.cluster.local cluster.local corp.example\noptions ndots:5\n`;

test('every container of a pod reads the cluster’s resolver file from its first moment on', async () => {
  await create('web');
  await until(isReady('web'));
  await expect.poll(() => printed('web')).toEqual([file(), file(), file()]);
});

test('eight pods at once have different addresses of the slice, and keep them over sandboxes, kubelets and a lost store', async () => {
  const names = Array.from({ length: 8 }, (_, index) => `p${index}`);
  await Promise.all(names.map((name) => create(name)));
  for (const name of names) await until(isReady(name));
  const addresses = (): readonly (string | undefined)[] => names.map((name) => podOf(name)?.status?.podIP);
  const before = addresses();
  const [prefix] = kubelet.network?.slice.split('.0/') ?? [];
  expect(before.every((address) => address?.startsWith(`${prefix}.`))).toBe(true);
  expect(new Set(before).size).toBe(8);
  const all = await engine.list(soon());
  const sandbox = all.find(({ labels }) => labels[ROLE_LABEL] === 'sandbox' && labels[POD_LABEL] === 'p3');
  await engine.kill(sandbox?.id ?? '', 'kill', soon());
  await until(() => !isReady('p3')());
  await until(isReady('p3'));
  expect(addresses()).toEqual(before);
  await expect.poll(() => printed('p3')).toEqual([file(), file(), file()]);
  const network = kubelet.network;
  await kubelet.stop();
  store = openMemoryStore({ clock, ids });
  await startKubelet();
  expect(kubelet.network).toEqual(network);
  for (const name of names) await until(isReady(name));
  expect(addresses()).toEqual(before);
});

test('pods on the network of the host have what they ask for, and the host keeps its file', async () => {
  const before = await readFile('/etc/resolv.conf', 'utf8');
  await create('plain', { hostNetwork: true });
  await create('cluster', { hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' });
  for (const name of ['plain', 'cluster']) await until(isReady(name));
  await expect
    .poll(async () => (await printed('cluster')).map((text) => text.split('\n').toSorted()))
    .toEqual(Array.from({ length: 3 }, () => file().split('\n').toSorted()));
  await expect.poll(() => printed('plain')).toEqual([before, before, before]);
  expect(await readFile('/etc/resolv.conf', 'utf8')).toBe(before);
});
