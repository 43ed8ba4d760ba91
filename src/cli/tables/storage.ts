// The columns of configuration and of volumes.
import { ageColumn, keyCount, name, orNone, type Tables } from './columns.ts';

const accessModes = { ReadWriteOnce: 'RWO', ReadOnlyMany: 'ROX', ReadWriteMany: 'RWX', ReadWriteOncePod: 'RWOP' } as const;

export const storageTables: Tables = {
  ConfigMap: [name, { heading: 'DATA', cell: (config) => keyCount(config.data, config.binaryData) }, ageColumn],
  PersistentVolumeClaim: [
    name,
    { heading: 'STATUS', cell: (claim) => claim.status?.phase ?? 'Pending' },
    { heading: 'VOLUME', cell: (claim) => orNone(claim.status?.volume) },
    { heading: 'CAPACITY', cell: (claim) => orNone(claim.spec.resources.requests?.storage?.toString()) },
    { heading: 'ACCESS MODES', cell: (claim) => claim.spec.accessModes.map((mode) => accessModes[mode]).join(',') },
    ageColumn,
  ],
  Secret: [
    name,
    { heading: 'TYPE', cell: (secret) => secret.type ?? 'Opaque' },
    { heading: 'DATA', cell: (secret) => keyCount(secret.data, secret.stringData) },
    ageColumn,
  ],
};
