// What a DaemonSet reports (Kubernetes, DaemonSetStatus).
import type { DaemonSetStatus, StoredOf } from '../../model/resource.ts';
import { isAvailable, isReady } from '../pods.ts';
import { isUpdated, type NodePods } from './nodes.ts';

/** The whole new status: of each node, the oldest pod counts. */
export function reportStatus(
  daemonSet: StoredOf<'DaemonSet'>,
  nodes: readonly NodePods[],
  hash: string,
  collisionCount: number | undefined,
  now: number,
): DaemonSetStatus {
  const desired = nodes.filter(({ shouldRun }) => shouldRun);
  const oldest = desired.flatMap(({ pods }) => pods[0] ?? []);
  const minReadySeconds = daemonSet.spec.minReadySeconds ?? 0;
  const numberAvailable = oldest.filter((pod) => isAvailable(pod, minReadySeconds, now)).length;
  return {
    observedGeneration: daemonSet.metadata.generation,
    desiredNumberScheduled: desired.length,
    currentNumberScheduled: oldest.length,
    numberMisscheduled: nodes.filter(({ shouldRun, pods }) => !shouldRun && pods.length > 0).length,
    numberReady: oldest.filter(isReady).length,
    updatedNumberScheduled: oldest.filter((pod) => isUpdated(pod, hash)).length,
    numberAvailable,
    numberUnavailable: desired.length - numberAvailable,
    ...(collisionCount === undefined ? {} : { collisionCount }),
  };
}
