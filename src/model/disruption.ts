// How many pods of a PodDisruptionBudget may go (Kubernetes, "Disruptions" and "Specifying a Disruption Budget for your Application"). Facts
// about pods and budgets; who is evicted, and the writing of statuses, is for others.
import { isConditionTrue, withCondition } from './conditions.ts';
import type { IntOrString, PodDisruptionBudgetStatus } from './generated.ts';
import type { StoredOf } from './resource.ts';
import { matchesSelector } from './selector.ts';
import { fromRfc3339, toRfc3339 } from './time.ts';

/** A pod whose eviction was allowed and that has not begun to end after this time counts again. */
export const DISRUPTION_TIMEOUT_MS = 120_000;

type Budget = StoredOf<'PodDisruptionBudget'>;
type Pod = StoredOf<'Pod'>;

/** Whether a pod may be evicted; the message is Kubernetes' own. */
export type Eviction = { readonly ok: true } | { readonly ok: false; readonly budget: Budget; readonly message: string };

/** The budgets of the pod's namespace that count it. */
export function budgetsOf(pod: Pod, budgets: readonly Budget[]): readonly Budget[] {
  return budgets.filter(
    ({ metadata, spec }) => metadata.namespace === pod.metadata.namespace && matchesSelector(spec?.selector, pod.metadata.labels),
  );
}

/**
 * Whether a pod may be evicted as things are (Kubernetes, "API-initiated eviction"). Pods that do not run yet, have ended or are ending
 * disturb nobody. A budget whose controller has not counted yet allows nothing.
 */
export function mayEvict(pod: Pod, budgets: readonly Budget[]): Eviction {
  const { phase } = pod.status ?? {};
  const isIdle = phase !== 'Running' || pod.metadata.deletionTimestamp !== undefined;
  const [budget, ...others] = budgetsOf(pod, budgets);
  if (isIdle || budget === undefined) return { ok: true };
  if (others.length > 0) {
    const message = 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.';
    return { ok: false, budget, message };
  }
  const { status = {}, spec } = budget;
  const { currentHealthy = 0, desiredHealthy = 0, disruptionsAllowed = 0, observedGeneration = 0 } = status;
  if (!isConditionTrue(pod.status?.conditions, 'Ready')) {
    if (spec?.unhealthyPodEvictionPolicy === 'AlwaysAllow') return { ok: true };
    if (desiredHealthy > 0 && currentHealthy >= desiredHealthy) return { ok: true };
  }
  const violation = "Cannot evict pod as it would violate the pod's disruption budget.";
  if (observedGeneration < budget.metadata.generation)
    return {
      ok: false,
      budget,
      message: `${violation} The disruption budget ${budget.metadata.name} is still being processed by the server.`,
    };
  if (disruptionsAllowed > 0) return { ok: true };
  const detail = `The disruption budget ${budget.metadata.name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`;
  return { ok: false, budget, message: `${violation} ${detail}` };
}

/** The budget's status after the eviction of one of its pods was allowed at `now`: others see at once that one less is left. */
export function afterEviction(budget: Budget, pod: Pod, now: number): PodDisruptionBudgetStatus {
  const { status = {} } = budget;
  return {
    ...status,
    disruptionsAllowed: Math.max(0, (status.disruptionsAllowed ?? 0) - 1),
    disruptedPods: { ...status.disruptedPods, [pod.metadata.name]: toRfc3339(now) },
  };
}

/** What a budget is counted from. */
export interface DisruptionCount {
  /** Pods that the selector matches and that have not ended. */
  readonly pods: readonly Pod[];
  /** The sum of the scales of their controllers; undefined when a controller is not known. */
  readonly scale: number | undefined;
}

/** The status of a budget. `recheckMs` is when a pod that should have been evicted counts again. */
export function disruptionStatus(
  budget: Budget,
  { pods, scale }: DisruptionCount,
  now: number,
): { readonly status: PodDisruptionBudgetStatus; readonly recheckMs?: number } {
  const old = budget.status?.conditions;
  const observedGeneration = budget.metadata.generation;
  const wanted = expected(budget, pods.length, scale);
  if (wanted === undefined) {
    const fact = {
      type: 'DisruptionAllowed',
      status: 'False',
      reason: 'SyncFailed',
      message: 'found no controllers for its pods',
    } as const;
    const conditions = withCondition(old, { ...fact, observedGeneration }, now);
    return { status: { ...budget.status, disruptionsAllowed: 0, observedGeneration, conditions } };
  }
  const living = pods.filter((pod) => pod.metadata.deletionTimestamp === undefined);
  const disrupted = Object.entries(budget.status?.disruptedPods ?? {}).filter(
    ([name, since]) => living.some(({ metadata }) => metadata.name === name) && fromRfc3339(since) + DISRUPTION_TIMEOUT_MS > now,
  );
  const going = new Set(disrupted.map(([name]) => name));
  const currentHealthy = living.filter(
    (pod) => !going.has(pod.metadata.name) && isConditionTrue(pod.status?.conditions, 'Ready'),
  ).length;
  const { expectedPods, desiredHealthy } = wanted;
  const disruptionsAllowed = expectedPods <= 0 ? 0 : Math.max(0, currentHealthy - desiredHealthy);
  const fact =
    disruptionsAllowed > 0
      ? ({ type: 'DisruptionAllowed', status: 'True', reason: 'SufficientPods', message: '' } as const)
      : ({ type: 'DisruptionAllowed', status: 'False', reason: 'InsufficientPods', message: '' } as const);
  const rechecks = disrupted.map(([, since]) => fromRfc3339(since) + DISRUPTION_TIMEOUT_MS);
  return {
    status: {
      observedGeneration,
      disruptionsAllowed,
      currentHealthy,
      desiredHealthy,
      expectedPods,
      ...(disrupted.length === 0 ? {} : { disruptedPods: Object.fromEntries(disrupted) }),
      conditions: withCondition(old, { ...fact, observedGeneration }, now),
    },
    ...(rechecks.length === 0 ? {} : { recheckMs: Math.min(...rechecks) }),
  };
}

/** Pods there should be, and those that must be healthy. Per cent are of the controllers' scales and rounded up. */
function expected(
  { spec }: Budget,
  matched: number,
  scale: number | undefined,
): { expectedPods: number; desiredHealthy: number } | undefined {
  const { minAvailable, maxUnavailable } = spec ?? {};
  if (maxUnavailable !== undefined) {
    if (scale === undefined) return undefined;
    return { expectedPods: scale, desiredHealthy: Math.max(0, scale - share(maxUnavailable, scale)) };
  }
  if (minAvailable === undefined) return { expectedPods: 0, desiredHealthy: 0 };
  if (!String(minAvailable).endsWith('%')) return { expectedPods: matched, desiredHealthy: Number(minAvailable) };
  return scale === undefined ? undefined : { expectedPods: scale, desiredHealthy: share(minAvailable, scale) };
}

function share(amount: IntOrString, total: number): number {
  const text = String(amount);
  return text.endsWith('%') ? Math.ceil((Number(text.slice(0, -1)) * total) / 100) : Number(text);
}
