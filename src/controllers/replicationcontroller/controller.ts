// ReplicationControllers: the forerunners of ReplicaSets, and planned as such. All that differs is the selector, which is a map of labels
// and may be left to the template.

import type { LabelSelector, ResourceKey, StoredOf } from '../../model/resource.ts';
import { controllerOf, keyOf } from '../../model/resource.ts';
import { matchesSelector } from '../../model/selector.ts';
import type { Controller } from '../../runtime/controller.ts';
import type { StoreReader } from '../../store/store.ts';
import { isOrphan, isOwnerGone, namespaceOf } from '../claims.ts';
import { isActive } from '../pods.ts';
import { planReplicas, type ReplicaSetObserved } from '../replicaset/plan.ts';

function selectorOf({ spec }: StoredOf<'ReplicationController'>): LabelSelector {
  return { matchLabels: { ...(spec.selector ?? spec.template?.metadata?.labels) } };
}

function observe(store: StoreReader, owner: StoredOf<'ReplicationController'>): ReplicaSetObserved {
  const owned = store.listOwned('Pod', owner.metadata.uid);
  const selector = selectorOf(owner);
  const orphans = store
    .list('Pod', namespaceOf(owner))
    .filter((pod) => isActive(pod) && matchesSelector(selector, pod.metadata.labels) && isOrphan(store, pod));
  return { owned, orphans, related: owned };
}

function wokenByPod(pod: StoredOf<'Pod'>, store: StoreReader): readonly ResourceKey[] {
  const namespace = namespaceOf(pod);
  const owner = controllerOf(pod);
  if (owner !== undefined && !isOwnerGone(store, namespace, owner))
    return owner.kind === 'ReplicationController' ? [{ kind: 'ReplicationController', namespace, name: owner.name }] : [];
  return store
    .list('ReplicationController', namespace)
    .filter((candidate) => matchesSelector(selectorOf(candidate), pod.metadata.labels))
    .map(keyOf);
}

/** The ReplicationController controller (Kubernetes, "ReplicationController"). */
export const replicationController: Controller<'ReplicationController', ReplicaSetObserved> = {
  name: 'replication-controller',
  kind: 'ReplicationController',
  wakes: (changed, store) => (changed.kind === 'Pod' ? wokenByPod(changed, store) : []),
  observe,
  plan(owner, observed, now, suffix) {
    const { status, ...plan } = planReplicas({ owner, selector: selectorOf(owner) }, observed, now, suffix);
    if (status === undefined) return plan;
    const { terminatingReplicas: _unknownHere, ...reported } = status;
    return { ...plan, status: reported };
  },
};
