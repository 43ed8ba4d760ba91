// The columns of pods, as kubectl fills them: the most telling reason wins over the phase, and sidecars count as containers.
import { findCondition, isConditionTrue } from '../model/conditions.ts';
import { isFinished } from '../model/pod-phase.ts';
import type { ContainerStatus, Pod } from '../model/resource.ts';
import { isSidecar } from '../model/workload.ts';

/** One word for how a pod is: `Running`, `Init:0/2`, `CrashLoopBackOff`, `Completed`, `Terminating`… */
export function podStatus(pod: Pod): string {
  const phase = pod.status?.phase ?? 'Pending';
  if (pod.metadata.deletionTimestamp !== undefined && !isFinished(pod)) return 'Terminating';
  // More telling than how its containers took it, also while the last of them still ends.
  if (pod.status?.reason === 'Evicted') return 'Evicted';
  return initWord(pod) ?? mainWord(pod, phase);
}

/** What the first init container that is not through does; undefined when all are, or when the pod got past them. */
function initWord(pod: Pod): string | undefined {
  if (isConditionTrue(pod.status?.conditions, 'Initialized')) return undefined;
  const statuses = pod.status?.initContainerStatuses ?? [];
  const index = statuses.findIndex((status) => !isThrough(pod, status));
  const { waiting, terminated } = statuses[index]?.state ?? {};
  if (index === -1) return undefined;
  if (terminated !== undefined) return `Init:${terminated.reason ?? exitWord(terminated.exitCode, terminated.signal)}`;
  const reason = waiting?.reason ?? '';
  return reason === '' || reason === 'PodInitializing'
    ? `Init:${index}/${pod.spec.initContainers?.length ?? 0}`
    : `Init:${reason}`;
}

function isThrough(pod: Pod, { name, started, state }: ContainerStatus): boolean {
  if (state?.terminated?.exitCode === 0) return true;
  return started === true && sidecarsOf(pod).has(name);
}

function sidecarsOf({ spec }: Pod): ReadonlySet<string> {
  return new Set((spec.initContainers ?? []).filter(isSidecar).map(({ name }) => name));
}

function mainWord(pod: Pod, phase: string): string {
  const scheduled = findCondition(pod.status?.conditions, 'PodScheduled');
  let word = scheduled?.reason === 'SchedulingGated' ? scheduled.reason : (pod.status?.reason ?? phase);
  let isAnyReady = false;
  for (const container of (pod.status?.containerStatuses ?? []).toReversed()) {
    const { waiting, terminated, running } = container.state ?? {};
    if (waiting?.reason !== undefined && waiting.reason !== '') word = waiting.reason;
    else if (terminated !== undefined) word = terminated.reason ?? exitWord(terminated.exitCode, terminated.signal);
    else if (running !== undefined && container.ready) isAnyReady = true;
  }
  if (word !== 'Completed' || !isAnyReady) return word;
  return isConditionTrue(pod.status?.conditions, 'Ready') ? 'Running' : 'NotReady';
}

function exitWord(exitCode: number, signal: number | undefined): string {
  return signal !== undefined && signal !== 0 ? `Signal:${signal}` : `ExitCode:${exitCode}`;
}

/** The containers that stay: main ones and sidecars. */
function lastingStatuses(pod: Pod): readonly ContainerStatus[] {
  const sidecars = sidecarsOf(pod);
  const beside = (pod.status?.initContainerStatuses ?? []).filter(({ name }) => sidecars.has(name));
  return [...beside, ...(pod.status?.containerStatuses ?? [])];
}

/** Ready containers of all containers, sidecars among them. */
export function podReadiness(pod: Pod): { readonly ready: number; readonly total: number } {
  return {
    ready: lastingStatuses(pod).filter(({ ready }) => ready).length,
    total: pod.spec.containers.length + sidecarsOf(pod).size,
  };
}

/** Restarts of all containers together; those of init containers only until they are through. */
export function podRestarts(pod: Pod): number {
  const counted = initWord(pod) === undefined ? lastingStatuses(pod) : (pod.status?.initContainerStatuses ?? []);
  return counted.reduce((sum, { restartCount }) => sum + restartCount, 0);
}

/** Words for a container that merely has not begun yet. */
const ordinary: ReadonlySet<string> = new Set(['', 'ContainerCreating', 'PodInitializing']);

/** Why a pod is in trouble: the first container that waits for another reason than being made; undefined when none does. */
export function podTrouble(
  pod: Pod,
): { readonly container: string; readonly reason: string; readonly message: string; readonly restarts: number } | undefined {
  for (const status of [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])]) {
    const waiting = status.state?.waiting;
    const reason = waiting?.reason ?? '';
    if (waiting !== undefined && !ordinary.has(reason)) {
      return { container: status.name, reason, message: waiting.message ?? '', restarts: status.restartCount };
    }
  }
  return undefined;
}
