// The sandbox of a pod and the volumes that it keeps: made before the first container, remade when it died, kept up to date. Pure.
import type { StoredOf } from '../../model/resource.ts';
import type { ContainerSeen } from '../engine/container-engine.ts';
import type { PodEnvironment } from '../environment.ts';
import { ATTEMPT_LABEL, SANDBOX_LABEL, SANDBOX_START_LABEL, SPEC_HASH_LABEL } from '../labels.ts';
import { SANDBOX_PART } from '../names.ts';
import { identityOf, sandboxHash, sandboxSpec } from '../spec/container-spec.ts';
import { expectedSandbox, handEdits } from '../spec/hand-edits.ts';
import { NAME_FILES_DIRECTORY, nameFiles } from '../spec/name-files.ts';
import { sandboxProblem } from '../spec/namespaces.ts';
import { isUnplugged, sandboxWay } from '../spec/sandbox-way.ts';
import type { Waiting } from '../status/judged.ts';
import { planMissingVolumes, planVolumes, whyVolumesWait } from '../volumes/plan-volumes.ts';
import { SETTLE_MS } from './plan-stop.ts';
import { labelNumber } from './runs.ts';
import type { KeyedNote, PodStep } from './steps.ts';

/** What is to be done about the sandbox. */
export interface SandboxPlan {
  readonly steps: readonly PodStep[];
  readonly notes: readonly KeyedNote[];
  /** Why containers have to wait. */
  readonly waiting?: Waiting;
  /** Epoch milliseconds. */
  readonly checkAtMs?: number;
  /** Whether containers may be made in it. */
  readonly isReady: boolean;
  readonly isWaitingForImage?: boolean;
}

/** What the newest sandbox is good for. */
export interface SandboxJudgement {
  /** The sandbox, when it is what the pod wants; it may not have been started yet. */
  readonly usable?: ContainerSeen;
  readonly isRunning: boolean;
  /** Why it has to be replaced. */
  readonly problem?: string;
}

/** Judges the newest sandbox of a pod, of which `seen` are all containers. */
export function judgeSandbox(
  pod: StoredOf<'Pod'>,
  sandbox: ContainerSeen | undefined,
  seen: readonly ContainerSeen[],
  environment: PodEnvironment,
): SandboxJudgement {
  if (sandbox === undefined) return { isRunning: false };
  const problem = (text: string): SandboxJudgement => ({ isRunning: false, problem: text });
  if (sandbox.state === 'removing') return problem('it is being removed');
  if (sandbox.state === 'exited' || sandbox.state === 'dead') return problem(`it has ended with exit code ${sandbox.exitCode}`);
  if (sandbox.labels[SPEC_HASH_LABEL] !== sandboxHash(pod)) return problem('its definition changed');
  if (sandbox.state === 'running' && seen.some((each) => wasMadeBefore(each, sandbox)))
    return problem('it was restarted by hand, and has another network since');
  const edits = handEdits(expectedSandbox(pod, sandbox, environment), sandbox);
  if (edits !== undefined) return problem(`it was edited by hand (${edits})`);
  // A process that has just begun does not know yet whether it can: the plug is there when the node is prepared.
  const isPlugKnown = environment.isNodePrepared;
  if (isPlugKnown && isUnplugged(sandbox, seen, environment) && sandboxWay(pod, environment) !== 'plugged')
    return problem('it has no network yet, and cannot be plugged in now');
  return { usable: sandbox, isRunning: sandbox.state === 'running' };
}

/** Whether a container was made in a sandbox that was started anew after that. Those of older versions do not tell. */
function wasMadeBefore({ labels }: ContainerSeen, sandbox: ContainerSeen): boolean {
  const madeAt = labels[SANDBOX_START_LABEL];
  return labels[SANDBOX_LABEL] === sandbox.id && madeAt !== undefined && madeAt !== String(sandbox.startedAtMs);
}

/** No sandbox runs: take the old one away once nothing lives in it, then make a new one. */
export function planMissingSandbox(
  pod: StoredOf<'Pod'>,
  sandboxes: readonly ContainerSeen[],
  judgement: SandboxJudgement,
  hasAlive: boolean,
  environment: PodEnvironment,
  now: number,
): SandboxPlan {
  const newest = sandboxes[0];
  const changed = sandboxChangedNotes(judgement, newest);
  if (hasAlive && !isSuccessorDue(pod, newest, judgement)) return { steps: [], notes: changed, isReady: false };
  if (newest !== undefined && judgement.problem !== undefined && !hasAlive) {
    if (newest.state === 'removing') return { steps: [], notes: changed, checkAtMs: now + SETTLE_MS, isReady: false };
    return { steps: [{ type: 'remove', id: newest.id }], notes: changed, isReady: false };
  }
  const failed = waitAfterFailure(environment, now);
  if (failed !== undefined) return failed;
  const prepare: readonly PodStep[] = environment.isNodePrepared ? [] : [{ type: 'prepare-node' }];
  if (judgement.usable !== undefined)
    return { steps: [...prepare, { type: 'start-sandbox', id: judgement.usable.id }], notes: [], isReady: false };
  const plan = planNewSandbox(pod, newest === undefined ? 0 : labelNumber(newest, ATTEMPT_LABEL) + 1, environment, hasAlive);
  return { ...plan, notes: [...changed, ...plan.notes] };
}

