// Decides when one CronJob starts a Job, which of its Jobs it takes away, and what it reports. What the Jobs do is theirs.
import type { Action } from '../../model/action.ts';
import { jobEnd, SCHEDULED_TIMESTAMP_ANNOTATION } from '../../model/job.ts';
import {
  type CronJobStatus,
  controllerReference,
  type Job,
  keyOf,
  type ObjectReference,
  RECOVERED_ANNOTATION,
  type StoredOf,
} from '../../model/resource.ts';
import { type Timetable, timetableOf } from '../../model/schedule/cron-job.ts';
import { nextTime } from '../../model/schedule/next.ts';
import { fromRfc3339, toRfc3339 } from '../../model/time.ts';
import type { Plan } from '../../runtime/controller.ts';
import { dueTime, missedTime } from './due.ts';
import { expiredJobs } from './history.ts';
import { jobAt, jobNameAt } from './new-job.ts';

export type StoredCronJob = StoredOf<'CronJob'>;
type StoredJob = StoredOf<'Job'>;

/** A CronJob's surroundings. */
export interface CronJobObserved {
  /** Jobs whose managing controller it is, ending and ended ones included. */
  readonly owned: readonly StoredJob[];
  /** Jobs that were rebuilt from Docker, that nobody owns, and that can be of this CronJob by their names and times. */
  readonly recovered: readonly StoredJob[];
  /** Names of all Jobs in its namespace. */
  readonly takenNames: ReadonlySet<string>;
  /** Messages of the events about it that are kept, for what is to be told once. */
  readonly told: ReadonlySet<string>;
}

/** The next step of a CronJob (Kubernetes, "CronJob"). `checkAgainAfterMs` is the time until its schedule comes round. */
export function planCronJob(cronJob: StoredCronJob, observed: CronJobObserved, now: number): Plan<'CronJob'> {
  if (observed.recovered.length > 0) return planAdoption(cronJob, observed);
  const seen = lookAtJobs(cronJob, observed.owned);
  if (cronJob.metadata.deletionTimestamp !== undefined) return { actions: seen.actions, status: seen.status };
  const expired = expiredJobs(cronJob, observed.owned);
  const cleaned = [...seen.actions, ...expired.map(deletion)];
  if (cronJob.spec.suspend === true) return { actions: cleaned, status: seen.status };
  const timetable = timetableOf(cronJob);
  if (!timetable.ok) {
    const isTold = observed.told.has(timetable.message);
    return { actions: isTold ? cleaned : [...cleaned, warning(timetable.reason, timetable.message)], status: seen.status };
  }
  const start = planStart(cronJob, observed, timetable, now);
  const next = nextTime(timetable.schedule, timetable.zone, now);
  return {
    actions: [...cleaned, ...start.actions],
    status: { ...seen.status, ...(start.atMs === undefined ? {} : { lastScheduleTime: toRfc3339(start.atMs) }) },
    // A Job that could not be made meets no time.
    ...(start.atMs === undefined ? {} : { whenRefused: () => seen.status }),
    ...(next === undefined ? {} : { checkAgainAfterMs: next - now }),
  };
}

const warning = (reason: string, message: string): Action => ({ type: 'report', severity: 'Warning', reason, message });
const notice = (reason: string, message: string): Action => ({ type: 'report', severity: 'Normal', reason, message });

function deletion(job: StoredJob): Action {
  const { name, uid } = job.metadata;
  return { type: 'delete', key: keyOf(job), uid, reason: 'SuccessfulDelete', message: `Deleted job ${name}` };
}

/** Its Jobs from before the store was lost. The times that they were started for are met: none gets a second Job. */
function planAdoption(cronJob: StoredCronJob, { recovered }: CronJobObserved): Plan<'CronJob'> {
  const actions = recovered.map((job): Action => {
    const kept = Object.entries(job.metadata.annotations ?? {}).filter(([name]) => name !== RECOVERED_ANNOTATION);
    const metadata = {
      ...job.metadata,
      annotations: Object.fromEntries(kept),
      ownerReferences: [controllerReference(cronJob)],
    };
    const message = `cronjob/${cronJob.metadata.name} has its job/${job.metadata.name} back`;
    return { type: 'update', resource: { ...job, metadata }, reason: 'Adopted', message };
  });
  const starts = [cronJob.status?.lastScheduleTime, ...recovered.map(scheduledTime)].flatMap((time) =>
    time === undefined ? [] : [fromRfc3339(time)],
  );
  return {
    actions,
    status: { ...cronJob.status, lastScheduleTime: toRfc3339(Math.max(...starts)) },
    checkAgainAfterMs: 0,
  };
}

