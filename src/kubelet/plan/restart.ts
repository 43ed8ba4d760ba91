// What happens next to one container of a pod, judged by its runs that are still there. Kubernetes, "Pod Lifecycle", container restart
// policy: the first restart is made at once, then after 10 s, 20 s, … up to 5 min; a run of 10 min starts over. Pure, and without a
// memory of its own: how often it restarted is on the labels of its runs, so that a new kubelet decides alike. It must not look at the other
// containers of the pod: whose turn it is, is judged in plan-order.ts.
import type { Container } from '../../model/resource.ts';
import type { ContainerSeen } from '../engine/container-engine.ts';
import { ATTEMPT_LABEL, PIDS_LIMIT_LABEL, SANDBOX_LABEL, SANDBOX_START_LABEL, SPEC_HASH_LABEL, STREAK_LABEL } from '../labels.ts';
import { containerHash, type NextRun } from '../spec/container-spec.ts';
import { expectedContainer, handEdits } from '../spec/hand-edits.ts';
import { engineResources } from '../spec/resources.ts';
import type { ContainerHistory, PodView } from './pod-view.ts';
import { postStartState } from './post-start.ts';
import { isRestartable, restartsAfter } from './restart-policy.ts';
import { exitCodeOf, hasEnded, isAlive, labelNumber } from './runs.ts';

/** Delay of the second restart in a row. */
export const BACK_OFF_FIRST_MS = 10_000;
export const BACK_OFF_MAX_MS = 300_000;
/** A run of this length ends a row of restarts. */
export const BACK_OFF_RESET_MS = 600_000;

/** What is to happen to a container. */
export type RunDecision =
  /** Make a new run. */
  | { readonly next: 'create'; readonly run: NextRun }
  /** Start the run that was made. */
  | { readonly next: 'start' }
  /** It runs, and its postStart hook has not ended. */
  | { readonly next: 'post-start' }
  /** It runs as it should. */
  | { readonly next: 'keep' }
  /** It runs and must not: end it. */
  | StopDecision
  /** It was made and never ran, and is no longer what is wanted: remove it. */
  | { readonly next: 'discard'; readonly message: string }
  /** It failed, and is started again at `untilMs`. */
  | { readonly next: 'back-off'; readonly untilMs: number; readonly delayMs: number }
  /** The engine is removing it. */
  | { readonly next: 'settle' }
  /** It is over for good, by itself. */
  | { readonly next: 'finished' };

export interface StopDecision {
  readonly next: 'stop';
  readonly message: string;
  /** A new run follows, whatever the restart policy makes of the exit code. */
  readonly restart: boolean;
  /** Whether that restart counts towards the back-off. */
  readonly isCrash: boolean;
  /** Seconds of grace instead of the pod's. */
  readonly graceSeconds?: number;
  /** What the status says meanwhile, instead of that it runs. */
  readonly waiting?: { readonly reason: string; readonly message: string };
}

/** How long to wait before the restart that follows this many restarts in a row. */
export function backOffMs(streak: number): number {
  return streak <= 0 ? 0 : Math.min(BACK_OFF_FIRST_MS * 2 ** Math.min(streak - 1, 20), BACK_OFF_MAX_MS);
}

/** Decides what happens next to a container. `sandboxId` is the sandbox that its runs must belong to, if there is one. */
export function decideRun(view: PodView, history: ContainerHistory, sandboxId: string | undefined): RunDecision {
  const latest = history.runs[0];
  if (latest === undefined) return decideWithoutRun(view, history);
  if (isAlive(latest)) return decideLiving(view, history, latest, sandboxId);
  if (latest.state === 'removing') return { next: 'settle' };
  if (!hasEnded(latest) && latest.state === 'created') {
    if (history.role === 'ephemeral') return { next: 'start' };
    const obsolete = whyObsolete(view, history.container, latest, sandboxId, true);
    if (obsolete !== undefined) return { next: 'discard', message: obsolete };
    if (!isLookDue(view, latest)) return { next: 'start' };
    if (isLabelledAlike(view, history.container, latest)) return { next: 'create', run: runOf(latest) };
    return { next: 'discard', message: `Container ${history.container.name} was made with other settings` };
  }
  return decideEnded(view, history, latest, sandboxId);
}

/** Whether a run may have been made without a look at its paths of the host: making it once more finds it, and looks. */
function isLookDue({ pod, environment }: PodView, run: ContainerSeen): boolean {
  if (environment.made === undefined || environment.made.has(run.id)) return false;
  return (pod.spec.volumes ?? []).some(
    ({ hostPath, persistentVolumeClaim }) => hostPath !== undefined || persistentVolumeClaim !== undefined,
  );
}

/** Whether making it once more would find it: an older version, or other settings of the node, labelled it otherwise. */
function isLabelledAlike({ pod, environment }: PodView, container: Container, { labels }: ContainerSeen): boolean {
  const { pidsLimit = 0 } = engineResources(pod, container, environment.node);
  return labels[SANDBOX_START_LABEL] !== undefined && Number(labels[PIDS_LIMIT_LABEL] ?? 0) === pidsLimit;
}

function runOf(run: ContainerSeen): NextRun {
  return { attempt: labelNumber(run, ATTEMPT_LABEL), streak: labelNumber(run, STREAK_LABEL) };
}

/** No run is left. If the status says that there was one, somebody removed it. */
function decideWithoutRun({ pod }: PodView, { container, role, status }: ContainerHistory): RunDecision {
  if (status?.containerID === undefined) return { next: 'create', run: { attempt: status?.restartCount ?? 0, streak: 0 } };
  if (role === 'ephemeral') return { next: 'finished' };
  const terminated = status.state?.terminated;
  const again = { next: 'create', run: { attempt: status.restartCount + 1, streak: 1 } } as const;
  // An init container of which nothing is left may be asked for again: it has to bear that (Kubernetes, "Init Containers").
  if (terminated === undefined || role === 'init')
    return isRestartable(pod.spec, container, role) || terminated?.exitCode === 0 ? again : { next: 'finished' };
  return restartsAfter(pod.spec, container, role, terminated.exitCode) ? again : { next: 'finished' };
}

