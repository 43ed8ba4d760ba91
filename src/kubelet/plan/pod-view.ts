// A pod with its containers in the order in which they start, each with its runs: what all planning of a pod looks at. Pure.
import type { Container, ContainerStatus, PodSpec, StoredOf } from '../../model/resource.ts';
import { isSidecar } from '../../model/workload.ts';
import type { ContainerSeen } from '../engine/container-engine.ts';
import type { PodEnvironment } from '../environment.ts';
import { ATTEMPT_LABEL, CONTAINER_LABEL, ROLE_LABEL } from '../labels.ts';
import type { ContainerRole } from './restart-policy.ts';
import { isAlive, labelNumber } from './runs.ts';

/** One container of a pod, with its runs. */
export interface ContainerHistory {
  readonly container: Container;
  readonly role: ContainerRole;
  /** Newest first; empty when the newest one that was reported is gone: older ones say nothing of how it ended. */
  readonly runs: readonly ContainerSeen[];
  /** What is left of runs before one that is gone, newest first. */
  readonly remains: readonly ContainerSeen[];
  /** The last status of this container that was reported. */
  readonly status: ContainerStatus | undefined;
}

/** A pod, what is seen of it, and what surrounds it. */
export interface PodView {
  readonly pod: StoredOf<'Pod'>;
  readonly seen: readonly ContainerSeen[];
  readonly environment: PodEnvironment;
  /** Epoch milliseconds. */
  readonly now: number;
  /** In the order in which they start: init containers and sidecars, main containers, ephemeral ones. */
  readonly histories: readonly ContainerHistory[];
  /** Newest first. */
  readonly sandboxes: readonly ContainerSeen[];
}

/** The containers of a pod in the order in which they start, with what each of them is. */
export function rolesOf(spec: PodSpec): readonly { readonly container: Container; readonly role: ContainerRole }[] {
  return [
    ...(spec.initContainers ?? []).map((container) => ({ container, role: isSidecar(container) ? 'sidecar' : 'init' }) as const),
    ...spec.containers.map((container) => ({ container, role: 'main' }) as const),
    ...(spec.ephemeralContainers ?? []).map((container) => ({ container, role: 'ephemeral' }) as const),
  ];
}

/** Puts together what is known of a pod. */
export function podView(pod: StoredOf<'Pod'>, seen: readonly ContainerSeen[], environment: PodEnvironment, now: number): PodView {
  const { initContainerStatuses = [], containerStatuses = [], ephemeralContainerStatuses = [] } = pod.status ?? {};
  const statuses = [...initContainerStatuses, ...containerStatuses, ...ephemeralContainerStatuses];
  return {
    pod,
    seen,
    environment,
    now,
    histories: rolesOf(pod.spec).map(({ container, role }) => {
      const status = statuses.find((each) => each.name === container.name);
      const runs = newestFirst(seen.filter((each) => each.labels[CONTAINER_LABEL] === container.name));
      return { container, role, status, ...(isNewestGone(runs, status) ? { runs: [], remains: runs } : { runs, remains: [] }) };
    }),
    sandboxes: newestFirst(seen.filter((each) => each.labels[ROLE_LABEL] === 'sandbox')),
  };
}

function newestFirst(seen: readonly ContainerSeen[]): readonly ContainerSeen[] {
  return [...seen].sort((a, b) => labelNumber(b, ATTEMPT_LABEL) - labelNumber(a, ATTEMPT_LABEL));
}

function isNewestGone(runs: readonly ContainerSeen[], status: ContainerStatus | undefined): boolean {
  const newest = runs[0];
  if (newest === undefined || status?.containerID === undefined || runs.some(isAlive)) return false;
  return labelNumber(newest, ATTEMPT_LABEL) < status.restartCount;
}

/** Whether a process of this container runs. */
export function isLiving({ runs }: ContainerHistory): boolean {
  return runs.some(isAlive);
}

/** Containers that run and are no container of the pod any more, such as one that was renamed by hand. */
export function strangersOf({ seen, histories }: PodView): readonly ContainerSeen[] {
  const names = new Set(histories.map(({ container }) => container.name));
  return seen.filter(
    (each) => each.labels[ROLE_LABEL] !== 'sandbox' && isAlive(each) && !names.has(each.labels[CONTAINER_LABEL] ?? ''),
  );
}
