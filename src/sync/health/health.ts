// Whether an object is what its manifest promises, in Kubernetes' own meaning per kind, and if not, who is to blame. Each kind that does
// something has a judge of its own in this folder. Pure.
import { displayKey, type ResourceKey, type Stored, type StoredOf } from '../../model/resource.ts';
import type { StoreReader } from '../../store/store.ts';
import { liveOf } from '../order.ts';
import { cronJobHealth } from './cronjob.ts';
import { daemonSetHealth } from './daemonset.ts';
import { deploymentHealth } from './deployment.ts';
import { jobHealth } from './job.ts';
import { volumeHealth } from './persistentvolume.ts';
import { claimHealth } from './persistentvolumeclaim.ts';
import { podHealth } from './pod.ts';
import { budgetHealth, namespaceHealth } from './policy.ts';
import { replicasHealth } from './replicas.ts';
import { statefulSetHealth } from './statefulset.ts';
import { type Health, healthy, progressing } from './verdict.ts';

export interface ObjectHealth extends Health {
  readonly key: ResourceKey;
}

/** The health of one stored object. Kinds that do nothing are healthy by being there. */
export function healthOf(object: Stored, reader: StoreReader): Health {
  switch (object.kind) {
    case 'Deployment':
      return deploymentHealth(object, reader);
    case 'ReplicaSet':
    case 'ReplicationController':
      return replicasHealth(object, reader);
    case 'StatefulSet':
      return statefulSetHealth(object, reader);
    case 'DaemonSet':
      return daemonSetHealth(object, reader);
    case 'Job':
      return jobHealth(object, reader);
    case 'CronJob':
      return cronJobHealth(object, reader);
    case 'Pod':
      return isHeldBack(object) ? healthy : podHealth(object);
    case 'PersistentVolumeClaim':
      return claimHealth(object, reader);
    case 'PersistentVolume':
      return volumeHealth(object);
    case 'Namespace':
      return namespaceHealth(object);
    case 'PodDisruptionBudget':
      return budgetHealth(object);
    default:
      return healthy;
  }
}

/** A pod that its own manifest keeps from being placed is as it should be, until a commit takes the gates away. */
function isHeldBack({ spec, metadata }: StoredOf<'Pod'>): boolean {
  return (spec.schedulingGates ?? []).length > 0 && (spec.nodeName ?? '') === '' && metadata.deletionTimestamp === undefined;
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
