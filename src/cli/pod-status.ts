// The STATUS column of pods, as kubectl fills it: the most telling reason wins over the phase.
import type { Pod } from '../model/resource.ts';

/** One word for how a pod is: `Running`, `CrashLoopBackOff`, `Completed`, `Terminating`… */
export function podStatus(pod: Pod): string {
  if (pod.metadata.deletionTimestamp !== undefined) return 'Terminating';
  let word = pod.status?.reason ?? pod.status?.phase ?? 'Pending';
  let isAnyReady = false;
  for (const container of (pod.status?.containerStatuses ?? []).toReversed()) {
    const { waiting, terminated, running } = container.state ?? {};
    if (waiting?.reason !== undefined && waiting.reason !== '') word = waiting.reason;
    else if (terminated !== undefined) word = terminated.reason ?? exitWord(terminated.exitCode, terminated.signal);
    else if (running !== undefined && container.ready) isAnyReady = true;
  }
  if (word === 'Completed' && isAnyReady) word = 'Running';
  return word;
}

function exitWord(exitCode: number, signal: number | undefined): string {
  return signal !== undefined && signal !== 0 ? `Signal:${signal}` : `ExitCode:${exitCode}`;
}

/** Ready containers of all containers. */
export function podReadiness(pod: Pod): { readonly ready: number; readonly total: number } {
  return {
    ready: (pod.status?.containerStatuses ?? []).filter((status) => status.ready).length,
    total: pod.spec.containers.length,
  };
}

/** Restarts of all containers together. */
export function podRestarts(pod: Pod): number {
  return (pod.status?.containerStatuses ?? []).reduce((sum, status) => sum + status.restartCount, 0);
}

/** Words for a container that merely has not begun yet. */
const ordinary: ReadonlySet<string> = new Set(['', 'ContainerCreating', 'PodInitializing']);

/** Why a pod is in trouble: the first container that waits for another reason than being made; undefined when none does. */
export function podTrouble(
  pod: Pod,
): { readonly container: string; readonly reason: string; readonly message: string; readonly restarts: number } | undefined {
  for (const status of pod.status?.containerStatuses ?? []) {
    const waiting = status.state?.waiting;
    const reason = waiting?.reason ?? '';
    if (waiting !== undefined && !ordinary.has(reason)) {
      return { container: status.name, reason, message: waiting.message ?? '', restarts: status.restartCount };
    }
  }
  return undefined;
}
