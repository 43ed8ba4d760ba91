// Facts about Jobs that several rooms must agree on: when one has ended, what of it cannot be changed, and who may replace it.
import { findCondition } from './conditions.ts';
import { hashOf } from './hash.ts';
import type { Condition, Job, JobSpec, LabelSelector, ObjectMeta, StoredOf } from './resource.ts';

/** Finalizer of a Job's pods until their end is counted (Kubernetes, "Job tracking with finalizers"). */
export const JOB_TRACKING_FINALIZER = 'batch.kubernetes.io/job-tracking';
/** Label of a Job's pods: the uid of the Job. */
export const JOB_UID_LABEL = 'batch.kubernetes.io/controller-uid';
/** Label of a Job's pods: its name. */
export const JOB_NAME_LABEL = 'batch.kubernetes.io/job-name';
/** Label and annotation of an indexed Job's pods: their index. */
export const JOB_INDEX_ANNOTATION = 'batch.kubernetes.io/job-completion-index';
/** Annotation of a CronJob's Jobs: the time that they were started for. */
export const SCHEDULED_TIMESTAMP_ANNOTATION = 'batch.kubernetes.io/cronjob-scheduled-timestamp';
/** Annotation of a Job's pods: the Job as it was, so that it can be rebuilt from them when the store is lost. */
export const JOB_MEMORY_ANNOTATION = 'holdfast.dev/job';
/** Annotation by which a manifest allows that a changed object is deleted and made anew. */
export const REPLACE_ANNOTATION = 'holdfast.dev/replace';

const DEFAULT_BACKOFF_LIMIT = 6;
/** With a limit for each index, the sum is not limited. */
const NO_BACKOFF_LIMIT = 2147483647;

/** The condition by which a Job has ended for good, Complete or Failed; undefined while it has not. */
export function jobEnd(job: Pick<Job, 'status'>): Condition | undefined {
  const { conditions } = job.status ?? {};
  return [findCondition(conditions, 'Complete'), findCondition(conditions, 'Failed')].find((end) => end?.status === 'True');
}

/** Whether a Job waits because its manifest says so. */
export function isSuspended(job: Pick<Job, 'spec'>): boolean {
  return job.spec.suspend === true;
}

/** The labels that a Job's pods are found by. Kubernetes makes them from the Job's uid unless the manifest takes that upon itself. */
export function jobSelector(job: StoredOf<'Job'>): LabelSelector {
  const { manualSelector, selector } = job.spec;
  return manualSelector === true && selector !== undefined ? selector : { matchLabels: { [JOB_UID_LABEL]: job.metadata.uid } };
}

/** A Job's spec with Kubernetes' defaults filled in (pkg/apis/batch/v1/defaults.go), but for those of its pods. */
export function withJobDefaults(spec: JobSpec): JobSpec {
  const isPerIndex = spec.backoffLimitPerIndex !== undefined;
  return {
    // When neither is given, it is one pod that must succeed; parallelism alone means a queue that any success ends.
    ...(spec.completions === undefined && spec.parallelism === undefined ? { completions: 1 } : {}),
    parallelism: 1,
    backoffLimit: isPerIndex ? NO_BACKOFF_LIMIT : DEFAULT_BACKOFF_LIMIT,
    completionMode: 'NonIndexed',
    suspend: false,
    podReplacementPolicy: spec.podFailurePolicy === undefined ? 'TerminatingOrFailed' : 'Failed',
    ...spec,
  };
}

/** The parts of a Job's spec that Kubernetes lets nobody change (pkg/apis/batch/validation, ValidateJobSpecUpdate). */
const FIXED_JOB_FIELDS = [
  'selector',
  'completions',
  'completionMode',
  'podFailurePolicy',
  'backoffLimitPerIndex',
  'successPolicy',
  'template',
] as const;

/** Those of the fixed parts that count: an indexed Job may grow and shrink when as many pods run as there are indexes. */
export function fixedJobFields(spec: JobSpec): Partial<JobSpec> {
  const whole = withJobDefaults(spec);
  const isElastic = whole.completionMode === 'Indexed' && whole.completions === whole.parallelism;
  const counted = FIXED_JOB_FIELDS.filter((field) => field !== 'completions' || !isElastic);
  return Object.fromEntries(counted.filter((field) => whole[field] !== undefined).map((field) => [field, whole[field]]));
}

/** A hash of what a Job is to do: equal as long as nothing was changed that cannot be changed in a Job that exists. */
export function jobIdentity(spec: JobSpec): string {
  return hashOf(fixedJobFields(spec));
}

/**
 * Whether a manifest allows that the object is deleted and made anew when it cannot be changed: `holdfast.dev/replace: "true"`, or as
 * Argo CD (`sync-options: Replace=true` or `Force=true`) and Flux (`force: enabled`) write it.
 */
export function allowsReplacement({ annotations = {} }: Pick<ObjectMeta, 'annotations'>): boolean {
  const options = (annotations['argocd.argoproj.io/sync-options'] ?? '').split(',').map((option) => option.trim());
  return (
    annotations[REPLACE_ANNOTATION] === 'true' ||
    annotations['kustomize.toolkit.fluxcd.io/force']?.toLowerCase() === 'enabled' ||
    options.includes('Replace=true') ||
    options.includes('Force=true')
  );
}
