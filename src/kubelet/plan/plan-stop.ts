// Ending what runs: one container gracefully, a whole pod, or what is left of a pod that nobody knows. Pure.
import type { StoredOf } from '../../model/resource.ts';
import type { ContainerSeen } from '../engine/container-engine.ts';
import type { PodEnvironment } from '../environment.ts';
import { CONTAINER_LABEL, POD_JSON_LABEL, ROLE_LABEL } from '../labels.ts';
import { isAlive } from './restart.ts';
import type { Note, PodStep } from './steps.ts';

const DEFAULT_GRACE_SECONDS = 30;
/** A killed container that is still seen after this time is killed again. */
export const KILL_AGAIN_MS = 5_000;
/** A container that the engine is removing is looked at again after this time. */
export const SETTLE_MS = 1_000;

/** Steps that end something, and when to look again if waiting is part of it. */
export interface Ending {
  readonly steps: readonly PodStep[];
  /** Epoch milliseconds. */
  readonly checkAtMs?: number;
}

/** Grace of a pod in milliseconds; that of its deletion, when it is being deleted. */
export function graceMs(pod: StoredOf<'Pod'>): number {
  const { deletionTimestamp, deletionGracePeriodSeconds } = pod.metadata;
  const ofSpec = pod.spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS;
  return 1000 * (deletionTimestamp === undefined ? ofSpec : (deletionGracePeriodSeconds ?? ofSpec));
}

/** Asks a living container to stop, and kills it when its grace is over. */
export function endContainer(
  seen: ContainerSeen,
  grace: number,
  note: Note,
  restart: boolean,
  environment: PodEnvironment,
  now: number,
): Ending {
  const sent = environment.signals.get(seen.id);
  const kill: PodStep = { type: 'kill', id: seen.id, how: 'kill', restart };
  if (sent === undefined) {
    if (grace <= 0) return { steps: [{ ...kill, note }], checkAtMs: now + KILL_AGAIN_MS };
    return { steps: [{ type: 'kill', id: seen.id, how: 'stop', restart, note }], checkAtMs: now + grace };
  }
  const killAtMs = sent.killAtMs === undefined ? sent.stopAtMs + grace : sent.killAtMs + KILL_AGAIN_MS;
  return now >= killAtMs ? { steps: [kill], checkAtMs: now + KILL_AGAIN_MS } : { steps: [], checkAtMs: killAtMs };
}

/** The earlier of two times, either of which may be absent. */
export function earliest(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return Math.min(a, b);
}

/**
 * Ends a pod: all containers at once and gracefully, then they are removed, then the sandbox, then the pod's volumes, and last of all,
 * when `pod` is given, the object itself. A volume that cannot be removed, because somebody else still uses it, does not hold up whoever
 * waits for the pod to go: it is tried again later. Each call yields what is possible now.
 */
export function planRemoval(
  pod: StoredOf<'Pod'> | undefined,
  seen: readonly ContainerSeen[],
  environment: PodEnvironment,
  now: number,
): Ending {
  const sandboxes = seen.filter((each) => each.labels[ROLE_LABEL] === 'sandbox');
  const containers = seen.filter((each) => each.labels[ROLE_LABEL] !== 'sandbox');
  const grace = pod === undefined ? orphanGraceMs(sandboxes) : graceMs(pod);
  const living = containers.filter(isAlive);
  if (living.length > 0) {
    const endings = living.map((each) => endContainer(each, grace, stopNote(each), false, environment, now));
    return {
      steps: endings.flatMap((ending) => ending.steps),
      ...checkAt(endings.reduce<number | undefined>((first, ending) => earliest(first, ending.checkAtMs), undefined)),
    };
  }
  const remaining = containers.length > 0 ? containers : sandboxes;
  if (remaining.length > 0) {
    const steps = remaining.filter((each) => each.state !== 'removing').map((each): PodStep => ({ type: 'remove', id: each.id }));
    return steps.length > 0 ? { steps } : { steps, checkAtMs: now + SETTLE_MS };
  }
  const volumes = planVolumeRemoval(environment, now);
  if (volumes.steps.length > 0 || pod === undefined) return volumes;
  const { namespace = 'default', name, uid } = pod.metadata;
  return { steps: [{ type: 'remove-pod', key: { kind: 'Pod', namespace, name }, uid }] };
}

function planVolumeRemoval({ volumes, failures }: PodEnvironment, now: number): Ending {
  const retryAtMs = (name: string): number => failures.get(name)?.retryAtMs ?? 0;
  const steps = [...volumes].filter((name) => retryAtMs(name) <= now).map((name): PodStep => ({ type: 'remove-volume', name }));
  return { steps, ...(steps.length > 0 || volumes.size === 0 ? {} : { checkAtMs: Math.min(...[...volumes].map(retryAtMs)) }) };
}

function checkAt(checkAtMs: number | undefined): { checkAtMs?: number } {
  return checkAtMs === undefined ? {} : { checkAtMs };
}

function stopNote(seen: ContainerSeen): Note {
  return { reason: 'Killing', message: `Stopping container ${seen.labels[CONTAINER_LABEL] ?? seen.id}`, severity: 'Normal' };
}

/** The grace of a pod of which only its containers are left; its sandbox remembers it. */
function orphanGraceMs(sandboxes: readonly ContainerSeen[]): number {
  for (const { labels } of sandboxes) {
    const seconds = graceSecondsIn(labels[POD_JSON_LABEL]);
    if (seconds !== undefined) return seconds * 1000;
  }
  return DEFAULT_GRACE_SECONDS * 1000;
}

function graceSecondsIn(json: string | undefined): number | undefined {
  const match = /"terminationGracePeriodSeconds":(\d+)/.exec(json ?? '');
  return match === null ? undefined : Number(match[1]);
}
