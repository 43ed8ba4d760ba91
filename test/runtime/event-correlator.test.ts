// What becomes of events that come in crowds.
import { beforeEach, describe, expect, test } from 'vitest';
import { allEventWrites, eventWrites } from '../../src/runtime/events.ts';
import { type Report } from '../../src/runtime/report.ts';
import { openMemoryStore } from '../../src/store/memory-store.ts';
import type { Store } from '../../src/store/store.ts';
import { aPod } from '../support/builders.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { seededIds } from '../support/seeded-ids.ts';

let clock: FakeClock;
let store: Store;
beforeEach(() => {
  clock = new FakeClock();
  store = openMemoryStore({ clock, ids: seededIds(1) });
});
const report = (message: string, more: Partial<Report> = {}): Report => ({
  reason: 'Failed',
  message,
  severity: 'Warning',
  component: 'kubelet',
  ...more,
});
const tell = (told: Report, about = aPod()): Promise<unknown> => store.write(eventWrites(store, about, told, clock.now()));
const seen = (): [string, number][] => store.list('Event').map(({ message, count }) => [message, count]);

describe('similar events', () => {
  test('from the tenth different message within ten minutes on are combined, with the last one', async () => {
    for (let number = 1; number <= 12; number++) await tell(report(`message ${number}`));
    expect(seen()).toHaveLength(10);
    expect(new Map(seen()).get('(combined from similar events): message 12')).toBe(3);
  });

  test('of another reason, object, severity or component are not similar', async () => {
    for (let number = 1; number <= 9; number++) await tell(report(`message ${number}`));
    await tell(report('a', { reason: 'Other' }));
    await tell(report('b', { severity: 'Normal' }));
    await tell(report('c', { component: 'scheduler' }));
    await tell(report('d'), aPod({ name: 'other' }));
    expect(seen().filter(([message]) => message.startsWith('(combined'))).toEqual([]);
  });

  test('that come slowly are told one by one', async () => {
    for (let number = 1; number <= 12; number++) {
      await tell(report(`message ${number}`));
      await clock.advance(600_001);
    }
    expect(seen().filter(([message]) => message.startsWith('(combined'))).toEqual([]);
  });

  test('the same message is counted, however often', async () => {
    for (let number = 1; number <= 20; number++) await tell(report('again'));
    expect(seen()).toEqual([['again', 20]]);
  });
});

describe('a component that never stops', () => {
  test('is heard 25 times about an object, then once in five minutes', async () => {
    for (let number = 1; number <= 30; number++) await tell(report('again'));
    expect(seen()).toEqual([['again', 25]]);
    await clock.advance(300_000);
    await tell(report('again'));
    await tell(report('again'));
    expect(seen()).toEqual([['again', 26]]);
  });

  test('is heard about other objects, and what must be heard is', async () => {
    for (let number = 1; number <= 30; number++) await tell(report('again'));
    await tell(report('again'), aPod({ name: 'other' }));
    await tell(report('at last', { isSpared: true }));
    expect(seen().map(([message]) => message)).toEqual(['again', 'at last', 'again']);
  });
});

test('several at once are one event each, counted', () => {
  const writes = allEventWrites(store, aPod(), [report('a'), report('b'), report('a')], clock.now());
  expect(writes.map((write) => (write.op === 'create' && write.resource.kind === 'Event' ? write.resource.count : 0))).toEqual([
    2, 1,
  ]);
});
