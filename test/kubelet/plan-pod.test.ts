import { assert, constantFrom, integer, option, property, record, uniqueArray } from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ContainerSeen } from '../../src/kubelet/engine/container-engine.ts';
import type { PodEnvironment } from '../../src/kubelet/environment.ts';
import { ATTEMPT_LABEL, CONTAINER_LABEL, POD_JSON_LABEL, SPEC_HASH_LABEL } from '../../src/kubelet/labels.ts';
import { planPod } from '../../src/kubelet/plan/plan-pod.ts';
import { backOffMs } from '../../src/kubelet/plan/restart.ts';
import type { PodPlan, PodStep } from '../../src/kubelet/plan/steps.ts';
import { sandboxSpec } from '../../src/kubelet/spec/container-spec.ts';
import type { PodSpec, PodStatus, StoredOf } from '../../src/model/resource.ts';
import { aContainer, aPod } from '../support/builders.ts';
import { aRun, aSandbox, ended, environment, imagesOf, NOW, plan, SECOND, stopping, verdict, words } from './planning.ts';

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
    ['the image is there', pod, [aSandbox(pod)], imagesOf(pod), ['create-container']],
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
      mounts: [{ type: 'volume', target: '/volumes/s' }, { type: 'scratch' }],
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
    ['a first failure', 'Always', ended(1, 0), 0, 'create 1'],
    ['a second one within 10 s', 'Always', ended(1, 9 * SECOND), 1, 'wait 1000'],
    ['a second one after 10 s', 'Always', ended(1, 10 * SECOND), 1, 'create 2'],
    ['a third one', 'Always', ended(1, 15 * SECOND), 2, 'wait 5000'],
    ['success is restarted, too', 'Always', ended(0, 0), 0, 'create 1'],
    ['a long run starts over', 'Always', ended(1, 0, 600 * SECOND), 6, 'create 1'],
    ['failure under OnFailure', 'OnFailure', ended(2, 0), 0, 'create 1'],
    ['success under OnFailure', 'OnFailure', ended(0, 0), 0, 'Succeeded'],
    ['failure under Never', 'Never', ended(2, 0), 0, 'Failed'],
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
    const made = plan(pod, [aSandbox(pod), aRun(pod, { ...run, attempt, streak })], imagesOf(pod, attempt + 1));
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
    ['an exit code', ended(137, 0), 'ended with exit code 137'],
    ['the lack of memory', { ...ended(137, 0), isOomKilled: true }, 'ended with exit code 137, out of memory'],
    ['a failed start', { ...ended(127, 0), error: 'no such file' }, 'ended with exit code 127, no such file'],
  ])('the new container says why it is made: %s', (_what, run, expected) => {
    const pod = aPod();
    const note = stepOf(plan(pod, [aSandbox(pod), aRun(pod, run)], imagesOf(pod, 1)), 'create-container').note;
    expect(note?.message).toBe(`Created container main (restart 1: the one before ${expected})`);
  });

  test('back-off doubles from 10 s to 5 min', () => {
    expect([0, 1, 2, 3, 4, 5, 6, 60].map(backOffMs)).toEqual([0, 10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000]);
  });

  test('waiting is told as Kubernetes does, and only two runs are kept', () => {
    const pod = aPod();
    const runs = [3, 2, 1].map((attempt) =>
      aRun(pod, { ...ended(1, attempt === 3 ? SECOND : 100 * SECOND), isOomKilled: true, attempt }),
    );
    const made = plan(pod, [aSandbox(pod), ...runs]);
    expect(made.steps).toEqual([{ type: 'remove', id: 'main-1' }]);
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
    const made = plan(pod, [aSandbox(pod), aRun(pod, ended(0, 0))]);
    expect(words(made.steps)).toEqual(['kill sandbox-0']);
    expect(made.status?.conditions?.find((each) => each.type === 'Ready')).toMatchObject({
      status: 'False',
      reason: 'PodCompleted',
    });
  });
});

