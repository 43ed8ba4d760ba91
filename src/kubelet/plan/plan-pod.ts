// The heart of the kubelet: what to do next for one pod, given what is seen of it. A pure one-step state machine: it yields the steps
// that are possible now, and is asked again when they are done. It must not reach outside, and keeps no memory.
import type { StoredOf } from '../../model/resource.ts';
import type { ContainerSeen } from '../engine/container-engine.ts';
import type { PodEnvironment } from '../environment.ts';
import { ATTEMPT_LABEL, CONTAINER_LABEL, ROLE_LABEL } from '../labels.ts';
import { type JudgedContainer, podStatus, reportedBefore, type Waiting } from '../pod-status.ts';
import { isProbing, PROBE_KINDS } from '../probes/probe-state.ts';
import { type ContainerStepPlan, planContainer, planOldRuns } from './plan-container.ts';
import { judgeSandbox, planMissingSandbox, planRunningSandbox, type SandboxPlan } from './plan-sandbox.ts';
import { earliest, endContainer, planRemoval } from './plan-stop.ts';
import { type ContainerHistory, decideRun, isAlive, labelNumber, type RunDecision } from './restart.ts';
import type { KeyedNote, PodPlan, PodStep, ProbeTarget } from './steps.ts';

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

interface LivePod {
  readonly pod: StoredOf<'Pod'>;
  readonly environment: PodEnvironment;
  readonly now: number;
  readonly histories: readonly ContainerHistory[];
  /** Newest first. */
  readonly sandboxes: readonly ContainerSeen[];
}

/** Decides the next steps of a pod, its status, its probes, and when to look again. */
export function planPod(input: PodInput): PodPlan {
  const { pod, seen, environment, now } = input;
  if (pod === undefined) {
    const { steps, checkAtMs } = planRemoval(undefined, seen, environment, now);
    return { steps, notes: [], ...check(checkAtMs, now), probesToRun: [], isWaitingForImages: false };
  }
  const live: LivePod = {
    pod,
    environment,
    now,
    histories: pod.spec.containers.map((container) => historyOf(pod, container, seen)),
    sandboxes: newestFirst(seen.filter((each) => each.labels[ROLE_LABEL] === 'sandbox')),
  };
  if (pod.metadata.deletionTimestamp !== undefined) return planDeletion(live, seen);
  return planLivePod(live, seen);
}

function newestFirst(seen: readonly ContainerSeen[]): readonly ContainerSeen[] {
  return [...seen].sort((a, b) => labelNumber(b, ATTEMPT_LABEL) - labelNumber(a, ATTEMPT_LABEL));
}

function historyOf(
  pod: StoredOf<'Pod'>,
  container: ContainerHistory['container'],
  seen: readonly ContainerSeen[],
): ContainerHistory {
  return {
    container,
    runs: newestFirst(seen.filter((each) => each.labels[CONTAINER_LABEL] === container.name)),
    status: pod.status?.containerStatuses?.find((status) => status.name === container.name),
  };
}

function check(atMs: number | undefined, now: number): { checkAgainAfterMs?: number } {
  return atMs === undefined ? {} : { checkAgainAfterMs: Math.max(1, atMs - now) };
}

/** A pod that is being deleted: nothing is started any more. */
function planDeletion(live: LivePod, seen: readonly ContainerSeen[]): PodPlan {
  const { pod, environment, now, histories, sandboxes } = live;
  const { steps, checkAtMs } = planRemoval(pod, seen, environment, now);
  const containers = histories.map((history): JudgedContainer => ({ ...history, decision: { next: 'finished' } }));
  const isGoing = !seen.some(isAlive);
  return {
    steps,
    notes: [],
    // What is being taken apart is not reported in pieces: the last status stands until the object goes.
    ...(isGoing ? {} : { status: podStatus({ pod, containers, sandbox: sandboxes.find(isAlive), environment, now }) }),
    ...check(checkAtMs, now),
    probesToRun: [],
    isWaitingForImages: false,
  };
}

