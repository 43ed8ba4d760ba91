// Which PersistentVolume a claim can have (Kubernetes, "Persistent Volumes", binding). Pure facts about one claim and the volumes there
// are; the binder and the scheduler ask the same questions.
import type { NodeFacts } from './node-fit.ts';
import { matchesNodeTerm } from './node-fit.ts';
import { parseQuantity } from './quantity.ts';
import type { PersistentVolumeClaim, Quantity, StoredOf } from './resource.ts';
import { matchesSelector } from './selector.ts';
import { namedClass } from './storage-classes.ts';

/** Label of nodes that says which host they are. */
export const HOSTNAME_LABEL = 'kubernetes.io/hostname';

type StoredClaim = StoredOf<'PersistentVolumeClaim'>;
type StoredVolume = StoredOf<'PersistentVolume'>;

/** A size as a number of bytes; 0 when it is absent. */
export function storageBytes(quantity: Quantity | undefined): number {
  return quantity === undefined ? 0 : (parseQuantity(quantity) ?? 0);
}

/** Whether a volume is reserved for a claim or bound to it: by name, and by uid where the volume has one. */
export function isReservedFor({ spec: { claimRef } }: Pick<StoredVolume, 'spec'>, claim: StoredClaim): boolean {
  if (claimRef === undefined || !namesClaim(claimRef, claim)) return false;
  return (claimRef.uid ?? '') === '' || claimRef.uid === claim.metadata.uid;
}

/** Whether a reference of a volume has the name and namespace of a claim, whichever claim of that name it meant. */
export function namesClaim(claimRef: NonNullable<StoredVolume['spec']['claimRef']>, { metadata }: StoredClaim): boolean {
  return claimRef.name === metadata.name && (claimRef.namespace ?? 'default') === (metadata.namespace ?? 'default');
}

/** Whether a volume allows all that a claim asks for. */
export function hasAccessModes(volume: Pick<StoredVolume, 'spec'>, { accessModes }: PersistentVolumeClaim['spec']): boolean {
  return accessModes.every((mode) => volume.spec.accessModes.includes(mode));
}

/** Whether a node reaches a volume. One without node affinity is reached by all. */
export function isReachedFrom({ spec }: Pick<StoredVolume, 'spec'>, node: NodeFacts): boolean {
  const required = spec.nodeAffinity?.required;
  if (required === undefined) return true;
  const name = node.metadata.name ?? '';
  // Every node is its own host, whether or not somebody wrote that on it.
  const labelled = { ...node, metadata: { ...node.metadata, labels: { [HOSTNAME_LABEL]: name, ...node.metadata.labels } } };
  return required.nodeSelectorTerms.some((term) => matchesNodeTerm(term, labelled));
}

/** Whether a volume is big enough, of the right mode, of the class, with the labels and access modes that a claim asks for. */
export function satisfies(volume: StoredVolume, claim: StoredClaim, className: string): boolean {
  const { selector } = claim.spec;
  return (
    isLargeEnough(volume, claim) &&
    isSameMode(volume, claim) &&
    (namedClass(volume) ?? '') === className &&
    hasAccessModes(volume, claim.spec) &&
    (selector === undefined || matchesSelector(selector, volume.metadata.labels))
  );
}

/** Whether both are file systems, or both devices. */
export function isSameMode(volume: Pick<StoredVolume, 'spec'>, claim: StoredClaim): boolean {
  return (volume.spec.volumeMode ?? 'Filesystem') === (claim.spec.volumeMode ?? 'Filesystem');
}

/** Whether a volume has the capacity that a claim asks for. */
export function isLargeEnough(volume: Pick<StoredVolume, 'spec'>, claim: StoredClaim): boolean {
  return storageBytes(volume.spec.capacity['storage']) >= storageBytes(claim.spec.resources.requests?.storage);
}

/** The smallest free volume that satisfies a claim, on a node if one is given; equal sizes go by name. */
export function smallestMatch(
  claim: StoredClaim,
  className: string,
  volumes: readonly StoredVolume[],
  node?: NodeFacts,
): StoredVolume | undefined {
  const free = volumes.filter(
    (volume) =>
      volume.metadata.deletionTimestamp === undefined &&
      volume.spec.claimRef === undefined &&
      (volume.status?.phase ?? 'Available') === 'Available' &&
      satisfies(volume, claim, className) &&
      (node === undefined || isReachedFrom(volume, node)),
  );
  const size = (volume: StoredVolume): number => storageBytes(volume.spec.capacity['storage']);
  return free.toSorted((a, b) => size(a) - size(b) || (a.metadata.name < b.metadata.name ? -1 : 1))[0];
}
