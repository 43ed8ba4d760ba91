// What a StatefulSet reports (Kubernetes, StatefulSetStatus).
import type { StatefulSetStatus } from '../../model/resource.ts';
import { isTerminating } from '../pods.ts';
import { wantedReplicas } from './identity.ts';
import { isUp, isUpLongEnough, type Pass, revisionNameOf } from './seats.ts';

/**
 * The whole new status. A rolling update is complete, and its revision the current one, when every wanted pod is of it and ready and no
 * other is left.
 */
export function reportStatus(pass: Pass, collisionCount: number | undefined): StatefulSetStatus {
  const { set, observed, current, update } = pass;
  const pods = observed.owned;
  const staying = pods.filter((pod) => !isTerminating(pod));
  const replicas = wantedReplicas(set);
  const readyReplicas = pods.filter(isUp).length;
  const updatedReplicas = staying.filter((pod) => revisionNameOf(pod) === update.name).length;
  const isRolling = set.spec.updateStrategy?.type !== 'OnDelete';
  const isComplete = isRolling && [updatedReplicas, readyReplicas, pods.length].every((count) => count === replicas);
  return {
    observedGeneration: set.metadata.generation,
    replicas: pods.length,
    readyReplicas,
    availableReplicas: pods.filter((pod) => isUpLongEnough(pass, pod)).length,
    currentReplicas: isComplete ? updatedReplicas : staying.filter((pod) => revisionNameOf(pod) === current.name).length,
    updatedReplicas,
    currentRevision: isComplete ? update.name : current.name,
    updateRevision: update.name,
    collisionCount: collisionCount ?? 0,
  };
}
