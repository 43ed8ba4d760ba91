// When a pod is healthy, and which of its containers is to blame when it is not.
import { expect, test } from 'vitest';
import type { ContainerState, ContainerStatus, PodSpec, PodStatus, StoredOf } from '../../../src/model/resource.ts';
import { toRfc3339 } from '../../../src/model/time.ts';
import { eventWrites } from '../../../src/runtime/events.ts';
import { openMemoryStore } from '../../../src/store/memory-store.ts';
import type { Store } from '../../../src/store/store.ts';
import { podHealth } from '../../../src/sync/health/pod.ts';
import { aCondition, aContainer, aPod, START_MS } from '../../support/builders.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { seededIds } from '../../support/seeded-ids.ts';

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
const emptyStore = (): Store => openMemoryStore({ clock: new FakeClock(), ids: seededIds(1) });

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
    'a container in a crash loop, in the words of the kubelet',
    pod({
      phase: 'Running',
      conditions: [aCondition('Initialized', 'True')],
      containerStatuses: [
        status(
          'main',
          {
            waiting: {
              reason: 'CrashLoopBackOff',
              message: 'back-off 40s restarting failed container=main pod=web_default(uid)',
            },
          },
          { restartCount: 3, lastState: { terminated: { exitCode: 1, reason: 'Error', message: 'no such flag: --fast' } } },
        ),
      ],
    }),
    'stuck',
    'container main: CrashLoopBackOff after 3 restarts; last exit code 1 (Error): no such flag: --fast',
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
  expect(podHealth(object, emptyStore())).toMatchObject({ state, message });
});

const crashing = status('main', waiting('CrashLoopBackOff'), {
  restartCount: 1,
  lastState: { terminated: { exitCode: 0, reason: 'Completed', startedAt: toRfc3339(START_MS) } },
});
const serving = status('main', { running: { startedAt: toRfc3339(START_MS) } });

test.each<[string, ContainerStatus, string, number, string]>([
  ['that ended it', crashing, 'Liveness probe failed: refused', 3, '; Liveness probe failed: refused'],
  ['of its start', crashing, 'Startup probe failed: refused', 0, '; Startup probe failed: refused'],
  ['that ends nothing', crashing, 'Readiness probe failed: refused', 3, ''],
  ['of a container that runs', serving, 'Readiness probe failed: refused', 3, '; Readiness probe failed: refused'],
  ['of a run before', serving, 'Readiness probe failed: refused', -1, ''],
])('a failed probe %s is told only where it is to blame', async (_what, container, message, afterSeconds, told) => {
  const store = emptyStore();
  const ill = pod({ phase: 'Running', containerStatuses: [container] });
  const report = { reason: 'Unhealthy', message, severity: 'Warning' as const, component: 'kubelet' };
  await store.write(eventWrites(store, ill, report, START_MS + afterSeconds * 1000));
  const { message: plain } = podHealth(ill, emptyStore());
  expect(podHealth(ill, store).message).toBe(`${plain}${told}`);
});
