// The status of one container. Kubernetes, "Pod Lifecycle", container states. Pure, and stable: the same world twice yields an equal status.
import type { ContainerState, ContainerStatus } from '../../model/resource.ts';
import { toRfc3339 } from '../../model/time.ts';
import type { ContainerSeen } from '../engine/container-engine.ts';
import type { PodEnvironment } from '../environment.ts';
import { ATTEMPT_LABEL } from '../labels.ts';
import { reportedWords } from '../plan/last-words.ts';
import type { ContainerHistory } from '../plan/pod-view.ts';
import { containerIdOf, exitCodeOf, hasEnded, isAlive, isStartFailure, labelNumber } from '../plan/runs.ts';
import { isReady, isStarted } from '../probes/probe-state.ts';
import type { JudgedContainer } from './judged.ts';
import { reportedBefore } from './reported.ts';

type Terminated = NonNullable<ContainerState['terminated']>;

/** Exit code that stands for "not known": the container was gone before anybody looked. */
const UNKNOWN_EXIT_CODE = 137;

/** What the status of a container is made from. */
export interface ContainerStatusInput {
  readonly judged: JudgedContainer;
  readonly environment: PodEnvironment;
  /** Why a container waits of which nothing else is known. */
  readonly defaultReason: 'ContainerCreating' | 'PodInitializing';
}

/** The status of a container. */
export function containerStatus({ judged, environment, defaultReason }: ContainerStatusInput): ContainerStatus {
  const { container, decision } = judged;
  const latest = judged.runs[0];
  const isRunning = latest !== undefined && isAlive(latest);
  const isOver = decision.next === 'finished' && !isRunning && hasEverRun(judged);
  const state = stateOf(judged, environment, defaultReason, isOver);
  const shown = state.running !== undefined || isOver ? latest : undefined;
  const last = lastState(judged, shown, environment);
  return {
    name: container.name,
    ...serviceOf(judged, state, environment),
    restartCount: latest === undefined ? (judged.status?.restartCount ?? 0) : labelNumber(latest, ATTEMPT_LABEL),
    image: container.image,
    ...identityOfRun(latest, judged.status),
    state,
    ...(last === undefined ? {} : { lastState: last }),
  };
}

/** Whether it serves and whether it has started; for an init container: whether it has succeeded, and whether it runs. */
function serviceOf(
  judged: JudgedContainer,
  state: ContainerState,
  environment: PodEnvironment,
): { ready: boolean; started: boolean } {
  const { container, role, runs, decision } = judged;
  const latest = runs[0];
  const isUsable = state.running !== undefined && latest?.state === 'running';
  if (role === 'init') return { ready: state.terminated?.exitCode === 0, started: isUsable };
  if (role === 'ephemeral') return { ready: false, started: isUsable };
  const probes = latest === undefined ? undefined : environment.probes.get(latest.id);
  const before = reportedBefore(judged);
  const started = isUsable && isStarted(container, probes, before);
  // What is about to be stopped serves no more: it is taken out of service before it is told.
  return { ready: started && decision.next !== 'stop' && isReady(container, probes, before), started };
}

/** Whether there is any sign that it ever ran. */
function hasEverRun({ runs, status }: ContainerHistory): boolean {
  return runs.some(hasEnded) || status?.containerID !== undefined || status?.state?.terminated !== undefined;
}

function stateOf(judged: JudgedContainer, environment: PodEnvironment, defaultReason: string, isOver: boolean): ContainerState {
  const { decision, runs } = judged;
  const latest = runs[0];
  const hidden = decision.next === 'stop' ? decision.waiting : undefined;
  if (latest !== undefined && isAlive(latest) && decision.next !== 'post-start' && hidden === undefined)
    return { running: { startedAt: toRfc3339(latest.startedAtMs) } };
  if (isOver) return { terminated: latest === undefined ? vanished(judged) : terminatedState(judged, latest, environment) };
  const { reason, message } = hidden ?? judged.waiting ?? { reason: defaultReason, message: '' };
  // Whoever waits for the sandbox or an image waits as the pod does.
  const shown = reason === 'ContainerCreating' ? defaultReason : reason;
  return { waiting: message === '' ? { reason: shown } : { reason: shown, message } };
}

/** How a run ended. */
function terminatedState(history: ContainerHistory, run: ContainerSeen, environment: PodEnvironment): Terminated {
  const exitCode = exitCodeOf(run);
  const reason = isStartFailure(run) ? 'StartError' : run.isOomKilled ? 'OOMKilled' : exitCode === 0 ? 'Completed' : 'Error';
  const words = environment.lastWords.get(run.id) ?? (isStartFailure(run) ? undefined : reportedWords(history, run)) ?? '';
  const message = [run.error, words].filter((part) => part !== '').join(': ');
  return {
    exitCode,
    reason,
    ...(message === '' ? {} : { message }),
    ...(run.startedAtMs > 0 ? { startedAt: toRfc3339(run.startedAtMs) } : {}),
    finishedAt: toRfc3339(run.finishedAtMs > 0 ? run.finishedAtMs : run.createdAtMs),
    containerID: containerIdOf(run),
  };
}

/** What is said of a run that was reported and is gone. */
function vanished({ status }: ContainerHistory): Terminated {
  if (status?.state?.terminated !== undefined) return status.state.terminated;
  if (status?.containerID === undefined) return { exitCode: UNKNOWN_EXIT_CODE, reason: 'ContainerStatusUnknown' };
  return {
    exitCode: UNKNOWN_EXIT_CODE,
    reason: 'ContainerStatusUnknown',
    message: 'The container could not be located. It was removed by hand; it used to be Running',
    ...(status.state?.running?.startedAt === undefined ? {} : { startedAt: status.state.running.startedAt }),
    containerID: status.containerID,
  };
}

/** How the run before the one that is shown ended, if that is known. */
function lastState(
  judged: JudgedContainer,
  shown: ContainerSeen | undefined,
  environment: PodEnvironment,
): ContainerState | undefined {
  const { runs, status } = judged;
  const ended = runs.find((run) => run !== shown && hasEnded(run));
  if (ended !== undefined) return { terminated: terminatedState(judged, ended, environment) };
  if (status === undefined) return undefined;
  const isShownBefore = shown !== undefined && status.containerID === containerIdOf(shown);
  if (isShownBefore || status.state?.running === undefined) return status.lastState;
  // Reported to run, and there neither to run nor to have ended: unless it is only hidden behind its hook, it is gone.
  const isThere = runs.some((run) => containerIdOf(run) === status.containerID);
  return isThere ? status.lastState : { terminated: vanished(judged) };
}

function identityOfRun(latest: ContainerSeen | undefined, status: ContainerStatus | undefined): Partial<ContainerStatus> {
  if (latest !== undefined) return { imageID: latest.imageId, containerID: containerIdOf(latest) };
  return {
    ...(status?.imageID === undefined ? {} : { imageID: status.imageID }),
    ...(status?.containerID === undefined ? {} : { containerID: status.containerID }),
  };
}
