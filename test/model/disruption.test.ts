// What a budget counts, and whom it lets go.
import { describe, expect, test } from 'vitest';
import { afterEviction, DISRUPTION_TIMEOUT_MS, disruptionStatus, mayEvict } from '../../src/model/disruption.ts';
import type { PodDisruptionBudgetSpec, PodDisruptionBudgetStatus, StoredOf } from '../../src/model/resource.ts';
import { toRfc3339 } from '../../src/model/time.ts';
import { aPod, START_MS } from '../support/builders.ts';

const budget = (spec: PodDisruptionBudgetSpec, status?: PodDisruptionBudgetStatus): StoredOf<'PodDisruptionBudget'> => ({
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: {
    name: 'web',
    namespace: 'default',
    uid: 'u',
    resourceVersion: '1',
    generation: 2,
    creationTimestamp: toRfc3339(START_MS),
  },
  spec: { selector: { matchLabels: { app: 'web' } }, ...spec },
  ...(status === undefined ? {} : { status }),
});
const ready = (name: string) => aPod({ name, readyAtMs: START_MS });
const ill = (name: string) => aPod({ name, phase: 'Running' });

describe('the status', () => {
  test.each<[string, PodDisruptionBudgetSpec, number, [expected: number, desired: number, healthy: number, allowed: number]]>([
    ['minAvailable', { minAvailable: 2 }, 4, [4, 2, 3, 1]],
    ['minAvailable in per cent, rounded up', { minAvailable: '60%' }, 4, [4, 3, 3, 0]],
    ['maxUnavailable', { maxUnavailable: 2 }, 4, [4, 2, 3, 1]],
    ['maxUnavailable in per cent, rounded up', { maxUnavailable: '30%' }, 4, [4, 2, 3, 1]],
    ['more than there are', { maxUnavailable: 9 }, 4, [4, 0, 3, 3]],
    ['a scale that has not been reached', { maxUnavailable: 1 }, 6, [6, 5, 3, 0]],
  ])('%s', (_name, spec, scale, [expectedPods, desiredHealthy, currentHealthy, disruptionsAllowed]) => {
    const pods = [ready('a'), ready('b'), ready('c'), ill('d')];
    const { status } = disruptionStatus(budget(spec), { pods, scale }, START_MS);
    expect(status).toEqual({
      observedGeneration: 2,
      expectedPods,
      desiredHealthy,
      currentHealthy,
      disruptionsAllowed,
      conditions: [
        {
          type: 'DisruptionAllowed',
          status: disruptionsAllowed > 0 ? 'True' : 'False',
          reason: disruptionsAllowed > 0 ? 'SufficientPods' : 'InsufficientPods',
          message: '',
          observedGeneration: 2,
          lastTransitionTime: toRfc3339(START_MS),
        },
      ],
    });
  });

  test('without known controllers allows nothing', () => {
    const { status } = disruptionStatus(budget({ maxUnavailable: 1 }), { pods: [ready('a')], scale: undefined }, START_MS);
    expect(status).toMatchObject({ disruptionsAllowed: 0, conditions: [{ status: 'False', reason: 'SyncFailed' }] });
  });

  test('a pod whose eviction was allowed counts as gone, until it should have been', () => {
    const first = budget({ minAvailable: 1 }, { disruptionsAllowed: 1, observedGeneration: 2 });
    const evicted = { ...first, status: afterEviction(first, ready('a'), START_MS) };
    expect(evicted.status).toMatchObject({ disruptionsAllowed: 0, disruptedPods: { a: toRfc3339(START_MS) } });
    const count = { pods: [ready('a'), ready('b')], scale: 2 };
    expect(disruptionStatus(evicted, count, START_MS + 1000)).toMatchObject({
      status: { currentHealthy: 1, disruptionsAllowed: 0 },
      recheckMs: START_MS + DISRUPTION_TIMEOUT_MS,
    });
    expect(disruptionStatus(evicted, count, START_MS + DISRUPTION_TIMEOUT_MS).status).toMatchObject({ currentHealthy: 2 });
  });
});

describe('an eviction', () => {
  const counted = (status: PodDisruptionBudgetStatus): PodDisruptionBudgetStatus => ({ observedGeneration: 2, ...status });
  test.each<[string, StoredOf<'Pod'>, StoredOf<'PodDisruptionBudget'>[], boolean]>([
    ['of a pod without a budget', ready('a'), [], true],
    ['of a pod of another app', aPod({ labels: { app: 'x' }, phase: 'Running' }), [budget({}, counted({}))], true],
    ['that the budget allows', ready('a'), [budget({}, counted({ disruptionsAllowed: 1 }))], true],
    ['that it does not allow', ready('a'), [budget({}, counted({ disruptionsAllowed: 0 }))], false],
    ['of a pod that does not run yet', aPod({ phase: 'Pending' }), [budget({}, counted({}))], true],
    ['of an ill pod while enough are healthy', ill('a'), [budget({}, counted({ currentHealthy: 2, desiredHealthy: 2 }))], true],
    ['of an ill pod while too few are healthy', ill('a'), [budget({}, counted({ currentHealthy: 1, desiredHealthy: 2 }))], false],
    [
      'of an ill pod, always allowed',
      ill('a'),
      [budget({ unhealthyPodEvictionPolicy: 'AlwaysAllow' }, counted({ currentHealthy: 1, desiredHealthy: 2 }))],
      true,
    ],
    ['before the budget was counted', ready('a'), [budget({}, { observedGeneration: 1, disruptionsAllowed: 5 })], false],
    [
      'of a pod with two budgets',
      ready('a'),
      [budget({}, counted({ disruptionsAllowed: 1 })), budget({}, counted({ disruptionsAllowed: 1 }))],
      false,
    ],
  ])('%s', (_name, pod, budgets, ok) => {
    expect(mayEvict(pod, budgets).ok).toBe(ok);
  });

  test('is refused in the words of Kubernetes', () => {
    expect(mayEvict(ready('a'), [budget({}, counted({ currentHealthy: 1, desiredHealthy: 2 }))])).toMatchObject({
      message:
        "Cannot evict pod as it would violate the pod's disruption budget. The disruption budget web needs 2 healthy pods and has 1 currently",
    });
  });
});
