// What of the controllers waits by times that are kept in objects, and must not be cut short or drawn out by somebody who sets the clock: how long
// a rollout may stand still, a Job may run, a pod has been ready, and a node has been away. Pure.
import { findCondition } from '../model/conditions.ts';
import { type Condition, controllerOf, keyOf, type Stored } from '../model/resource.ts';
import { fromRfc3339, toRfc3339 } from '../model/time.ts';
import type { Keeper, Shift } from '../runtime/kept-time.ts';
import type { StoreReader, Write } from '../store/store.ts';
import { progressDeadlineAt } from './deployment/status.ts';

const moved = (time: string, byMs: number): string => toRfc3339(fromRfc3339(time) + byMs);

function statusWrite(object: Stored, status: unknown): Write {
  const { uid, resourceVersion } = object.metadata;
  return { op: 'updateStatus', key: keyOf(object), uid, resourceVersion, status };
}

/** The conditions with the times of one of them moved; undefined when there is nothing to move. */
function movedCondition(conditions: readonly Condition[] | undefined, type: string, shift: Shift): Condition[] | undefined {
  const found = findCondition(conditions, type);
  if (conditions === undefined || found === undefined) return undefined;
  const { lastTransitionTime, lastUpdateTime } = found;
  const times = [lastTransitionTime, lastUpdateTime].flatMap((time) => (time === undefined ? [] : [fromRfc3339(time)]));
  const byMs = times.length === 0 ? 0 : shift(Math.max(...times));
  if (byMs === 0) return undefined;
  const next = {
    ...found,
    ...(lastTransitionTime === undefined ? {} : { lastTransitionTime: moved(lastTransitionTime, byMs) }),
    ...(lastUpdateTime === undefined ? {} : { lastUpdateTime: moved(lastUpdateTime, byMs) }),
  };
  return conditions.map((condition) => (condition === found ? next : condition));
}

const keepRollouts: Keeper = (store, shift) =>
  store.list('Deployment').flatMap((deployment) => {
    const { status } = deployment;
    if (progressDeadlineAt(deployment, status?.conditions ?? []) === undefined) return [];
    const conditions = movedCondition(status?.conditions, 'Progressing', shift);
    return conditions === undefined ? [] : [statusWrite(deployment, { ...status, conditions })];
  });

const keepJobs: Keeper = (store, shift) =>
  store.list('Job').flatMap((job) => {
    const { startTime, completionTime } = job.status ?? {};
    const isLimited = job.spec.activeDeadlineSeconds !== undefined && completionTime === undefined;
    const byMs = isLimited && startTime !== undefined ? shift(fromRfc3339(startTime)) : 0;
    if (startTime === undefined || byMs === 0) return [];
    return [statusWrite(job, { ...job.status, startTime: moved(startTime, byMs) })];
  });

function hasMinReady(store: StoreReader, pod: Stored): boolean {
  const owner = controllerOf(pod);
  if (owner === undefined) return false;
  const { namespace = '' } = pod.metadata;
  const kinds = ['ReplicaSet', 'ReplicationController', 'StatefulSet', 'DaemonSet'] as const;
  const found = kinds.find((kind) => kind === owner.kind);
  return found !== undefined && (store.get(found, namespace, owner.name)?.spec.minReadySeconds ?? 0) > 0;
}

const keepPods: Keeper = (store, shift) =>
  store.list('Pod').flatMap((pod) => {
    if (!hasMinReady(store, pod)) return [];
    const conditions = movedCondition(pod.status?.conditions, 'Ready', shift);
    return conditions === undefined ? [] : [statusWrite(pod, { ...pod.status, conditions })];
  });

const keepNodes: Keeper = (store, shift) =>
  store.list('Node').flatMap((node) => {
    if (findCondition(node.status?.conditions, 'Ready')?.status === 'True') return [];
    const conditions = movedCondition(node.status?.conditions, 'Ready', shift);
    return conditions === undefined ? [] : [statusWrite(node, { ...node.status, conditions })];
  });

/** Everything that the controllers keep. */
export const controllerKeepers: readonly Keeper[] = [keepRollouts, keepJobs, keepPods, keepNodes];
