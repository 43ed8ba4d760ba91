// How containers and pods end: hooks, signals, grace, deadlines, and in which order. A situation and the steps that follow.
import { describe, expect, test } from 'vitest';
import type { ContainerSeen } from '../../src/kubelet/engine/container-engine.ts';
import type { PodEnvironment } from '../../src/kubelet/environment.ts';
import type { HookStates, StopState } from '../../src/kubelet/plan/remembered.ts';
import type { Lifecycle, StoredOf } from '../../src/model/resource.ts';
import { toRfc3339 } from '../../src/model/time.ts';
import { aCondition, aContainer, aPod, type PodOptions, START_MS } from '../support/builders.ts';
import { aRun, aSandbox, condition, ended, imagesOf, NOW, plan, SECOND, states, stopping, verdict, words } from './planning.ts';

const bye: Lifecycle = { preStop: { exec: { command: ['bye'] } } };
const deleted = (options: PodOptions = {}, graceSeconds = 30): StoredOf<'Pod'> => {
  const pod = aPod({ deletionTimestamp: toRfc3339(NOW), ...options });
  return { ...pod, metadata: { ...pod.metadata, deletionGracePeriodSeconds: graceSeconds } };
};
const stops = (state: StopState, id = 'main-0'): Partial<PodEnvironment> => ({ stops: new Map([[id, state]]) });
const hooks = (states: HookStates, id = 'main-0'): Partial<PodEnvironment> => ({ hooks: new Map([[id, states]]) });
const running = { state: 'running', message: '' } as const;
const done = { state: 'done', message: '' } as const;
const failed = { state: 'failed', message: 'command "bye" exited with 1' } as const;

describe('a pod that clients are still led to', () => {
  const told = (sinceMs: number, untilMs: number, fault?: string): readonly string[] => {
    const leaving = { sinceMs: NOW - sinceMs, ...(fault === undefined ? {} : { fault }) };
    const pod = deleted();
    const options = { servedUntilMs: NOW - sinceMs + untilMs, leaving };
    const { notes, steps, checkAgainAfterMs } = plan(pod, [aSandbox(pod), aRun(pod)], options);
    return [...notes.map(({ severity, message }) => `${severity} ${message}`), ...words(steps), `${checkAgainAfterMs}`];
  };
  const wait = 'until no Service or Ingress leads to the pod';

  test('says nothing of a short wait', () => {
    expect(told(500, 30_000)).toEqual(['1500']);
  });
  test('tells what a long one is for, and what is known to be wrong', () => {
    expect(told(2_000, 30_000)).toEqual([`Normal Waiting up to 30 s ${wait}`, '28000']);
    expect(told(5_000, 30_000, 'no answer')).toEqual([`Normal Waiting up to 30 s ${wait}: no answer`, '25000']);
  });
  test('is stopped in the end, which is told', () => {
    expect(told(30_000, 30_000, 'no answer')).toEqual([
      'Warning Stopping after 30 s although a Service or an Ingress may still lead to the pod: no answer',
      'end main-0 30s',
      'undefined',
    ]);
  });
});

