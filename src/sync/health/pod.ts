// Whether a pod is ready, and if not, which of its containers is to blame and for what. Pure.
import { findCondition, isConditionTrue } from '../../model/conditions.ts';
import type { ContainerState, ContainerStatus, StoredOf } from '../../model/resource.ts';
import { fromRfc3339 } from '../../model/time.ts';
import type { Health } from './verdict.ts';

/** Restarts from which on a crash loop is believed. */
const CRASH_LOOP_RESTARTS = 3;

const stuckReasons: ReadonlySet<string> = new Set([
  'CreateContainerConfigError',
  'ErrImageNeverPull',
  'ImagePullBackOff',
  'InvalidImageName',
]);

/** Healthy when Ready or Succeeded (Kubernetes, "Pod Lifecycle"). */
export function podHealth(pod: StoredOf<'Pod'>): Health {
  const { status, metadata } = pod;
  const sinceMs = fromRfc3339(metadata.creationTimestamp);
  if (metadata.deletionTimestamp !== undefined) return { state: 'progressing', message: 'it is being deleted' };
  if (status?.phase === 'Succeeded') return { state: 'healthy', message: '' };
  if (status?.phase === 'Failed') return { state: 'stuck', sinceMs, message: failedMessage(pod) };
  if (isConditionTrue(status?.conditions, 'Ready')) return { state: 'healthy', message: '' };
  const stuck = (status?.containerStatuses ?? []).find(isStuck);
  if (stuck !== undefined) return { state: 'stuck', sinceMs, message: containerMessage(stuck) };
  return { state: 'progressing', message: waitingMessage(pod) };
}

function isStuck(container: ContainerStatus): boolean {
  const reason = container.state?.waiting?.reason ?? '';
  return stuckReasons.has(reason) || (reason === 'CrashLoopBackOff' && container.restartCount >= CRASH_LOOP_RESTARTS);
}

/** `container app: CrashLoopBackOff after 4 restarts; it ended with exit code 1 (Error): no such table` */
export function containerMessage(container: ContainerStatus): string {
  const { waiting, running, terminated } = container.state ?? {};
  const last = terminated ?? container.lastState?.terminated;
  const restarts =
    container.restartCount === 0
      ? ''
      : ` after ${container.restartCount} ${container.restartCount === 1 ? 'restart' : 'restarts'}`;
  const state =
    waiting !== undefined
      ? `${waiting.reason ?? 'waiting'}${restarts}${waiting.message === undefined ? '' : `: ${waiting.message}`}`
      : running !== undefined
        ? `running but not ready${restarts}`
        : terminated !== undefined
          ? `ended${restarts}`
          : 'not started yet';
  return `container ${container.name}: ${state}${last === undefined ? '' : `; ${endMessage(last)}`}`;
}

function endMessage(last: NonNullable<ContainerState['terminated']>): string {
  const reason = last.reason === undefined ? '' : ` (${last.reason})`;
  const message = last.message?.trim();
  return `last exit code ${last.exitCode}${reason}${message === undefined || message === '' ? '' : `: ${message.split('\n').at(-1)}`}`;
}

function failedMessage(pod: StoredOf<'Pod'>): string {
  const culprit = pod.status?.containerStatuses?.find((container) => (container.state?.terminated?.exitCode ?? 0) !== 0);
  if (culprit !== undefined) return `Failed, ${containerMessage(culprit)}`;
  return ['Failed', pod.status?.reason, pod.status?.message].filter((part) => part !== undefined).join(': ');
}

function waitingMessage(pod: StoredOf<'Pod'>): string {
  const scheduled = findCondition(pod.status?.conditions, 'PodScheduled');
  if (scheduled?.status === 'False')
    return `${scheduled.reason ?? 'not scheduled'}: ${scheduled.message ?? 'it has no node yet'}`;
  const container = pod.status?.containerStatuses?.find((candidate) => !candidate.ready);
  return container === undefined ? 'not started yet' : containerMessage(container);
}
