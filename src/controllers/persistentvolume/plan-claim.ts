// Which volume a claim gets, and when (Kubernetes, "Persistent Volumes", "Storage Classes"). Pure. Volumes are made by kubelets: here a claim
// is only given to a node.
import type { Action } from '../../model/action.ts';
import type { StoredOf } from '../../model/resource.ts';
import { type ClaimClass, classOfClaim, isProvisioned, UNDELETE_ANNOTATION } from '../../model/storage-classes.ts';
import { makeOf } from '../../model/volume-make.ts';
import {
  isLargeEnough,
  isReservedFor,
  isSameMode,
  namesClaim,
  smallestMatch,
  storageBytes,
} from '../../model/volume-matching.ts';
import { SELECTED_NODE_ANNOTATION } from '../../model/volume-topology.ts';
import type { Plan } from '../../runtime/controller.ts';
import { isFinished } from '../pods.ts';
import { bind, boundStatus, changed } from './bind.ts';
import {
  BIND_COMPLETED,
  CLAIM_FINALIZER,
  claimName,
  STORAGE_PROVISIONER,
  type StoredClaim,
  type StoredVolume,
  withAnnotations,
  withFinalizer,
} from './facts.ts';
import { isAsAsked, isKeptFor, keptMessage, keptSince, mismatchOf } from './kept.ts';
import { selectNode } from './select-node.ts';

/** What a claim's plan is made from. */
export interface ClaimObserved {
  readonly volumes: readonly StoredVolume[];
  readonly classes: readonly StoredOf<'StorageClass'>[];
  readonly nodes: readonly StoredOf<'Node'>[];
  /** Pods on nodes that mount the claim. */
  readonly users: readonly StoredOf<'Pod'>[];
  /** What has been told of this claim, as `Reason message`, so that it is not told with every pass. */
  readonly told: ReadonlySet<string>;
}

type ClaimPlan = Plan<'PersistentVolumeClaim'>;
type Severity = 'Normal' | 'Warning';

/** Brings a claim towards its volume. */
export function planClaim(claim: StoredClaim, observed: ClaimObserved): ClaimPlan {
  if (claim.metadata.deletionTimestamp !== undefined) return planEnding(claim, observed);
  const claimClass = classOfClaim(claim, observed);
  const wanted = observed.volumes.find((volume) => isWantedBack(volume, claim));
  if (wanted !== undefined && wanted.metadata.name !== claim.spec.volumeName)
    return planUndelete(claim, wanted, claimClass, observed);
  if (claim.metadata.annotations?.[BIND_COMPLETED] !== undefined) return planBound(claim, claimClass, observed);
  const { volumeName = '' } = claim.spec;
  return volumeName === '' ? planUnbound(claim, claimClass, observed) : planNamed(claim, volumeName, claimClass, observed);
}

/** A claim that is asked to go stays while pods on nodes use it. */
function planEnding(claim: StoredClaim, { users }: ClaimObserved): ClaimPlan {
  const { finalizers = [], ...metadata } = claim.metadata;
  if (users.length > 0 || !finalizers.includes(CLAIM_FINALIZER)) return { actions: [] };
  const left = finalizers.filter((name) => name !== CLAIM_FINALIZER);
  const resource = { ...claim, metadata: { ...metadata, ...(left.length === 0 ? {} : { finalizers: left }) } };
  return { actions: [{ type: 'update', resource, reason: 'Unused', message: 'no pod uses it any more' }] };
}

function isWantedBack({ metadata, spec }: StoredVolume, claim: StoredClaim): boolean {
  const wish = metadata.annotations?.[UNDELETE_ANNOTATION];
  if (wish === undefined || wish !== claimName(claim)) return false;
  return metadata.deletionTimestamp === undefined && spec.claimRef !== undefined && namesClaim(spec.claimRef, claim);
}

/** A person wants a kept volume back: the claim changes over as soon as no pod uses it. */
function planUndelete(claim: StoredClaim, volume: StoredVolume, claimClass: ClaimClass, observed: ClaimObserved): ClaimPlan {
  if (observed.users.length > 0) {
    const message = `${volume.metadata.name} is bound again when no pod uses the claim`;
    return { actions: tell(observed, 'Normal', 'UndeleteWaits', message) };
  }
  return bind(claim, volume, claimClass, `${volume.metadata.name} was wanted back, with the data it has`);
}

