// The phase of a PersistentVolume (Kubernetes, "Persistent Volumes", phase and reclaiming). Pure. Nothing is deleted here: the data of a
// released volume stay, and where its policy says Delete its kubelet removes it.
import type { PersistentVolume } from '../../model/resource.ts';
import { isProvisioned } from '../../model/storage-classes.ts';
import type { Plan } from '../../runtime/controller.ts';
import {
  BOUND_BY_CONTROLLER,
  type StoredClaim,
  type StoredVolume,
  VOLUME_FINALIZER,
  volumeStatus,
  withAnnotations,
  withFinalizer,
} from './facts.ts';

type Phase = NonNullable<NonNullable<PersistentVolume['status']>['phase']>;
type VolumePlan = Plan<'PersistentVolume'>;

/** What a volume's plan is made from. */
export interface VolumeObserved {
  /** The claim that the volume names, whichever uid it has. */
  readonly claim: StoredClaim | undefined;
}

/** Brings a volume to its phase. */
export function planVolume(volume: StoredVolume, { claim }: VolumeObserved, now: number): VolumePlan {
  const { claimRef } = volume.spec;
  const hasClaim = claim !== undefined && claimRef !== undefined && claimRef.uid === claim.metadata.uid;
  if (volume.metadata.deletionTimestamp !== undefined) return planEnding(volume, hasClaim);
  if (claimRef === undefined) return inPhase(volume, 'Available', now);
  if ((claimRef.uid ?? '') === '')
    return inPhase(volume, isProvisioned(volume) && claim === undefined ? 'Released' : 'Available', now);
  if (!hasClaim) return planReleased(volume, now);
  const { volumeName = '' } = claim.spec;
  if (volumeName === volume.metadata.name) return inPhase(volume, 'Bound', now);
  // The claim is about to name it.
  if (volumeName === '') return inPhase(volume, volume.status?.phase ?? 'Available', now);
  return planUnbind(volume, now);
}

/** A volume that is asked to go stays while a claim has it. */
function planEnding(volume: StoredVolume, hasClaim: boolean): VolumePlan {
  const { finalizers = [], ...metadata } = volume.metadata;
  if (hasClaim || !finalizers.includes(VOLUME_FINALIZER)) return { actions: [] };
  const left = finalizers.filter((name) => name !== VOLUME_FINALIZER);
  const resource = { ...volume, metadata: { ...metadata, ...(left.length === 0 ? {} : { finalizers: left }) } };
  return { actions: [{ type: 'update', resource, reason: 'Unused', message: 'no claim has it any more' }] };
}

/** The claim is gone. What was declared is never emptied; that its policy asks for it is told. */
function planReleased(volume: StoredVolume, now: number): VolumePlan {
  if (volume.spec.persistentVolumeReclaimPolicy !== 'Delete' || isProvisioned(volume))
    return inPhase(volume, volume.status?.phase === 'Failed' ? 'Failed' : 'Released', now, volume.status?.message);
  const message = `error getting deleter volume plugin for volume "${volume.metadata.name}": no deletable volume plugin matched`;
  const plan = inPhase(volume, 'Failed', now, message);
  if (volume.status?.phase === 'Failed') return plan;
  return { ...plan, actions: [...plan.actions, { type: 'report', severity: 'Warning', reason: 'VolumeFailedDelete', message }] };
}

/** The claim has another volume: a declared one is free again, one that was made keeps its data for who asks. */
function planUnbind(volume: StoredVolume, now: number): VolumePlan {
  if (isProvisioned(volume)) return inPhase(volume, 'Released', now);
  const { claimRef, ...spec } = volume.spec;
  const isOurs = volume.metadata.annotations?.[BOUND_BY_CONTROLLER] !== undefined;
  const { uid: _uid, resourceVersion: _version, ...named } = claimRef ?? {};
  const freed = { ...volume, spec: isOurs ? spec : { ...spec, claimRef: named } };
  const resource = withAnnotations(freed, { [BOUND_BY_CONTROLLER]: undefined });
  return {
    actions: [{ type: 'update', resource, reason: 'VolumeFreed', message: 'its claim has another volume' }],
    status: volumeStatus(volume, 'Available', now),
  };
}

function inPhase(volume: StoredVolume, phase: Phase, now: number, message?: string): VolumePlan {
  const resource = withFinalizer(volume, VOLUME_FINALIZER);
  const status = volumeStatus(volume, phase, now, message);
  if (resource === volume) return { actions: [], status };
  const mark = {
    type: 'update',
    resource,
    reason: 'Protected',
    message: 'not deleted while a claim has it',
    isQuiet: true,
  } as const;
  return { actions: [mark], status };
}
