import { assert, constantFrom, integer, option, property, record, uniqueArray } from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ContainerSeen } from '../../src/kubelet/engine/container-engine.ts';
import type { PodEnvironment } from '../../src/kubelet/environment.ts';
import {
  ATTEMPT_LABEL,
  CONTAINER_LABEL,
  POD_JSON_LABEL,
  POD_UID_LABEL,
  ROLE_LABEL,
  SANDBOX_LABEL,
  SPEC_HASH_LABEL,
  STREAK_LABEL,
} from '../../src/kubelet/labels.ts';
import { containerName, networkName, sandboxName } from '../../src/kubelet/names.ts';
import { planPod } from '../../src/kubelet/plan/plan-pod.ts';
import { backOffMs } from '../../src/kubelet/plan/restart.ts';
import type { PodPlan, PodStep } from '../../src/kubelet/plan/steps.ts';
import type { ProbeState } from '../../src/kubelet/probes/probe-state.ts';
import { containerHash, podJson, sandboxHash, sandboxSpec } from '../../src/kubelet/spec/container-spec.ts';
import type { PodSpec, PodStatus, StoredOf } from '../../src/model/resource.ts';
import { aContainer, aPod, START_MS } from '../support/builders.ts';

const NOW = START_MS + 3_600_000;
const SECOND = 1_000;

function environment(options: Partial<PodEnvironment> = {}): PodEnvironment {
  return {
    cluster: 'c',
    nodeName: 'n',
    nodeAddress: '10.0.0.1',
    node: { cpus: 4, memoryBytes: 2 ** 33, enforces: { memory: true, cpuShares: true } },
    sandboxImage: 'sandbox',
    isNodePrepared: true,
    configMaps: new Map(),
    secrets: new Map(),
    claims: new Map(),
    claimVolumes: new Map(),
    freshVolumes: new Set(),
    volumes: new Set(),
    preparedSandboxes: new Set(),
    volumeVersions: new Map(),
    images: new Map(),
    probes: new Map(),
    signals: new Map(),
    endings: new Map(),
    failures: new Map(),
    ...options,
  };
}

const identityOf = (pod: StoredOf<'Pod'>) => ({
  cluster: 'c',
  namespace: 'default',
  pod: pod.metadata.name,
  uid: pod.metadata.uid,
});

function seenBase(id: string, options: Partial<ContainerSeen>): ContainerSeen {
  return {
    id,
    labels: {},
    image: 'busybox:1.36',
    imageId: 'sha256:1',
    state: 'running',
    createdAtMs: START_MS,
    startedAtMs: START_MS,
    finishedAtMs: 0,
    exitCode: 0,
    isOomKilled: false,
    error: '',
    ip: '',
    settings: { name: '', memoryBytes: 0, nanoCpus: 0, cpuShares: 2, restartPolicy: 'no', networks: [] },
    ...options,
  };
}

function aSandbox(pod: StoredOf<'Pod'>, options: Partial<ContainerSeen> = {}, attempt = 0): ContainerSeen {
  const base = seenBase(`sandbox-${attempt}`, { ip: '10.1.0.2', ...options });
  return {
    ...base,
    labels: {
      [ROLE_LABEL]: 'sandbox',
      [POD_UID_LABEL]: pod.metadata.uid,
      [ATTEMPT_LABEL]: String(attempt),
      [SPEC_HASH_LABEL]: sandboxHash(pod),
      [POD_JSON_LABEL]: podJson(pod),
    },
    settings: {
      ...base.settings,
      name: sandboxName(identityOf(pod), attempt),
      networks: [networkName('c')],
      ...options.settings,
    },
  };
}

function aRun(
  pod: StoredOf<'Pod'>,
  options: Partial<ContainerSeen> = {},
  attempt = 0,
  streak = attempt,
  sandbox = 'sandbox-0',
): ContainerSeen {
  const container = pod.spec.containers[0];
  const base = seenBase(`run-${attempt}`, options);
  return {
    ...base,
    labels: {
      [ROLE_LABEL]: 'container',
      [POD_UID_LABEL]: pod.metadata.uid,
      [CONTAINER_LABEL]: container.name,
      [ATTEMPT_LABEL]: String(attempt),
      [STREAK_LABEL]: String(streak),
      [SANDBOX_LABEL]: sandbox,
      [SPEC_HASH_LABEL]: containerHash(container),
      ...options.labels,
    },
    settings: { ...base.settings, name: containerName(identityOf(pod), container.name, attempt), ...options.settings },
  };
}

