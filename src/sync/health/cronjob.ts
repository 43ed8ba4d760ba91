// The health of CronJobs: they are there; what their Jobs do later speaks for itself. Pure.
import { SCHEDULED_TIMESTAMP_ANNOTATION } from '../../model/job.ts';
import { controllerOf, type StoredOf } from '../../model/resource.ts';
import type { StoreReader } from '../../store/store.ts';
import { isRecovered } from '../applied.ts';
import { type Health, healthy, progressing } from './verdict.ts';

/** Healthy by being there, once it has those of its Jobs back that were rebuilt from Docker: unclaimed, they would be taken away. */
export function cronJobHealth({ metadata }: StoredOf<'CronJob'>, reader: StoreReader): Health {
  const unclaimed = reader
    .list('Job', metadata.namespace ?? 'default')
    .find((job) => isRecovered(job) && controllerOf(job) === undefined && isCalledAfter(job, metadata.name));
  return unclaimed === undefined ? healthy : progressing(`it has not taken back job ${unclaimed.metadata.name} yet`);
}

function isCalledAfter({ metadata }: StoredOf<'Job'>, name: string): boolean {
  return metadata.annotations?.[SCHEDULED_TIMESTAMP_ANNOTATION] !== undefined && metadata.name.replace(/-\d+$/, '') === name;
}
