// What a change of an object means for what runs, and whether it can be made at all without a new object. Pure.
import type { Stored } from '../model/resource.ts';
import type { FieldChange } from './diff.ts';
import { immutableFields } from './immutable.ts';
import { changedJobFields } from './job-changes.ts';
import type { PlanMode } from './plan.ts';

/** What a change means for what runs. */
export type Effect = 'none' | 'new' | 'in-place' | 'rolling update' | 'restart' | 'removed';

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

/** What changing these fields in place means for what runs. */
export function effectOf(next: Stored, fields: readonly FieldChange[]): Effect {
  if (next.kind === 'StatefulSet' || next.kind === 'DaemonSet') {
    const isRolling = next.spec.updateStrategy?.type !== 'OnDelete' && touches(fields, 'spec.template');
    return isRolling ? 'rolling update' : 'in-place';
  }
  if (next.kind !== 'Deployment' || !touches(fields, 'spec.template') || next.spec.paused === true) return 'in-place';
  return next.spec.strategy?.type === 'Recreate' ? 'restart' : 'rolling update';
}
