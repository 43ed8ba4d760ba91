// Whether a Job has succeeded or failed, or goes on (Kubernetes, "Job termination and cleanup").
import { findCondition } from '../../model/conditions.ts';
import { isSuspended } from '../../model/job.ts';
import { fromRfc3339 } from '../../model/time.ts';
import { isPodFailed, type StoredJob } from './facts.ts';
import { countIndexes } from './indexes.ts';
import { earlySuccess, judgeFailure } from './policies.ts';
import type { JobView } from './view.ts';

/** That a Job ends, and why. Its pods are taken away first; then it is Complete or Failed. */
export interface Ending {
  readonly type: 'SuccessCriteriaMet' | 'FailureTarget';
  readonly reason: string;
  readonly message: string;
}

const failure = (reason: string, message: string): Ending => ({ type: 'FailureTarget', reason, message });

/** Why the Job ends whatever its pods still do; what was decided once stays so. Undefined while it goes on. */
export function endingOf(view: JobView, now: number): Ending | undefined {
  return decidedBefore(view.job) ?? failureOf(view, now) ?? successOf(view);
}

function decidedBefore({ status }: StoredJob): Ending | undefined {
  for (const type of ['SuccessCriteriaMet', 'FailureTarget'] as const) {
    const condition = findCondition(status?.conditions, type);
    if (condition?.status === 'True') return { type, reason: condition.reason ?? '', message: condition.message ?? '' };
  }
  return undefined;
}

function failureOf(view: JobView, now: number): Ending | undefined {
  const { job, pods, failed } = view;
  for (const pod of pods) {
    const message = isPodFailed(pod, job) ? judgeFailure(job, pod).message : undefined;
    if (message !== undefined) return failure('PodFailurePolicy', message);
  }
  const isOverLimit = failed > (job.spec.backoffLimit ?? Number.POSITIVE_INFINITY) || hasTooManyRestarts(view);
  if (isOverLimit) return failure('BackoffLimitExceeded', 'Job has reached the specified backoff limit');
  if (deadlineInMs(job, now) === 0) return failure('DeadlineExceeded', 'Job was active longer than specified deadline');
  return failureOfIndexes(view);
}

function failureOfIndexes({ job, failedIndexes, succeeded }: JobView): Ending | undefined {
  const failed = countIndexes(failedIndexes ?? []);
  if (failed > (job.spec.maxFailedIndexes ?? Number.POSITIVE_INFINITY))
    return failure('MaxFailedIndexesExceeded', 'Job has exceeded the specified maximal number of failed indexes');
  return failed > 0 && failed + succeeded >= (job.spec.completions ?? 0)
    ? failure('FailedIndexes', 'Job has failed indexes')
    : undefined;
}

function successOf({ job, succeededIndexes }: JobView): Ending | undefined {
  const message = earlySuccess(job, succeededIndexes);
  return message === undefined ? undefined : { type: 'SuccessCriteriaMet', reason: 'SuccessPolicy', message };
}

/** Whether everything that was wanted has succeeded, with so many pods left. */
export function completionOf({ job, succeeded }: JobView, active: number): Ending | undefined {
  if (active > 0 || succeeded < (job.spec.completions ?? 1)) return undefined;
  return { type: 'SuccessCriteriaMet', reason: 'CompletionsReached', message: 'Reached expected number of succeeded pods' };
}

/** With restartPolicy OnFailure the restarts of the containers count, not pods. */
function hasTooManyRestarts({ job, pods }: JobView): boolean {
  if (job.spec.template.spec.restartPolicy !== 'OnFailure') return false;
  const limit = job.spec.backoffLimit ?? Number.POSITIVE_INFINITY;
  const restarts = pods
    .filter(({ status }) => status?.phase === 'Running' || status?.phase === 'Pending')
    .flatMap(({ status }) => [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])])
    .reduce((sum, { restartCount }) => sum + restartCount, 0);
  return limit === 0 ? restarts > 0 : restarts >= limit;
}

/** Milliseconds until the Job has been active for too long; undefined when nothing limits that. */
export function deadlineInMs(job: StoredJob, now: number): number | undefined {
  const { activeDeadlineSeconds } = job.spec;
  const { startTime } = job.status ?? {};
  if (activeDeadlineSeconds === undefined || startTime === undefined || isSuspended(job)) return undefined;
  return Math.max(0, fromRfc3339(startTime) + activeDeadlineSeconds * 1000 - now);
}
