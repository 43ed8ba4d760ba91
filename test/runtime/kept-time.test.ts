import { beforeEach, expect, test } from 'vitest';
import type { ConfigMap } from '../../src/model/resource.ts';
import { type Keeper, KeptTime } from '../../src/runtime/kept-time.ts';
import { openMemoryStore } from '../../src/store/memory-store.ts';
import type { Store } from '../../src/store/store.ts';
import { silentLogger } from '../../src/system/logger.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { seededIds } from '../support/seeded-ids.ts';

const HOUR_MS = 3_600_000;

let clock: FakeClock;
let store: Store;
let moves: number[];
let changedAtMs: number;

/** Adds up by how much the clock was set. What it counts was last changed at `changedAtMs`. */
const keeper: Keeper = (reader, shift) => {
  const byMs = shift(changedAtMs);
  if (byMs === 0) return [];
  moves.push(byMs);
  const found = reader.get('ConfigMap', 'default', 'sum');
  return found === undefined
    ? []
    : [{ op: 'update', resource: { ...found, data: { sum: String(Number(found.data?.['sum']) + byMs) } } }];
};
const sum = (): string | undefined => store.get('ConfigMap', 'default', 'sum')?.data?.['sum'];
const timeOf = (target: Store = store): KeptTime =>
  new KeptTime({ store: target, clock, logger: silentLogger, keepers: [keeper] });

beforeEach(async () => {
  clock = new FakeClock();
  store = openMemoryStore({ clock, ids: seededIds(1) });
  moves = [];
  changedAtMs = clock.now();
  const resource: ConfigMap = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'sum', namespace: 'default' },
    data: { sum: '0' },
  };
  await store.write([{ op: 'create', resource }]);
});

test('time that passes is nobody setting the clock, and neither is a clock that drifts', async () => {
  const time = timeOf();
  await clock.advance(HOUR_MS);
  clock.set(400);
  expect(time.keep()).toBeUndefined();
  expect(moves).toEqual([]);
});

test('each time that the clock is set, everything is moved once', async () => {
  const time = timeOf();
  clock.set(HOUR_MS);
  await Promise.all([time.keep(), time.keep()]);
  expect(time.keep()).toBeUndefined();
  await clock.advance(5_000);
  clock.set(-2 * HOUR_MS);
  await time.keep();
  expect([moves, sum()]).toEqual([[HOUR_MS, -2 * HOUR_MS], String(-HOUR_MS)]);
});

test('what somebody changed meanwhile is moved as it is then', async () => {
  let isFirst = true;
  const racing: Store = {
    ...store,
    get: store.get.bind(store),
    write: async (writes) => {
      const found = store.get('ConfigMap', 'default', 'sum');
      if (isFirst && found !== undefined) await store.write([{ op: 'update', resource: { ...found, data: { sum: '5' } } }]);
      isFirst = false;
      return await store.write(writes);
    },
  };
  const time = timeOf(racing);
  clock.set(HOUR_MS);
  await time.keep();
  expect([moves, sum()]).toEqual([[HOUR_MS, HOUR_MS], String(HOUR_MS + 5)]);
});

test('a store that fails is asked again', async () => {
  let isFull = true;
  const full: Store = {
    ...store,
    get: store.get.bind(store),
    write: (writes) => (isFull ? Promise.reject(new Error('disk is full')) : store.write(writes)),
  };
  const time = timeOf(full);
  clock.set(HOUR_MS);
  await expect(time.keep()).rejects.toThrow('disk is full');
  isFull = false;
  await time.keep();
  expect(sum()).toBe(String(HOUR_MS));
});

test('what begins later than now when a controller starts begins now', async () => {
  changedAtMs = clock.now() + HOUR_MS;
  const time = timeOf();
  await Promise.all([time.keep(), time.keep()]);
  expect(sum()).toBe(String(-HOUR_MS));
  // From then on it is this controller's own.
  expect(time.keep()).toBeUndefined();
  clock.set(HOUR_MS);
  await time.keep();
  expect(sum()).toBe('0');
});

test.each([0, -HOUR_MS, 999])('what began %i ms from now stays', (fromNowMs) => {
  changedAtMs = clock.now() + fromNowMs;
  const time = timeOf();
  expect(time.keep()).toBeUndefined();
  expect([sum(), moves]).toEqual(['0', []]);
});
