// Which time of its schedule a CronJob has not met (Kubernetes, "CronJob limitations"): of those that were missed, the latest only.
import type { StoredOf } from '../../model/resource.ts';
import { nextTime } from '../../model/schedule/next.ts';
import type { Schedule } from '../../model/schedule/schedule.ts';
import type { Zone } from '../../model/schedule/zone.ts';
import { fromRfc3339 } from '../../model/time.ts';

/** From so many missed times on, something is wrong with the schedule or the clock, and a warning says so. */
const MANY_MISSED = 100;

export interface DueInput {
  readonly cronJob: StoredOf<'CronJob'>;
  readonly schedule: Schedule;
  readonly zone: Zone;
  readonly now: number;
}

/** What is due. */
export interface Due {
  /** The latest time up to now that no Job was started for, epoch milliseconds; undefined when there is none. */
  readonly atMs: number | undefined;
  /** Whether too many times were missed before it. */
  readonly isAfterMany: boolean;
}

const nothing: Due = { atMs: undefined, isAfterMany: false };

/**
 * The latest time after the last start (before the first one: after its creation) that has come. What lies further back than the starting
 * deadline does not count.
 */
export function dueTime({ cronJob, schedule, zone, now }: DueInput): Due {
  const { startingDeadlineSeconds } = cronJob.spec;
  const deadlineMs = startingDeadlineSeconds === undefined ? Number.NEGATIVE_INFINITY : now - startingDeadlineSeconds * 1000;
  return latestSince(schedule, zone, Math.max(sinceMs(cronJob), deadlineMs), now);
}

/** The latest time that has come and is past the starting deadline; undefined when there is none, or another is due. */
export function missedTime(input: DueInput): number | undefined {
  const { cronJob, schedule, zone, now } = input;
  const isLimited = cronJob.spec.startingDeadlineSeconds !== undefined;
  return isLimited && dueTime(input).atMs === undefined ? latestSince(schedule, zone, sinceMs(cronJob), now).atMs : undefined;
}

/** From when on a CronJob answers for its schedule. */
function sinceMs({ metadata, status }: StoredOf<'CronJob'>): number {
  return fromRfc3339(status?.lastScheduleTime ?? metadata.creationTimestamp);
}

function latestSince(schedule: Schedule, zone: Zone, afterMs: number, now: number): Due {
  const first = nextTime(schedule, zone, afterMs);
  if (first === undefined || now < first) return nothing;
  const second = nextTime(schedule, zone, first);
  if (second === undefined || now < second) return { atMs: first, isAfterMany: false };
  // Not one by one: after a year there are half a million minutes. The search begins shortly before the time where it must end if all
  // were as far apart as the first two, and goes back further when they are not.
  const distanceMs = second - first;
  const missed = Math.floor((now - first) / distanceMs) + 1;
  let latest = first;
  for (let back = first + (missed - 2) * distanceMs; latest === first && back > first; back -= (now - back) * 2)
    latest = lastUpTo(schedule, zone, back, now) ?? first;
  if (latest === first) latest = lastUpTo(schedule, zone, first, now) ?? first;
  return { atMs: latest, isAfterMany: missed > MANY_MISSED };
}

/** The last time after `afterMs` that is not after `now`. */
function lastUpTo(schedule: Schedule, zone: Zone, afterMs: number, now: number): number | undefined {
  let last: number | undefined;
  for (let next = nextTime(schedule, zone, afterMs); next !== undefined && next <= now; next = nextTime(schedule, zone, next))
    last = next;
  return last;
}
