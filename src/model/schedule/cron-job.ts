// What a CronJob's schedule means: the one reading for its controller and for everybody who is asked when it runs next.
import type { CronJob } from '../resource.ts';
import { nextTime } from './next.ts';
import { parseSchedule, type Schedule } from './schedule.ts';
import { type Zone, zoneOf } from './zone.ts';

/** The zone of a schedule that names none. Clusters run their controllers on UTC; a host's own zone would make hosts differ. */
const DEFAULT_ZONE = 'UTC';

/** A schedule with its time zone, or why it cannot be followed. */
export type Timetable =
  | { readonly ok: true; readonly schedule: Schedule; readonly zone: Zone }
  | { readonly ok: false; readonly reason: 'UnparseableSchedule' | 'UnknownTimeZone'; readonly message: string };

/** Reads a CronJob's schedule. */
export function timetableOf({ spec }: Pick<CronJob, 'spec'>): Timetable {
  const parsed = parseSchedule(spec.schedule);
  if (!parsed.ok)
    return { ok: false, reason: 'UnparseableSchedule', message: `unparseable schedule: "${spec.schedule}" : ${parsed.fault}` };
  try {
    return { ok: true, schedule: parsed.schedule, zone: zoneOf(spec.timeZone ?? DEFAULT_ZONE) };
  } catch {
    const message = `invalid timeZone: "${spec.timeZone}": unknown time zone ${spec.timeZone}`;
    return { ok: false, reason: 'UnknownTimeZone', message };
  }
}

/** When a CronJob starts a Job next by its schedule, epoch milliseconds; undefined when it never does, or is suspended. */
export function nextRunMs(cronJob: Pick<CronJob, 'spec'>, now: number): number | undefined {
  const timetable = timetableOf(cronJob);
  if (!timetable.ok || cronJob.spec.suspend === true) return undefined;
  return nextTime(timetable.schedule, timetable.zone, now);
}
