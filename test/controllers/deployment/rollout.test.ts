// A Deployment's rollouts, played through with all controllers and a stand-in for the kubelet.
import { describe, expect, test } from 'vitest';
import { deploymentController } from '../../../src/controllers/deployment/controller.ts';
import { replicaSetController } from '../../../src/controllers/replicaset/controller.ts';
import { findCondition } from '../../../src/model/conditions.ts';
import type { DeploymentSpec } from '../../../src/model/resource.ts';
import { APPLICATION_ANNOTATION, controllerOf, RECOVERED_ANNOTATION, REVISION_ANNOTATION } from '../../../src/model/resource.ts';
import { aDeployment, aPod, aReplicaSetOf, asDesired, aTemplate } from '../../support/builders.ts';
import { found, SmallWorld } from '../small-world.ts';

const image = (tag: string) => aTemplate({ container: { image: tag } });

async function worldWith(spec: Partial<DeploymentSpec> = {}, annotations?: Record<string, string>): Promise<SmallWorld> {
  const world = new SmallWorld();
  const template = image('v1');
  await world.create(
    asDesired(aDeployment({ spec: { template, ...spec }, ...(annotations === undefined ? {} : { annotations }) })),
  );
  return world;
}

async function change(world: SmallWorld, spec: Partial<DeploymentSpec>): Promise<void> {
  const deployment = world.deployment();
  await world.update({ ...deployment, spec: { ...deployment.spec, ...spec } });
}

const progress = (world: SmallWorld) => findCondition(world.deployment().status?.conditions, 'Progressing');

describe('a new Deployment', () => {
  test('makes one ReplicaSet with all pods, and says so', async () => {
    const world = await worldWith();
    await world.settle();
    const [set] = world.store.list('ReplicaSet');
    expect(world.messages('ScalingReplicaSet')).toEqual([`Scaled up replica set ${set?.metadata.name} from 0 to 3`]);
    expect(world.pods()).toHaveLength(3);
    expect(world.deployment().status).toMatchObject({
      observedGeneration: 1,
      replicas: 3,
      updatedReplicas: 3,
      readyReplicas: 0,
      availableReplicas: 0,
      unavailableReplicas: 3,
    });
    expect(findCondition(world.deployment().status?.conditions, 'Available')).toMatchObject({
      status: 'False',
      reason: 'MinimumReplicasUnavailable',
    });
    expect(progress(world)?.reason).toBe('ReplicaSetUpdated');
  });

  test('is complete once its pods are available', async () => {
    const world = await worldWith();
    await world.converge();
    const [set] = world.store.list('ReplicaSet');
    expect(progress(world)).toMatchObject({
      status: 'True',
      reason: 'NewReplicaSetAvailable',
      message: `ReplicaSet "${set?.metadata.name}" has successfully progressed.`,
    });
    expect(findCondition(world.deployment().status?.conditions, 'Available')).toMatchObject({
      status: 'True',
      reason: 'MinimumReplicasAvailable',
    });
    expect(world.deployment().metadata.annotations?.[REVISION_ANNOTATION]).toBe('1');
    const before = world.store.revision();
    await world.settle();
    expect(world.store.revision()).toBe(before);
  });

  test('hands its application down to ReplicaSet and pods, and other annotations to the ReplicaSet', async () => {
    const world = await worldWith(
      {},
      { [APPLICATION_ANNOTATION]: 'shop', team: 'a', 'kubectl.kubernetes.io/last-applied-configuration': '{}' },
    );
    await world.settle();
    const [set] = world.store.list('ReplicaSet');
    expect(set?.metadata.annotations).toEqual({
      [APPLICATION_ANNOTATION]: 'shop',
      team: 'a',
      [REVISION_ANNOTATION]: '1',
      'deployment.kubernetes.io/desired-replicas': '3',
      'deployment.kubernetes.io/max-replicas': '4',
    });
    expect(world.pods().map((pod) => pod.metadata.annotations)).toEqual(
      Array.from({ length: 3 }, () => ({ [APPLICATION_ANNOTATION]: 'shop' })),
    );
    const deployment = world.deployment();
    await world.update({
      ...deployment,
      metadata: { ...deployment.metadata, annotations: { ...deployment.metadata.annotations, team: 'b' } },
    });
    await world.settle();
    expect(world.store.list('ReplicaSet')[0]?.metadata.annotations?.['team']).toBe('b');
  });

  test('makes fifty pods in one pass of its ReplicaSet', async () => {
    const world = await worldWith({ replicas: 50 });
    await world.settle();
    expect(world.pods()).toHaveLength(50);
  });
});

