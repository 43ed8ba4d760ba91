// The next time of a schedule, as robfig/cron v3 computes it in Kubernetes, with the consequences of its search for the days on which
// clocks are changed: what the clocks skip is left out, what they show twice is done twice, and where they are changed by half an hour or
// at midnight the search may pass over a whole day. A calendar library would be kinder and would start Jobs at other times.
import type { FieldSchedule, Schedule } from './schedule.ts';
import { type ClockReading, clockAt, instantOf, type Zone } from './zone.ts';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
/** A schedule without a time in so many years has none, such as the 31st of February. */
const SEARCHED_YEARS = 5;

/** The first time after `afterMs` (epoch milliseconds) in whole seconds; undefined when there is none. */
export function nextTime(schedule: Schedule, zone: Zone, afterMs: number): number | undefined {
  const secondMs = Math.floor(afterMs / SECOND_MS) * SECOND_MS;
  return schedule.type === 'every' ? secondMs + schedule.everyMs : new Search(schedule, zone, secondMs + SECOND_MS).run();
}

/** Goes from field to field, the greatest first; where a field overflows, all are looked at anew. */
class Search {
  readonly #schedule: FieldSchedule;
  readonly #zone: Zone;
  #at: number;
  /** Whether something was added: then all smaller fields are at their beginning already. */
  #hasMoved = false;

  constructor(schedule: FieldSchedule, zone: Zone, from: number) {
    this.#schedule = schedule;
    this.#zone = zone;
    this.#at = from;
  }

  run(): number | undefined {
    const lastYear = this.#clock().year + SEARCHED_YEARS;
    while (this.#clock().year <= lastYear)
      if (this.#toMonth() && this.#toDay() && this.#toHour() && this.#toMinute() && this.#toSecond()) return this.#at;
    return undefined;
  }

  #clock(): ClockReading {
    return clockAt(this.#zone, this.#at);
  }

  /** Sets everything that is smaller to its beginning, the first time something is added. */
  #begin(startOf: (clock: ClockReading) => number): void {
    if (!this.#hasMoved) this.#at = startOf(this.#clock());
    this.#hasMoved = true;
  }

  /** False when the year went over; so with the fields below. */
  #toMonth(): boolean {
    while (!has(this.#schedule.months, this.#clock().month)) {
      this.#begin(({ year, month }) => instantOf(this.#zone, year, month, 1));
      this.#addDate(1, 0);
      if (this.#clock().month === 1) return false;
    }
    return true;
  }

  #toDay(): boolean {
    while (!isDay(this.#schedule, this.#clock())) {
      this.#begin(({ year, month, day }) => instantOf(this.#zone, year, month, day));
      this.#addDate(0, 1);
      // There may be no midnight on this day.
      const { hour } = this.#clock();
      if (hour !== 0) this.#at += (hour > 12 ? 24 - hour : -hour) * HOUR_MS;
      if (this.#clock().day === 1) return false;
    }
    return true;
  }

  #toHour(): boolean {
    while (!has(this.#schedule.hours, this.#clock().hour)) {
      this.#begin(({ year, month, day, hour }) => instantOf(this.#zone, year, month, day, hour));
      this.#at += HOUR_MS;
      if (this.#clock().hour === 0) return false;
    }
    return true;
  }

  #toMinute(): boolean {
    while (!has(this.#schedule.minutes, this.#clock().minute)) {
      this.#begin(() => Math.floor(this.#at / MINUTE_MS) * MINUTE_MS);
      this.#at += MINUTE_MS;
      if (this.#clock().minute === 0) return false;
    }
    return true;
  }

  /** Times are at the beginning of a minute. */
  #toSecond(): boolean {
    if (this.#at % MINUTE_MS === 0) return true;
    this.#at = Math.ceil(this.#at / MINUTE_MS) * MINUTE_MS;
    this.#hasMoved = true;
    return false;
  }

  /** Months and days later by the calendar, at the same time of the day. */
  #addDate(addedMonths: number, addedDays: number): void {
    const { year, month, day, hour, minute } = this.#clock();
    this.#at = instantOf(this.#zone, year, month + addedMonths, day + addedDays, hour, minute);
  }
}

function has(bits: bigint, value: number): boolean {
  return (bits & (1n << BigInt(value))) !== 0n;
}

function isDay({ days, weekdays, isAnyDay }: FieldSchedule, { day, weekday }: ClockReading): boolean {
  const [isMonthDay, isWeekday] = [has(days, day), has(weekdays, weekday)];
  return isAnyDay ? isMonthDay && isWeekday : isMonthDay || isWeekday;
}
