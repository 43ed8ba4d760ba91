// Whether an object is what its manifest promises, in Kubernetes' own meaning per kind, and if not, who is to blame. Pure.
import { findCondition } from '../../model/conditions.ts';
import { displayKey, keyOf, REVISION_ANNOTATION, type ResourceKey, type Stored, type StoredOf } from '../../model/resource.ts';
import { fromRfc3339 } from '../../model/time.ts';
import type { StoreReader } from '../../store/store.ts';
import { liveOf } from '../order.ts';
import { podHealth } from './pod.ts';

/**
 * `stuck`: it will not become healthy by waiting for itself alone; it may when something else changes. `isFinal`: not even then,
 * Kubernetes itself has given up.
 */
export interface Health {
  readonly state: 'healthy' | 'progressing' | 'stuck';
  /** The culprit: pod, container, reason, last message. Empty when healthy. */
  readonly message: string;
  readonly isFinal?: boolean;
  /** When what speaks against it came about, in epoch milliseconds: what is older than a commit does not speak against the commit. */
  readonly sinceMs?: number;
}

export interface ObjectHealth extends Health {
  readonly key: ResourceKey;
}

const healthy: Health = { state: 'healthy', message: '' };
const progressing = (message: string): Health => ({ state: 'progressing', message });

/** The health of one stored object. Kinds that do nothing are healthy by being there. */
export function healthOf(object: Stored, reader: StoreReader): Health {
  if (object.kind === 'Deployment') return deploymentHealth(object, reader);
  if (object.kind === 'ReplicaSet') return replicaSetHealth(object, reader);
  if (object.kind === 'Pod') return podHealth(object);
  if (object.kind === 'PersistentVolumeClaim') return claimHealth(object);
  return healthy;
}

/** Those of the keys that are not healthy, in their order. A missing object is on its way. */
export function unhealthyOf(keys: readonly ResourceKey[], reader: StoreReader): readonly ObjectHealth[] {
  return keys.flatMap((key): readonly ObjectHealth[] => {
    const object = liveOf(reader, key);
    const health = object === undefined ? progressing('it is missing') : healthOf(object, reader);
    return health.state === 'healthy' ? [] : [{ key, ...health }];
  });
}

/** `deployment/web: pod web-5d9c-x2k4q, container app: CrashLoopBackOff …` */
export function healthLine(health: ObjectHealth): string {
  return `${displayKey(health.key)}: ${health.message}`;
}

/** As `kubectl rollout status` judges: observed, all updated, none of the old left, all available. A paused one waits for nothing. */
function deploymentHealth(deployment: StoredOf<'Deployment'>, reader: StoreReader): Health {
  const { status, spec, metadata } = deployment;
  const replicas = spec.replicas ?? 1;
  if ((status?.observedGeneration ?? 0) < metadata.generation) return progressing('its controller has not seen the change yet');
  if (spec.paused === true) return healthy;
  const updated = status?.updatedReplicas ?? 0;
  const old = (status?.replicas ?? 0) - updated;
  const available = status?.availableReplicas ?? 0;
  const current = currentReplicaSet(deployment, reader);
  const culprit = current === undefined ? undefined : culpritOf(reader.listOwned('Pod', current.metadata.uid));
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
  if (updated >= replicas && old <= 0 && available >= updated) return healthy;
  const failure = findCondition(status?.conditions, 'ReplicaFailure');
  if (culprit !== undefined) return culprit;
  if (failure?.status === 'True') return progressing(joined(failure.reason ?? 'ReplicaFailure', failure.message));
  if (updated < replicas) return progressing(`${updated} of ${replicas} pods are of the new template`);
  if (old > 0) return progressing(`${old} pods of the old template are still there`);
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

function replicaSetHealth(set: StoredOf<'ReplicaSet'>, reader: StoreReader): Health {
  const { status, spec, metadata } = set;
  const replicas = spec.replicas ?? 1;
  if ((status?.observedGeneration ?? 0) < metadata.generation) return progressing('its controller has not seen the change yet');
  const available = status?.availableReplicas ?? 0;
  if (status?.replicas === replicas && available >= replicas) return healthy;
  const culprit = culpritOf(reader.listOwned('Pod', metadata.uid));
  if (culprit !== undefined) return culprit;
  const failure = findCondition(status?.conditions, 'ReplicaFailure');
  if (failure?.status === 'True') return progressing(joined(failure.reason ?? 'ReplicaFailure', failure.message));
  return progressing(`${available} of ${replicas} pods are available`);
}

function claimHealth(claim: StoredOf<'PersistentVolumeClaim'>): Health {
  const phase = claim.status?.phase ?? 'Pending';
  if (phase === 'Bound') return healthy;
  return phase === 'Lost'
    ? { state: 'stuck', message: 'its Docker volume is lost' }
    : progressing('its Docker volume is not there yet');
}

/** The pod that says most about why its owner is not healthy: a stuck one before one that is on its way. */
function culpritOf(pods: readonly StoredOf<'Pod'>[]): Health | undefined {
  const ill = pods
    .filter((pod) => pod.metadata.deletionTimestamp === undefined)
    .map((pod) => ({ pod, health: podHealth(pod) }))
    .filter(({ health }) => health.state !== 'healthy');
  const worst = ill.find(({ health }) => health.state === 'stuck') ?? ill[0];
  if (worst === undefined) return undefined;
  return { ...worst.health, message: `pod ${keyOf(worst.pod).name}, ${worst.health.message}` };
}

function joined(reason: string, message: string | undefined): string {
  return message === undefined || message === '' ? reason : `${reason}: ${message}`;
}