const exited = (exitCode: number, agoMs: number, ranMs = SECOND): Partial<ContainerSeen> => ({
  state: 'exited',
  exitCode,
  finishedAtMs: NOW - agoMs,
  startedAtMs: NOW - agoMs - ranMs,
});
const present = (pod: StoredOf<'Pod'>, attempt = 0) => ({
  images: new Map([[`${pod.metadata.uid}/main/${attempt}`, { state: 'present' as const }]]),
});
const plan = (pod: StoredOf<'Pod'> | undefined, seen: ContainerSeen[], options: Partial<PodEnvironment> = {}): PodPlan =>
  planPod({ pod, seen, environment: environment(options), now: NOW });
const kinds = (made: PodPlan): string[] => made.steps.map((step) => step.type);
const stepOf = <T extends PodStep['type']>(made: PodPlan, type: T): Extract<PodStep, { type: T }> => {
  const found = made.steps.find((step): step is Extract<PodStep, { type: T }> => step.type === type);
  if (found === undefined) throw new Error(`no step ${type} in ${kinds(made).join(' ')}`);
  return found;
};

describe('the life of a pod, step by step', () => {
  const withVolume = aPod({ spec: { volumes: [{ name: 'tmp', emptyDir: {} }] } });
  const volume = new Set(['hf.c.default.web.tmp.' + withVolume.metadata.uid.slice(0, 8)]);
  const pod = aPod();

  test.each<[string, StoredOf<'Pod'>, ContainerSeen[], Partial<PodEnvironment>, string[]]>([
    ['nothing is there, nor what pods share', withVolume, [], { isNodePrepared: false }, ['prepare-node', 'ensure-volume']],
    ['volumes are there', withVolume, [], { volumes: volume }, ['create-sandbox']],
    [
      'the sandbox was created',
      withVolume,
      [aSandbox(withVolume, { state: 'created', ip: '' })],
      { volumes: volume },
      ['start-sandbox'],
    ],
    ['the sandbox runs', withVolume, [aSandbox(withVolume)], { volumes: volume }, ['fill-volumes']],
    [
      'its volumes are filled',
      withVolume,
      [aSandbox(withVolume)],
      { preparedSandboxes: new Set(['sandbox-0']) },
      ['prepare-image'],
    ],
    ['the image is there', pod, [aSandbox(pod)], present(pod), ['create-container']],
    ['the container was created', pod, [aSandbox(pod), aRun(pod, { state: 'created', startedAtMs: 0 })], {}, ['start-container']],
    ['the container runs', pod, [aSandbox(pod), aRun(pod)], {}, []],
  ])('%s', (_what, thePod, seen, options, expected) => {
    expect(kinds(plan(thePod, seen, options))).toEqual(expected);
  });

  test('the sandbox carries the pod, its host ports and its name, and no values of Secrets', () => {
    const secret = aPod({
      spec: { volumes: [{ name: 's', secret: { secretName: 'secret' } }] },
      container: { ports: [{ containerPort: 80, hostPort: 8080, protocol: 'UDP' }, { containerPort: 81 }] },
    });
    const spec = sandboxSpec(
      secret,
      environment({ secrets: new Map([['secret', new Map([['key', Buffer.from('topsecret')]])]]) }),
      0,
    );
    expect(spec).toMatchObject({
      hostname: 'web',
      network: { type: 'network', name: 'holdfast-c' },
      ports: [{ containerPort: 80, hostPort: 8080, protocol: 'udp', hostIP: '' }],
      mounts: [{ type: 'volume', target: '/volumes/s' }],
    });
    expect(JSON.stringify(spec)).not.toContain('topsecret');
    expect(JSON.parse(spec.labels[POD_JSON_LABEL] ?? '')).toMatchObject({
      metadata: { name: 'web' },
      spec: { restartPolicy: 'Always' },
    });
  });
});

