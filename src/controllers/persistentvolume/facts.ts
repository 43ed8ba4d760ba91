// Words and small facts that the planners of claims and of volumes share.
import type { PersistentVolume, StoredOf } from '../../model/resource.ts';
import { toRfc3339 } from '../../model/time.ts';

export type StoredClaim = StoredOf<'PersistentVolumeClaim'>;
export type StoredVolume = StoredOf<'PersistentVolume'>;

/** Keeps a claim as long as pods use it (Kubernetes, "Storage Object in Use Protection"). */
export const CLAIM_FINALIZER = 'kubernetes.io/pvc-protection';
/** Keeps a volume as long as a claim has it. */
export const VOLUME_FINALIZER = 'kubernetes.io/pv-protection';
/** On a claim whose binding is complete. */
export const BIND_COMPLETED = 'pv.kubernetes.io/bind-completed';
/** On a claim or volume that the controller bound; absent where a person did. */
export const BOUND_BY_CONTROLLER = 'pv.kubernetes.io/bound-by-controller';
/** On a claim: who is to make its volume. */
export const STORAGE_PROVISIONER = 'volume.kubernetes.io/storage-provisioner';

/** `namespace/name` of a claim. */
export function claimName({ metadata }: StoredClaim): string {
  return `${metadata.namespace ?? 'default'}/${metadata.name}`;
}

/** The reference to a claim that binds a volume to it. */
export function referenceTo({ metadata }: StoredClaim): NonNullable<PersistentVolume['spec']['claimRef']> {
  const { name, namespace = 'default', uid } = metadata;
  return { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name, uid };
}

/** Annotations with some added and some removed (undefined). */
export function withAnnotations<R extends StoredClaim | StoredVolume>(
  resource: R,
  changes: Readonly<Record<string, string | undefined>>,
): R {
  const merged = Object.entries({ ...resource.metadata.annotations, ...changes }).filter(([, value]) => value !== undefined);
  const { annotations: _old, ...metadata } = resource.metadata;
  const annotations = merged.length === 0 ? {} : { annotations: Object.fromEntries(merged) };
  return { ...resource, metadata: { ...metadata, ...annotations } };
}

/** The object with a finalizer on it. */
export function withFinalizer<R extends StoredClaim | StoredVolume>(resource: R, finalizer: string): R {
  const { finalizers = [] } = resource.metadata;
  if (finalizers.includes(finalizer)) return resource;
  return { ...resource, metadata: { ...resource.metadata, finalizers: [...finalizers, finalizer] } };
}

/** The status of a volume in a phase; since when is kept while the phase is. */
export function volumeStatus(
  volume: StoredVolume,
  phase: NonNullable<NonNullable<PersistentVolume['status']>['phase']>,
  now: number,
  message?: string,
): NonNullable<PersistentVolume['status']> {
  const isSame = volume.status?.phase === phase;
  const since = isSame ? volume.status?.lastPhaseTransitionTime : toRfc3339(now);
  return {
    phase,
    ...(message === undefined ? {} : { message }),
    ...(since === undefined ? {} : { lastPhaseTransitionTime: since }),
  };
}