describe('what must not run is ended', () => {
  const pod = aPod({ container: { livenessProbe: { exec: { command: ['x'] } } } });
  const cases: [string, ContainerSeen[], Partial<PodEnvironment>, string][] = [
    ['the definition changed', [aSandbox(pod), aRun(pod, { labels: { [SPEC_HASH_LABEL]: 'old' } })], {}, 'definition changed'],
    [
      'liveness failed',
      [aSandbox(pod), aRun(pod)],
      { probes: new Map([['main-0', { liveness: verdict('failure') }]]) },
      'failed liveness probe',
    ],
    ['the sandbox is gone', [aRun(pod)], {}, 'sandbox that is gone'],
    ['the sandbox died', [aSandbox(pod, { state: 'exited' }), aRun(pod)], {}, 'sandbox that is gone'],
    ['paused', [aSandbox(pod), aRun(pod, { state: 'paused' })], {}, 'paused no → yes'],
  ];
  test.each(cases)('%s', (_what, seen, options, text) => {
    const made = plan(pod, seen, options);
    expect(words(made.steps)).toEqual(['end main-0 30s restart']);
    expect(stepOf(made, 'begin-stop').note?.message).toContain(text);
  });

  test('a deleted pod goes sandbox first, then containers, volumes, and the object: nothing rebuilds it when that is broken off', () => {
    const deleted = aPod({ deletionTimestamp: '2026-01-01T00:00:00Z' });
    const [sandbox, run] = [aSandbox(deleted), aRun(deleted, ended(143))];
    const volumes = { volumes: new Set(['v']) };
    const first = plan(deleted, [sandbox, run], volumes);
    expect(first.status).toMatchObject({ phase: 'Failed', containerStatuses: [{ state: { terminated: { exitCode: 143 } } }] });
    expect(words(first.steps)).toEqual(['report']);
    const told = { ...deleted, status: first.status ?? {} };
    expect(words(plan(told, [sandbox, run], volumes).steps)).toEqual(['remove sandbox-0']);
    expect(words(plan(told, [run], volumes).steps)).toEqual(['remove main-0']);
    expect(words(plan(told, [], volumes).steps)).toEqual(['remove-volume']);
    expect(words(plan(told, []).steps)).toEqual(['remove-pod']);
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

  test('containers without a pod are ended with the grace and the hooks that their sandbox remembers', () => {
    const lifecycle = { preStop: { exec: { command: ['bye'] } } };
    const lost = aPod({ spec: { terminationGracePeriodSeconds: 7 }, container: { lifecycle } });
    const seen = [aSandbox(lost), aRun(lost)];
    expect(words(plan(undefined, seen).steps)).toEqual(['end main-0 7s']);
    const begun = { stops: new Map([['main-0', stopping(0, { graceMs: 7_000 })]]) };
    expect(words(plan(undefined, seen, begun).steps)).toEqual(['preStop main-0']);
    expect(plan(undefined, seen, begun).status).toBeUndefined();
  });

  test('containers of which not even a sandbox is left are ended with 30 s of grace', () => {
    const lost = aPod();
    expect(words(plan(undefined, [aRun(lost)]).steps)).toEqual(['end main-0 30s']);
    expect(words(plan(undefined, [aRun(lost, ended(0))]).steps)).toEqual(['remove main-0']);
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
          containerID: 'docker://main-0',
        },
      ],
    } satisfies PodStatus);
  });

  test('a pod that was over before anything was reported has begun with its first container', () => {
    const pod = aPod({ spec: { restartPolicy: 'Never' } });
    const ended = aRun(pod, { state: 'exited', exitCode: 0 });
    const made = planPod({ pod, seen: [ended], environment: environment(), now: NOW + 99_000 });
    expect(made.status).toMatchObject({ phase: 'Succeeded', startTime: '2026-01-01T00:00:00Z' });
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
          aRun(pod, {
            state: run.state,
            exitCode: run.exitCode,
            finishedAtMs: NOW - run.agoMs,
            attempt: run.attempt,
            sandbox: run.sandbox,
          }),
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
