// What every implementation of the store promises about reads and watches.
import { describe, expect, test } from 'vitest';
import {
  APPLICATION_ANNOTATION,
  type ConfigMap,
  type Pod,
  type Resource,
  type Service,
  type Stored,
} from '../../src/model/resource.ts';
import { RevisionCompacted, type WatchEvent } from '../../src/store/store.ts';
import { BACKLOG, configMap, create, drain, names, pod, type StoreSubject } from './store-subject.ts';

const aCommit = { id: '1'.repeat(40), author: 'Ada', subject: 'Begin', time: '2026-01-01T00:00:00Z' };

/** Get and list. */
export function readContract(subject: StoreSubject): void {
  const { write, createOne, getMap, getPod } = subject;

  describe('reading', () => {
    test('lists by namespace and name, of all namespaces or of one', async () => {
      for (const [namespace, name] of [
        ['b', 'x'],
        ['a', 'y'],
        ['a', 'c'],
        ['b', 'B'],
        ['a-b', 'k'],
      ] as const) {
        await createOne(configMap(name, {}, namespace));
      }
      await createOne(pod('web'));
      expect(names(subject.store.list('ConfigMap'))).toEqual(['a/c', 'a/y', 'a-b/k', 'b/B', 'b/x']);
      expect(names(subject.store.list('ConfigMap', 'a'))).toEqual(['a/c', 'a/y']);
      expect(subject.store.list('ConfigMap', 'none')).toEqual([]);
      expect(subject.store.list('Secret')).toEqual([]);
    });

    test('a list that was read does not change; the next one does', async () => {
      await createOne(configMap('a', { x: '1' }));
      await createOne(configMap('c'));
      const before = subject.store.list('ConfigMap');
      await createOne(configMap('b'));
      await write({ op: 'update', resource: { ...getMap('a'), data: { x: '2' } } });
      await write({ op: 'remove', key: { kind: 'ConfigMap', namespace: 'default', name: 'c' } });
      expect(names(before)).toEqual(['default/a', 'default/c']);
      expect(before[0]?.data).toEqual({ x: '1' });
      expect(names(subject.store.list('ConfigMap'))).toEqual(['default/a', 'default/b']);
      expect(subject.store.list('ConfigMap')[0]?.data).toEqual({ x: '2' });
    });

    test('a list is not copied while nothing changes', async () => {
      await createOne(configMap('a'));
      expect(subject.store.list('ConfigMap')).toBe(subject.store.list('ConfigMap'));
      expect(subject.store.list('ConfigMap', 'default')).toBe(subject.store.list('ConfigMap', 'default'));
    });

    test('lists what an owner controls, and follows a change of owner', async () => {
      await createOne(pod('b', 'rs-1'));
      await createOne(pod('a', 'rs-1'));
      await createOne(pod('c', 'rs-2'));
      await createOne(pod('d'));
      expect(names(subject.store.listOwned('Pod', 'rs-1'))).toEqual(['default/a', 'default/b']);
      expect(subject.store.listOwned('ConfigMap', 'rs-1')).toEqual([]);
      const moved = getPod('a');
      await write({ op: 'update', resource: { ...moved, metadata: { ...moved.metadata, ownerReferences: [] } } });
      await write({ op: 'remove', key: { kind: 'Pod', namespace: 'default', name: 'c' } });
      expect(names(subject.store.listOwned('Pod', 'rs-1'))).toEqual(['default/b']);
      expect(subject.store.listOwned('Pod', 'rs-2')).toEqual([]);
    });

    test('lists what came from an application, of any kind, with the records of its commits', async () => {
      const from = (name: string, application: string): ConfigMap => {
        const made = configMap(name);
        return { ...made, metadata: { ...made.metadata, annotations: { [APPLICATION_ANNOTATION]: application } } };
      };
      const spec = { application: 'shop', commit: aCommit, resources: [], inventory: [] };
      const revision: Resource = {
        apiVersion: 'holdfast.dev/v1',
        kind: 'ApplicationRevision',
        metadata: { name: 'shop.1' },
        spec,
      };
      await write({ op: 'create', resource: from('b', 'shop') });
      await write({ op: 'create', resource: from('a', 'shop') });
      await write({ op: 'create', resource: from('c', 'blog') });
      await createOne(configMap('d'));
      await write({ op: 'create', resource: revision });
      const applied = (application: string): string[] =>
        subject.store.listApplied(application).map(({ metadata }) => metadata.name);
      expect(applied('shop')).toEqual(['shop.1', 'a', 'b']);
      const moved = getMap('a');
      await write({
        op: 'update',
        resource: { ...moved, metadata: { ...moved.metadata, annotations: { [APPLICATION_ANNOTATION]: 'blog' } } },
      });
      await write({ op: 'remove', key: { kind: 'ApplicationRevision', namespace: '', name: 'shop.1' } });
      expect([applied('shop'), applied('blog'), applied('none')]).toEqual([['b'], ['a', 'c'], []]);
    });

    test('lists the pods that have all labels, and follows a change of labels', async () => {
      const labelled = (name: string, labels: Record<string, string>, namespace = 'default'): Pod => {
        const made = pod(name);
        return { ...made, metadata: { ...made.metadata, namespace, labels } };
      };
      await createOne(labelled('b', { app: 'web', of: 'shop' }));
      await createOne(labelled('a', { app: 'web', of: 'shop' }));
      await createOne(labelled('c', { app: 'db', of: 'shop' }));
      await createOne(labelled('d', { app: 'web', of: 'shop' }, 'other'));
      const web = { app: 'web', of: 'shop' };
      const before = subject.store.podsWith('default', web);
      expect(names(before)).toEqual(['default/a', 'default/b']);
      expect(names(subject.store.podsWith('default', { of: 'shop' }))).toEqual(['default/a', 'default/b', 'default/c']);
      expect(subject.store.podsWith('default', { app: 'web', of: 'other' })).toEqual([]);
      expect(subject.store.podsWith('default', {})).toEqual([]);
      const moved = getPod('a');
      await write({ op: 'update', resource: { ...moved, metadata: { ...moved.metadata, labels: { app: 'db', of: 'shop' } } } });
      await write({ op: 'remove', key: { kind: 'Pod', namespace: 'default', name: 'c' } });
      expect(names(subject.store.podsWith('default', web))).toEqual(['default/b']);
      expect(names(subject.store.podsWith('default', { app: 'db' }))).toEqual(['default/a']);
      expect(names(before)).toEqual(['default/a', 'default/b']);
    });

    test('lists the Services that select labels, and follows a change of a selector', async () => {
      const service = (name: string, selector: Record<string, string>, namespace = 'default'): Service => ({
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name, namespace },
        spec: { selector, ports: [{ port: 80 }] },
      });
      for (const resource of [
        service('web', { of: 'shop', app: 'web' }),
        service('all', { of: 'shop' }),
        service('db', { of: 'shop', app: 'db' }),
        service('none', {}),
        service('web', { of: 'shop', app: 'web' }, 'other'),
      ])
        await write({ op: 'create', resource });
      const labels = { app: 'web', of: 'shop', version: '2' };
      const selecting = (): string[] => names(subject.store.servicesSelecting('default', labels));
      expect(selecting()).toEqual(['default/all', 'default/web']);
      expect(subject.store.servicesSelecting('default', {})).toEqual([]);
      const db = subject.store.get('Service', 'default', 'db');
      if (db === undefined) throw new Error('no Service');
      await write({ op: 'update', resource: { ...db, spec: { ...db.spec, selector: { version: '2' } } } });
      await write({ op: 'remove', key: { kind: 'Service', namespace: 'default', name: 'all' } });
      expect(selecting()).toEqual(['default/db', 'default/web']);
    });

    test('objects are frozen all the way down', async () => {
      const stored = getPodSpec(await createOne(pod('web')));
      expect(() => {
        stored.containers.push({ name: 'x', image: 'y' });
      }).toThrow(TypeError);
    });
  });
}

