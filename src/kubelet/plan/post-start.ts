// How far the postStart hook of a container is. Kubernetes, "Container Lifecycle Hooks": a hook is delivered at least once, and the container
// counts as running only after it. Pure.
import { type LifecycleHandler, RECOVERED_ANNOTATION } from '../../model/resource.ts';
import type { ContainerHistory, PodView } from './pod-view.ts';
import { containerIdOf } from './runs.ts';

/** Whether a hook does anything; `tcpSocket` never did (Kubernetes, LifecycleHandler). */
export function isEffective(handler: LifecycleHandler | undefined): handler is LifecycleHandler {
  return handler?.exec !== undefined || handler?.httpGet !== undefined || handler?.sleep !== undefined;
}

/** The state of the postStart hook of the newest run, which lives. `pending`: not begun, or under way. */
export function postStartState(
  { pod, environment }: PodView,
  { container, role, runs, status }: ContainerHistory,
): 'done' | 'pending' | 'failed' {
  const run = runs[0];
  if (run === undefined || role === 'ephemeral' || !isEffective(container.lifecycle?.postStart)) return 'done';
  const hook = environment.hooks.get(run.id)?.postStart;
  if (hook !== undefined) return hook.state === 'running' ? 'pending' : hook.state;
  const wasReported = status?.containerID === containerIdOf(run) && status.state?.running !== undefined;
  // After the loss of the store nothing tells; what has run until now is left in peace.
  const isRecovered = status === undefined && pod.metadata.annotations?.[RECOVERED_ANNOTATION] !== undefined;
  return wasReported || isRecovered ? 'done' : 'pending';
}
