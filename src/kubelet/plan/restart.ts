// What happens next to one container of a pod, judged by its runs that are still there. Kubernetes, "Pod Lifecycle", container restart
// policy: the first restart is made at once, then after 10 s, 20 s, … up to 5 min; a run of 10 min starts over. Pure, and without a
// memory of its own: how often it restarted is on the labels of its runs, so that a new kubelet decides alike.
import type { Container, ContainerStatus, StoredOf } from '../../model/resource.ts';
import type { ContainerSeen } from '../engine/container-engine.ts';
import type { PodEnvironment } from '../environment.ts';
import { ATTEMPT_LABEL, SANDBOX_LABEL, SPEC_HASH_LABEL, STREAK_LABEL } from '../labels.ts';
import { containerHash, expectedContainer, handEdits, type NextRun } from '../spec/container-spec.ts';

/** Delay of the second restart in a row. */
export const BACK_OFF_FIRST_MS = 10_000;
export const BACK_OFF_MAX_MS = 300_000;
/** A run of this length ends a row of restarts. */
export const BACK_OFF_RESET_MS = 600_000;
/** What a container that could not be started is taken to have exited with. */
export const START_ERROR_EXIT_CODE = 128;

/** What is to happen to a container. */
export type RunDecision =
  /** Make a new run. */
  | { readonly next: 'create'; readonly run: NextRun }
  /** Start the run that was made. */
  | { readonly next: 'start' }
  /** It runs as it should. */
  | { readonly next: 'keep' }
  /** It runs and must not: end it. `restart`: a new run follows, whatever the restart policy makes of the exit code. */
  | { readonly next: 'stop'; readonly message: string; readonly restart: boolean }
  /** It was made and never ran, and is no longer what is wanted: remove it. */
  | { readonly next: 'discard'; readonly message: string }
  /** It failed, and is started again at `untilMs`. */
  | { readonly next: 'back-off'; readonly untilMs: number; readonly delayMs: number }
  /** The engine is removing it. */
  | { readonly next: 'settle' }
  /** It has ended for good. */
  | { readonly next: 'finished' };

/** One container of a pod, with its runs. */
export interface ContainerHistory {
  readonly container: Container;
  /** Newest first. */
  readonly runs: readonly ContainerSeen[];
  /** The last status of this container that was reported. */
  readonly status: ContainerStatus | undefined;
}

/** A number on a label; 0 when it is not there. */
export function labelNumber(seen: ContainerSeen, label: string): number {
  return Number(seen.labels[label] ?? 0) || 0;
}

/** Whether a container has processes. */
export function isAlive(seen: ContainerSeen): boolean {
  return seen.state === 'running' || seen.state === 'paused' || seen.state === 'restarting';
}

/** Whether the engine tried to start it and could not. */
export function isStartFailure(seen: ContainerSeen): boolean {
  return seen.error !== '' && seen.startedAtMs === 0;
}

/** Exit code of a run that has ended. */
export function exitCodeOf(seen: ContainerSeen): number {
  return isStartFailure(seen) ? START_ERROR_EXIT_CODE : seen.exitCode;
}

/** How long to wait before the restart that follows this many restarts in a row. */
export function backOffMs(streak: number): number {
  return streak <= 0 ? 0 : Math.min(BACK_OFF_FIRST_MS * 2 ** Math.min(streak - 1, 20), BACK_OFF_MAX_MS);
}

/** Decides what happens next to a container. `sandboxId` is the sandbox that its runs must belong to, if there is one. */
export function decideRun(
  pod: StoredOf<'Pod'>,
  history: ContainerHistory,
  sandboxId: string | undefined,
  environment: PodEnvironment,
  now: number,
): RunDecision {
  const latest = history.runs[0];
  if (latest === undefined) return decideWithoutRun(pod, history.status);
  if (isAlive(latest)) return decideLiving(pod, history.container, latest, sandboxId, environment);
  if (latest.state === 'removing') return { next: 'settle' };
  if (latest.state === 'created' && !isStartFailure(latest)) {
    const obsolete = whyObsolete(pod, history.container, latest, sandboxId, environment);
    return obsolete === undefined ? { next: 'start' } : { next: 'discard', message: obsolete };
  }
  return decideEnded(pod, history.container, latest, environment, now);
}