describe('the end of a container', () => {
  const plain = deleted();
  const hooked = deleted({ container: { lifecycle: bye } });
  test.each<[string, StoredOf<'Pod'>, Partial<PodEnvironment>, string[], number | undefined]>([
    ['it begins, once and for all', plain, {}, ['end main-0 30s'], undefined],
    ['clients are led elsewhere before', plain, { servedUntilMs: NOW + 1_500 }, [], 1_500],
    ['a network that does not answer cannot keep it', plain, { servedUntilMs: NOW }, ['end main-0 30s'], undefined],
    ['it is asked', plain, stops(stopping(0)), ['stop main-0'], 30_000],
    ['it has its grace', plain, stops(stopping(10_000, { termAtMs: NOW - 10_000 })), [], 20_000],
    ['then it is killed', plain, stops(stopping(30_000, { termAtMs: NOW - 30_000 })), ['kill main-0'], 5_000],
    ['that may take a moment', plain, stops(stopping(31_000, { killAtMs: NOW - 1_000 })), [], 4_000],
    ['and is done again', plain, stops(stopping(35_000, { killAtMs: NOW - 5_000 })), ['kill main-0'], 5_000],
    ['no grace: it is killed at once', deleted({}, 0), stops(stopping(0, { graceMs: 0 })), ['kill main-0'], 5_000],
    ['the hook comes first', hooked, stops(stopping(0)), ['preStop main-0'], 30_000],
    ['it is waited for', hooked, { ...stops(stopping(5_000)), ...hooks({ preStop: running }) }, [], 25_000],
    ['then it is asked', hooked, { ...stops(stopping(5_000)), ...hooks({ preStop: done }) }, ['stop main-0'], 25_000],
    [
      'also after a hook that failed',
      hooked,
      { ...stops(stopping(5_000)), ...hooks({ preStop: failed }) },
      ['stop main-0'],
      25_000,
    ],
    [
      'a hook counts against the grace',
      hooked,
      { ...stops(stopping(30_000)), ...hooks({ preStop: running }) },
      ['stop main-0'],
      2_000,
    ],
    [
      'but 2 s are left to it',
      hooked,
      { ...stops(stopping(31_000, { termAtMs: NOW - 1_000 })), ...hooks({ preStop: running }) },
      [],
      1_000,
    ],
    [
      'no hook without grace',
      deleted({ container: { lifecycle: bye } }, 0),
      stops(stopping(0, { graceMs: 0 })),
      ['kill main-0'],
      5_000,
    ],
    [
      'less grace than it was given',
      deleted({}, 5),
      stops(stopping(10_000, { termAtMs: NOW - 10_000 })),
      ['end main-0 5s'],
      undefined,
    ],
    ['no grace any more', deleted({}, 0), stops(stopping(10_000, { termAtMs: NOW - 10_000 })), ['end main-0 0s'], undefined],
    ['less, but not sooner', deleted({}, 25), stops(stopping(10_000, { termAtMs: NOW - 10_000 })), [], 20_000],
  ])('%s', (_what, pod, options, steps, again) => {
    const made = plan(pod, [aSandbox(pod), aRun(pod)], options);
    expect([words(made.steps), made.checkAgainAfterMs]).toEqual([steps, again]);
  });

  test.each([
    ['that of the pod', {}, 30],
    ['that of the probe', { terminationGracePeriodSeconds: 3 }, 3],
  ])('a container whose probe failed has the grace of %s', (_what, grace, seconds) => {
    const livenessProbe = { tcpSocket: { port: 80 }, ...grace };
    const pod = aPod({ container: { livenessProbe, lifecycle: bye } });
    const probes = new Map([['main-0', { liveness: verdict('failure') }]]);
    const made = plan(pod, [aSandbox(pod), aRun(pod)], { probes });
    expect(words(made.steps)).toEqual([`end main-0 ${seconds}s restart`]);
    const later = stops(stopping(0, { graceMs: seconds * SECOND, restart: true, isCrash: true }));
    expect(words(plan(pod, [aSandbox(pod), aRun(pod)], { probes, ...later }).steps)).toEqual(['preStop main-0']);
  });

  test('a failed hook is told without what it printed', () => {
    const made = plan(hooked, [aSandbox(hooked), aRun(hooked)], { ...stops(stopping(0)), ...hooks({ preStop: failed }) });
    expect(made.notes).toEqual([
      {
        key: 'hook/main-0/preStop',
        reason: 'FailedPreStopHook',
        message: 'PreStopHook failed: command "bye" exited with 1',
        severity: 'Warning',
      },
    ]);
  });
});

describe('nobody is sent to what is told to stop', () => {
  const conditions = [aCondition('Ready', 'True'), aCondition('ContainersReady', 'True')];
  const status = { phase: 'Running' as const, conditions };
  test('a deleted pod is reported first, then ended', () => {
    const pod = deleted({ status });
    const first = plan(pod, [aSandbox(pod), aRun(pod)]);
    expect(words(first.steps)).toEqual(['report']);
    expect(condition(first.status, 'Ready')).toBe('False PodTerminating the pod is being deleted');
    // What it has begun it may still serve.
    expect(condition(first.status, 'ContainersReady')).toBe('True');
    const next = { ...pod, status: first.status ?? {} };
    expect(words(plan(next, [aSandbox(pod), aRun(pod)]).steps)).toEqual(['end main-0 30s']);
  });

  test('so is a pod one of whose containers is replaced', () => {
    const pod = aPod({ status, container: { livenessProbe: { tcpSocket: { port: 80 } } } });
    const made = plan(pod, [aSandbox(pod), aRun(pod)], { probes: new Map([['main-0', { liveness: verdict('failure') }]]) });
    expect(words(made.steps)).toEqual(['report']);
    expect(condition(made.status, 'Ready')).toBe('False ContainersNotReady containers with unready status: [main]');
  });
});

