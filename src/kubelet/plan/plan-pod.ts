// The heart of the kubelet: what to do next for one pod, given what is seen of it. A pure one-step state machine: it yields the steps
// that are possible now, and is asked again when they are done. It must not reach outside, and keeps no memory. Kubernetes, "Pod Lifecycle".
import type { PodStatus, StoredOf } from '../../model/resource.ts';
import type { ContainerSeen } from '../engine/container-engine.ts';
import type { PodEnvironment } from '../environment.ts';
import type { JudgedContainer } from '../status/judged.ts';
import { podAddress, podStatus, takesOutOfService } from '../status/pod-status.ts';
import { LONG_LEAVE_MS } from '../traffic.ts';
import { earliest } from './end-container.ts';
import { planLastWords } from './last-words.ts';
import { type ContainerStepPlan, planContainer, planOldRuns } from './plan-container.ts';
import { deadlineMs, type Over, planEnding, whyOver } from './plan-ending.ts';
import { hookNotes } from './plan-hooks.ts';
import { judgeOrder, type PodOrder } from './plan-order.ts';
import { probeNotes, probeTargets } from './plan-probes.ts';
import { judgeSandbox, planMissingSandbox, planRunningSandbox, type SandboxJudgement, type SandboxPlan } from './plan-sandbox.ts';
import { planOrphans, planRemains } from './plan-stop.ts';
import { isLiving, type PodView, podView } from './pod-view.ts';
import { rememberedPod } from './remembered-pod.ts';
import type { PodPlan, PodStep } from './steps.ts';

