import { beforeEach, describe, expect, test } from 'vitest';
import { type ConfigMap, keyOf, type Stored, type StoredOf } from '../../src/model/resource.ts';
import type { Controller, Plan } from '../../src/runtime/controller.ts';
import { type RunningController, runController } from '../../src/runtime/run-controller.ts';
import { allQuiet, watchStore } from '../../src/runtime/watch-store.ts';
import { openMemoryStore } from '../../src/store/memory-store.ts';
import type { Store } from '../../src/store/store.ts';
import { type Logger, silentLogger } from '../../src/system/logger.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { seededIds } from '../support/seeded-ids.ts';

let clock: FakeClock;
let store: Store;
let lines: { level: string; message: string; fields: object }[];
let logger: Logger;

beforeEach(() => {
  clock = new FakeClock();
  store = openMemoryStore({ clock, ids: seededIds(1), watchBacklogEvents: 50 });
  lines = [];
  const line = (level: string) => (fields: object, message: string) => void lines.push({ level, message, fields });
  logger = { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') };
});

const aMap = (name: string, data: Record<string, string>): ConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default' },
  data,
});
async function put(name: string, data: Record<string, string>): Promise<void> {
  const old = store.get('ConfigMap', 'default', name);
  const result = await store.write([
    old === undefined ? { op: 'create', resource: aMap(name, data) } : { op: 'update', resource: { ...old, data } },
  ]);
  if (!result.ok) throw new Error(result.message);
}
const dataOf = (name: string): Record<string, string> | undefined => store.get('ConfigMap', 'default', name)?.data;

/** Keeps a copy of every map `x` as `x-copy`; a change of the copy wakes the original. */
const copier: Controller<'ConfigMap', StoredOf<'ConfigMap'> | undefined> = {
  name: 'copier',
  kind: 'ConfigMap',
  wakes: (changed) =>
    changed.kind === 'ConfigMap' && changed.metadata.name.endsWith('-copy')
      ? [{ ...keyOf(changed), name: changed.metadata.name.slice(0, -'-copy'.length) }]
      : [],
  observe: (from, map) => from.get('ConfigMap', 'default', `${map.metadata.name}-copy`),
  plan(map, copy): Plan<'ConfigMap'> {
    if (map.metadata.name.endsWith('-copy')) return { actions: [] };
    const message = `copied ${map.metadata.name}`;
    const data = map.data ?? {};
    if (copy === undefined) {
      return { actions: [{ type: 'create', reason: 'Copied', message, resource: aMap(`${map.metadata.name}-copy`, data) }] };
    }
    return JSON.stringify(copy.data) === JSON.stringify(data)
      ? { actions: [] }
      : { actions: [{ type: 'update', reason: 'Copied', message, resource: { ...copy, data } }] };
  },
};
const run = <O>(controller: Controller<'ConfigMap', O>): RunningController =>
  runController(controller, { store, clock, ids: seededIds(2), logger });

