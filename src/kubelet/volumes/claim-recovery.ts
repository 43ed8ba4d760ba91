// What the Docker volumes of a node say about PersistentVolumes: those of claims are the only memory of them that survives a lost store.
// Every such volume has its PersistentVolume, bound or kept. Pure.
import { hashOf } from '../../model/hash.ts';
import type { PersistentVolume, StoredOf } from '../../model/resource.ts';
import { ANY_CLASS_ANNOTATION, DOCKER_PROVISIONER, UNDELETE_ANNOTATION } from '../../model/storage-classes.ts';
import { isShared, makeOf } from '../../model/volume-make.ts';
import { isReachedFrom } from '../../model/volume-matching.ts';
import type { VolumeSeen } from '../engine/container-engine.ts';
import {
  ACCESS_MODES_LABEL,
  APPLICATION_LABEL,
  CAPACITY_LABEL,
  CLAIM_LABEL,
  NAMESPACE_LABEL,
  ROLE_LABEL,
  STORAGE_CLASS_LABEL,
  VOLUME_LABEL,
  WANTED_LABEL,
} from '../labels.ts';
import { affinityTo } from './claim-provision.ts';
import { APPLICATION_OF_CLAIM } from './claim-source.ts';

type StoredVolume = StoredOf<'PersistentVolume'>;
type AccessMode = PersistentVolume['spec']['accessModes'][number];

/** Modes that a volume of an engine can serve; for one that does not say what it was made for. */
const usualModes: readonly AccessMode[] = ['ReadWriteOnce', 'ReadOnlyMany', 'ReadWriteMany'];
const allModes: readonly string[] = [...usualModes, 'ReadWriteOncePod'] satisfies AccessMode[];

/** What is to be written. */
export interface VolumeRecovery {
  readonly created: readonly PersistentVolume[];
  /** Volumes that were another node's, which is no more: the host has another name now. */
  readonly moved: readonly StoredVolume[];
}

/** Whether a Docker volume is that of a claim. */
export function isClaimVolume({ labels }: VolumeSeen): boolean {
  return labels[ROLE_LABEL] === 'claim' && (labels[CLAIM_LABEL] ?? '') !== '';
}

/** The PersistentVolumes that stand for Docker volumes of this node. */
export function volumesHere(volumes: readonly StoredVolume[], nodeName: string): readonly StoredVolume[] {
  const node = { metadata: { name: nodeName } };
  return volumes.filter((volume) => makeOf(volume) !== undefined && isReachedFrom(volume, node));
}

/** Which PersistentVolumes are missing for what the engine has, and which name a host that is no more. */
export function planVolumeRecovery(
  seen: readonly VolumeSeen[],
  volumes: readonly StoredVolume[],
  nodeName: string,
  nodes: ReadonlySet<string>,
): VolumeRecovery {
  const here = new Set(volumesHere(volumes, nodeName).map((volume) => volume.spec.csi?.volumeHandle));
  const names = new Set(volumes.map(({ metadata }) => metadata.name));
  const created: PersistentVolume[] = [];
  const moved: StoredVolume[] = [];
  for (const each of seen) {
    if (!isClaimVolume(each) || here.has(each.name)) continue;
    const stray = volumes.find((volume) => volume.spec.csi?.volumeHandle === each.name && isStray(volume, nodes));
    if (stray !== undefined) moved.push({ ...stray, spec: { ...stray.spec, nodeAffinity: affinityTo(nodeName) } });
    else created.push(recordFor(each, names, nodeName));
  }
  return { created, moved };
}

/** Whether a volume is on a host of which nothing is known. */
function isStray(volume: StoredVolume, nodes: ReadonlySet<string>): boolean {
  if (makeOf(volume) === undefined || volume.spec.nodeAffinity === undefined) return false;
  return [...nodes].every((name) => !isReachedFrom(volume, { metadata: { name } }));
}

/** Kept for whoever claims it under its old name: reserved by name, for no claim in particular. */
function recordFor(seen: VolumeSeen, names: Set<string>, nodeName: string): PersistentVolume {
  const { labels, driver, options } = seen;
  const usual = labels[VOLUME_LABEL] ?? '';
  const name = usual === '' || names.has(usual) ? `pvc-${hashOf([nodeName, seen.name], 32)}` : usual;
  names.add(name);
  const modes = (labels[ACCESS_MODES_LABEL] ?? '').split(',').filter((mode): mode is AccessMode => allModes.includes(mode));
  const storageClass = labels[STORAGE_CLASS_LABEL];
  const application = labels[APPLICATION_LABEL];
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: {
      name,
      annotations: {
        'pv.kubernetes.io/provisioned-by': `${DOCKER_PROVISIONER}/${driver}`,
        ...(usual === '' ? { [ANY_CLASS_ANNOTATION]: 'true' } : {}),
        ...(application === undefined ? {} : { [APPLICATION_OF_CLAIM]: application }),
      },
      finalizers: ['kubernetes.io/pv-protection'],
    },
    spec: {
      capacity: { storage: (labels[CAPACITY_LABEL] ?? '') || '0' },
      accessModes: modes.length === 0 ? [...usualModes] : modes,
      persistentVolumeReclaimPolicy: 'Retain',
      ...(storageClass === undefined ? {} : { storageClassName: storageClass }),
      volumeMode: 'Filesystem',
      claimRef: {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        namespace: labels[NAMESPACE_LABEL] ?? 'default',
        name: labels[CLAIM_LABEL] ?? '',
      },
      csi: { driver: DOCKER_PROVISIONER, volumeHandle: seen.name, volumeAttributes: { driver, ...options } },
      ...(isShared({ driver, options }) ? {} : { nodeAffinity: affinityTo(nodeName) }),
    },
  };
}

/** Labels of a wish to have a kept volume back, which `holdfast volumes undelete` leaves with the engine. */
export interface UndeleteWish {
  readonly namespace: string;
  readonly claim: string;
  /** The Docker volume. */
  readonly volume: string;
}

/** The wish that a Docker volume stands for, if it stands for one. */
export function wishOf({ labels }: VolumeSeen): UndeleteWish | undefined {
  if (labels[ROLE_LABEL] !== 'undelete') return undefined;
  return { namespace: labels[NAMESPACE_LABEL] ?? '', claim: labels[CLAIM_LABEL] ?? '', volume: labels[WANTED_LABEL] ?? '' };
}

/** The volume with the mark that its claim is to have it back; undefined when it is not there, or marked already. */
export function withWish(wish: UndeleteWish, volumes: readonly StoredVolume[], nodeName: string): StoredVolume | undefined {
  const volume = volumesHere(volumes, nodeName).find(({ spec }) => spec.csi?.volumeHandle === wish.volume);
  const claim = `${wish.namespace}/${wish.claim}`;
  if (volume === undefined || volume.metadata.annotations?.[UNDELETE_ANNOTATION] === claim) return undefined;
  return {
    ...volume,
    metadata: { ...volume.metadata, annotations: { ...volume.metadata.annotations, [UNDELETE_ANNOTATION]: claim } },
  };
}
