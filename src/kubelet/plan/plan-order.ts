// Whose turn it is among the containers of a pod. Kubernetes, "Init Containers" and "Sidecar Containers": init containers one after another,
// each to its success; a sidecar until it has started; then the main ones all at once. Once one of those was made, the pod is initialized, until
// its sandbox is remade: then all begins anew. Pure.
import { SANDBOX_LABEL } from '../labels.ts';
import { isStarted } from '../probes/probe-state.ts';
import { reportedBefore } from '../status/reported.ts';
import { type ContainerHistory, isLiving, type PodView } from './pod-view.ts';
import { decideRun, type RunDecision } from './restart.ts';
import { exitCodeOf, isAlive } from './runs.ts';

/** A container with what is decided about it. */
export interface JudgedRun {
  readonly history: ContainerHistory;
  readonly decision: RunDecision;
  /** Others come first: it is not made or started now. */
  readonly isBlocked: boolean;
}

export interface PodOrder {
  readonly judged: readonly JudgedRun[];
  /** An init container has failed for good, so that the main ones never run. */
  readonly hasInitFailed: boolean;
  /** Nothing of the pod is to be started any more: its main containers have ended for good, or will never begin. */
  readonly isCompleted: boolean;
}

/** Judges all containers of a pod. `sandboxId` is the sandbox that they must belong to, if there is one. */
export function judgeOrder(view: PodView, sandboxId: string | undefined): PodOrder {
  const { histories } = view;
  const isInitialized = histories.some((each) => each.role === 'main' && hasRunIn(each, sandboxId));
  const judged: JudgedRun[] = [];
  let isOpen = true;
  let hasInitFailed = false;
  for (const [index, history] of histories.entries()) {
    const decision = decideRun(view, history, sandboxId);
    if (history.role === 'init') {
      const isPassed = isInitialized || histories.slice(index + 1).some((each) => isOrdered(each) && hasRunIn(each, sandboxId));
      const isDone = isPassed || (decision.next === 'finished' && hasSucceeded(history));
      const hasFailed = !isDone && decision.next === 'finished';
      hasInitFailed ||= hasFailed;
      judged.push({ history, decision: isPassed && !isLiving(history) ? { next: 'finished' } : decision, isBlocked: !isOpen });
      isOpen &&= isDone;
    } else if (history.role === 'sidecar') {
      judged.push({ history, decision, isBlocked: !isOpen && !isInitialized && !hasRunIn(history, sandboxId) });
      isOpen &&= hasSidecarStarted(view, history, decision);
    } else judged.push({ history, decision, isBlocked: history.role === 'main' && !isOpen && !isInitialized });
  }
  const mains = judged.filter(({ history }) => history.role === 'main');
  const hasEnded = mains.every(({ history, decision }) => decision.next === 'finished' && !isLiving(history));
  return { judged, hasInitFailed, isCompleted: hasEnded || hasInitFailed };
}

/** Whether a container waits for those before it. */
function isOrdered({ role }: ContainerHistory): boolean {
  return role !== 'ephemeral';
}

function hasRunIn({ runs, remains }: ContainerHistory, sandboxId: string | undefined): boolean {
  return [...runs, ...remains].some((run) => sandboxId === undefined || run.labels[SANDBOX_LABEL] === sandboxId);
}

/** Whether an init container that is not started again has done its work. */
function hasSucceeded({ runs, status }: ContainerHistory): boolean {
  const latest = runs[0];
  return (latest === undefined ? status?.state?.terminated?.exitCode : exitCodeOf(latest)) === 0;
}

function hasSidecarStarted({ environment }: PodView, history: ContainerHistory, decision: RunDecision): boolean {
  const latest = history.runs[0];
  if (latest === undefined || !isAlive(latest) || decision.next !== 'keep') return false;
  return isStarted(history.container, environment.probes.get(latest.id), reportedBefore(history));
}
