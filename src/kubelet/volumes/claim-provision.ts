// Makes the volume of a claim on paper: which Docker volume, and the PersistentVolume that stands for it (Kubernetes, "Dynamic Volume
// Provisioning"). Pure; the kubelet of the node that was selected carries it out.
import { APPLICATION_ANNOTATION, type PersistentVolume, type StoredOf } from '../../model/resource.ts';
import type { ClaimClass } from '../../model/storage-classes.ts';
import { DOCKER_PROVISIONER, reclaimPolicyFor } from '../../model/storage-classes.ts';
import {
  isInEngine,
  isSameMake,
  isShared,
  makeFor,
  nfsOptions,
  provisionedName,
  type VolumeMake,
} from '../../model/volume-make.ts';
import { HOSTNAME_LABEL } from '../../model/volume-matching.ts';
import type { VolumeSeen, VolumeSpec } from '../engine/container-engine.ts';
import { CLAIM_LABEL, CLUSTER_LABEL, NAMESPACE_LABEL, ROLE_LABEL } from '../labels.ts';
import { claimVolumeName, distinctClaimVolumeName, furtherClaimVolumeName, mountVolumeName } from '../names.ts';
import { APPLICATION_OF_CLAIM, claimVolumeLabels, dockerVolumeSpec } from './claim-source.ts';

type StoredClaim = StoredOf<'PersistentVolumeClaim'>;

/** On a PersistentVolume that was made here: its directory still belongs to root alone. */
export const UNOPENED_ANNOTATION = 'holdfast.dev/unopened';

/** What is known of the node. */
export interface ProvisionFacts {
  readonly cluster: string;
  readonly nodeName: string;
  /** Docker volumes of this engine that are known, by name. */
  readonly known: ReadonlyMap<string, VolumeSeen>;
  /** Names of the Docker volumes that PersistentVolumes of this node stand for. */
  readonly taken: ReadonlySet<string>;
}

/** What has to be done. */
export interface Provision {
  readonly volume: VolumeSpec;
  readonly persistentVolume: PersistentVolume;
  /** A directory that has to be on a server first, seen through a Docker volume of the whole share. */
  readonly directory?: { readonly share: VolumeSpec; readonly path: string };
}

export type ProvisionResult =
  | { readonly ok: true; readonly provision: Provision }
  | { readonly ok: false; readonly message: string };

/** Decides what the volume of a claim is. Twice the same for the same facts, also after a kill between the volume and its record. */
export function provisionFor(claim: StoredClaim, claimClass: ClaimClass, facts: ProvisionFacts): ProvisionResult {
  const { provisioning } = claimClass;
  if (provisioning.type === 'faulty') return { ok: false, message: provisioning.message };
  const make = makeFor(claim, claimClass);
  if (make === undefined) return { ok: false, message: 'volumes of this class are not made, only taken' };
  if (make.subDir?.split('/').includes('..') === true) return { ok: false, message: 'subDir leads out of the share' };
  const name = freeName(claim, make, facts);
  const persistentVolume = recordOf(claim, claimClass, name, make, facts.nodeName);
  const volume = dockerVolumeSpec(name, claimVolumeLabels(persistentVolume, facts.cluster), make);
  const directory = directoryOf(claimClass, make.subDir, facts.cluster);
  return { ok: true, provision: { volume, persistentVolume, ...(directory === undefined ? {} : { directory }) } };
}

function directoryOf({ provisioning }: ClaimClass, subDir: string | undefined, cluster: string): Provision['directory'] {
  if (provisioning.type !== 'nfs' || subDir === undefined || subDir === '') return undefined;
  const options = nfsOptions(provisioning.server, provisioning.share, provisioning.mountOptions);
  const name = mountVolumeName(cluster, 'share', options);
  const labels = { [CLUSTER_LABEL]: cluster, [ROLE_LABEL]: 'mount' };
  return { share: { name, labels, inMemory: false, sizeBytes: 0, options }, path: subDir };
}

/** The usual name; another one when that is another claim's, stands for another PersistentVolume, or is of another make. */
function freeName(claim: StoredClaim, make: VolumeMake, facts: ProvisionFacts): string {
  const { name, namespace = 'default', uid } = claim.metadata;
  const candidates = [claimVolumeName, distinctClaimVolumeName].map((nameFor) => nameFor(facts.cluster, namespace, name));
  const isFree = (candidate: string): boolean => {
    if (facts.taken.has(candidate)) return false;
    const seen = facts.known.get(candidate);
    if (seen === undefined) return true;
    const isOwn = seen.labels[NAMESPACE_LABEL] === namespace && seen.labels[CLAIM_LABEL] === name;
    return isOwn && isSameMake(make, seen);
  };
  return candidates.find(isFree) ?? furtherClaimVolumeName(facts.cluster, namespace, name, uid);
}

/** The node affinity of a volume that only one host has. */
export function affinityTo(nodeName: string): NonNullable<PersistentVolume['spec']['nodeAffinity']> {
  return {
    required: {
      nodeSelectorTerms: [{ matchExpressions: [{ key: HOSTNAME_LABEL, operator: 'In', values: [nodeName] }] }],
    },
  };
}

function recordOf(
  claim: StoredClaim,
  claimClass: ClaimClass,
  handle: string,
  { driver, options }: VolumeMake,
  nodeName: string,
): PersistentVolume {
  const { name, namespace = 'default', uid, annotations } = claim.metadata;
  const application = annotations?.[APPLICATION_ANNOTATION];
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: {
      name: provisionedName(claim),
      annotations: {
        'pv.kubernetes.io/provisioned-by': claimClass.provisioner,
        ...(isInEngine({ driver, options }) ? { [UNOPENED_ANNOTATION]: 'true' } : {}),
        ...(application === undefined ? {} : { [APPLICATION_OF_CLAIM]: application }),
      },
      finalizers: ['kubernetes.io/pv-protection'],
    },
    spec: {
      capacity: { storage: claim.spec.resources.requests?.storage ?? '0' },
      accessModes: [...claim.spec.accessModes],
      persistentVolumeReclaimPolicy: reclaimPolicyFor(claim, claimClass),
      ...(claimClass.name === '' ? {} : { storageClassName: claimClass.name }),
      volumeMode: 'Filesystem',
      claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name, uid },
      csi: { driver: DOCKER_PROVISIONER, volumeHandle: handle, volumeAttributes: { driver, ...options } },
      ...(isShared({ driver, options }) ? {} : { nodeAffinity: affinityTo(nodeName) }),
    },
  };
}
