// StatefulSets: keeps pods with fixed names, each with claims of its own, and moves them from one template to the next in order. Where
// they run and how is for the scheduler and the kubelets; what becomes of the claims' data for whoever keeps volumes.
import { controllerOf } from '../../model/resource.ts';
import type { Controller } from '../../runtime/controller.ts';
import { namespaceOf } from '../claims.ts';
import { observeStatefulSet, type StatefulSetObserved, wokenByClaim, wokenByPod } from './observe.ts';
import { planStatefulSet } from './plan.ts';

/** The StatefulSet controller (Kubernetes, "StatefulSets"). */
export const statefulSetController: Controller<'StatefulSet', StatefulSetObserved> = {
  name: 'statefulset-controller',
  kind: 'StatefulSet',
  wakes(changed, store) {
    if (changed.kind === 'Pod') return wokenByPod(changed, store);
    if (changed.kind === 'PersistentVolumeClaim') return wokenByClaim(changed, store);
    const owner = changed.kind === 'ControllerRevision' ? controllerOf(changed) : undefined;
    return owner?.kind === 'StatefulSet' ? [{ kind: 'StatefulSet', namespace: namespaceOf(changed), name: owner.name }] : [];
  },
  observe: observeStatefulSet,
  plan: (set, observed, now) => planStatefulSet(set, observed, now),
};
