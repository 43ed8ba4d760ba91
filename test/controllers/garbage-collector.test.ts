// Owner references of every kind: who goes with whom, in which order, and who stays.
import { describe, expect, test } from 'vitest';
import { garbageCollector } from '../../src/controllers/garbage-collector/controller.ts';
import type { Propagation } from '../../src/model/deletion.ts';
import {
  type Kind,
  keyOf,
  type OwnerReference,
  RECOVERED_ANNOTATION,
  type Resource,
  type Stored,
} from '../../src/model/resource.ts';
import { deletionWrite } from '../../src/runtime/deletion.ts';
import { aConfigMap, aPod, aReplicaSet, aSecret, asDesired } from '../support/builders.ts';
import { found, SmallWorld } from './small-world.ts';

const reference = (owner: Stored, blocks = true): OwnerReference => ({
  apiVersion: owner.apiVersion,
  kind: owner.kind,
  name: owner.metadata.name,
  uid: owner.metadata.uid,
  ...(blocks ? { blockOwnerDeletion: true } : {}),
});

class Family {
  readonly world = new SmallWorld();

  async add(resource: Stored, ...owners: OwnerReference[]): Promise<Stored> {
    const desired = asDesired<Resource>(resource);
    const metadata = { ...desired.metadata, ...(owners.length === 0 ? {} : { ownerReferences: owners }) };
    await this.world.create({ ...desired, metadata }, resource.metadata.uid);
    return found(this.get(resource));
  }

  get(resource: Stored): Stored | undefined {
    const { kind, namespace, name } = keyOf(resource);
    return this.world.store.get<Kind>(kind, namespace, name);
  }

  async delete(resource: Stored, propagation?: Propagation): Promise<void> {
    const write = deletionWrite(found(this.get(resource)), this.world.now, propagation);
    if (write !== undefined) await this.world.store.write([write]);
  }

  /** Passes of the collector alone, one round. */
  async collect(): Promise<void> {
    await this.world.passAll(garbageCollector);
  }

  names(): string[] {
    const kinds = ['ConfigMap', 'Secret', 'Pod'] as const;
    return kinds.flatMap((kind) => this.world.store.list(kind).map(({ metadata }) => metadata.name));
  }
}

const config = aConfigMap({ name: 'config' });
const secret = aSecret({ name: 'secret' });
const pod = aPod({ name: 'pod' });

describe('background', () => {
  test('a dependent of any kind goes when its owner has gone, and takes its own along', async () => {
    const family = new Family();
    await family.add(config);
    await family.add(secret, reference(config));
    await family.add(pod, reference(secret));
    await family.delete(config);
    expect(garbageCollector.wakes(config, family.world.store)).toEqual([keyOf(secret)]);
    await family.world.settle();
    expect(family.names()).toEqual([]);
  });

  test('one with several owners lives while one of them does, and forgets those that are gone', async () => {
    const family = new Family();
    await family.add(config);
    await family.add(secret);
    await family.add(pod, reference(config), reference(secret));
    await family.delete(config);
    await family.world.settle();
    expect(family.get(pod)?.metadata.ownerReferences?.map(({ name }) => name)).toEqual(['secret']);
    await family.delete(secret);
    await family.world.settle();
    expect(family.names()).toEqual([]);
  });

  test('an owner of another API group is not known, and nothing is deleted for want of it', async () => {
    const family = new Family();
    await family.add(pod, { apiVersion: 'batch.example/v1', kind: 'Job', name: 'x', uid: 'x' });
    await family.world.settle();
    expect(family.names()).toEqual(['pod']);
  });

  test('what was recovered and nobody has claimed is left alone', async () => {
    const family = new Family();
    await family.add(
      { ...pod, metadata: { ...pod.metadata, annotations: { [RECOVERED_ANNOTATION]: 'true' } } },
      reference(secret),
    );
    await family.world.settle();
    expect(family.names()).toEqual(['pod']);
  });

  test('what has finalizers is asked to go and waits', async () => {
    const family = new Family();
    await family.add(config);
    const kept = {
      ...asDesired(secret),
      metadata: { ...asDesired(secret).metadata, finalizers: ['a.example/x'], ownerReferences: [reference(config)] },
    };
    await family.world.create(kept);
    await family.delete(config);
    await family.world.settle();
    expect(family.get(secret)?.metadata.deletionTimestamp).toBeDefined();
  });
});

describe('foreground', () => {
  test('the owner goes last, level by level', async () => {
    const family = new Family();
    await family.add(config);
    await family.add(secret, reference(config));
    await family.add({ ...pod, spec: { ...pod.spec, nodeName: 'n1' } }, reference(secret));
    await family.delete(config, 'Foreground');
    await family.world.settle();
    expect(family.names()).toEqual(['config', 'secret', 'pod']);
    expect(family.get(secret)?.metadata.finalizers).toEqual(['foregroundDeletion']);
    expect(family.get(pod)?.metadata.deletionTimestamp).toBeDefined();
    await family.world.remove(found(family.get(pod)));
    await family.world.settle();
    expect(family.names()).toEqual([]);
  });

  test('a dependent that does not block is deleted and not waited for', async () => {
    const family = new Family();
    await family.add(config);
    await family.add({ ...pod, spec: { ...pod.spec, nodeName: 'n1' } }, reference(config, false));
    await family.delete(config, 'Foreground');
    await family.world.settle();
    expect(family.names()).toEqual(['pod']);
    expect(family.get(pod)?.metadata.deletionTimestamp).toBeDefined();
  });

  test('a dependent with another living owner is released, and the owner goes', async () => {
    const family = new Family();
    await family.add(config);
    await family.add(secret);
    await family.add(pod, reference(config), reference(secret));
    await family.delete(config, 'Foreground');
    await family.world.settle();
    expect(family.names()).toEqual(['secret', 'pod']);
  });
});

test('orphan: dependents are released before the owner goes', async () => {
  const world = new SmallWorld();
  await world.create(asDesired(aReplicaSet()));
  await world.converge();
  const set = found(world.store.list('ReplicaSet')[0]);
  const write = found(deletionWrite(set, world.now, 'Orphan'));
  await world.store.write([write]);
  await world.converge();
  expect(world.store.list('ReplicaSet')).toEqual([]);
  expect(world.pods().map(({ metadata }) => metadata.ownerReferences)).toEqual([undefined, undefined, undefined]);
});
