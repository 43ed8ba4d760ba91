// The times of schedules: as robfig/cron v3 gives them in Kubernetes, in every zone and on the days on which clocks are changed.
import { readFileSync } from 'node:fs';
import { Cron } from 'croner';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nextTime } from '../../../src/model/schedule/next.ts';
import { parseSchedule, type Schedule } from '../../../src/model/schedule/schedule.ts';
import { clockAt, toZonedRfc3339, zoneOf } from '../../../src/model/schedule/zone.ts';
import { aScheduleText } from './schedule-text.ts';

function read(text: string): Schedule {
  const parsed = parseSchedule(text);
  if (!parsed.ok) throw new Error(parsed.fault);
  return parsed.schedule;
}

function times(text: string, zoneName: string, after: string, count: number): string[] {
  const zone = zoneOf(zoneName);
  const found: string[] = [];
  let at = Date.parse(after);
  for (let index = 0; index < count; index++) {
    const next = nextTime(read(text), zone, at);
    if (next === undefined) return [...found, 'never'];
    found.push(toZonedRfc3339(zone, next));
    at = next;
  }
  return found;
}

describe('on the days on which clocks are changed', () => {
  test.each<[string, string, string, string, string[]]>([
    [
      'what is skipped is left out',
      'Europe/Berlin',
      '30 2 * * *',
      '2026-03-27T12:00:00Z',
      ['2026-03-28T02:30:00+01:00', '2026-03-30T02:30:00+02:00'],
    ],
    [
      'what is shown twice is done twice',
      'Europe/Berlin',
      '30 2 * * *',
      '2026-10-24T12:00:00Z',
      ['2026-10-25T02:30:00+02:00', '2026-10-25T02:30:00+01:00', '2026-10-26T02:30:00+01:00'],
    ],
    [
      'every hour is an hour later',
      'Europe/Berlin',
      '0 * * * *',
      '2026-10-24T23:30:00Z',
      ['2026-10-25T02:00:00+02:00', '2026-10-25T02:00:00+01:00', '2026-10-25T03:00:00+01:00'],
    ],
    [
      'what is skipped is left out',
      'America/New_York',
      '30 2 * * *',
      '2026-03-07T00:00:00Z',
      ['2026-03-07T02:30:00-05:00', '2026-03-09T02:30:00-04:00'],
    ],
    [
      'what is shown twice is done twice',
      'America/New_York',
      '30 1 * * *',
      '2026-10-31T12:00:00Z',
      ['2026-11-01T01:30:00-04:00', '2026-11-01T01:30:00-05:00', '2026-11-02T01:30:00-05:00'],
    ],
    [
      'half an hour is skipped',
      'Australia/Lord_Howe',
      '15 2 * * *',
      '2026-10-03T00:00:00Z',
      ['2026-10-05T02:15:00+11:00', '2026-10-06T02:15:00+11:00'],
    ],
    [
      'whole hours are passed over after half an hour was skipped',
      'Australia/Lord_Howe',
      '0 3 * * *',
      '2026-10-03T00:00:00Z',
      ['2026-10-05T03:00:00+11:00'],
    ],
    [
      'half an hour is shown twice',
      'Australia/Lord_Howe',
      '45 1 * * *',
      '2026-04-04T12:00:00Z',
      ['2026-04-05T01:45:00+11:00', '2026-04-05T01:45:00+10:30', '2026-04-06T01:45:00+10:30'],
    ],
    ['nothing is changed', 'UTC', '30 2 * * *', '2026-03-28T12:00:00Z', ['2026-03-29T02:30:00Z', '2026-03-30T02:30:00Z']],
  ])('%s: %s, %s', (_what, zone, text, after, expected) => {
    expect(times(text, zone, after, expected.length)).toEqual(expected);
  });

  // Each row was given by robfig/cron v3.0.1 itself, as Kubernetes calls it: schedule, zone, and the seconds after and at which it starts.
  const rows = JSON.parse(readFileSync(new URL('./robfig.json', import.meta.url), 'utf8')) as [
    string,
    string,
    number,
    (number | null)[],
  ][];

  test('as robfig/cron has them, in 15 zones', () => {
    const wrong = rows.filter(([text, zone, after, expected]) => {
      let at: number | undefined = after * 1000;
      return expected.some((second) => {
        at = at === undefined ? undefined : nextTime(read(text), zoneOf(zone), at);
        return at !== (second === null ? undefined : second * 1000);
      });
    });
    expect(wrong).toEqual([]);
  });
});