describe('a rolling update', () => {
  test('moves from the old template to the new one and keeps the old ReplicaSet at 0', async () => {
    const world = await worldWith();
    await world.converge();
    await change(world, { template: image('v2') });
    await world.converge();
    expect(world.sizes()).toEqual({ v1: 0, v2: 3 });
    expect(world.pods().map((pod) => pod.spec.containers[0].image)).toEqual(['v2', 'v2', 'v2']);
    expect(progress(world)?.reason).toBe('NewReplicaSetAvailable');
    expect(world.deployment().metadata.annotations?.[REVISION_ANNOTATION]).toBe('2');
  });

  test('stops when the new pods do not become ready, with the old ones still serving', async () => {
    const world = await worldWith({ replicas: 4 });
    await world.converge();
    await change(world, { template: image('v2') });
    await world.converge((pod) => pod.spec.containers[0].image === 'v1');
    expect(world.sizes()).toEqual({ v1: 3, v2: 2 });
    expect(world.deployment().status).toMatchObject({
      replicas: 5,
      updatedReplicas: 2,
      availableReplicas: 3,
      unavailableReplicas: 2,
    });
  });

  test('a third template takes over in the middle of a rollout', async () => {
    const world = await worldWith({ replicas: 4 });
    await world.converge();
    await change(world, { template: image('v2') });
    await world.converge((pod) => pod.spec.containers[0].image === 'v1');
    await change(world, { template: image('v3') });
    await world.converge((pod) => pod.spec.containers[0].image !== 'v2');
    expect(world.sizes()).toEqual({ v1: 0, v2: 0, v3: 4 });
    expect(world.deployment().metadata.annotations?.[REVISION_ANNOTATION]).toBe('3');
  });

  test('going back to an old template uses its ReplicaSet again, under a new revision', async () => {
    const world = await worldWith();
    await world.converge();
    const first = found(world.store.list('ReplicaSet')[0]);
    await change(world, { template: image('v2') });
    await world.converge();
    await change(world, { template: image('v1') });
    await world.converge();
    const again = found(world.store.get('ReplicaSet', 'default', first.metadata.name));
    expect(again.metadata.uid).toBe(first.metadata.uid);
    expect(again.metadata.annotations).toMatchObject({
      [REVISION_ANNOTATION]: '3',
      'deployment.kubernetes.io/revision-history': '1',
    });
    expect(world.sizes()).toEqual({ v1: 3, v2: 0 });
    expect(world.deployment().metadata.annotations?.[REVISION_ANNOTATION]).toBe('3');
  });

  test('old ReplicaSets beyond the history limit are removed, the oldest first', async () => {
    const world = await worldWith({ revisionHistoryLimit: 1 });
    for (const tag of ['v1', 'v2', 'v3', 'v4']) {
      await change(world, { template: image(tag) });
      await world.converge();
    }
    expect(world.sizes()).toEqual({ v3: 0, v4: 3 });
    expect(world.messages('RevisionHistoryLimit')).toHaveLength(2);
  });

  test('minReadySeconds that grows counts at once: what was available under the old one makes no room', async () => {
    const strategy = { type: 'RollingUpdate' as const, rollingUpdate: { maxSurge: 2, maxUnavailable: 0 } };
    const world = await worldWith({ replicas: 2, strategy });
    await world.converge();
    await change(world, { template: image('v2') });
    await world.settle();
    await world.runPods();
    for (const set of world.store.list('ReplicaSet')) await world.pass(replicaSetController, set);
    await change(world, { minReadySeconds: 30 });
    await world.settle();
    expect(world.sizes()).toEqual({ v1: 2, v2: 2 });
    world.now += 30_000;
    await world.settle();
    expect(world.sizes()).toEqual({ v1: 0, v2: 2 });
  });

  test('minReadySeconds holds availability back, and the ReplicaSet asks to be looked at again', async () => {
    const world = await worldWith({ minReadySeconds: 30 });
    await world.converge();
    expect(world.deployment().status).toMatchObject({ readyReplicas: 3, availableReplicas: 0 });
    const alarm = [...world.alarms].find(([name]) => name.startsWith('replicaset-controller'));
    expect(alarm?.[1]).toBe(world.now + 30_000);
    world.now += 30_000;
    await world.converge();
    expect(world.deployment().status).toMatchObject({ readyReplicas: 3, availableReplicas: 3 });
    await change(world, { minReadySeconds: 60 });
    await world.settle();
    expect(world.store.list('ReplicaSet').map((set) => set.spec.minReadySeconds)).toEqual([60]);
  });
});

