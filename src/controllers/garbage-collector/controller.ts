// Deletes what has lost its owner (Kubernetes, "Garbage Collection"): an object whose managing controller is gone. Never touches what was
// rebuilt from Docker and has not been claimed: its owner may be on its way.

import type { OwnerReference, Stored, StoredOf } from '../../model/resource.ts';
import { controllerOf, displayKey, keyOf } from '../../model/resource.ts';
import type { Controller, Plan } from '../../runtime/controller.ts';
import type { StoreReader } from '../../store/store.ts';
import { isOwnerGone, isRecovered, namespaceOf } from '../claims.ts';

/** Kinds that are owned. */
type DependentKind = 'ReplicaSet' | 'Pod';

/** The owner that is gone; undefined while it lives, and for objects without one. */
interface OwnerObserved {
  readonly gone: OwnerReference | undefined;
}

/** Deletes the object when its owner is gone. */
function planOrphan<K extends DependentKind>(resource: StoredOf<K>, { gone }: OwnerObserved): Plan<K> {
  const dependent: Stored = resource;
  if (gone === undefined || isRecovered(dependent) || dependent.metadata.deletionTimestamp !== undefined) return { actions: [] };
  const key = keyOf(dependent);
  const message = `${displayKey(key)} belonged to ${gone.kind.toLowerCase()}/${gone.name}, which is gone`;
  return { actions: [{ type: 'delete', key, uid: dependent.metadata.uid, reason: 'OwnerDeleted', message }] };
}

function garbageCollector<K extends DependentKind>(
  kind: K,
  ownerKind: 'Deployment' | 'ReplicaSet',
): Controller<K, OwnerObserved> {
  return {
    name: 'garbage-collector',
    kind,
    wakes(changed, store) {
      if (changed.kind !== ownerKind) return [];
      const isThere = store.get(ownerKind, namespaceOf(changed), changed.metadata.name)?.metadata.uid === changed.metadata.uid;
      return isThere ? [] : dependents(store, changed.metadata.uid, kind);
    },
    observe(store, resource) {
      const dependent: Stored = resource;
      const owner = controllerOf(dependent);
      return { gone: owner !== undefined && isOwnerGone(store, namespaceOf(dependent), owner) ? owner : undefined };
    },
    plan: (resource, observed) => planOrphan(resource, observed),
  };
}

function dependents(store: StoreReader, ownerUid: string, kind: DependentKind): ReturnType<typeof keyOf>[] {
  const found: readonly Stored[] = store.listOwned(kind, ownerUid);
  return found.map(keyOf);
}

/** Follows Deployments that are gone. */
export const replicaSetCollector = garbageCollector('ReplicaSet', 'Deployment');
/** Follows ReplicaSets that are gone. */
export const podCollector = garbageCollector('Pod', 'ReplicaSet');
