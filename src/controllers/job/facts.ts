// What the Job controller asks of a Job and its pods. Facts only; decisions are in the planners.
import { findCondition } from '../../model/conditions.ts';
import { JOB_INDEX_ANNOTATION, JOB_TRACKING_FINALIZER } from '../../model/job.ts';
import type { Job, Pod, StoredOf } from '../../model/resource.ts';
import { fromRfc3339 } from '../../model/time.ts';
import { isTerminating } from '../pods.ts';

export type StoredPod = StoredOf<'Pod'>;
export type StoredJob = StoredOf<'Job'>;

/** Annotation of a pod of a Job with a limit per index: failures of its index before it. */
export const INDEX_FAILURES_ANNOTATION = 'batch.kubernetes.io/job-index-failure-count';
/** The same for failures that the policy ignores. */
export const INDEX_IGNORED_ANNOTATION = 'batch.kubernetes.io/job-index-ignored-failure-count';

/** Whether there is one pod for every index. */
export function isIndexed(job: Pick<Job, 'spec'>): boolean {
  return job.spec.completionMode === 'Indexed';
}

/** Whether every index has a limit of its own. */
export function isLimitedPerIndex(job: Pick<Job, 'spec'>): boolean {
  return job.spec.backoffLimitPerIndex !== undefined;
}

/** Whether a pod is replaced only when it has ended, not while it is ending (Kubernetes, "Pod replacement policy"). */
export function replacesOnlyFailed({ spec }: Pick<Job, 'spec'>): boolean {
  return spec.podReplacementPolicy === 'Failed' || spec.podFailurePolicy !== undefined;
}

/** Whether a pod's end has not been counted yet. */
export function isTracked(pod: Pick<Pod, 'metadata'>): boolean {
  return pod.metadata.finalizers?.includes(JOB_TRACKING_FINALIZER) === true;
}

/** Whether a pod counts as failed. One that is ending does too, because it may never get so far, unless only the end itself counts. */
export function isPodFailed(pod: Pod, job: Pick<Job, 'spec'>): boolean {
  if (pod.status?.phase === 'Failed') return true;
  return !replacesOnlyFailed(job) && isTerminating(pod) && pod.status?.phase !== 'Succeeded';
}

/** The index of an indexed Job's pod; undefined for a pod that has none, or one that the Job does not want. */
export function indexOf(pod: Pick<Pod, 'metadata'>, job: Pick<Job, 'spec'>): number | undefined {
  const text = pod.metadata.annotations?.[JOB_INDEX_ANNOTATION] ?? '';
  const index = /^\d{1,9}$/.test(text) ? Number(text) : undefined;
  return index !== undefined && index < (job.spec.completions ?? 0) ? index : undefined;
}

/** Failures of the index before this pod, those that count and those that are ignored. */
export function indexFailures(pod: Pick<Pod, 'metadata'>): { readonly counted: number; readonly ignored: number } {
  const { annotations = {} } = pod.metadata;
  const number = (text: string | undefined): number => (/^\d{1,9}$/.test(text ?? '') ? Number(text) : 0);
  return { counted: number(annotations[INDEX_FAILURES_ANNOTATION]), ignored: number(annotations[INDEX_IGNORED_ANNOTATION]) };
}

/**
 * When a pod ended, epoch milliseconds: when its last container did, else when it was no longer ready, else when it was asked to go,
 * else when it was made.
 */
export function endedAtMs(pod: StoredPod): number {
  const ends = (pod.status?.containerStatuses ?? []).map(({ state }) => fromRfc3339(state?.terminated?.finishedAt ?? ''));
  if (ends.length > 0 && !ends.some(Number.isNaN)) return Math.max(...ends);
  const ready = findCondition(pod.status?.conditions, 'Ready');
  if (ready?.status === 'False' && ready.lastTransitionTime !== undefined) return fromRfc3339(ready.lastTransitionTime);
  const { deletionTimestamp, deletionGracePeriodSeconds = 0, creationTimestamp } = pod.metadata;
  if (deletionTimestamp !== undefined) return fromRfc3339(deletionTimestamp) - deletionGracePeriodSeconds * 1000;
  return fromRfc3339(creationTimestamp);
}