describe('a controller', () => {
  test('works on what is there at the start and on what changes, also when only something it owns does', async () => {
    await put('a', { x: '1' });
    const running = run(copier);
    await running.idle();
    expect(dataOf('a-copy')).toEqual({ x: '1' });
    await put('a', { x: '2' });
    await put('b', { y: '1' });
    await running.idle();
    expect([dataOf('a-copy'), dataOf('b-copy')]).toEqual([{ x: '2' }, { y: '1' }]);
    await put('a-copy', { x: 'by hand' });
    await running.idle();
    expect(dataOf('a-copy')).toEqual({ x: '2' });
    await store.write([{ op: 'remove', key: { kind: 'ConfigMap', namespace: 'default', name: 'b-copy' } }]);
    await running.idle();
    expect(dataOf('b-copy')).toEqual({ y: '1' });
    await running.stop();
  });

  test('logs one line per action and none when nothing happens', async () => {
    await put('a', { x: '1' });
    const running = run(copier);
    await running.idle();
    expect(lines).toEqual([
      {
        level: 'info',
        message: 'action',
        fields: { component: 'copier', key: 'ConfigMap/default/a', reason: 'Copied', message: 'copied a' },
      },
    ]);
    const before = store.revision();
    running.queue.add('ConfigMap/default/a');
    await running.idle();
    expect(lines).toHaveLength(1);
    expect(store.revision()).toBe(before);
    await running.stop();
  });

  test('is idle only when it has seen every change', async () => {
    const running = run(copier);
    await running.idle();
    await put('a', { x: '1' });
    expect(running.isIdle()).toBe(false);
    await running.idle();
    expect(running.isIdle()).toBe(true);
    await running.stop();
  });

  test('checks again when its plan asks for it', async () => {
    const passes: number[] = [];
    const running = run({
      ...copier,
      plan: (_map, _copy, now): Plan<'ConfigMap'> => {
        passes.push(now);
        return { actions: [], checkAgainAfterMs: 1_000 };
      },
    });
    await put('a', {});
    const begin = clock.now();
    await clock.advance(2_500);
    expect(passes).toEqual([begin, begin + 1_000, begin + 2_000]);
    await running.stop();
    expect(clock.pendingTimers).toBe(0);
  });

  test('plans anew at once when its plan was stale', async () => {
    await put('a', { x: '1' });
    await put('a-copy', { x: '0' });
    let stale = store.get('ConfigMap', 'default', 'a-copy');
    await put('a-copy', { x: '-1' });
    const running = run({
      ...copier,
      observe: (from, map) => {
        const seen = stale ?? copier.observe(from, map);
        stale = undefined;
        return seen;
      },
    });
    await running.idle();
    expect(dataOf('a-copy')).toEqual({ x: '1' });
    expect(lines.filter(({ level }) => level !== 'info')).toEqual([]);
    await running.stop();
  });

  test('that only makes stale plans backs off instead of spinning', async () => {
    await put('a', { x: '1' });
    let plans = 0;
    const running = run({
      ...copier,
      plan: (): Plan<'ConfigMap'> => {
        plans++;
        return { actions: [{ type: 'create', reason: 'Copied', message: 'm', resource: aMap('a', {}) }] };
      },
    });
    await running.idle();
    expect(plans).toBe(6);
    expect(lines.map(({ level, message }) => [level, message])).toEqual([['error', 'pass failed']]);
    expect(running.queue.nextDueMs).toBeGreaterThan(clock.now());
    await running.stop();
  });

  test('survives a planner and a `wakes` that throw', async () => {
    await put('bad', {});
    await put('a', { x: '1' });
    let isBroken = true;
    const running = run({
      ...copier,
      wakes: (changed, from) => {
        if (changed.metadata.name === 'poison' && isBroken) throw new Error('wakes');
        return copier.wakes(changed, from);
      },
      plan: (map, copy, now, suffix) => {
        if (map.metadata.name === 'bad' && isBroken) throw new Error('plan');
        return copier.plan(map, copy, now, suffix);
      },
    });
    await put('poison', { x: '1' });
    await clock.settle();
    expect(dataOf('a-copy')).toEqual({ x: '1' });
    isBroken = false;
    await clock.advance(60_000);
    expect([dataOf('bad-copy'), dataOf('poison-copy')]).toEqual([{}, { x: '1' }]);
    await running.stop();
  });

  test('lists anew after falling behind the watch', async () => {
    const running = run(copier);
    await running.idle();
    const writes = Array.from({ length: 60 }, (_, number) => put(`m${number}`, { n: String(number) }));
    await Promise.all(writes);
    await running.idle();
    expect(store.list('ConfigMap')).toHaveLength(120);
    expect(lines.map(({ level, message }) => `${level}: ${message}`)).toContain('warn: watch fell behind, listing anew');
    await running.stop();
  });

  test('stops for good', async () => {
    const running = run(copier);
    await running.idle();
    await running.stop();
    await put('a', { x: '1' });
    await clock.advance(60_000);
    expect(dataOf('a-copy')).toBeUndefined();
  });
});

/** Counts `to` up to one more than `from`, whenever `from` is not behind. */
const counter = (name: string, from: string, to: string): Controller<'ConfigMap', StoredOf<'ConfigMap'> | undefined> => ({
  name,
  kind: 'ConfigMap',
  wakes: () => [],
  observe: (reader) => reader.get('ConfigMap', 'default', to),
  plan(map, other): Plan<'ConfigMap'> {
    const count = Number(map.data?.['count']);
    if (map.metadata.name !== from || other === undefined || count >= 20 || Number(other.data?.['count']) > count)
      return { actions: [] };
    const resource = { ...other, data: { count: String(count + 1) } };
    return { actions: [{ type: 'update', reason: 'Counted', message: `${count}`, resource }] };
  },
});

test('controllers that wake each other are quiet together when the last echo is over', async () => {
  await put('ping', { count: '0' });
  await put('pong', { count: '0' });
  const all = [run(counter('one', 'ping', 'pong')), run(counter('two', 'pong', 'ping'))];
  await allQuiet(all).idle();
  expect(new Set([dataOf('ping')?.['count'], dataOf('pong')?.['count']])).toEqual(new Set(['19', '20']));
  await Promise.all(all.map((running) => running.stop()));
});

describe('watching the store', () => {
  test('begins with everything and goes on with every change, until it is told to end', async () => {
    await put('a', {});
    const seen: string[] = [];
    const aborter = new AbortController();
    const watch = watchStore({
      store,
      clock,
      logger: silentLogger,
      signal: aborter.signal,
      onRelist: () => void seen.push('relist'),
      onEvent: ({ type, resource }: { type: string; resource: Stored }) => void seen.push(`${type} ${resource.metadata.name}`),
    });
    expect(seen).toEqual(['relist']);
    await put('b', {});
    await watch.idle();
    aborter.abort();
    await watch.done;
    await put('c', {});
    expect(seen).toEqual(['relist', 'added b']);
    expect(watch.isIdle()).toBe(true);
  });

  test('has told a transaction only when it has told all of it', async () => {
    const seen: string[] = [];
    const watch = watchStore({
      store,
      clock,
      logger,
      signal: new AbortController().signal,
      onRelist() {},
      onEvent: ({ resource }) => void seen.push(resource.metadata.name),
    });
    await store.write(['a', 'b', 'c'].map((name) => ({ op: 'create', resource: aMap(name, {}) })));
    await watch.idle();
    expect(seen).toEqual(['a', 'b', 'c']);
  });

  test('ends with the store', async () => {
    const watch = watchStore({ store, clock, logger, signal: new AbortController().signal, onRelist() {}, onEvent() {} });
    await clock.settle();
    await store.close();
    await watch.done;
    expect(lines).toEqual([]);
  });
});
