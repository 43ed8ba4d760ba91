// The controller on a store: who is woken by what, and that everything comes to rest.
import { describe, expect, test } from 'vitest';
import { endpointSliceController } from '../../../src/controllers/endpointslice/controller.ts';
import { keyOf, keyString, type Stored, type StoredOf } from '../../../src/model/resource.ts';
import { aDeployment, aNode, asDesired } from '../../support/builders.ts';
import { found, SmallWorld } from '../small-world.ts';
import { aService, aServingPod } from './services.ts';

const woken = (world: SmallWorld, changed: Stored, before?: Stored): string[] =>
  endpointSliceController.wakes(changed, world.store, before).map(keyString).toSorted();

async function serving(): Promise<SmallWorld> {
  const world = new SmallWorld();
  await world.create(asDesired(aNode({ name: 'node-a', labels: { 'topology.kubernetes.io/zone': 'east' } })));
  for (const [name, app] of [
    ['web', 'web'],
    ['all', 'web'],
    ['other', 'other'],
  ] as const)
    await world.create(asDesired(aService({ name, spec: { selector: { app } } })));
  const pod = aServingPod('a', '10.244.0.5');
  await world.create(asDesired(pod));
  await world.setPodStatus(world.pods()[0] ?? pod, pod.status ?? {});
  await world.settle();
  return world;
}

describe('a pod wakes', () => {
  test('the Services that select it', async () => {
    const world = await serving();
    expect(woken(world, found(world.pods()[0]))).toEqual(['Service/default/all', 'Service/default/web']);
  });

  test('those that selected it', async () => {
    const world = await serving();
    const pod = found(world.pods()[0]);
    await world.update({ ...pod, metadata: { ...pod.metadata, labels: { app: 'other' } } });
    const changed = found(world.pods()[0]);
    expect(woken(world, changed, pod)).toEqual(['Service/default/all', 'Service/default/other', 'Service/default/web']);
    await world.settle();
    const held = world.store.list('EndpointSlice').filter(({ endpoints = [] }) => endpoints.length > 0);
    expect(held.map(({ metadata }) => metadata.labels?.['kubernetes.io/service-name'])).toEqual(['other']);
  });

  test('those that select it, when it ends', async () => {
    const world = await serving();
    const pod = found(world.pods()[0]);
    await world.setPodStatus(pod, { ...pod.status, phase: 'Failed' });
    expect(woken(world, found(world.pods()[0]), pod)).toEqual(['Service/default/all', 'Service/default/web']);
    // Once it has ended, what else becomes of it concerns nobody.
    expect(woken(world, found(world.pods()[0]), found(world.pods()[0]))).toEqual([]);
  });

  test('nobody before it has an address', async () => {
    const world = await serving();
    await world.create(asDesired(aServingPod('b', '')));
    expect(woken(world, found(world.store.get('Pod', 'default', 'b')))).toEqual([]);
  });
});

test('a node that changes its zone wakes the Services with endpoints on it, once', async () => {
  const world = await serving();
  const node = found(world.store.get('Node', '', 'node-a'));
  expect(woken(world, node)).toEqual([]);
  await world.update({ ...node, metadata: { ...node.metadata, labels: { 'topology.kubernetes.io/zone': 'west' } } });
  expect(woken(world, found(world.store.get('Node', '', 'node-a')))).toEqual(['Service/default/all', 'Service/default/web']);
  await world.settle();
  expect(woken(world, found(world.store.get('Node', '', 'node-a')))).toEqual([]);
});

test('a node that tells of itself and stays where it is wakes nobody', async () => {
  const world = await serving();
  const node = found(world.store.get('Node', '', 'node-a'));
  const [slice] = world.store.list('EndpointSlice');
  await world.update({ ...found(slice), endpoints: found(slice).endpoints?.map((one) => ({ ...one, zone: 'north' })) ?? [] });
  expect(woken(world, node)).toHaveLength(1);
  expect(woken(world, node, node)).toEqual([]);
});

test('what somebody does to slices and Endpoints is put right', async () => {
  const world = await serving();
  const slice = world.store.list('EndpointSlice').find(({ metadata }) => metadata.name.startsWith('web'));
  const wanted = found(slice).endpoints;
  await world.update({ ...found(slice), endpoints: [] });
  await world.remove(found(world.store.get('Endpoints', 'default', 'web')));
  expect(woken(world, found(slice))).toEqual(['Service/default/web']);
  await world.settle();
  expect(world.store.get('EndpointSlice', 'default', found(slice).metadata.name)?.endpoints).toEqual(wanted);
  expect(world.store.get('Endpoints', 'default', 'web')?.subsets).toHaveLength(1);
});

test('slices and Endpoints go with their Service, and nobody is told an event', async () => {
  const world = await serving();
  for (const service of world.store.list('Service')) await world.remove(service);
  await world.settle();
  expect([world.store.list('EndpointSlice'), world.store.list('Endpoints')]).toEqual([[], []]);
  const about = world.store.list('Event').filter(({ involvedObject }) => involvedObject.kind === 'Service');
  expect(about).toEqual([]);
});

test('a rollout ends with the new pods alone in the slice', async () => {
  const world = new SmallWorld();
  await world.create(asDesired(aService()));
  await world.create(asDesired(aDeployment()));
  const address = async (): Promise<void> => {
    for (const [index, pod] of world.pods().entries())
      if (pod.status?.podIP === undefined)
        await world.setPodStatus(pod, { ...pod.status, podIP: `10.244.1.${index}`, startTime: '2026-01-01T00:00:00Z' });
  };
  const roll = async (): Promise<void> => {
    await world.converge();
    await address();
    await world.converge();
  };
  await roll();
  const ready = (): string[] =>
    world.store
      .list('EndpointSlice')
      .flatMap(({ endpoints = [] }) => endpoints)
      .map(({ targetRef }) => targetRef?.name ?? '')
      .toSorted();
  const names = (pods: readonly StoredOf<'Pod'>[]): string[] => pods.map((pod) => keyOf(pod).name).toSorted();
  expect(ready()).toEqual(names(world.pods()));
  const deployment = world.deployment();
  const { template } = deployment.spec;
  await world.update({
    ...deployment,
    spec: { ...deployment.spec, template: { ...template, metadata: { ...template.metadata, annotations: { a: 'b' } } } },
  });
  await roll();
  expect(ready()).toEqual(names(world.pods()));
  expect(world.store.list('EndpointSlice')).toHaveLength(1);
});
