// How long a Job waits before it replaces a pod that failed: ten seconds, doubled with every failure in a row, six minutes at most
// (Kubernetes, "Pod backoff failure policy"). Computed from the pods that are there, so that nothing is forgotten by a restart.
import { isTerminating } from '../pods.ts';
import { endedAtMs, indexFailures, isPodFailed, isTracked, type StoredJob, type StoredPod } from './facts.ts';

const FIRST_BACKOFF_MS = 10_000;
const LONGEST_BACKOFF_MS = 360_000;
/** More doublings than the longest wait needs. */
const MAX_DOUBLINGS = 10;

/** Milliseconds to wait after so many failures in a row, the last of them at `lastMs`; 0 when that is over. */
function remaining(failures: number, lastMs: number, now: number): number {
  if (failures === 0) return 0;
  const whole = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.min(failures - 1, MAX_DOUBLINGS));
  // A clock that was set back does not make the wait longer.
  return Math.min(whole, Math.max(0, lastMs + whole - now));
}

/** A pod that was taken away on purpose, as a suspended Job's are, is no failure. */
function isFailure(pod: StoredPod, job: StoredJob): boolean {
  return isTracked(pod) ? isPodFailed(pod, job) : pod.status?.phase === 'Failed' && !isTerminating(pod);
}

/** Milliseconds until the Job may make a pod again, by its failures since its last success. */
export function backoffMs(job: StoredJob, pods: readonly StoredPod[], now: number): number {
  const lastSuccessMs = Math.max(
    ...pods.filter((pod) => pod.status?.phase === 'Succeeded').map(endedAtMs),
    Number.NEGATIVE_INFINITY,
  );
  const failures = pods
    .filter((pod) => isFailure(pod, job))
    .map(endedAtMs)
    .filter((endMs) => endMs > lastSuccessMs);
  return remaining(failures.length, Math.max(...failures, 0), now);
}

/** Milliseconds until the index of a pod that failed may have another one. */
export function indexBackoffMs(failed: StoredPod, now: number): number {
  const { counted, ignored } = indexFailures(failed);
  return remaining(counted + ignored + 1, endedAtMs(failed), now);
}
