// From a PersistentVolume to what pods of this node mount: a Docker volume, or a path of the host. Pure.
import {
  type HostPathVolumeSource,
  type PersistentVolume,
  type PersistentVolumeClaim,
  type StoredOf,
} from '../../model/resource.ts';
import { LOCAL_DRIVER } from '../../model/storage-classes.ts';
import { isInEngine, isShared, makeOf, nfsOptions, type VolumeMake } from '../../model/volume-make.ts';
import type { StoreReader } from '../../store/store.ts';
import type { VolumeSpec } from '../engine/container-engine.ts';
import {
  ACCESS_MODES_LABEL,
  APPLICATION_LABEL,
  CAPACITY_LABEL,
  CLAIM_LABEL,
  CLUSTER_LABEL,
  NAMESPACE_LABEL,
  ROLE_LABEL,
  STORAGE_CLASS_LABEL,
  VOLUME_LABEL,
} from '../labels.ts';
import { mountVolumeName } from '../names.ts';

/** Where the data of a bound claim is. */
export type ClaimVolume = {
  /** Whether its PersistentVolume allows no writing. */
  readonly isReadOnly: boolean;
} & (
  | {
      readonly type: 'docker';
      readonly volume: string;
      /** Whether it is on a server, which decides itself to whom its files belong: fsGroup does not change them. */
      readonly isRemote?: boolean;
    }
  /** A path of the host: PersistentVolumes with `hostPath` or `local` (for those, the type is Directory). */
  | { readonly type: 'host'; readonly hostPath: HostPathVolumeSource }
);

/** On a PersistentVolume that was made for a claim: the application of that claim. Not the mark of its own: no commit has the volume. */
export const APPLICATION_OF_CLAIM = 'holdfast.dev/claim-application';

/** What a pod mounts for a claim. */
export type ClaimSource =
  | {
      readonly type: 'volume';
      readonly volume: VolumeSpec;
      /** Whether the data are in the Docker volume itself, so that they are lost with it. */
      readonly holdsData: boolean;
    }
  | { readonly type: 'path'; readonly hostPath: HostPathVolumeSource };

/** The Docker volume's own labels: all that is needed to know the PersistentVolume again. */
export function claimVolumeLabels(volume: Pick<PersistentVolume, 'metadata' | 'spec'>, cluster: string): Record<string, string> {
  const { metadata, spec } = volume;
  const application = metadata.annotations?.[APPLICATION_OF_CLAIM];
  return {
    [CLUSTER_LABEL]: cluster,
    [ROLE_LABEL]: 'claim',
    [NAMESPACE_LABEL]: spec.claimRef?.namespace ?? 'default',
    [CLAIM_LABEL]: spec.claimRef?.name ?? '',
    [VOLUME_LABEL]: metadata.name ?? '',
    [CAPACITY_LABEL]: String(spec.capacity['storage'] ?? ''),
    [ACCESS_MODES_LABEL]: spec.accessModes.join(','),
    ...(spec.storageClassName === undefined ? {} : { [STORAGE_CLASS_LABEL]: spec.storageClassName }),
    ...(application === undefined ? {} : { [APPLICATION_LABEL]: application }),
  };
}

/** What a volume is on this engine; undefined for sources that are not mounted here. */
export function sourceOf(volume: Pick<PersistentVolume, 'metadata' | 'spec'>, cluster: string): ClaimSource | undefined {
  const { hostPath, local, nfs, mountOptions = [] } = volume.spec;
  if (hostPath !== undefined) return { type: 'path', hostPath };
  if (local !== undefined) return { type: 'path', hostPath: { path: local.path, type: 'Directory' } };
  if (nfs !== undefined) {
    const options = nfsOptions(nfs.server, nfs.path, [...mountOptions, ...(nfs.readOnly === true ? ['ro'] : [])]);
    const name = mountVolumeName(cluster, volume.metadata.name ?? '', options);
    const labels = { [CLUSTER_LABEL]: cluster, [ROLE_LABEL]: 'mount', [VOLUME_LABEL]: volume.metadata.name ?? '' };
    return { type: 'volume', volume: { name, labels, inMemory: false, sizeBytes: 0, options }, holdsData: false };
  }
  const make = makeOf(volume);
  const handle = volume.spec.csi?.volumeHandle;
  if (make === undefined || handle === undefined) return undefined;
  const labels = claimVolumeLabels(volume, cluster);
  return { type: 'volume', volume: dockerVolumeSpec(handle, labels, make), holdsData: isInEngine(make) };
}

/** A Docker volume of a driver with its options. */
export function dockerVolumeSpec(
  name: string,
  labels: Readonly<Record<string, string>>,
  { driver, options }: VolumeMake,
): VolumeSpec {
  return {
    name,
    labels,
    inMemory: false,
    sizeBytes: 0,
    ...(driver === LOCAL_DRIVER ? {} : { driver }),
    ...(Object.keys(options).length === 0 ? {} : { options }),
  };
}

/** A claim as a pod of this node meets it. */
export interface ClaimSeen {
  /** Bound only when what it mounts is there. */
  readonly phase: NonNullable<NonNullable<PersistentVolumeClaim['status']>['phase']>;
  readonly volume?: ClaimVolume;
}

/** The Docker volumes of this engine, as the kubelet knows them. */
export interface ClaimsHere {
  readonly cluster: string;
  /** Names of those that are known to be there: Docker would make an empty one of any other name, unasked. */
  readonly present: { has(volume: string): boolean };
}

/** The volume that a claim is bound to: both name each other. */
export function boundVolume(
  store: StoreReader,
  claim: StoredOf<'PersistentVolumeClaim'>,
): StoredOf<'PersistentVolume'> | undefined {
  const { volumeName = '' } = claim.spec;
  const volume = volumeName === '' ? undefined : store.get('PersistentVolume', '', volumeName);
  return volume?.spec.claimRef?.uid === claim.metadata.uid ? volume : undefined;
}

/** What a pod of this node finds behind a claim. */
export function observeClaim(
  store: StoreReader,
  claim: StoredOf<'PersistentVolumeClaim'>,
  { cluster, present }: ClaimsHere,
): ClaimSeen {
  const phase = claim.status?.phase ?? 'Pending';
  const volume = boundVolume(store, claim);
  if (phase !== 'Bound' || volume === undefined) return { phase: phase === 'Lost' ? 'Lost' : 'Pending' };
  const source = sourceOf(volume, cluster);
  if (source === undefined) return { phase: 'Lost' };
  const isReadOnly = volume.spec.nfs?.readOnly === true || volume.spec.csi?.readOnly === true;
  if (source.type === 'path') return { phase, volume: { type: 'host', hostPath: source.hostPath, isReadOnly } };
  const { name, driver = LOCAL_DRIVER, options = {} } = source.volume;
  const isRemote = isShared({ driver, options });
  const mounted: ClaimVolume = { type: 'docker', volume: name, isReadOnly, ...(isRemote ? { isRemote } : {}) };
  return { phase: present.has(name) ? phase : 'Pending', volume: mounted };
}