function decideLiving(view: PodView, history: ContainerHistory, run: ContainerSeen, sandboxId: string | undefined): RunDecision {
  const { pod, environment } = view;
  const { container, role } = history;
  const canRestart = isRestartable(pod.spec, container, role);
  const begun = environment.stops.get(run.id);
  if (begun !== undefined) {
    const { restart, isCrash } = begun;
    return { next: 'stop', message: `Stopping container ${container.name}`, restart, isCrash, ...failedHookWait(view, history) };
  }
  const obsolete = whyObsolete(view, container, run, sandboxId, role !== 'init');
  if (obsolete !== undefined) {
    const isSandboxGone = run.labels[SANDBOX_LABEL] !== sandboxId;
    return { next: 'stop', message: obsolete, restart: isSandboxGone ? canRestart : role !== 'ephemeral', isCrash: false };
  }
  const hook = postStartState(view, history);
  if (hook === 'failed')
    return { next: 'stop', message: 'FailedPostStartHook', restart: false, isCrash: true, ...failedHookWait(view, history) };
  if (hook === 'pending') return { next: 'post-start' };
  return failedProbe(view, history, run, canRestart) ?? { next: 'keep' };
}

function failedProbe(
  { environment }: PodView,
  { container }: ContainerHistory,
  run: ContainerSeen,
  restart: boolean,
): StopDecision | undefined {
  const probes = environment.probes.get(run.id);
  for (const kind of ['startup', 'liveness'] as const) {
    if (probes?.[kind]?.verdict !== 'failure') continue;
    const message = `Container ${container.name} failed ${kind} probe${restart ? ', will be restarted' : ''}`;
    const graceSeconds = (kind === 'startup' ? container.startupProbe : container.livenessProbe)?.terminationGracePeriodSeconds;
    return { next: 'stop', message, restart, isCrash: true, ...(graceSeconds === undefined ? {} : { graceSeconds }) };
  }
  return undefined;
}

/** What a container that is stopped for its failed hook is shown as. */
function failedHookWait({ environment }: PodView, { runs }: ContainerHistory): Pick<StopDecision, 'waiting'> {
  const hook = environment.hooks.get(runs[0]?.id ?? '')?.postStart;
  return hook?.state === 'failed' ? { waiting: { reason: 'PostStartHookError', message: hook.message } } : {};
}

/** Why a run is not what the pod wants, for people; undefined when it is. A changed definition of an init container changes no run of it. */
function whyObsolete(
  { pod, environment }: PodView,
  container: Container,
  run: ContainerSeen,
  sandboxId: string | undefined,
  followsDefinition: boolean,
): string | undefined {
  if (run.labels[SANDBOX_LABEL] !== sandboxId)
    return `Container ${container.name} belongs to a sandbox that is gone, will be restarted`;
  if (run.labels[SPEC_HASH_LABEL] !== containerHash(container)) {
    if (!followsDefinition) return undefined;
    return `Container ${container.name} definition changed, will be restarted`;
  }
  const edits = handEdits(expectedContainer(pod, container, labelNumber(run, ATTEMPT_LABEL), environment), run);
  return edits === undefined ? undefined : `Container ${container.name} was edited by hand (${edits}), will be replaced`;
}

function decideEnded(view: PodView, history: ContainerHistory, run: ContainerSeen, sandboxId: string | undefined): RunDecision {
  const { pod, environment, now } = view;
  const { container, role } = history;
  const attempt = labelNumber(run, ATTEMPT_LABEL) + 1;
  const exitCode = exitCodeOf(run);
  // A new sandbox begins with all init containers again.
  const isOfOldSandbox = sandboxId !== undefined && run.labels[SANDBOX_LABEL] !== sandboxId;
  if (role === 'init' && isOfOldSandbox && exitCode === 0) return { next: 'create', run: { attempt, streak: 0 } };
  const stop = role === 'ephemeral' ? undefined : environment.stops.get(run.id);
  if (stop?.restart !== true && !restartsAfter(pod.spec, container, role, exitCode)) return { next: 'finished' };
  if (run.labels[SPEC_HASH_LABEL] !== containerHash(container)) return { next: 'create', run: { attempt, streak: 0 } };
  const streak = streakAfter(run);
  // What this kubelet ended for reasons of its own is no crash.
  if (stop?.restart === true && !stop.isCrash) return { next: 'create', run: { attempt, streak } };
  const delayMs = backOffMs(streak);
  // A clock that was set changes what the engine noted, but not how long this process has waited.
  const untilMs = (environment.endings.get(run.id) ?? Math.min(endedAtMs(run), now)) + delayMs;
  if (now < untilMs) return { next: 'back-off', untilMs, delayMs };
  return { next: 'create', run: { attempt, streak: streak + 1 } };
}

/** When a run ended by the engine's clock, which may be wrong. */
function endedAtMs(run: ContainerSeen): number {
  return run.finishedAtMs > 0 ? run.finishedAtMs : run.createdAtMs;
}

/** The row of restarts that the next run continues; a long run ended it. */
function streakAfter(run: ContainerSeen): number {
  const ranMs = run.startedAtMs > 0 ? endedAtMs(run) - run.startedAtMs : 0;
  return ranMs >= BACK_OFF_RESET_MS ? 0 : labelNumber(run, STREAK_LABEL);
}
