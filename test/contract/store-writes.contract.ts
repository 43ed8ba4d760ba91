// What every implementation of the store promises about writes.
import { describe, expect, test } from 'vitest';
import type { StoredOf } from '../../src/model/resource.ts';
import { configMap, create, drain, pod, refused, START, type StoreSubject } from './store-subject.ts';

/** Single writes. */
export function writeContract(subject: StoreSubject): void {
  const { write, createOne, getMap, getPod } = subject;

  describe('create', () => {
    test('adds the metadata of a new object', async () => {
      const stored = await createOne(configMap('a', { x: '1' }));
      expect(stored).toEqual({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: {
          name: 'a',
          namespace: 'default',
          uid: expect.stringMatching(/^[0-9a-f-]{36}$/),
          resourceVersion: '1',
          generation: 1,
          creationTimestamp: START,
        },
        data: { x: '1' },
      });
      expect(getMap('a')).toBe(stored);
      expect(subject.store.revision()).toBe(1);
    });

    test('keeps the uid and the age of an object that is brought back', async () => {
      const lost = pod('web');
      const back = { ...lost, metadata: { ...lost.metadata, creationTimestamp: '2025-06-01T00:00:00Z' } };
      const stored = await createOne(back, 'uid-1');
      expect(stored.metadata).toMatchObject({ uid: 'uid-1', creationTimestamp: '2025-06-01T00:00:00Z' });
    });

    test('is refused when the name is taken', async () => {
      const first = await createOne(configMap('a', { x: '1' }));
      const result = refused(await subject.store.write([create(configMap('a', { x: '2' }))]));
      expect(result).toMatchObject({ why: 'exists', key: { kind: 'ConfigMap', namespace: 'default', name: 'a' } });
      expect(getMap('a')).toBe(first);
      expect(subject.store.revision()).toBe(1);
    });

    test('gives a namespace to an object of a kind that has one, and none to others', async () => {
      await write(
        { op: 'create', resource: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } } },
        { op: 'create', resource: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', namespace: 'x' } } },
      );
      expect(getMap('a').metadata.namespace).toBe('default');
      expect(subject.store.get('Namespace', '', 'shop')?.metadata.namespace).toBeUndefined();
    });

    test('does not care what the caller does with its object afterwards', async () => {
      const mine = configMap('a', { x: '1' });
      await createOne(mine);
      mine.data = { x: '2' };
      expect(getMap('a').data).toEqual({ x: '1' });
    });

    test('keeps a data key named __proto__', async () => {
      const data: Record<string, string> = JSON.parse('{"__proto__": "yes"}') as Record<string, string>;
      await createOne(configMap('a', data));
      expect(Object.entries(getMap('a').data ?? {})).toEqual([['__proto__', 'yes']]);
    });
  });

  describe('update', () => {
    test('replaces the object, keeps what the store owns, and counts the generation', async () => {
      const old = await createOne(configMap('a', { x: '1' }));
      await subject.clock.advance(60_000);
      await write({
        op: 'update',
        resource: {
          ...getMap('a'),
          metadata: { ...old.metadata, labels: { tier: 'web' }, creationTimestamp: 'x' },
          data: { x: '2' },
        },
      });
      expect(getMap('a')).toEqual({
        ...old,
        metadata: { ...old.metadata, labels: { tier: 'web' }, resourceVersion: '2', generation: 2 },
        data: { x: '2' },
      });
    });

    test('keeps the status, whatever the update says of it', async () => {
      const { uid } = (await createOne(pod('web'))).metadata;
      const key = { kind: 'Pod', namespace: 'default', name: 'web' } as const;
      await write({ op: 'updateStatus', key, uid, status: { phase: 'Running' } });
      const { status: _status, ...bare } = getPod('web');
      await write({ op: 'update', resource: { ...bare, spec: { ...bare.spec, nodeName: 'n1' } } });
      expect(getPod('web')).toMatchObject({
        spec: { nodeName: 'n1' },
        status: { phase: 'Running' },
        metadata: { generation: 2 },
      });
    });

    test('of metadata alone is not a new generation', async () => {
      await createOne(configMap('a'));
      const current = getMap('a');
      await write({ op: 'update', resource: { ...current, metadata: { ...current.metadata, labels: { a: 'b' } } } });
      expect(getMap('a').metadata).toMatchObject({ generation: 1, resourceVersion: '2', labels: { a: 'b' } });
    });

    test('that asks for deletion is a new generation, and is not undone by one that does not know of it', async () => {
      await createOne(pod('web'));
      const alive = getPod('web');
      const deletion = { deletionTimestamp: START, deletionGracePeriodSeconds: 30 };
      await write({ op: 'update', resource: { ...alive, metadata: { ...alive.metadata, ...deletion } } });
      expect(getPod('web').metadata).toMatchObject({ ...deletion, generation: 2 });
      const dying = { ...alive.metadata, resourceVersion: getPod('web').metadata.resourceVersion, labels: { a: 'b' } };
      await write({ op: 'update', resource: { ...alive, metadata: dying } });
      expect(getPod('web').metadata).toMatchObject({ ...deletion, generation: 2, labels: { a: 'b' } });
    });

    test('that changes nothing writes nothing', async () => {
      const stored = await createOne(configMap('a', { x: '1', y: '2' }));
      const same = { ...getMap('a'), data: { y: '2', x: '1' } };
      const result = await write({ op: 'update', resource: same });
      expect(result.revision).toBe(1);
      expect(result.resources[0]).toBe(stored);
      expect(subject.store.revision()).toBe(1);
    });

    test.each([
      ['an old revision', 'conflict', (old: StoredOf<'ConfigMap'>) => old],
      ['another uid', 'conflict', () => ({ ...getMap('a'), metadata: { ...getMap('a').metadata, uid: 'other' } })],
      [
        'a missing object',
        'not-found',
        (old: StoredOf<'ConfigMap'>) => ({ ...old, metadata: { ...old.metadata, name: 'gone' } }),
      ],
    ])('is refused for %s', async (_what, why, staleOf) => {
      await createOne(configMap('a', { x: '1' }));
      const old = getMap('a');
      await write({ op: 'update', resource: { ...old, data: { x: '2' } } });
      const current = getMap('a');
      const result = refused(await subject.store.write([{ op: 'update', resource: staleOf(old) }]));
      expect(result.why).toBe(why);
      expect(getMap('a')).toBe(current);
    });
  });

  describe('updateStatus', () => {
    const key = { kind: 'Pod', namespace: 'default', name: 'web' } as const;

    test('replaces the status only', async () => {
      const { uid } = (await createOne(pod('web'))).metadata;
      await write({ op: 'updateStatus', key, uid, status: { phase: 'Pending', reason: 'X' } });
      await write({ op: 'updateStatus', key, uid, resourceVersion: '2', status: { phase: 'Running' } });
      expect(getPod('web')).toMatchObject({ metadata: { generation: 1, resourceVersion: '3' }, spec: pod('web').spec });
      expect(getPod('web').status).toEqual({ phase: 'Running' });
    });

    test('that changes nothing writes nothing', async () => {
      const { uid } = (await createOne(pod('web'))).metadata;
      await write({ op: 'updateStatus', key, uid, status: { phase: 'Running', reason: undefined } });
      const before = getPod('web');
      expect((await write({ op: 'updateStatus', key, uid, status: { phase: 'Running' } })).revision).toBe(2);
      expect(getPod('web')).toBe(before);
    });

    test.each([
      ['another uid', 'conflict', { key, uid: 'other' }],
      ['an old revision', 'conflict', { key, uid: 'uid-1', resourceVersion: '99' }],
      ['a missing object', 'not-found', { key: { ...key, name: 'gone' }, uid: 'uid-1' }],
    ])('is refused for %s', async (_what, why, guard) => {
      await createOne(pod('web'), 'uid-1');
      expect(refused(await subject.store.write([{ op: 'updateStatus', ...guard, status: { phase: 'Failed' } }])).why).toBe(why);
      expect(getPod('web').status).toBeUndefined();
    });
  });

  describe('remove', () => {
    const key = { kind: 'ConfigMap', namespace: 'default', name: 'a' } as const;

    test.each([
      ['whatever it is', {}],
      ['with the right uid', { uid: 'uid-1' }],
      ['at the right revision', { uid: 'uid-1', resourceVersion: '1' }],
    ])('removes the object %s', async (_what, guard) => {
      await createOne(configMap('a'), 'uid-1');
      expect((await write({ op: 'remove', key, ...guard })).resources).toEqual([undefined]);
      expect(subject.store.get('ConfigMap', 'default', 'a')).toBeUndefined();
      expect(subject.store.list('ConfigMap')).toEqual([]);
      expect(subject.store.revision()).toBe(2);
    });

    test.each([
      ['another uid', 'conflict', { key, uid: 'other' }],
      ['an old revision', 'conflict', { key, resourceVersion: '99' }],
      ['a missing object', 'not-found', { key: { ...key, name: 'gone' } }],
    ])('is refused for %s', async (_what, why, guard) => {
      await createOne(configMap('a'), 'uid-1');
      expect(refused(await subject.store.write([{ op: 'remove', ...guard }])).why).toBe(why);
      expect(subject.store.list('ConfigMap')).toHaveLength(1);
    });
  });
}

