import { expect, test } from 'vitest';
import type { ReplicationController } from '../../src/model/resource.ts';
import { aPod, aTemplate } from '../support/builders.ts';
import { SmallWorld } from './small-world.ts';

const controller = (replicas: number, selector?: Record<string, string>): ReplicationController => ({
  apiVersion: 'v1',
  kind: 'ReplicationController',
  metadata: { name: 'web', namespace: 'default' },
  spec: { replicas, template: aTemplate(), ...(selector === undefined ? {} : { selector }) },
});

const world = async (wanted: ReplicationController): Promise<SmallWorld> => {
  const made = new SmallWorld();
  await made.create(wanted);
  await made.settle();
  return made;
};
const stored = (made: SmallWorld) => {
  const found = made.store.get('ReplicationController', 'default', 'web');
  if (found === undefined) throw new Error('the controller is gone');
  return found;
};

test('makes its pods from the template, owned by itself', async () => {
  const made = await world(controller(2));
  const pods = made.store.list('Pod');
  expect(pods.map((pod) => pod.metadata.name)).toEqual([
    expect.stringMatching(/^web-[a-z0-9]{5}$/),
    expect.stringMatching(/^web-[a-z0-9]{5}$/),
  ]);
  expect(pods[0]?.metadata.ownerReferences).toEqual([
    {
      apiVersion: 'v1',
      kind: 'ReplicationController',
      name: 'web',
      uid: stored(made).metadata.uid,
      controller: true,
      blockOwnerDeletion: true,
    },
  ]);
});

test('reports what a ReplicationController has, and no more', async () => {
  const made = await world(controller(2));
  for (const pod of made.store.list('Pod')) await made.setReady(pod, true);
  await made.settle();
  expect(stored(made).status).toEqual({
    observedGeneration: 1,
    replicas: 2,
    fullyLabeledReplicas: 2,
    readyReplicas: 2,
    availableReplicas: 2,
  });
});

test('takes in a pod that its selector, or else its template, matches and nobody owns', async () => {
  for (const selector of [undefined, { app: 'web' }]) {
    const made = new SmallWorld();
    const { metadata, spec } = aPod({ name: 'lonely' });
    const own = { name: 'lonely', namespace: 'default', labels: { ...metadata.labels, app: 'web' } };
    await made.create({ apiVersion: 'v1', kind: 'Pod', metadata: own, spec });
    await made.create(controller(1, selector));
    await made.settle();
    expect(made.store.list('Pod').map((pod) => pod.metadata.ownerReferences?.[0]?.kind)).toEqual(['ReplicationController']);
  }
});

test('scales down, and its pods go with it', async () => {
  const made = await world(controller(3));
  const wanted = stored(made);
  await made.update({ ...wanted, spec: { ...wanted.spec, replicas: 1 } });
  await made.settle();
  expect(made.store.list('Pod')).toHaveLength(1);
  await made.remove(stored(made));
  await made.settle();
  expect(made.store.list('Pod')).toEqual([]);
});
