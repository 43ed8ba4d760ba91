// The kubelet on a real Docker Engine: what only Docker can show.
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { nodeProber } from '../../src/docker/node-prober.ts';
import type { ContainerEngine, ContainerSeen } from '../../src/kubelet/engine/container-engine.ts';
import { Kubelet } from '../../src/kubelet/kubelet.ts';
import { CONTAINER_LABEL } from '../../src/kubelet/labels.ts';
import type { PodSpec, StoredOf } from '../../src/model/resource.ts';
import { openMemoryStore } from '../../src/store/memory-store.ts';
import type { Store } from '../../src/store/store.ts';
import { systemClock } from '../../src/system/clock.ts';
import { systemIds } from '../../src/system/ids.ts';
import { silentLogger } from '../../src/system/logger.ts';
import { aConfigMap, aPod, aSecret } from '../support/builders.ts';
import { BUSYBOX, byHand, cleanUp, ensureBusybox, testEngine, uniqueCluster } from '../support/docker.ts';
import { untilStored } from '../support/store-until.ts';

const NODE = 'test-node';
const cluster = uniqueCluster('kubelet');
const clock = systemClock();
const ids = systemIds();
const prober = nodeProber();
let engine: ContainerEngine;
let store: Store;
let kubelet: Kubelet;

beforeAll(async () => {
  await ensureBusybox();
  engine = await testEngine(cluster);
});
beforeEach(async () => {
  store = openMemoryStore({ clock, ids });
  await startKubelet();
});
afterEach(async () => {
  await kubelet.stop();
  await cleanUp(cluster);
});

async function startKubelet(): Promise<void> {
  kubelet = new Kubelet({ store, engine, clock, ids, logger: silentLogger, cluster, nodeName: NODE, prober });
  await kubelet.start();
}

const until = (isReached: () => boolean): Promise<void> => untilStored(store, isReached);

const find = (): StoredOf<'Pod'> | undefined => store.get('Pod', 'default', 'web');
const main = (): NonNullable<NonNullable<StoredOf<'Pod'>['status']>['containerStatuses']>[number] | undefined =>
  find()?.status?.containerStatuses?.[0];
const isReady = (): boolean =>
  find()?.status?.conditions?.some((each) => each.type === 'Ready' && each.status === 'True') === true;

async function run(spec: Partial<PodSpec>, container: NonNullable<Parameters<typeof aPod>[0]>['container']): Promise<void> {
  const pod = aPod({
    nodeName: NODE,
    container: { image: BUSYBOX, imagePullPolicy: 'IfNotPresent', ...container },
    spec: { terminationGracePeriodSeconds: 1, ...spec, containers: undefined as never },
  });
  const first = { name: 'main', image: BUSYBOX, imagePullPolicy: 'IfNotPresent' as const, ...container };
  const result = await store.write([{ op: 'create', resource: { ...pod, spec: { ...pod.spec, containers: [first] } } }]);
  expect(result.ok).toBe(true);
}

async function living(): Promise<ContainerSeen> {
  const seen = await engine.list(AbortSignal.timeout(10_000));
  const found = seen.find((each) => each.labels[CONTAINER_LABEL] === 'main' && each.state === 'running');
  if (found === undefined) throw new Error('main does not run');
  return found;
}

async function shell(script: string): Promise<string> {
  const { output } = await engine.exec((await living()).id, ['sh', '-c', script], 10_000, AbortSignal.timeout(10_000));
  return output.trim();
}

const SERVE = 'trap "exit 0" TERM; mkdir -p /www; echo hello > /www/index.html; httpd -f -p 8080 -h /www & wait';