describe('what an ended container leads to', () => {
  const cases: [string, NonNullable<PodSpec['restartPolicy']>, Partial<ContainerSeen>, number, string][] = [
    ['a first failure', 'Always', exited(1, 0), 0, 'create 1'],
    ['a second one within 10 s', 'Always', exited(1, 9 * SECOND), 1, 'wait 1000'],
    ['a second one after 10 s', 'Always', exited(1, 10 * SECOND), 1, 'create 2'],
    ['a third one', 'Always', exited(1, 15 * SECOND), 2, 'wait 5000'],
    ['success is restarted, too', 'Always', exited(0, 0), 0, 'create 1'],
    ['a long run starts over', 'Always', exited(1, 0, 600 * SECOND), 6, 'create 1'],
    ['failure under OnFailure', 'OnFailure', exited(2, 0), 0, 'create 1'],
    ['success under OnFailure', 'OnFailure', exited(0, 0), 0, 'Succeeded'],
    ['failure under Never', 'Never', exited(2, 0), 0, 'Failed'],
    [
      'could not be started',
      'Always',
      { state: 'created', error: 'no such file', startedAtMs: 0, createdAtMs: NOW, exitCode: 127 },
      0,
      'create 1',
    ],
    [
      'could not be started under Never',
      'Never',
      { state: 'created', error: 'no', startedAtMs: 0, createdAtMs: NOW },
      0,
      'Failed',
    ],
  ];
  test.each(cases)('%s', (_what, restartPolicy, run, streak, expected) => {
    const pod = aPod({ spec: { restartPolicy } });
    const attempt = streak === 6 ? 0 : streak;
    const made = plan(pod, [aSandbox(pod), aRun(pod, run, attempt, streak)], present(pod, attempt + 1));
    const step = made.steps.find((each) => each.type === 'create-container');
    const next =
      step === undefined
        ? made.checkAgainAfterMs === undefined
          ? made.status?.phase
          : `wait ${made.checkAgainAfterMs}`
        : `create ${step.spec.labels[ATTEMPT_LABEL]}`;
    expect(next).toBe(expected);
  });

  test.each([
    ['an exit code', exited(137, 0), 'ended with exit code 137'],
    ['the lack of memory', { ...exited(137, 0), isOomKilled: true }, 'ended with exit code 137, out of memory'],
    ['a failed start', { ...exited(127, 0), error: 'no such file' }, 'ended with exit code 127, no such file'],
  ])('the new container says why it is made: %s', (_what, run, expected) => {
    const pod = aPod();
    const note = stepOf(plan(pod, [aSandbox(pod), aRun(pod, run)], present(pod, 1)), 'create-container').note;
    expect(note?.message).toBe(`Created container main (restart 1: the one before ${expected})`);
  });

  test('back-off doubles from 10 s to 5 min', () => {
    expect([0, 1, 2, 3, 4, 5, 6, 60].map(backOffMs)).toEqual([0, 10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000]);
  });

  test('waiting is told as Kubernetes does, and only two runs are kept', () => {
    const pod = aPod();
    const runs = [3, 2, 1].map((attempt) =>
      aRun(pod, { ...exited(1, attempt === 3 ? SECOND : 100 * SECOND), isOomKilled: true }, attempt),
    );
    const made = plan(pod, [aSandbox(pod), ...runs]);
    expect(made.steps).toEqual([{ type: 'remove', id: 'run-1' }]);
    expect(made.status?.containerStatuses?.[0]).toMatchObject({
      restartCount: 3,
      state: {
        waiting: {
          reason: 'CrashLoopBackOff',
          message: `back-off 40s restarting failed container=main pod=web_default(${pod.metadata.uid})`,
        },
      },
      lastState: { terminated: { exitCode: 1, reason: 'OOMKilled' } },
    });
  });

  test('a finished pod lets its sandbox go and keeps its containers', () => {
    const pod = aPod({ spec: { restartPolicy: 'Never' } });
    const made = plan(pod, [aSandbox(pod), aRun(pod, exited(0, 0))]);
    expect(made.steps).toEqual([{ type: 'kill', id: 'sandbox-0', how: 'kill', restart: false }]);
    expect(made.status?.conditions?.find((each) => each.type === 'Ready')).toMatchObject({
      status: 'False',
      reason: 'PodCompleted',
    });
  });
});

