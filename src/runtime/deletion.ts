// The writes that delete, for everybody who deletes: planners' actions, the syncer, the kubelets. Must not decide who goes.
import { asEnding, isEnding, type Propagation } from '../model/deletion.ts';
import { isFinalPhase } from '../model/pod-phase.ts';
import { keyOf, type Stored, type StoredOf } from '../model/resource.ts';
import type { Write } from '../store/store.ts';

/**
 * The write that asks an object to go: a removal when nothing keeps it, else an update that sets its deletionTimestamp (see
 * src/model/deletion.ts). Undefined when it is on its way already. `now` is epoch milliseconds.
 */
export function deletionWrite(current: Stored, now: number, propagation: Propagation = 'Background'): Write | undefined {
  if (isEnding(current)) return undefined;
  const ending = asEnding(current, propagation, now);
  const { uid, resourceVersion } = current.metadata;
  return ending === undefined ? { op: 'remove', key: keyOf(current), uid, resourceVersion } : { op: 'update', resource: ending };
}

/**
 * The writes by which its kubelet lets go of a pod of which nothing is left: it is removed, or, while finalizers keep it, stays with a final
 * phase and no grace. Empty when that has been said already.
 */
export function letGoWrites(pod: StoredOf<'Pod'>): readonly Write[] {
  const { uid } = pod.metadata;
  const key = keyOf(pod);
  if ((pod.metadata.finalizers ?? []).length === 0) return [{ op: 'remove', key, uid }];
  const phase = finalPhase(pod);
  return [
    { op: 'update', resource: { ...pod, metadata: { ...pod.metadata, deletionGracePeriodSeconds: 0 } } },
    { op: 'updateStatus', key, uid, status: { ...pod.status, phase } },
  ];
}

/** A pod that was ended has failed, unless all its containers had succeeded (Kubernetes, "Pod phase"). */
function finalPhase({ status }: StoredOf<'Pod'>): 'Succeeded' | 'Failed' {
  if (isFinalPhase(status?.phase)) return status.phase;
  const containers = status?.containerStatuses ?? [];
  const isGood = containers.length > 0 && containers.every(({ state }) => state?.terminated?.exitCode === 0);
  return isGood ? 'Succeeded' : 'Failed';
}
