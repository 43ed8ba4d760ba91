// Whether a pod has ended (Kubernetes, "Pod phase").
import type { Pod } from './generated.ts';

/** Whether a pod has ended for good. */
export function isFinished({ status }: Pick<Pod, 'status'>): boolean {
  return isFinalPhase(status?.phase);
}

/** Whether a phase stays as it is, whatever happens. */
export function isFinalPhase(phase: NonNullable<Pod['status']>['phase']): phase is 'Succeeded' | 'Failed' {
  return phase === 'Succeeded' || phase === 'Failed';
}
