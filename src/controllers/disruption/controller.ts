// PodDisruptionBudgets: reports how many pods may be evicted (Kubernetes, "Specifying a Disruption Budget for your Application"). It evicts and
// holds back nobody: whoever evicts asks src/model/disruption.ts.
import type { Action } from '../../model/action.ts';
import { type DisruptionCount, disruptionStatus } from '../../model/disruption.ts';
import { controllerOf, keyOf, type OwnerReference, type Stored, type StoredOf } from '../../model/resource.ts';
import { matchesSelector } from '../../model/selector.ts';
import type { Controller } from '../../runtime/controller.ts';
import { ownerOf } from '../../runtime/owners.ts';
import type { StoreReader } from '../../store/store.ts';
import { namespaceOf } from '../claims.ts';
import { isFinished } from '../pods.ts';

type Budget = StoredOf<'PodDisruptionBudget'>;

interface DisruptionObserved extends DisruptionCount {
  /** Pods that no controller makes: per cent and maxUnavailable cannot count them. */
  readonly unmanaged: readonly string[];
}

function observeBudget(store: StoreReader, budget: Budget): DisruptionObserved {
  const namespace = namespaceOf(budget);
  const pods = store
    .list('Pod', namespace)
    .filter((pod) => !isFinished(pod) && matchesSelector(budget.spec?.selector, pod.metadata.labels));
  const owners = new Map<string, OwnerReference>();
  const unmanaged: string[] = [];
  for (const pod of pods) {
    const owner = controllerOf(pod);
    if (owner === undefined) unmanaged.push(pod.metadata.name);
    else owners.set(owner.uid, owner);
  }
  const scales = new Map<string, number | undefined>();
  for (const owner of owners.values()) {
    const { uid, scale } = scaleOf(store, namespace, owner);
    scales.set(uid, scale);
  }
  const known = [...scales.values()];
  return {
    pods,
    unmanaged,
    scale: known.includes(undefined) ? undefined : known.reduce<number>((sum, scale) => sum + (scale ?? 0), 0),
  };
}

/** The scale of a pod's controller: that of the Deployment for its ReplicaSets, so that a rollout does not count twice. */
function scaleOf(store: StoreReader, namespace: string, owner: OwnerReference): { uid: string; scale: number | undefined } {
  const found = ownerOf(store, namespace, owner);
  if (typeof found === 'string') return { uid: owner.uid, scale: undefined };
  const parent = found.kind === 'ReplicaSet' ? controllerOf(found) : undefined;
  return parent === undefined ? { uid: owner.uid, scale: replicasOf(found) } : scaleOf(store, namespace, parent);
}

/** What can be scaled says how many pods it is to have; nothing else does. */
function replicasOf(owner: Stored): number | undefined {
  const isScalable =
    owner.kind === 'Deployment' ||
    owner.kind === 'ReplicaSet' ||
    owner.kind === 'ReplicationController' ||
    owner.kind === 'StatefulSet';
  return isScalable ? (owner.spec.replicas ?? 1) : undefined;
}

/** The disruption controller. */
export const disruptionController: Controller<'PodDisruptionBudget', DisruptionObserved> = {
  name: 'controllermanager',
  kind: 'PodDisruptionBudget',
  wakes(changed, store) {
    const namespace = namespaceOf(changed);
    if (changed.kind === 'Pod')
      return store
        .list('PodDisruptionBudget', namespace)
        .filter(({ spec }) => matchesSelector(spec?.selector, changed.metadata.labels))
        .map(keyOf);
    return replicasOf(changed) === undefined ? [] : store.list('PodDisruptionBudget', namespace).map(keyOf);
  },
  observe: observeBudget,
  plan(budget, observed, now) {
    const { status, recheckMs } = disruptionStatus(budget, observed, now);
    return {
      actions: reportsOf(budget, observed),
      status,
      ...(recheckMs === undefined ? {} : { checkAgainAfterMs: Math.max(1, recheckMs - now) }),
    };
  },
};

/** Told when it comes about, and not with every pass. */
function reportsOf(budget: Budget, { pods, unmanaged, scale }: DisruptionObserved): readonly Action[] {
  const { status } = budget;
  const isNew = (status?.observedGeneration ?? 0) < budget.metadata.generation;
  if (pods.length === 0 && (isNew || (status?.expectedPods ?? 0) > 0))
    return [{ type: 'report', severity: 'Normal', reason: 'NoPods', message: 'No matching pods found' }];
  const isCounted = budget.spec?.maxUnavailable !== undefined || String(budget.spec?.minAvailable ?? '').endsWith('%');
  if (!isCounted || (!isNew && status?.expectedPods === scale)) return [];
  if (unmanaged.length === 0) return [];
  const message = `Pods selected by this PodDisruptionBudget (${unmanaged.join(', ')}) were found to be unmanaged. As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.`;
  return [{ type: 'report', severity: 'Warning', reason: 'UnmanagedPods', message }];
}
