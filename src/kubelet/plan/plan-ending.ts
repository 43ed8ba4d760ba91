// A pod that is over as a whole: deleted, finished, evicted, out of time, or failed. All that lives of it is ended; nothing is started. Kubernetes, "Pod
// Lifecycle", termination of pods; "Jobs", deadlines of pods. Pure.
import { isFinalPhase } from '../../model/pod-phase.ts';
import type { PodStatus } from '../../model/resource.ts';
import type { ContainerSeen } from '../engine/container-engine.ts';
import type { JudgedContainer } from '../status/judged.ts';
import { type PodFailure, podAddress, podStatus } from '../status/pod-status.ts';
import { hookNotes } from './plan-hooks.ts';
import type { PodOrder } from './plan-order.ts';
import { probeTargets } from './plan-probes.ts';
import { endAll } from './plan-stop.ts';
import { isLiving, type PodView, strangersOf } from './pod-view.ts';
import type { RunDecision } from './restart.ts';
import type { KeyedNote, PodStep, ProbeTarget } from './steps.ts';

const DEADLINE: PodFailure = {
  reason: 'DeadlineExceeded',
  message: 'Pod was active on the node longer than the specified deadline',
};
const EVICTED = 'Evicted';
/** The kubelet's grace for pods that are evicted at once, whatever their own is. */
const EVICTION_GRACE_MS = 1_000;

/** Why a pod is over. */
export type Over =
  | { readonly kind: 'deleted' }
  /** Its containers have ended for good, or its phase is final. */
  | { readonly kind: 'completed' }
  /** `graceMs`: instead of the pod's own. */
  | { readonly kind: 'failed'; readonly failure: PodFailure; readonly graceMs?: number };

/** The end of a pod, one step further. */
export interface PodEnding {
  readonly steps: readonly PodStep[];
  readonly notes: readonly KeyedNote[];
  readonly status: PodStatus;
  /** Epoch milliseconds. */
  readonly checkAtMs?: number;
  readonly probesToRun: readonly ProbeTarget[];
  /** Nothing of it lives. */
  readonly isDone: boolean;
}

/** When the pod has been active for as long as it may, epoch milliseconds; undefined when it may for ever. */
export function deadlineMs({ pod, environment, now }: PodView): number | undefined {
  const seconds = pod.spec.activeDeadlineSeconds;
  return seconds === undefined ? undefined : (environment.activeSinceMs ?? now) + seconds * 1000;
}

/** Whether a pod that nobody deletes is over, and why. */
export function whyOver(view: PodView, order: PodOrder): Over | undefined {
  const { pod, now } = view;
  if (isFinalPhase(pod.status?.phase)) return { kind: 'completed' };
  const message = whyEvicted(view);
  if (message !== undefined) return { kind: 'failed', failure: { reason: EVICTED, message }, graceMs: EVICTION_GRACE_MS };
  const overdue: Over = { kind: 'failed', failure: DEADLINE };
  // Once it was told: a container that ends when it is asked would complete the pod.
  if (pod.status?.reason === DEADLINE.reason) return overdue;
  if (order.isCompleted) return { kind: 'completed' };
  const atMs = deadlineMs(view);
  return atMs !== undefined && now >= atMs ? overdue : undefined;
}

/** What an eviction was decided by is gone with the process, and can be less when it is measured anew: the status remembers it. */
function whyEvicted({ pod: { status }, environment }: PodView): string | undefined {
  return status?.reason === EVICTED ? (status.message ?? '') : environment.evictionMessage;
}

/** The next steps of the end of a pod. */
export function planEnding(view: PodView, over: Over, sandbox: ContainerSeen | undefined): PodEnding {
  const { pod, histories } = view;
  const isDone = !histories.some(isLiving) && strangersOf(view).length === 0;
  const podIP = podAddress(view, sandbox) || (pod.status?.podIP ?? '');
  const { steps, checkAtMs } = endAll(view, podIP, over.kind === 'failed' ? over.graceMs : undefined);
  // A pod that is deleted serves what it has begun, as its readiness probes say; nobody is sent to it any more.
  const living: RunDecision =
    over.kind === 'deleted' ? { next: 'keep' } : { next: 'stop', message: '', restart: false, isCrash: false };
  const decisions = histories.map((history): RunDecision => (isLiving(history) ? living : { next: 'finished' }));
  const containers = histories.map(
    (history, index): JudgedContainer => ({ ...history, decision: decisions[index] ?? { next: 'finished' } }),
  );
  const ending = over.kind === 'completed' ? {} : { ending: over.kind };
  const failure = over.kind === 'failed' ? { failure: over.failure } : {};
  return {
    steps,
    notes: [...hookNotes(view), ...(over.kind === 'failed' ? [failureNote(over.failure)] : [])],
    status: podStatus({ view, containers, sandbox, isTerminal: isDone, ...ending, ...failure }),
    ...(checkAtMs === undefined ? {} : { checkAtMs }),
    probesToRun: over.kind === 'deleted' && sandbox !== undefined ? probeTargets(view, decisions, podIP, ['readiness']) : [],
    isDone,
  };
}

function failureNote({ reason, message }: PodFailure): KeyedNote {
  return { key: `over/${reason}`, reason, message, severity: reason === EVICTED ? 'Warning' : 'Normal' };
}
