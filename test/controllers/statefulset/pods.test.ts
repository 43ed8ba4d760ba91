// The pods and claims of a StatefulSet: who they are, and in which order they come and go.
import { describe, expect, test } from 'vitest';
import { statefulSetController } from '../../../src/controllers/statefulset/controller.ts';
import { MIN_POD_LIFE_MS } from '../../../src/controllers/statefulset/steps.ts';
import { controllerReference } from '../../../src/model/resource.ts';
import { aPod } from '../../support/builders.ts';
import { aSet, SetWorld } from './sets.ts';

describe('identity', () => {
  test('name, labels, hostname, subdomain and claims', async () => {
    const world = await SetWorld.with({ claims: ['data', 'log'], replicas: 1 });
    await world.settle();
    const { metadata, spec } = world.pod(0);
    const set = world.set();
    expect(metadata).toMatchObject({
      labels: {
        app: 'db',
        'controller-revision-hash': set.status?.updateRevision,
        'statefulset.kubernetes.io/pod-name': 'db-0',
        'apps.kubernetes.io/pod-index': '0',
      },
      ownerReferences: [controllerReference(set)],
    });
    expect(set.status?.updateRevision).toMatch(/^db-[0-9a-f]{10}$/);
    expect(spec).toMatchObject({
      hostname: 'db-0',
      subdomain: 'db',
      volumes: [
        { name: 'data', persistentVolumeClaim: { claimName: 'data-db-0' } },
        { name: 'log', persistentVolumeClaim: { claimName: 'log-db-0' } },
      ],
    });
    expect(world.claims().map(({ metadata: { name, labels, ownerReferences } }) => ({ name, labels, ownerReferences }))).toEqual([
      { name: 'data-db-0', labels: { app: 'db' }, ownerReferences: undefined },
      { name: 'log-db-0', labels: { app: 'db' }, ownerReferences: undefined },
    ]);
    expect(world.messages('SuccessfulCreate')).toEqual([
      'create Claim data-db-0 Pod db-0 in StatefulSet db success',
      'create Claim log-db-0 Pod db-0 in StatefulSet db success',
      'create Pod db-0 in StatefulSet db successful',
    ]);
  });

  test('a claim goes before a volume of the same name, and other volumes stay', async () => {
    const { template } = aSet().spec;
    const volumes = [
      { name: 'data', emptyDir: {} },
      { name: 'tmp', emptyDir: {} },
    ];
    const world = await SetWorld.with({
      claims: ['data'],
      replicas: 1,
      spec: { template: { ...template, spec: { ...template.spec, volumes } } },
    });
    await world.settle();
    expect(world.pod(0).spec.volumes).toEqual([
      { name: 'data', persistentVolumeClaim: { claimName: 'data-db-0' } },
      { name: 'tmp', emptyDir: {} },
    ]);
  });

  test('without a Service there is no subdomain', async () => {
    const world = await SetWorld.with({ replicas: 1, spec: { serviceName: '' } });
    await world.settle();
    expect(world.pod(0).spec).not.toHaveProperty('subdomain');
  });

  test('ordinals begin where they are told to', async () => {
    const world = await SetWorld.with({ replicas: 2, spec: { ordinals: { start: 5 } } });
    await world.converge();
    expect(world.look()).toEqual(['db-5 v1', 'db-6 v1']);
    await world.commit({ spec: { ordinals: { start: 6 } } });
    await world.converge();
    expect(world.look()).toEqual(['db-6 v1', 'db-7 v1']);
  });
});

