// The scheduler: gives every pod that waits a node, or says why there is none. It moves nothing and evicts nothing.
// Older waiting pods are seated first, on paper, so that passes over different pods at the same time do not give one seat twice.
import { findCondition, isConditionTrue, withCondition } from '../model/conditions.ts';
import type { PodStatus, Stored, StoredOf } from '../model/resource.ts';
import { keyOf } from '../model/resource.ts';
import type { Controller, Plan } from '../runtime/controller.ts';
import type { StoreReader } from '../store/store.ts';
import { choose } from './choose.ts';
import { candidateOf, occupy, roomsWith } from './room.ts';

/** What the scheduler looks at for one pod. */
interface ScheduleObserved {
  readonly nodes: readonly StoredOf<'Node'>[];
  /** All pods, the one in question included. Empty for a pod that needs no choice. */
  readonly pods: readonly StoredOf<'Pod'>[];
}

function hasNode(pod: StoredOf<'Pod'>): boolean {
  return pod.spec.nodeName !== undefined && pod.spec.nodeName !== '';
}

function isOver(pod: StoredOf<'Pod'>): boolean {
  return pod.metadata.deletionTimestamp !== undefined || pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
}

function isWaiting(pod: StoredOf<'Pod'>): boolean {
  return !hasNode(pod) && !isOver(pod);
}

/** The queue: the oldest first, then by name. */
function isBefore(a: StoredOf<'Pod'>, b: StoredOf<'Pod'>): boolean {
  const [left, right] = [a.metadata, b.metadata];
  if (left.creationTimestamp !== right.creationTimestamp) return left.creationTimestamp < right.creationTimestamp;
  return `${left.namespace}/${left.name}` < `${right.namespace}/${right.name}`;
}

function withScheduled(pod: StoredOf<'Pod'>, status: 'True' | 'False', reason: string, message: string, now: number): PodStatus {
  const conditions = withCondition(pod.status?.conditions, { type: 'PodScheduled', status, reason, message }, now);
  return { ...pod.status, phase: pod.status?.phase ?? 'Pending', conditions };
}

/** Reports that a pod has no node; tells an event only when the reason is a new one. */
function unscheduled(pod: StoredOf<'Pod'>, reason: string, message: string, now: number): Plan<'Pod'> {
  const told = findCondition(pod.status?.conditions, 'PodScheduled');
  const isTold = told?.status === 'False' && told.reason === reason && told.message === message;
  return {
    actions: isTold ? [] : [{ type: 'report', severity: 'Warning', reason: 'FailedScheduling', message }],
    status: withScheduled(pod, 'False', reason, message, now),
  };
}

/** A pod whose node is given: by its manifest, or by an earlier pass. */
function planNamed(pod: StoredOf<'Pod'>, nodes: readonly StoredOf<'Node'>[], now: number): Plan<'Pod'> {
  const name = pod.spec.nodeName ?? '';
  const scheduled = findCondition(pod.status?.conditions, 'PodScheduled');
  if (nodes.some((node) => node.metadata.name === name)) {
    return scheduled?.status === 'True'
      ? { actions: [] }
      : { actions: [], status: withScheduled(pod, 'True', 'Scheduled', '', now) };
  }
  // A pod that has been on its node is not said to be unscheduled because the node went away.
  if (scheduled?.status === 'True' || (pod.status?.phase ?? 'Pending') !== 'Pending') return { actions: [] };
  const names = nodes.map((node) => node.metadata.name);
  const known = names.length === 0 ? 'there are no nodes' : `there is ${names.slice(0, 10).join(', ')}`;
  return unscheduled(pod, 'NodeNotFound', `The pod names node "${name}", which does not exist; ${known}.`, now);
}

/** Gives one pod a node, or explains why not. */
export function planSchedule(pod: StoredOf<'Pod'>, { nodes, pods }: ScheduleObserved, now: number): Plan<'Pod'> {
  if (isOver(pod)) return { actions: [] };
  if (hasNode(pod)) return planNamed(pod, nodes, now);

  const rooms = roomsWith(nodes, pods);
  const ahead = pods.filter((other) => isWaiting(other) && isBefore(other, pod)).toSorted((a, b) => (isBefore(a, b) ? -1 : 1));
  for (const other of ahead) {
    const candidate = candidateOf(other);
    const { room } = choose(candidate, rooms);
    if (room !== undefined) occupy(room, candidate);
  }
  const choice = choose(candidateOf(pod), rooms);
  if (choice.room === undefined) return unscheduled(pod, 'Unschedulable', [choice.message, ...choice.details].join(' '), now);
  const nodeName = choice.room.node.metadata.name;
  const message = `Successfully assigned ${pod.metadata.namespace ?? 'default'}/${pod.metadata.name} to ${nodeName}`;
  return {
    actions: [{ type: 'update', resource: { ...pod, spec: { ...pod.spec, nodeName } }, reason: 'Scheduled', message }],
    status: withScheduled(pod, 'True', 'Scheduled', '', now),
  };
}

/** Whether a change may have made room for others: a node's, or that of a pod that is gone or has ended. */
function makesRoom(changed: Stored, store: StoreReader): boolean {
  if (changed.kind === 'Node') return true;
  if (changed.kind !== 'Pod') return false;
  const { namespace, name } = keyOf(changed);
  return isOver(changed) || store.get('Pod', namespace, name)?.metadata.uid !== changed.metadata.uid;
}

/** The scheduler as a controller of pods. */
export const schedulerController: Controller<'Pod', ScheduleObserved> = {
  name: 'scheduler',
  kind: 'Pod',
  wakes(changed, store) {
    if (!makesRoom(changed, store)) return [];
    const isOwed = (pod: StoredOf<'Pod'>): boolean =>
      isWaiting(pod) || (changed.kind === 'Node' && !isOver(pod) && !isConditionTrue(pod.status?.conditions, 'PodScheduled'));
    return store.list('Pod').filter(isOwed).map(keyOf);
  },
  observe: (store, pod) => ({ nodes: store.list('Node'), pods: isWaiting(pod) ? store.list('Pod') : [] }),
  plan: planSchedule,
};
