// Deployments: keeps the ReplicaSets of a template and moves from one template to the next. Pods are the ReplicaSets' business.

import type { ResourceKey, Stored, StoredOf } from '../../model/resource.ts';
import { controllerOf, keyOf } from '../../model/resource.ts';
import { matchesSelector } from '../../model/selector.ts';
import type { Controller } from '../../runtime/controller.ts';
import type { StoreReader } from '../../store/store.ts';
import { isOwnerGone, namespaceOf } from '../claims.ts';
import { type DeploymentObserved, observeDeployment } from './observe.ts';
import { planDeployment } from './plan.ts';

function matching(store: StoreReader, resource: Stored): ResourceKey[] {
  return store
    .list('Deployment', namespaceOf(resource))
    .filter((deployment) => matchesSelector(deployment.spec.selector, resource.metadata.labels))
    .map(keyOf);
}

function wokenBySet(set: StoredOf<'ReplicaSet'>, store: StoreReader): readonly ResourceKey[] {
  const owner = controllerOf(set);
  const isOwned = owner !== undefined && !isOwnerGone(store, namespaceOf(set), owner);
  if (!isOwned) return matching(store, set);
  return owner.kind === 'Deployment' ? [{ kind: 'Deployment', namespace: namespaceOf(set), name: owner.name }] : [];
}

function wokenByPod(pod: StoredOf<'Pod'>, store: StoreReader): readonly ResourceKey[] {
  const owner = controllerOf(pod);
  if (owner?.kind !== 'ReplicaSet') return [];
  const set = store.get('ReplicaSet', namespaceOf(pod), owner.name);
  return set === undefined || set.metadata.uid !== owner.uid ? matching(store, pod) : wokenBySet(set, store);
}

/** The Deployment controller (Kubernetes, "Deployments"). */
export const deploymentController: Controller<'Deployment', DeploymentObserved> = {
  name: 'deployment-controller',
  kind: 'Deployment',
  wakes(changed, store) {
    if (changed.kind === 'ReplicaSet') return wokenBySet(changed, store);
    return changed.kind === 'Pod' ? wokenByPod(changed, store) : [];
  },
  observe: observeDeployment,
  plan: (deployment, observed, now) => planDeployment(deployment, observed, now),
};
