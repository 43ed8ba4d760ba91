// What a run of a container, as the engine shows it, amounts to. Facts only.
import type { ContainerSeen } from '../engine/container-engine.ts';

/** What a container that could not be started is taken to have exited with. */
export const START_ERROR_EXIT_CODE = 128;

/** A number on a label; 0 when it is not there. */
export function labelNumber(seen: ContainerSeen, label: string): number {
  return Number(seen.labels[label] ?? 0) || 0;
}

/** Whether a container has processes. */
export function isAlive(seen: ContainerSeen): boolean {
  return seen.state === 'running' || seen.state === 'paused' || seen.state === 'restarting';
}

/** Whether the engine tried to start it and could not. */
export function isStartFailure(seen: ContainerSeen): boolean {
  return seen.error !== '' && seen.startedAtMs === 0;
}

/** Whether it ran, or was tried, and is over. */
export function hasEnded(seen: ContainerSeen): boolean {
  return !isAlive(seen) && (seen.startedAtMs > 0 || isStartFailure(seen));
}

/** Exit code of a run that has ended. */
export function exitCodeOf(seen: ContainerSeen): number {
  return isStartFailure(seen) ? START_ERROR_EXIT_CODE : seen.exitCode;
}

/** Docker's id as Kubernetes writes it. */
export function containerIdOf(seen: ContainerSeen): string {
  return `docker://${seen.id}`;
}
