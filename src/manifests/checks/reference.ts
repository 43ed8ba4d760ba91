// One reference from an object to another by name, and those of what several kinds have in common: the specification of a claim.
import type { ClaimSpec, Kind } from '../../model/resource.ts';
import type { Path } from '../place.ts';

/** One reference that must be there, or should be. References that may be missing are not listed. */
export interface Reference {
  readonly kind: Kind;
  /** Empty for kinds of the whole cluster. */
  readonly namespace: string;
  readonly name: string;
  readonly path: Path;
  /** The key that the object must have: of a ConfigMap or Secret, or the name or number of a Service's port; and where it is named. */
  readonly key?: string;
  readonly keyPath?: Path;
  /** What follows when it is missing and nothing breaks: then it is only a note. */
  readonly consequence?: string;
}

/** What a claim, or the template of one, is to be made of. Sources of other kinds than claims belong to storage drivers. */
export function claimReferences(spec: ClaimSpec, path: Path, namespace: string): Reference[] {
  const { storageClassName = '', volumeName = '', dataSource, dataSourceRef } = spec;
  const references: Reference[] = [];
  const consequence = "the volume is made by Docker's local volume driver";
  if (storageClassName !== '')
    references.push({
      kind: 'StorageClass',
      namespace: '',
      name: storageClassName,
      path: [...path, 'storageClassName'],
      consequence,
    });
  if (volumeName !== '')
    references.push({ kind: 'PersistentVolume', namespace: '', name: volumeName, path: [...path, 'volumeName'] });
  const source = dataSourceRef ?? dataSource;
  if (source?.kind === 'PersistentVolumeClaim' && (source.apiGroup ?? '') === '') {
    const where = dataSourceRef?.namespace ?? namespace;
    const field = dataSourceRef === undefined ? 'dataSource' : 'dataSourceRef';
    references.push({ kind: 'PersistentVolumeClaim', namespace: where, name: source.name, path: [...path, field, 'name'] });
  }
  return references;
}
