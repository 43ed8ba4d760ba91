// Counts the pods that have ended. A pod is let go of in the very transaction that counts it.
import type { Action } from '../../model/action.ts';
import { indexOf, isIndexed, isPodFailed, isTracked, type StoredPod } from './facts.ts';
import { formatIndexes } from './indexes.ts';
import { judgeFailure } from './policies.ts';
import { untracked } from './tracking.ts';
import type { Ending } from './verdict.ts';
import type { JobView } from './view.ts';

/** Pods counted in one pass, so that no transaction grows without bound; the next pass goes on. */
export const MAX_COUNTED_PER_PASS = 500;

/** The counts with what has ended, and the actions that let the counted pods go. */
export interface Count {
  readonly actions: readonly Action[];
  /** Those of pods that the same plan deletes: to come after the deletions. */
  readonly late: readonly Action[];
  readonly succeeded: number;
  readonly failed: number;
  readonly completedIndexes: string | undefined;
  readonly failedIndexes: string | undefined;
  /** Whether there is more to count than one pass does. */
  readonly isCut: boolean;
}

/** Counts. When the Job ends, every pod is let go of; those that had not ended count as failed, unless the Job has succeeded. */
export function countEnded(view: JobView, ending: Ending | undefined): Count {
  const { job, pods, active, succeededIndexes, failedIndexes } = view;
  const all = pods.filter((pod) => isTracked(pod) && (ending !== undefined || canBeCounted(pod, view)));
  const counted = all.slice(0, MAX_COUNTED_PER_PASS);
  const succeeded = counted.filter((pod) => pod.status?.phase === 'Succeeded');
  const isLost = (pod: StoredPod): boolean => isPodFailed(pod, job) || ending?.type === 'FailureTarget';
  const failed = counted.filter(
    (pod) => pod.status?.phase !== 'Succeeded' && isLost(pod) && isWanted(pod, view) && judgeFailure(job, pod).isCounted,
  );
  return {
    actions: counted.filter((pod) => !active.includes(pod)).map(untracked),
    late: counted.filter((pod) => active.includes(pod)).map(untracked),
    succeeded: isIndexed(job) ? view.succeeded : (job.status?.succeeded ?? 0) + succeeded.length,
    failed: (job.status?.failed ?? 0) + failed.length,
    completedIndexes: isIndexed(job) ? formatIndexes(succeededIndexes) : undefined,
    failedIndexes: failedIndexes === undefined ? undefined : formatIndexes(failedIndexes),
    isCut: all.length > counted.length,
  };
}

function isWanted(pod: StoredPod, { job }: JobView): boolean {
  return !isIndexed(job) || indexOf(pod, job) !== undefined;
}

/** A failed pod whose index is to have another one is counted when that is there. */
function canBeCounted(pod: StoredPod, { job, awaiting }: JobView): boolean {
  if (pod.status?.phase === 'Succeeded') return true;
  if (!isPodFailed(pod, job)) return false;
  const index = indexOf(pod, job);
  return index === undefined || awaiting.get(index)?.metadata.uid !== pod.metadata.uid;
}
