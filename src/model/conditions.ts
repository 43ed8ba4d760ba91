// The one place that knows how a condition list changes (Kubernetes API conventions, "Typical status properties").
import type { Condition } from './generated.ts';
import { toRfc3339 } from './time.ts';

/** The condition of this type, if it is there. */
export function findCondition(conditions: readonly Condition[] | undefined, type: string): Condition | undefined {
  return conditions?.find((condition) => condition.type === type);
}

/** Whether the condition of this type is there with status True. */
export function isConditionTrue(conditions: readonly Condition[] | undefined, type: string): boolean {
  return findCondition(conditions, type)?.status === 'True';
}

/**
 * A new list in which `next` replaces the condition of its type. `lastTransitionTime` moves only when `status` does,
 * so that reporting the same fact twice yields an equal list.
 */
export function withCondition(
  conditions: readonly Condition[] | undefined,
  next: Pick<Condition, 'type' | 'status' | 'observedGeneration'> & { reason: string; message: string },
  now: number,
): Condition[] {
  const old = findCondition(conditions, next.type);
  const lastTransitionTime =
    old?.status === next.status && old.lastTransitionTime !== undefined ? old.lastTransitionTime : toRfc3339(now);
  const merged: Condition = { ...next, lastTransitionTime };
  const list = conditions ?? [];
  return old === undefined ? [...list, merged] : list.map((condition) => (condition === old ? merged : condition));
}
