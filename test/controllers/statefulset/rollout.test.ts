// How a StatefulSet moves from one template to the next, and how a rollout that is stuck is mended.
import { describe, expect, test } from 'vitest';
import { maxUnavailableOf } from '../../../src/controllers/statefulset/plan.ts';
import type { IntOrString, StatefulSetSpec } from '../../../src/model/resource.ts';
import { aSet, SetWorld } from './sets.ts';

const rolling = (partition: number, maxUnavailable?: IntOrString): Partial<StatefulSetSpec> => ({
  updateStrategy: {
    type: 'RollingUpdate',
    rollingUpdate: { partition, ...(maxUnavailable === undefined ? {} : { maxUnavailable }) },
  },
});
const parallel: Partial<StatefulSetSpec> = { podManagementPolicy: 'Parallel' };

describe('a rolling update', () => {
  test('goes from the highest to the lowest, one at a time', async () => {
    const world = await SetWorld.with();
    await world.converge();
    const before = world.set().status?.currentRevision;
    await world.commit({ image: 'v2' });
    await world.settle();
    expect(world.look()).toEqual(['-db-2 v1', 'db-0 v1', 'db-1 v1']);
    await world.reap(2);
    expect(world.look()).toEqual(['db-0 v1', 'db-1 v1', 'db-2 v2']);
    expect(world.set().status).toMatchObject({ currentRevision: before, currentReplicas: 2, updatedReplicas: 1 });
    await world.run(2);
    expect(world.look()).toEqual(['-db-1 v1', 'db-0 v1', 'db-2 v2']);
    await world.reap(1);
    await world.run(1);
    await world.reap(0);
    await world.run(0);
    expect(world.look()).toEqual(['db-0 v2', 'db-1 v2', 'db-2 v2']);
    const { currentRevision, updateRevision } = world.set().status ?? {};
    expect(currentRevision).toBe(updateRevision);
    expect(currentRevision).not.toBe(before);
  });

  test('below the partition pods keep the current template, even when they are made anew', async () => {
    const world = await SetWorld.with({ spec: rolling(2) });
    await world.converge();
    await world.commit({ image: 'v2', spec: rolling(2) });
    await world.converge();
    expect(world.look()).toEqual(['db-0 v1', 'db-1 v1', 'db-2 v2']);
    await world.remove(world.pod(0));
    await world.converge();
    expect(world.look()).toEqual(['db-0 v1', 'db-1 v1', 'db-2 v2']);
    expect(world.set().status).toMatchObject({ currentReplicas: 2, updatedReplicas: 1 });
    await world.commit({ image: 'v2', spec: rolling(0) });
    await world.converge();
    expect(world.look()).toEqual(['db-0 v2', 'db-1 v2', 'db-2 v2']);
  });

  test('takes as many at a time as maxUnavailable allows', async () => {
    const world = await SetWorld.with({ replicas: 4, spec: { ...parallel, ...rolling(0, 2) } });
    await world.converge();
    await world.commit({ image: 'v2', spec: { ...parallel, ...rolling(0, 2) } });
    await world.settle();
    expect(world.look()).toEqual(['-db-2 v1', '-db-3 v1', 'db-0 v1', 'db-1 v1']);
    await world.reap(3);
    await world.run(3);
    expect(world.look()).toEqual(['-db-1 v1', '-db-2 v1', 'db-0 v1', 'db-3 v2']);
    await world.converge();
    expect(world.look()).toEqual(['db-0 v2', 'db-1 v2', 'db-2 v2', 'db-3 v2']);
  });

  test.each<[IntOrString | undefined, number]>([
    [undefined, 1],
    [3, 3],
    ['50%', 5],
    ['19%', 1],
    ['1%', 1],
    ['100%', 10],
  ])('maxUnavailable %j of 10 pods is %i', (maxUnavailable, expected) => {
    expect(maxUnavailableOf(aSet({ replicas: 10, spec: rolling(0, maxUnavailable) }))).toBe(expected);
  });

  test('does nothing by itself with OnDelete', async () => {
    const spec: Partial<StatefulSetSpec> = { updateStrategy: { type: 'OnDelete' } };
    const world = await SetWorld.with({ spec });
    await world.converge();
    await world.commit({ image: 'v2', spec });
    await world.converge();
    expect(world.look()).toEqual(['db-0 v1', 'db-1 v1', 'db-2 v1']);
    await world.remove(world.pod(1));
    await world.converge();
    expect(world.look()).toEqual(['db-0 v1', 'db-1 v2', 'db-2 v1']);
  });

  test('a template that is written otherwise and means the same restarts nobody', async () => {
    const world = await SetWorld.with({ replicas: 1 });
    const withLimits = (cpu: string | number) => {
      const { template } = aSet().spec;
      const [container] = template.spec.containers;
      return {
        template: { ...template, spec: { ...template.spec, containers: [{ ...container, resources: { limits: { cpu } } }] } },
      };
    };
    await world.commit({ spec: withLimits('1') as never });
    await world.converge();
    const { uid } = world.pod(0).metadata;
    await world.commit({ spec: withLimits('1000m') as never });
    await world.converge();
    expect(world.pod(0).metadata.uid).toBe(uid);
    expect(world.store.list('ControllerRevision')).toHaveLength(1);
  });
});

