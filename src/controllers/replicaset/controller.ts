// ReplicaSets: keeps the wanted number of pods of one template. Where they run and how is for the scheduler and the kubelets.

import type { ResourceKey, StoredOf } from '../../model/resource.ts';
import { controllerOf, keyOf } from '../../model/resource.ts';
import { matchesSelector } from '../../model/selector.ts';
import type { Controller } from '../../runtime/controller.ts';
import type { StoreReader } from '../../store/store.ts';
import { isOrphan, isOwnerGone, namespaceOf } from '../claims.ts';
import { isActive } from '../pods.ts';
import { planReplicaSet, type ReplicaSetObserved } from './plan.ts';

function observeReplicaSet(store: StoreReader, set: StoredOf<'ReplicaSet'>): ReplicaSetObserved {
  const owned = store.listOwned('Pod', set.metadata.uid);
  const orphans = store
    .list('Pod', namespaceOf(set))
    .filter((pod) => isActive(pod) && matchesSelector(set.spec.selector, pod.metadata.labels) && isOrphan(store, pod));
  const owner = controllerOf(set);
  const related =
    owner === undefined
      ? owned
      : store.listOwned('ReplicaSet', owner.uid).flatMap((sibling) => store.listOwned('Pod', sibling.metadata.uid));
  return { owned, orphans, related };
}

function wokenByPod(pod: StoredOf<'Pod'>, store: StoreReader): readonly ResourceKey[] {
  const namespace = namespaceOf(pod);
  const owner = controllerOf(pod);
  if (owner !== undefined && !isOwnerGone(store, namespace, owner)) {
    return owner.kind === 'ReplicaSet' ? [{ kind: 'ReplicaSet', namespace, name: owner.name }] : [];
  }
  return store
    .list('ReplicaSet', namespace)
    .filter((set) => matchesSelector(set.spec.selector, pod.metadata.labels))
    .map(keyOf);
}

/** The ReplicaSet controller (Kubernetes, "ReplicaSet"). */
export const replicaSetController: Controller<'ReplicaSet', ReplicaSetObserved> = {
  name: 'replicaset-controller',
  kind: 'ReplicaSet',
  wakes: (changed, store) => (changed.kind === 'Pod' ? wokenByPod(changed, store) : []),
  observe: observeReplicaSet,
  plan: planReplicaSet,
};
