// What becomes of the claims of a StatefulSet: they stay, unless the policy says otherwise.
import { describe, expect, test } from 'vitest';
import { statefulSetController } from '../../../src/controllers/statefulset/controller.ts';
import type { ClaimRetentionPolicy } from '../../../src/model/resource.ts';
import { RECOVERED_ANNOTATION } from '../../../src/model/resource.ts';
import { aClaim } from '../../support/builders.ts';
import { aSet, type SetOptions, SetWorld } from './sets.ts';

const keeping = (
  whenDeleted: NonNullable<ClaimRetentionPolicy['whenDeleted']>,
  whenScaled: NonNullable<ClaimRetentionPolicy['whenScaled']>,
): SetOptions => ({
  claims: ['data'],
  spec: { persistentVolumeClaimRetentionPolicy: { whenDeleted, whenScaled } },
});

/** Claims by name with the kinds that own them. */
function owners(world: SetWorld): Record<string, string[]> {
  return Object.fromEntries(
    world
      .claims()
      .map(({ metadata }) => [metadata.name ?? '', (metadata.ownerReferences ?? []).map(({ kind, name }) => `${kind}/${name}`)]),
  );
}

describe('owners by policy, with one pod too many', () => {
  test.each<[ClaimRetentionPolicy['whenDeleted'], ClaimRetentionPolicy['whenScaled'], string[], string[]]>([
    ['Retain', 'Retain', [], []],
    ['Delete', 'Retain', ['StatefulSet/db'], ['StatefulSet/db']],
    ['Retain', 'Delete', [], ['Pod/db-1']],
    ['Delete', 'Delete', ['StatefulSet/db'], ['Pod/db-1']],
  ])('whenDeleted %s, whenScaled %s', async (whenDeleted = 'Retain', whenScaled = 'Retain', wanted = [], surplus = []) => {
    const options = keeping(whenDeleted, whenScaled);
    const world = await SetWorld.with({ ...options, replicas: 2 });
    await world.converge();
    expect(owners(world)).toEqual({ 'data-db-0': wanted, 'data-db-1': wanted });
    await world.commit({ ...options, replicas: 1 });
    await world.settle();
    expect(world.look()).toEqual(['-db-1 v1', 'db-0 v1']);
    expect(owners(world)).toEqual({ 'data-db-0': wanted, 'data-db-1': surplus });
  });
});

test('a changed policy reaches claims that are there', async () => {
  const world = await SetWorld.with({ ...keeping('Retain', 'Retain'), replicas: 2 });
  await world.converge();
  await world.commit({ ...keeping('Delete', 'Retain'), replicas: 2 });
  await world.settle();
  expect(owners(world)).toEqual({ 'data-db-0': ['StatefulSet/db'], 'data-db-1': ['StatefulSet/db'] });
  await world.commit({ ...keeping('Retain', 'Retain'), replicas: 2 });
  await world.settle();
  expect(owners(world)).toEqual({ 'data-db-0': [], 'data-db-1': [] });
});

test('claims stay when the set shrinks, and are found again when it grows', async () => {
  const world = await SetWorld.with({ ...keeping('Retain', 'Retain'), replicas: 2 });
  await world.converge();
  const uids = world.claims().map(({ metadata }) => metadata.uid);
  await world.commit({ ...keeping('Retain', 'Retain'), replicas: 0 });
  await world.converge();
  expect(world.pods()).toEqual([]);
  await world.commit({ ...keeping('Retain', 'Retain'), replicas: 2 });
  await world.converge();
  expect(world.claims().map(({ metadata }) => metadata.uid)).toEqual(uids);
});

test('claims stay when the set is deleted, and the next set of the name takes them', async () => {
  const world = await SetWorld.with({ ...keeping('Retain', 'Retain'), replicas: 1 });
  await world.converge();
  const uids = world.claims().map(({ metadata }) => metadata.uid);
  await world.remove(world.set());
  await world.converge();
  expect(world.pods()).toEqual([]);
  await world.create(aSet({ claims: ['data'], replicas: 1 }));
  await world.converge();
  expect(world.look()).toEqual(['db-0 v1']);
  expect(world.claims().map(({ metadata }) => metadata.uid)).toEqual(uids);
});

