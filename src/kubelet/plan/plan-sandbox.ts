// The sandbox of a pod and the volumes that it keeps: made before the first container, remade when it died, kept up to date. Pure.
import type { StoredOf } from '../../model/resource.ts';
import type { ContainerSeen } from '../engine/container-engine.ts';
import type { PodEnvironment } from '../environment.ts';
import { ATTEMPT_LABEL, SANDBOX_LABEL, SPEC_HASH_LABEL } from '../labels.ts';
import { SANDBOX_PART } from '../names.ts';
import type { Waiting } from '../pod-status.ts';
import { expectedSandbox, handEdits, identityOf, sandboxHash, sandboxSpec } from '../spec/container-spec.ts';
import {
  dockerVolume,
  firstFiles,
  isConfigVolume,
  podVolumeSpecs,
  type VolumeContent,
  volumeContent,
} from '../volumes/volumes.ts';
import { SETTLE_MS } from './plan-stop.ts';
import { labelNumber } from './restart.ts';
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
}

/** What the newest sandbox is good for. */
export interface SandboxJudgement {
  /** The sandbox, when it is what the pod wants; it may not have been started yet. */
  readonly usable?: ContainerSeen;
  readonly isRunning: boolean;
  /** Why it has to be replaced. */
  readonly problem?: string;
}

