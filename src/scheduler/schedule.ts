// The scheduler: gives every pod that waits a node, or says why there is none; a pod of higher priority may have others removed to make
// room. Which pod gets which place is decided for the whole queue at once, on paper (seating.ts); a pass takes its own share.
import type { Action } from '../model/action.ts';
import { findCondition, isConditionTrue, withCondition } from '../model/conditions.ts';
import { podClaims } from '../model/pod-claims.ts';
import type { PodStatus, Stored, StoredOf } from '../model/resource.ts';
import { keyOf } from '../model/resource.ts';
import type { Controller, Plan } from '../runtime/controller.ts';
import type { StoreReader } from '../store/store.ts';
import { storedCandidate } from './candidate.ts';
import type { NoPlace } from './choose.ts';
import type { Preemption } from './preempt.ts';
import { hasNode, isGated, isOver, isWaiting } from './queue.ts';
import { Seating } from './seating.ts';

type StoredPod = StoredOf<'Pod'>;

/** What the scheduler looks at for one pod. */
export interface ScheduleObserved {
  readonly nodes: readonly StoredOf<'Node'>[];
  readonly budgets: readonly StoredOf<'PodDisruptionBudget'>[];
  /** All waiting pods on paper, the one in question included. Absent for a pod that needs no choice. */
  readonly seating?: Seating;
}

function withScheduled(pod: StoredPod, status: 'True' | 'False', reason: string, message: string, now: number): PodStatus {
  const { nominatedNodeName: _nominated, ...before } = pod.status ?? {};
  const conditions = withCondition(before.conditions, { type: 'PodScheduled', status, reason, message }, now);
  return { ...before, phase: before.phase ?? 'Pending', conditions };
}

/** Reports that a pod has no node; tells an event only when the reason is a new one. */
function unscheduled(pod: StoredPod, reason: string, message: string, now: number, nominated?: string): Plan<'Pod'> {
  const told = findCondition(pod.status?.conditions, 'PodScheduled');
  const isTold = told?.status === 'False' && told.reason === reason && told.message === message;
  return {
    actions: isTold ? [] : [{ type: 'report', severity: 'Warning', reason: 'FailedScheduling', message }],
    status: {
      ...withScheduled(pod, 'False', reason, message, now),
      ...(nominated === undefined ? {} : { nominatedNodeName: nominated }),
    },
  };
}

