// StatefulSets on a real engine: names, order, claims, updates, a rollout that is stuck, and a lost store.
import { rm } from 'node:fs/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { clusterContainers, clusterVolumes, doubledSlots, runningContainers, type SeenContainer } from '../support/e2e-engine.ts';
import { type ContainerOptions, podSpec, yaml } from '../support/e2e-manifests.ts';
import { type Scene, scene } from '../support/e2e-scene.ts';
import { until } from '../support/e2e-until.ts';

let at: Scene;
beforeEach(async () => {
  at = await scene('sts');
});
afterEach(async () => {
  await at.close();
});

interface SetOptions extends ContainerOptions {
  readonly replicas?: number;
  /** More fields of the spec. */
  readonly spec?: object;
  /** An environment variable, so that the template differs. */
  readonly version?: string;
  /** Mounts a claim `data` of its own at /data in every pod. */
  readonly hasClaim?: boolean;
}

function set(name: string, { replicas = 3, spec = {}, version = 'one', hasClaim = false, ...options }: SetOptions = {}): object {
  const mounts = hasClaim ? { volumeMounts: [{ name: 'data', mountPath: '/data' }] } : {};
  const claims = [
    { metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '10Mi' } } } },
  ];
  const container = { env: [{ name: 'VERSION', value: version }], ...mounts, ...options.container };
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: podSpec({ ...options, container }) },
      ...(hasClaim ? { volumeClaimTemplates: claims } : {}),
      ...spec,
    },
  };
}

async function live(files: Record<string, string | null>): Promise<void> {
  await at.repo.commit(files, 'Change');
  const { exitCode, outcome } = await at.once();
  expect({ exitCode, outcome }).toMatchObject({ exitCode: 0, outcome: { outcome: 'live' } });
}

const names = (containers: readonly SeenContainer[]): string[] => containers.map(({ pod }) => pod).toSorted();
const idsByPod = (containers: readonly SeenContainer[]): Record<string, string> =>
  Object.fromEntries(containers.map(({ pod, id }) => [pod, id]));
const output = async (pod: string, script: string): Promise<string> =>
  (await at.ask(['exec', pod, '--', 'sh', '-c', script])).stdout.trim();

