// What controllers ask of a pod. Facts only; decisions are in the planners.
import { findCondition, isConditionTrue } from '../model/conditions.ts';
import { isFinished } from '../model/pod-phase.ts';
import type { Pod, StoredOf } from '../model/resource.ts';
import { fromRfc3339 } from '../model/time.ts';

export { isFinished } from '../model/pod-phase.ts';

/** Whether a pod is asked to go and has not gone yet. */
export function isTerminating(pod: Pod): boolean {
  return pod.metadata.deletionTimestamp !== undefined;
}

/**
 * Whether a pod is on a node whose kubelet has said nothing of it yet. Of one that was rebuilt from Docker that means: it may run, or
 * have ended, or never have begun; only the scheduler has looked at it.
 */
export function isUnseen({ spec, status }: Pod): boolean {
  return spec.nodeName !== undefined && status?.startTime === undefined && (status?.phase ?? 'Pending') === 'Pending';
}

/** Whether a pod counts as a replica: neither finished nor terminating. */
export function isActive(pod: Pod): boolean {
  return !isFinished(pod) && !isTerminating(pod);
}

/** Whether a pod's Ready condition is True. */
export function isReady(pod: Pod): boolean {
  return isConditionTrue(pod.status?.conditions, 'Ready');
}

/** When a ready pod became ready, epoch milliseconds; undefined for others and when nobody recorded it. */
export function readySinceMs(pod: Pod): number | undefined {
  const condition = findCondition(pod.status?.conditions, 'Ready');
  if (condition?.status !== 'True' || condition.lastTransitionTime === undefined) return undefined;
  const since = fromRfc3339(condition.lastTransitionTime);
  return Number.isNaN(since) ? undefined : since;
}

/**
 * Milliseconds until a ready pod is available: ready for `minReadySeconds` without a break. 0 when it is; undefined when it is
 * not ready, or ready since an unknown time with a wait to keep. A clock that was set back while nobody looked makes nobody wait.
 */
export function availableInMs(pod: Pod, minReadySeconds: number, now: number): number | undefined {
  if (!isReady(pod)) return undefined;
  if (minReadySeconds <= 0) return 0;
  const since = readySinceMs(pod);
  if (since === undefined) return undefined;
  return since > now ? 0 : Math.max(0, since + minReadySeconds * 1000 - now);
}

/** Whether a pod is available at `now`. */
export function isAvailable(pod: Pod, minReadySeconds: number, now: number): boolean {
  return availableInMs(pod, minReadySeconds, now) === 0;
}

/** The active ones of some pods. */
export function activePods(pods: readonly StoredOf<'Pod'>[]): StoredOf<'Pod'>[] {
  return pods.filter(isActive);
}
