// Whose turn it is in a pod: init containers, sidecars, main containers, ephemeral ones. A situation, the steps that follow, and what is told.
import { describe, expect, test } from 'vitest';
import type { ContainerSeen } from '../../src/kubelet/engine/container-engine.ts';
import type { PodEnvironment } from '../../src/kubelet/environment.ts';
import { SANDBOX_LABEL, SPEC_HASH_LABEL } from '../../src/kubelet/labels.ts';
import type { Container, PodSpec, StoredOf } from '../../src/model/resource.ts';
import { aContainer, aPod } from '../support/builders.ts';
import { aRun, aSandbox, condition, ended, imagesOf, plan, SECOND, states, stopping, verdict, words } from './planning.ts';

const named = (name: string, options: Partial<Container> = {}): Container => aContainer({ name, ...options });
const sidecar = (name: string, options: Partial<Container> = {}): Container =>
  named(name, { restartPolicy: 'Always', ...options });
const podOf = (initContainers: Container[], spec: Partial<PodSpec> = {}): StoredOf<'Pod'> =>
  aPod({ spec: { initContainers, ...spec } });
const startup = { startupProbe: { exec: { command: ['up'] } } };

/** `[name, options]`: a run of that container. */
type Runs = readonly (readonly [string, Partial<ContainerSeen> & { attempt?: number; streak?: number; sandbox?: string }])[];

interface Case {
  readonly what: string;
  readonly pod: StoredOf<'Pod'>;
  readonly runs?: Runs;
  readonly options?: Partial<PodEnvironment>;
  readonly sandbox?: Partial<ContainerSeen> | 'none';
  readonly steps: readonly string[];
  readonly states: readonly string[];
  readonly phase: string;
  readonly initialized?: string;
}

const two = podOf([named('a'), named('b')]);
const side = podOf([sidecar('log', startup), named('b')]);
const plainSide = podOf([sidecar('log')], { restartPolicy: 'Never' });
const ok = ended(0, 60 * SECOND);
const up: Partial<PodEnvironment> = { probes: new Map([['log-0', { startup: verdict('success') }]]) };
const incomplete = (names: string): string => `False ContainersNotInitialized containers with incomplete status: [${names}]`;

