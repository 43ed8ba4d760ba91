// What a receiver is sent next: never a flood, nothing twice, nothing lost without a word.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Notice, NotificationEvent, NotificationStatus, NotificationTargetStatus } from '../../../src/model/resource.ts';
import { BURST, causeOf, failingStatus, planDelivery, REFILL_MS, toldStatus } from '../../../src/signals/notify/plan.ts';
import { targetId, targetName, withTargets } from '../../../src/signals/notify/target.ts';

const NOW_MS = Date.parse('2026-01-01T12:00:00Z');
const target = { type: 'webhook', url: 'https://hooks.example.com/x' } as const;
const told = (options: Partial<NotificationTargetStatus> = {}): NotificationTargetStatus => ({
  id: targetId(target),
  type: 'webhook',
  to: 'hooks.example.com',
  toldUpTo: 0,
  sentAt: [],
  ...options,
});
const noticeOf = (number: number, event: NotificationEvent = 'live'): Notice => ({
  number,
  event,
  at: '2026-01-01T12:00:00Z',
  reason: '',
});
const stateOf = (notices: readonly Notice[]): NotificationStatus => ({
  number: Math.max(0, ...notices.map(({ number }) => number)),
  notices: notices.toSorted((one, other) => other.number - one.number),
  driftUpTo: '2026-01-01T12:00:00Z',
  troubles: [],
  targets: [],
});
const agoMs = (...ages: readonly number[]): string[] => ages.map((age) => new Date(NOW_MS - age).toISOString());
const numbers = (from: number, to: number): readonly Notice[] =>
  Array.from({ length: to - from + 1 }, (_, index) => noticeOf(from + index));

describe('a receiver', () => {
  test('that knows everything is left alone', () => {
    expect(planDelivery(stateOf(numbers(1, 3)), target, told({ toldUpTo: 3 }), NOW_MS)).toEqual({ do: 'nothing' });
  });

  test('gets the first few one by one', () => {
    const delivery = planDelivery(stateOf(numbers(1, 5)), target, told(), NOW_MS);
    expect(delivery).toEqual({ do: 'send', notices: [noticeOf(1)], missed: 0, toldUpTo: 1 });
  });

  test('gets more than these in one', () => {
    const delivery = planDelivery(stateOf(numbers(1, 6)), target, told(), NOW_MS);
    expect(delivery).toEqual({ do: 'send', notices: numbers(1, 6), missed: 0, toldUpTo: 6 });
  });

  test('waits when it had them, and has the rest in one a minute later', () => {
    const had = told({ toldUpTo: 5, sentAt: agoMs(0, 0, 0, 0, 0) });
    const state = stateOf(numbers(4, 9));
    expect(planDelivery(state, target, had, NOW_MS)).toEqual({ do: 'wait', waitMs: REFILL_MS });
    expect(planDelivery(state, target, had, NOW_MS + REFILL_MS)).toEqual({
      do: 'send',
      notices: numbers(6, 9),
      missed: 0,
      toldUpTo: 9,
    });
  });

  test('hears only of what it asked for', () => {
    const state = stateOf([noticeOf(1), noticeOf(2, 'failed'), noticeOf(3)]);
    const choosy = { ...target, events: ['failed' as const] };
    expect(planDelivery(state, choosy, told(), NOW_MS)).toEqual({
      do: 'send',
      notices: [noticeOf(2, 'failed')],
      missed: 0,
      toldUpTo: 2,
    });
    expect(planDelivery(state, choosy, told({ toldUpTo: 2 }), NOW_MS)).toEqual({ do: 'nothing' });
  });

  test('that was away for long hears how many it has missed', () => {
    expect(planDelivery(stateOf(numbers(11, 12)), target, told({ toldUpTo: 3 }), NOW_MS)).toEqual({
      do: 'send',
      notices: numbers(11, 12),
      missed: 7,
      toldUpTo: 12,
    });
  });

  test('is not kept waiting by a clock that was set back', () => {
    const had = told({ sentAt: agoMs(-3_600_000, -3_600_000, -3_600_000, -3_600_000, -3_600_000) });
    expect(planDelivery(stateOf(numbers(1, 1)), target, had, NOW_MS)).toEqual({ do: 'wait', waitMs: REFILL_MS });
  });

  test('fails since the first failure, until it is told', () => {
    const first = failingStatus(told(), 'no', NOW_MS);
    expect(failingStatus(first, 'still no', NOW_MS + 5_000).failing).toEqual({
      since: '2026-01-01T12:00:00Z',
      message: 'still no',
    });
    expect(toldStatus(first, { notices: [noticeOf(4)], toldUpTo: 4 }, NOW_MS)).toEqual(
      told({ toldUpTo: 4, sentAt: ['2026-01-01T12:00:00Z'] }),
    );
  });
});