test.each([
  [
    'days of the month or of the week, when both are given',
    '0 0 13 * FRI',
    ['2026-04-03', '2026-04-10', '2026-04-13', '2026-04-17'],
  ],
  ['days of the month that are days of the week, when one is open', '0 0 * * 5', ['2026-04-03', '2026-04-10', '2026-04-17']],
  ['an open day with a step is given', '0 0 */15 * 1', ['2026-04-06', '2026-04-13', '2026-04-16', '2026-04-20']],
  ['a question mark is open', '0 0 ? * mon', ['2026-04-06', '2026-04-13', '2026-04-20']],
  ['a day that few years have', '0 0 29 2 *', ['2028-02-29', '2032-02-29']],
  ['a word', '@monthly', ['2026-05-01', '2026-06-01']],
])('%s: %s', (_what, text, days) => {
  expect(times(text, 'UTC', '2026-04-02T12:00:00Z', days.length)).toEqual(days.map((day) => `${day}T00:00:00Z`));
});

test('a day that no year has', () => {
  expect(times('0 0 31 2 *', 'Europe/Berlin', '2026-01-01T00:00:00Z', 1)).toEqual(['never']);
});

test('at a fixed distance, in whole seconds', () => {
  expect(times('@every 1h30m0.9s', 'UTC', '2026-04-02T12:00:00.750Z', 2)).toEqual([
    '2026-04-02T13:30:00Z',
    '2026-04-02T15:00:00Z',
  ]);
});

test('another reader of crontabs agrees, where clocks are not changed', () => {
  fc.assert(
    fc.property(aScheduleText, fc.integer({ min: Date.UTC(2024, 0, 1), max: Date.UTC(2032, 0, 1) }), (text, after) => {
      const other = new Cron(text, {
        timezone: 'UTC',
        mode: '5-part',
        sloppyRanges: true,
        paused: true,
        domAndDow: (read(text) as { isAnyDay?: boolean }).isAnyDay === true,
      });
      const expected = other.nextRun(new Date(after))?.getTime();
      const own = nextTime(read(text), zoneOf('UTC'), after);
      // They give up after different times.
      const isFar = own === undefined && (expected ?? Number.POSITIVE_INFINITY) > after + 5 * 365 * 86_400_000;
      expect(isFar || own === expected).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test('a time is later, on a whole minute, in the fields, and nothing between is', () => {
  const zone = zoneOf('Europe/Berlin');
  fc.assert(
    fc.property(aScheduleText, fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2027, 0, 1) }), (text, after) => {
      const schedule = read(text);
      const next = nextTime(schedule, zone, after);
      if (schedule.type !== 'fields' || next === undefined) return;
      const fits = (at: number): boolean => {
        const { minute, hour, day, month, weekday } = clockAt(zone, at);
        const has = (bits: bigint, value: number): boolean => ((bits >> BigInt(value)) & 1n) === 1n;
        const [isDay, isWeekday] = [has(schedule.days, day), has(schedule.weekdays, weekday)];
        const isToday = schedule.isAnyDay ? isDay && isWeekday : isDay || isWeekday;
        return has(schedule.minutes, minute) && has(schedule.hours, hour) && has(schedule.months, month) && isToday;
      };
      expect(next).toBeGreaterThan(after);
      expect(next % 60_000).toBe(0);
      expect(fits(next)).toBe(true);
      const first = Math.ceil((after + 1) / 60_000) * 60_000;
      for (let at = first; at < Math.min(next, first + 3 * 86_400_000); at += 60_000) expect(fits(at)).toBe(false);
    }),
    { numRuns: 60 },
  );
});
