// The status of a pod, from its containers as they are and what is decided about them. Kubernetes, "Pod Lifecycle". Pure, and stable: the
// same world twice yields an equal status.

import { withCondition } from '../model/conditions.ts';
import { canonicalJson } from '../model/hash.ts';
import type { Condition, ContainerState, ContainerStatus, PodStatus, StoredOf } from '../model/resource.ts';
import { toRfc3339 } from '../model/time.ts';
import type { ContainerSeen } from './engine/container-engine.ts';
import type { PodEnvironment } from './environment.ts';
import { ATTEMPT_LABEL } from './labels.ts';
import { type ContainerHistory, exitCodeOf, isAlive, isStartFailure, labelNumber, type RunDecision } from './plan/restart.ts';
import { isReady, isStarted, type ReportedBefore } from './probes/probe-state.ts';
import { qosClass } from './spec/resources.ts';

type Terminated = NonNullable<ContainerState['terminated']>;

/** Exit code that stands for "not known": the container was gone before anybody looked. */
const UNKNOWN_EXIT_CODE = 137;

/** Why a container is not running yet. */
export interface Waiting {
  readonly reason: string;
  readonly message: string;
}

/** One container with what is decided about it. */
export interface JudgedContainer extends ContainerHistory {
  readonly decision: RunDecision;
  /** What keeps the decision from being carried out. */
  readonly waiting?: Waiting;
}

export interface StatusInput {
  readonly pod: StoredOf<'Pod'>;
  readonly containers: readonly JudgedContainer[];
  /** The sandbox, when it runs as it should. */
  readonly sandbox: ContainerSeen | undefined;
  readonly environment: PodEnvironment;
  readonly now: number;
}

/** Docker's id as Kubernetes writes it. */
function containerId(seen: ContainerSeen): string {
  return `docker://${seen.id}`;
}

/** How a run ended. */
export function terminatedState(seen: ContainerSeen): Terminated {
  const exitCode = exitCodeOf(seen);
  const reason = isStartFailure(seen) ? 'StartError' : seen.isOomKilled ? 'OOMKilled' : exitCode === 0 ? 'Completed' : 'Error';
  return {
    exitCode,
    reason,
    ...(seen.error === '' ? {} : { message: seen.error }),
    ...(seen.startedAtMs > 0 ? { startedAt: toRfc3339(seen.startedAtMs) } : {}),
    finishedAt: toRfc3339(seen.finishedAtMs > 0 ? seen.finishedAtMs : seen.createdAtMs),
    containerID: containerId(seen),
  };
}

/** What is said of a run that was seen running and is gone. */
function vanishedState(status: ContainerStatus): Terminated {
  return {
    exitCode: UNKNOWN_EXIT_CODE,
    reason: 'ContainerStatusUnknown',
    message: 'The container could not be located. It was removed by hand; it used to be Running',
    ...(status.state?.running?.startedAt === undefined ? {} : { startedAt: status.state.running.startedAt }),
    ...(status.containerID === undefined ? {} : { containerID: status.containerID }),
  };
}

/** What was reported of this very run before. */
export function reportedBefore(history: ContainerHistory): ReportedBefore {
  const latest = history.runs[0];
  const isSameRun = latest !== undefined && history.status?.containerID === containerId(latest);
  const { started = false, ready = false } = (isSameRun ? history.status : undefined) ?? {};
  return { isStarted: started, isReady: ready };
}

const hasRun = (seen: ContainerSeen): boolean => !isAlive(seen) && (seen.startedAtMs > 0 || isStartFailure(seen));

/** How the run before the one that is shown ended, if that is known. */
function lastState(judged: JudgedContainer, shown: ContainerSeen | undefined): ContainerState | undefined {
  const ended = judged.runs.find((run) => run !== shown && hasRun(run));
  if (ended !== undefined) return { terminated: terminatedState(ended) };
  const { status } = judged;
  if (status === undefined) return undefined;
  const isShownBefore = shown !== undefined && status.containerID === containerId(shown);
  if (isShownBefore || status.state?.running === undefined) return status.lastState;
  return { terminated: vanishedState(status) };
}

function containerStatus(judged: JudgedContainer, environment: PodEnvironment): ContainerStatus {
  const { container, decision } = judged;
  const latest = judged.runs[0];
  const isRunning = latest !== undefined && isAlive(latest);
  const isFinished = decision.next === 'finished' && !isRunning;
  const shown = isRunning || isFinished ? latest : undefined;
  const before = reportedBefore(judged);
  const probes = latest === undefined ? undefined : environment.probes.get(latest.id);
  const isUsable = isRunning && latest.state === 'running';
  const last = lastState(judged, shown);
  const known = latest ?? judged.status;
  return {
    name: container.name,
    ready: isUsable && isReady(container, probes, before),
    started: isUsable && isStarted(container, probes, before),
    restartCount: latest === undefined ? (judged.status?.restartCount ?? 0) : labelNumber(latest, ATTEMPT_LABEL),
    image: container.image,
    ...(known === undefined ? {} : identityOfRun(latest, judged.status)),
    state: stateOf(judged, isRunning, isFinished),
    ...(last === undefined ? {} : { lastState: last }),
  };
}

