// Whether a pod is ready, and if not, which of its containers is to blame and for what. Pure.
import { findCondition, isConditionTrue } from '../../model/conditions.ts';
import { type ContainerState, type ContainerStatus, controllerOf, keyOf, type StoredOf } from '../../model/resource.ts';
import { fromRfc3339 } from '../../model/time.ts';
import { isSidecar } from '../../model/workload.ts';
import type { StoreReader } from '../../store/store.ts';
import { probeFailure } from './probe-failure.ts';
import type { Health } from './verdict.ts';

/** Restarts from which on a crash loop is believed. */
const CRASH_LOOP_RESTARTS = 3;

const stuckReasons: ReadonlySet<string> = new Set([
  'CreateContainerConfigError',
  'ErrImageNeverPull',
  'ImagePullBackOff',
  'InvalidImageName',
]);

/** Healthy when Ready or Succeeded (Kubernetes, "Pod Lifecycle"). The reader knows what probes have found. */
export function podHealth(pod: StoredOf<'Pod'>, reader: StoreReader): Health {
  const { status, metadata } = pod;
  const sinceMs = fromRfc3339(metadata.creationTimestamp);
  if (metadata.deletionTimestamp !== undefined) return { state: 'progressing', message: 'it is being deleted' };
  if (status?.phase === 'Succeeded') return { state: 'healthy', message: '' };
  // A pod that has failed never runs again; only an owner makes another one.
  const isFinal = status?.phase === 'Failed' && controllerOf(pod) === undefined;
  if (status?.phase === 'Failed')
    return { state: 'stuck', ...(isFinal ? { isFinal } : {}), sinceMs, message: failedMessage(pod) };
  if (isConditionTrue(status?.conditions, 'Ready')) return { state: 'healthy', message: '' };
  const stuck = allStatuses(pod).find(isStuck);
  if (stuck !== undefined) return { state: 'stuck', sinceMs, message: culpritMessage(pod, stuck, reader) };
  return { state: 'progressing', message: waitingMessage(pod, reader) };
}

/** Those of init containers and sidecars, then those of main containers; ephemeral ones are nobody's health. */
function allStatuses({ status }: StoredOf<'Pod'>): readonly ContainerStatus[] {
  return [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
}

function isStuck(container: ContainerStatus): boolean {
  const reason = container.state?.waiting?.reason ?? '';
  return stuckReasons.has(reason) || (reason === 'CrashLoopBackOff' && container.restartCount >= CRASH_LOOP_RESTARTS);
}

/** `container app: CrashLoopBackOff after 4 restarts; last exit code 1 (Error): no such table` */
function containerMessage(container: ContainerStatus, isInit = false): string {
  const { waiting, running, terminated } = container.state ?? {};
  const last = terminated ?? container.lastState?.terminated;
  const restarts =
    container.restartCount === 0
      ? ''
      : ` after ${container.restartCount} ${container.restartCount === 1 ? 'restart' : 'restarts'}`;
  const state =
    waiting !== undefined
      ? `${waiting.reason ?? 'waiting'}${restarts}${waitingReason(waiting)}`
      : running !== undefined
        ? `${isInit ? 'initializing' : 'running but not ready'}${restarts}`
        : terminated !== undefined
          ? `ended${restarts}`
          : 'not started yet';
  return `container ${container.name}: ${state}${last === undefined ? '' : `; ${endMessage(last)}`}`;
}

/** Not of a crash loop: the kubelet names pod and container once more there, and what ended it would stand far behind. */
function waitingReason({ reason, message }: NonNullable<ContainerState['waiting']>): string {
  return message === undefined || reason === 'CrashLoopBackOff' ? '' : `: ${message}`;
}

function endMessage(last: NonNullable<ContainerState['terminated']>): string {
  const reason = last.reason === undefined ? '' : ` (${last.reason})`;
  const message = last.message?.trim();
  return `last exit code ${last.exitCode}${reason}${message === undefined || message === '' ? '' : `: ${message.split('\n').at(-1)}`}`;
}

function failedMessage(pod: StoredOf<'Pod'>): string {
  const { reason, message } = pod.status ?? {};
  // A pod that was ended for a reason of its own (its deadline, an eviction) says more than the containers that were stopped for it.
  if (reason !== undefined) return ['Failed', reason, message].filter((part) => part !== undefined).join(': ');
  const culprit = allStatuses(pod).find((container) => (container.state?.terminated?.exitCode ?? 0) !== 0);
  return culprit === undefined ? 'Failed' : `Failed, ${containerMessage(culprit)}`;
}

function waitingMessage(pod: StoredOf<'Pod'>, reader: StoreReader): string {
  const scheduled = findCondition(pod.status?.conditions, 'PodScheduled');
  if (scheduled?.status === 'False')
    return `${scheduled.reason ?? 'not scheduled'}: ${scheduled.message ?? 'it has no node yet'}`;
  const ready = findCondition(pod.status?.conditions, 'Ready');
  if (ready?.reason === 'ReadinessGatesNotReady') return `ReadinessGatesNotReady: ${ready.message ?? 'a gate is shut'}`;
  const [culprit] = unreadyContainers(pod);
  return culprit === undefined ? 'not started yet' : culpritMessage(pod, culprit.container, reader, culprit.isInit);
}

/** What the container does, and what a probe has to say about it. */
export function culpritMessage(pod: StoredOf<'Pod'>, container: ContainerStatus, reader: StoreReader, isInit = false): string {
  const probe = probeFailure(pod, container, reader);
  return `${containerMessage(container, isInit)}${probe === undefined ? '' : `; ${probe}`}`;
}

/** The containers that a pod waits for: while it initializes, the init containers and sidecars whose turn is not over; else what is not ready. */
export function unreadyContainers({ spec, status }: StoredOf<'Pod'>): readonly { container: ContainerStatus; isInit: boolean }[] {
  const sidecars = new Set((spec.initContainers ?? []).filter(isSidecar).map(({ name }) => name));
  const inits = status?.initContainerStatuses ?? [];
  const undone = inits.filter(({ name, started, ready }) => !(sidecars.has(name) ? started === true : ready));
  if (findCondition(status?.conditions, 'Initialized')?.status === 'False' && undone.length > 0)
    return undone.map((container) => ({ container, isInit: true }));
  const all = [...(status?.containerStatuses ?? []), ...inits.filter(({ name }) => sidecars.has(name))];
  return all.filter(({ ready }) => !ready).map((container) => ({ container, isInit: false }));
}

/** The pod that says most about why its owner is not healthy: a stuck one before one that is on its way. */
export function culpritOf(pods: readonly StoredOf<'Pod'>[], reader: StoreReader): Health | undefined {
  const ill = pods
    .filter((pod) => pod.metadata.deletionTimestamp === undefined)
    .map((pod) => ({ pod, health: podHealth(pod, reader) }))
    .filter(({ health }) => health.state !== 'healthy');
  const worst = ill.find(({ health }) => health.state === 'stuck') ?? ill[0];
  if (worst === undefined) return undefined;
  return { ...worst.health, message: `pod ${keyOf(worst.pod).name}, ${worst.health.message}` };
}
