// When a StatefulSet is healthy, and who is to blame when it is not.
import { describe, expect, test } from 'vitest';
import { statefulSetController } from '../../../src/controllers/statefulset/controller.ts';
import { healthOf } from '../../../src/sync/health/health.ts';
import type { Health } from '../../../src/sync/health/verdict.ts';
import { type SetOptions, SetWorld } from '../../controllers/statefulset/sets.ts';
import { aPod } from '../../support/builders.ts';

const told = (world: SetWorld): Health => healthOf(world.set(), world.store);
const isGood = (pod: { spec: { containers: readonly { image?: string }[] } }): boolean =>
  pod.spec.containers[0]?.image !== 'broken';
const crashing = {
  phase: 'Running' as const,
  containerStatuses: [
    { name: 'main', ready: false, restartCount: 5, image: 'x', state: { waiting: { reason: 'CrashLoopBackOff' } } },
  ],
};

test('it has not been looked at yet', async () => {
  const world = await SetWorld.with();
  expect(told(world)).toEqual({ state: 'progressing', message: 'its controller has not seen the change yet' });
});

test('all pods are there', async () => {
  const world = await SetWorld.with();
  await world.converge();
  expect(told(world)).toEqual({ state: 'healthy', message: '' });
});

describe('on the way', () => {
  test('a pod that is not ready is named', async () => {
    const world = await SetWorld.with();
    await world.settle();
    expect(told(world)).toMatchObject({ state: 'progressing', message: 'pod db-0, not started yet' });
  });

  test('pods that are too many are counted', async () => {
    const world = await SetWorld.with();
    await world.converge();
    await world.commit({ replicas: 1 });
    await world.settle();
    await world.settle();
    expect(told(world)).toEqual({ state: 'progressing', message: '2 pods are too many and have to go' });
  });

  test('pods of the old template are counted', async () => {
    const world = await SetWorld.with();
    await world.converge();
    await world.commit({ image: 'v2' });
    await world.settle();
    expect(told(world)).toEqual({ state: 'progressing', message: '0 of 3 pods are of the new template' });
  });
});

test('a pod of the new template that crashes is to blame', async () => {
  const world = await SetWorld.with();
  await world.converge();
  await world.commit({ image: 'broken' });
  await world.converge(isGood);
  await world.setPodStatus(world.pod(2), crashing);
  await world.settle();
  expect(told(world)).toMatchObject({
    state: 'stuck',
    message: 'pod db-2, container main: CrashLoopBackOff after 5 restarts',
  });
});

test('a stranger with the name of a pod is to blame', async () => {
  const world = await SetWorld.with({ replicas: 1 });
  await world.converge();
  await world.remove(world.pod(0));
  const { spec } = aPod();
  await world.create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'db-0', namespace: 'default', labels: { app: 'x' } },
    spec,
  });
  await world.pass(statefulSetController, world.set());
  expect(told(world)).toEqual({
    state: 'stuck',
    message: 'pod/db-0 has the name of one of its pods and belongs to somebody else',
  });
});

test.each<[string, SetOptions['spec']]>([
  ['below the partition', { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 3 } } }],
  ['with OnDelete', { updateStrategy: { type: 'OnDelete' } }],
])('pods may keep the old template %s', async (_title, spec = {}) => {
  const world = await SetWorld.with({ spec });
  await world.converge();
  await world.commit({ image: 'v2', spec });
  await world.converge();
  expect(world.look()).toEqual(['db-0 v1', 'db-1 v1', 'db-2 v1']);
  expect(told(world)).toEqual({ state: 'healthy', message: '' });
});
