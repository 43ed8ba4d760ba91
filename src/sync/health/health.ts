// Whether an object is what its manifest promises, in Kubernetes' own meaning per kind, and if not, who is to blame. Each kind that does
// something has a judge of its own in this folder; what an application asks besides is asked of what it declares itself. Pure.
import { type HealthCheckExpr, type Kind, type ResourceKey, type Stored, type StoredOf } from '../../model/resource.ts';
import type { StoreReader } from '../../store/store.ts';
import { liveOf } from '../order.ts';
import { cronJobHealth } from './cronjob.ts';
import { daemonSetHealth } from './daemonset.ts';
import { deploymentHealth } from './deployment.ts';
import { checkedHealth, worse } from './health-checks.ts';
import { ingressHealth } from './ingress.ts';
import { jobHealth } from './job.ts';
import { volumeHealth } from './persistentvolume.ts';
import { claimHealth } from './persistentvolumeclaim.ts';
import { podHealth } from './pod.ts';
import { budgetHealth, namespaceHealth } from './policy.ts';
import { replicasHealth } from './replicas.ts';
import { serviceHealth } from './service.ts';
import { statefulSetHealth } from './statefulset.ts';
import { type Health, healthy, progressing } from './verdict.ts';

export interface ObjectHealth extends Health {
  readonly key: ResourceKey;
  /** What it is besides, such as `pre-sync hook`. */
  readonly role?: string;
}

type Judge<K extends Kind> = (object: StoredOf<K>, reader: StoreReader) => Health;

/** Kinds that have to become something; the others are healthy by being there. */
const judges: { readonly [K in Kind]?: Judge<K> } = {
  CronJob: cronJobHealth,
  DaemonSet: daemonSetHealth,
  Deployment: deploymentHealth,
  Ingress: ingressHealth,
  Job: jobHealth,
  Namespace: namespaceHealth,
  PersistentVolume: volumeHealth,
  PersistentVolumeClaim: claimHealth,
  Pod: (pod, reader) => (isHeldBack(pod) ? healthy : podHealth(pod, reader)),
  PodDisruptionBudget: budgetHealth,
  ReplicaSet: replicasHealth,
  ReplicationController: replicasHealth,
  Service: serviceHealth,
  StatefulSet: statefulSetHealth,
};

/** The health of one stored object; `checks` are those of its application, when that declares it. */
export function healthOf(object: Stored, reader: StoreReader, checks: readonly HealthCheckExpr[] = []): Health {
  const own = judged(object.kind, object, reader);
  return checks.length === 0 ? own : worse(own, checkedHealth(object, checks));
}

function judged<K extends Kind>(kind: K, object: StoredOf<K>, reader: StoreReader): Health {
  return judges[kind]?.(object, reader) ?? healthy;
}

/** A pod that its own manifest keeps from being placed is as it should be, until a commit takes the gates away. */
function isHeldBack({ spec, metadata }: StoredOf<'Pod'>): boolean {
  return (spec.schedulingGates ?? []).length > 0 && (spec.nodeName ?? '') === '' && metadata.deletionTimestamp === undefined;
}

/** Those of the keys that are not healthy, in their order. A missing object is on its way. */
export function unhealthyOf(
  keys: readonly ResourceKey[],
  reader: StoreReader,
  checks: readonly HealthCheckExpr[] = [],
): readonly ObjectHealth[] {
  return keys.flatMap((key): readonly ObjectHealth[] => {
    const object = liveOf(reader, key);
    const health = object === undefined ? progressing('it is missing') : healthOf(object, reader, checks);
    return health.state === 'healthy' ? [] : [{ key, ...health }];
  });
}
