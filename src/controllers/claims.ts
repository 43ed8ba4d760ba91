// Who belongs to whom: a controller adopts what its selector matches and nobody owns, and releases what no longer matches
// (Kubernetes, "Owners and Dependents"). Claims are planned by themselves, before anything else: the next pass counts what it owns.
import type { Action } from '../model/action.ts';
import type { Kind, LabelSelector, OwnerReference, Stored, StoredOf } from '../model/resource.ts';
import { controllerOf, controllerReference, displayKey, keyOf, RECOVERED_ANNOTATION } from '../model/resource.ts';
import { matchesSelector } from '../model/selector.ts';
import { ownerOf } from '../runtime/owners.ts';
import type { StoreReader } from '../store/store.ts';

/** The namespace of an object that has one. */
export function namespaceOf(resource: Stored): string {
  return resource.metadata.namespace ?? 'default';
}

/** Whether an object was rebuilt from Docker and nobody has claimed it yet. */
export function isRecovered(resource: Stored): boolean {
  return resource.metadata.annotations?.[RECOVERED_ANNOTATION] !== undefined;
}

/**
 * Whether an owner is gone: no object of that kind and name with that uid. Owners of kinds that are not known here count as living, so
 * that nothing is ever deleted for want of knowledge.
 */
export function isOwnerGone(store: StoreReader, namespace: string, owner: OwnerReference): boolean {
  return ownerOf(store, namespace, owner) === 'gone';
}

/** Whether a controller may adopt the object: nobody owns it, or it was recovered and its owner did not come back. */
export function isOrphan(store: StoreReader, resource: Stored): boolean {
  const owner = controllerOf(resource);
  return owner === undefined || (isRecovered(resource) && isOwnerGone(store, namespaceOf(resource), owner));
}

/** What may have a managing owner: anything. */
type Claimable = StoredOf<Kind>;

/** What changes of an object's metadata when its owners do. The recovery mark goes: it has been claimed, or belongs to nobody. */
function withOwners<R extends Claimable>(resource: R, owners: readonly OwnerReference[]): R {
  const { ownerReferences: _owners, annotations, ...metadata } = resource.metadata;
  const kept = Object.entries(annotations ?? {}).filter(([name]) => name !== RECOVERED_ANNOTATION);
  return {
    ...resource,
    metadata: {
      ...metadata,
      ...(annotations === undefined ? {} : { annotations: Object.fromEntries(kept) }),
      ...(owners.length === 0 ? {} : { ownerReferences: [...owners] }),
    },
  };
}

/**
 * Adoptions and releases. `owned` are the objects whose managing controller is `owner`; `orphans` those that it may adopt. Terminating
 * objects are left as they are.
 */
export function planClaims(
  owner: Stored,
  selector: LabelSelector,
  owned: readonly Claimable[],
  orphans: readonly Claimable[],
): Action[] {
  const ownerName = displayKey(keyOf(owner));
  const actions: Action[] = [];
  for (const resource of owned) {
    if (resource.metadata.deletionTimestamp !== undefined) continue;
    const others = (resource.metadata.ownerReferences ?? []).filter((reference) => reference.uid !== owner.metadata.uid);
    if (!matchesSelector(selector, resource.metadata.labels)) {
      const message = `${displayKey(keyOf(resource))} no longer matches the selector of ${ownerName}`;
      actions.push({ type: 'update', resource: withOwners(resource, others), reason: 'Released', message });
    } else if (isRecovered(resource)) {
      const message = `${ownerName} has its ${displayKey(keyOf(resource))} back`;
      actions.push({
        type: 'update',
        resource: withOwners(resource, resource.metadata.ownerReferences ?? []),
        reason: 'Adopted',
        message,
      });
    }
  }
  for (const resource of orphans) {
    if (resource.metadata.deletionTimestamp !== undefined || !matchesSelector(selector, resource.metadata.labels)) continue;
    const others = (resource.metadata.ownerReferences ?? []).filter((reference) => reference.controller !== true);
    const message = `${displayKey(keyOf(resource))} matches the selector of ${ownerName} and had no owner`;
    actions.push({
      type: 'update',
      resource: withOwners(resource, [...others, controllerReference(owner)]),
      reason: 'Adopted',
      message,
    });
  }
  return actions;
}
