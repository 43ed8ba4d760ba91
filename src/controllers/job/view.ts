// A Job as its pods make it look at one moment: what is counted already, together with what ended since. Reads, and decides nothing.
import { findCondition } from '../../model/conditions.ts';
import { activePods, isFinished, isTerminating } from '../pods.ts';
import {
  endedAtMs,
  indexFailures,
  indexOf,
  isIndexed,
  isLimitedPerIndex,
  isPodFailed,
  isTracked,
  type StoredJob,
  type StoredPod,
} from './facts.ts';
import { countIndexes, hasIndex, type Indexes, parseIndexes, withIndexes } from './indexes.ts';
import { judgeFailure } from './policies.ts';

/** What there is of a Job. */
export interface JobView {
  readonly job: StoredJob;
  readonly pods: readonly StoredPod[];
  /** Neither ended nor ending. */
  readonly active: readonly StoredPod[];
  /** Ending, and not ended yet. */
  readonly terminating: readonly StoredPod[];
  /** Pods or indexes that succeeded. */
  readonly succeeded: number;
  /** Pods that failed, without those that a policy ignores. */
  readonly failed: number;
  readonly succeededIndexes: Indexes;
  /** With a limit per index: those that have reached it. */
  readonly failedIndexes: Indexes | undefined;
  /**
   * With a limit per index: the last failed pod of each index that is to have another one. It stays uncounted until that is there,
   * because the number of failures is handed on from pod to pod.
   */
  readonly awaiting: ReadonlyMap<number, StoredPod>;
}

/** Looks at a Job and all pods that it owns. */
export function viewOf(job: StoredJob, pods: readonly StoredPod[]): JobView {
  const active = activePods(pods);
  const isWanted = (pod: StoredPod): boolean => isTracked(pod) && (!isIndexed(job) || indexOf(pod, job) !== undefined);
  const newSucceeded = pods.filter((pod) => isWanted(pod) && pod.status?.phase === 'Succeeded');
  const newFailed = pods.filter((pod) => isWanted(pod) && isPodFailed(pod, job));
  const failed = (job.status?.failed ?? 0) + newFailed.filter((pod) => judgeFailure(job, pod).isCounted).length;
  const base = {
    job,
    pods,
    active,
    terminating: pods.filter((pod) => isTerminating(pod) && !isFinished(pod)),
    failed,
  };
  if (!isIndexed(job)) {
    const succeeded = (job.status?.succeeded ?? 0) + newSucceeded.length;
    return { ...base, succeeded, succeededIndexes: [], failedIndexes: undefined, awaiting: new Map() };
  }
  const completions = job.spec.completions ?? 0;
  const indexes = (of: readonly StoredPod[]): number[] => of.flatMap((pod) => indexOf(pod, job) ?? []);
  const succeededIndexes = withIndexes(parseIndexes(job.status?.completedIndexes, completions), indexes(newSucceeded));
  const failedIndexes = isLimitedPerIndex(job)
    ? withIndexes(
        parseIndexes(job.status?.failedIndexes, completions),
        indexes(newFailed.filter((pod) => hasIndexFailed(pod, job))),
      )
    : undefined;
  const settled = withIndexes([...succeededIndexes, ...(failedIndexes ?? [])], indexes(active));
  const awaiting = failedIndexes === undefined ? new Map<number, StoredPod>() : lastFailures(newFailed, job, settled);
  return { ...base, succeeded: countIndexes(succeededIndexes), succeededIndexes, failedIndexes, awaiting };
}

/** Whether the failure of this pod is the last that its index may have. */
function hasIndexFailed(pod: StoredPod, job: StoredJob): boolean {
  const { action, isCounted } = judgeFailure(job, pod);
  if (action === 'FailIndex') return true;
  return isCounted && indexFailures(pod).counted >= (job.spec.backoffLimitPerIndex ?? 0);
}

/** The last failed pod of every index that is not settled. */
function lastFailures(failed: readonly StoredPod[], job: StoredJob, settled: Indexes): Map<number, StoredPod> {
  const sum = (pod: StoredPod): number => indexFailures(pod).counted + indexFailures(pod).ignored;
  const last = new Map<number, StoredPod>();
  for (const pod of failed) {
    const index = indexOf(pod, job);
    if (index === undefined || hasIndex(settled, index)) continue;
    const before = last.get(index);
    const isLater = before === undefined || (sum(pod) >= sum(before) && endedAtMs(pod) >= endedAtMs(before));
    if (isLater) last.set(index, pod);
  }
  return last;
}

/** Whether the Job was suspended when it was last looked at. */
export function wasSuspended(job: StoredJob): boolean {
  return findCondition(job.status?.conditions, 'Suspended')?.status === 'True';
}