/** No run is left. If the status says that there was one, somebody removed it. */
function decideWithoutRun(pod: StoredOf<'Pod'>, status: ContainerStatus | undefined): RunDecision {
  if (status?.containerID === undefined) return { next: 'create', run: { attempt: status?.restartCount ?? 0, streak: 0 } };
  const policy = pod.spec.restartPolicy ?? 'Always';
  const hasSucceeded = status.state?.terminated?.exitCode === 0;
  if (policy === 'Never' || (policy === 'OnFailure' && hasSucceeded)) return { next: 'finished' };
  return { next: 'create', run: { attempt: status.restartCount + 1, streak: 1 } };
}

function decideLiving(
  pod: StoredOf<'Pod'>,
  container: Container,
  run: ContainerSeen,
  sandboxId: string | undefined,
  environment: PodEnvironment,
): RunDecision {
  const isRestartable = pod.spec.restartPolicy !== 'Never';
  const sent = environment.signals.get(run.id);
  if (sent !== undefined)
    return { next: 'stop', message: `Stopping container ${container.name}`, restart: sent.restart === true };
  const obsolete = whyObsolete(pod, container, run, sandboxId, environment);
  if (obsolete !== undefined) {
    const isSandboxGone = run.labels[SANDBOX_LABEL] !== sandboxId;
    return { next: 'stop', message: obsolete, restart: isSandboxGone ? isRestartable : true };
  }
  const probes = environment.probes.get(run.id);
  for (const kind of ['startup', 'liveness'] as const) {
    if (probes?.[kind]?.verdict !== 'failure') continue;
    const ending = isRestartable ? ', will be restarted' : '';
    return { next: 'stop', message: `Container ${container.name} failed ${kind} probe${ending}`, restart: isRestartable };
  }
  return { next: 'keep' };
}

/** Why a run is not what the pod wants, for people; undefined when it is. */
function whyObsolete(
  pod: StoredOf<'Pod'>,
  container: Container,
  run: ContainerSeen,
  sandboxId: string | undefined,
  environment: PodEnvironment,
): string | undefined {
  if (run.labels[SANDBOX_LABEL] !== sandboxId)
    return `Container ${container.name} belongs to a sandbox that is gone, will be restarted`;
  if (run.labels[SPEC_HASH_LABEL] !== containerHash(container))
    return `Container ${container.name} definition changed, will be restarted`;
  const edits = handEdits(expectedContainer(pod, container, labelNumber(run, ATTEMPT_LABEL), environment), run);
  return edits === undefined ? undefined : `Container ${container.name} was edited by hand (${edits}), will be replaced`;
}

function decideEnded(
  pod: StoredOf<'Pod'>,
  container: Container,
  run: ContainerSeen,
  environment: PodEnvironment,
  now: number,
): RunDecision {
  const policy = pod.spec.restartPolicy ?? 'Always';
  const mustRestart =
    environment.signals.get(run.id)?.restart === true || run.labels[SPEC_HASH_LABEL] !== containerHash(container);
  const isWanted = policy === 'Always' || (policy === 'OnFailure' && exitCodeOf(run) !== 0);
  if (!mustRestart && !isWanted) return { next: 'finished' };
  const endedAtMs = run.finishedAtMs > 0 ? run.finishedAtMs : run.createdAtMs;
  const ranMs = run.startedAtMs > 0 ? endedAtMs - run.startedAtMs : 0;
  // The engine's clock may be ahead of this one: what was seen to have ended has.
  const sinceMs = Math.min(endedAtMs, environment.endings.get(run.id) ?? endedAtMs);
  const streak = ranMs >= BACK_OFF_RESET_MS ? 0 : labelNumber(run, STREAK_LABEL);
  const delayMs = backOffMs(streak);
  if (now < sinceMs + delayMs) return { next: 'back-off', untilMs: sinceMs + delayMs, delayMs };
  return { next: 'create', run: { attempt: labelNumber(run, ATTEMPT_LABEL) + 1, streak: streak + 1 } };
}