/** Judges the newest sandbox of a pod. */
export function judgeSandbox(
  pod: StoredOf<'Pod'>,
  sandbox: ContainerSeen | undefined,
  environment: PodEnvironment,
): SandboxJudgement {
  if (sandbox === undefined) return { isRunning: false };
  const problem = (text: string): SandboxJudgement => ({ isRunning: false, problem: text });
  if (sandbox.state === 'removing') return problem('it is being removed');
  if (sandbox.state === 'exited' || sandbox.state === 'dead') return problem(`it has ended with exit code ${sandbox.exitCode}`);
  if (sandbox.labels[SPEC_HASH_LABEL] !== sandboxHash(pod)) return problem('its definition changed');
  const edits = handEdits(expectedSandbox(pod, labelNumber(sandbox, ATTEMPT_LABEL), environment), sandbox);
  if (edits !== undefined) return problem(`it was edited by hand (${edits})`);
  return { usable: sandbox, isRunning: sandbox.state === 'running' };
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
  if (hasAlive) return { steps: [], notes: changed, isReady: false };
  if (newest !== undefined && judgement.problem !== undefined) {
    if (newest.state === 'removing') return { steps: [], notes: changed, checkAtMs: now + SETTLE_MS, isReady: false };
    return { steps: [{ type: 'remove', id: newest.id }], notes: changed, isReady: false };
  }
  const failed = waitAfterFailure(environment, now);
  if (failed !== undefined) return failed;
  if (judgement.usable !== undefined)
    return { steps: [{ type: 'start-sandbox', id: judgement.usable.id }], notes: [], isReady: false };
  return planNewSandbox(pod, newest === undefined ? 0 : labelNumber(newest, ATTEMPT_LABEL) + 1, environment);
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

function planNewSandbox(pod: StoredOf<'Pod'>, attempt: number, environment: PodEnvironment): SandboxPlan {
  const blocked = whyVolumesWait(pod, environment);
  if (blocked !== undefined) return blocked;
  const missing = podVolumeSpecs(pod, identityOf(pod, environment.cluster)).filter(
    (volume) => !environment.volumes.has(volume.name),
  );
  const before: readonly PodStep[] = [
    ...(environment.isNodePrepared ? [] : [{ type: 'prepare-node' as const }]),
    ...missing.map((volume): PodStep => ({ type: 'ensure-volume', volume })),
  ];
  if (before.length > 0) return { steps: before, notes: [], isReady: false };
  return { steps: [{ type: 'create-sandbox', spec: sandboxSpec(pod, environment, attempt) }], notes: [], isReady: false };
}

/** Kubernetes starts nothing of a pod before all of its volumes are there. */
function whyVolumesWait(pod: StoredOf<'Pod'>, environment: PodEnvironment): SandboxPlan | undefined {
  for (const volume of pod.spec.volumes ?? []) {
    const claim = volume.persistentVolumeClaim?.claimName;
    const phase = claim === undefined ? 'Bound' : environment.claims.get(claim);
    if (phase === undefined) return volumesWait(`persistentvolumeclaim "${claim}" not found`);
    if (phase !== 'Bound')
      return volumesWait(`persistentvolumeclaim "${claim}" is ${phase === 'Lost' ? 'lost' : 'not bound yet'}`);
    const result = isConfigVolume(volume) ? volumeContent(volume, environment) : undefined;
    if (result?.ok === false) return volumesWait(result.message);
  }
  return undefined;
}

function volumesWait(message: string): SandboxPlan {
  return {
    steps: [],
    notes: [{ key: `mount/${message}`, reason: 'FailedMount', message, severity: 'Warning' }],
    waiting: { reason: 'ContainerCreating', message },
    isReady: false,
  };
}

/** The sandbox runs: fill its volumes before the first container, and follow changes of ConfigMaps and Secrets after that. */
export function planRunningSandbox(
  pod: StoredOf<'Pod'>,
  sandbox: ContainerSeen,
  seen: readonly ContainerSeen[],
  environment: PodEnvironment,
  now: number,
): SandboxPlan {
  // The first container is made after the volumes are filled, so its being there is proof, also for a new kubelet.
  const isFilled =
    environment.preparedSandboxes.has(sandbox.id) || seen.some((each) => each.labels[SANDBOX_LABEL] === sandbox.id);
  return isFilled ? planVolumeUpdates(pod, sandbox, environment) : planFirstFill(pod, sandbox, environment, now);
}

function planFirstFill(pod: StoredOf<'Pod'>, sandbox: ContainerSeen, environment: PodEnvironment, now: number): SandboxPlan {
  const blocked = waitAfterFailure(environment, now) ?? whyVolumesWait(pod, environment);
  if (blocked !== undefined) return blocked;
  const contents = new Map<string, VolumeContent>();
  for (const volume of pod.spec.volumes ?? []) {
    const result = isConfigVolume(volume) ? volumeContent(volume, environment) : undefined;
    if (result?.ok === true) contents.set(volume.name, result.content);
  }
  const identity = identityOf(pod, environment.cluster);
  const files = firstFiles(pod, identity, contents, environment.freshVolumes, environment.claimVolumes);
  if (files.length === 0) return { steps: [], notes: [], isReady: true };
  const opened = (pod.spec.volumes ?? [])
    .map((volume) => dockerVolume(volume, identity, environment.claimVolumes) ?? '')
    .filter((name) => environment.freshVolumes.has(name));
  return {
    steps: [{ type: 'fill-volumes', sandboxId: sandbox.id, files, versions: contents, opened }],
    notes: [],
    isReady: false,
  };
}

function planVolumeUpdates(pod: StoredOf<'Pod'>, sandbox: ContainerSeen, environment: PodEnvironment): SandboxPlan {
  const steps: PodStep[] = [];
  const notes: KeyedNote[] = [];
  for (const volume of pod.spec.volumes ?? []) {
    if (!isConfigVolume(volume)) continue;
    const result = volumeContent(volume, environment);
    // A ConfigMap that went away takes nothing from a pod that runs: the old content stays.
    if (!result.ok)
      notes.push({ key: `mount/${result.message}`, reason: 'FailedMount', message: result.message, severity: 'Warning' });
    else {
      const step = planVolumeUpdate(volume.name, sandbox.id, result.content, environment);
      if (step !== undefined) steps.push(step);
    }
  }
  return { steps, notes, isReady: true };
}

function planVolumeUpdate(
  volume: string,
  sandboxId: string,
  content: VolumeContent,
  environment: PodEnvironment,
): PodStep | undefined {
  const held = environment.volumeVersions.get(volume);
  if (held === undefined) return { type: 'read-volume-version', sandboxId, volume };
  if (held.version === content.version) return undefined;
  const old = held.names;
  return {
    type: 'update-volume',
    sandboxId,
    volume,
    oldVersion: held.version,
    ...content,
    newNames: old === undefined ? [] : content.names.filter((name) => !old.includes(name)),
    unsureNames: old === undefined ? content.names : [],
    goneNames: old === undefined ? [] : old.filter((name) => !content.names.includes(name)),
  };
}
