// A ReplicaSet as the rollout's arithmetic sees it.
import type { StoredOf } from '../../model/resource.ts';
import { activePods, isAvailable } from '../pods.ts';

/** Annotations of a ReplicaSet: how many pods the Deployment wanted, and might have had, when it last scaled it. */
export const DESIRED_REPLICAS_ANNOTATION = 'deployment.kubernetes.io/desired-replicas';
export const MAX_REPLICAS_ANNOTATION = 'deployment.kubernetes.io/max-replicas';

/** One ReplicaSet of a Deployment. */
export interface Slot {
  readonly set: StoredOf<'ReplicaSet'>;
  /** What its spec asks for. */
  readonly replicas: number;
  /**
   * Pods that are available and will still be once the set has as many pods as its spec asks for. The lowest of what the set reports,
   * what its pods say and what it asks for: a report that lags behind must not let a rollout go too far.
   */
  readonly available: number;
  /** The highest of the same: what may be available. Only pods beyond it are surely of no use and can go first. */
  readonly maybeAvailable: number;
  /** Pods that it has now, while it may still have to remove some. */
  readonly activePods: number;
}

/** A new size for a ReplicaSet. */
export interface Resize {
  readonly slot: Slot;
  readonly replicas: number;
}

/** Reads a slot off a ReplicaSet and its pods, which are available once they have been ready for `minReadySeconds`. */
export function slotOf(
  set: StoredOf<'ReplicaSet'>,
  pods: readonly StoredOf<'Pod'>[],
  minReadySeconds: number,
  now: number,
): Slot {
  const active = activePods(pods);
  const replicas = set.spec.replicas ?? 1;
  const ready = active.filter((pod) => isAvailable(pod, minReadySeconds, now)).length;
  const reported = set.status?.availableReplicas ?? 0;
  return {
    set,
    replicas,
    available: Math.min(replicas, reported, ready),
    maybeAvailable: Math.min(replicas, Math.max(reported, ready)),
    activePods: active.length,
  };
}

/** A whole number kept in an annotation of a ReplicaSet. */
export function annotatedNumber(set: StoredOf<'ReplicaSet'>, annotation: string): number | undefined {
  const text = set.metadata.annotations?.[annotation];
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

/** Whole-number sum of one property. */
export function sumOf(slots: readonly Slot[], pick: (slot: Slot) => number): number {
  return slots.reduce((sum, slot) => sum + pick(slot), 0);
}

/** Older sets first; the name decides between equals, so that the order never depends on the store. */
export function byAge(a: Slot, b: Slot): number {
  const [left, right] = [a.set.metadata, b.set.metadata];
  if (left.creationTimestamp !== right.creationTimestamp) return left.creationTimestamp < right.creationTimestamp ? -1 : 1;
  return left.name < right.name ? -1 : left.name > right.name ? 1 : 0;
}
