// The defaults of claims, volumes and what they are made with (Kubernetes, pkg/apis/core and storage, defaults.go).
import type { ClaimSpec, CSIDriver, PersistentVolume, PersistentVolumeSpec, StorageClass } from '../../model/resource.ts';

/** The mode; sizes as text. Of a claim, or of a template for claims. */
export function defaultClaimSpec(spec: ClaimSpec): void {
  spec.volumeMode ??= 'Filesystem';
  for (const list of [spec.resources.requests, spec.resources.limits])
    if (typeof list?.storage === 'number') list.storage = String(list.storage);
}

/** What becomes of a volume, its mode, and what its source leaves open. */
export function defaultPersistentVolume({ spec }: PersistentVolume): void {
  spec.persistentVolumeReclaimPolicy ??= 'Retain';
  spec.volumeMode ??= 'Filesystem';
  for (const [resource, quantity] of Object.entries(spec.capacity))
    if (typeof quantity === 'number') spec.capacity[resource] = String(quantity);
  if (spec.hostPath !== undefined) spec.hostPath.type ??= '';
  defaultSource(spec);
}

function defaultSource({ iscsi, rbd, azureDisk, scaleIO }: PersistentVolumeSpec): void {
  if (iscsi !== undefined) iscsi.iscsiInterface ??= 'default';
  if (rbd !== undefined) {
    rbd.pool ??= 'rbd';
    rbd.user ??= 'admin';
    rbd.keyring ??= '/etc/ceph/keyring';
  }
  if (azureDisk !== undefined) {
    azureDisk.cachingMode ??= 'ReadWrite';
    azureDisk.kind ??= 'Shared';
    azureDisk.fsType ??= 'ext4';
    azureDisk.readOnly ??= false;
  }
  if (scaleIO !== undefined) {
    scaleIO.storageMode ??= 'ThinProvisioned';
    scaleIO.fsType ??= 'xfs';
  }
}

/** What becomes of volumes, and when they are made. */
export function defaultStorageClass(storageClass: StorageClass): void {
  storageClass.reclaimPolicy ??= 'Delete';
  storageClass.volumeBindingMode ??= 'Immediate';
}

/** What a driver can do unless it says otherwise. */
export function defaultCsiDriver({ spec }: CSIDriver): void {
  spec.attachRequired ??= true;
  spec.podInfoOnMount ??= false;
  spec.storageCapacity ??= false;
  spec.fsGroupPolicy ??= 'ReadWriteOnceWithFSType';
  spec.volumeLifecycleModes ??= ['Persistent'];
  spec.requiresRepublish ??= false;
  spec.seLinuxMount ??= false;
}