describe('Recreate', () => {
  test('starts no new pod before the last old one is gone, terminating ones included', async () => {
    const world = await worldWith({ strategy: { type: 'Recreate' } });
    await world.converge();
    await change(world, { template: image('v2') });
    await world.settle();
    expect(world.sizes()).toEqual({ v1: 0 });
    expect(world.pods().map((pod) => [pod.spec.containers[0].image, pod.metadata.deletionTimestamp !== undefined])).toEqual(
      Array.from({ length: 3 }, () => ['v1', true]),
    );
    await world.converge();
    expect(world.sizes()).toEqual({ v1: 0, v2: 3 });
    expect(world.deployment().status).toMatchObject({ updatedReplicas: 3, availableReplicas: 3 });
  });

  test('waits for pods whose ReplicaSet is gone', async () => {
    const world = await worldWith({ strategy: { type: 'Recreate' } });
    await world.converge();
    await world.remove(found(world.store.list('ReplicaSet')[0]));
    await change(world, { template: image('v2') });
    await world.settle();
    expect(world.sizes()).toEqual({});
    await world.converge();
    expect(world.sizes()).toEqual({ v2: 3 });
    expect(world.pods()).toHaveLength(3);
  });
});

describe('paused', () => {
  test('a changed template waits, replicas are followed, and resuming goes on', async () => {
    const world = await worldWith();
    await world.converge();
    await change(world, { paused: true, template: image('v2') });
    await world.converge();
    expect(world.sizes()).toEqual({ v1: 3 });
    expect(progress(world)).toMatchObject({ status: 'Unknown', reason: 'DeploymentPaused', message: 'Deployment is paused' });
    expect(world.deployment().status?.updatedReplicas).toBe(0);
    await change(world, { replicas: 5 });
    await world.converge();
    expect(world.sizes()).toEqual({ v1: 5 });
    await change(world, { paused: false });
    await world.converge();
    expect(world.sizes()).toEqual({ v1: 0, v2: 5 });
    expect(progress(world)?.reason).toBe('NewReplicaSetAvailable');
  });

  test('a Deployment that is born paused makes nothing', async () => {
    const world = await worldWith({ paused: true });
    await world.converge();
    expect(world.sizes()).toEqual({});
  });
});

describe('scaling', () => {
  test.each([
    { to: 7, title: 'up' },
    { to: 1, title: 'down' },
    { to: 0, title: 'to nothing' },
  ])('$title', async ({ to }) => {
    const world = await worldWith();
    await world.converge();
    await change(world, { replicas: to });
    await world.converge();
    expect(world.pods()).toHaveLength(to);
    expect(world.deployment().status).toMatchObject({ replicas: to, availableReplicas: to });
  });

  test('in the middle of a rollout both ReplicaSets grow in proportion', async () => {
    const world = await worldWith({
      replicas: 10,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 3, maxUnavailable: 2 } },
    });
    await world.converge();
    await change(world, { template: image('v2') });
    await world.converge((pod) => pod.spec.containers[0].image === 'v1');
    expect(world.sizes()).toEqual({ v1: 8, v2: 5 });
    await change(world, { replicas: 15 });
    await world.settle();
    // The example of the Kubernetes documentation: 5 more, 3 to the larger set and 2 to the smaller one.
    expect(world.sizes()).toEqual({ v1: 11, v2: 7 });
    await world.converge();
    expect(world.sizes()).toEqual({ v1: 0, v2: 15 });
  });
});