/** A claim that has its volume: records what it is, or that it is lost. */
function planBound(claim: StoredClaim, claimClass: ClaimClass, observed: ClaimObserved): ClaimPlan {
  const { volumeName = '' } = claim.spec;
  const volume = observed.volumes.find(({ metadata }) => metadata.name === volumeName);
  const lost = (reason: string, message: string): ClaimPlan => ({
    actions: claim.status?.phase === 'Lost' ? [] : [{ type: 'report', severity: 'Warning', reason, message }],
    status: { phase: 'Lost' },
  });
  if (volumeName === '')
    return lost('ClaimLost', 'Bound claim has lost reference to PersistentVolume. Data on the volume is lost!');
  if (volume === undefined) return lost('ClaimLost', 'Bound claim has lost its PersistentVolume. Data on the volume is lost!');
  const { claimRef } = volume.spec;
  if (claimRef !== undefined && !isReservedFor(volume, claim))
    return lost('ClaimMisbound', 'Two claims are bound to the same volume, this one is bound incorrectly');
  const isGrowing = storageBytes(claim.spec.resources.requests?.storage) > storageBytes(volume.spec.capacity['storage']);
  if (isGrowing && claimRef?.uid === claim.metadata.uid) return planGrowth(claim, volume, claimClass, observed);
  return bind(claim, volume, claimClass);
}

/** A Docker volume of the local driver has no size, so a larger one is a matter of record; other drivers cannot change theirs. */
function planGrowth(claim: StoredClaim, volume: StoredVolume, claimClass: ClaimClass, observed: ClaimObserved): ClaimPlan {
  const size = String(claim.spec.resources.requests?.storage ?? '');
  const make = makeOf(volume);
  const refused = (message: string): ClaimPlan => ({
    actions: tell(observed, 'Warning', 'VolumeResizeFailed', message),
    status: boundStatus(volume),
  });
  if (make === undefined) return refused(`volume ${volume.metadata.name} was not made for the claim and keeps its size`);
  if (make.driver !== 'local') return refused(`volumes of the Docker volume driver ${make.driver} cannot grow`);
  if (!claimClass.canExpand) return refused(`StorageClass "${claimClass.name}" does not allow its volumes to grow`);
  const resource = { ...volume, spec: { ...volume.spec, capacity: { ...volume.spec.capacity, storage: size } } };
  const message = `volume ${volume.metadata.name} is recorded with ${size}; it has as much room as its disk`;
  return { actions: [{ type: 'update', resource, reason: 'VolumeResizeSuccessful', message }], status: boundStatus(resource) };
}

/** A claim that names its volume. */
function planNamed(claim: StoredClaim, name: string, claimClass: ClaimClass, observed: ClaimObserved): ClaimPlan {
  const volume = observed.volumes.find(({ metadata }) => metadata.name === name);
  if (volume === undefined) return pending(claim, observed, 'Warning', 'FailedBinding', `volume "${name}" not found`);
  const { claimRef } = volume.spec;
  const isFree = claimRef === undefined || isReservedFor(volume, claim) || isKeptFor(volume, claim);
  if (!isFree)
    return pending(claim, observed, 'Warning', 'FailedBinding', `volume "${name}" already bound to a different claim.`);
  const mismatch = claimRef === undefined ? mismatchOf(volume, claim, claimClass) : undefined;
  if (mismatch === undefined) return bind(claim, volume, claimClass);
  return pending(claim, observed, 'Warning', 'VolumeMismatch', `Cannot bind to requested volume "${name}": ${mismatch}`);
}

