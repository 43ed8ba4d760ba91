// The defaults of Jobs and CronJobs (Kubernetes, pkg/apis/batch/v1/defaults.go).
import { withJobDefaults } from '../../model/job.ts';
import type { CronJob, Job, JobSpec } from '../../model/resource.ts';
import { defaultTemplate } from './pod.ts';
import { labelLikeTemplate } from './workload.ts';

/** A Job. */
export function defaultJob({ metadata, spec }: Job): void {
  Object.assign(spec, withJobDefaults(spec));
  defaultJobPods(spec);
  labelLikeTemplate(metadata, spec.template);
}

/** A CronJob. What its Jobs leave open is filled in when they are made. */
export function defaultCronJob({ spec }: CronJob): void {
  spec.concurrencyPolicy ??= 'Allow';
  spec.suspend ??= false;
  spec.successfulJobsHistoryLimit ??= 3;
  spec.failedJobsHistoryLimit ??= 1;
  const { metadata } = spec.jobTemplate;
  if (metadata !== undefined && Object.keys(metadata).length === 0) delete spec.jobTemplate.metadata;
  defaultJobPods(spec.jobTemplate.spec);
}

function defaultJobPods({ template, podFailurePolicy }: JobSpec): void {
  for (const rule of podFailurePolicy?.rules ?? []) for (const pattern of rule.onPodConditions ?? []) pattern.status ??= 'True';
  defaultTemplate(template);
}