describe('a stuck rollout', () => {
  const broken = (pod: { spec: { containers: readonly { image?: string }[] } }): boolean =>
    pod.spec.containers[0]?.image !== 'broken';

  test.each<[string, Partial<StatefulSetSpec>]>([
    ['one after another', {}],
    ['in parallel', parallel],
  ])('is mended by the next commit, %s', async (_title, spec) => {
    const world = await SetWorld.with({ spec });
    await world.converge();
    await world.commit({ image: 'broken', spec });
    await world.converge(broken);
    expect(world.look()).toEqual(['db-0 v1', 'db-1 v1', 'db-2 broken']);
    await world.commit({ image: 'v2', spec });
    await world.converge(broken);
    expect(world.look()).toEqual(['db-0 v2', 'db-1 v2', 'db-2 v2']);
  });

  test('is mended by going back, and pods that were never touched are not', async () => {
    const world = await SetWorld.with();
    await world.converge();
    const kept = [world.pod(0).metadata.uid, world.pod(1).metadata.uid];
    await world.commit({ image: 'broken' });
    await world.converge(broken);
    await world.commit({ image: 'v1' });
    await world.settle();
    expect(world.messages('SuccessfulDelete').at(-1)).toMatch(
      /^delete Pod db-2 in StatefulSet db successful: it is not ready and of revision db-\w+, which is replaced by db-\w+$/,
    );
    await world.converge(broken);
    expect(world.look()).toEqual(['db-0 v1', 'db-1 v1', 'db-2 v1']);
    expect([world.pod(0).metadata.uid, world.pod(1).metadata.uid]).toEqual(kept);
  });

  test('is mended when the very first template was broken', async () => {
    const world = await SetWorld.with({ image: 'broken' });
    await world.converge(broken);
    expect(world.look()).toEqual(['db-0 broken']);
    await world.commit({ image: 'v1' });
    await world.converge(broken);
    expect(world.look()).toEqual(['db-0 v1', 'db-1 v1', 'db-2 v1']);
  });

  test('below the partition and with OnDelete, a pod that is not ready is waited for', async () => {
    for (const spec of [rolling(3), { updateStrategy: { type: 'OnDelete' } } satisfies Partial<StatefulSetSpec>]) {
      const world = await SetWorld.with({ spec });
      await world.converge();
      await world.run(2, false);
      await world.commit({ image: 'v2', spec });
      await world.settle();
      expect(world.look()).toEqual(['db-0 v1', 'db-1 v1', 'db-2 v1']);
    }
  });

  test('a pod that was rebuilt from Docker and that nobody has looked at yet is not taken for broken', async () => {
    const world = await SetWorld.with({ replicas: 1 });
    await world.converge();
    const { metadata, spec } = world.pod(0);
    const { uid, ...rest } = metadata;
    await world.remove(world.pod(0));
    const { resourceVersion: _version, generation: _generation, creationTimestamp: _created, ...named } = rest;
    await world.create({ apiVersion: 'v1', kind: 'Pod', metadata: named, spec }, uid);
    // All that the scheduler says is that it has a node.
    await world.setPodStatus(world.pod(0), { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'True' }] });
    await world.commit({ image: 'v2' });
    await world.settle();
    expect(world.look()).toEqual(['db-0 v1']);
    await world.run(0, false);
    expect(world.look()).toEqual(['-db-0 v1']);
  });
});
