import { expect, test } from 'vitest';
import { type ContainerStatus, keyOf, REVISION_ANNOTATION, type Resource, type Stored } from '../../src/model/resource.ts';
import { openMemoryStore } from '../../src/store/memory-store.ts';
import { healthOf, unhealthyOf } from '../../src/sync/health/health.ts';
import { aClaim, aCondition, aConfigMap, aDeployment, aPod, aReplicaSet, aReplicaSetOf, START_MS } from '../support/builders.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { seededIds } from '../support/seeded-ids.ts';

const empty = openMemoryStore({ clock: new FakeClock(), ids: seededIds(1) });

/** A container that waits, after so many restarts. */
const waiting = (reason: string, restartCount = 0): ContainerStatus => ({
  name: 'main',
  ready: false,
  restartCount,
  image: 'busybox',
  state: { waiting: { reason } },
  lastState: { terminated: { exitCode: 1, reason: 'Error', message: 'first\nno such table' } },
});
const podWith = (container: ContainerStatus): Stored => aPod({ status: { phase: 'Running', containerStatuses: [container] } });

test.each<[string, Stored, string, string]>([
  ['a ConfigMap is there', aConfigMap(), 'healthy', ''],
  ['a pod that is ready', aPod({ readyAtMs: START_MS }), 'healthy', ''],
  ['a pod that has succeeded', aPod({ phase: 'Succeeded' }), 'healthy', ''],
  [
    'a pod that has failed',
    aPod({ status: { phase: 'Failed', reason: 'Evicted', message: 'no memory' } }),
    'stuck',
    'Failed: Evicted: no memory',
  ],
  ['a pod without a status', aPod(), 'progressing', 'not started yet'],
  [
    'a pod that is being deleted',
    aPod({ readyAtMs: START_MS, deletionTimestamp: '2026-01-01T00:00:30Z' }),
    'progressing',
    'it is being deleted',
  ],
  [
    'a pod without a place',
    aPod({ status: { conditions: [aCondition('PodScheduled', 'False', 'Unschedulable', START_MS, '0/1 nodes have room')] } }),
    'progressing',
    'Unschedulable: 0/1 nodes have room',
  ],
  [
    'a crash loop that is believed',
    podWith(waiting('CrashLoopBackOff', 3)),
    'stuck',
    'container main: CrashLoopBackOff after 3 restarts; last exit code 1 (Error): no such table',
  ],
  [
    'a crash that may be the last',
    podWith(waiting('CrashLoopBackOff', 2)),
    'progressing',
    'container main: CrashLoopBackOff after 2 restarts; last exit code 1 (Error): no such table',
  ],
  ...['CreateContainerConfigError', 'ErrImageNeverPull', 'ImagePullBackOff'].map((reason): [string, Stored, string, string] => [
    reason,
    podWith({ ...waiting(reason), lastState: {} }),
    'stuck',
    `container main: ${reason}`,
  ]),
  ['ErrImagePull', podWith({ ...waiting('ErrImagePull'), lastState: {} }), 'progressing', 'container main: ErrImagePull'],
  ['a claim without a status', aClaim(), 'progressing', 'its controller has not seen the change yet'],
  ['a claim without a pod', { ...aClaim(), status: { phase: 'Pending' } }, 'healthy', ''],
  ['a bound claim', { ...aClaim(), status: { phase: 'Bound' } }, 'healthy', ''],
  ['a lost claim', { ...aClaim(), status: { phase: 'Lost' } }, 'stuck', 'its volume is lost'],
  ['a ReplicaSet', aReplicaSet({ status: { observedGeneration: 1, replicas: 3, availableReplicas: 3 } }), 'healthy', ''],
  ['a ReplicaSet of none', aReplicaSet({ replicas: 0, status: { observedGeneration: 1, replicas: 0 } }), 'healthy', ''],
  [
    'a ReplicaSet on its way',
    aReplicaSet({ status: { observedGeneration: 1, replicas: 3, availableReplicas: 1 } }),
    'progressing',
    '1 of 3 pods are available',
  ],
])('%s', (_what, object, state, message) => {
  expect(healthOf(object, empty)).toMatchObject({ state, message });
});