test('volumes, environment, probes; a change of the ConfigMap arrives; deletion leaves nothing', async () => {
  await store.write([
    { op: 'create', resource: aConfigMap({ data: { greeting: 'hello' } }) },
    { op: 'create', resource: aSecret({ data: { token: Buffer.from('s3cret').toString('base64') } }) },
  ]);
  await run(
    {
      volumes: [
        { name: 'config', configMap: { name: 'config', defaultMode: 0o440 } },
        { name: 'secret', secret: { secretName: 'secret' } },
        { name: 'scratch', emptyDir: {} },
        { name: 'memory', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } },
      ],
    },
    {
      command: ['sh', '-c', SERVE],
      env: [
        { name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'secret', key: 'token' } } },
        { name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
        { name: 'URL', value: 'http://$(IP):8080' },
      ],
      resources: { limits: { memory: '32Mi', cpu: '500m' } },
      volumeMounts: [
        { name: 'config', mountPath: '/config' },
        { name: 'secret', mountPath: '/secret' },
        { name: 'scratch', mountPath: '/scratch' },
        { name: 'memory', mountPath: '/memory' },
      ],
      readinessProbe: { httpGet: { port: 8080 }, periodSeconds: 1 },
      livenessProbe: { exec: { command: ['true'] }, periodSeconds: 1 },
    },
  );
  await until(isReady);
  expect(await shell('cat /config/greeting; cat /secret/token; echo; echo $TOKEN $URL; hostname')).toBe(
    `hellos3cret\ns3cret http://${find()?.status?.podIP}:8080\nweb`,
  );
  expect(
    await shell('stat -c %a /scratch /config/..data/greeting; grep -c "/memory tmpfs" /proc/mounts; touch /config/x 2>&1'),
  ).toContain('777\n440\n1');
  expect(await shell('touch /config/x && echo written')).not.toContain('written');

  const old = store.get('ConfigMap', 'default', 'config');
  if (old === undefined) throw new Error('no ConfigMap');
  await store.write([{ op: 'update', resource: { ...old, data: { greeting: 'hi', more: '!' } } }]);
  await new Promise((resolve) => setImmediate(resolve));
  await kubelet.idle();
  expect(await shell('cat /config/greeting /config/more')).toBe('hi!');
  expect(main()?.restartCount).toBe(0);

  const pod = find();
  if (pod === undefined) throw new Error('no pod');
  const metadata = { ...pod.metadata, deletionTimestamp: '2026-01-01T00:00:00Z', deletionGracePeriodSeconds: 5 };
  await store.write([{ op: 'update', resource: { ...pod, metadata } }]);
  await until(() => find() === undefined);
  expect(await engine.list(AbortSignal.timeout(10_000))).toEqual([]);
  expect(await engine.listVolumes(AbortSignal.timeout(10_000))).toEqual([]);
});

test('a killed container runs again, a new kubelet disturbs nothing, and a lost store comes back', async () => {
  await run({}, { command: ['sleep', '3600'] });
  await until(isReady);
  const first = await living();
  await byHand('POST', `/containers/${first.id}/kill`);
  await until(() => main()?.restartCount === 1 && isReady());
  const before = await engine.list(AbortSignal.timeout(10_000));
  await kubelet.stop();
  store = openMemoryStore({ clock, ids });
  await startKubelet();
  await until(isReady);
  await kubelet.idle();
  expect(await engine.list(AbortSignal.timeout(10_000))).toEqual(before);
  expect(main()).toMatchObject({ restartCount: 1, lastState: { terminated: { exitCode: 137 } } });
});

test.each([
  ['docker pause', (id: string) => byHand('POST', `/containers/${id}/pause`)],
  ['docker update', (id: string) => byHand('POST', `/containers/${id}/update`, { CpuShares: 77 })],
  ['docker rename', (id: string) => byHand('POST', `/containers/${id}/rename?name=${cluster}-renamed`)],
  ['docker rm -f', (id: string) => byHand('DELETE', `/containers/${id}?force=1`)],
  ['docker stop', (id: string) => byHand('POST', `/containers/${id}/stop?t=0`)],
])('%s is put right', async (_what, strike) => {
  await run({}, { command: ['sleep', '3600'] });
  await until(isReady);
  const first = await living();
  await strike(first.id);
  await until(() => main()?.restartCount === 1 && isReady());
  expect((await living()).id).not.toBe(first.id);
});

test('a program that is not there, and one that fails, are told', async () => {
  await run({}, { command: ['/no/such/program'] });
  await until(() => main()?.lastState?.terminated !== undefined && main()?.state?.waiting?.reason === 'CrashLoopBackOff');
  expect(main()?.lastState?.terminated).toMatchObject({ exitCode: 128, reason: 'StartError' });
  expect(main()?.lastState?.terminated?.message).toContain('/no/such/program');
});

test('a hostPath of another type holds the container, and nobody says that it was created', async () => {
  await run(
    { volumes: [{ name: 'h', hostPath: { path: '/tmp', type: 'File' } }] },
    { volumeMounts: [{ name: 'h', mountPath: '/h' }] },
  );
  await until(() => main()?.state?.waiting?.reason === 'CreateContainerError');
  expect(main()?.state?.waiting?.message).toBe('hostPath type check failed: /tmp is not a file');
  await until(() => store.list('Event').some(({ reason }) => reason === 'Failed'));
  expect(store.list('Event').map(({ reason }) => reason)).not.toContain('Created');
});

test('a crash loop backs off', async () => {
  await run({}, { command: ['sh', '-c', 'exit 3'] });
  await until(() => main()?.state?.waiting?.reason === 'CrashLoopBackOff');
  expect(main()).toMatchObject({ restartCount: 1, lastState: { terminated: { exitCode: 3, reason: 'Error' } } });
  expect(find()?.status?.phase).toBe('Running');
});
