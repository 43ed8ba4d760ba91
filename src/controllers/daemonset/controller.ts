// DaemonSets: keeps one pod of a template on every node that is to have one, and moves them from one template to the next. How the pods
// run is for the kubelets; which node a pod is on, for the scheduler, which is told by the pod's affinity.
import type { ResourceKey, StoredOf } from '../../model/resource.ts';
import { controllerOf, keyOf } from '../../model/resource.ts';
import { matchesSelector } from '../../model/selector.ts';
import type { Controller } from '../../runtime/controller.ts';
import type { StoreReader } from '../../store/store.ts';
import { isOrphan, isOwnerGone, namespaceOf } from '../claims.ts';
import { isActive } from '../pods.ts';
import { observeHistory } from '../revisions/history.ts';
import { type DaemonSetObserved, planDaemonSet } from './plan.ts';

function observeDaemonSet(store: StoreReader, daemonSet: StoredOf<'DaemonSet'>): DaemonSetObserved {
  const orphans = store
    .list('Pod', namespaceOf(daemonSet))
    .filter((pod) => isActive(pod) && matchesSelector(daemonSet.spec.selector, pod.metadata.labels) && isOrphan(store, pod));
  return {
    nodes: store.list('Node'),
    owned: store.listOwned('Pod', daemonSet.metadata.uid),
    orphans,
    history: observeHistory(store, daemonSet),
  };
}

function wokenByPod(pod: StoredOf<'Pod'>, store: StoreReader): readonly ResourceKey[] {
  const namespace = namespaceOf(pod);
  const owner = controllerOf(pod);
  if (owner !== undefined && !isOwnerGone(store, namespace, owner)) {
    return owner.kind === 'DaemonSet' ? [{ kind: 'DaemonSet', namespace, name: owner.name }] : [];
  }
  return store
    .list('DaemonSet', namespace)
    .filter((daemonSet) => matchesSelector(daemonSet.spec.selector, pod.metadata.labels))
    .map(keyOf);
}

/** The DaemonSet controller (Kubernetes, "DaemonSet"). */
export const daemonSetController: Controller<'DaemonSet', DaemonSetObserved> = {
  name: 'daemonset-controller',
  kind: 'DaemonSet',
  wakes(changed, store) {
    if (changed.kind === 'Pod') return wokenByPod(changed, store);
    if (changed.kind === 'Node') return store.list('DaemonSet').map(keyOf);
    const owner = changed.kind === 'ControllerRevision' ? controllerOf(changed) : undefined;
    return owner?.kind === 'DaemonSet' ? [{ kind: 'DaemonSet', namespace: namespaceOf(changed), name: owner.name }] : [];
  },
  observe: observeDaemonSet,
  plan: planDaemonSet,
};
