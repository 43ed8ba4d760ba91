// The columns of pods, as kubectl prints them.
import { expect, test } from 'vitest';
import { podReadiness, podRestarts, podStatus, podTrouble } from '../../src/cli/pod-status.ts';
import type { ContainerState, ContainerStatus, PodStatus, StoredOf } from '../../src/model/resource.ts';
import { aCondition, aContainer, aPod } from '../support/builders.ts';

const status = (name: string, state: ContainerState, more: Partial<ContainerStatus> = {}): ContainerStatus => ({
  name,
  image: 'x',
  ready: false,
  restartCount: 0,
  state,
  ...more,
});
const running: ContainerState = { running: {} };
const waiting = (reason: string): ContainerState => ({ waiting: { reason } });
const ended = (exitCode: number, reason?: string): ContainerState => ({
  terminated: { exitCode, ...(reason === undefined ? {} : { reason }) },
});
const initialized = [aCondition('Initialized', 'True')];
const pod = (of: PodStatus): StoredOf<'Pod'> =>
  aPod({
    spec: {
      initContainers: [aContainer({ name: 'fetch' }), aContainer({ name: 'log', restartPolicy: 'Always' })],
      containers: [aContainer({ name: 'main' })],
    },
    status: { phase: 'Pending', ...of },
  });

test.each<[string, PodStatus, readonly [string, string, number]]>([
  [
    'an init container runs',
    {
      initContainerStatuses: [status('fetch', running), status('log', waiting('PodInitializing'))],
      containerStatuses: [status('main', waiting('PodInitializing'))],
    },
    ['0/2', 'Init:0/2', 0],
  ],
  [
    'an init container fails again and again',
    { initContainerStatuses: [status('fetch', waiting('CrashLoopBackOff'), { restartCount: 4 })] },
    ['0/2', 'Init:CrashLoopBackOff', 4],
  ],
  ['an init container has failed', { initContainerStatuses: [status('fetch', ended(1, 'Error'))] }, ['0/2', 'Init:Error', 0]],
  [
    'an init container was ended for no reason',
    { initContainerStatuses: [status('fetch', ended(3))] },
    ['0/2', 'Init:ExitCode:3', 0],
  ],
  [
    'the sidecar has not started',
    { initContainerStatuses: [status('fetch', ended(0), { ready: true }), status('log', running, { started: false })] },
    ['0/2', 'Init:1/2', 0],
  ],
  [
    'all of them run; restarts of init containers are over',
    {
      phase: 'Running',
      conditions: [...initialized, aCondition('Ready', 'True')],
      initContainerStatuses: [
        status('fetch', ended(0, 'Completed'), { ready: true, restartCount: 7 }),
        status('log', running, { ready: true, started: true, restartCount: 1 }),
      ],
      containerStatuses: [status('main', running, { ready: true, restartCount: 2 })],
    },
    ['2/2', 'Running', 3],
  ],
  [
    'the main container crashes beside its sidecar',
    {
      phase: 'Running',
      conditions: initialized,
      initContainerStatuses: [status('fetch', ended(0)), status('log', running, { ready: true, started: true })],
      containerStatuses: [status('main', waiting('CrashLoopBackOff'), { restartCount: 2 })],
    },
    ['1/2', 'CrashLoopBackOff', 2],
  ],
  ['gates hold it back', { conditions: [aCondition('PodScheduled', 'False', 'SchedulingGated')] }, ['0/2', 'SchedulingGated', 0]],
  ['it was evicted', { phase: 'Failed', reason: 'Evicted' }, ['0/2', 'Evicted', 0]],
  [
    'it was evicted, and its containers were killed',
    {
      phase: 'Failed',
      reason: 'Evicted',
      conditions: initialized,
      containerStatuses: [status('main', ended(137, 'Error'))],
    },
    ['0/2', 'Evicted', 0],
  ],
])('%s', (_what, of, [ready, word, restarts]) => {
  const object = pod(of);
  const { ready: count, total } = podReadiness(object);
  expect([`${count}/${total}`, podStatus(object), podRestarts(object)]).toEqual([ready, word, restarts]);
});

test('a pod on its way out is Terminating until it has ended', () => {
  const leaving = (phase: 'Running' | 'Succeeded'): string => {
    const object = pod({ phase });
    return podStatus({ ...object, metadata: { ...object.metadata, deletionTimestamp: '2024-01-01T00:00:00Z' } });
  };
  expect([leaving('Running'), leaving('Succeeded')]).toEqual(['Terminating', 'Succeeded']);
});

test('trouble of init containers is told before that of main ones', () => {
  const object = pod({
    initContainerStatuses: [status('fetch', waiting('ImagePullBackOff'))],
    containerStatuses: [status('main', waiting('PodInitializing'))],
  });
  expect(podTrouble(object)).toMatchObject({ container: 'fetch', reason: 'ImagePullBackOff' });
});
