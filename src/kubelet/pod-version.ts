// What of a stored pod its kubelet acts upon, as one text: when it changes, the pod is worked on. Its own reports are not among it. Pure.
import { findCondition } from '../model/conditions.ts';
import { isFinalPhase } from '../model/pod-phase.ts';
import type { StoredOf } from '../model/resource.ts';
import { shownMetadata } from './volumes/downward.ts';

/** The version of a pod in the eyes of its kubelet. */
export function podVersion(pod: StoredOf<'Pod'>): string {
  const { metadata, spec, status } = pod;
  const { generation, deletionTimestamp = '', deletionGracePeriodSeconds = '' } = metadata;
  // Others may end a pod, and open its readiness gates, by its status.
  const gates = (spec.readinessGates ?? []).map(({ conditionType }) => findCondition(status?.conditions, conditionType)?.status);
  const isOver = isFinalPhase(status?.phase);
  return [generation, deletionTimestamp, deletionGracePeriodSeconds, shownMetadata(pod), isOver, ...gates].join(' ');
}
