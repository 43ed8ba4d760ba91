// The conditions of a pod that its kubelet owns; those of others are kept. Kubernetes, "Pod Lifecycle", pod conditions. Pure.
import { findCondition, withCondition } from '../../model/conditions.ts';
import type { Condition, ContainerStatus, StoredOf } from '../../model/resource.ts';
import { isSidecar } from '../../model/workload.ts';
import { hasStarted, type Phase } from './phase.ts';

/** What the conditions are made from. */
export interface ConditionInput {
  readonly pod: StoredOf<'Pod'>;
  readonly phase: Phase;
  readonly initStatuses: readonly ContainerStatus[];
  readonly statuses: readonly ContainerStatus[];
  /** Whether the sandbox runs and has its network. */
  readonly hasSandbox: boolean;
  /** Whether the pod as a whole is being ended, although its phase does not say so yet; `failed` when it will be Failed then. */
  readonly ending?: 'deleted' | 'failed' | 'completed';
  readonly now: number;
}

interface Fact {
  readonly isTrue: boolean;
  readonly reason?: string;
  readonly message?: string;
}

const FACT: Fact = { isTrue: true };

/** All conditions of a pod, those that others set among them. */
export function conditionsOf(input: ConditionInput): Condition[] {
  const { pod, now, hasSandbox } = input;
  const containersReady = containersReadyFact(input);
  const facts: readonly (readonly [string, Fact])[] = [
    ['PodReadyToStartContainers', { isTrue: hasSandbox }],
    ['Initialized', initializedFact(input)],
    ['Ready', readyFact(input, containersReady)],
    ['ContainersReady', containersReady],
    ['PodScheduled', FACT],
  ];
  let conditions: Condition[] = isRestarted(input) ? brokenOff(pod.status?.conditions ?? []) : (pod.status?.conditions ?? []);
  for (const [type, { isTrue, reason = '', message = '' }] of facts) {
    const next = { type, status: isTrue ? 'True' : 'False', reason, message } as const;
    conditions = withCondition(conditions, next, now).map((each) =>
      each.type === type ? tidied(each, pod.metadata.generation) : each,
    );
  }
  return conditions;
}

/** Whether a container runs that is another one than was told of: one look may have seen its end and its start. */
function isRestarted({ pod, initStatuses, statuses }: ConditionInput): boolean {
  const before = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  return [...initStatuses, ...statuses].some(({ name, containerID }) => {
    const old = before.find((each) => each.name === name)?.containerID;
    return old !== undefined && containerID !== undefined && old !== containerID;
  });
}

/** What was true until then was not for a moment: it counts from now on. A crash loop must not be taken for a pod that is ready for long. */
function brokenOff(conditions: readonly Condition[]): Condition[] {
  return conditions.map((each) =>
    (each.type === 'Ready' || each.type === 'ContainersReady') && each.status === 'True' ? { ...each, status: 'Unknown' } : each,
  );
}

/** Kubernetes leaves a blank reason or message out, and says which generation a condition is about. */
function tidied(condition: Condition, observedGeneration: number): Condition {
  const { reason, message, ...rest } = condition;
  return { ...rest, ...(reason ? { reason } : {}), ...(message ? { message } : {}), observedGeneration };
}

function list(names: readonly string[]): string {
  return `[${names.join(' ')}]`;
}

function finalFact(phase: Phase, ending: ConditionInput['ending']): Fact | undefined {
  if (phase === 'Succeeded' || (phase !== 'Failed' && ending === 'completed')) return { isTrue: false, reason: 'PodCompleted' };
  return phase === 'Failed' || ending === 'failed' ? { isTrue: false, reason: 'PodFailed' } : undefined;
}

function initializedFact({ pod, phase, initStatuses, statuses }: ConditionInput): Fact {
  if (phase === 'Succeeded') return { isTrue: true, reason: 'PodCompleted' };
  // Once a main container has run, restarts of sidecars change nothing of this.
  if (hasStarted(statuses)) return FACT;
  const incomplete = (pod.spec.initContainers ?? []).filter((container) => {
    const status = initStatuses.find(({ name }) => name === container.name);
    return !(isSidecar(container) ? status?.started === true : status?.ready === true);
  });
  if (incomplete.length === 0) return FACT;
  const message = `containers with incomplete status: ${list(incomplete.map(({ name }) => name))}`;
  return { isTrue: false, reason: 'ContainersNotInitialized', message };
}

function containersReadyFact({ pod, phase, ending, initStatuses, statuses }: ConditionInput): Fact {
  const final = finalFact(phase, ending);
  if (final !== undefined) return final;
  const sidecars = (pod.spec.initContainers ?? []).filter(isSidecar);
  const all = [...sidecars.map(({ name }) => initStatuses.find((status) => status.name === name)), ...statuses];
  const unready = all.filter((status) => status !== undefined && !status.ready).map((status) => status?.name ?? '');
  if (unready.length === 0) return FACT;
  return { isTrue: false, reason: 'ContainersNotReady', message: `containers with unready status: ${list(unready)}` };
}

function readyFact({ pod, ending }: ConditionInput, containersReady: Fact): Fact {
  if (!containersReady.isTrue) return containersReady;
  // Beyond Kubernetes: whoever looks at this condition alone sends nothing to a pod that is about to be told to stop.
  if (ending === 'deleted') return { isTrue: false, reason: 'PodTerminating', message: 'the pod is being deleted' };
  const shut = (pod.spec.readinessGates ?? []).flatMap(({ conditionType }) => {
    const gate = findCondition(pod.status?.conditions, conditionType);
    if (gate === undefined) return [`corresponding condition of pod readiness gate "${conditionType}" does not exist.`];
    return gate.status === 'True'
      ? []
      : [`the status of pod readiness gate "${conditionType}" is not "True", but ${gate.status}`];
  });
  return shut.length === 0 ? FACT : { isTrue: false, reason: 'ReadinessGatesNotReady', message: shut.join(', ') };
}