test('pods have names, labels and hostnames of their own and start in order or at once; each has a claim, which outlives it', {
  timeout: 120_000,
}, async () => {
  const script = 'echo "$(hostname) $VERSION" >> /data/runs';
  await live({
    'db.yaml': yaml(set('db', { hasClaim: true, script })),
    'many.yaml': yaml(set('many', { replicas: 4, spec: { podManagementPolicy: 'Parallel', ordinals: { start: 5 } } })),
  });
  const containers = await runningContainers(at.cluster);
  expect(names(containers)).toEqual(['db-0', 'db-1', 'db-2', 'many-5', 'many-6', 'many-7', 'many-8']);
  const started = containers.filter(({ pod }) => pod.startsWith('db-')).toSorted((a, b) => a.pod.localeCompare(b.pod));
  expect(started.map(({ startedAt }) => startedAt)).toEqual(started.map(({ startedAt }) => startedAt).toSorted());
  expect(await output('db-1', 'hostname')).toBe('db-1');
  expect(await output('many-5', 'hostname')).toBe('many-5');
  expect(await output('db-2', 'cat /data/runs')).toBe('db-2 one');
  const volumes = await clusterVolumes(at.cluster);
  expect(volumes).toHaveLength(3);
  const { stdout } = await at.ask(['get', 'pod', 'db-1', '-o', 'json']);
  expect(JSON.parse(stdout)).toMatchObject({
    metadata: { labels: { 'statefulset.kubernetes.io/pod-name': 'db-1', 'apps.kubernetes.io/pod-index': '1' } },
    spec: { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data-db-1' } }] },
  });

  const before = idsByPod(containers);
  await live({
    'db.yaml': yaml(set('db', { hasClaim: true, script, version: 'two' })),
    'many.yaml': yaml(set('many', { replicas: 2, spec: { podManagementPolicy: 'Parallel', ordinals: { start: 5 } } })),
  });
  const updated = await runningContainers(at.cluster);
  expect(names(updated)).toEqual(['db-0', 'db-1', 'db-2', 'many-5', 'many-6']);
  const dbs = updated.filter(({ pod }) => pod.startsWith('db-')).toSorted((a, b) => b.pod.localeCompare(a.pod));
  expect(dbs.map(({ startedAt }) => startedAt)).toEqual(dbs.map(({ startedAt }) => startedAt).toSorted());
  expect(dbs.map(({ pod, id }) => id === before[pod])).toEqual([false, false, false]);
  expect(await output('db-2', 'cat /data/runs')).toBe('db-2 one\ndb-2 two');
  expect(idsByPod(updated)['many-5']).toBe(before['many-5']);

  await live({ 'db.yaml': null });
  expect(names(await clusterContainers(at.cluster)).filter((pod) => pod.startsWith('db-'))).toEqual([]);
  expect(await clusterVolumes(at.cluster)).toEqual(volumes);
  await live({ 'db.yaml': yaml(set('db', { hasClaim: true, script, version: 'three', replicas: 1 })) });
  expect(await output('db-0', 'cat /data/runs')).toBe('db-0 one\ndb-0 two\ndb-0 three');
});

test('a partition, and pods that are replaced by hand, hold a new template back', { timeout: 90_000 }, async () => {
  const part = { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 2 } } };
  const byHand = { updateStrategy: { type: 'OnDelete' } };
  const files = (version: string): Record<string, string> => ({
    'part.yaml': yaml(set('part', { version, spec: part })),
    'hand.yaml': yaml(set('hand', { version, spec: byHand, replicas: 2 })),
  });
  await live(files('one'));
  const before = idsByPod(await runningContainers(at.cluster));
  await live(files('two'));
  const after = idsByPod(await runningContainers(at.cluster));
  const changed = Object.keys(after).filter((pod) => after[pod] !== before[pod]);
  expect(changed).toEqual(['part-2']);
  expect(await output('part-2', 'echo $VERSION')).toBe('two');
  expect(await output('part-1', 'echo $VERSION')).toBe('one');
});

test('a template that cannot become ready is taken back, and only the pod that had it is made anew', {
  timeout: 120_000,
}, async () => {
  await live({ 'db.yaml': yaml(set('db')) });
  const before = idsByPod(await runningContainers(at.cluster));
  const readinessProbe = { exec: { command: ['false'] }, periodSeconds: 1 };
  await at.repo.commit({ 'db.yaml': yaml(set('db', { version: 'bad', container: { readinessProbe } })) }, 'Bad');
  const { exitCode, outcome } = await at.once(['--timeout', '10s']);
  expect({ exitCode, outcome }).toMatchObject({ exitCode: 1, outcome: { outcome: 'rolled-back' } });
  expect(outcome.message).toContain('statefulset/db: pod db-2');
  const after = idsByPod(await runningContainers(at.cluster));
  expect(Object.keys(after).toSorted()).toEqual(['db-0', 'db-1', 'db-2']);
  expect([after['db-0'], after['db-1']]).toEqual([before['db-0'], before['db-1']]);
  expect(after['db-2']).not.toBe(before['db-2']);
  expect(await output('db-2', 'echo $VERSION')).toBe('one');
});

test('a set that never came up is mended by the next commit', { timeout: 90_000 }, async () => {
  const readinessProbe = { exec: { command: ['false'] }, periodSeconds: 1 };
  await at.repo.commit({ 'db.yaml': yaml(set('db', { version: 'bad', container: { readinessProbe } })) }, 'Bad');
  expect((await at.once(['--timeout', '8s'])).exitCode).toBe(1);
  await live({ 'db.yaml': yaml(set('db')) });
  expect(names(await runningContainers(at.cluster))).toEqual(['db-0', 'db-1', 'db-2']);
});