describe('order', () => {
  test('one after another, each when those before it are ready', async () => {
    const world = await SetWorld.with();
    await world.settle();
    expect(world.look()).toEqual(['db-0 v1']);
    await world.run(0, false);
    expect(world.look()).toEqual(['db-0 v1']);
    await world.run(0);
    expect(world.look()).toEqual(['db-0 v1', 'db-1 v1']);
    await world.run(1);
    await world.run(2);
    expect(world.look()).toEqual(['db-0 v1', 'db-1 v1', 'db-2 v1']);
    const revision = world.set().status?.updateRevision;
    expect(world.set().status).toEqual({
      observedGeneration: 1,
      replicas: 3,
      readyReplicas: 3,
      availableReplicas: 3,
      currentReplicas: 3,
      updatedReplicas: 3,
      currentRevision: revision,
      updateRevision: revision,
      collisionCount: 0,
    });
  });

  test('a pod is waited for until it is available', async () => {
    const world = await SetWorld.with({ spec: { minReadySeconds: 30 } });
    await world.settle();
    await world.run(0);
    expect(world.look()).toEqual(['db-0 v1']);
    expect([...world.alarms.values()]).toEqual([world.now + 30_000]);
    expect(world.set().status).toMatchObject({ readyReplicas: 1, availableReplicas: 0 });
    world.now += 30_000;
    await world.settle();
    expect(world.look()).toEqual(['db-0 v1', 'db-1 v1']);
  });

  test('all at once in parallel', async () => {
    const world = await SetWorld.with({ spec: { podManagementPolicy: 'Parallel' } });
    await world.settle();
    expect(world.look()).toEqual(['db-0 v1', 'db-1 v1', 'db-2 v1']);
    await world.commit({ replicas: 1, spec: { podManagementPolicy: 'Parallel' } });
    await world.runPods();
    await world.settle();
    expect(world.look()).toEqual(['-db-1 v1', '-db-2 v1', 'db-0 v1']);
  });

  test('fewer: from the highest, each when the one before it has gone', async () => {
    const world = await SetWorld.with();
    await world.converge();
    await world.commit({ replicas: 1 });
    await world.settle();
    expect(world.look()).toEqual(['-db-2 v1', 'db-0 v1', 'db-1 v1']);
    await world.reap(2);
    expect(world.look()).toEqual(['-db-1 v1', 'db-0 v1']);
    await world.reap(1);
    expect(world.look()).toEqual(['db-0 v1']);
  });

  test('fewer, while one that stays is not ready: nobody goes', async () => {
    const world = await SetWorld.with();
    await world.converge();
    await world.run(0, false);
    await world.commit({ replicas: 1 });
    await world.settle();
    expect(world.look()).toEqual(['db-0 v1', 'db-1 v1', 'db-2 v1']);
    await world.run(0);
    expect(world.look()).toEqual(['-db-2 v1', 'db-0 v1', 'db-1 v1']);
  });

  test.each([
    ['one below the highest is not ready: the highest goes first', 1, ['-db-2 v1', 'db-0 v1', 'db-1 v1']],
    ['the highest is not ready: it goes', 2, ['-db-2 v1', 'db-0 v1', 'db-1 v1']],
  ])('fewer, while %s', async (_title, ordinal, expected) => {
    const world = await SetWorld.with();
    await world.converge();
    await world.run(ordinal, false);
    await world.commit({ replicas: 1 });
    await world.settle();
    expect(world.look()).toEqual(expected);
  });

  test('fewer, while two that go are not ready: the higher waits for the lower, as in Kubernetes', async () => {
    const world = await SetWorld.with();
    await world.converge();
    await world.run(1, false);
    await world.run(2, false);
    await world.commit({ replicas: 1 });
    await world.settle();
    expect(world.look()).toEqual(['db-0 v1', 'db-1 v1', 'db-2 v1']);
    await world.run(2);
    expect(world.look()).toEqual(['-db-2 v1', 'db-0 v1', 'db-1 v1']);
  });
});

describe('pods that end or vanish', () => {
  test.each([
    ['Failed', 'RecreatingFailedPod', 'StatefulSet default/db is recreating failed Pod db-1'],
    ['Succeeded', 'RecreatingTerminatedPod', 'StatefulSet default/db is recreating terminated Pod db-1'],
  ] as const)('%s ones are made anew under their name', async (phase, reason, message) => {
    const world = await SetWorld.with();
    await world.converge();
    world.now += MIN_POD_LIFE_MS;
    const { uid } = world.pod(1).metadata;
    await world.fail(1, phase);
    expect(world.look()).toEqual(['-db-1 v1', 'db-0 v1', 'db-2 v1']);
    expect(world.messages(reason)).toEqual([message]);
    await world.reap(1);
    expect(world.look()).toEqual(['db-0 v1', 'db-1 v1', 'db-2 v1']);
    expect(world.pod(1).metadata.uid).not.toBe(uid);
  });

  test('one that fails at once is not replaced in a rush', async () => {
    const world = await SetWorld.with({ replicas: 1 });
    await world.converge();
    world.now += 1_000;
    await world.fail(0);
    expect(world.look()).toEqual(['db-0 v1']);
    expect([...world.alarms.values()]).toEqual([world.now + MIN_POD_LIFE_MS - 1_000]);
  });

  test('one that is on its way out keeps its name, however long its node is away', async () => {
    const world = await SetWorld.with();
    await world.converge();
    await world.commit({ replicas: 2 });
    await world.settle();
    await world.commit({ replicas: 3 });
    world.now += 3_600_000;
    await world.settle();
    expect(world.look()).toEqual(['-db-2 v1', 'db-0 v1', 'db-1 v1']);
    await world.reap(2);
    expect(world.look()).toEqual(['db-0 v1', 'db-1 v1', 'db-2 v1']);
  });

  test('a pod of somebody else under the name of one is left alone, and that is said', async () => {
    const world = new SetWorld();
    const { spec } = aPod();
    await world.create({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'db-0', namespace: 'default', labels: { app: 'other' } },
      spec,
    });
    await world.create(aSet({ replicas: 1 }));
    await world.pass(statefulSetController, world.set());
    expect(world.pods().map((pod) => pod.metadata.labels)).toEqual([{ app: 'other' }]);
    expect(world.messages('FailedCreate')).toEqual([
      'create Pod db-0 in StatefulSet db failed error: pods "db-0" already exists and belongs to somebody else',
    ]);
  });

  test('a pod that nobody owns and that has the name and the labels is adopted', async () => {
    const world = new SetWorld();
    const { metadata, spec } = aPod({ name: 'db-0', labels: { app: 'db' } });
    await world.create({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: metadata.name, namespace: 'default', labels: { app: 'db' } },
      spec,
    });
    await world.create(aSet({ replicas: 1 }));
    await world.settle();
    expect(world.messages('Adopted')).toEqual(['pod/db-0 matches the selector of statefulset/db and had no owner']);
  });
});
