import { type Arbitrary, array, assert, constantFrom, double, integer, property, record } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nextTime } from '../../../src/model/schedule/next.ts';
import { parseSchedule } from '../../../src/model/schedule/schedule.ts';
import { zoneOf } from '../../../src/model/schedule/zone.ts';
import { durationMs, type SyncWindow } from '../../../src/model/sync-policy.ts';
import { windowState } from '../../../src/sync/gates/windows.ts';

const at = (text: string): number => Date.parse(text);
const iso = (ms: number | undefined): string | undefined =>
  ms === undefined ? undefined : new Date(ms).toISOString().slice(0, 16);
const night: SyncWindow = { kind: 'deny', schedule: '0 22 * * *', duration: '8h' };
const work: SyncWindow = { kind: 'allow', schedule: '0 8 * * 1-5', duration: '9h' };

describe('sync windows', () => {
  test.each<[string, readonly SyncWindow[], string, boolean, string | undefined]>([
    ['none', [], '2026-03-02T12:00Z', true, undefined],
    ['deny, and it is day', [night], '2026-03-02T12:00Z', true, '2026-03-02T22:00'],
    ['deny, and it begins', [night], '2026-03-02T22:00Z', false, '2026-03-03T06:00'],
    ['deny, and it is night', [night], '2026-03-03T05:59Z', false, '2026-03-03T06:00'],
    ['deny, and it is over', [night], '2026-03-03T06:00Z', true, '2026-03-03T22:00'],
    ['allow, on a Monday', [work], '2026-03-02T08:00Z', true, '2026-03-02T17:00'],
    ['allow, on a Friday evening', [work], '2026-03-06T17:00Z', false, '2026-03-09T08:00'],
    [
      'deny wins over allow',
      [work, { ...night, schedule: '0 12 * * *', duration: '1h' }],
      '2026-03-02T12:30Z',
      false,
      '2026-03-02T13:00',
    ],
    ['after deny, and not yet allowed', [work, night], '2026-03-03T06:30Z', false, '2026-03-03T08:00'],
    [
      'one of two allows',
      [work, { ...work, schedule: '0 20 * * *', duration: '2h' }],
      '2026-03-02T21:00Z',
      true,
      '2026-03-02T22:00',
    ],
    [
      'a deny that begins anew before it ends',
      [{ ...night, schedule: '0 * * * *', duration: '2h' }],
      '2026-03-02T12:30Z',
      false,
      undefined,
    ],
    [
      'an allow that begins anew before it ends',
      [{ ...work, schedule: '0 * * * *', duration: '1h' }],
      '2026-03-02T12:30Z',
      true,
      undefined,
    ],
    [
      'two that meet',
      [
        { ...night, schedule: '0 1 * * *', duration: '1h' },
        { ...night, schedule: '0 2 * * *', duration: '1h' },
      ],
      '2026-03-02T01:10Z',
      false,
      '2026-03-02T03:00',
    ],
    ['an allow that never comes', [{ ...work, schedule: '0 0 31 2 *' }], '2026-03-02T12:00Z', false, undefined],
    ['what cannot be read shuts', [{ ...work, duration: 'soon' }], '2026-03-02T12:00Z', false, undefined],
    ['a zone', [{ ...night, timeZone: 'America/New_York' }], '2026-03-03T02:59Z', true, '2026-03-03T03:00'],
    // Clocks in Vienna go from 02:00 to 03:00 on 2026-03-29 and from 03:00 to 02:00 on 2026-10-25.
    ['over the lost hour', [{ ...night, timeZone: 'Europe/Vienna' }], '2026-03-28T23:00Z', false, '2026-03-29T05:00'],
    [
      'a start in the lost hour',
      [{ ...work, schedule: '30 2 * * *', duration: '1h', timeZone: 'Europe/Vienna' }],
      '2026-03-28T12:00Z',
      false,
      '2026-03-30T00:30',
    ],
    ['over the hour that comes twice', [{ ...night, timeZone: 'Europe/Vienna' }], '2026-10-24T21:00Z', false, '2026-10-25T04:00'],
    [
      'a start in the hour that comes twice',
      [{ ...work, schedule: '30 2 * * *', duration: '30m', timeZone: 'Europe/Vienna' }],
      '2026-10-25T01:00Z',
      false,
      '2026-10-25T01:30',
    ],
  ])('%s', (_what, windows, now, isOpen, until) => {
    const state = windowState(windows, at(now));
    expect([state.isOpen, iso(state.untilMs)]).toEqual([isOpen, until]);
  });

  test.each<[string, readonly SyncWindow[], boolean]>([
    ['all that shut it say so', [{ ...night, manual: true }], true],
    ['one does not', [{ ...night, manual: true }, night], false],
    ['an allow that is not active', [{ ...work, manual: true }], true],
  ])('a person may go through when %s', (_what, windows, isManualOpen) => {
    expect(windowState(windows, at('2026-03-02T23:00Z'))).toMatchObject({ isOpen: false, isManualOpen });
  });

  const schedules = ['0 22 * * *', '*/20 * * * *', '15 3 * * 1-5', '30 2 * * *', '0 0 1 * *', '0 12 * * 6'];
  const aWindow: Arbitrary<SyncWindow> = record({
    kind: constantFrom('allow', 'deny'),
    schedule: constantFrom(...schedules),
    duration: constantFrom('1m', '45m', '2h', '9h', '25h'),
    timeZone: constantFrom('UTC', 'Europe/Vienna', 'America/New_York', 'Australia/Lord_Howe'),
  });
  const aTime = integer({ min: at('2026-01-01T00:00Z') / 1000, max: at('2027-01-01T00:00Z') / 1000 }).map((s) => s * 1000);

  /** By the letter: a window is active when one of its times lies within its length before now. */
  function isActive({ schedule, duration, timeZone = 'UTC' }: SyncWindow, now: number): boolean {
    const parsed = parseSchedule(schedule);
    const length = durationMs(duration) ?? 0;
    if (!parsed.ok) return false;
    for (let time = nextTime(parsed.schedule, zoneOf(timeZone), now - 2 * length); time !== undefined && time <= now; ) {
      if (now - time < length) return true;
      time = nextTime(parsed.schedule, zoneOf(timeZone), time);
    }
    return false;
  }

  test('are open and shut by the letter, and stay so exactly until they say', () => {
    assert(
      property(array(aWindow, { maxLength: 3 }), aTime, double({ min: 0, max: 1, noNaN: true }), (windows, now, part) => {
        const state = windowState(windows, now);
        const expected = (time: number): boolean => {
          const active = windows.filter((window) => isActive(window, time));
          if (active.some(({ kind }) => kind === 'deny')) return false;
          return active.some(({ kind }) => kind === 'allow') || !windows.some(({ kind }) => kind === 'allow');
        };
        expect(state.isOpen).toBe(expected(now));
        if (state.untilMs === undefined) return;
        expect(state.untilMs).toBeGreaterThan(now);
        expect(expected(state.untilMs)).toBe(!state.isOpen);
        const between = now + Math.floor(((state.untilMs - now - 1) * part) / 1000) * 1000;
        expect(expected(between)).toBe(state.isOpen);
      }),
      { numRuns: 40 },
    );
  });
});

test.each([
  ['90s', 90_000],
  ['1h30m', 5_400_000],
  ['2h', 7_200_000],
  ['0s', undefined],
  ['', undefined],
  ['30m1h', undefined],
  ['1d', undefined],
  ['10001h', undefined],
])('a duration of %s', (text, ms) => {
  expect(durationMs(text)).toBe(ms);
});
