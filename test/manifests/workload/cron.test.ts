// The grammar of schedules.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkSchedule } from '../../../src/manifests/rules/cron.ts';

test.each([
  '* * * * *',
  '*/5 * * * *',
  '0,15,30,45 * * * *',
  '0 2 * * *',
  '  0   3\t* * 0  ',
  '0 0 1 JAN-MAR *',
  '0 0 * * MON-fri',
  '0 0 ? * ?',
  '5/15 * * * *',
  '0-30/10 8-18 1-15 1-12/3 0-6',
  '*/99 * * * *',
  '0 0 31 2 *',
  '1,,2 * * * *',
  '+5 * * * *',
  '@yearly',
  '@annually',
  '@monthly',
  '@weekly',
  '@daily',
  '@midnight',
  '@hourly',
  '@every 1h30m',
  '@every 1.5s',
  '@every 0',
  '@every -5m',
  '@every 10µs',
])('%s is a schedule', (schedule) => {
  expect(checkSchedule(schedule)).toBeUndefined();
});

test.each([
  ['0 0 * *', 'expected exactly 5 fields, found 4: [0 0 * *]'],
  ['0 0 0 * * *', 'expected exactly 5 fields, found 6: [0 0 0 * * *]'],
  ['   ', 'expected exactly 5 fields, found 0: []'],
  ['60 * * * *', 'end of range (60) above maximum (59): 60'],
  ['* 24 * * *', 'end of range (24) above maximum (23): 24'],
  ['* * 0 * *', 'beginning of range (0) below minimum (1): 0'],
  ['* * * 13 *', 'end of range (13) above maximum (12): 13'],
  ['* * * * 7', 'end of range (7) above maximum (6): 7'],
  ['* * * * SUN-7', 'end of range (7) above maximum (6): SUN-7'],
  ['30-10 * * * *', 'beginning of range (30) beyond end of range (10): 30-10'],
  ['*/0 * * * *', 'step of range should be a positive number: */0'],
  ['1-2-3 * * * *', 'too many hyphens: 1-2-3'],
  ['*/2/3 * * * *', 'too many slashes: */2/3'],
  ['a * * * *', 'failed to parse int from a: strconv.Atoi: parsing "a": invalid syntax'],
  ['*/x * * * *', 'failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax'],
  ['-5 * * * *', 'failed to parse int from : strconv.Atoi: parsing "": invalid syntax'],
  ['*/-5 * * * *', 'negative number (-5) not allowed: -5'],
  [
    '99999999999999999999 * * * *',
    'failed to parse int from 99999999999999999999: strconv.Atoi: parsing "99999999999999999999": value out of range',
  ],
  ['L * * * *', 'failed to parse int from L: strconv.Atoi: parsing "L": invalid syntax'],
  ['0 0 * JANUARY *', 'failed to parse int from JANUARY: strconv.Atoi: parsing "JANUARY": invalid syntax'],
  ['0 0 * * #2', 'failed to parse int from #2: strconv.Atoi: parsing "#2": invalid syntax'],
  ['@reboot', 'unrecognized descriptor: @reboot'],
  ['@Daily', 'unrecognized descriptor: @Daily'],
  ['@every', 'unrecognized descriptor: @every'],
  ['@every 5', 'failed to parse duration @every 5: time: missing unit in duration "5"'],
  ['@every 1d', 'failed to parse duration @every 1d: time: unknown unit "d" in duration "1d"'],
  ['@every soon', 'failed to parse duration @every soon: time: invalid duration "soon"'],
  ['@every ', 'failed to parse duration @every : time: invalid duration ""'],
  ['@every 1h.m', 'failed to parse duration @every 1h.m: time: invalid duration "1h.m"'],
  ['TZ=UTC 0 0 * * *', 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead'],
  ['CRON_TZ=UTC @daily', 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead'],
])('%s is none', (schedule, fault) => {
  expect(checkSchedule(schedule)).toBe(fault);
});

test('any five fields of numbers and ranges inside their limits are a schedule', () => {
  const field = (min: number, max: number) =>
    fc
      .tuple(fc.integer({ min, max }), fc.integer({ min, max }), fc.integer({ min: 1, max: 99 }), fc.nat(3))
      .map(([one, two, step, form]) => {
        const range = `${Math.min(one, two)}-${Math.max(one, two)}`;
        return [String(one), range, `${range}/${step}`, `*/${step}`][form] ?? '*';
      });
  const schedules = fc.tuple(field(0, 59), field(0, 23), field(1, 31), field(1, 12), field(0, 6));
  fc.assert(fc.property(schedules, (fields) => checkSchedule(fields.join(' ')) === undefined));
});

test('any text has an answer', () => {
  fc.assert(fc.property(fc.string({ maxLength: 200 }), (text) => ['string', 'undefined'].includes(typeof checkSchedule(text))));
});
