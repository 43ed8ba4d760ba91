// Which probes of a pod run now, and what is told of those that fail. Kubernetes, "Configure Liveness, Readiness and Startup Probes". Pure.

import { isProbing, PROBE_KINDS, type ProbeKind } from '../probes/probe-state.ts';
import { askedPod } from '../probes/request.ts';
import { reportedBefore } from '../status/reported.ts';
import type { PodView } from './pod-view.ts';
import type { RunDecision } from './restart.ts';
import type { KeyedNote, ProbeTarget } from './steps.ts';

/**
 * The probes of containers that run as they should; init containers that end have none. A pod that is being ended is asked for its
 * readiness alone, as the kubelet does: it may still serve what it has begun.
 */
export function probeTargets(
  { pod, histories, environment }: PodView,
  decisions: readonly RunDecision[],
  podIP: string,
  kinds: readonly ProbeKind[] = PROBE_KINDS,
): readonly ProbeTarget[] {
  const isOnHostNetwork = pod.spec.hostNetwork === true;
  return histories.flatMap((history, index): ProbeTarget[] => {
    const { container, role, runs } = history;
    const latest = runs[0];
    if (latest === undefined || latest.state !== 'running' || decisions[index]?.next !== 'keep') return [];
    if (role !== 'main' && role !== 'sidecar') return [];
    const before = reportedBefore(history);
    const verdicts = environment.probes.get(latest.id) ?? {};
    const running = kinds.filter((kind) => isProbing(container, kind, verdicts, before));
    if (running.length === 0) return [];
    const startedAtMs = environment.starts.get(latest.id) ?? latest.startedAtMs;
    return [
      { containerId: latest.id, container, kinds: running, podIP, pod: askedPod(latest, isOnHostNetwork), startedAtMs, before },
    ];
  });
}

/** Rows of failures: how each has begun, and what decided it when that is something else; and successes that come with a warning. */
export function probeNotes({ histories, environment }: PodView): readonly KeyedNote[] {
  return histories.flatMap(({ runs }) => {
    const id = runs[0]?.id ?? '';
    const verdicts = environment.probes.get(id) ?? {};
    return PROBE_KINDS.flatMap((kind): KeyedNote[] => {
      const state = verdicts[kind];
      if (state === undefined) return [];
      const title = `${kind.charAt(0).toUpperCase()}${kind.slice(1)} probe`;
      if (state.failures > 0) {
        const key = `unhealthy/${id}/${kind}/${state.failingSinceMs}/${state.message}`;
        return [{ key, reason: 'Unhealthy', message: `${title} failed: ${state.message}`, severity: 'Warning' }];
      }
      if (state.message === '') return [];
      const key = `warning/${id}/${kind}/${state.message}`;
      return [{ key, reason: 'ProbeWarning', message: `${title} warning: ${state.message}`, severity: 'Warning' }];
    });
  });
}
