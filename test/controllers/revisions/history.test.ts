// The history of StatefulSets and DaemonSets: one revision per template, found again, numbered and trimmed.
import { describe, expect, test } from 'vitest';
import type { PodTemplateSpec } from '../../../src/model/resource.ts';
import { controllerReference, RECOVERED_ANNOTATION } from '../../../src/model/resource.ts';
import { isSameTemplate, statefulSetRevision, templateRevisionHash } from '../../../src/model/revision.ts';
import { aTemplate } from '../../support/builders.ts';
import { aSet, SetWorld } from '../statefulset/sets.ts';

/** Revisions as `number image`, the oldest first. */
function history(world: SetWorld): string[] {
  return world.store
    .list('ControllerRevision')
    .toSorted((a, b) => a.revision - b.revision)
    .map(({ revision, data }) => {
      const { spec } = data as { spec: { template: PodTemplateSpec } };
      return `${revision} ${spec.template.spec.containers[0].image}`;
    });
}

describe('templates', () => {
  const base = aTemplate({ container: { resources: { limits: { memory: '1Gi' } } } });
  const [container] = base.spec.containers;
  const withContainer = (change: object): PodTemplateSpec => ({
    ...base,
    spec: { ...base.spec, containers: [{ ...container, ...change }] },
  });

  test.each<[string, PodTemplateSpec, boolean]>([
    ['the same in another order', { spec: base.spec, metadata: base.metadata ?? {} }, true],
    ['another amount of the same size', withContainer({ resources: { limits: { memory: '1024Mi' } } }), true],
    ['another amount', withContainer({ resources: { limits: { memory: '2Gi' } } }), false],
    ['empty lists', withContainer({ command: [], env: [] }), true],
    ['empty maps', { ...base, metadata: { ...base.metadata, annotations: {} } }, true],
    ['another label', { ...base, metadata: { labels: { app: 'api' } } }, false],
    ['another order of arguments', withContainer({ args: ['b', 'a'] }), false],
    ['an empty directory is something', { ...base, spec: { ...base.spec, volumes: [{ name: 'tmp', emptyDir: {} }] } }, false],
  ])('%s', (_title, other, expected) => {
    expect(isSameTemplate(base, other)).toBe(expected);
  });

  test('names do not change from one version to the next', () => {
    const template: PodTemplateSpec = {
      metadata: { labels: { app: 'db' } },
      spec: { containers: [{ name: 'db', image: 'db:1' }] },
    };
    expect(templateRevisionHash(template)).toMatchInlineSnapshot(`"6c3bbd0e1c"`);
    expect(templateRevisionHash(template, 1)).toMatchInlineSnapshot(`"f1d99b984c"`);
  });
});

describe('revisions', () => {
  test('look as Kubernetes makes them', async () => {
    const world = await SetWorld.with({ annotations: { team: 'a' } });
    await world.settle();
    const [revision] = world.store.list('ControllerRevision');
    const set = world.set();
    const name = statefulSetRevision(set);
    expect(revision).toMatchObject({
      metadata: {
        name,
        labels: { app: 'db', 'controller.kubernetes.io/hash': name.slice('db-'.length) },
        annotations: { team: 'a' },
        ownerReferences: [controllerReference(set)],
      },
      data: { spec: { template: { ...set.spec.template, $patch: 'replace' } } },
      revision: 1,
    });
  });

  test('a template that comes back is the newest again', async () => {
    const world = await SetWorld.with();
    await world.converge();
    await world.commit({ image: 'v2' });
    await world.converge();
    expect(history(world)).toEqual(['1 v1', '2 v2']);
    await world.commit({ image: 'v1' });
    await world.converge();
    expect(history(world)).toEqual(['2 v2', '3 v1']);
  });

  test('only as many old ones are kept as are asked for, and those that are in use', async () => {
    const spec = { revisionHistoryLimit: 1 };
    const world = await SetWorld.with({ spec });
    await world.converge();
    for (const image of ['v2', 'v3', 'v4']) {
      await world.commit({ image, spec });
      await world.converge();
    }
    expect(history(world)).toEqual(['3 v3', '4 v4']);
    await world.commit({ image: 'v5', spec: { revisionHistoryLimit: 0 } });
    await world.settle();
    expect(history(world)).toEqual(['4 v4', '5 v5']);
    await world.converge();
    expect(history(world)).toEqual(['5 v5']);
  });

  test('nobody owns one that matches: it is adopted, and its pods restart no more than it changed', async () => {
    const world = await SetWorld.with({ replicas: 1 });
    await world.converge();
    const [revision] = world.store.list('ControllerRevision');
    if (revision === undefined) throw new Error('no revision');
    const { ownerReferences: _owners, ...metadata } = revision.metadata;
    await world.update({ ...revision, metadata });
    await world.settle();
    expect(history(world)).toEqual(['1 v1']);
    expect(world.messages('Adopted')).toEqual([
      `controllerrevision/${revision.metadata.name} matches the selector of statefulset/db and had no owner`,
    ]);
  });

  test('somebody else has the name: another hash is used', async () => {
    const world = new SetWorld();
    const name = statefulSetRevision(aSet());
    await world.create({
      apiVersion: 'apps/v1',
      kind: 'ControllerRevision',
      metadata: { name, namespace: 'default' },
      revision: 1,
    });
    await world.create(aSet());
    await world.converge();
    expect(world.set().status).toMatchObject({ collisionCount: 1, availableReplicas: 3 });
    expect(world.set().status?.updateRevision).not.toBe(name);
    expect(world.set().status?.updateRevision).toBe(statefulSetRevision(world.set()));
  });

  test('a set that is deleted and made again waits for the revision that is going', async () => {
    const world = await SetWorld.with({ replicas: 1 });
    await world.converge();
    await world.remove(world.set());
    await world.create(aSet({ replicas: 1 }));
    await world.converge();
    expect(history(world)).toEqual(['1 v1']);
    expect(world.set().status).toMatchObject({ availableReplicas: 1, collisionCount: 0 });
  });
});

test('after a lost store, pods that were rebuilt from Docker are taken back as they are', async () => {
  const before = await SetWorld.with({ claims: ['data'] });
  await before.converge();
  const remembered = before.pods();

  const world = new SetWorld();
  for (const { metadata, spec } of remembered) {
    const { name, namespace, labels, annotations, ownerReferences } = metadata;
    const kept = { name, namespace: namespace ?? 'default', labels: labels ?? {}, ownerReferences: ownerReferences ?? [] };
    await world.create(
      {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { ...kept, annotations: { ...annotations, [RECOVERED_ANNOTATION]: 'true' } },
        spec,
      },
      metadata.uid,
    );
  }
  await world.settle();
  expect(world.look()).toEqual(['db-0 v1', 'db-1 v1', 'db-2 v1']);
  await world.create(aSet({ claims: ['data'] }));
  await world.converge();
  expect(world.pods().map(({ metadata }) => metadata.uid)).toEqual(remembered.map(({ metadata }) => metadata.uid));
  expect(world.messages('SuccessfulDelete')).toEqual([]);
  expect(world.claims().map(({ metadata }) => metadata.name)).toEqual(['data-db-0', 'data-db-1', 'data-db-2']);
  expect(world.set().status).toMatchObject({ replicas: 3, updatedReplicas: 3, availableReplicas: 3 });
});