const done = { observedGeneration: 2, replicas: 3, updatedReplicas: 3, availableReplicas: 3 };
test.each<[string, Parameters<typeof aDeployment>[0], string, string]>([
  ['done', { status: done }, 'healthy', ''],
  ['not seen', { status: { ...done, observedGeneration: 1 } }, 'progressing', 'its controller has not seen the change yet'],
  ['half updated', { status: { ...done, updatedReplicas: 1 } }, 'progressing', '1 of 3 pods are of the new template'],
  ['old ones left', { status: { ...done, replicas: 4 } }, 'progressing', '1 pods of the old template are still there'],
  ['not scaled down yet', { status: done, spec: { replicas: 2 } }, 'progressing', '1 pods more than wanted are still there'],
  ['not available', { status: { ...done, availableReplicas: 2 } }, 'progressing', '2 of 3 pods are available'],
  ['none wanted', { replicas: 0, status: { observedGeneration: 2 } }, 'healthy', ''],
  ['paused', { spec: { paused: true }, status: { observedGeneration: 2 } }, 'healthy', ''],
  [
    'out of time',
    {
      status: {
        ...done,
        availableReplicas: 0,
        conditions: [aCondition('Progressing', 'False', 'ProgressDeadlineExceeded', START_MS, 'timed out')],
      },
    },
    'stuck',
    'ProgressDeadlineExceeded: timed out',
  ],
  [
    'pods refused',
    {
      status: {
        ...done,
        updatedReplicas: 0,
        conditions: [aCondition('ReplicaFailure', 'True', 'FailedCreate', START_MS, 'no namespace')],
      },
    },
    'progressing',
    'FailedCreate: no namespace',
  ],
])('a Deployment: %s', (_what, options, state, message) => {
  expect(healthOf(aDeployment({ generation: 2, ...options }), empty)).toMatchObject({ state, message });
});

test('a pod that has failed has done so for good, unless somebody makes another', () => {
  const failed = aPod({ phase: 'Failed' });
  expect(healthOf(failed, empty)).toMatchObject({ state: 'stuck', isFinal: true, sinceMs: START_MS });
  expect(healthOf(aPod({ phase: 'Failed', owner: aReplicaSet() }), empty)).not.toHaveProperty('isFinal');
  expect(healthOf(podWith(waiting('CrashLoopBackOff', 3)), empty)).not.toHaveProperty('isFinal');
});

test('a Deployment blames a pod of its current template, not one of the template before', async () => {
  const store = openMemoryStore({ clock: new FakeClock(), ids: seededIds(1) });
  const create = async (resource: Resource): Promise<Stored> => {
    const result = await store.write([{ op: 'create', resource }]);
    const created = result.ok ? result.resources[0] : undefined;
    if (created === undefined) throw new Error('not created');
    return created;
  };
  const status = { observedGeneration: 1, replicas: 2, updatedReplicas: 1, availableReplicas: 0 };
  const deployment = await create(aDeployment({ replicas: 1, annotations: { [REVISION_ANNOTATION]: '2' }, status }));
  if (deployment.kind !== 'Deployment') throw new Error('not a Deployment');
  const old = await create(aReplicaSetOf(deployment, { name: 'web-old', annotations: { [REVISION_ANNOTATION]: '1' } }));
  const current = await create(aReplicaSetOf(deployment, { name: 'web-new', annotations: { [REVISION_ANNOTATION]: '2' } }));
  await create(aPod({ name: 'web-old-1', owner: old, status: { containerStatuses: [waiting('CrashLoopBackOff', 9)] } }));
  expect(healthOf(deployment, store)).toMatchObject({ state: 'progressing' });
  await create(aPod({ name: 'web-new-1', owner: current, status: { containerStatuses: [waiting('ImagePullBackOff')] } }));
  expect(healthOf(deployment, store)).toMatchObject({
    state: 'stuck',
    message: 'pod web-new-1, container main: ImagePullBackOff; last exit code 1 (Error): no such table',
  });
  expect(
    unhealthyOf([keyOf(deployment), keyOf(aConfigMap())], store).map((health) => [health.key.kind, health.message.split(',')[0]]),
  ).toEqual([
    ['Deployment', 'pod web-new-1'],
    ['ConfigMap', 'it is missing'],
  ]);
});

test('a claim whose pods are held back by their own manifests waits for nobody', async () => {
  const store = openMemoryStore({ clock: new FakeClock(), ids: seededIds(1) });
  const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }];
  const claim: Stored = { ...aClaim(), status: { phase: 'Pending' } };
  await store.write([{ op: 'create', resource: aPod({ spec: { volumes, schedulingGates: [{ name: 'later' }] } }) }]);
  expect(healthOf(claim, store)).toMatchObject({ state: 'healthy' });
  await store.write([{ op: 'create', resource: aPod({ name: 'other', spec: { volumes } }) }]);
  expect(healthOf(claim, store)).toMatchObject({ state: 'progressing' });
});