function identityOfRun(latest: ContainerSeen | undefined, status: ContainerStatus | undefined): Partial<ContainerStatus> {
  if (latest !== undefined) return { imageID: latest.imageId, containerID: containerId(latest) };
  return {
    ...(status?.imageID === undefined ? {} : { imageID: status.imageID }),
    ...(status?.containerID === undefined ? {} : { containerID: status.containerID }),
  };
}

function stateOf(judged: JudgedContainer, isRunning: boolean, isFinished: boolean): ContainerState {
  const latest = judged.runs[0];
  if (isRunning && latest !== undefined) return { running: { startedAt: toRfc3339(latest.startedAtMs) } };
  if (isFinished) {
    if (latest !== undefined) return { terminated: terminatedState(latest) };
    const { status } = judged;
    if (status?.state?.terminated !== undefined) return { terminated: status.state.terminated };
    return {
      terminated:
        status === undefined ? { exitCode: UNKNOWN_EXIT_CODE, reason: 'ContainerStatusUnknown' } : vanishedState(status),
    };
  }
  const { reason, message } = judged.waiting ?? { reason: 'ContainerCreating', message: '' };
  return { waiting: message === '' ? { reason } : { reason, message } };
}

/** The phase of a pod (Kubernetes, "Pod phase"). */
export function podPhase(pod: StoredOf<'Pod'>, statuses: readonly ContainerStatus[]): NonNullable<PodStatus['phase']> {
  const before = pod.status?.phase;
  if (before === 'Succeeded' || before === 'Failed') return before;
  const policy = pod.spec.restartPolicy ?? 'Always';
  const isUnborn = (status: ContainerStatus): boolean => status.state?.waiting !== undefined && status.lastState === undefined;
  if (statuses.some(isUnborn)) return 'Pending';
  if (policy === 'Always' || statuses.some((status) => status.state?.terminated === undefined)) return 'Running';
  if (statuses.every((status) => status.state?.terminated?.exitCode === 0)) return 'Succeeded';
  return policy === 'Never' ? 'Failed' : 'Running';
}

function conditionsOf(
  pod: StoredOf<'Pod'>,
  phase: NonNullable<PodStatus['phase']>,
  statuses: readonly ContainerStatus[],
  now: number,
): Condition[] {
  let conditions: Condition[] = pod.status?.conditions ?? [];
  const set = (type: string, isTrue: boolean, reason: string, message: string): void => {
    conditions = withCondition(conditions, { type, status: isTrue ? 'True' : 'False', reason, message }, now).map(withoutBlanks);
  };
  const unready = statuses.filter((status) => !status.ready).map((status) => status.name);
  const isOver = phase === 'Succeeded' || phase === 'Failed';
  const reason = phase === 'Succeeded' ? 'PodCompleted' : phase === 'Failed' ? 'PodFailed' : 'ContainersNotReady';
  const isAllReady = unready.length === 0 && !isOver;
  const message = isOver ? '' : `containers with unready status: [${unready.join(' ')}]`;
  set('PodScheduled', true, '', '');
  set('Initialized', true, phase === 'Succeeded' ? 'PodCompleted' : '', '');
  set('ContainersReady', isAllReady, isAllReady ? '' : reason, isAllReady ? '' : message);
  set('Ready', isAllReady, isAllReady ? '' : reason, isAllReady ? '' : message);
  return conditions;
}

/** Kubernetes leaves a blank reason or message out. */
function withoutBlanks(condition: Condition): Condition {
  const { reason, message, ...rest } = condition;
  return { ...rest, ...(reason ? { reason } : {}), ...(message ? { message } : {}) };
}

/** The whole status of a pod. */
export function podStatus({ pod, containers, sandbox, environment, now }: StatusInput): PodStatus {
  const containerStatuses = containers.map((judged) => containerStatus(judged, environment));
  const phase = podPhase(pod, containerStatuses);
  const ip = sandbox?.ip ?? pod.status?.podIP ?? '';
  return {
    phase,
    conditions: conditionsOf(pod, phase, containerStatuses, now),
    hostIP: environment.nodeAddress,
    ...(ip === '' ? {} : { podIP: ip, podIPs: [{ ip }] }),
    startTime: pod.status?.startTime ?? toRfc3339(sandbox === undefined ? now : Math.min(now, sandbox.createdAtMs)),
    qosClass: qosClass(pod),
    containerStatuses,
    observedGeneration: pod.metadata.generation,
  };
}

/** Whether two statuses say the same. */
export function isSameStatus(a: PodStatus | undefined, b: PodStatus): boolean {
  return a !== undefined && canonicalJson(a) === canonicalJson(b);
}
