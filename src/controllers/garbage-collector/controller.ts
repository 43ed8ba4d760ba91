// The garbage collector (Kubernetes, "Garbage Collection"): follows the owner references of every kind. It deletes what has lost all its
// owners, and does what the finalizers of cascading deletion ask for. Never touches what was rebuilt from Docker and has not been claimed:
// its owner may be on its way.
import { FOREGROUND_FINALIZER, isEnding, ORPHAN_FINALIZER } from '../../model/deletion.ts';
import { kindNaming } from '../../model/kinds.generated.ts';
import { type Kind, keyOf, type ResourceKey, type Stored, type StoredOf } from '../../model/resource.ts';
import type { Controller } from '../../runtime/controller.ts';
import { ownerOf } from '../../runtime/owners.ts';
import type { StoreReader } from '../../store/store.ts';
import { namespaceOf } from '../claims.ts';
import { isWaiting, type OwnersObserved, planCollection } from './plan.ts';

/** Events are records: they have no owners and own nothing. */
const kinds = (Object.keys(kindNaming) as Kind[]).filter((kind) => kind !== 'Event');

const nothing: OwnersObserved = { solid: [], waiting: [], gone: [], dependents: [] };

function observeOwners(store: StoreReader, resource: Stored): OwnersObserved {
  const references = resource.metadata.ownerReferences ?? [];
  const isCascading = isWaiting(resource) || resource.metadata.finalizers?.includes(ORPHAN_FINALIZER) === true;
  if (references.length === 0 && !isCascading) return nothing;
  const found = references.map((reference) => ({ reference, owner: ownerOf(store, namespaceOf(resource), reference) }));
  const gone = found.filter(({ owner }) => owner === 'gone');
  const waiting = found.filter(({ owner }) => typeof owner !== 'string' && isWaiting(owner));
  return {
    gone: gone.map(({ reference }) => reference),
    waiting: waiting.map(({ reference }) => reference),
    solid: found.filter((each) => !gone.includes(each) && !waiting.includes(each)).map(({ reference }) => reference),
    dependents: isCascading || waiting.length > 0 ? store.listDependents(resource.metadata.uid) : [],
  };
}

/** Dependents of what is gone, or waits for them; and owners that wait for what has changed. */
function wokenBy(changed: Stored, store: StoreReader): readonly ResourceKey[] {
  const { kind, namespace, name } = keyOf(changed);
  const isThere = store.get<Kind>(kind, namespace, name)?.metadata.uid === changed.metadata.uid;
  const isCascade = !isThere || (isEnding(changed) && changed.metadata.finalizers?.includes(FOREGROUND_FINALIZER) === true);
  const dependents = isCascade ? store.listDependents(changed.metadata.uid).map(keyOf) : [];
  const owners = (changed.metadata.ownerReferences ?? []).flatMap((reference): ResourceKey[] => {
    const owner = ownerOf(store, namespaceOf(changed), reference);
    return typeof owner !== 'string' && isEnding(owner) ? [keyOf(owner)] : [];
  });
  return [...dependents, ...owners];
}

export const garbageCollector: Controller<Kind, OwnersObserved> = {
  name: 'garbage-collector',
  kind: kinds,
  wakes: (changed, store) => (changed.kind === 'Event' ? [] : wokenBy(changed, store)),
  observe: (store, resource: StoredOf<Kind>) => observeOwners(store, resource),
  plan: (resource: StoredOf<Kind>, observed) => planCollection(resource, observed),
};