test('a new pod does not take the claim that goes with the pod before it', async () => {
  const world = await SetWorld.with({ ...keeping('Retain', 'Delete'), replicas: 2 });
  await world.converge();
  const claim = world.claims().find(({ metadata }) => metadata.name === 'data-db-1');
  await world.commit({ ...keeping('Retain', 'Delete'), replicas: 1 });
  await world.settle();
  await world.commit({ ...keeping('Retain', 'Delete'), replicas: 2 });
  await world.converge();
  expect(world.look()).toEqual(['db-0 v1', 'db-1 v1']);
  expect(world.claims().find(({ metadata }) => metadata.name === 'data-db-1')?.metadata.uid).not.toBe(claim?.metadata.uid);
});

test.each([
  ['an earlier pod of the name', { apiVersion: 'v1', kind: 'Pod', name: 'db-0', uid: 'uid-before', controller: true }],
  ['an earlier set of the name', { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'db', uid: 'uid-before', controller: true }],
])('while a claim goes with %s, its pod is not made', async (_title, owner) => {
  const world = new SetWorld();
  const { apiVersion, kind, spec } = aClaim();
  await world.create({ apiVersion, kind, metadata: { name: 'data-db-0', namespace: 'default', ownerReferences: [owner] }, spec });
  await world.create(aSet({ claims: ['data'], replicas: 1 }));
  await world.pass(statefulSetController, world.set());
  expect(world.pods()).toEqual([]);
  expect(world.messages('FailedCreate')).toEqual([
    'create Pod db-0 in StatefulSet db failed error: pvc data-db-0 is being deleted',
  ]);
  await world.converge();
  expect(world.look()).toEqual(['db-0 v1']);
  expect(world.claims().map(({ metadata }) => metadata.ownerReferences)).toEqual([undefined]);
});

test('a claim that was made beforehand is used as it is', async () => {
  const world = new SetWorld();
  const { apiVersion, kind, spec } = aClaim({ spec: { resources: { requests: { storage: '5Gi' } } } });
  await world.create({ apiVersion, kind, metadata: { name: 'data-db-0', namespace: 'default' }, spec });
  await world.create(aSet({ claims: ['data'], replicas: 1 }));
  await world.converge();
  expect(world.claims().map((claim) => claim.spec.resources.requests?.storage)).toEqual(['5Gi']);
});

test("a claim that was found again after the store was lost is the set's", async () => {
  const world = new SetWorld();
  const { apiVersion, kind, spec } = aClaim();
  const annotations = { [RECOVERED_ANNOTATION]: 'true' };
  await world.create({ apiVersion, kind, metadata: { name: 'data-db-0', namespace: 'default', annotations }, spec });
  await world.create(aSet({ claims: ['data'], replicas: 1 }));
  await world.converge();
  expect(world.claims().map(({ metadata }) => metadata.annotations)).toEqual([{}]);
});

test('a claim that somebody else manages is left to them', async () => {
  const world = await SetWorld.with({ ...keeping('Retain', 'Retain'), replicas: 1 });
  await world.converge();
  const [claim] = world.claims();
  if (claim === undefined) throw new Error('no claim');
  const other = { apiVersion: 'example.org/v1', kind: 'Backup', name: 'nightly', uid: 'uid-backup', controller: true };
  await world.update({ ...claim, metadata: { ...claim.metadata, ownerReferences: [other] } });
  await world.commit({ ...keeping('Delete', 'Delete'), replicas: 1 });
  await world.settle();
  expect(owners(world)).toEqual({ 'data-db-0': ['Backup/nightly'] });
});

test('a claim that vanished under a pod is made again', async () => {
  const world = await SetWorld.with({ ...keeping('Retain', 'Retain'), replicas: 1 });
  await world.converge();
  const [claim] = world.claims();
  if (claim === undefined) throw new Error('no claim');
  await world.remove(claim);
  await world.settle();
  expect(Object.keys(owners(world))).toEqual(['data-db-0']);
});
