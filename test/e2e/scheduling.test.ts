// Where pods go, as users write it, on one host: what fits runs, what does not is refused before anything is touched, and the important
// makes room for itself.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { BUSYBOX, byHand } from '../support/docker.ts';
import { runningContainers } from '../support/e2e-engine.ts';
import { configMap, deployment, podSpec, yaml } from '../support/e2e-manifests.ts';
import { type Scene, scene } from '../support/e2e-scene.ts';
import { until } from '../support/e2e-until.ts';

let at: Scene;
beforeEach(async () => {
  at = await scene('scheduling');
});
afterEach(async () => {
  await at.close();
});

const pod = (name: string, spec: object): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, labels: { app: name } },
  spec,
});
const names = async (): Promise<string[]> =>
  (await runningContainers(at.cluster)).map((each) => each.pod.replace(/-[0-9a-f]{10}-\w{5}$/, '')).toSorted();

async function live(files: Record<string, string | null>): Promise<void> {
  await at.repo.commit(files, 'Change');
  const { exitCode, outcome } = await at.once();
  expect({ exitCode, outcome }).toMatchObject({ exitCode: 0, outcome: { outcome: 'live' } });
}

async function refused(files: Record<string, string | null>): Promise<string> {
  await at.repo.commit(files, 'Too much');
  const { exitCode, outcome } = await at.once(['--timeout', '1s']);
  expect({ exitCode, outcome }).toMatchObject({ exitCode: 1, outcome: { outcome: 'preflight-failed' } });
  return outcome.message;
}

/** The processors of the engine, from the engine. */
async function processors(): Promise<number> {
  const { NCPU } = (await byHand('GET', '/info')) as { NCPU: number };
  return NCPU;
}

const together = (kind: string, app: string): object => ({
  affinity: {
    [kind]: {
      requiredDuringSchedulingIgnoredDuringExecution: [
        { labelSelector: { matchLabels: { app } }, topologyKey: 'kubernetes.io/hostname' },
      ],
    },
  },
});

test('selectors, affinity, tolerations, spreading and priorities that this host meets: all of it runs', {
  timeout: 90_000,
}, async () => {
  const spread = {
    maxSkew: 1,
    topologyKey: 'kubernetes.io/hostname',
    whenUnsatisfiable: 'DoNotSchedule',
    labelSelector: { matchLabels: { app: 'spread' } },
  };
  const onLinux = [
    {
      matchExpressions: [
        { key: 'kubernetes.io/os', operator: 'In', values: ['linux'] },
        { key: 'gpu', operator: 'DoesNotExist' },
      ],
    },
  ];
  await live({
    'class.yaml': yaml({
      apiVersion: 'scheduling.k8s.io/v1',
      kind: 'PriorityClass',
      metadata: { name: 'gold' },
      value: 1000,
      description: 'first',
    }),
    'all.yaml': yaml(
      deployment('linux', { pod: { nodeSelector: { 'kubernetes.io/os': 'linux', 'beta.kubernetes.io/os': 'linux' } } }),
      deployment('near', { pod: together('podAffinity', 'linux') }),
      deployment('apart', { pod: together('podAntiAffinity', 'apart'), spec: { strategy: { type: 'Recreate' } } }),
      deployment('spread', { replicas: 3, pod: { topologySpreadConstraints: [spread] } }),
      deployment('term', {
        pod: { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: onLinux } } } },
      }),
      deployment('tolerant', {
        pod: {
          tolerations: [{ key: 'node-role.kubernetes.io/control-plane', operator: 'Exists', effect: 'NoSchedule' }],
          priorityClassName: 'gold',
        },
      }),
    ),
  });
  expect(await names()).toEqual(['apart', 'linux', 'near', 'spread', 'spread', 'spread', 'term', 'tolerant']);
  const nodes = JSON.parse((await at.ask(['get', 'nodes', '-o', 'json'])).stdout) as {
    items: { metadata: { name: string; labels: object } }[];
  };
  const [node] = nodes.items;
  expect(node?.metadata.labels).toMatchObject({ 'kubernetes.io/os': 'linux', 'kubernetes.io/hostname': node?.metadata.name });
  const pods = JSON.parse((await at.ask(['get', 'pods', '-o', 'json'])).stdout) as {
    items: { spec: { priority?: number }; metadata: { labels: { app: string } } }[];
  };
  expect(pods.items.find(({ metadata }) => metadata.labels.app === 'tolerant')?.spec.priority).toBe(1000);
});

