// Which pods a Job that goes on makes and which it takes away (Kubernetes, "Parallel execution for Jobs"). In one pass it does one or the
// other.
import { isSuspended } from '../../model/job.ts';
import type { Pod } from '../../model/resource.ts';
import { isUnseen } from '../pods.ts';
import { rankForDeletion } from '../replicaset/ranking.ts';
import { backoffMs, indexBackoffMs } from './backoff.ts';
import { anyPod, podOfIndex } from './creation.ts';
import { indexOf, isIndexed, isLimitedPerIndex, replacesOnlyFailed, type StoredPod } from './facts.ts';
import { firstMissing, type Indexes, unionOf, withIndexes } from './indexes.ts';
import type { JobView } from './view.ts';

/** Pods made or taken away in one pass, so that no transaction grows without bound; the next pass goes on. */
export const MAX_PODS_PER_PASS = 100;

/** What is to be done with the pods. */
export interface Scaling {
  readonly removed: readonly StoredPod[];
  readonly created: readonly Pod[];
  /** When to look again, because a failure has to be waited out or there is more than one pass can do. */
  readonly checkAgainAfterMs?: number;
}

export interface ScalingInput {
  readonly view: JobView;
  /** Whether pods of a Job of this name that was there before still run: both at once would do the work twice. */
  readonly hasPredecessors: boolean;
  readonly now: number;
  readonly suffix: () => string;
}

/** Decides. */
export function planScaling(input: ScalingInput): Scaling {
  const { view, hasPredecessors, now } = input;
  const wanted = isSuspended(view.job) ? 0 : wantedPods(view);
  const surplus = surplusPods(view, wanted, now);
  // Of pods that were rebuilt, those that seem to run may have ended long ago: to take one of them away would do its work again.
  if (surplus.length > 0 && view.active.some(isUnseen)) return { removed: [], created: [] };
  if (surplus.length > 0) return cut(surplus, (removed) => ({ removed, created: [] }));
  const replacing = replacesOnlyFailed(view.job) ? view.terminating.length : 0;
  const missing = wanted - view.active.length - replacing;
  if (missing <= 0 || hasPredecessors) return { removed: [], created: [] };
  return isIndexed(view.job) ? createIndexed(input, missing) : createAny(input, missing);
}

function cut<T>(all: readonly T[], done: (some: readonly T[]) => Scaling): Scaling {
  const scaling = done(all.slice(0, MAX_PODS_PER_PASS));
  return all.length > MAX_PODS_PER_PASS ? { ...scaling, checkAgainAfterMs: 0 } : scaling;
}

/** How many pods should be active. */
function wantedPods({ job, active, succeeded }: JobView): number {
  const { parallelism = 1, completions } = job.spec;
  // A queue: once one has succeeded, the others finish and no more are made.
  if (completions === undefined) return succeeded > 0 ? active.length : parallelism;
  return Math.max(0, Math.min(parallelism, completions - succeeded));
}

/** Pods too many: of an index that has another one, without an index, or above the number wanted; those that lose least go first. */
function surplusPods({ job, active }: JobView, wanted: number, now: number): readonly StoredPod[] {
  // Ranking costs more than all the rest of a pass.
  if (active.length <= wanted && !(isIndexed(job) && hasOddPods(job, active))) return [];
  const ranked = rankForDeletion(active, [], 0, now);
  const odd = isIndexed(job) ? oddPods(ranked, (pod) => indexOf(pod, job)) : [];
  const rest = ranked.filter((pod) => !odd.includes(pod));
  return [...odd, ...rest.slice(0, Math.max(0, active.length - wanted - odd.length))];
}

function hasOddPods(job: JobView['job'], active: readonly StoredPod[]): boolean {
  const indexes = active.map((pod) => indexOf(pod, job));
  return indexes.includes(undefined) || new Set(indexes).size < indexes.length;
}

function oddPods(ranked: readonly StoredPod[], index: (pod: StoredPod) => number | undefined): readonly StoredPod[] {
  const kept = new Map(ranked.map((pod) => [index(pod), pod]));
  return ranked.filter((pod) => index(pod) === undefined || kept.get(index(pod)) !== pod);
}

function createAny({ view, now, suffix }: ScalingInput, missing: number): Scaling {
  const waitMs = backoffMs(view.job, view.pods, now);
  if (waitMs > 0) return { removed: [], created: [], checkAgainAfterMs: waitMs };
  return cut(Array.from({ length: missing }), (places) => ({
    removed: [],
    created: places.map(() => anyPod(view.job, suffix())),
  }));
}

function createIndexed({ view, now, suffix }: ScalingInput, missing: number): Scaling {
  const { job, awaiting } = view;
  const waitMs = isLimitedPerIndex(job) ? 0 : backoffMs(job, view.pods, now);
  if (waitMs > 0) return { removed: [], created: [], checkAgainAfterMs: waitMs };
  const indexes = firstMissing(takenIndexes(view), missing, job.spec.completions ?? 0);
  const waits = indexes.map((index) => {
    const failed = awaiting.get(index);
    return { index, failed, waitMs: failed === undefined ? 0 : indexBackoffMs(failed, now) };
  });
  const due = waits.filter((wait) => wait.waitMs === 0);
  const later = waits.filter((wait) => wait.waitMs > 0).map((wait) => wait.waitMs);
  const scaling = cut(due, (some) => ({
    removed: [],
    created: some.map(({ index, failed }) => podOfIndex(job, index, failed, suffix())),
  }));
  return later.length === 0 ? scaling : { checkAgainAfterMs: Math.min(...later), ...scaling };
}

/** Indexes that need no pod now. */
function takenIndexes({ job, active, terminating, succeededIndexes, failedIndexes }: JobView): Indexes {
  const busy = replacesOnlyFailed(job) ? [...active, ...terminating] : active;
  const taken = withIndexes(
    succeededIndexes,
    busy.flatMap((pod) => indexOf(pod, job) ?? []),
  );
  return unionOf(taken, failedIndexes ?? []);
}
