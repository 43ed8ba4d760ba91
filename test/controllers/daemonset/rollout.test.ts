// How a DaemonSet moves from one template to the next, and what becomes of pods that fail.
import { describe, expect, test } from 'vitest';
import { MAX_BACKOFF_MS } from '../../../src/controllers/daemonset/backoff.ts';
import type { DaemonSetSpec } from '../../../src/model/resource.ts';
import { RECOVERED_ANNOTATION } from '../../../src/model/resource.ts';
import { aDaemonSet, DaemonWorld, surging } from './sets.ts';

const nodes = ['a', 'b', 'c'];
const isGood = (pod: { spec: { containers: readonly { image?: string }[] } }): boolean =>
  pod.spec.containers[0]?.image !== 'broken';

describe('old pods first', () => {
  test('one node at a time', async () => {
    const world = await DaemonWorld.with(nodes);
    await world.converge();
    await world.commit({ image: 'v2' });
    await world.settle();
    expect(world.look()).toEqual(['-a v1', 'b v1', 'c v1']);
    await world.reap('a');
    expect(world.look()).toEqual(['a v2', 'b v1', 'c v1']);
    expect(world.daemonSet().status).toMatchObject({ updatedNumberScheduled: 1, numberAvailable: 2, numberUnavailable: 1 });
    await world.run('a');
    expect(world.look()).toEqual(['-b v1', 'a v2', 'c v1']);
    await world.converge();
    expect(world.look()).toEqual(['a v2', 'b v2', 'c v2']);
  });

  test('as many as are allowed, a share of the nodes rounded up', async () => {
    const spec: Partial<DaemonSetSpec> = {
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '50%', maxSurge: 0 } },
    };
    const world = await DaemonWorld.with(nodes, { spec });
    await world.converge();
    await world.commit({ image: 'v2', spec });
    await world.settle();
    expect(world.look()).toEqual(['-a v1', '-b v1', 'c v1']);
  });

  test('an old pod that is not available goes at once, and counts', async () => {
    const world = await DaemonWorld.with(nodes);
    await world.converge();
    await world.run('c', false);
    await world.commit({ image: 'v2' });
    await world.settle();
    expect(world.look()).toEqual(['-c v1', 'a v1', 'b v1']);
  });

  test('a new pod is waited for until it is available', async () => {
    const spec = { minReadySeconds: 30 };
    const world = await DaemonWorld.with(nodes, { spec });
    await world.converge();
    world.now += 30_000;
    await world.converge();
    await world.commit({ image: 'v2', spec });
    await world.settle();
    await world.reap('a');
    await world.run('a');
    expect(world.look()).toEqual(['a v2', 'b v1', 'c v1']);
    expect([...world.alarms.values()]).toEqual([world.now + 30_000]);
    world.now += 30_000;
    await world.settle();
    expect(world.look()).toEqual(['-b v1', 'a v2', 'c v1']);
  });

  test('a broken template stops at the limit, and the next one mends it', async () => {
    const world = await DaemonWorld.with(nodes);
    await world.converge();
    await world.commit({ image: 'broken' });
    await world.converge(isGood);
    expect(world.look()).toEqual(['a broken', 'b v1', 'c v1']);
    await world.commit({ image: 'v2' });
    await world.converge(isGood);
    expect(world.look()).toEqual(['a v2', 'b v2', 'c v2']);
  });

  test('not at all with OnDelete', async () => {
    const spec: Partial<DaemonSetSpec> = { updateStrategy: { type: 'OnDelete' } };
    const world = await DaemonWorld.with(nodes, { spec });
    await world.converge();
    await world.commit({ image: 'v2', spec });
    await world.converge();
    expect(world.look()).toEqual(['a v1', 'b v1', 'c v1']);
    const [pod] = world.on('b');
    if (pod !== undefined) await world.remove(pod);
    await world.converge();
    expect(world.look()).toEqual(['a v1', 'b v2', 'c v1']);
  });
});

test('a pod that was rebuilt from Docker and that nobody but the scheduler has looked at is not taken for broken', async () => {
  const world = await DaemonWorld.with(nodes);
  await world.converge();
  await world.run('c', false);
  for (const pod of world.on('b'))
    await world.setPodStatus(pod, { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'True' }] });
  await world.commit({ image: 'v2' });
  await world.settle();
  expect(world.look()).toEqual(['-c v1', 'a v1', 'b v1']);
});