describe('the order in which a pod ends', () => {
  const pod = deleted({
    spec: {
      initContainers: [
        aContainer({ name: 'net', restartPolicy: 'Always' }),
        aContainer({ name: 'log', restartPolicy: 'Always' }),
      ],
      containers: [aContainer({ lifecycle: bye })],
    },
  });
  const all = ['net-0', 'log-0', 'main-0'];
  const begun = (options: Partial<StopState> = {}): Partial<PodEnvironment> => ({
    stops: new Map(all.map((id) => [id, stopping(options.beganAtMs ?? 0, options)])),
  });
  const seen = (net: Partial<ContainerSeen>, log: Partial<ContainerSeen>, main: Partial<ContainerSeen>): ContainerSeen[] => [
    aSandbox(pod),
    aRun(pod, { container: 'net', ...net }),
    aRun(pod, { container: 'log', ...log }),
    aRun(pod, main),
  ];
  const over = ended(0);
  test.each<[string, ContainerSeen[], Partial<PodEnvironment>, string[]]>([
    ['the end of all begins at once', seen({}, {}, {}), {}, all.map((id) => `end ${id} 30s`)],
    ['the main one goes first', seen({}, {}, {}), begun(), ['preStop main-0']],
    ['then the last sidecar', seen({}, {}, over), begun(), ['stop log-0']],
    ['then the one before it', seen({}, over, over), begun(), ['stop net-0']],
    [
      'its turn comes when the grace is over, if not before',
      seen({}, {}, {}),
      { stops: new Map(all.map((id) => [id, stopping(30_000)])) },
      all.map((id) => `stop ${id}`),
    ],
  ])('%s', (_what, containers, options, steps) => {
    expect(words(plan(pod, containers, options).steps)).toEqual(steps);
  });
});

describe('a pod that was active for too long', () => {
  const options = { spec: { activeDeadlineSeconds: 60 } };
  const seen = (pod: StoredOf<'Pod'>, run: Partial<ContainerSeen> = {}): ContainerSeen[] => [aSandbox(pod), aRun(pod, run)];
  test('is looked at when its time is over', () => {
    const pod = aPod(options);
    expect(plan(pod, seen(pod), { activeSinceMs: NOW - 20_000 }).checkAgainAfterMs).toBe(40_000);
  });

  const late = { activeSinceMs: NOW - 60_000 };
  test('says so before the first container ends, and is not ready from then on', () => {
    const { steps, status, notes } = plan(aPod(options), seen(aPod(options)), late);
    expect(words(steps)).toEqual(['report']);
    expect([status?.phase, status?.reason, condition(status, 'Ready')]).toEqual([
      'Running',
      'DeadlineExceeded',
      'False PodFailed',
    ]);
    expect(notes.map(({ reason }) => reason)).toEqual(['DeadlineExceeded']);
  });

  test.each(['Always', 'OnFailure', 'Never'] as const)(
    'is ended gracefully, and has failed when nothing runs (%s)',
    (restartPolicy) => {
      const running = aPod({ spec: { ...options.spec, restartPolicy } });
      const pod = { ...running, status: plan(running, seen(running), late).status ?? {} };
      expect(words(plan(pod, seen(pod), late).steps)).toEqual(['end main-0 30s']);
      const last = plan(pod, seen(pod, ended(0)), late);
      expect(words(last.steps)).toEqual(['kill sandbox-0']);
      expect(last.status).toMatchObject({
        phase: 'Failed',
        reason: 'DeadlineExceeded',
        message: 'Pod was active on the node longer than the specified deadline',
        containerStatuses: [{ state: { terminated: { exitCode: 0, reason: 'Completed' } } }],
      });
      const after = plan({ ...pod, status: last.status ?? {} }, [aRun(pod, ended(0))], late);
      expect([after.status, words(after.steps)]).toEqual([{ ...last.status, conditions: after.status?.conditions }, []]);
    },
  );

  test('is not one that has completed before, though nobody has looked since', () => {
    const pod = aPod({ spec: { ...options.spec, restartPolicy: 'Never' } });
    const { status } = plan(pod, seen(pod, ended(0)), late);
    expect([status?.phase, status?.reason]).toEqual(['Succeeded', undefined]);
  });

  test('that never began to run fails, too', () => {
    const pod = aPod(options);
    const made = plan(pod, [], { activeSinceMs: NOW - 60_000 });
    expect([made.status?.phase, made.status?.reason, words(made.steps)]).toEqual(['Failed', 'DeadlineExceeded', []]);
  });
});

