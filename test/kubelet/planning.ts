// What tests of planning share: a pod's containers as the engine would show them, the world around it, and the steps of a plan as words.
import { asCreated } from '../../src/kubelet/as-created.ts';
import type { ContainerSeen } from '../../src/kubelet/engine/container-engine.ts';
import type { PodEnvironment } from '../../src/kubelet/environment.ts';
import { planPod } from '../../src/kubelet/plan/plan-pod.ts';
import type { StopState } from '../../src/kubelet/plan/remembered.ts';
import type { PodPlan, PodStep } from '../../src/kubelet/plan/steps.ts';
import type { ProbeState } from '../../src/kubelet/probes/probe-state.ts';
import { containerSpec, sandboxSpec } from '../../src/kubelet/spec/container-spec.ts';
import type { Container, PodStatus, StoredOf } from '../../src/model/resource.ts';
import { allContainersOf } from '../../src/model/workload.ts';
import { START_MS } from '../support/builders.ts';

/** The time of every plan: an hour after the builders' objects were made. */
export const NOW = START_MS + 3_600_000;
export const SECOND = 1_000;

/** The world around a pod in which everything is there and nothing has happened. */
export function environment(options: Partial<PodEnvironment> = {}): PodEnvironment {
  return {
    cluster: 'c',
    nodeName: 'n',
    nodeAddress: '10.0.0.1',
    node: { cpus: 4, memoryBytes: 2 ** 33, enforces: { memory: true, cpuShares: true, pids: true } },
    sandboxImage: 'sandbox',
    isNodePrepared: true,
    configMaps: new Map(),
    secrets: new Map(),
    claims: new Map(),
    claimVolumes: new Map(),
    freshVolumes: new Set(),
    volumes: new Set(),
    preparedSandboxes: new Set(),
    volumeVersions: new Map(),
    images: new Map(),
    probes: new Map(),
    stops: new Map(),
    hooks: new Map(),
    starts: new Map(),
    endings: new Map(),
    lastWords: new Map(),
    failures: new Map(),
    ...options,
  };
}

const running = { state: 'running', startedAtMs: START_MS, createdAtMs: START_MS, imageId: 'sha256:1' } as const;

/** A sandbox `sandbox-<attempt>` of a pod, as the engine shows it; it runs unless told. */
export function aSandbox(pod: StoredOf<'Pod'>, options: Partial<ContainerSeen> = {}, attempt = 0): ContainerSeen {
  const base = asCreated(`sandbox-${attempt}`, sandboxSpec(pod, environment(), attempt), START_MS);
  return { ...base, ...running, ip: '10.1.0.2', ...options, settings: { ...base.settings, ...options.settings } };
}

export interface RunOptions extends Partial<ContainerSeen> {
  readonly container?: string;
  readonly attempt?: number;
  readonly streak?: number;
  readonly sandbox?: string;
}

/** A run `<container>-<attempt>` of a pod's container, the first one unless told; it runs unless told. */
export function aRun(pod: StoredOf<'Pod'>, options: RunOptions = {}): ContainerSeen {
  const { container: name, attempt = 0, streak = attempt, sandbox = 'sandbox-0', ...rest } = options;
  const container = containerNamed(pod, name ?? pod.spec.containers[0].name);
  const result = containerSpec(pod, container, { ...aSandbox(pod), id: sandbox }, { attempt, streak }, environment());
  if (!result.ok) throw new Error(result.message);
  const base = asCreated(`${container.name}-${attempt}`, result.spec, START_MS);
  return {
    ...base,
    ...running,
    ...rest,
    labels: { ...base.labels, ...rest.labels },
    settings: { ...base.settings, ...rest.settings },
  };
}

function containerNamed(pod: StoredOf<'Pod'>, name: string): Container {
  const found = allContainersOf(pod.spec).find((each) => each.name === name);
  if (found === undefined) throw new Error(`no container ${name}`);
  return found;
}

/** A run that ended so long ago with this exit code. */
export function ended(exitCode: number, agoMs = 0, ranMs = SECOND): Partial<ContainerSeen> {
  return { state: 'exited', exitCode, finishedAtMs: NOW - agoMs, startedAtMs: NOW - agoMs - ranMs };
}

/** Probe results that amount to this. */
export function verdict(of: ProbeState['verdict'], failures = of === 'failure' ? 3 : 0): ProbeState {
  return { verdict: of, successes: 0, failures, failingSinceMs: failures > 0 ? NOW : 0, message: failures > 0 ? 'no' : '' };
}

/** An end that was begun so long ago, with 30 s of grace unless told. */
export function stopping(agoMs: number, options: Partial<StopState> = {}): StopState {
  const graceMs = options.graceMs ?? 30_000;
  const beganAtMs = NOW - agoMs;
  return { graceMs, beganAtMs, deadlineMs: beganAtMs + graceMs, restart: false, isCrash: false, ...options };
}

/** Images of all containers of a pod that are there, for this attempt. */
export function imagesOf(pod: StoredOf<'Pod'>, attempt = 0): Pick<PodEnvironment, 'images'> {
  const wishes = allContainersOf(pod.spec).map((each) => `${pod.metadata.uid}/${each.name}/${attempt}`);
  return { images: new Map(wishes.map((wish) => [wish, { state: 'present' as const }])) };
}

/** Nothing that ended has anything to say. */
export function wordless(seen: readonly ContainerSeen[]): Pick<PodEnvironment, 'lastWords'> {
  return { lastWords: new Map(seen.map(({ id }) => [id, ''])) };
}

/** Plans a pod; of what has ended the last words are known, unless told. */
export function plan(
  pod: StoredOf<'Pod'> | undefined,
  seen: readonly ContainerSeen[],
  options: Partial<PodEnvironment> = {},
): PodPlan {
  return planPod({ pod, seen, environment: environment({ ...wordless(seen), ...options }), now: NOW });
}

/** Steps as words: `create-container main`, `kill main-0 stop`. */
export function words(steps: readonly PodStep[]): string[] {
  return steps.map((step) => {
    const { type } = step;
    if (type === 'create-container') return `create ${step.container}`;
    if (type === 'start-container') return `start ${step.container}`;
    if (type === 'prepare-image') return `image ${step.wish.split('/').slice(1).join('/')}`;
    if (type === 'kill') return `${step.how} ${step.id}`;
    if (type === 'begin-stop') return `end ${step.id} ${step.graceMs / SECOND}s${step.restart ? ' restart' : ''}`;
    if (type === 'run-hook') return `${step.hook} ${step.id}`;
    return type === 'remove' || type === 'read-last-words' ? `${type} ${step.id}` : type;
  });
}

/** What the status says of each container: `main running`, `init terminated Completed 0`, `main waiting CrashLoopBackOff`. */
export function states(status: PodStatus | undefined): string[] {
  const { initContainerStatuses = [], containerStatuses = [], ephemeralContainerStatuses = [] } = status ?? {};
  return [...initContainerStatuses, ...containerStatuses, ...ephemeralContainerStatuses].map(({ name, state, ready }) => {
    const { waiting, terminated } = state ?? {};
    if (waiting !== undefined) return `${name} waiting ${waiting.reason}`;
    if (terminated !== undefined) return `${name} terminated ${terminated.reason} ${terminated.exitCode}`;
    return `${name} running${ready ? ' ready' : ''}`;
  });
}

/** A condition as words: `False ContainersNotReady containers with unready status: [main]`. */
export function condition(status: PodStatus | undefined, type: string): string {
  const found = status?.conditions?.find((each) => each.type === type);
  return [found?.status, found?.reason, found?.message].filter((part) => part !== undefined).join(' ');
}
