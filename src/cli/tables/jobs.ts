// The columns of Jobs and CronJobs, as kubectl prints them, and when a CronJob starts a Job next.
import { findCondition } from '../../model/conditions.ts';
import { isSuspended, jobEnd } from '../../model/job.ts';
import type { StoredOf } from '../../model/resource.ts';
import { nextRunMs } from '../../model/schedule/cron-job.ts';
import { fromRfc3339 } from '../../model/time.ts';
import { age, span } from '../times.ts';
import { ageColumn, containerColumns, name, none, orNone, type Tables } from './columns.ts';

export const jobTables: Tables = {
  CronJob: [
    name,
    { heading: 'SCHEDULE', cell: ({ spec }) => orNone(spec.schedule) },
    { heading: 'TIMEZONE', cell: ({ spec }) => orNone(spec.timeZone) },
    { heading: 'SUSPEND', cell: ({ spec }) => (spec.suspend === true ? 'True' : 'False') },
    { heading: 'ACTIVE', cell: ({ status }) => String(status?.active?.length ?? 0) },
    {
      heading: 'LAST SCHEDULE',
      cell: ({ status }, nowMs) => (status?.lastScheduleTime === undefined ? none : age(status.lastScheduleTime, nowMs)),
    },
    { heading: 'NEXT SCHEDULE', cell: nextSchedule },
    ageColumn,
    ...containerColumns<StoredOf<'CronJob'>>(({ spec }) => spec.jobTemplate.spec.template.spec),
  ],
  Job: [
    name,
    { heading: 'STATUS', cell: jobWord },
    { heading: 'COMPLETIONS', cell: completions },
    { heading: 'DURATION', cell: duration },
    ageColumn,
    ...containerColumns<StoredOf<'Job'>>(({ spec }) => spec.template.spec),
  ],
};

/** How long until the next start. */
function nextSchedule(cronJob: StoredOf<'CronJob'>, nowMs: number): string {
  const next = nextRunMs(cronJob, nowMs);
  return next === undefined ? none : span(next - nowMs);
}

function jobWord(job: StoredOf<'Job'>): string {
  const end = jobEnd(job);
  if (end !== undefined) return end.type;
  if (job.metadata.deletionTimestamp !== undefined) return 'Terminating';
  if (isSuspended(job)) return 'Suspended';
  return findCondition(job.status?.conditions, 'FailureTarget')?.status === 'True' ? 'FailureTarget' : 'Running';
}

/** `1/3`, or for a queue `0/1 of 4`. */
function completions({ spec, status }: StoredOf<'Job'>): string {
  const succeeded = status?.succeeded ?? 0;
  if (spec.completions !== undefined) return `${succeeded}/${spec.completions}`;
  const parallelism = spec.parallelism ?? 1;
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

/** From its start to its end, or to now. */
function duration({ status, ...job }: StoredOf<'Job'>, nowMs: number): string {
  if (status?.startTime === undefined) return '';
  const failedAt = jobEnd({ ...job, status })?.lastTransitionTime;
  const end = status.completionTime ?? failedAt;
  return span((end === undefined ? nowMs : fromRfc3339(end)) - fromRfc3339(status.startTime));
}