describe('a pod that is evicted', () => {
  const evictionMessage = 'It writes too much. ';
  const seen = (pod: StoredOf<'Pod'>, run: Partial<ContainerSeen> = {}): ContainerSeen[] => [aSandbox(pod), aRun(pod, run)];
  const first = (pod: StoredOf<'Pod'>) => plan(pod, seen(pod), { evictionMessage });
  const told = (options: PodOptions = {}): StoredOf<'Pod'> => ({ ...aPod(options), status: first(aPod(options)).status ?? {} });

  test('says so before the first container ends', () => {
    const { steps, status, notes } = first(aPod());
    expect(words(steps)).toEqual(['report']);
    expect([status?.phase, status?.reason, status?.message]).toEqual(['Running', 'Evicted', evictionMessage]);
    expect(notes).toEqual([{ key: 'over/Evicted', reason: 'Evicted', message: evictionMessage, severity: 'Warning' }]);
  });

  test('ends within the grace of an eviction, as its status alone remembers it', () => {
    expect(words(plan(told(), seen(told())).steps)).toEqual(['end main-0 1s']);
  });

  test.each([
    ['is restarted otherwise', 'Always'],
    ['would have completed', 'Never'],
  ] as const)('has failed when nothing of it runs: one that %s', (_what, restartPolicy) => {
    const pod = told({ spec: { restartPolicy } });
    const { status, steps } = plan(pod, seen(pod, ended(0)));
    expect([status?.phase, status?.reason, status?.message]).toEqual(['Failed', 'Evicted', evictionMessage]);
    expect(words(steps)).toEqual(['kill sandbox-0']);
    const after = plan({ ...pod, status: status ?? {} }, [aRun(pod, ended(0))]);
    expect([after.status?.phase, after.status?.reason, words(after.steps)]).toEqual(['Failed', 'Evicted', []]);
  });

  test('and is deleted meanwhile goes as any other, with no more grace than it has', () => {
    const { metadata, status } = told();
    const pod = { ...deleted({}, 600), status: status ?? {} };
    expect(metadata.name).toBe(pod.metadata.name);
    expect(words(plan(pod, seen(pod), stops(stopping(500, { graceMs: 1_000, termAtMs: NOW - 400 }))).steps)).toEqual([]);
  });
});

describe('postStart', () => {
  const pod = aPod({
    container: { lifecycle: { postStart: { exec: { command: ['hi'] } } }, readinessProbe: { tcpSocket: { port: 1 } } },
  });
  const seen = [aSandbox(pod), aRun(pod)];
  const reported = {
    ...pod,
    status: {
      containerStatuses: [
        { name: 'main', ready: true, restartCount: 0, image: 'x', containerID: 'docker://main-0', state: { running: {} } },
      ],
    },
  };
  test.each<[string, StoredOf<'Pod'>, Partial<PodEnvironment>, string[], string[]]>([
    ['begins after the start', pod, {}, ['postStart main-0'], ['main waiting ContainerCreating']],
    ['is waited for', pod, hooks({ postStart: running }), [], ['main waiting ContainerCreating']],
    ['is done', pod, hooks({ postStart: done }), [], ['main running']],
    ['was done before this kubelet', reported, {}, [], ['main running ready']],
    ['fails: the container ends', pod, hooks({ postStart: failed }), ['end main-0 30s'], ['main waiting PostStartHookError']],
    [
      'runs while the pod is deleted',
      { ...pod, metadata: { ...pod.metadata, deletionTimestamp: toRfc3339(NOW) } },
      hooks({ postStart: running }),
      ['end main-0 30s'],
      ['main running'],
    ],
  ])('%s', (_what, thePod, options, steps, told) => {
    const made = plan(thePod, seen, options);
    expect([words(made.steps), states(made.status)]).toEqual([steps, told]);
    const isWaiting = told[0]?.includes('waiting') === true;
    expect(made.probesToRun.length).toBe(isWaiting ? 0 : 1);
  });

  test('a pod whose phase is final starts nothing, whatever its containers did', () => {
    const over = { ...pod, status: { phase: 'Failed' as const, reason: 'Evicted' } };
    const made = plan(over, [aSandbox(pod), aRun(pod)]);
    expect([words(made.steps), made.status?.phase, made.status?.reason]).toEqual([['end main-0 30s'], 'Failed', 'Evicted']);
    expect(words(plan(over, [aSandbox(pod), aRun(pod, ended(1))], imagesOf(pod, 1)).steps)).toEqual(['kill sandbox-0']);
  });
});

test('a clock of the engine that runs ahead, or was set, does not stretch or cut the back-off', () => {
  const pod = aPod();
  const run = aRun(pod, { ...ended(1), finishedAtMs: NOW + 3_600_000, startedAtMs: NOW + 3_599_000, attempt: 1 });
  expect(plan(pod, [aSandbox(pod), run], { endings: new Map([['main-1', NOW - 4_000]]) }).checkAgainAfterMs).toBe(6_000);
  const behind = aRun(pod, { ...ended(1), finishedAtMs: START_MS, startedAtMs: START_MS - SECOND, attempt: 1 });
  expect(plan(pod, [aSandbox(pod), behind], { endings: new Map([['main-1', NOW - 4_000]]) }).checkAgainAfterMs).toBe(6_000);
});
