// Binding: claim and volume name each other. One decision for every way in which the two find one another. Pure.
import { isDeepStrictEqual } from 'node:util';
import type { Action } from '../../model/action.ts';
import type { PersistentVolumeClaim } from '../../model/resource.ts';
import { type ClaimClass, isProvisioned, reclaimPolicyFor, UNDELETE_ANNOTATION } from '../../model/storage-classes.ts';
import { isLargeEnough, isReservedFor } from '../../model/volume-matching.ts';
import type { Plan } from '../../runtime/controller.ts';
import {
  BIND_COMPLETED,
  BOUND_BY_CONTROLLER,
  CLAIM_FINALIZER,
  claimName,
  referenceTo,
  type StoredClaim,
  type StoredVolume,
  withAnnotations,
  withFinalizer,
} from './facts.ts';

/** The update that makes one object into another; none when they are equal. */
export function changed(
  before: StoredClaim | StoredVolume,
  after: StoredClaim | StoredVolume,
  reason: string,
  message: string,
): Action[] {
  return isDeepStrictEqual(before, after) ? [] : [{ type: 'update', resource: after, reason, message }];
}

/** Makes claim and volume name each other. Complete in one transaction, and nothing when both do. */
export function bind(
  claim: StoredClaim,
  volume: StoredVolume,
  claimClass: ClaimClass,
  why?: string,
): Plan<'PersistentVolumeClaim'> {
  const isReserved = isReservedFor(volume, claim);
  const isNamed = claim.spec.volumeName === volume.metadata.name;
  const volumeMarks = { [UNDELETE_ANNOTATION]: undefined, ...(isReserved ? {} : { [BOUND_BY_CONTROLLER]: 'yes' }) };
  const taken =
    isProvisioned(volume) && volume.spec.claimRef?.uid !== claim.metadata.uid ? asMadeFor(claim, volume, claimClass) : volume;
  const boundVolume = withAnnotations(
    { ...taken, spec: { ...taken.spec, claimRef: { ...taken.spec.claimRef, ...referenceTo(claim) } } },
    volumeMarks,
  );
  // The class that was the default when the claim was bound is written down; later ones do not concern it.
  const isNew = claim.metadata.annotations?.[BIND_COMPLETED] === undefined;
  const { storageClassName = isNew && claimClass.name !== '' ? claimClass.name : undefined } = claim.spec;
  const boundClaim = withFinalizer(
    withAnnotations(
      {
        ...claim,
        spec: {
          ...claim.spec,
          volumeName: volume.metadata.name,
          ...(storageClassName === undefined ? {} : { storageClassName }),
        },
      },
      { [BIND_COMPLETED]: 'yes', ...(isNamed ? {} : { [BOUND_BY_CONTROLLER]: 'yes' }) },
    ),
    CLAIM_FINALIZER,
  );
  const message = why ?? `bound to PersistentVolume ${volume.metadata.name}`;
  return {
    actions: [
      ...changed(volume, boundVolume, 'VolumeReserved', `PersistentVolume ${volume.metadata.name} is for ${claimName(claim)}`),
      ...changed(claim, boundClaim, why === undefined ? 'VolumeBound' : 'VolumeReused', message),
    ],
    status: boundStatus(boundVolume),
  };
}

/** A kept volume as if it had just been made for the claim: it has no size, and serves whatever way of access. */
function asMadeFor(claim: StoredClaim, volume: StoredVolume, claimClass: ClaimClass): StoredVolume {
  const { storageClassName: _old, claimRef: _claim, ...spec } = volume.spec;
  const asked = claim.spec.resources.requests?.storage;
  const isLarger = asked !== undefined && !isLargeEnough(volume, claim);
  return {
    ...volume,
    spec: {
      ...spec,
      ...(isLarger ? { capacity: { ...spec.capacity, storage: asked } } : {}),
      accessModes: [...claim.spec.accessModes],
      ...(claimClass.name === '' ? {} : { storageClassName: claimClass.name }),
      persistentVolumeReclaimPolicy: reclaimPolicyFor(claim, claimClass),
    },
  };
}

/** The status of a claim that has a volume. */
export function boundStatus({ spec }: StoredVolume): NonNullable<PersistentVolumeClaim['status']> {
  return { phase: 'Bound', accessModes: [...spec.accessModes], capacity: { ...spec.capacity } };
}
