// The columns of configuration and of volumes.
import { isEnding } from '../../model/deletion.ts';
import type { Quantity, StorageClass } from '../../model/resource.ts';
import { printable } from '../phrases.ts';
import { ageColumn, keyCount, name, type Tables } from './columns.ts';

const accessModes = { ReadWriteOnce: 'RWO', ReadOnlyMany: 'ROX', ReadWriteMany: 'RWX', ReadWriteOncePod: 'RWOP' } as const;

const shortModes = (modes: readonly (keyof typeof accessModes)[] | undefined): string =>
  (modes ?? []).map((mode) => accessModes[mode]).join(',');

const storage = (amounts: Readonly<Record<string, Quantity>> | undefined): string =>
  printable(String(amounts?.['storage'] ?? ''));

const isDefault = ({ annotations }: StorageClass['metadata']): boolean =>
  annotations?.['storageclass.kubernetes.io/is-default-class'] === 'true';

export const storageTables: Tables = {
  ConfigMap: [name, { heading: 'DATA', cell: (config) => keyCount(config.data, config.binaryData) }, ageColumn],
  PersistentVolume: [
    name,
    { heading: 'CAPACITY', cell: (volume) => storage(volume.spec.capacity) },
    { heading: 'ACCESS MODES', cell: (volume) => shortModes(volume.spec.accessModes) },
    { heading: 'RECLAIM POLICY', cell: (volume) => volume.spec.persistentVolumeReclaimPolicy ?? 'Retain' },
    { heading: 'STATUS', cell: (volume) => volume.status?.phase ?? 'Pending' },
    {
      heading: 'CLAIM',
      cell: ({ spec: { claimRef } }) =>
        claimRef === undefined ? '' : printable(`${claimRef.namespace ?? 'default'}/${claimRef.name ?? ''}`),
    },
    { heading: 'STORAGECLASS', cell: (volume) => printable(volume.spec.storageClassName ?? '') },
    { heading: 'VOLUMEATTRIBUTESCLASS', cell: (volume) => printable(volume.spec.volumeAttributesClassName ?? '<unset>') },
    { heading: 'REASON', cell: (volume) => printable(volume.status?.reason ?? '') },
    ageColumn,
    { heading: 'VOLUMEMODE', cell: (volume) => volume.spec.volumeMode ?? 'Filesystem', isWide: true },
  ],
  PersistentVolumeClaim: [
    name,
    { heading: 'STATUS', cell: (claim) => (isEnding(claim) ? 'Terminating' : (claim.status?.phase ?? 'Pending')) },
    { heading: 'VOLUME', cell: (claim) => printable(claim.spec.volumeName ?? '') },
    { heading: 'CAPACITY', cell: (claim) => storage(claim.status?.capacity) },
    { heading: 'ACCESS MODES', cell: (claim) => shortModes(claim.status?.accessModes) },
    { heading: 'STORAGECLASS', cell: (claim) => printable(claim.spec.storageClassName ?? '') },
    { heading: 'VOLUMEATTRIBUTESCLASS', cell: (claim) => printable(claim.spec.volumeAttributesClassName ?? '<unset>') },
    ageColumn,
    { heading: 'VOLUMEMODE', cell: (claim) => claim.spec.volumeMode ?? 'Filesystem', isWide: true },
  ],
  Secret: [
    name,
    { heading: 'TYPE', cell: (secret) => secret.type ?? 'Opaque' },
    { heading: 'DATA', cell: (secret) => keyCount(secret.data, secret.stringData) },
    ageColumn,
  ],
  StorageClass: [
    {
      heading: 'NAME',
      cell: ({ metadata }) => (isDefault(metadata) ? `${metadata.name} (default)` : metadata.name),
    },
    { heading: 'PROVISIONER', cell: (storageClass) => printable(storageClass.provisioner) },
    { heading: 'RECLAIMPOLICY', cell: (storageClass) => storageClass.reclaimPolicy ?? 'Delete' },
    { heading: 'VOLUMEBINDINGMODE', cell: (storageClass) => storageClass.volumeBindingMode ?? 'Immediate' },
    { heading: 'ALLOWVOLUMEEXPANSION', cell: (storageClass) => String(storageClass.allowVolumeExpansion ?? false) },
    ageColumn,
  ],
};