const cases: readonly Case[] = [
  {
    what: 'the first init container comes first, alone',
    pod: two,
    steps: ['create a'],
    states: ['a waiting PodInitializing', 'b waiting PodInitializing', 'main waiting PodInitializing'],
    phase: 'Pending',
    initialized: incomplete('a b'),
  },
  {
    what: 'while it runs nobody else is made',
    pod: two,
    runs: [['a', {}]],
    steps: [],
    states: ['a running', 'b waiting PodInitializing', 'main waiting PodInitializing'],
    phase: 'Pending',
    initialized: incomplete('a b'),
  },
  {
    what: 'its success makes room for the second',
    pod: two,
    runs: [['a', ok]],
    steps: ['create b'],
    states: ['a terminated Completed 0', 'b waiting PodInitializing', 'main waiting PodInitializing'],
    phase: 'Pending',
    initialized: incomplete('b'),
  },
  {
    what: 'its failure is repeated, after the back-off',
    pod: two,
    runs: [['a', { ...ended(1, SECOND), attempt: 1 }]],
    steps: [],
    states: ['a waiting CrashLoopBackOff', 'b waiting PodInitializing', 'main waiting PodInitializing'],
    phase: 'Pending',
    initialized: incomplete('a b'),
  },
  {
    what: 'under Never its failure is that of the pod',
    pod: podOf([named('a'), named('b')], { restartPolicy: 'Never' }),
    runs: [['a', ended(3)]],
    steps: ['kill sandbox-0'],
    states: ['a terminated Error 3', 'b waiting PodInitializing', 'main waiting PodInitializing'],
    phase: 'Failed',
    initialized: incomplete('a b'),
  },
  {
    what: 'its own policy Never counts before that of the pod',
    pod: podOf([named('a', { restartPolicy: 'Never' })]),
    runs: [['a', ended(3)]],
    steps: ['kill sandbox-0'],
    states: ['a terminated Error 3', 'main waiting PodInitializing'],
    phase: 'Failed',
  },
  {
    what: 'its own policy OnFailure counts before Never of the pod',
    pod: podOf([named('a', { restartPolicy: 'OnFailure' })], { restartPolicy: 'Never' }),
    runs: [['a', ended(3)]],
    steps: ['image a/1'],
    states: ['a waiting PodInitializing', 'main waiting PodInitializing'],
    phase: 'Pending',
  },
  {
    what: 'all have succeeded: the main container comes',
    pod: two,
    runs: [
      ['a', ok],
      ['b', ok],
    ],
    steps: ['create main'],
    states: ['a terminated Completed 0', 'b terminated Completed 0', 'main waiting PodInitializing'],
    phase: 'Pending',
    initialized: 'True',
  },
  {
    what: 'all main containers come at once',
    pod: podOf([named('a')], { containers: [named('main'), named('second')] }),
    runs: [['a', ok]],
    steps: ['create main', 'create second'],
    states: ['a terminated Completed 0', 'main waiting PodInitializing', 'second waiting PodInitializing'],
    phase: 'Pending',
  },
  {
    what: 'a run of a later one is proof that the earlier ones are done, also when somebody removed them',
    pod: two,
    runs: [['b', {}]],
    steps: [],
    states: ['a waiting PodInitializing', 'b running', 'main waiting PodInitializing'],
    phase: 'Pending',
  },
  {
    what: 'a main container that was made is proof that all are done',
    pod: two,
    runs: [['main', {}]],
    steps: [],
    states: ['a waiting PodInitializing', 'b waiting PodInitializing', 'main running ready'],
    phase: 'Running',
    initialized: 'True',
  },
  {
    what: 'a changed definition of one that runs changes nothing',
    pod: two,
    runs: [['a', { labels: { [SPEC_HASH_LABEL]: 'old' } }]],
    steps: [],
    states: ['a running', 'b waiting PodInitializing', 'main waiting PodInitializing'],
    phase: 'Pending',
  },
  {
    what: 'a new sandbox begins with the first one again',
    pod: two,
    runs: [
      ['a', { ...ok, labels: { [SANDBOX_LABEL]: 'old' } }],
      ['b', { ...ok, labels: { [SANDBOX_LABEL]: 'old' } }],
      ['main', { ...ended(137, SECOND), labels: { [SANDBOX_LABEL]: 'old' } }],
    ],
    options: imagesOf(two, 1),
    steps: ['create a'],
    states: ['a waiting PodInitializing', 'b waiting PodInitializing', 'main waiting PodInitializing'],
    phase: 'Running',
  },
  {
    what: 'containers of an old sandbox end before anything begins in the new one',
    pod: two,
    runs: [['main', { labels: { [SANDBOX_LABEL]: 'old' } }]],
    steps: ['image a/0', 'end main-0 30s restart'],
    options: { images: new Map() },
    states: ['a waiting PodInitializing', 'b waiting PodInitializing', 'main running'],
    phase: 'Running',
  },
  {
    what: 'a sidecar comes in its turn, and the next waits until it has started',
    pod: side,
    runs: [['log', {}]],
    steps: [],
    states: ['log running', 'b waiting PodInitializing', 'main waiting PodInitializing'],
    phase: 'Pending',
    initialized: incomplete('log b'),
  },
  {
    what: 'a sidecar that has started lets the next begin',
    pod: side,
    runs: [['log', {}]],
    options: up,
    steps: ['create b'],
    states: ['log running ready', 'b waiting PodInitializing', 'main waiting PodInitializing'],
    phase: 'Pending',
    initialized: incomplete('b'),
  },
  {
    what: 'a sidecar that ended is started again while others initialize',
    pod: side,
    runs: [
      ['log', ended(0)],
      ['b', {}],
    ],
    options: imagesOf(side, 1),
    steps: ['create log'],
    states: ['log waiting PodInitializing', 'b running', 'main waiting PodInitializing'],
    phase: 'Pending',
  },
  {
    what: 'once initialized, a sidecar that restarts holds up no main container',
    pod: side,
    runs: [
      ['log', { ...ended(1, SECOND), attempt: 1 }],
      ['b', ok],
      ['main', ended(1)],
    ],
    options: imagesOf(side, 1),
    steps: ['create main'],
    states: ['log waiting CrashLoopBackOff', 'b terminated Completed 0', 'main waiting PodInitializing'],
    phase: 'Running',
    initialized: 'True',
  },
  {
    what: 'a sidecar is started again even under Never',
    pod: plainSide,
    runs: [
      ['log', ended(0)],
      ['main', {}],
    ],
    options: imagesOf(plainSide, 1),
    steps: ['create log'],
    states: ['log waiting PodInitializing', 'main running ready'],
    phase: 'Running',
  },
  {
    what: 'the main containers are done: the sidecar is asked to stop',
    pod: plainSide,
    runs: [
      ['log', {}],
      ['main', ok],
    ],
    steps: ['end log-0 30s'],
    states: ['log running', 'main terminated Completed 0'],
    phase: 'Running',
  },
  {
    what: 'and the pod has succeeded, whatever the sidecar exited with',
    pod: plainSide,
    runs: [
      ['log', ended(143)],
      ['main', ok],
    ],
    steps: ['kill sandbox-0'],
    states: ['log terminated Error 143', 'main terminated Completed 0'],
    phase: 'Succeeded',
    initialized: 'True PodCompleted',
  },
  {
    what: 'a sidecar whose startup probe failed is started again',
    pod: side,
    runs: [['log', {}]],
    options: { probes: new Map([['log-0', { startup: verdict('failure') }]]) },
    steps: ['end log-0 30s restart'],
    states: ['log running', 'b waiting PodInitializing', 'main waiting PodInitializing'],
    phase: 'Pending',
  },
  {
    what: 'an ephemeral container comes at once, before the init containers are done',
    pod: podOf([named('a')], { ephemeralContainers: [named('debug')] }),
    runs: [['a', {}]],
    steps: ['create debug'],
    states: ['a running', 'main waiting PodInitializing', 'debug waiting PodInitializing'],
    phase: 'Pending',
  },
  {
    what: 'an ephemeral container is never started again, and its failure is its own',
    pod: podOf([], { ephemeralContainers: [named('debug')] }),
    runs: [
      ['main', {}],
      ['debug', ended(1)],
    ],
    steps: [],
    states: ['main running ready', 'debug terminated Error 1'],
    phase: 'Running',
  },
  {
    what: 'an ephemeral container does not keep a pod that has finished',
    pod: podOf([], { ephemeralContainers: [named('debug')], restartPolicy: 'Never' }),
    runs: [
      ['main', ok],
      ['debug', {}],
    ],
    steps: ['end debug-0 30s'],
    states: ['main terminated Completed 0', 'debug running'],
    phase: 'Running',
  },
  {
    what: 'no sandbox: it is made first',
    pod: two,
    sandbox: 'none',
    steps: ['create-sandbox'],
    states: ['a waiting PodInitializing', 'b waiting PodInitializing', 'main waiting PodInitializing'],
    phase: 'Pending',
  },
];