/** What planning sees. */
export interface PodInput {
  /** Absent for containers whose pod is not in the store. */
  readonly pod: StoredOf<'Pod'> | undefined;
  /** All containers of this pod's uid. */
  readonly seen: readonly ContainerSeen[];
  readonly environment: PodEnvironment;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** Decides the next steps of a pod, its status, its probes, and when to look again. */
export function planPod(input: PodInput): PodPlan {
  const { pod, seen, environment, now } = input;
  if (pod === undefined) return planOrphan(input);
  const view = podView(pod, seen, environment, now);
  const plan = pod.metadata.deletionTimestamp === undefined ? planLivePod(view) : planDeletion(view);
  return leftFirst(view, reportedFirst(view, plan));
}

/** Whoever is still led to the pod would find nobody: the network is given time to lead them elsewhere. */
function leftFirst({ environment: { servedUntilMs = 0, leaving }, now }: PodView, plan: PodPlan): PodPlan {
  if (!plan.steps.some(isAskedToStop)) return plan;
  const { sinceMs = now, fault } = leaving ?? {};
  const why = fault === undefined ? '' : `: ${fault}`;
  if (now >= servedUntilMs) {
    // Without a wait, what asks for the end cannot wait.
    if (leaving === undefined || servedUntilMs <= sinceMs) return plan;
    const message = `Stopping after ${seconds(now - sinceMs)} s although a Service or an Ingress may still lead to the pod${why}`;
    return {
      ...plan,
      notes: [...plan.notes, { key: `leave/${sinceMs}/over`, reason: 'StillServed', message, severity: 'Warning' }],
    };
  }
  const toldAtMs = sinceMs + LONG_LEAVE_MS;
  const atMs = now < toldAtMs ? Math.min(toldAtMs, servedUntilMs) : servedUntilMs;
  const checkAgainAfterMs = Math.min(
    leaving === undefined ? servedUntilMs - now : atMs - now,
    plan.checkAgainAfterMs ?? servedUntilMs,
  );
  const waiting = { ...plan, steps: plan.steps.filter((step) => !isAskedToStop(step)), checkAgainAfterMs };
  if (leaving === undefined || now < toldAtMs) return waiting;
  const message = `Waiting up to ${seconds(servedUntilMs - sinceMs)} s until no Service or Ingress leads to the pod${why}`;
  return {
    ...waiting,
    notes: [...waiting.notes, { key: `leave/${sinceMs}`, reason: 'StillServed', message, severity: 'Normal' }],
  };
}

function seconds(ms: number): number {
  return Math.round(ms / 1000);
}

function isAskedToStop({ type }: PodStep): boolean {
  return type === 'begin-stop';
}

/**
 * Nobody may be sent to a container that was told to stop, so what takes a pod out of service is written before that; and so is why it
 * ends, when another process could not find that out.
 */
function reportedFirst({ pod }: PodView, plan: PodPlan): PodPlan {
  const { status, steps } = plan;
  const isStopping = steps.some(({ type }) => type === 'begin-stop');
  if (status === undefined || !isStopping) return plan;
  if (status.reason === pod.status?.reason && !takesOutOfService(pod.status, status)) return plan;
  // What is reported of a container that has ended is final, so its last words come before that.
  const reads = steps.filter(({ type }) => type === 'read-last-words');
  return { ...plan, steps: reads.length > 0 ? reads : [{ type: 'report', status }] };
}

/** Containers whose pod is gone from the store end as it would have, as far as their sandbox remembers it. */
function planOrphan({ seen, environment, now }: PodInput): PodPlan {
  const pod = rememberedPod(seen);
  const view = pod === undefined ? undefined : podView(pod, seen, environment, now);
  const ending = view === undefined ? undefined : planEnding(view, { kind: 'deleted' }, undefined);
  const isOver = ending === undefined || ending.isDone;
  const { steps, checkAtMs } = isOver ? planOrphans(seen, environment, now) : ending;
  return { steps, notes: [], ...check(checkAtMs, now), probesToRun: [], isWaitingForImages: false };
}

function check(atMs: number | undefined, now: number): { checkAgainAfterMs?: number } {
  return atMs === undefined ? {} : { checkAgainAfterMs: Math.max(1, atMs - now) };
}

/** A pod that is being deleted: nothing is started any more. */
function planDeletion(view: PodView): PodPlan {
  const { pod, seen, now, sandboxes } = view;
  const sandbox = sandboxes.find((each) => each.state === 'running');
  const ending = planEnding(view, { kind: 'deleted' }, sandbox);
  const { status, notes, probesToRun } = ending;
  const common = { notes, probesToRun, isWaitingForImages: false };
  if (!ending.isDone) return { ...common, steps: ending.steps, status, ...check(ending.checkAtMs, now) };
  // How its containers ended is told before they go: whoever counts on it (finalizers of Jobs) finds it nowhere else.
  const isTold = seen.length === 0 || pod.status?.phase === status.phase;
  const remains = planRemains(view, true);
  const steps: readonly PodStep[] = isTold ? remains.steps : [{ type: 'report', status }];
  return { ...common, steps, ...(isTold ? {} : { status }), ...check(remains.checkAtMs, now) };
}

function planLivePod(view: PodView): PodPlan {
  const { pod, seen, sandboxes, environment } = view;
  const judgement = judgeSandbox(pod, sandboxes[0], seen, environment);
  const order = judgeOrder(view, judgement.usable?.id);
  const over = whyOver(view, order);
  return over === undefined ? planRunningPod(view, judgement, order) : planFinishedPod(view, judgement, over);
}

/** A pod whose containers have all ended for good, or that may not run any longer: it keeps what it left, and needs no network any more. */
function planFinishedPod(view: PodView, judgement: SandboxJudgement, over: Over): PodPlan {
  const { sandboxes, now } = view;
  const ending = planEnding(view, over, judgement.isRunning ? judgement.usable : undefined);
  const old = view.histories.flatMap(planOldRuns);
  const leftovers = ending.isDone
    ? sandboxes
        .filter((each) => each.state === 'running' || each.state === 'paused' || each.state === 'restarting')
        .map((each): PodStep => ({ type: 'kill', id: each.id, how: 'kill' }))
    : [];
  return {
    steps: [...planLastWords(view), ...ending.steps, ...old, ...leftovers],
    notes: ending.notes,
    status: ending.status,
    ...check(ending.checkAtMs, now),
    probesToRun: ending.probesToRun,
    isWaitingForImages: false,
  };
}

function planRunningPod(view: PodView, judgement: SandboxJudgement, order: PodOrder): PodPlan {
  const { pod, seen, environment, now, sandboxes, histories } = view;
  const hasAlive = histories.some(isLiving);
  const sandboxPlan =
    judgement.isRunning && judgement.usable !== undefined
      ? planRunningSandbox(pod, judgement.usable, seen, environment, now)
      : planMissingSandbox(pod, sandboxes, judgement, hasAlive, environment, now);
  const running = sandboxPlan.isReady ? judgement.usable : undefined;
  const plans = order.judged.map((judged) => planContainer(view, judged, running));
  const strays = sandboxes.slice(1).filter((each) => each.state !== 'removing' && !hasAlive);
  const usable = judgement.isRunning ? judgement.usable : undefined;
  const decisions = order.judged.map(({ decision }) => decision);
  return {
    steps: [
      // They lie in what goes with the sandbox.
      ...planLastWords(view),
      ...sandboxPlan.steps,
      ...plans.flatMap((plan) => plan.steps),
      ...histories.flatMap(planOldRuns),
      ...strays.map((each): PodStep => ({ type: 'remove', id: each.id })),
    ],
    notes: [...sandboxPlan.notes, ...plans.flatMap((plan) => plan.notes), ...hookNotes(view), ...probeNotes(view)],
    status: statusOf(view, order, plans, sandboxPlan, usable),
    ...check(
      plans.reduce((first, plan) => earliest(first, plan.checkAtMs), earliest(sandboxPlan.checkAtMs, deadlineMs(view))),
      now,
    ),
    probesToRun: usable === undefined ? [] : probeTargets(view, decisions, podAddress(view, usable)),
    isWaitingForImages: sandboxPlan.isWaitingForImage === true || plans.some((plan) => plan.isWaitingForImage === true),
  };
}

function statusOf(
  view: PodView,
  { judged }: PodOrder,
  plans: readonly ContainerStepPlan[],
  sandboxPlan: SandboxPlan,
  sandbox: ContainerSeen | undefined,
): PodStatus {
  const containers = judged.map(({ history, decision, isBlocked }, index): JudgedContainer => {
    const waiting = plans[index]?.waiting ?? (isBlocked ? undefined : sandboxPlan.waiting);
    return { ...history, decision, ...(waiting === undefined ? {} : { waiting }) };
  });
  return podStatus({ view, containers, sandbox, isTerminal: false });
}
