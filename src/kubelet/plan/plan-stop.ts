// Ending a whole pod: its containers gracefully and in order, and, when it is to go, its remains after them. Kubernetes, "Pod Lifecycle",
// termination of pods, and "Sidecar Containers": a sidecar is asked to stop when the main containers and the sidecars after it have. Pure.
import { isLetGo } from '../../model/deletion.ts';
import type { ContainerSeen } from '../engine/container-engine.ts';
import type { PodEnvironment } from '../environment.ts';
import { CONTAINER_LABEL, ROLE_LABEL } from '../labels.ts';
import { type Ending, type EndOrder, endContainer, graceMs, together } from './end-container.ts';
import { type ContainerHistory, isLiving, type PodView, strangersOf } from './pod-view.ts';
import { isAlive } from './runs.ts';
import type { Note, PodStep } from './steps.ts';

/** A container that the engine is removing is looked at again after this time. */
export const SETTLE_MS = 1_000;

/** The next steps of the end of all containers that live; no steps and no time when none does. `grace`: the pod's own unless given. */
export function endAll(view: PodView, podIP: string, grace = graceMs(view.pod)): Ending {
  const { pod, environment, now, histories } = view;
  const isOnHostNetwork = pod.spec.hostNetwork === true;
  const common = { graceMs: grace, restart: false, isCrash: false, podIP, isOnHostNetwork };
  const known = histories.flatMap((history, index) =>
    history.runs.filter(isAlive).map((run) => {
      const { container } = history;
      const order: EndOrder = { ...common, container, note: stopNote(container.name), isTurn: isTurn(histories, index) };
      return endContainer(run, order, environment, now);
    }),
  );
  const strange = strangersOf(view).map((run) => {
    const order: EndOrder = { ...common, note: stopNote(run.labels[CONTAINER_LABEL] ?? run.id), isTurn: true };
    return endContainer(run, order, environment, now);
  });
  return together([...known, ...strange]);
}

function isTurn(histories: readonly ContainerHistory[], index: number): boolean {
  if (histories[index]?.role !== 'sidecar') return true;
  return !histories.slice(index + 1).some((each) => each.role !== 'ephemeral' && isLiving(each));
}

function stopNote(name: string): Note {
  return { reason: 'Killing', message: `Stopping container ${name}`, severity: 'Normal' };
}

/**
 * Takes a pod apart of which no container lives: the sandbox goes, then the containers, then the pod's volumes, and last of all, when
 * `isStored`, the object itself. A volume that cannot be removed, because somebody else still uses it, does not hold up whoever waits for the
 * pod to go: it is tried again later. Each call yields what is possible now.
 */
export function planRemains({ pod, seen, environment, now }: PodView, isStored: boolean): Ending {
  const containers = planContainerRemoval(seen, now);
  if (containers !== undefined) return containers;
  const volumes = planVolumeRemoval(environment, now);
  if (volumes.steps.length > 0 || !isStored || isKept(pod)) return volumes;
  const { namespace = 'default', name, uid } = pod.metadata;
  return { steps: [{ type: 'remove-pod', key: { kind: 'Pod', namespace, name }, uid }] };
}

/** Whether only finalizers keep the pod, and its node has said so already. */
function isKept(pod: PodView['pod']): boolean {
  return isLetGo(pod) && (pod.metadata.finalizers ?? []).length > 0;
}

/** Grace of containers of which nobody knows what pod they were of. */
const ORPHAN_GRACE_MS = 30_000;

/** What is left in Docker of a pod of which nothing else is known goes: its containers gracefully, then the rest. */
export function planOrphans(seen: readonly ContainerSeen[], environment: PodEnvironment, now: number): Ending {
  const living = seen.filter((each) => each.labels[ROLE_LABEL] !== 'sandbox' && isAlive(each));
  if (living.length === 0) return planContainerRemoval(seen, now) ?? planVolumeRemoval(environment, now);
  const order = { graceMs: ORPHAN_GRACE_MS, restart: false, isCrash: false, isTurn: true, podIP: '' };
  return together(
    living.map((run) => endContainer(run, { ...order, note: stopNote(run.labels[CONTAINER_LABEL] ?? run.id) }, environment, now)),
  );
}

function planContainerRemoval(seen: readonly ContainerSeen[], now: number): Ending | undefined {
  const sandboxes = seen.filter((each) => each.labels[ROLE_LABEL] === 'sandbox');
  const containers = seen.filter((each) => each.labels[ROLE_LABEL] !== 'sandbox');
  // The sandbox remembers the pod: what is left without it is nobody's, whereas a sandbox whose containers are gone looks, when the store
  // is lost in that moment, like a pod that has not begun, and its work would be done again.
  const remaining = sandboxes.length > 0 ? sandboxes : containers;
  if (remaining.length === 0) return undefined;
  const steps = remaining.filter((each) => each.state !== 'removing').map((each): PodStep => ({ type: 'remove', id: each.id }));
  return steps.length > 0 ? { steps } : { steps, checkAtMs: now + SETTLE_MS };
}

function planVolumeRemoval({ volumes, failures }: PodEnvironment, now: number): Ending {
  const retryAtMs = (name: string): number => failures.get(name)?.retryAtMs ?? 0;
  const steps = [...volumes].filter((name) => retryAtMs(name) <= now).map((name): PodStep => ({ type: 'remove-volume', name }));
  return { steps, ...(steps.length > 0 || volumes.size === 0 ? {} : { checkAtMs: Math.min(...[...volumes].map(retryAtMs)) }) };
}
