// Pods, ReplicaSets and applications through their lives: made, changed, ended, replaced, and not mixed up with each other.
import { rm } from 'node:fs/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { BUSYBOX } from '../support/docker.ts';
import { clusterContainers, clusterVolumes, runningContainers } from '../support/e2e-engine.ts';
import { configMap, deployment, podSpec, yaml } from '../support/e2e-manifests.ts';
import { type Scene, scene } from '../support/e2e-scene.ts';
import { until } from '../support/e2e-until.ts';
import { freePort } from '../support/registry.ts';

let at: Scene;
beforeEach(async () => {
  at = await scene('pods');
});
afterEach(async () => {
  await at.close();
});

async function live(files: Record<string, string | null>, args: readonly string[] = []): Promise<void> {
  await at.repo.commit(files, 'Change');
  const { exitCode, outcome } = await at.once(args);
  expect({ exitCode, outcome }).toMatchObject({ exitCode: 0, outcome: { outcome: 'live' } });
}
const pod = (name: string, spec: object): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, labels: { app: name } },
  spec,
});
const job = (name: string, script: string, restartPolicy: string): object =>
  pod(name, {
    restartPolicy,
    terminationGracePeriodSeconds: 1,
    containers: [{ name: 'main', image: BUSYBOX, command: ['sh', '-c', script] }],
  });

test('a pod that has done its work is healthy, and does not run again: not by a second run, not after a lost store', {
  timeout: 60_000,
}, async () => {
  await live({ 'job.yaml': yaml(job('once', 'echo done', 'Never'), deployment('web')) });
  // The sandbox of a pod that has ended is stopped behind its containers; a run that was faster leaves that to the next one.
  const before = await until(
    'the sandbox of the ended pod is stopped',
    async () => {
      await at.once();
      return at.engine();
    },
    ({ containers }) => containers.every(({ pod: name, state }) => name !== 'once' || state === 'exited'),
  );
  expect(before.containers.find(({ pod: name, role }) => name === 'once' && role === 'container')).toMatchObject({
    state: 'exited',
  });
  expect((await at.once()).outcome).toMatchObject({ outcome: 'live', actions: [] });
  expect(await at.engine()).toEqual(before);
  await rm(at.dataDir, { recursive: true });
  expect((await at.once()).outcome).toMatchObject({ outcome: 'live' });
  expect(await at.engine()).toEqual(before);
  expect((await at.ask(['get', 'pod', 'once'])).stdout).toMatch(/once +0\/1 +Completed +0/);
});

test('a pod that fails for good takes the commit back', { timeout: 60_000 }, async () => {
  await live({ 'web.yaml': yaml(deployment('web')) });
  const before = await at.engine();
  // Never ready: without a probe it would be, for the moment in which it runs.
  const container = { readinessProbe: { exec: { command: ['false'] } } };
  const bad = pod('once', podSpec({ script: 'echo cannot >&2; exit 4', container, pod: { restartPolicy: 'Never' } }));
  await at.repo.commit({ 'job.yaml': yaml(bad) }, 'Bad');
  const { exitCode, outcome } = await at.once(['--timeout', '20s']);
  expect({ exitCode, outcome }).toMatchObject({ exitCode: 1, outcome: { outcome: 'rolled-back' } });
  expect(outcome.message).toMatch(/pod\/once.*exit code 4/s);
  expect(await at.engine()).toEqual(before);
});

test('a pod and a ReplicaSet by themselves: changed, replaced, scaled, pruned', { timeout: 60_000 }, async () => {
  const set = (replicas: number): object => ({
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name: 'set' },
    spec: {
      replicas,
      selector: { matchLabels: { app: 'set' } },
      template: { metadata: { labels: { app: 'set' } }, spec: podSpec() },
    },
  });
  const solo = (text: string): object => pod('solo', podSpec({ container: { env: [{ name: 'VERSION', value: text }] } }));
  await live({ 'solo.yaml': yaml(solo('one')), 'set.yaml': yaml(set(2)) });
  const [first] = await runningContainers(at.cluster, 'solo');
  const old = await runningContainers(at.cluster, 'set-');
  expect(old).toHaveLength(2);

  await live({ 'solo.yaml': yaml(solo('two')), 'set.yaml': yaml(set(1)) });
  const solos = await runningContainers(at.cluster, 'solo');
  expect(solos).toHaveLength(1);
  expect(solos[0]?.id).not.toBe(first?.id);
  const left = await runningContainers(at.cluster, 'set-');
  expect(left).toHaveLength(1);
  expect(old).toContainEqual(left[0]);

  await live({ 'set.yaml': null });
  expect((await clusterContainers(at.cluster)).map((each) => each.pod)).toEqual(['solo', 'solo']);
});