describe('what must not run is ended', () => {
  const failed: ProbeState = { verdict: 'failure', successes: 0, failures: 3, failingSinceMs: NOW, message: 'no' };
  const pod = aPod({ container: { livenessProbe: { exec: { command: ['x'] } } } });
  const cases: [string, ContainerSeen[], Partial<PodEnvironment>, string][] = [
    ['the definition changed', [aSandbox(pod), aRun(pod, { labels: { [SPEC_HASH_LABEL]: 'old' } })], {}, 'definition changed'],
    [
      'liveness failed',
      [aSandbox(pod), aRun(pod)],
      { probes: new Map([['run-0', { liveness: failed }]]) },
      'failed liveness probe',
    ],
    ['the sandbox is gone', [aRun(pod)], {}, 'sandbox that is gone'],
    ['the sandbox died', [aSandbox(pod, { state: 'exited' }), aRun(pod)], {}, 'sandbox that is gone'],
    ['paused', [aSandbox(pod), aRun(pod, { state: 'paused' })], {}, 'paused no → yes'],
  ];
  test.each(cases)('%s', (_what, seen, options, words) => {
    const made = plan(pod, seen, options);
    expect(stepOf(made, 'kill')).toMatchObject({ id: 'run-0', how: 'stop', restart: true });
    expect(stepOf(made, 'kill').note?.message).toContain(words);
    expect(kinds(made)).toEqual(['kill']);
  });

  const sent = (agoMs: number, killedAgoMs?: number): Partial<PodEnvironment> => ({
    signals: new Map([
      ['run-0', { stopAtMs: NOW - agoMs, ...(killedAgoMs === undefined ? {} : { killAtMs: NOW - killedAgoMs }) }],
    ]),
  });
  test.each<[string, Partial<PodEnvironment>, string[], number | undefined]>([
    ['first it is asked', {}, ['kill'], 30_000],
    ['then it has its grace', sent(10_000), [], 20_000],
    ['then it is killed', sent(30_000), ['kill'], 5_000],
    ['that may take a moment', sent(31_000, 1_000), [], 4_000],
  ])('a deleted pod: %s', (_what, options, steps, again) => {
    const deleted = aPod({ deletionTimestamp: '2026-01-01T00:00:00Z' });
    const made = plan(deleted, [aSandbox(deleted), aRun(deleted)], options);
    expect(kinds(made)).toEqual(steps);
    expect(made.checkAgainAfterMs).toBe(again);
  });

  test('a deleted pod goes containers first, then sandbox, volumes, and the object', () => {
    const deleted = aPod({ deletionTimestamp: '2026-01-01T00:00:00Z' });
    const [sandbox, run] = [aSandbox(deleted), aRun(deleted, exited(143, 0))];
    const volumes = { volumes: new Set(['v']) };
    expect(plan(deleted, [sandbox, run], volumes).steps).toEqual([{ type: 'remove', id: 'run-0' }]);
    expect(plan(deleted, [sandbox], volumes).steps).toEqual([{ type: 'remove', id: 'sandbox-0' }]);
    expect(plan(deleted, [], volumes).steps).toEqual([{ type: 'remove-volume', name: 'v' }]);
    expect(kinds(plan(deleted, []))).toEqual(['remove-pod']);
  });

  test('a volume that cannot be removed holds up no pod, and is tried again', () => {
    const deleted = aPod({ deletionTimestamp: '2026-01-01T00:00:00Z' });
    const failure = { reason: 'FailedUnMount', message: 'in use', failures: 1, retryAtMs: NOW + SECOND };
    const options = { volumes: new Set(['v']), failures: new Map([['v', failure]]) };
    expect(kinds(plan(deleted, [], options))).toEqual(['remove-pod']);
    expect(plan(undefined, [], options)).toMatchObject({ steps: [], checkAgainAfterMs: SECOND });
    const due = { ...options, failures: new Map([['v', { ...failure, retryAtMs: NOW }]]) };
    expect(plan(undefined, [], due).steps).toEqual([{ type: 'remove-volume', name: 'v' }]);
  });

  test('containers without a pod are ended with the grace that their sandbox remembers', () => {
    const lost = aPod({ spec: { terminationGracePeriodSeconds: 7 } });
    const made = plan(undefined, [aSandbox(lost), aRun(lost)]);
    expect(kinds(made)).toEqual(['kill']);
    expect(made.checkAgainAfterMs).toBe(7_000);
    expect(made.status).toBeUndefined();
  });
});

