// Which pods go first when a ReplicaSet has too many (Kubernetes, "Scaling a ReplicaSet").
import type { StoredOf } from '../../model/resource.ts';
import { fromRfc3339 } from '../../model/time.ts';
import { isActive, isAvailable, isReady, readySinceMs } from '../pods.ts';

/** Annotation of a pod: pods with a lower cost go first; 0 when absent or not a 32-bit number. */
const DELETION_COST_ANNOTATION = 'controller.kubernetes.io/pod-deletion-cost';

type StoredPod = StoredOf<'Pod'>;

const phaseOrder: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 };
const MAX_COST = 2 ** 31;

function deletionCost(pod: StoredPod): number {
  const text = pod.metadata.annotations?.[DELETION_COST_ANNOTATION] ?? '0';
  const cost = /^(0|-?[1-9]\d*)$/.test(text) ? Number(text) : 0;
  return cost >= -MAX_COST && cost < MAX_COST ? cost : 0;
}

function restarts(pod: StoredPod): number {
  return Math.max(0, ...(pod.status?.containerStatuses ?? []).map((status) => status.restartCount));
}

/** Ages on a logarithmic scale, so that pods of about the same age count as equal and not always the youngest goes. */
function ageClass(sinceMs: number, now: number): number {
  const age = now - sinceMs;
  return age <= 0 ? -1 : Math.floor(Math.log2(age * 1e6));
}

/** Younger first; the uid decides between pods of about the same age. */
function compareAge(aSince: number, bSince: number, a: StoredPod, b: StoredPod, now: number): number {
  if (aSince === bSince) return 0;
  const difference = ageClass(aSince, now) - ageClass(bSince, now);
  return difference !== 0 ? difference : a.metadata.uid < b.metadata.uid ? -1 : 1;
}

function compareReadySince(a: StoredPod, b: StoredPod, now: number): number {
  if (!isReady(a) || !isReady(b)) return 0;
  const [left, right] = [readySinceMs(a), readySinceMs(b)];
  if (left === right) return 0;
  // A pod that is ready since an unknown time counts as younger than any other.
  if (left === undefined) return -1;
  return right === undefined ? 1 : compareAge(left, right, a, b, now);
}

/**
 * The active pods of `pods`, those to delete first in front. `related` are the pods of all ReplicaSets of the same owner: where several of
 * them share a node, theirs go first. Differs from Kubernetes in one point: a ready pod that is not available yet (minReadySeconds)
 * goes before an available one, so that scaling down costs no availability that can be kept.
 */
export function rankForDeletion(
  pods: readonly StoredPod[],
  related: readonly StoredPod[],
  minReadySeconds: number,
  now: number,
): StoredPod[] {
  const onNode = new Map<string, number>();
  for (const pod of related) {
    const node = pod.spec.nodeName;
    if (node !== undefined && isActive(pod)) onNode.set(node, (onNode.get(node) ?? 0) + 1);
  }
  const neighbours = (pod: StoredPod): number => onNode.get(pod.spec.nodeName ?? '') ?? 0;
  const flag = (value: boolean): number => (value ? 1 : 0);
  return pods
    .filter(isActive)
    .toSorted(
      (a, b) =>
        flag(a.spec.nodeName !== undefined) - flag(b.spec.nodeName !== undefined) ||
        (phaseOrder[a.status?.phase ?? 'Pending'] ?? 0) - (phaseOrder[b.status?.phase ?? 'Pending'] ?? 0) ||
        flag(isReady(a)) - flag(isReady(b)) ||
        flag(isAvailable(a, minReadySeconds, now)) - flag(isAvailable(b, minReadySeconds, now)) ||
        deletionCost(a) - deletionCost(b) ||
        neighbours(b) - neighbours(a) ||
        compareReadySince(a, b, now) ||
        restarts(b) - restarts(a) ||
        compareAge(fromRfc3339(a.metadata.creationTimestamp), fromRfc3339(b.metadata.creationTimestamp), a, b, now) ||
        (a.metadata.uid < b.metadata.uid ? -1 : 1),
    );
}
