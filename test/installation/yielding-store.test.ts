import { expect, test } from 'vitest';
import { yieldingStore } from '../../src/installation/yielding-store.ts';
import { openMemoryStore } from '../../src/store/memory-store.ts';
import { systemClock } from '../../src/system/clock.ts';
import { seededIds } from '../support/seeded-ids.ts';

test('writes without end leave timers their turn', async () => {
  const store = yieldingStore(openMemoryStore({ clock: systemClock(), ids: seededIds(1) }));
  const state = { isOver: false, writes: 0 };
  setTimeout(() => {
    state.isOver = true;
  }, 50);
  while (!state.isOver) {
    const metadata = { name: `config-${state.writes}`, namespace: 'default' };
    await store.write([{ op: 'create', resource: { apiVersion: 'v1', kind: 'ConfigMap', metadata } }]);
    state.writes += 1;
  }
  expect(store.list('ConfigMap')).toHaveLength(state.writes);
  expect(store.revision()).toBe(state.writes);
});
