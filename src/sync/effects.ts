// What a change of an object means for what runs, and whether it can be made at all without a new object. Pure.
import type { Stored } from '../model/resource.ts';
import type { FieldChange } from './diff.ts';
import { immutableFields } from './immutable.ts';
import { changedJobFields } from './job-changes.ts';
import type { PlanMode } from './planned.ts';
import { type Effect } from './planned.ts';

function touches(fields: readonly FieldChange[], path: string): boolean {
  return fields.some((field) => field.path === path || field.path.startsWith(`${path}.`) || field.path.startsWith(`${path}[`));
}

/** Why the object cannot be changed in place, if it cannot. */
export function recreateReason(live: Stored, next: Stored, fields: readonly FieldChange[], mode: PlanMode): string | undefined {
  if (live.kind === 'Pod') return touches(fields, 'spec') ? 'a pod cannot be changed in place' : undefined;
  if (live.kind === 'Job' && next.kind === 'Job')
    return changedJobFields(next, live).length > 0 ? 'a Job cannot be changed in place' : undefined;
  const isWorkload = live.kind === 'Deployment' || live.kind === 'ReplicaSet' || live.kind === 'DaemonSet';
  if (isWorkload && touches(fields, 'spec.selector')) return 'its selector cannot be changed in place';
  // Claims and volumes keep their data whatever happens: they are never recreated.
  const holdsData = live.kind === 'PersistentVolumeClaim' || live.kind === 'PersistentVolume';
  if (mode !== 'commit' && !holdsData && immutableFields(next, live).length > 0) return 'it is immutable';
  return undefined;
}

/**
 * What changing these fields in place means for what runs. Pods are also replaced without a new template, when a change lets go one that
 * was held back: a lower partition, another strategy, or the end of a pause (Kubernetes, StatefulSets, "Partitioned rolling updates").
 */
export function effectOf(live: Stored, next: Stored, fields: readonly FieldChange[]): Effect {
  const from = replacedFrom(next);
  const isRenewed = touches(fields, 'spec.template') || (from < replacedFrom(live) && isBehind(live));
  if (!isRenewed || from === Number.POSITIVE_INFINITY) return 'in-place';
  return next.kind === 'Deployment' && next.spec.strategy?.type === 'Recreate' ? 'restart' : 'rolling update';
}

/** From which of its pods on a controller replaces those of an earlier template by itself; infinity for none. */
function replacedFrom(resource: Stored): number {
  const never = Number.POSITIVE_INFINITY;
  if (resource.kind === 'Deployment') return resource.spec.paused === true ? never : 0;
  if (resource.kind === 'DaemonSet') return resource.spec.updateStrategy?.type === 'OnDelete' ? never : 0;
  if (resource.kind !== 'StatefulSet' || resource.spec.updateStrategy?.type === 'OnDelete') return never;
  const partition = resource.spec.updateStrategy?.rollingUpdate?.partition ?? 0;
  return partition > 0 && partition >= (resource.spec.replicas ?? 1) ? never : partition;
}

/** Whether pods of an earlier template run. */
function isBehind(live: Stored): boolean {
  if (live.kind === 'DaemonSet') return (live.status?.updatedNumberScheduled ?? 0) < (live.status?.desiredNumberScheduled ?? 0);
  if (live.kind !== 'Deployment' && live.kind !== 'StatefulSet') return false;
  return (live.status?.updatedReplicas ?? 0) < (live.status?.replicas ?? 0);
}
