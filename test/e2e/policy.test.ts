// The policies of namespaces on real containers: what pods are given, what is refused and where it is told, and what is counted.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { byHand } from '../support/docker.ts';
import { runningContainers } from '../support/e2e-engine.ts';
import { deployment, podSpec, yaml } from '../support/e2e-manifests.ts';
import { type Scene, scene } from '../support/e2e-scene.ts';

let at: Scene;
beforeEach(async () => {
  at = await scene('policy');
});
afterEach(async () => {
  await at.close();
});

async function live(files: Record<string, string | null>): Promise<void> {
  await at.repo.commit(files, 'Change');
  const { exitCode, outcome, stderr } = await at.once();
  expect({ exitCode, outcome: outcome.outcome, stderr }).toMatchObject({ exitCode: 0, outcome: 'live' });
}
const object = (kind: string, name: string, body: object, apiVersion = 'v1', metadata: object = {}): object => ({
  apiVersion,
  kind,
  metadata: { name, ...metadata },
  ...body,
});
const inNamespace = (namespace: string, manifest: object): object => {
  const { metadata, ...rest } = manifest as { metadata: object };
  return { ...rest, metadata: { ...metadata, namespace } };
};
const requests = (cpu: string): object => ({ container: { resources: { requests: { cpu } } } });
async function said(...args: string[]): Promise<string> {
  return (await at.holdfast(args)).stdout;
}
/** What the engine was told of the limits of a pod's container. */
async function limitsOf(pod: string): Promise<unknown> {
  const [container] = await runningContainers(at.cluster, pod);
  const { HostConfig } = (await byHand('GET', `/containers/${container?.id ?? ''}/json`)) as {
    HostConfig: { Memory: number; NanoCpus: number };
  };
  return { memory: HostConfig.Memory, nanoCpus: HostConfig.NanoCpus };
}

test('pods get defaults, priority and account; quotas and budgets count them; a second pass changes nothing', {
  timeout: 90_000,
}, async () => {
  const range = object('LimitRange', 'sizes', {
    spec: {
      limits: [{ type: 'Container', default: { memory: '64Mi', cpu: '500m' }, defaultRequest: { cpu: '10m', memory: '8Mi' } }],
    },
  });
  const quota = object('ResourceQuota', 'team', {
    spec: { hard: { pods: '6', 'requests.cpu': '1', 'count/deployments.apps': '3' } },
  });
  const high = object('PriorityClass', 'high', { value: 1000, preemptionPolicy: 'Never' }, 'scheduling.k8s.io/v1');
  const robot = object('ServiceAccount', 'robot', {});
  const budget = object(
    'PodDisruptionBudget',
    'web',
    { spec: { maxUnavailable: '34%', selector: { matchLabels: { app: 'web' } } } },
    'policy/v1',
  );
  const solo = object('Pod', 'solo', { spec: podSpec({ pod: { priorityClassName: 'high', serviceAccountName: 'robot' } }) });
  const files = { 'all.yaml': yaml(range, quota, high, robot, budget, solo, deployment('web', { replicas: 3 })) };
  await live(files);

  for (const pod of ['solo', 'web-']) expect(await limitsOf(pod)).toEqual({ memory: 64 * 2 ** 20, nanoCpus: 500_000_000 });
  const { stdout } = await at.ask([
    'exec',
    'solo',
    '--',
    'sh',
    '-c',
    'cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null',
  ]);
  expect(stdout).toContain(String(64 * 2 ** 20));
  const stored = await said('get', 'pod', 'solo', '-o', 'yaml');
  for (const line of [
    'priority: 1000',
    'preemptionPolicy: Never',
    'serviceAccountName: robot',
    'LimitRanger plugin set: cpu, memory request',
  ])
    expect(stored).toContain(line);
  expect(await said('get', 'quota')).toMatch(/team +count\/deployments.apps: 1\/3, pods: 4\/6, requests.cpu: 40m\/1/);
  expect(await said('get', 'pdb')).toMatch(/web +N\/A +34% +2 /);
  expect(await said('get', 'pc')).toMatch(/high +1000 +false/);

  const before = await at.engine();
  expect((await at.once()).outcome).toMatchObject({ outcome: 'live', actions: [] });
  expect(await at.engine()).toEqual(before);
});

test('a commit that a quota, a bound or a standard would refuse is refused at its line, and what runs is as it was', {
  timeout: 90_000,
}, async () => {
  const labels = { 'pod-security.kubernetes.io/enforce': 'baseline', 'pod-security.kubernetes.io/warn': 'restricted' };
  const namespace = object('Namespace', 'shop', {}, 'v1', { labels });
  const quota = object('ResourceQuota', 'team', { spec: { hard: { pods: '2', 'requests.cpu': '100m' } } });
  const range = object('LimitRange', 'sizes', {
    spec: { limits: [{ type: 'Container', max: { cpu: '1' }, defaultRequest: { cpu: '10m' } }] },
  });
  const policies = yaml(namespace, ...[quota, range].map((each) => inNamespace('shop', each)));
  const web = (replicas: number, options: object = {}): string =>
    yaml(inNamespace('shop', deployment('web', { replicas, ...options })));
  await live({ 'policies.yaml': policies, 'web.yaml': web(2) });
  const before = await at.engine();

  const refusals: readonly (readonly [string, RegExp])[] = [
    [web(3), /exceeded quota: team, requested: pods=3, used: pods=0, limited: pods=2/],
    [
      web(2, requests('80m')),
      /exceeded quota: team, requested: requests.cpu=160m, used: requests.cpu=0, limited: requests.cpu=100m/,
    ],
    [web(2, { container: { resources: { limits: { cpu: '2' } } } }), /maximum cpu usage per Container is 1, but limit is 2/],
    [web(1, { pod: { hostPID: true } }), /violates PodSecurity "baseline:latest": host namespaces \(hostPID=true\)/],
  ];
  for (const [manifest, reason] of refusals) {
    await at.repo.commit({ 'web.yaml': manifest }, 'Too much');
    const { exitCode, outcome } = await at.once();
    expect(exitCode).toBe(1);
    const problem = outcome.problems.find(({ reason: word }) => word === 'Forbidden');
    expect(problem).toMatchObject({ file: 'web.yaml' });
    expect(problem?.line).toBeGreaterThan(5);
    expect(outcome.problems.map(({ message }) => message).join('\n')).toMatch(reason);
    expect(await at.engine()).toEqual(before);
  }

  await at.repo.commit({ 'web.yaml': web(1) }, 'Less');
  const shown = await at.holdfast(['diff', '--repo', at.repo.dir]);
  expect(shown.stdout + shown.stderr).toMatch(
    /web\.yaml:\d+:\d+ .*would violate PodSecurity "restricted:latest": allowPrivilegeEscalation != false/,
  );
  expect((await at.once()).outcome).toMatchObject({ outcome: 'live' });
  expect(await runningContainers(at.cluster, 'web-')).toHaveLength(1);
});