/** The time that a Job was started for, RFC 3339. */
export function scheduledTime(job: Pick<Job, 'metadata'>): string | undefined {
  return job.metadata.annotations?.[SCHEDULED_TIMESTAMP_ANNOTATION];
}

/** What became of its Jobs, and the status that says so. */
function lookAtJobs(cronJob: StoredCronJob, owned: readonly StoredJob[]): { actions: Action[]; status: CronJobStatus } {
  const before = cronJob.status?.active ?? [];
  const running = runningJobs(owned);
  const actions = before.flatMap((reference): Action[] => {
    const job = owned.find(({ metadata }) => metadata.uid === reference.uid);
    if (job === undefined) return [notice('MissingJob', `Active job went missing: ${reference.name}`)];
    const end = jobEnd(job);
    return end === undefined ? [] : [notice('SawCompletedJob', `Saw completed job: ${reference.name}, condition: ${end.type}`)];
  });
  const successes = owned.flatMap((job) => (jobEnd(job)?.type === 'Complete' ? (job.status?.completionTime ?? []) : []));
  const lastSuccessfulTime = [cronJob.status?.lastSuccessfulTime, ...successes]
    .filter((time) => time !== undefined)
    .toSorted()
    .at(-1);
  const { lastScheduleTime } = cronJob.status ?? {};
  const status: CronJobStatus = {
    ...(running.length === 0 ? {} : { active: running.map(referenceTo) }),
    ...(lastScheduleTime === undefined ? {} : { lastScheduleTime }),
    ...(lastSuccessfulTime === undefined ? {} : { lastSuccessfulTime }),
  };
  return { actions, status };
}

/** Jobs that have not ended. One that is being deleted counts until it is gone, because its pods still run. */
function runningJobs(owned: readonly StoredJob[]): readonly StoredJob[] {
  return owned.filter((job) => jobEnd(job) === undefined);
}

function referenceTo({ apiVersion, kind, metadata: { name, namespace, uid } }: StoredJob): ObjectReference {
  return { apiVersion, kind, ...(namespace === undefined ? {} : { namespace }), name, uid };
}

/** Starts the Job that is due; `atMs` is the time that is met by that. */
function planStart(
  cronJob: StoredCronJob,
  observed: CronJobObserved,
  { schedule, zone }: Timetable & { ok: true },
  now: number,
): { actions: readonly Action[]; atMs?: number } {
  const { owned, takenNames } = observed;
  const due = { cronJob, schedule, zone, now };
  const { atMs, isAfterMany } = dueTime(due);
  if (atMs === undefined) return { actions: missReports(missedTime(due), observed) };
  const name = jobNameAt(cronJob, atMs);
  if (owned.some((job) => job.metadata.name === name)) return { actions: [], atMs };
  if (takenNames.has(name)) {
    const message = `Error creating job: job "${name}" already exists and is not of this CronJob`;
    return { actions: observed.told.has(message) ? [] : [warning('FailedCreate', message)] };
  }
  const running = runningJobs(owned);
  const { concurrencyPolicy } = cronJob.spec;
  if (concurrencyPolicy === 'Forbid' && running.length > 0) {
    const message = 'Not starting job because prior execution is running and concurrency policy is Forbid';
    return { actions: [notice('JobAlreadyActive', message)] };
  }
  const many = 'too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew';
  const replaced = concurrencyPolicy === 'Replace' ? running.filter((job) => job.metadata.deletionTimestamp === undefined) : [];
  const resource = jobAt(cronJob, atMs, zone);
  return {
    actions: [
      ...(isAfterMany ? [warning('TooManyMissedTimes', many)] : []),
      ...replaced.map(deletion),
      { type: 'create', resource, reason: 'SuccessfulCreate', message: `Created job ${name}` },
    ],
    atMs,
  };
}

/** A time that was missed for good is told once. */
function missReports(missedMs: number | undefined, { told }: CronJobObserved): readonly Action[] {
  if (missedMs === undefined) return [];
  const message = `Missed scheduled time to start a job: ${toRfc3339(missedMs)}`;
  return told.has(message) ? [] : [warning('MissSchedule', message)];
}
