// The defaults of Jobs and CronJobs (Kubernetes, pkg/apis/batch/v1/defaults.go).
import type { CronJob, Job, JobSpec } from '../../model/resource.ts';
import { defaultTemplate } from './pod.ts';
import { labelLikeTemplate } from './workload.ts';

const BACKOFF_LIMIT = 6;
/** With a limit for each index, the sum is not limited. */
const NO_BACKOFF_LIMIT = 2147483647;

/** A Job. */
export function defaultJob({ metadata, spec }: Job): void {
  // When neither is given, it is one pod that must succeed; parallelism alone means a queue that any success ends.
  if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1;
  spec.parallelism ??= 1;
  spec.backoffLimit ??= spec.backoffLimitPerIndex === undefined ? BACKOFF_LIMIT : NO_BACKOFF_LIMIT;
  spec.completionMode ??= 'NonIndexed';
  spec.suspend ??= false;
  spec.podReplacementPolicy ??= spec.podFailurePolicy === undefined ? 'TerminatingOrFailed' : 'Failed';
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
