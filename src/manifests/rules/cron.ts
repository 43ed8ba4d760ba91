// Judges schedules with the reader that follows them, so that what is admitted can be followed.
import { parseSchedule } from '../../model/schedule/schedule.ts';
import type { Fault } from './syntax.ts';

/** A schedule: five fields, or a word. A time zone has a field of its own and does not belong in it. */
export function checkSchedule(schedule: string): Fault {
  const parsed = parseSchedule(schedule);
  return parsed.ok ? undefined : parsed.fault;
}
