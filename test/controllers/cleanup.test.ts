// What goes when something else has gone: the garbage collector and the namespace controller.
import { describe, expect, test } from 'vitest';
import { allControllers } from '../../src/controllers/controllers.ts';
import { garbageCollector } from '../../src/controllers/garbage-collector/controller.ts';
import type { Resource } from '../../src/model/resource.ts';
import { APPLICATION_ANNOTATION, keyOf, RECOVERED_ANNOTATION } from '../../src/model/resource.ts';
import { aClaim, aConfigMap, aDeployment, aNamespace, aPod, aReplicaSet, aSecret, asDesired } from '../support/builders.ts';
import { found, SmallWorld } from './small-world.ts';

describe('the garbage collector', () => {
  test('a deleted Deployment takes its ReplicaSet and pods with it', async () => {
    const world = new SmallWorld();
    await world.create(asDesired(aDeployment()));
    await world.converge();
    const deployment = world.deployment();
    const set = found(world.store.list('ReplicaSet')[0]);
    await world.remove(deployment);
    expect(garbageCollector.wakes(deployment, world.store)).toEqual([keyOf(set)]);
    await world.settle();
    expect(garbageCollector.wakes(set, world.store)).toHaveLength(3);
    await world.converge();
    expect(world.store.list('ReplicaSet')).toEqual([]);
    expect(world.pods()).toEqual([]);
    expect(new Set(world.messages('OwnerDeleted').map((message) => message.replace(/^.*belonged to/, '')))).toEqual(
      new Set([' deployment/web, which is gone', ` replicaset/${set.metadata.name}, which is gone`]),
    );
  });

  test('an owner of the same name with another uid does not count', async () => {
    const world = new SmallWorld();
    await world.create(aReplicaSet({ replicas: 0, labels: { app: 'other' } }), 'new-uid');
    await world.create(aPod({ owner: aReplicaSet({ uid: 'old-uid' }) }));
    await world.settle();
    expect(world.pods()).toEqual([]);
  });

  test.each<[string, Resource]>([
    ['recovered from Docker', aPod({ owner: aReplicaSet({ uid: 'gone' }), annotations: { [RECOVERED_ANNOTATION]: 'true' } })],
    ['a recovered ReplicaSet without an owner', aReplicaSet({ replicas: 0, annotations: { [RECOVERED_ANNOTATION]: 'true' } })],
    ['owned by nobody', aPod()],
    [
      'owned by a kind that is not known here',
      aPod({ ownerReferences: [{ apiVersion: 'x/v1', kind: 'Robot', name: 'r', uid: 'r', controller: true }] }),
    ],
  ])('leaves alone what is %s', async (_title, resource) => {
    const world = new SmallWorld();
    await world.create(resource);
    await world.settle();
    expect(world.store.list(resource.kind)).toHaveLength(1);
    expect(world.actions).toEqual([]);
  });
});

describe('namespaces', () => {
  test('a Namespace is Active', async () => {
    const world = new SmallWorld();
    await world.create(asDesired(aNamespace()));
    await world.settle();
    expect(world.store.get('Namespace', '', 'shop')?.status).toEqual({ phase: 'Active' });
  });

  test('what is left in a namespace that is gone goes too, configuration last and data never', async () => {
    const world = new SmallWorld();
    await world.create(asDesired(aNamespace()));
    const namespace = 'shop';
    for (const resource of [
      aDeployment({ namespace }),
      aConfigMap({ namespace }),
      aSecret({ namespace }),
      aClaim({ namespace }),
    ]) {
      await world.create(asDesired<Resource>(resource));
    }
    await world.create(asDesired(aPod({ namespace, name: 'bare', labels: {} })));
    await world.converge();
    await world.remove(found(world.store.get('Namespace', '', namespace)));
    await world.settle();
    expect(world.store.list('Deployment')).toEqual([]);
    expect(world.store.list('ConfigMap')).toHaveLength(1);
    await world.converge();
    const kinds = ['Deployment', 'ReplicaSet', 'Pod', 'ConfigMap', 'Secret', 'PersistentVolumeClaim'] as const;
    expect(kinds.filter((kind) => world.store.list(kind).length > 0)).toEqual(['PersistentVolumeClaim']);
  });

  test.each<[string, Resource]>([
    ['in the namespace default', aConfigMap()],
    ['of an application: sync prunes it', aConfigMap({ namespace: 'gone', annotations: { [APPLICATION_ANNOTATION]: 'shop' } })],
    ['recovered: it may be claimed yet', aPod({ namespace: 'gone', annotations: { [RECOVERED_ANNOTATION]: 'true' } })],
  ])('leaves alone what is %s', async (_title, resource) => {
    const world = new SmallWorld();
    await world.create(resource);
    await world.settle();
    expect(world.store.list(resource.kind)).toHaveLength(1);
  });
});

describe('waking', () => {
  test('objects that may be adopted wake who may adopt them, and lost ones those who wait for them to go', async () => {
    const world = new SmallWorld();
    await world.create(asDesired(aDeployment()));
    const deployment = world.deployment();
    const set = aReplicaSet({ labels: { app: 'web' } });
    const pod = aPod({ labels: { app: 'web' } });
    const woken = (changed: Parameters<typeof garbageCollector.wakes>[0]): string[] =>
      allControllers((controller) =>
        controller.wakes(changed, world.store).map((key) => `${controller.name} ${key.kind}/${key.name}`),
      ).flat();
    expect(woken(set)).toContain('deployment-controller Deployment/web');
    await world.create(set);
    expect(woken(pod)).toContain('replicaset-controller ReplicaSet/web');
    expect(woken(aPod({ owner: aReplicaSet({ owner: deployment, uid: 'lost' }) }))).toContain(
      'deployment-controller Deployment/web',
    );
  });
});
