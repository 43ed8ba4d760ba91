// What happens to the ReplicaSets when the Deployment's replicas change, also in the middle of a rollout or while it is paused
// (Kubernetes, "Proportional scaling").
import type { RolloutLimits } from '../../model/rollout.ts';
import {
  annotatedNumber,
  byAge,
  DESIRED_REPLICAS_ANNOTATION,
  MAX_REPLICAS_ANNOTATION,
  type Resize,
  type Slot,
  sumOf,
} from './slot.ts';

/** Whether the wanted number of pods has changed since the active ReplicaSets were scaled last. */
export function isScalingEvent(limits: RolloutLimits, slots: readonly Slot[]): boolean {
  return slots.some((slot) => {
    const desired = annotatedNumber(slot.set, DESIRED_REPLICAS_ANNOTATION);
    return slot.replicas > 0 && desired !== undefined && desired !== limits.replicas;
  });
}

/** The one set to scale when at most one is active: that one, else the new one, else the youngest. */
function soleSet(current: Slot | undefined, old: readonly Slot[]): Slot | undefined {
  const active = [...old, ...(current === undefined ? [] : [current])].filter((slot) => slot.replicas > 0);
  if (active.length > 1) return undefined;
  return active[0] ?? current ?? old.toSorted(byAge).at(-1);
}

/** Rounds halves away from zero. */
function round(value: number): number {
  return value < 0 ? -Math.round(-value) : Math.round(value);
}

/** By how many pods a set would change if all kept their shares. */
function share(slot: Slot, limits: RolloutLimits, currentTotal: number): number {
  if (limits.replicas === 0) return -slot.replicas;
  const before = annotatedNumber(slot.set, MAX_REPLICAS_ANNOTATION) ?? currentTotal;
  if (before === 0) return 0;
  return round((slot.replicas * (limits.replicas + limits.maxSurge)) / before) - slot.replicas;
}

function proportionally(limits: RolloutLimits, active: readonly Slot[], currentTotal: number): Resize[] {
  const allowed = limits.replicas > 0 ? limits.replicas + limits.maxSurge : 0;
  const toAdd = allowed - sumOf(active, (slot) => slot.replicas);
  // The largest first; between equals the younger one grows and the older one shrinks.
  const ordered = active.toSorted((a, b) => b.replicas - a.replicas || (toAdd > 0 ? byAge(b, a) : byAge(a, b)));
  let added = 0;
  const resizes = ordered.map((slot) => {
    const left = toAdd - added;
    const wished = share(slot, limits, currentTotal);
    const change = left === 0 ? 0 : toAdd > 0 ? Math.min(wished, left) : Math.max(wished, left);
    added += change;
    return { slot, replicas: slot.replicas + change };
  });
  // Rounding leaves a rest, which the largest takes.
  const rounded = resizes.map((resize, index) =>
    index === 0 ? { ...resize, replicas: Math.max(0, resize.replicas + toAdd - added) } : resize,
  );
  return toAdd < 0 ? keptAvailable(limits, rounded) : rounded;
}

/**
 * Of the same total, but no set gives up a pod that is needed as long as another keeps one that is of no use. Stricter than Kubernetes,
 * which lets sets shrink in proportion whether their pods serve or not.
 */
function keptAvailable(limits: RolloutLimits, resizes: readonly Resize[]): Resize[] {
  const serving = ({ slot, replicas }: Resize): number => Math.min(replicas, slot.available);
  const missing = Math.max(0, limits.minAvailable - resizes.reduce((sum, resize) => sum + serving(resize), 0));
  const idle = resizes.reduce((sum, resize) => sum + resize.replicas - serving(resize), 0);
  let toGive = Math.min(missing, idle);
  let toTake = 0;
  const given = resizes.map((resize) => {
    const more = Math.min(toGive, resize.slot.available - serving(resize));
    toGive -= more;
    toTake += more;
    return { ...resize, replicas: resize.replicas + more };
  });
  return given.map((resize) => {
    const fewer = Math.min(toTake, resize.replicas - serving(resize));
    toTake -= fewer;
    return { ...resize, replicas: resize.replicas - fewer };
  });
}

/**
 * The sizes after a change of replicas. `currentTotal` is the number of pods that the Deployment last reported. Every active set is in
 * the answer even when its size stays, because its annotations are to say what it was scaled for.
 */
export function scaledSizes(
  limits: RolloutLimits,
  current: Slot | undefined,
  old: readonly Slot[],
  isRolling: boolean,
  currentTotal: number,
): Resize[] {
  const sole = soleSet(current, old);
  if (sole !== undefined) return [{ slot: sole, replicas: limits.replicas }];
  const activeOld = old.filter((slot) => slot.replicas > 0);
  const active = [...activeOld, ...(current !== undefined && current.replicas > 0 ? [current] : [])];
  if (current !== undefined && current.replicas === limits.replicas && current.available === limits.replicas) {
    return active.map((slot) => ({ slot, replicas: slot === current ? slot.replicas : 0 }));
  }
  if (isRolling) return proportionally(limits, active, currentTotal);
  return active.map((slot) => ({ slot, replicas: slot.replicas }));
}
