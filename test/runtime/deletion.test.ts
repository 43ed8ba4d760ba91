// How objects go: at once, or when whoever has a finalizer on them, a kubelet or a namespace's content lets them.
import { beforeEach, describe, expect, test } from 'vitest';
import type { Action } from '../../src/model/action.ts';
import type { Propagation } from '../../src/model/deletion.ts';
import { type Kind, keyOf, type Resource, type Stored, type StoredOf } from '../../src/model/resource.ts';
import { toRfc3339 } from '../../src/model/time.ts';
import { letGoWrites } from '../../src/runtime/deletion.ts';
import { performActions } from '../../src/runtime/perform-actions.ts';
import { openMemoryStore } from '../../src/store/memory-store.ts';
import type { Store } from '../../src/store/store.ts';
import { aConfigMap, aNamespace, aPod, asDesired } from '../support/builders.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { seededIds } from '../support/seeded-ids.ts';

const why = { reason: 'Because', message: 'a test says so' };
let clock: FakeClock;
let store: Store;
beforeEach(() => {
  clock = new FakeClock();
  store = openMemoryStore({ clock, ids: seededIds(1) });
});

async function stored(resource: Stored, finalizers: string[] = []): Promise<Stored> {
  const desired = asDesired<Resource>(resource);
  const metadata = { ...desired.metadata, ...(finalizers.length === 0 ? {} : { finalizers }) };
  const result = await store.write([{ op: 'create', resource: { ...desired, metadata } as Resource }]);
  const [made] = result.ok ? result.resources : [];
  if (made === undefined) throw new Error('not created');
  return made;
}
const now = (object: Stored): Stored | undefined => {
  const { kind, namespace, name } = keyOf(object);
  return store.get<Kind>(kind, namespace, name);
};
const perform = (about: Stored, action: Action): Promise<readonly Action[]> =>
  performActions(store, about, [action], undefined, { now: clock.now(), component: 'test' });
const remove = (object: Stored, propagation?: Propagation): Promise<readonly Action[]> =>
  perform(object, {
    type: 'delete',
    key: keyOf(object),
    uid: object.metadata.uid,
    ...(propagation === undefined ? {} : { propagation }),
    ...why,
  });
async function takeOff(object: Stored, finalizer: string): Promise<void> {
  const { finalizers = [], ...metadata } = object.metadata;
  const left = finalizers.filter((name) => name !== finalizer);
  const resource = { ...object, metadata: { ...metadata, ...(left.length === 0 ? {} : { finalizers: left }) } };
  await perform(object, { type: 'update', resource, ...why });
}
const current = (object: Stored): Stored => {
  const found = now(object);
  if (found === undefined) throw new Error(`${object.metadata.name} is gone`);
  return found;
};

describe('finalizers', () => {
  test('keep an object until the last one is taken off, by whatever update', async () => {
    const config = await stored(aConfigMap(), ['a.example/x', 'b.example/y']);
    await remove(config);
    expect(current(config).metadata).toMatchObject({
      deletionTimestamp: toRfc3339(clock.now()),
      deletionGracePeriodSeconds: 0,
      finalizers: ['a.example/x', 'b.example/y'],
    });
    expect(await remove(current(config))).toEqual([]);
    await takeOff(current(config), 'a.example/x');
    expect(current(config).metadata.finalizers).toEqual(['b.example/y']);
    await takeOff(current(config), 'b.example/y');
    expect(now(config)).toBeUndefined();
  });

  test('of an object that nobody deletes mean nothing', async () => {
    const config = await stored(aConfigMap(), ['a.example/x']);
    await takeOff(config, 'a.example/x');
    expect(current(config).metadata.finalizers).toBeUndefined();
  });

  test('taking the last one off and reporting a status go together', async () => {
    const pod = await stored(aPod(), ['a.example/x']);
    await remove(pod);
    const { finalizers: _gone, ...metadata } = current(pod).metadata;
    const resource = { ...current(pod), metadata } as StoredOf<'Pod'>;
    const actions: Action[] = [{ type: 'update', resource, ...why }];
    await performActions(store, current(pod), actions, { phase: 'Failed' }, { now: clock.now(), component: 'test' });
    expect(now(pod)).toBeUndefined();
  });
});

describe('cascading', () => {
  test.each<[Propagation | undefined, string[] | undefined]>([
    [undefined, undefined],
    ['Background', undefined],
    ['Foreground', ['foregroundDeletion']],
    ['Orphan', ['orphan']],
  ])('%s', async (propagation, finalizers) => {
    const config = await stored(aConfigMap());
    await remove(config, propagation);
    expect(now(config)?.metadata.finalizers).toEqual(finalizers);
  });
});

describe('a pod', () => {
  test('on a node is asked to go with its grace, and its kubelet removes it', async () => {
    const pod = (await stored(
      aPod({ nodeName: 'n1', phase: 'Running', spec: { terminationGracePeriodSeconds: 7 } }),
    )) as StoredOf<'Pod'>;
    await remove(pod);
    expect(current(pod).metadata).toMatchObject({
      deletionTimestamp: toRfc3339(clock.now() + 7000),
      deletionGracePeriodSeconds: 7,
    });
    await store.write(letGoWrites(current(pod) as StoredOf<'Pod'>));
    expect(now(pod)).toBeUndefined();
  });

  test.each<[string, StoredOf<'Pod'>, string]>([
    ['was running', aPod({ nodeName: 'n1', phase: 'Running' }), 'Failed'],
    ['had succeeded', aPod({ nodeName: 'n1', phase: 'Succeeded' }), 'Succeeded'],
  ])('with finalizers that %s stays without containers and with a final phase', async (_what, from, phase) => {
    const made = await stored(from, ['batch.kubernetes.io/job-tracking']);
    await store.write([{ op: 'updateStatus', key: keyOf(made), uid: made.metadata.uid, status: from.status }]);
    await remove(current(made));
    await takeOffElsewhere(made);
    await store.write(letGoWrites(current(made) as StoredOf<'Pod'>));
    expect(current(made)).toMatchObject({ metadata: { deletionGracePeriodSeconds: 0 }, status: { phase } });
    const revision = store.revision();
    await store.write(letGoWrites(current(made) as StoredOf<'Pod'>));
    expect(store.revision()).toBe(revision);
    await takeOff(current(made), 'batch.kubernetes.io/job-tracking');
    expect(now(made)).toBeUndefined();
  });

  /** An update that leaves the finalizer alone ends nothing. */
  async function takeOffElsewhere(pod: Stored): Promise<void> {
    await perform(pod, {
      type: 'update',
      resource: { ...current(pod), metadata: { ...current(pod).metadata, labels: { a: 'b' } } } as Stored,
      ...why,
    });
    expect(now(pod)).toBeDefined();
  }

  test('on a node whose finalizer goes first still waits for its kubelet', async () => {
    const pod = await stored(aPod({ nodeName: 'n1' }), ['a.example/x']);
    await remove(pod);
    await takeOff(current(pod), 'a.example/x');
    expect(current(pod).metadata).toMatchObject({ deletionGracePeriodSeconds: 30 });
    await store.write(letGoWrites(current(pod) as StoredOf<'Pod'>));
    expect(now(pod)).toBeUndefined();
  });
});

test('a Namespace is asked to go, and keeps until its content is gone', async () => {
  const namespace = await stored(aNamespace());
  await remove(namespace);
  expect(current(namespace)).toMatchObject({
    metadata: { deletionTimestamp: toRfc3339(clock.now()) },
    spec: { finalizers: ['kubernetes'] },
  });
});
