// The health of a Deployment. Pure.
import { findCondition } from '../../model/conditions.ts';
import { REVISION_ANNOTATION, type StoredOf } from '../../model/resource.ts';
import { fromRfc3339 } from '../../model/time.ts';
import type { StoreReader } from '../../store/store.ts';
import { culpritOf } from './pod.ts';
import { failedCreation, type Health, healthy, joined, progressing, unseen } from './verdict.ts';

/** As `kubectl rollout status` judges: observed, all updated, none of the old left, all available. A paused one waits for nothing. */
export function deploymentHealth(deployment: StoredOf<'Deployment'>, reader: StoreReader): Health {
  const { status, spec, metadata } = deployment;
  const replicas = spec.replicas ?? 1;
  if ((status?.observedGeneration ?? 0) < metadata.generation) return unseen;
  if (spec.paused === true) return healthy;
  const updated = status?.updatedReplicas ?? 0;
  const old = (status?.replicas ?? 0) - updated;
  const available = status?.availableReplicas ?? 0;
  const current = currentReplicaSet(deployment, reader);
  const culprit = current === undefined ? undefined : culpritOf(reader.listOwned('Pod', current.metadata.uid), reader);
  const progress = findCondition(status?.conditions, 'Progressing');
  if (progress?.status === 'False' && progress.reason === 'ProgressDeadlineExceeded') {
    const sinceMs = fromRfc3339(progress.lastTransitionTime ?? metadata.creationTimestamp);
    return {
      state: 'stuck',
      isFinal: true,
      sinceMs,
      message: joined('ProgressDeadlineExceeded', culprit?.message ?? progress.message),
    };
  }
  const surplus = (status?.replicas ?? 0) - replicas;
  if (updated >= replicas && old <= 0 && surplus <= 0 && available >= updated) return healthy;
  if (culprit !== undefined) return culprit;
  const failure = failedCreation(status?.conditions);
  if (failure !== undefined) return failure;
  if (updated < replicas) return progressing(`${updated} of ${replicas} pods are of the new template`);
  if (old > 0) return progressing(`${old} pods of the old template are still there`);
  if (surplus > 0) return progressing(`${surplus} pods more than wanted are still there`);
  return progressing(`${available} of ${replicas} pods are available`);
}

/** The ReplicaSet of the current template: the one with the Deployment's revision, else the one with the highest. */
export function currentReplicaSet(deployment: StoredOf<'Deployment'>, reader: StoreReader): StoredOf<'ReplicaSet'> | undefined {
  const owned = reader.listOwned('ReplicaSet', deployment.metadata.uid);
  const revision = deployment.metadata.annotations?.[REVISION_ANNOTATION];
  const exact = owned.find((set) => revision !== undefined && set.metadata.annotations?.[REVISION_ANNOTATION] === revision);
  return exact ?? owned.toSorted((a, b) => revisionOf(b) - revisionOf(a))[0];
}

function revisionOf(set: StoredOf<'ReplicaSet'>): number {
  return Number(set.metadata.annotations?.[REVISION_ANNOTATION] ?? 0);
}