test('containers of a pod share its network and its emptyDir, which goes with the pod', { timeout: 60_000 }, async () => {
  const mount = { volumeMounts: [{ name: 'shared', mountPath: '/shared' }] };
  const {
    containers: [server],
  } = podSpec({
    script: 'echo from the other > /shared/index.html; httpd -p 8080 -h /shared',
    container: { name: 'server', ...mount },
  }) as {
    containers: [object];
  };
  const {
    containers: [client],
  } = podSpec({ container: { name: 'client', ...mount } }) as { containers: [object] };
  const spec = { terminationGracePeriodSeconds: 1, containers: [server, client], volumes: [{ name: 'shared', emptyDir: {} }] };
  await live({ 'pair.yaml': yaml(pod('pair', spec), configMap('rest', { a: '1' })) });
  const script = 'wget -q -O - http://127.0.0.1:8080/index.html; cat /shared/index.html';
  const { stdout } = await at.ask(['exec', 'pair', '-c', 'client', '--', 'sh', '-c', script]);
  expect(stdout).toBe('from the other\nfrom the other\n');
  expect(await clusterVolumes(at.cluster)).toHaveLength(1);
  await live({ 'pair.yaml': yaml(configMap('rest', { a: '1' })) });
  expect(await clusterContainers(at.cluster)).toEqual([]);
  expect(await clusterVolumes(at.cluster)).toEqual([]);
});

test('a program that does not listen is killed when its grace is over, and the commit is live', { timeout: 60_000 }, async () => {
  const deaf = deployment('deaf', { container: { command: ['sh', '-c', "trap '' TERM; while :; do sleep 1; done"] } });
  await live({ 'deaf.yaml': yaml(deaf), 'web.yaml': yaml(deployment('web')) });
  await live({ 'deaf.yaml': null });
  expect((await clusterContainers(at.cluster)).map((each) => each.pod.replace(/-.*/, ''))).toEqual(['web', 'web']);
});

test('a Deployment under a new name: the old one goes when the new one is healthy', { timeout: 60_000 }, async () => {
  await live({ 'web.yaml': yaml(deployment('web', { replicas: 2 })) });
  await live({ 'web.yaml': yaml(deployment('site', { replicas: 2 })) });
  expect((await clusterContainers(at.cluster)).map((each) => each.pod.replace(/-.*/, ''))).toEqual([
    'site',
    'site',
    'site',
    'site',
  ]);
});

test('two applications of one cluster leave each other alone, also when the store is lost', { timeout: 60_000 }, async () => {
  const files = { 'left/web.yaml': yaml(deployment('left')), 'right/web.yaml': yaml(deployment('right')) };
  await live(files, ['--path', 'left']);
  await live({}, ['--path', 'right']);
  const before = await at.engine();
  expect(before.containers.map((each) => each.pod.replace(/-.*/, ''))).toEqual(['left', 'left', 'right', 'right']);
  await rm(at.dataDir, { recursive: true });
  expect(await at.once(['--path', 'right'])).toMatchObject({ exitCode: 0, outcome: { application: 'right', outcome: 'live' } });
  expect(await at.engine()).toEqual(before);
  // What the other one wants of the same name is refused.
  await at.repo.commit({ 'left/web.yaml': yaml(deployment('left'), deployment('right')) }, 'Mine');
  const refused = await at.once(['--path', 'left']);
  expect(refused).toMatchObject({ exitCode: 1, outcome: { application: 'left', outcome: 'preflight-failed' } });
  expect(refused.outcome.message).toMatch(/right.*belongs to the application "right"/);
  expect(await at.engine()).toEqual(before);
});

test('a host port that is taken refuses the commit before anything is touched', { timeout: 60_000 }, async () => {
  const hostPort = await freePort();
  const taken = (name: string): object =>
    deployment(name, {
      script: 'httpd -p 8080',
      container: { ports: [{ containerPort: 8080, hostPort }] },
      spec: { strategy: { type: 'Recreate' } },
    });
  await live({ 'one.yaml': yaml(taken('one')) });
  expect((await fetch(`http://127.0.0.1:${hostPort}/`)).status).toBe(404);
  const before = await at.engine();
  await at.repo.commit({ 'two.yaml': yaml(taken('two')) }, 'Two');
  const refused = await at.once(['--timeout', '3s']);
  expect(refused).toMatchObject({ exitCode: 1, outcome: { outcome: 'preflight-failed' } });
  expect(refused.outcome.message).toMatch(new RegExp(`port.*${hostPort}|${hostPort}.*port`));
  expect(await at.engine()).toEqual(before);
});
