// Decides what the garbage collector does with one object: as an owner that is asked to go, and as a dependent of others.
import type { Action } from '../../model/action.ts';
import { FOREGROUND_FINALIZER, isEnding, ORPHAN_FINALIZER, withoutFinalizer } from '../../model/deletion.ts';
import { displayKey, type Kind, keyOf, type OwnerReference, type Stored } from '../../model/resource.ts';
import type { Plan } from '../../runtime/controller.ts';
import { isRecovered } from '../claims.ts';

/** An object's owners, by what they are, and its dependents. */
export interface OwnersObserved {
  /** Owners that live, or that cannot be known. */
  readonly solid: readonly OwnerReference[];
  /** Owners that are asked to go and wait for their dependents. */
  readonly waiting: readonly OwnerReference[];
  /** Owners that do not exist. */
  readonly gone: readonly OwnerReference[];
  /** What names the object as an owner; read only where it matters. */
  readonly dependents: readonly Stored[];
}

/** Whether an object waits for its dependents to go first. */
export function isWaiting(resource: Stored): boolean {
  return isEnding(resource) && resource.metadata.finalizers?.includes(FOREGROUND_FINALIZER) === true;
}

/** The next step for one object. */
export function planCollection(resource: Stored, observed: OwnersObserved): Plan<Kind> {
  if (isEnding(resource)) return { actions: planEnding(resource, observed.dependents) };
  const { solid, waiting, gone } = observed;
  if (waiting.length + gone.length === 0) return { actions: [] };
  if (isRecovered(resource) && waiting.length === 0) return { actions: [] };
  if (solid.length > 0) return { actions: [forget(resource, [...waiting, ...gone])] };
  return { actions: [collect(resource, observed)] };
}

/** An object that is asked to go: its dependents are released, or waited for. */
function planEnding(resource: Stored, dependents: readonly Stored[]): Action[] {
  const { finalizers = [], uid } = resource.metadata;
  const name = displayKey(keyOf(resource));
  if (finalizers.includes(ORPHAN_FINALIZER)) {
    const message = `${name} has released its dependents`;
    return [
      ...dependents.map((dependent) => release(dependent, resource)),
      { type: 'update', resource: withoutFinalizer(resource, ORPHAN_FINALIZER), reason: 'DependentsOrphaned', message },
    ];
  }
  if (!isWaiting(resource) || dependents.some((dependent) => isBlocking(dependent, uid))) return [];
  const message = `nothing that blocks the deletion of ${name} is left`;
  return [{ type: 'update', resource: withoutFinalizer(resource, FOREGROUND_FINALIZER), reason: 'DependentsDeleted', message }];
}

function isBlocking(dependent: Stored, ownerUid: string): boolean {
  const references = dependent.metadata.ownerReferences ?? [];
  return references.some((reference) => reference.uid === ownerUid && reference.blockOwnerDeletion === true);
}

function release(dependent: Stored, owner: Stored): Action {
  const message = `${displayKey(keyOf(owner))} was deleted without ${displayKey(keyOf(dependent))}`;
  return { type: 'update', resource: withoutOwners(dependent, [owner.metadata.uid]), reason: 'Orphaned', message };
}

/** An object with a living owner belongs to that one alone. */
function forget(resource: Stored, lost: readonly OwnerReference[]): Action {
  const uids = lost.map(({ uid }) => uid);
  const names = lost.map(({ kind, name }) => `${kind.toLowerCase()}/${name}`).join(', ');
  const message = `${displayKey(keyOf(resource))} no longer belongs to ${names}`;
  return { type: 'update', resource: withoutOwners(resource, uids), reason: 'OwnerForgotten', message };
}

function withoutOwners(resource: Stored, uids: readonly string[]): Stored {
  const { ownerReferences = [], ...metadata } = resource.metadata;
  const left = ownerReferences.filter(({ uid }) => !uids.includes(uid));
  return { ...resource, metadata: { ...metadata, ...(left.length === 0 ? {} : { ownerReferences: left }) } };
}

/** Nobody is left to own it. What has dependents itself, and whose owner waits, waits for them in turn. */
function collect(resource: Stored, { waiting, gone, dependents }: OwnersObserved): Action {
  const key = keyOf(resource);
  const [owner] = [...gone, ...waiting];
  const ownerName = `${owner?.kind.toLowerCase() ?? ''}/${owner?.name ?? ''}`;
  const message =
    gone.length > 0
      ? `${displayKey(key)} belonged to ${ownerName}, which is gone`
      : `${displayKey(key)} belongs to ${ownerName}, which is being deleted`;
  const propagation = waiting.length > 0 && dependents.length > 0 ? { propagation: 'Foreground' as const } : {};
  return { type: 'delete', key, uid: resource.metadata.uid, ...propagation, reason: 'OwnerDeleted', message };
}