test('whatever happens when: never more than the first few and one a minute, and everything is told once', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 90 }), fc.boolean()), { maxLength: 60 }), (happened) => {
      let now = NOW_MS;
      let has = told();
      let notices: readonly Notice[] = [];
      const sent: number[] = [];
      const heard: number[] = [];
      const deliver = (): number => {
        for (;;) {
          const delivery = planDelivery(stateOf(notices), target, has, now);
          if (delivery.do === 'wait') return delivery.waitMs;
          if (delivery.do === 'nothing') return 0;
          sent.push(now);
          heard.push(...delivery.notices.map(({ number }) => number));
          has = toldStatus(has, delivery, now);
        }
      };
      for (const [gapSeconds, isGood] of happened) {
        now += gapSeconds * 1_000;
        notices = [...notices, noticeOf(notices.length + 1, isGood ? 'live' : 'failed')];
        deliver();
      }
      for (let waitMs = deliver(); waitMs > 0; waitMs = deliver()) now += waitMs;
      expect(heard).toEqual(notices.map(({ number }) => number));
      // Times are kept in whole seconds.
      const tooSoon = sent.filter(
        (sentMs, index) => sentMs - (sent[index - BURST] ?? Number.NEGATIVE_INFINITY) < REFILL_MS - 1_000,
      );
      expect(tooSoon).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

describe('the same cause again', () => {
  const failed = (number: number, reason = `pod web-${number}x7 crashes`): Notice => ({ ...noticeOf(number, 'failed'), reason });

  test('is the same whatever the pod is called, and another event or reason is another', () => {
    expect(causeOf(failed(1))).toBe(causeOf(failed(2)));
    expect(causeOf(failed(1, 'no image'))).not.toBe(causeOf(failed(1)));
    expect(causeOf({ ...failed(1), event: 'held' })).not.toBe(causeOf(failed(1)));
    expect(causeOf(noticeOf(1))).toBeUndefined();
  });

  const first = toldStatus(told(), { notices: [failed(1)], toldUpTo: 1 }, NOW_MS);

  test('is gathered for a minute, and then told in one', () => {
    const state = stateOf([failed(1), failed(2), failed(3)]);
    expect(planDelivery(state, target, first, NOW_MS + 10_000)).toEqual({ do: 'wait', waitMs: 50_000 });
    const due = planDelivery(state, target, first, NOW_MS + 60_000);
    expect(due).toEqual({ do: 'send', notices: [failed(2), failed(3)], missed: 0, toldUpTo: 3 });
  });

  test('is told ever more seldom, at last once an hour', () => {
    let has = first;
    const waits: number[] = [];
    for (let number = 2, now = NOW_MS; number < 6; number++) {
      const delivery = planDelivery(stateOf([failed(number)]), target, has, now);
      waits.push(delivery.do === 'wait' ? delivery.waitMs : 0);
      now += waits.at(-1) ?? 0;
      has = toldStatus(has, { notices: [failed(number)], toldUpTo: number }, now);
    }
    expect(waits).toEqual([60_000, 600_000, 3_600_000, 3_600_000]);
  });

  test.each<[string, Notice]>([
    ['another cause', failed(3, 'no image')],
    ['something good', noticeOf(3, 'recovered')],
  ])('waits for nothing when %s comes', (_what, news) => {
    const delivery = planDelivery(stateOf([failed(2), news]), target, first, NOW_MS + 1_000);
    expect(delivery).toMatchObject({ do: 'send', toldUpTo: 2 });
  });
});

describe('receivers', () => {
  test('are kept as long as they are declared, and a new one hears of what comes', () => {
    const other = { type: 'slack', urlFrom: { secretKeyRef: { name: 'slack', key: 'url' } } } as const;
    const known = [told({ toldUpTo: 2 }), { ...told(), id: 'gone' }];
    expect(withTargets(known, [{ ...target, events: ['live'] }, other, other], 7)).toEqual([
      told({ toldUpTo: 2 }),
      { id: targetId(other), type: 'slack', to: 'Secret slack, key url', toldUpTo: 7, sentAt: [] },
    ]);
  });

  test('are named without their address', () => {
    expect(targetName({ type: 'slack', url: 'https://user:pass@hooks.slack.com/services/T0/B0/token?x=y' })).toBe(
      'hooks.slack.com',
    );
    expect(targetName({ type: 'slack', url: 'nonsense' })).toBe('an address that is none');
  });
});
