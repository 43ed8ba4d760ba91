// The Jobs of a CronJob.
import { SCHEDULED_TIMESTAMP_ANNOTATION, withJobDefaults } from '../../model/job.ts';
import { APPLICATION_ANNOTATION, controllerReference, type Job, type StoredOf } from '../../model/resource.ts';
import { toZonedRfc3339, type Zone } from '../../model/schedule/zone.ts';

const MINUTE_MS = 60_000;

/** The name of the Job for a time: the same whoever asks, so that no time gets two. */
export function jobNameAt(cronJob: StoredOf<'CronJob'>, atMs: number): string {
  return `${cronJob.metadata.name}-${Math.floor(atMs / MINUTE_MS)}`;
}

/** The Job for a time of the schedule. */
export function jobAt(cronJob: StoredOf<'CronJob'>, atMs: number, zone: Zone): Job {
  const { metadata = {}, spec } = cronJob.spec.jobTemplate;
  const application = cronJob.metadata.annotations?.[APPLICATION_ANNOTATION];
  const own = metadata.labels ?? {};
  const labels = Object.keys(own).length > 0 ? own : (spec.template.metadata?.labels ?? {});
  const finalizers = metadata.finalizers ?? [];
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: jobNameAt(cronJob, atMs),
      namespace: cronJob.metadata.namespace ?? 'default',
      ...(Object.keys(labels).length === 0 ? {} : { labels: { ...labels } }),
      annotations: {
        ...metadata.annotations,
        [SCHEDULED_TIMESTAMP_ANNOTATION]: toZonedRfc3339(zone, atMs),
        ...(application === undefined ? {} : { [APPLICATION_ANNOTATION]: application }),
      },
      ...(finalizers.length === 0 ? {} : { finalizers: [...finalizers] }),
      ownerReferences: [controllerReference(cronJob)],
    },
    spec: withJobDefaults(spec),
  };
}