/**
 * Whether the next sandbox is to run before the containers of one that died have ended: what is in memory stays only as long as somebody
 * has it mounted, and an emptyDir lives as long as its pod (Kubernetes, "emptyDir"). The ports of a dead sandbox are free.
 */
function isSuccessorDue(pod: StoredOf<'Pod'>, newest: ContainerSeen | undefined, judgement: SandboxJudgement): boolean {
  if (pod.spec.volumes?.some(({ emptyDir }) => emptyDir?.medium === 'Memory') !== true) return false;
  return newest === undefined || judgement.usable !== undefined || newest.state === 'exited' || newest.state === 'dead';
}

/** A step of the sandbox failed, and it is not time to try again. */
function waitAfterFailure({ failures }: PodEnvironment, now: number): SandboxPlan | undefined {
  const failure = failures.get(SANDBOX_PART);
  if (failure === undefined || now >= failure.retryAtMs) return undefined;
  const message = `Failed to create pod sandbox: ${failure.message}`;
  return {
    steps: [],
    notes: [{ key: `sandbox/${message}`, reason: 'FailedCreatePodSandBox', message, severity: 'Warning' }],
    waiting: { reason: 'ContainerCreating', message },
    checkAtMs: failure.retryAtMs,
    isReady: false,
  };
}

function sandboxChangedNotes(judgement: SandboxJudgement, newest: ContainerSeen | undefined): readonly KeyedNote[] {
  if (judgement.problem === undefined || newest === undefined) return [];
  const message = `Pod sandbox changed, it will be killed and re-created: ${judgement.problem}`;
  return [{ key: `sandbox-changed/${newest.id}`, reason: 'SandboxChanged', message, severity: 'Normal' }];
}

function planNewSandbox(pod: StoredOf<'Pod'>, attempt: number, environment: PodEnvironment, isSuccessor: boolean): SandboxPlan {
  const blocked = whyNotOnThisNode(pod, environment) ?? whyVolumesWait(pod, environment);
  if (blocked !== undefined) return blocked;
  const before: readonly PodStep[] = [
    ...(environment.isNodePrepared ? [] : [{ type: 'prepare-node' as const }]),
    ...planMissingVolumes(pod, identityOf(pod, environment.cluster), environment),
  ];
  if (before.length > 0) return { steps: before, notes: [], isReady: false };
  const spec = sandboxSpec(pod, environment, attempt);
  return { steps: [{ type: 'create-sandbox', spec, ...(isSuccessor ? { isStarted: true } : {}) }], notes: [], isReady: false };
}

/** The pod asks for what this node does not have, or does not allow. */
function whyNotOnThisNode(pod: StoredOf<'Pod'>, { node, runtimeHandlers }: PodEnvironment): SandboxPlan | undefined {
  const problem = sandboxProblem(pod, node, runtimeHandlers ?? new Map());
  if (problem === undefined) return undefined;
  const { reason, message } = problem;
  return {
    steps: [],
    notes: [{ key: `node/${message}`, reason, message, severity: 'Warning' }],
    waiting: { reason: 'ContainerCreating', message },
    isReady: false,
  };
}

/** The sandbox runs: it is plugged in and its volumes are filled before the first container, and those are followed after that. */
export function planRunningSandbox(
  pod: StoredOf<'Pod'>,
  sandbox: ContainerSeen,
  seen: readonly ContainerSeen[],
  environment: PodEnvironment,
  now: number,
): SandboxPlan {
  if (isUnplugged(sandbox, seen, environment)) {
    if (!environment.isNodePrepared)
      return waitAfterFailure(environment, now) ?? { steps: [{ type: 'prepare-node' }], notes: [], isReady: false };
    const { id, address = '' } = sandbox;
    const files = nameFiles(pod, address, environment) ?? {};
    const step: PodStep = { type: 'plug-sandbox', id, address, directory: NAME_FILES_DIRECTORY, files };
    return { steps: [step], notes: [], isReady: false };
  }
  return planVolumes(pod, sandbox, seen, identityOf(pod, environment.cluster), environment, now);
}
