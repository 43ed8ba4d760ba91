// The phase of a pod. Kubernetes, "Pod Lifecycle", pod phase. Pure.
import { isFinalPhase } from '../../model/pod-phase.ts';
import type { ContainerStatus, PodStatus, StoredOf } from '../../model/resource.ts';
import { rolesOf } from '../plan/pod-view.ts';
import { type ContainerRole, restartsAfter } from '../plan/restart-policy.ts';

export type Phase = NonNullable<PodStatus['phase']>;

/** What a container's status says to the phase. */
interface Count {
  readonly role: ContainerRole;
  readonly status: ContainerStatus;
  /** Exit code of its last end; undefined when it never ended, or runs again. */
  readonly exitCode: number | undefined;
  /** Whether it ended in a way that it is not started again after. */
  readonly isFinal: boolean;
}

/** Whether a main container of the pod has ever run. */
export function hasStarted(statuses: readonly ContainerStatus[]): boolean {
  return statuses.some(({ state, lastState }) => state?.waiting === undefined || lastState?.terminated !== undefined);
}

/**
 * The phase by the statuses of the init and main containers. `isTerminal`: nothing of the pod runs or will run any more, so that the restart
 * policies do not count. A phase that is final stays.
 */
export function podPhase(pod: StoredOf<'Pod'>, statuses: readonly ContainerStatus[], isTerminal: boolean): Phase {
  const before = pod.status?.phase;
  if (before !== undefined && isFinalPhase(before)) return before;
  const counts = countsOf(pod, statuses);
  const mains = counts.filter(({ role }) => role === 'main');
  const isRunning = counts.some(({ role, status }) => role !== 'ephemeral' && status.state?.running !== undefined);
  if (!isRunning) {
    const hasInitFailed = counts.some(({ role, exitCode, isFinal }) => role === 'init' && isFinal && (exitCode ?? 0) !== 0);
    if (hasInitFailed) return 'Failed';
    if (isTerminal) return mains.every(({ exitCode }) => exitCode === 0) ? 'Succeeded' : 'Failed';
  }
  if (isPending(counts, mains)) return 'Pending';
  if (isRunning || mains.some(({ isFinal }) => !isFinal)) return 'Running';
  return mains.every(({ exitCode }) => exitCode === 0) ? 'Succeeded' : 'Failed';
}

/** A container has never run, or the pod has never got as far as its main containers. */
function isPending(counts: readonly Count[], mains: readonly Count[]): boolean {
  if (mains.some(({ status }) => isUnborn(status))) return true;
  if (hasStarted(mains.map(({ status }) => status)))
    return counts.some((each) => each.role === 'sidecar' && isUnborn(each.status));
  return counts.some(({ role, status, exitCode }) => {
    if (role === 'sidecar') return status.started !== true;
    return role === 'init' && (status.state?.running !== undefined || exitCode !== 0);
  });
}

function isUnborn({ state, lastState }: ContainerStatus): boolean {
  return state?.waiting !== undefined && lastState?.terminated === undefined;
}

function countsOf(pod: StoredOf<'Pod'>, statuses: readonly ContainerStatus[]): readonly Count[] {
  return rolesOf(pod.spec).flatMap(({ container, role }): Count[] => {
    const status = statuses.find(({ name }) => name === container.name);
    if (status === undefined || role === 'ephemeral') return [];
    const { state, lastState } = status;
    const exitCode = state?.running === undefined ? (state?.terminated ?? lastState?.terminated)?.exitCode : undefined;
    const isFinal = state?.terminated !== undefined && !restartsAfter(pod.spec, container, role, state.terminated.exitCode);
    return [{ role, status, exitCode, isFinal }];
  });
}
