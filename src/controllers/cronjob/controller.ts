// CronJobs: start Jobs by a schedule. The loop's own timer wakes it; nothing here waits.

import { controllerOf, type ResourceKey, type StoredOf } from '../../model/resource.ts';
import { fromRfc3339 } from '../../model/time.ts';
import type { Controller } from '../../runtime/controller.ts';
import type { StoreReader } from '../../store/store.ts';
import { isRecovered, namespaceOf } from '../claims.ts';
import { jobNameAt } from './new-job.ts';
import { type CronJobObserved, planCronJob, type StoredCronJob, scheduledTime } from './plan.ts';

function observeCronJob(store: StoreReader, cronJob: StoredCronJob): CronJobObserved {
  const jobs = store.list('Job', namespaceOf(cronJob));
  const events = store.list('Event', namespaceOf(cronJob));
  return {
    owned: store.listOwned('Job', cronJob.metadata.uid),
    recovered: jobs.filter((job) => isRecovered(job) && controllerOf(job) === undefined && couldBeOf(cronJob, job)),
    takenNames: new Set(jobs.map(({ metadata }) => metadata.name)),
    told: new Set(events.filter((event) => event.involvedObject.uid === cronJob.metadata.uid).map(({ message }) => message)),
  };
}

/** Whether a Job is called as this CronJob calls the one for its time. */
function couldBeOf(cronJob: StoredCronJob, job: StoredOf<'Job'>): boolean {
  const time = scheduledTime(job);
  return time !== undefined && job.metadata.name === jobNameAt(cronJob, fromRfc3339(time));
}

function wokenByJob(job: StoredOf<'Job'>, store: StoreReader): readonly ResourceKey[] {
  const namespace = namespaceOf(job);
  const owner = controllerOf(job);
  if (owner !== undefined) return owner.kind === 'CronJob' ? [{ kind: 'CronJob', namespace, name: owner.name }] : [];
  if (!isRecovered(job)) return [];
  const candidates = store.list('CronJob', namespace).filter((cronJob) => couldBeOf(cronJob, job));
  return candidates.map(({ metadata: { name } }) => ({ kind: 'CronJob', namespace, name }));
}

/** The CronJob controller (Kubernetes, "CronJob"). */
export const cronJobController: Controller<'CronJob', CronJobObserved> = {
  name: 'cronjob-controller',
  kind: 'CronJob',
  wakes: (changed, store) => (changed.kind === 'Job' ? wokenByJob(changed, store) : []),
  observe: observeCronJob,
  plan: planCronJob,
};