/** A pod whose node is given: by its manifest, or by an earlier pass. */
function planNamed(pod: StoredPod, nodes: readonly StoredOf<'Node'>[], now: number): Plan<'Pod'> {
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

/** A pod that its manifest holds back: no event, as nothing is wrong. */
function planGated(pod: StoredPod, now: number): Plan<'Pod'> {
  const gates = (pod.spec.schedulingGates ?? []).map(({ name }) => name).join(', ');
  const message = `Scheduling is blocked due to non-empty scheduling gates: ${gates}`;
  return { actions: [], status: withScheduled(pod, 'False', 'SchedulingGated', message, now) };
}

/** Gives one pod a node, or explains why not. */
export function planSchedule(pod: StoredPod, observed: ScheduleObserved, now: number): Plan<'Pod'> {
  if (isOver(pod)) return { actions: [] };
  if (hasNode(pod)) return planNamed(pod, observed.nodes, now);
  if (isGated(pod)) return planGated(pod, now);
  const choice = observed.seating?.choiceOf(pod);
  if (choice === undefined) return { actions: [] };
  if (choice.room === undefined) return planWithoutPlace(pod, choice, observed, now);
  const nodeName = choice.room.name;
  const message = `Successfully assigned ${pod.metadata.namespace ?? 'default'}/${pod.metadata.name} to ${nodeName}`;
  return {
    actions: [{ type: 'update', resource: { ...pod, spec: { ...pod.spec, nodeName } }, reason: 'Scheduled', message }],
    status: withScheduled(pod, 'True', 'Scheduled', '', now),
  };
}

/** Has others removed if that helps, and may be done; else says why there is no place. */
function planWithoutPlace(pod: StoredPod, choice: NoPlace, { seating, budgets }: ScheduleObserved, now: number): Plan<'Pod'> {
  const say = (...parts: readonly string[]): string => [choice.message, ...parts, ...choice.details].join(' ');
  const preemption = seating?.preemptionFor(pod, budgets);
  if (preemption === undefined || choice.refusals.size === 0) return unscheduled(pod, 'Unschedulable', say(), now);
  if (preemption.found === undefined) {
    const isUnderWay = preemption.message.startsWith('not eligible due to a terminating pod');
    const nominated = isUnderWay ? pod.status?.nominatedNodeName : undefined;
    return unscheduled(pod, 'Unschedulable', say(`preemption: ${preemption.message}`), now, nominated);
  }
  const { actions, status } = unscheduled(pod, 'Unschedulable', say(), now, preemption.found.room.name);
  return { actions: [...evictionsFor(pod, preemption.found, seating), ...actions], ...(status === undefined ? {} : { status }) };
}

function evictionsFor(pod: StoredPod, { victims, room }: Preemption, seating: Seating | undefined): readonly Action[] {
  return victims.flatMap((seat): readonly Action[] => {
    const victim = seat.isLeaving ? undefined : seating?.podOf(seat.candidate.uid);
    if (victim === undefined) return [];
    return [
      {
        type: 'evict',
        key: keyOf(victim),
        uid: victim.metadata.uid,
        condition: {
          reason: 'PreemptionByScheduler',
          message: 'default-scheduler: preempting to accommodate a higher priority pod',
        },
        reason: 'Preempted',
        message: `Preempted by pod ${pod.metadata.uid} on node ${room.name}`,
      },
    ];
  });
}

/** Whether a change may have made room for others: that of a pod that is gone or has ended. */
function makesRoom(changed: StoredPod, store: StoreReader): boolean {
  const { namespace, name } = keyOf(changed);
  return isOver(changed) || store.get('Pod', namespace, name)?.metadata.uid !== changed.metadata.uid;
}

/** Whether it matters to a pod where other pods are. */
function looksAtOthers(pod: StoredPod): boolean {
  const { affinity, antiAffinity, spread } = storedCandidate(pod);
  return affinity !== undefined || antiAffinity.length > 0 || spread.length > 0;
}

const ofStorage: ReadonlySet<Stored['kind']> = new Set(['PersistentVolumeClaim', 'PersistentVolume', 'StorageClass']);

/** The waiting pods that a change may concern. */
function concerns(changed: Stored, store: StoreReader): ((pod: StoredPod) => boolean) | undefined {
  if (changed.kind === 'Node')
    return (pod) => isWaiting(pod) || (!isOver(pod) && !isConditionTrue(pod.status?.conditions, 'PodScheduled'));
  if (changed.kind === 'Pod' && makesRoom(changed, store)) return isWaiting;
  // Where a pod is, and which labels a namespace has, matters to those who want to be beside it, or not.
  if (changed.kind === 'Pod' ? hasNode(changed) : changed.kind === 'Namespace')
    return (pod) => isWaiting(pod) && looksAtOthers(pod);
  return ofStorage.has(changed.kind) ? (pod) => isWaiting(pod) && podClaims(pod).length > 0 : undefined;
}

/** The paper of each store, kept from pass to pass. */
const seatings = new WeakMap<StoreReader, Seating>();

function seatingOf(store: StoreReader): Seating {
  const facts = {
    nodes: store.list('Node'),
    pods: store.list('Pod'),
    namespaces: store.list('Namespace'),
    claims: store.list('PersistentVolumeClaim'),
    volumes: store.list('PersistentVolume'),
    classes: store.list('StorageClass'),
  };
  const known = seatings.get(store);
  known?.update(facts);
  const seating = known ?? new Seating(facts);
  seatings.set(store, seating);
  return seating;
}

/** The scheduler as a controller of pods. */
export const schedulerController: Controller<'Pod', ScheduleObserved> = {
  name: 'scheduler',
  kind: 'Pod',
  wakes(changed, store) {
    const isConcerned = concerns(changed, store);
    return isConcerned === undefined ? [] : store.list('Pod').filter(isConcerned).map(keyOf);
  },
  observe: (store, pod) => ({
    nodes: store.list('Node'),
    budgets: isWaiting(pod) ? store.list('PodDisruptionBudget') : [],
    ...(isWaiting(pod) ? { seating: seatingOf(store) } : {}),
  }),
  plan: planSchedule,
};
