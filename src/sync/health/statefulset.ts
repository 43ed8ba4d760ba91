// The health of StatefulSets. Pure.
import { displayKey, type IntOrString, keyOf, type StoredOf } from '../../model/resource.ts';
import { REVISION_HASH_LABEL } from '../../model/revision.ts';
import type { StoreReader } from '../../store/store.ts';
import { culpritOf } from './pod.ts';
import { refusedPod } from './refused-pod.ts';
import { type Health, healthy, progressing, unseen } from './verdict.ts';

type StoredSet = StoredOf<'StatefulSet'>;

/**
 * As `kubectl rollout status` judges: observed, all pods available, and those above the partition of the new revision. With OnDelete,
 * pods keep their revision until somebody deletes them, and the revisions say nothing.
 */
export function statefulSetHealth(set: StoredSet, reader: StoreReader): Health {
  const { status, spec, metadata } = set;
  const replicas = spec.replicas ?? 1;
  if ((status?.observedGeneration ?? 0) < metadata.generation) return unseen;
  const available = status?.availableReplicas ?? 0;
  const surplus = (status?.replicas ?? 0) - replicas;
  const updated = status?.updatedReplicas ?? 0;
  const toUpdate = updatesWanted(set, replicas);
  if (available >= replicas && surplus <= 0 && updated >= toUpdate) return healthy;
  const blocker = blockerOf(set, reader);
  if (blocker !== undefined) return blocker;
  const refusal = surplus < 0 ? refusedPod(set, reader) : undefined;
  if (refusal !== undefined) return progressing(`${available} of ${replicas} pods are available; ${refusal}`);
  if (available < replicas) return progressing(`${available} of ${replicas} pods are available`);
  if (updated < toUpdate) return progressing(`${updated} of ${toUpdate} pods are of the new template`);
  return progressing(`${surplus} pods are too many and have to go`);
}

/** Pods that the rollout brings to the new template. */
function updatesWanted({ spec }: StoredSet, replicas: number): number {
  if (spec.updateStrategy?.type === 'OnDelete') return 0;
  const partition: IntOrString = spec.updateStrategy?.rollingUpdate?.partition ?? 0;
  return Math.max(0, replicas - partition);
}

/** The pod that keeps the set from being healthy: one of the new template that is not well, any other, or one that stands in the way. */
function blockerOf(set: StoredSet, reader: StoreReader): Health | undefined {
  const pods = reader.listOwned('Pod', set.metadata.uid);
  const isNew = (pod: StoredOf<'Pod'>): boolean => pod.metadata.labels?.[REVISION_HASH_LABEL] === set.status?.updateRevision;
  return culpritOf(pods.filter(isNew), reader) ?? culpritOf(pods, reader) ?? strangerOf(set, reader);
}

/** Another pod that has the name of one to be made. */
function strangerOf({ metadata, spec }: StoredSet, reader: StoreReader): Health | undefined {
  const start = spec.ordinals?.start ?? 0;
  for (let ordinal = start; ordinal < start + (spec.replicas ?? 1); ordinal++) {
    const pod = reader.get('Pod', metadata.namespace ?? 'default', `${metadata.name}-${ordinal}`);
    const isOwn = pod?.metadata.ownerReferences?.some(({ uid }) => uid === metadata.uid) === true;
    if (pod !== undefined && !isOwn)
      return {
        state: 'stuck',
        message: `${displayKey(keyOf(pod))} has the name of one of its pods and belongs to somebody else`,
      };
  }
  return undefined;
}