test('a lost store restarts nothing and doubles nothing', { timeout: 90_000 }, async () => {
  await live({ 'db.yaml': yaml(set('db', { hasClaim: true })), 'web.yaml': yaml(set('web', { replicas: 1 })) });
  const before = await at.engine();
  await rm(at.dataDir, { recursive: true });
  expect((await at.once()).outcome).toMatchObject({ outcome: 'live' });
  expect(await at.engine()).toEqual(before);
  await rm(at.dataDir, { recursive: true });
  await live({ 'web.yaml': null });
  expect(names(await runningContainers(at.cluster))).toEqual(['db-0', 'db-1', 'db-2']);
  const { stdout } = await at.ask(['get', 'sts,controllerrevisions']);
  expect(stdout).toMatch(/statefulset\/db +3\/3/);
});

test('the controller is killed again and again during a rollout: never two of an ordinal, and it is finished', {
  timeout: 120_000,
}, async () => {
  const script = 'echo "$VERSION" >> /data/runs';
  await live({ 'db.yaml': yaml(set('db', { hasClaim: true, script })) });
  const volumes = await clusterVolumes(at.cluster);
  const last = await at.repo.commit({ 'db.yaml': yaml(set('db', { hasClaim: true, script, version: 'two' })) }, 'Two');
  const doubled: string[] = [];
  for (const ordinal of [2, 1, 0]) {
    const old = (await runningContainers(at.cluster, `db-${ordinal}`))[0]?.id;
    const controller = at.controller();
    await until(
      `db-${ordinal} goes`,
      async () => {
        const all = await clusterContainers(at.cluster);
        doubled.push(...doubledSlots(all));
        return all;
      },
      (all) => !all.some(({ id, state }) => id === old && state === 'running'),
    );
    controller.signal('SIGKILL');
    await controller.ended;
  }
  expect(await at.once()).toMatchObject({ exitCode: 0, outcome: { outcome: 'live', commit: { id: last } } });
  expect(doubled).toEqual([]);
  expect(names(await runningContainers(at.cluster))).toEqual(['db-0', 'db-1', 'db-2']);
  for (const pod of ['db-0', 'db-1', 'db-2']) expect(await output(pod, 'sort -u /data/runs')).toBe('one\ntwo');
  expect(await clusterVolumes(at.cluster)).toEqual(volumes);
});

test('claims go with the pods that are too many when the policy says so', { timeout: 90_000 }, async () => {
  const spec = { persistentVolumeClaimRetentionPolicy: { whenScaled: 'Delete', whenDeleted: 'Delete' } };
  await live({
    'db.yaml': yaml(set('db', { hasClaim: true, spec, replicas: 2 })),
    'rest.yaml': yaml(set('rest', { replicas: 1 })),
  });
  await live({ 'db.yaml': yaml(set('db', { hasClaim: true, spec, replicas: 1 })) });
  await live({});
  const { stdout } = await at.ask(['get', 'pvc', '-o', 'name']);
  expect(stdout.trim()).toBe('persistentvolumeclaim/data-db-0');
});

test('what cannot be changed refuses the commit, with the way out, and nothing is touched', { timeout: 60_000 }, async () => {
  await live({ 'db.yaml': yaml(set('db', { replicas: 1 })) });
  const before = await at.engine();
  await at.repo.commit({ 'db.yaml': yaml(set('db', { replicas: 1, spec: { podManagementPolicy: 'Parallel' } })) }, 'Order');
  const { exitCode, outcome } = await at.once();
  expect(exitCode).toBe(1);
  expect(outcome.problems).toMatchObject([
    { reason: 'Immutable', file: 'db.yaml', message: expect.stringContaining('another name') },
  ]);
  expect(await at.engine()).toEqual(before);
});
