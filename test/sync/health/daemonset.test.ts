// When a DaemonSet is healthy, and who is to blame when it is not.
import { expect, test } from 'vitest';
import { healthOf } from '../../../src/sync/health/health.ts';
import type { Health } from '../../../src/sync/health/verdict.ts';
import { DaemonWorld } from '../../controllers/daemonset/sets.ts';
import { aCondition } from '../../support/builders.ts';

const told = (world: DaemonWorld): Health => healthOf(world.daemonSet(), world.store);

test('it has not been looked at yet', async () => {
  expect(told(await DaemonWorld.with(['a']))).toEqual({
    state: 'progressing',
    message: 'its controller has not seen the change yet',
  });
});

test('a pod on every node, and none where there are no nodes', async () => {
  for (const nodes of [['a', 'b'], []]) {
    const world = await DaemonWorld.with(nodes);
    await world.converge();
    expect(told(world)).toEqual({ state: 'healthy', message: '' });
  }
});

test('a pod that is not ready is named', async () => {
  const world = await DaemonWorld.with(['a']);
  await world.settle();
  const [pod] = world.pods();
  expect(told(world)).toMatchObject({ state: 'progressing', message: `pod ${pod?.metadata.name}, not started yet` });
});

test('nodes with a pod of the old template are counted', async () => {
  const world = await DaemonWorld.with(['a', 'b']);
  await world.converge();
  await world.commit({ image: 'v2' });
  await world.settle();
  expect(told(world)).toEqual({ state: 'progressing', message: '0 of 2 nodes have a pod of the new template' });
});

test('with OnDelete, pods may keep the old template', async () => {
  const spec = { updateStrategy: { type: 'OnDelete' as const } };
  const world = await DaemonWorld.with(['a'], { spec });
  await world.converge();
  await world.commit({ image: 'v2', spec });
  await world.converge();
  expect(told(world)).toEqual({ state: 'healthy', message: '' });
});

test('a node whose engine does not answer is waited for', async () => {
  const world = await DaemonWorld.with(['a', 'b']);
  await world.converge();
  await world.setNodeStatus('b', { conditions: [aCondition('Ready', 'False', 'EngineUnreachable')] });
  await world.settle();
  expect(told(world)).toEqual({ state: 'progressing', message: 'node b is not ready' });
});