function planLivePod(live: LivePod, seen: readonly ContainerSeen[]): PodPlan {
  const { pod, environment, now, histories, sandboxes } = live;
  const judgement = judgeSandbox(pod, sandboxes[0], environment);
  const isOver = pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
  const decisions = histories.map((history): RunDecision => {
    const decision = decideRun(pod, history, judgement.usable?.id, environment, now);
    return isOver && decision.next !== 'stop' && decision.next !== 'keep' ? { next: 'finished' } : decision;
  });
  const hasAlive = histories.some((history) => history.runs.some(isAlive));
  const isFinished = decisions.every((decision) => decision.next === 'finished') && !hasAlive;
  const sandboxPlan = isFinished
    ? endSandbox(sandboxes)
    : judgement.isRunning && judgement.usable !== undefined
      ? planRunningSandbox(pod, judgement.usable, seen, environment, now)
      : planMissingSandbox(pod, sandboxes, judgement, hasAlive, environment, now);
  const running = sandboxPlan.isReady ? judgement.usable : undefined;
  const plans = histories.map((history, index) => planHistory(live, history, decisions[index] ?? { next: 'finished' }, running));
  const containers = histories.map((history, index): JudgedContainer => {
    const waiting: Waiting | undefined = plans[index]?.waiting ?? sandboxPlan.waiting;
    const decision = decisions[index] ?? { next: 'finished' };
    return { ...history, decision, ...(waiting === undefined ? {} : { waiting }) };
  });
  const strays = sandboxes.slice(1).filter((each) => each.state !== 'removing' && !hasAlive);
  const steps: readonly PodStep[] = [
    ...sandboxPlan.steps,
    ...plans.flatMap((plan) => plan.steps),
    ...histories.flatMap(planOldRuns),
    ...strays.map((each): PodStep => ({ type: 'remove', id: each.id })),
  ];
  const usable = judgement.isRunning ? judgement.usable : undefined;
  return {
    steps,
    notes: [...sandboxPlan.notes, ...plans.flatMap((plan) => plan.notes), ...unhealthyNotes(live)],
    status: podStatus({ pod, containers, sandbox: usable, environment, now }),
    ...check(
      plans.reduce((first, plan) => earliest(first, plan.checkAtMs), sandboxPlan.checkAtMs),
      now,
    ),
    probesToRun: usable === undefined ? [] : probeTargets(live, decisions, usable.ip),
    isWaitingForImages: plans.some((plan) => plan.isWaitingForImage === true),
  };
}

function planHistory(
  live: LivePod,
  history: ContainerHistory,
  decision: RunDecision,
  sandbox: ContainerSeen | undefined,
): ContainerStepPlan {
  // An older run that lives beside the newest one would be a second container for one slot: first it goes.
  const doubled = history.runs.slice(1).filter(isAlive);
  if (doubled.length === 0) return planContainer(live.pod, history, decision, sandbox, live.environment, live.now);
  const message = `Container ${history.container.name} runs twice; the older one goes`;
  const note = { reason: 'Killing', message, severity: 'Warning' as const };
  const endings = doubled.map((run) => endContainer(run, 0, note, false, live.environment, live.now));
  const checkAtMs = endings.reduce<number | undefined>((first, ending) => earliest(first, ending.checkAtMs), undefined);
  return { steps: endings.flatMap((ending) => ending.steps), notes: [], ...(checkAtMs === undefined ? {} : { checkAtMs }) };
}

/** A pod whose containers have all ended for good needs no network any more. */
function endSandbox(sandboxes: readonly ContainerSeen[]): SandboxPlan {
  const steps = sandboxes.filter(isAlive).map((each): PodStep => ({ type: 'kill', id: each.id, how: 'kill', restart: false }));
  return { steps, notes: [], isReady: false };
}

function probeTargets(live: LivePod, decisions: readonly RunDecision[], podIP: string): readonly ProbeTarget[] {
  return live.histories.flatMap((history, index): ProbeTarget[] => {
    const latest = history.runs[0];
    if (latest === undefined || latest.state !== 'running' || decisions[index]?.next !== 'keep') return [];
    const before = reportedBefore(history);
    const verdicts = live.environment.probes.get(latest.id) ?? {};
    const kinds = PROBE_KINDS.filter((kind) => isProbing(history.container, kind, verdicts, before));
    const { container } = history;
    return kinds.length === 0
      ? []
      : [{ containerId: latest.id, container, kinds, podIP, startedAtMs: latest.startedAtMs, before }];
  });
}

function unhealthyNotes(live: LivePod): readonly KeyedNote[] {
  return live.histories.flatMap(({ runs }) => {
    const id = runs[0]?.id ?? '';
    const verdicts = live.environment.probes.get(id) ?? {};
    return PROBE_KINDS.flatMap((kind): KeyedNote[] => {
      const state = verdicts[kind];
      if (state === undefined || state.failures === 0) return [];
      const title = `${kind.charAt(0).toUpperCase()}${kind.slice(1)}`;
      const key = `unhealthy/${id}/${kind}/${state.failingSinceMs}`;
      return [{ key, reason: 'Unhealthy', message: `${title} probe failed: ${state.message}`, severity: 'Warning' }];
    });
  });
}
