// Volumes that were kept when their claim went, and whether they are what a claim asks for. Pure.
import { ANY_CLASS_ANNOTATION, type ClaimClass, isProvisioned } from '../../model/storage-classes.ts';
import { isSameMake, makeFor, makeOf } from '../../model/volume-make.ts';
import { hasAccessModes, isLargeEnough, isSameMode, namesClaim, smallestMatch } from '../../model/volume-matching.ts';
import type { StoredClaim, StoredVolume } from './facts.ts';

/** Why a volume cannot serve a claim, in Kubernetes' words; undefined when it can. */
export function mismatchOf(volume: StoredVolume, claim: StoredClaim, claimClass: ClaimClass): string | undefined {
  if (!isLargeEnough(volume, claim)) return 'requested PV is too small';
  if ((volume.spec.storageClassName ?? '') !== claimClass.name) return 'storageClassName does not match';
  if (!isSameMode(volume, claim)) return 'incompatible volumeMode';
  return hasAccessModes(volume, claim.spec) ? undefined : 'incompatible accessMode';
}

/** Kept when a claim of this name went: whoever has the name now may have it. */
export function isKeptFor(volume: StoredVolume, claim: StoredClaim): boolean {
  const { spec, metadata } = volume;
  const { claimRef, persistentVolumeReclaimPolicy = 'Retain' } = spec;
  if (claimRef === undefined || persistentVolumeReclaimPolicy !== 'Retain' || metadata.deletionTimestamp !== undefined)
    return false;
  // A declared volume that names no claim in particular is reserved by a person, not kept.
  const isLeft = (claimRef.uid ?? '') === '' ? isProvisioned(volume) : claimRef.uid !== claim.metadata.uid;
  return isLeft && namesClaim(claimRef, claim);
}

/** Since when nobody has it; of volumes found on a host, since when they are known. */
export function keptSince({ status, metadata }: StoredVolume): string {
  return status?.lastPhaseTransitionTime ?? metadata.creationTimestamp;
}

/**
 * Whether a kept volume is what the claim would get anew: of the same make, or a declared one that satisfies it. One from the time when
 * classes made no difference is what the claim of its name had, and has its data.
 */
export function isAsAsked(volume: StoredVolume, claim: StoredClaim, claimClass: ClaimClass): boolean {
  if (volume.metadata.annotations?.[ANY_CLASS_ANNOTATION] !== undefined) return isSameMode(volume, claim);
  const make = makeOf(volume);
  if (make === undefined)
    return (
      mismatchOf(volume, claim, claimClass) === undefined &&
      smallestMatch(claim, claimClass.name, [{ ...volume, spec: withoutClaim(volume.spec), status: {} }]) !== undefined
    );
  const asked = makeFor(claim, claimClass);
  return asked !== undefined && isSameMake(make, asked) && isSameMode(volume, claim);
}

function withoutClaim({ claimRef: _claim, ...spec }: StoredVolume['spec']): StoredVolume['spec'] {
  return spec;
}

/** What a person should know of a kept volume that is not taken. */
export function keptMessage(volume: StoredVolume, claim: StoredClaim): string {
  const { name, namespace = 'default' } = claim.metadata;
  const command = `holdfast volumes undelete ${name}${namespace === 'default' ? '' : ` -n ${namespace}`}`;
  return `${volume.metadata.name} is kept from an earlier claim of this name, and is of another class; to have it back: ${command}`;
}