/** Several writes in one. */
export function transactionContract(subject: StoreSubject): void {
  const { write, createOne, getMap, getPod } = subject;

  describe('a transaction', () => {
    test('has one revision', async () => {
      const result = await write(create(configMap('a')), create(configMap('b')));
      expect(result.resources.map((resource) => resource?.metadata.resourceVersion)).toEqual(['1', '1']);
      expect(subject.store.revision()).toBe(1);
    });

    test('is all or nothing', async () => {
      await createOne(configMap('a', { x: '1' }));
      const watch = new AbortController();
      const before = getMap('a');
      const result = await subject.store.write([
        create(configMap('b')),
        { op: 'update', resource: { ...before, data: { x: '2' } } },
        create(configMap('a')),
      ]);
      expect(refused(result).key.name).toBe('a');
      expect(subject.store.list('ConfigMap')).toEqual([before]);
      expect(subject.store.revision()).toBe(1);
      await write(create(configMap('c')));
      const [event] = await drain(subject.store.watch(1, watch.signal), 1);
      expect(event?.resource.metadata.name).toBe('c');
    });

    test('sees its own earlier writes, and its guards are against the writes of others', async () => {
      await createOne(pod('web'), 'uid-1');
      const old = getPod('web');
      const key = { kind: 'Pod', namespace: 'default', name: 'web' } as const;
      await write(
        { op: 'update', resource: { ...old, spec: { ...old.spec, nodeName: 'n1' } } },
        { op: 'updateStatus', key, uid: 'uid-1', resourceVersion: old.metadata.resourceVersion, status: { phase: 'Pending' } },
        create(configMap('a'), 'uid-2'),
        { op: 'remove', key: { kind: 'ConfigMap', namespace: 'default', name: 'a' }, uid: 'uid-2' },
      );
      expect(getPod('web')).toMatchObject({
        spec: { nodeName: 'n1' },
        status: { phase: 'Pending' },
        metadata: { generation: 2 },
      });
      expect(subject.store.list('ConfigMap')).toEqual([]);
    });

    test('can replace an object by a new one of the same name', async () => {
      const old = await createOne(configMap('a', { x: '1' }));
      const key = { kind: 'ConfigMap', namespace: 'default', name: 'a' } as const;
      await write({ op: 'remove', key, uid: old.metadata.uid }, create(configMap('a', { x: '2' })));
      expect(getMap('a').data).toEqual({ x: '2' });
      expect(getMap('a').metadata.uid).not.toBe(old.metadata.uid);
    });

    test('in which nothing changes keeps the revision', async () => {
      await createOne(configMap('a', { x: '1' }));
      const result = await write({ op: 'update', resource: getMap('a') }, { op: 'update', resource: getMap('a') });
      expect(result.revision).toBe(1);
      expect((await write()).revision).toBe(1);
    });
  });
}
