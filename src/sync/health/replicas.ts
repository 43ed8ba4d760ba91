// The health of ReplicaSets and ReplicationControllers. Pure.
import type { StoredOf } from '../../model/resource.ts';
import type { StoreReader } from '../../store/store.ts';
import { culpritOf } from './pod.ts';
import { failedCreation, type Health, healthy, progressing, unseen } from './verdict.ts';

/** Observed, as many pods as wanted, all of them available. */
export function replicasHealth(owner: StoredOf<'ReplicaSet'> | StoredOf<'ReplicationController'>, reader: StoreReader): Health {
  const { status, spec, metadata } = owner;
  const replicas = spec.replicas ?? 1;
  if ((status?.observedGeneration ?? 0) < metadata.generation) return unseen;
  const available = status?.availableReplicas ?? 0;
  if (status?.replicas === replicas && available >= replicas) return healthy;
  const waiting = progressing(`${available} of ${replicas} pods are available`);
  return culpritOf(reader.listOwned('Pod', metadata.uid), reader) ?? failedCreation(status?.conditions) ?? waiting;
}