/** Watch. */
export function watchContract(subject: StoreSubject): void {
  const { write, createOne, getMap } = subject;

  describe('watch', () => {
    test('tells every change after a revision, in order, and those to come', async () => {
      const { signal } = new AbortController();
      await createOne(configMap('old'));
      const { uid } = (await createOne(pod('web'))).metadata;
      const watch = subject.store.watch(1, signal);
      const key = { kind: 'Pod', namespace: 'default', name: 'web' } as const;
      const reading = drain(watch, 4);
      await subject.clock.settle();
      await write({ op: 'updateStatus', key, uid, status: { phase: 'Running' } });
      await write({ op: 'remove', key }, create(configMap('new')));
      const seen = (await reading).map(({ type, resource, revision, more }) => [type, resource.metadata.name, revision, more]);
      expect(seen).toEqual([
        ['added', 'web', 2, undefined],
        ['modified', 'web', 3, undefined],
        ['removed', 'web', 4, true],
        ['added', 'new', 4, undefined],
      ]);
    });

    test('carries the state before of what was changed, and of nothing else', async () => {
      const before = await createOne(configMap('a', { x: '1' }));
      const reading = drain(subject.store.watch(0, new AbortController().signal), 3);
      await write({ op: 'update', resource: { ...getMap('a'), data: { x: '2' } } });
      await write({ op: 'remove', key: { kind: 'ConfigMap', namespace: 'default', name: 'a' } });
      expect((await reading).map((event) => [event.type, event.before])).toEqual([
        ['added', undefined],
        ['modified', before],
        ['removed', undefined],
      ]);
    });

    test('carries the new state, and the last one of what was removed', async () => {
      await createOne(configMap('a', { x: '1' }));
      const reading = drain(subject.store.watch(subject.store.revision(), new AbortController().signal), 2);
      await write({ op: 'update', resource: { ...getMap('a'), data: { x: '2' } } });
      const last = getMap('a');
      await write({ op: 'remove', key: { kind: 'ConfigMap', namespace: 'default', name: 'a' } });
      expect((await reading).map(({ resource }) => resource)).toEqual([last, last]);
    });

    test('ends when its signal is aborted, also while it waits', async () => {
      const watching = new AbortController();
      const seen: WatchEvent[] = [];
      const ended = (async () => {
        for await (const event of subject.store.watch(0, watching.signal)) seen.push(event);
        return 'ended';
      })();
      await createOne(configMap('a'));
      await subject.clock.settle();
      watching.abort();
      expect(await ended).toBe('ended');
      await createOne(configMap('b'));
      expect(seen.map(({ resource }) => resource.metadata.name)).toEqual(['a']);
    });

    test('ends when the store is closed', async () => {
      const ended = drain(subject.store.watch(0, new AbortController().signal), 1);
      await subject.clock.settle();
      await subject.store.close();
      expect(await ended).toEqual([]);
    });

    test('reaches back as far as the backlog, and no further', async () => {
      for (let number = 1; number <= BACKLOG + 5; number++) await createOne(configMap(`m${number}`));
      const { signal } = new AbortController();
      expect(await drain(subject.store.watch(5, signal), BACKLOG)).toHaveLength(BACKLOG);
      expect(() => subject.store.watch(4, signal)).toThrow(RevisionCompacted);
    });

    test('never tells half a transaction: what is partly gone is gone', async () => {
      await write(create(configMap('a')), create(configMap('b')));
      for (let number = 1; number < BACKLOG; number++) await createOne(configMap(`m${number}`));
      expect(() => subject.store.watch(0, new AbortController().signal)).toThrow(RevisionCompacted);
      expect(await drain(subject.store.watch(1, new AbortController().signal), BACKLOG - 1)).toHaveLength(BACKLOG - 1);
    });

    test('throws for a watcher that falls too far behind', async () => {
      const iterator = subject.store.watch(0, new AbortController().signal)[Symbol.asyncIterator]();
      await createOne(configMap('first'));
      expect((await iterator.next()).done).toBe(false);
      for (let number = 0; number <= BACKLOG; number++) await createOne(configMap(`m${number}`));
      await expect(iterator.next()).rejects.toThrow(RevisionCompacted);
    });

    test('of a revision that never was throws: it belongs to a store that was lost', () => {
      expect(() => subject.store.watch(7, new AbortController().signal)).toThrow(RevisionCompacted);
    });
  });
}

function getPodSpec(resource: Stored): Pod['spec'] {
  if (resource.kind !== 'Pod') throw new Error('not a pod');
  return resource.spec;
}
