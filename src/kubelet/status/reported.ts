// What was reported earlier of the run that is there now. Pure.
import type { ContainerHistory } from '../plan/pod-view.ts';
import { containerIdOf } from '../plan/runs.ts';
import type { ReportedBefore } from '../probes/probe-state.ts';

/** What was reported of the newest run before; nothing of it when that was about another. */
export function reportedBefore({ runs, status }: ContainerHistory): ReportedBefore {
  const latest = runs[0];
  const isSameRun = latest !== undefined && status?.containerID === containerIdOf(latest);
  const { started = false, ready = false } = (isSameRun ? status : undefined) ?? {};
  return { isStarted: started, isReady: ready };
}