describe('status', () => {
  test('is stable: planning its own result again changes nothing', () => {
    const pod = aPod();
    const seen = [aSandbox(pod), aRun(pod)];
    const first = plan(pod, seen).status;
    const again = planPod({
      pod: { ...pod, ...(first === undefined ? {} : { status: first }) },
      seen,
      environment: environment(),
      now: NOW + 99_000,
    });
    expect(again.status).toEqual(first);
  });

  test('a running pod', () => {
    const pod = aPod();
    expect(plan(pod, [aSandbox(pod), aRun(pod)]).status).toMatchObject({
      phase: 'Running',
      podIP: '10.1.0.2',
      podIPs: [{ ip: '10.1.0.2' }],
      hostIP: '10.0.0.1',
      startTime: '2026-01-01T00:00:00Z',
      containerStatuses: [
        {
          name: 'main',
          ready: true,
          started: true,
          restartCount: 0,
          image: 'busybox:1.36',
          imageID: 'sha256:1',
          containerID: 'docker://run-0',
        },
      ],
    } satisfies PodStatus);
  });

  test('a hostPath needs no volume, a claim that is not bound holds the pod', () => {
    const pod = aPod({
      spec: {
        volumes: [
          { name: 'd', persistentVolumeClaim: { claimName: 'data' } },
          { name: 'h', hostPath: { path: '/srv' } },
        ],
      },
    });
    const made = plan(pod, [], { claims: new Map([['data', 'Pending']]) });
    expect(made.steps).toEqual([]);
    expect(made.status?.containerStatuses?.[0]?.state?.waiting?.message).toBe('persistentvolumeclaim "data" is not bound yet');
    expect(kinds(plan(pod, [], { claims: new Map([['data', 'Bound']]) }))).toEqual(['create-sandbox']);
  });
});

describe('invariants', () => {
  const states = constantFrom<ContainerSeen['state']>('created', 'running', 'paused', 'exited', 'dead', 'removing');
  const anyRun = record({
    state: states,
    attempt: integer({ min: 0, max: 4 }),
    sandbox: constantFrom('sandbox-0', 'sandbox-1'),
    exitCode: constantFrom(0, 1),
    agoMs: integer({ min: 0, max: 700_000 }),
    policy: constantFrom<NonNullable<PodSpec['restartPolicy']>>('Always', 'OnFailure', 'Never'),
  });

  test('never a second living container in one slot, never a container without a running sandbox', () => {
    assert(
      property(uniqueArray(anyRun, { selector: (run) => run.attempt, maxLength: 4 }), option(states), (runs, sandboxState) => {
        const pod = aPod({ spec: { restartPolicy: runs[0]?.policy ?? 'Always' } });
        const seen = runs.map((run) =>
          aRun(
            pod,
            { state: run.state, exitCode: run.exitCode, finishedAtMs: NOW - run.agoMs },
            run.attempt,
            run.attempt,
            run.sandbox,
          ),
        );
        if (sandboxState !== null) seen.push(aSandbox(pod, { state: sandboxState }));
        const images = new Map(
          [0, 1, 2, 3, 4, 5].map((attempt) => [`${pod.metadata.uid}/main/${attempt}`, { state: 'present' as const }]),
        );
        const made = plan(pod, seen, { images });
        const starts = made.steps.filter((step) => step.type === 'create-container' || step.type === 'start-container');
        const living = seen.filter(
          (each) => each.labels[CONTAINER_LABEL] === 'main' && (each.state === 'running' || each.state === 'paused'),
        );
        expect(starts.length).toBeLessThanOrEqual(1);
        expect(starts.length === 0 || (sandboxState === 'running' && living.length === 0)).toBe(true);
      }),
    );
  });

  test('several containers are planned in their order', () => {
    const pod = aPod({ spec: { containers: [aContainer({ name: 'a' }), aContainer({ name: 'b' })] } });
    const made = plan(pod, [aSandbox(pod)]);
    expect(made.steps.map((step) => (step.type === 'prepare-image' ? step.wish : ''))).toEqual([
      `${pod.metadata.uid}/a/0`,
      `${pod.metadata.uid}/b/0`,
    ]);
  });
});
