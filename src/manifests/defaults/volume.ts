// The defaults of the volumes of a pod (Kubernetes, SetDefaults_Volume and its like).
import type { DownwardAPIVolumeFile, Volume } from '../../model/resource.ts';
import { pullsLatest } from './image.ts';

const DEFAULT_FILE_MODE = 0o644;
const DEFAULT_TOKEN_SECONDS = 3600;

/** One volume. */
export function defaultVolume(volume: Volume): void {
  const { configMap, secret, hostPath, projected, downwardAPI, image, ephemeral, emptyDir } = volume;
  // A volume without a source is an empty directory.
  if (Object.keys(volume).length === 1) volume.emptyDir = {};
  for (const source of [configMap, secret, projected, downwardAPI])
    if (source !== undefined) source.defaultMode ??= DEFAULT_FILE_MODE;
  if (hostPath !== undefined) hostPath.type ??= '';
  if (typeof emptyDir?.sizeLimit === 'number') emptyDir.sizeLimit = String(emptyDir.sizeLimit);
  for (const source of projected?.sources ?? []) {
    if (source.serviceAccountToken !== undefined) source.serviceAccountToken.expirationSeconds ??= DEFAULT_TOKEN_SECONDS;
    defaultFiles(source.downwardAPI?.items);
  }
  defaultFiles(downwardAPI?.items);
  if (image !== undefined) image.pullPolicy ??= pullsLatest(image.reference) ? 'Always' : 'IfNotPresent';
  if (ephemeral !== undefined) {
    const { spec } = ephemeral.volumeClaimTemplate;
    spec.volumeMode ??= 'Filesystem';
    for (const list of [spec.resources.requests, spec.resources.limits])
      if (typeof list?.storage === 'number') list.storage = String(list.storage);
  }
  defaultDriver(volume);
}

function defaultFiles(files: readonly DownwardAPIVolumeFile[] | undefined): void {
  for (const { fieldRef } of files ?? []) if (fieldRef !== undefined) fieldRef.apiVersion ??= 'v1';
}

/** Sources that a driver makes. */
function defaultDriver({ iscsi, rbd, azureDisk, scaleIO }: Volume): void {
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