test('what this host does not meet is refused with the reason, and nothing is touched', { timeout: 90_000 }, async () => {
  await live({ 'web.yaml': yaml(deployment('web', { replicas: 2 })) });
  const before = await at.engine();
  const only = (name: string, options: object): Record<string, string> => ({ 'more.yaml': yaml(deployment(name, options)) });
  expect(await refused(only('ssd', { pod: { nodeSelector: { disk: 'ssd' } } }))).toContain(
    "deployment/ssd: Its pod has no place: 0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.",
  );
  expect(await refused(only('apart', { replicas: 2, pod: together('podAntiAffinity', 'apart') }))).toContain(
    "deployment/apart: 1 of its 2 pods have no place: 0/1 nodes are available: 1 node(s) didn't match pod anti-affinity rules.",
  );
  expect(await refused(only('near', { pod: together('podAffinity', 'nobody') }))).toContain(
    "1 node(s) didn't match pod affinity rules.",
  );
  expect(await refused(only('wide', { container: { resources: { requests: { cpu: '999' } } } }))).toContain(
    '1 Insufficient cpu.',
  );
  const initContainers = [{ name: 'first', image: BUSYBOX, command: ['true'], resources: { requests: { memory: '900Ti' } } }];
  expect(await refused(only('init', { pod: { initContainers } }))).toContain('1 Insufficient memory.');
  expect(await refused(only('dongle', { container: { resources: { limits: { 'example.com/dongle': 1 } } } }))).toContain(
    '1 Insufficient example.com/dongle.',
  );
  expect(await at.engine()).toEqual(before);
});

test('a pod of higher priority makes one of lower priority go; the less important waits and says why', {
  timeout: 120_000,
}, async () => {
  const cpu = String((await processors()) * 0.6);
  const container = { resources: { requests: { cpu } } };
  await live({
    'class.yaml': yaml({ apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name: 'gold' }, value: 1000 }),
    'low.yaml': yaml(pod('low', podSpec({ container }))),
    'other.yaml': yaml(deployment('other')),
  });
  expect(await names()).toEqual(['low', 'other']);
  // Of one commit, all have to have a place: the one that is left without is named.
  const gold = yaml(pod('gold', podSpec({ container, pod: { priorityClassName: 'gold' } })));
  expect(await refused({ 'gold.yaml': gold })).toContain(
    'pod/low: Its pod has no place: 0/1 nodes are available: 1 Insufficient cpu.',
  );
  expect(await names()).toEqual(['low', 'other']);
  // Another application is what it takes the place of.
  await at.repo.commit({ 'gold.yaml': null, 'gold/class.yaml': null, 'gold/gold.yaml': gold }, 'Apart');
  const { exitCode, outcome } = await at.once(['--path', 'gold']);
  expect({ exitCode, outcome }).toMatchObject({ exitCode: 0, outcome: { outcome: 'live' } });
  expect(await names()).toEqual(['gold', 'other']);
  const events = (await at.ask(['get', 'events'])).stdout;
  expect(events).toMatch(/Normal +Preempted +pod\/low +Preempted by pod \S+ on node/);
  expect(events).toMatch(/Warning +FailedScheduling +pod\/gold +0\/1 nodes are available: 1 Insufficient cpu\./);
});

test('a pod with a scheduling gate waits for the commit that takes it away', { timeout: 90_000 }, async () => {
  const gated = (gates: object[]): string =>
    yaml(pod('later', podSpec({ pod: { schedulingGates: gates } })), configMap('rest', { a: '1' }));
  await live({ 'later.yaml': gated([{ name: 'example.com/hold' }]), 'web.yaml': yaml(deployment('web')) });
  expect(await names()).toEqual(['web']);
  const why = (await at.ask(['why', 'pod/later'])).stdout;
  expect(why).toContain('SchedulingGated: Scheduling is blocked due to non-empty scheduling gates: example.com/hold');
  await live({ 'later.yaml': gated([]) });
  expect(await names()).toEqual(['later', 'web']);
});

test('a Job with more pods than there is room for runs them one after the other', {
  timeout: 120_000,
}, async () => {
  const cpu = String((await processors()) * 0.4);
  const container = { resources: { requests: { cpu } } };
  const job = (parallelism: number): object => ({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'work' },
    spec: {
      parallelism,
      completions: 5,
      template: {
        spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: BUSYBOX, command: ['sleep', '1'], ...container }] },
      },
    },
  });
  // Two have room at a time; the others follow.
  await live({ 'job.yaml': yaml(job(5)) });
  const pods = await until(
    'all pods of the Job have succeeded',
    async () => {
      await at.once();
      return JSON.parse((await at.ask(['get', 'jobs', '-o', 'json'])).stdout) as {
        items: { status: { succeeded?: number } }[];
      };
    },
    ({ items }) => items[0]?.status.succeeded === 5,
    { timeoutMs: 60_000 },
  );
  expect(pods.items[0]?.status.succeeded).toBe(5);
});
