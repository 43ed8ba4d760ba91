// When a pod is healthy, and which of its containers is to blame when it is not.
import { expect, test } from 'vitest';
import type { ContainerState, ContainerStatus, PodSpec, PodStatus, StoredOf } from '../../../src/model/resource.ts';
import { podHealth } from '../../../src/sync/health/pod.ts';
import { aCondition, aContainer, aPod, START_MS } from '../../support/builders.ts';

const status = (name: string, state: ContainerState, options: Partial<ContainerStatus> = {}): ContainerStatus => ({
  name,
  ready: false,
  restartCount: 0,
  image: 'x',
  state,
  ...options,
});
const spec: Partial<PodSpec> = {
  initContainers: [aContainer({ name: 'migrate' }), aContainer({ name: 'log', restartPolicy: 'Always' })],
};
const initializing = aCondition('Initialized', 'False', 'ContainersNotInitialized');
const waiting = (reason: string): ContainerState => ({ waiting: { reason } });
const pod = (of: PodStatus): StoredOf<'Pod'> => aPod({ spec, status: { phase: 'Pending', ...of } });
const running: ContainerState = { running: {} };

test.each<[string, StoredOf<'Pod'>, string, string]>([
  [
    'an init container that runs',
    pod({
      conditions: [initializing],
      initContainerStatuses: [status('migrate', running), status('log', waiting('PodInitializing'))],
      containerStatuses: [status('main', waiting('PodInitializing'))],
    }),
    'progressing',
    'container migrate: initializing',
  ],
  [
    'an init container that fails again and again',
    pod({
      conditions: [initializing],
      initContainerStatuses: [
        status('migrate', waiting('CrashLoopBackOff'), {
          restartCount: 3,
          lastState: { terminated: { exitCode: 1, reason: 'Error', message: 'no such table' } },
        }),
      ],
    }),
    'stuck',
    'container migrate: CrashLoopBackOff after 3 restarts; last exit code 1 (Error): no such table',
  ],
  [
    'a sidecar that has not started',
    pod({
      conditions: [initializing],
      initContainerStatuses: [
        status('migrate', { terminated: { exitCode: 0 } }, { ready: true }),
        status('log', running, { started: false }),
      ],
    }),
    'progressing',
    'container log: initializing',
  ],
  [
    'a sidecar that is not ready any more',
    pod({
      phase: 'Running',
      conditions: [aCondition('Initialized', 'True')],
      initContainerStatuses: [status('migrate', { terminated: { exitCode: 0 } }, { ready: true }), status('log', running)],
      containerStatuses: [status('main', running, { ready: true })],
    }),
    'progressing',
    'container log: running but not ready',
  ],
  [
    'a readiness gate that nobody opens',
    pod({
      phase: 'Running',
      conditions: [
        aCondition(
          'Ready',
          'False',
          'ReadinessGatesNotReady',
          START_MS,
          'corresponding condition of pod readiness gate "x" does not exist.',
        ),
      ],
      containerStatuses: [status('main', running, { ready: true })],
    }),
    'progressing',
    'ReadinessGatesNotReady: corresponding condition of pod readiness gate "x" does not exist.',
  ],
  [
    'a pod that ran out of time',
    pod({
      phase: 'Failed',
      reason: 'DeadlineExceeded',
      message: 'Pod was active on the node longer than the specified deadline',
      containerStatuses: [status('main', { terminated: { exitCode: 143, reason: 'Error' } })],
    }),
    'stuck',
    'Failed: DeadlineExceeded: Pod was active on the node longer than the specified deadline',
  ],
  [
    'an init container that failed for good',
    pod({ phase: 'Failed', initContainerStatuses: [status('migrate', { terminated: { exitCode: 2, reason: 'Error' } })] }),
    'stuck',
    'Failed, container migrate: ended; last exit code 2 (Error)',
  ],
])('%s', (_what, object, state, message) => {
  expect(podHealth(object)).toMatchObject({ state, message });
});
