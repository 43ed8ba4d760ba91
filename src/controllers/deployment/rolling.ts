// The arithmetic of a rollout: how large each ReplicaSet becomes next. One step at a time, new before old (Kubernetes, "Rolling
// Update Deployment"). Stricter than Kubernetes in one way: pods that an old set has yet to remove count against the surge.
import type { RolloutLimits } from '../../model/rollout.ts';
import { byAge, type Resize, type Slot, sumOf } from './slot.ts';

/** How many pods the new ReplicaSet may have now; `current` is what it asks for today, 0 when it does not exist. */
export function newSetSize(limits: RolloutLimits, old: readonly Slot[], current: number, currentPods: number): number {
  if (current >= limits.replicas) return limits.replicas;
  const total = sumOf(old, (slot) => Math.max(slot.replicas, slot.activePods)) + Math.max(current, currentPods);
  const room = limits.replicas + limits.maxSurge - total;
  return room <= 0 ? current : current + Math.min(room, limits.replicas - current);
}

/**
 * Smaller sizes for old ReplicaSets: first the pods that are not available anyway, oldest set first, then as many available ones
 * as there are above the minimum. Never goes below it.
 */
export function shrinkOldSets(limits: RolloutLimits, old: readonly Slot[], current: Slot): Resize[] {
  const oldTotal = sumOf(old, (slot) => slot.replicas);
  if (oldTotal === 0) return [];
  const newUnavailable = current.replicas - current.available;
  // Pods of the new set that are not available yet must not make room for removing old ones.
  const removable = oldTotal + current.replicas - limits.minAvailable - newUnavailable;
  if (removable <= 0) return [];

  const ordered = old.toSorted(byAge);
  const sizes = new Map(ordered.map((slot) => [slot, slot.replicas]));
  let cleaned = 0;
  for (const slot of ordered) {
    const unhealthy = Math.min(slot.replicas - slot.maybeAvailable, removable - cleaned);
    sizes.set(slot, slot.replicas - unhealthy);
    cleaned += unhealthy;
  }
  let spare = sumOf(old, (slot) => slot.available) + current.available - limits.minAvailable;
  for (const slot of ordered) {
    const size = sizes.get(slot) ?? 0;
    const taken = Math.min(size, Math.max(0, spare));
    sizes.set(slot, size - taken);
    spare -= taken;
  }
  return ordered
    .map((slot) => ({ slot, replicas: sizes.get(slot) ?? 0 }))
    .filter((resize) => resize.replicas !== resize.slot.replicas);
}
