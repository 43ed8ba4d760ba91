// Which pods wait for a node, and in which order they are served (Kubernetes, "Pod Priority and Preemption", "Pod Scheduling Readiness").
import { isFinished } from '../model/pod-phase.ts';
import type { StoredOf } from '../model/resource.ts';

type StoredPod = StoredOf<'Pod'>;

/** Whether a pod has been given a node. */
export function hasNode({ spec }: StoredPod): boolean {
  return spec.nodeName !== undefined && spec.nodeName !== '';
}

/** Whether a pod needs no place any more: it has ended, or is on its way out. */
export function isOver(pod: StoredPod): boolean {
  return pod.metadata.deletionTimestamp !== undefined || isFinished(pod);
}

/** Whether a pod is not to be placed yet, by its own manifest. */
export function isGated(pod: StoredPod): boolean {
  return !hasNode(pod) && (pod.spec.schedulingGates ?? []).length > 0;
}

/** Whether a pod waits for a node. */
export function isWaiting(pod: StoredPod): boolean {
  return !hasNode(pod) && !isOver(pod) && !isGated(pod);
}

/** The queue: the highest priority first, then the oldest, then by name. */
export function compareQueue(a: StoredPod, b: StoredPod): number {
  const byPriority = (b.spec.priority ?? 0) - (a.spec.priority ?? 0);
  if (byPriority !== 0) return byPriority;
  const [left, right] = [a.metadata, b.metadata];
  if (left.creationTimestamp !== right.creationTimestamp) return left.creationTimestamp < right.creationTimestamp ? -1 : 1;
  return `${left.namespace}/${left.name}` < `${right.namespace}/${right.name}` ? -1 : 1;
}