/** A claim that takes what fits: what is reserved for it, what was kept for its name, what is free; else one is made. */
function planUnbound(claim: StoredClaim, claimClass: ClaimClass, observed: ClaimObserved): ClaimPlan {
  const { volumes, users, nodes } = observed;
  const reserved = volumes.find(
    (volume) => isReserved(volume, claim) && isLargeEnough(volume, claim) && isSameMode(volume, claim),
  );
  if (reserved !== undefined) return bind(claim, reserved, claimClass);
  const kept = volumes.filter((volume) => isKeptFor(volume, claim)).toSorted((a, b) => keptSince(b).localeCompare(keptSince(a)));
  const fitting = kept.find((volume) => isAsAsked(volume, claim, claimClass));
  if (fitting !== undefined)
    return bind(
      claim,
      fitting,
      claimClass,
      `${fitting.metadata.name} was kept for a claim of this name and is taken again, with its data`,
    );
  const other = kept[0];
  const notes = [
    ...(claimClass.note === undefined ? [] : tell(observed, 'Normal', 'StorageClassMapped', claimClass.note)),
    ...(other === undefined ? [] : tell(observed, 'Normal', 'VolumeKept', keptMessage(other, claim))),
  ];
  const isWaiting = claimClass.bindingMode === 'WaitForFirstConsumer';
  const consumer = users.find((pod) => !isFinished(pod));
  const node = nodes.find(({ metadata }) => metadata.name === consumer?.spec.nodeName);
  // Volumes without a class are taken at once, as where no class is the default.
  if (!isWaiting || node !== undefined || claimClass.name === '') {
    const match = smallestMatch(claim, claimClass.name, volumes, isWaiting ? node : undefined);
    if (match !== undefined) return bind(claim, match, claimClass);
  }
  const next = isWaiting && node === undefined ? waitForConsumer(claim, observed) : planMaking(claim, claimClass, node, observed);
  return { ...next, actions: [...notes, ...next.actions] };
}

/** Reserved by a person, or made for this very claim. What was found on a host is kept, not reserved. */
function isReserved(volume: StoredVolume, claim: StoredClaim): boolean {
  const isFound = isProvisioned(volume) && (volume.spec.claimRef?.uid ?? '') === '';
  return volume.metadata.deletionTimestamp === undefined && isReservedFor(volume, claim) && !isFound;
}

function waitForConsumer(claim: StoredClaim, observed: ClaimObserved): ClaimPlan {
  return pending(claim, observed, 'Normal', 'WaitForFirstConsumer', 'waiting for first consumer to be created before binding');
}

/** Gives the claim to the node that is to make its volume. */
function planMaking(
  claim: StoredClaim,
  claimClass: ClaimClass,
  node: StoredOf<'Node'> | undefined,
  observed: ClaimObserved,
): ClaimPlan {
  const failed = (reason: string, message: string): ClaimPlan => pending(claim, observed, 'Warning', reason, message);
  const { provisioning, name, provisioner } = claimClass;
  if (provisioning.type === 'none')
    return name === ''
      ? pending(
          claim,
          observed,
          'Normal',
          'FailedBinding',
          'no persistent volumes available for this claim and no storage class is set',
        )
      : failed('ProvisioningFailed', `no PersistentVolume of class "${name}" fits, and none are made for it`);
  if (provisioning.type === 'faulty')
    return failed('ProvisioningFailed', `failed to provision volume with StorageClass "${name}": ${provisioning.message}`);
  if (claim.spec.selector !== undefined)
    return failed(
      'ProvisioningFailed',
      'claim.Spec.Selector is not supported for dynamic provisioning: no PersistentVolume has these labels',
    );
  const selected = node ?? selectNode(claim, claimClass, observed.nodes);
  if (selected === undefined) return failed('ProvisioningFailed', 'no node is ready on which its volume could be made');
  const given = withFinalizer(
    withAnnotations(claim, {
      [STORAGE_PROVISIONER]: provisioner,
      [SELECTED_NODE_ANNOTATION]: selected.metadata.name,
    }),
    CLAIM_FINALIZER,
  );
  const message = `Waiting for a volume to be created on node ${selected.metadata.name} by the provisioner '${provisioner}'`;
  return { actions: changed(claim, given, 'ExternalProvisioning', message), status: { phase: 'Pending' } };
}

/** The claim waits, and the reason is told once. */
function pending(claim: StoredClaim, observed: ClaimObserved, severity: Severity, reason: string, message: string): ClaimPlan {
  const resource = withFinalizer(claim, CLAIM_FINALIZER);
  const marks: Action[] =
    resource === claim
      ? []
      : [{ type: 'update', resource, reason: 'Protected', message: 'not deleted while in use', isQuiet: true }];
  return { actions: [...marks, ...tell(observed, severity, reason, message)], status: { phase: 'Pending' } };
}

function tell({ told }: ClaimObserved, severity: Severity, reason: string, message: string): Action[] {
  return told.has(`${reason} ${message}`) ? [] : [{ type: 'report', severity, reason, message }];
}
