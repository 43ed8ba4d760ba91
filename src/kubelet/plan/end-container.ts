// Ending one container: its preStop hook, the signal that asks it to stop, and its end by force when its grace is over. Kubernetes, "Pod
// Lifecycle", termination of pods. One step at a time, judged by what is remembered of those before. Pure.
import type { Container, StoredOf } from '../../model/resource.ts';
import type { ContainerSeen } from '../engine/container-engine.ts';
import type { PodEnvironment } from '../environment.ts';
import { askedPod } from '../probes/request.ts';
import { isEffective } from './post-start.ts';
import type { StopState } from './remembered.ts';
import type { Note, PodStep } from './steps.ts';

const DEFAULT_GRACE_SECONDS = 30;
/** A container that was asked to stop has this long at least, however much of its grace the hook took. */
export const MIN_TERM_MS = 2_000;
/** A killed container that is still seen after this time is killed again. */
export const KILL_AGAIN_MS = 5_000;

/** Steps that end something, and when to look again if waiting is part of it. */
export interface Ending {
  readonly steps: readonly PodStep[];
  /** Epoch milliseconds. */
  readonly checkAtMs?: number;
}

/** Why and how a container is to end. */
export interface EndOrder {
  /** Told when the end begins. */
  readonly note: Note;
  /** Absent: what it was given when its end began, or else none. */
  readonly graceMs?: number;
  readonly restart: boolean;
  readonly isCrash: boolean;
  /** Whether it may be asked to stop now; its hook runs before its turn comes. */
  readonly isTurn: boolean;
  /** The container as the pod declares it; absent for one that the pod does not know. */
  readonly container?: Container;
  /** Address of its pod, for hooks. */
  readonly podIP: string;
  readonly isOnHostNetwork?: boolean;
}

/** Grace of a pod in milliseconds; that of its deletion, when it is being deleted. */
export function graceMs(pod: StoredOf<'Pod'>): number {
  const { deletionTimestamp, deletionGracePeriodSeconds } = pod.metadata;
  const ofSpec = pod.spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS;
  return 1000 * (deletionTimestamp === undefined ? ofSpec : (deletionGracePeriodSeconds ?? ofSpec));
}

/** The next step of the end of a living container. */
export function endContainer(seen: ContainerSeen, order: EndOrder, environment: PodEnvironment, now: number): Ending {
  const stop = environment.stops.get(seen.id);
  const grace = order.graceMs ?? stop?.graceMs ?? 0;
  const begin: PodStep = {
    type: 'begin-stop',
    id: seen.id,
    graceMs: grace,
    restart: order.restart,
    isCrash: order.isCrash,
    ...(stop === undefined ? { note: order.note } : {}),
  };
  if (stop === undefined || (grace < stop.graceMs && now + grace < stop.deadlineMs)) return { steps: [begin] };
  return continueStop(seen, stop, order, environment, now);
}

function continueStop(seen: ContainerSeen, stop: StopState, order: EndOrder, environment: PodEnvironment, now: number): Ending {
  const kill: Ending = { steps: [{ type: 'kill', id: seen.id, how: 'kill' }], checkAtMs: now + KILL_AGAIN_MS };
  const { deadlineMs, termAtMs, killAtMs } = stop;
  if (killAtMs !== undefined) return now >= killAtMs + KILL_AGAIN_MS ? kill : { steps: [], checkAtMs: killAtMs + KILL_AGAIN_MS };
  if (stop.graceMs <= 0) return kill;
  if (termAtMs !== undefined) {
    const atMs = Math.max(deadlineMs, termAtMs + MIN_TERM_MS);
    return now >= atMs ? kill : { steps: [], checkAtMs: atMs };
  }
  if (now < deadlineMs) {
    const hook = preStop(seen, order, environment);
    if (hook === 'running') return { steps: [], checkAtMs: deadlineMs };
    if (hook !== undefined) return { steps: [hook], checkAtMs: deadlineMs };
    if (!order.isTurn) return { steps: [], checkAtMs: deadlineMs };
  }
  return { steps: [{ type: 'kill', id: seen.id, how: 'stop' }], checkAtMs: Math.max(deadlineMs, now + MIN_TERM_MS) };
}

/** The step that begins the hook, `running` while it does, undefined when there is none or it has ended. A paused container cannot run it. */
function preStop(
  seen: ContainerSeen,
  { container, podIP, isOnHostNetwork = false }: EndOrder,
  environment: PodEnvironment,
): PodStep | 'running' | undefined {
  const handler = container?.lifecycle?.preStop;
  if (container === undefined || !isEffective(handler) || seen.state !== 'running') return undefined;
  const state = environment.hooks.get(seen.id)?.preStop?.state;
  if (state !== undefined) return state === 'running' ? 'running' : undefined;
  return { type: 'run-hook', id: seen.id, hook: 'preStop', container, handler, podIP, pod: askedPod(seen, isOnHostNetwork) };
}

/** The earlier of two times, either of which may be absent. */
export function earliest(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return Math.min(a, b);
}

/** Several endings at once. */
export function together(endings: readonly Ending[]): Ending {
  const checkAtMs = endings.reduce<number | undefined>((first, ending) => earliest(first, ending.checkAtMs), undefined);
  return { steps: endings.flatMap((ending) => ending.steps), ...(checkAtMs === undefined ? {} : { checkAtMs }) };
}
