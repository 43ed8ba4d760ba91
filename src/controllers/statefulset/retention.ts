// Whether the claims of a StatefulSet go when it does, or when it shrinks: told to the garbage collector by owner references and by
// nothing else (Kubernetes, "PersistentVolumeClaim retention"). Nothing here deletes a claim.
import type { OwnerReference, StatefulSet, StoredOf } from '../../model/resource.ts';
import { controllerReference, RECOVERED_ANNOTATION } from '../../model/resource.ts';
import { isWantedOrdinal } from './identity.ts';

type StoredSet = StoredOf<'StatefulSet'>;
type StoredPod = StoredOf<'Pod'>;
type StoredClaim = StoredOf<'PersistentVolumeClaim'>;

interface Policy {
  readonly isDeletedWithSet: boolean;
  readonly isDeletedWhenScaled: boolean;
}

function policyOf({ spec }: Pick<StatefulSet, 'spec'>): Policy {
  const { whenDeleted, whenScaled } = spec.persistentVolumeClaimRetentionPolicy ?? {};
  return { isDeletedWithSet: whenDeleted === 'Delete', isDeletedWhenScaled: whenScaled === 'Delete' };
}

/** Whether a reference means this set or pod by kind and name, whatever its uid. */
function names(reference: OwnerReference, kind: 'StatefulSet' | 'Pod', name: string): boolean {
  return reference.kind === kind && reference.name === name;
}

/**
 * Whether a claim belongs to a pod or set of that name that is not this one: it is about to be deleted, and a new pod must not be given
 * its data. `pod` is absent while the pod is yet to be made: every reference to a pod of its name is an old one's then.
 */
export function isStaleClaim(claim: StoredClaim, set: StoredSet, podName: string, pod: StoredPod | undefined): boolean {
  return (claim.metadata.ownerReferences ?? []).some(
    (reference) =>
      (names(reference, 'StatefulSet', set.metadata.name) && reference.uid !== set.metadata.uid) ||
      (names(reference, 'Pod', podName) && reference.uid !== pod?.metadata.uid),
  );
}

/** The set's reference on a claim that is made for an ordinal which the set wants. */
export function ownersOfNewClaim(set: StoredSet): OwnerReference[] {
  return policyOf(set).isDeletedWithSet ? [controllerReference(set)] : [];
}

function wantedOwner(set: StoredSet, pod: StoredPod, ordinal: number): OwnerReference[] {
  const { isDeletedWithSet, isDeletedWhenScaled } = policyOf(set);
  if (isDeletedWhenScaled && !isWantedOrdinal(set, ordinal)) return [controllerReference(pod)];
  return isDeletedWithSet ? [controllerReference(set)] : [];
}

/**
 * The claim with the owners that the policy asks for: with the set when it is to go with it, with a pod that is one too many when it is
 * to go with that, else without. Undefined when nothing changes. A claim that somebody else manages is nobody's here; one that an
 * earlier set or pod of the name still holds is left alone. One that was found again after the store was lost is the set's again.
 */
export function withRetention(claim: StoredClaim, set: StoredSet, pod: StoredPod, ordinal: number): StoredClaim | undefined {
  if (isStaleClaim(claim, set, pod.metadata.name, pod)) return undefined;
  const { ownerReferences = [], ...metadata } = claim.metadata;
  const isOurs = ({ uid }: OwnerReference): boolean => uid === set.metadata.uid || uid === pod.metadata.uid;
  const others = ownerReferences.filter((reference) => !isOurs(reference));
  const { isDeletedWithSet, isDeletedWhenScaled } = policyOf(set);
  const isManagedByOther = (isDeletedWithSet || isDeletedWhenScaled) && others.some((reference) => reference.controller === true);
  const owners = [...others, ...(isManagedByOther ? [] : wantedOwner(set, pod, ordinal))];
  const told = (references: readonly OwnerReference[]): string =>
    JSON.stringify(references.map(({ uid, controller }) => [uid, controller === true]));
  const { [RECOVERED_ANNOTATION]: recovered, ...annotations } = metadata.annotations ?? {};
  if (told(owners) === told(ownerReferences) && recovered === undefined) return undefined;
  return {
    ...claim,
    metadata: {
      ...metadata,
      ...(recovered === undefined ? {} : { annotations }),
      ...(owners.length === 0 ? {} : { ownerReferences: owners }),
    },
  };
}