describe('whose turn it is', () => {
  test.each(cases)('$what', ({ pod, runs = [], options, sandbox = {}, steps, states: told, phase, initialized }) => {
    const seen = [
      ...(sandbox === 'none' ? [] : [aSandbox(pod, sandbox)]),
      ...runs.map(([container, run]) => aRun(pod, { container, ...run })),
    ];
    const made = plan(pod, seen, { ...imagesOf(pod), ...options });
    expect({ steps: words(made.steps), states: states(made.status), phase: made.status?.phase }).toEqual({
      steps,
      states: told,
      phase,
    });
    const isInitialized = condition(made.status, 'Initialized');
    expect(isInitialized).toBe(initialized ?? isInitialized);
  });
});

describe('what restarts after which exit code', () => {
  const rules = (operator: 'In' | 'NotIn', ...values: number[]): Partial<Container> => ({
    restartPolicy: 'Never',
    restartPolicyRules: [{ action: 'Restart', exitCodes: { operator, values } }],
  });
  test.each<[string, Partial<Container>, PodSpec['restartPolicy'], number, 'again' | 'Succeeded' | 'Failed']>([
    ['a rule names it', rules('In', 42), 'Always', 42, 'again'],
    ['no rule names it', rules('In', 42), 'Always', 1, 'Failed'],
    ['a rule names all others', rules('NotIn', 1, 2), 'Never', 3, 'again'],
    ['a rule leaves it out', rules('NotIn', 1, 2), 'Never', 2, 'Failed'],
    ['success by a rule', rules('In', 0), 'Never', 0, 'again'],
    ['Never of its own', { restartPolicy: 'Never' }, 'Always', 0, 'Succeeded'],
    ['Never of its own, failed', { restartPolicy: 'Never' }, 'Always', 1, 'Failed'],
    ['OnFailure of its own', { restartPolicy: 'OnFailure' }, 'Never', 1, 'again'],
    ['Always of its own', { restartPolicy: 'Always' }, 'Never', 0, 'again'],
  ])('%s', (_what, container, restartPolicy, exitCode, expected) => {
    const pod = aPod({ container, spec: restartPolicy === undefined ? {} : { restartPolicy } });
    const made = plan(pod, [aSandbox(pod), aRun(pod, ended(exitCode))], imagesOf(pod, 1));
    const isAgain = words(made.steps).includes('create main');
    expect([isAgain, made.status?.phase]).toEqual([expected === 'again', expected === 'again' ? 'Running' : expected]);
  });

  test('a container that failed for good keeps a pod running whose others run', () => {
    const pod = aPod({ spec: { containers: [aContainer({ name: 'a', restartPolicy: 'Never' }), aContainer({ name: 'b' })] } });
    const made = plan(pod, [aSandbox(pod), aRun(pod, { container: 'a', ...ended(1) }), aRun(pod, { container: 'b' })]);
    expect([made.status?.phase, words(made.steps)]).toEqual(['Running', []]);
  });
});

describe('what is no crash', () => {
  const pod = aPod();
  const crashed = { ...ended(1), attempt: 3, streak: 2 };
  const old = { labels: { [SPEC_HASH_LABEL]: 'old' } };
  test.each<[string, Partial<ContainerSeen> & { attempt: number; streak: number }, Partial<PodEnvironment>, string]>([
    ['a crash waits', crashed, {}, 'wait'],
    ['a failed probe is one', crashed, { stops: new Map([['main-3', stopping(0, { restart: true, isCrash: true })]]) }, 'wait'],
    ['what we ended otherwise', crashed, { stops: new Map([['main-3', stopping(0, { restart: true })]]) }, 'create 4 2'],
    ['a new definition starts the row over', { ...crashed, ...old }, {}, 'create 4 0'],
  ])('%s', (_what, run, options, expected) => {
    const made = plan(pod, [aSandbox(pod), aRun(pod, run)], { ...imagesOf(pod, 4), ...options });
    const create = made.steps.find((step) => step.type === 'create-container');
    const labels = create?.spec.labels ?? {};
    expect(
      create === undefined ? 'wait' : `create ${labels['holdfast.dev/attempt']} ${labels['holdfast.dev/restarts-in-a-row']}`,
    ).toBe(expected);
  });
});
