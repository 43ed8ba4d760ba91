// Which ended Jobs of a CronJob are kept (Kubernetes, "Jobs history limits").
import { jobEnd } from '../../model/job.ts';
import type { StoredOf } from '../../model/resource.ts';

const KEPT_SUCCESSES = 3;
const KEPT_FAILURES = 1;

/** The oldest ended Jobs above the limits. */
export function expiredJobs({ spec }: StoredOf<'CronJob'>, owned: readonly StoredOf<'Job'>[]): readonly StoredOf<'Job'>[] {
  return [
    ...oldest(owned, 'Complete', spec.successfulJobsHistoryLimit ?? KEPT_SUCCESSES),
    ...oldest(owned, 'Failed', spec.failedJobsHistoryLimit ?? KEPT_FAILURES),
  ];
}

function oldest(owned: readonly StoredOf<'Job'>[], end: 'Complete' | 'Failed', kept: number): readonly StoredOf<'Job'>[] {
  const ended = owned
    .filter((job) => jobEnd(job)?.type === end && job.metadata.deletionTimestamp === undefined)
    .toSorted((a, b) => startOf(a).localeCompare(startOf(b)) || a.metadata.name.localeCompare(b.metadata.name));
  return ended.slice(0, Math.max(0, ended.length - kept));
}

function startOf(job: StoredOf<'Job'>): string {
  return job.status?.startTime ?? job.metadata.creationTimestamp;
}