describe('the progress deadline', () => {
  test('runs anew for a new template whose set has to wait for the old pods to go', async () => {
    const world = await worldWith({ progressDeadlineSeconds: 60 });
    await world.converge();
    await change(world, { template: image('v2') });
    await world.converge((pod) => pod.spec.containers[0].image !== 'v2');
    world.now += 59_000;
    await change(world, { template: image('v3'), strategy: { type: 'Recreate' } });
    world.now += 2_000;
    await world.pass(deploymentController, world.deployment());
    expect(world.sizes()).toEqual({ v1: 0, v2: 0 });
    expect(progress(world)).toMatchObject({ status: 'True', reason: 'ReplicaSetUpdated' });
    await world.settle();
    world.now += 60_000;
    await world.settle();
    expect(progress(world)).toMatchObject({ status: 'False', reason: 'ProgressDeadlineExceeded' });
  });

  test('strikes exactly when it is due, and progress afterwards clears it', async () => {
    const world = await worldWith({ progressDeadlineSeconds: 60 });
    await world.converge(() => false);
    const alarm = [...world.alarms].find(([name]) => name.startsWith('deployment-controller'));
    expect(alarm?.[1]).toBe(world.now + 60_000);
    world.now += 59_999;
    await world.settle();
    expect(progress(world)?.reason).toBe('ReplicaSetUpdated');
    world.now += 1;
    await world.settle();
    const [set] = world.store.list('ReplicaSet');
    expect(progress(world)).toMatchObject({
      status: 'False',
      reason: 'ProgressDeadlineExceeded',
      message: `ReplicaSet "${set?.metadata.name}" has timed out progressing.`,
    });
    expect([...world.alarms.keys()].some((name) => name.startsWith('deployment-controller'))).toBe(false);
    await world.setReady(found(world.pods()[0]), true);
    await world.settle();
    expect(progress(world)).toMatchObject({ status: 'True', reason: 'ReplicaSetUpdated' });
    await world.converge();
    expect(progress(world)?.reason).toBe('NewReplicaSetAvailable');
  });

  test('going back to the old template starts the clock anew, whether its pods run or not', async () => {
    const world = await worldWith({ progressDeadlineSeconds: 60, replicas: 1 });
    await world.converge();
    await change(world, { template: image('v2') });
    await world.converge((pod) => pod.spec.containers[0].image === 'v1');
    world.now += 60_000;
    await world.settle();
    expect(progress(world)?.reason).toBe('ProgressDeadlineExceeded');
    await change(world, { template: image('v1') });
    await world.pass(deploymentController, world.deployment());
    expect(progress(world)).toMatchObject({ status: 'True', reason: 'FoundNewReplicaSet' });
    await world.converge((pod) => pod.spec.containers[0].image === 'v1');
    expect(progress(world)?.reason).toBe('NewReplicaSetAvailable');
    expect(world.sizes()).toEqual({ v1: 1, v2: 0 });
  });

  test('a pause stops it, and resuming starts it anew', async () => {
    const world = await worldWith({ progressDeadlineSeconds: 60 });
    await world.converge(() => false);
    await change(world, { paused: true });
    await world.settle();
    world.now += 600_000;
    await world.settle();
    expect(progress(world)?.reason).toBe('DeploymentPaused');
    await change(world, { paused: false });
    await world.settle();
    expect(progress(world)?.reason).toBe('DeploymentResumed');
    world.now += 60_000;
    await world.settle();
    expect(progress(world)?.reason).toBe('ProgressDeadlineExceeded');
  });

  test('a deadline of 2147483647 means none, and no Progressing condition', async () => {
    const world = await worldWith({ progressDeadlineSeconds: 2_147_483_647 });
    await world.converge(() => false);
    expect(progress(world)).toBeUndefined();
    expect(world.alarms.size).toBe(0);
  });
});

describe('claims', () => {
  test('a recovered ReplicaSet is taken over with its pods, and no pod changes', async () => {
    const world = new SmallWorld();
    const deployment = aDeployment({ spec: { template: image('v1') } });
    const set = aReplicaSetOf(deployment, { ownerReferences: [], annotations: { [RECOVERED_ANNOTATION]: 'true' } });
    await world.create(set, 'set-uid');
    const owner = found(world.store.get('ReplicaSet', 'default', set.metadata.name));
    for (const name of ['a', 'b', 'c']) {
      const options = {
        name,
        labels: set.metadata.labels ?? {},
        owner,
        annotations: { [RECOVERED_ANNOTATION]: 'true' },
        nodeName: 'node-a',
      };
      await world.create(aPod(options), `pod-${name}`);
    }
    await world.settle();
    await world.runPods();
    await world.create(asDesired(deployment));
    await world.converge();
    const [adopted, ...others] = world.store.list('ReplicaSet');
    expect(others).toEqual([]);
    expect(adopted?.metadata.annotations?.[RECOVERED_ANNOTATION]).toBeUndefined();
    expect(found(controllerOf(found(adopted))).uid).toBe(world.deployment().metadata.uid);
    expect(world.pods().map((pod) => [pod.metadata.uid, pod.metadata.annotations])).toEqual(
      ['a', 'b', 'c'].map((name) => [`pod-${name}`, {}]),
    );
    expect(world.messages('SuccessfulCreate')).toEqual([]);
    expect(world.messages('SuccessfulDelete')).toEqual([]);
    expect(progress(world)?.reason).toBe('NewReplicaSetAvailable');
  });

  test('a ReplicaSet that no longer matches is let go, and another one is made', async () => {
    const world = await worldWith();
    await world.converge();
    const set = found(world.store.list('ReplicaSet')[0]);
    await world.update({ ...set, metadata: { ...set.metadata, labels: { app: 'debug' } } });
    await world.settle();
    // Its name is taken by the one that was let go, so another hash is used.
    expect(world.deployment().status?.collisionCount).toBe(1);
    expect(world.store.list('ReplicaSet')).toHaveLength(2);
    expect(controllerOf(found(world.store.get('ReplicaSet', 'default', set.metadata.name)))).toBeUndefined();
  });

  test('a name that a vanished Deployment still holds is waited for', async () => {
    const world = await worldWith();
    await world.converge();
    const old = world.deployment();
    await world.remove(old);
    await world.create(asDesired(old));
    await world.converge();
    expect(world.deployment().status?.collisionCount).toBeUndefined();
    expect(world.store.list('ReplicaSet')).toHaveLength(1);
    expect(found(controllerOf(found(world.store.list('ReplicaSet')[0]))).uid).toBe(world.deployment().metadata.uid);
  });
});