describe('new pods first', () => {
  test('beside the old one, which goes when the new one is available', async () => {
    const world = await DaemonWorld.with(nodes, { spec: surging(1) });
    await world.converge();
    await world.commit({ image: 'v2', spec: surging(1) });
    await world.settle();
    expect(world.look()).toEqual(['a v1', 'a v2', 'b v1', 'c v1']);
    await world.run('a');
    expect(world.look()).toEqual(['-a v1', 'a v2', 'b v1', 'b v2', 'c v1']);
    await world.converge();
    expect(world.look()).toEqual(['a v2', 'b v2', 'c v2']);
  });

  test('an old one that is not ready is not waited for', async () => {
    const world = await DaemonWorld.with(nodes, { spec: surging('34%') });
    await world.converge();
    await world.run('c', false);
    await world.commit({ image: 'v2', spec: surging('34%') });
    await world.settle();
    expect(world.look()).toEqual(['-c v1', 'a v1', 'a v2', 'b v1', 'b v2', 'c v2']);
  });

  test('a broken template costs nothing, and the next one mends it', async () => {
    const world = await DaemonWorld.with(nodes, { spec: surging(1) });
    await world.converge();
    await world.commit({ image: 'broken', spec: surging(1) });
    await world.converge(isGood);
    expect(world.look()).toEqual(['a broken', 'a v1', 'b v1', 'c v1']);
    expect(world.daemonSet().status).toMatchObject({ numberAvailable: 3 });
    await world.commit({ image: 'v2', spec: surging(1) });
    await world.converge(isGood);
    expect(world.look()).toEqual(['a v2', 'b v2', 'c v2']);
  });
});

describe('pods that end', () => {
  test('a failed one is replaced: at once, and later with every failure', async () => {
    const world = await DaemonWorld.with(['a']);
    await world.converge();
    await world.fail('a');
    expect(world.messages('FailedDaemonPod')).toMatchObject([
      expect.stringMatching(/^Found failed daemon pod default\/agent-\w{5} on node a, will try to kill it$/),
    ]);
    await world.reap('a');
    expect(world.look()).toEqual(['a v1']);
    const waits: number[] = [];
    for (let failures = 0; failures < 12; failures++) {
      await world.converge();
      await world.fail('a');
      const alarm = [...world.alarms].find(([name]) => name.startsWith('daemonset'))?.[1] ?? world.now;
      waits.push((alarm - world.now) / 1_000);
      world.now = alarm;
      await world.settle();
      await world.reap('a');
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]);
  });

  test('failures that are long past are forgotten, and a new template starts afresh', async () => {
    const world = await DaemonWorld.with(['a']);
    for (let failures = 0; failures < 5; failures++) {
      await world.converge();
      world.now += MAX_BACKOFF_MS;
      await world.fail('a');
    }
    await world.converge();
    await world.commit({ image: 'v2' });
    await world.converge();
    const failed = world.on('a').map(({ metadata }) => metadata.uid);
    await world.fail('a');
    expect(world.on('a').map(({ metadata }) => metadata.uid)).not.toEqual(failed);
    world.now += 3 * MAX_BACKOFF_MS;
    await world.converge();
    await world.fail('a');
    const [revision] = world.store.list('ControllerRevision').toSorted((a, b) => b.revision - a.revision);
    expect(JSON.parse(revision?.metadata.annotations?.['holdfast.dev/failed-pods'] ?? '{}')).toMatchObject({ a: { count: 1 } });
  });

  test('one that ended well is replaced too', async () => {
    const world = await DaemonWorld.with(['a']);
    await world.converge();
    const [pod] = world.pods();
    if (pod === undefined) throw new Error('no pod');
    await world.setPodStatus(pod, { phase: 'Succeeded' });
    await world.converge();
    expect(world.look()).toEqual(['a v1']);
    expect(world.pods()[0]?.metadata.uid).not.toBe(pod.metadata.uid);
    expect(world.messages('SucceededDaemonPod')).toHaveLength(1);
  });
});

test('after a lost store, pods that were rebuilt from Docker are taken back as they are', async () => {
  const before = await DaemonWorld.with(nodes);
  await before.converge();
  const remembered = before.pods();
  const world = new DaemonWorld();
  for (const name of nodes) await world.addNode(name);
  for (const { metadata, spec } of remembered) {
    const { name, labels = {}, ownerReferences = [], uid } = metadata;
    const annotations = { [RECOVERED_ANNOTATION]: 'true' };
    await world.create(
      { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default', labels, ownerReferences, annotations }, spec },
      uid,
    );
  }
  await world.settle();
  await world.create(aDaemonSet());
  await world.converge();
  expect(world.pods().map(({ metadata }) => metadata.uid)).toEqual(remembered.map(({ metadata }) => metadata.uid));
  expect(world.daemonSet().status).toMatchObject({ updatedNumberScheduled: 3, numberAvailable: 3 });
});
