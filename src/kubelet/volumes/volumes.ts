// Volumes of a pod: what stands behind each of them on the engine, and where the sandbox and the containers mount it. Kubernetes,
// "Volumes". What lies in them is in content.ts and layout.ts, when it is put there in plan-volumes.ts. Pure.
import { posix } from 'node:path';
import { ephemeralClaimName } from '../../model/pod-claims.ts';
import type { Container, HostPathVolumeSource, Pod, StoredOf, Volume, VolumeMount } from '../../model/resource.ts';
import { nfsOptions } from '../../model/volume-make.ts';
import type { HostPathKind, Mount, MountPropagation, VolumeSpec } from '../engine/container-engine.ts';
import type { PodEnvironment } from '../environment.ts';
import { CLUSTER_LABEL, NAMESPACE_LABEL, POD_LABEL, POD_UID_LABEL, ROLE_LABEL } from '../labels.ts';
import { claimVolumeName, type PodIdentity, podVolumeName } from '../names.ts';
import { expand } from '../spec/container-env.ts';
import { isConfigVolume } from './content.ts';
import { memoryVolumeBytes } from './sizes.ts';
import { type SubPath, subPathProblem } from './sub-paths.ts';

/** Where the sandbox mounts the volumes of its pod that Docker keeps, each under its name in the pod. */
export const VOLUMES_DIRECTORY = '/volumes';
/** Where it mounts paths of the host in which something has to be looked at, or made, before containers mount them. */
export const HOST_DIRECTORY = '/host';
/** Docker mounts without asking the server what it speaks; every server of these days speaks this. */
const NFS_VERSION = 'nfsvers=4';

/** What planning mounts looks at. */
export type MountFacts = Pick<PodEnvironment, 'claimVolumes' | 'node'>;

/** What stands behind a volume of a pod. */
export type Backing =
  /** A Docker volume; `isPods`: made for the pod, and goes with it. */
  | { readonly type: 'docker'; readonly volume: string; readonly isPods: boolean; readonly isReadOnly: boolean }
  | { readonly type: 'host'; readonly hostPath: HostPathVolumeSource; readonly isReadOnly: boolean };

/** The claim behind a volume; undefined for volumes of other types. */
export function claimOf(volume: Volume, podName: string): string | undefined {
  if (volume.ephemeral !== undefined) return ephemeralClaimName(podName, volume.name);
  return volume.persistentVolumeClaim?.claimName;
}

/** What stands behind a volume of a pod. A volume without any source is an emptyDir. */
export function backingOf(volume: Volume, identity: PodIdentity, claimVolumes: MountFacts['claimVolumes']): Backing {
  const { hostPath, persistentVolumeClaim, nfs, image } = volume;
  if (hostPath !== undefined) return { type: 'host', hostPath, isReadOnly: false };
  const claim = claimOf(volume, identity.pod);
  if (claim === undefined) {
    const isReadOnly = isConfigVolume(volume) || image !== undefined || nfs?.readOnly === true;
    return { type: 'docker', volume: podVolumeName(identity, volume.name), isPods: true, isReadOnly };
  }
  const bound = claimVolumes.get(claim);
  const isReadOnly = persistentVolumeClaim?.readOnly === true || bound?.isReadOnly === true;
  if (bound?.type === 'host') return { type: 'host', hostPath: bound.hostPath, isReadOnly };
  const name = bound?.volume ?? claimVolumeName(identity.cluster, identity.namespace, claim);
  return { type: 'docker', volume: name, isPods: false, isReadOnly };
}

/** The Docker volumes that are made for a pod. What the kubelet writes is kept in memory: nothing of a Secret reaches a disk. */
export function podVolumeSpecs(
  pod: StoredOf<'Pod'>,
  identity: PodIdentity,
  { claimVolumes, node }: MountFacts,
): readonly { readonly volume: Volume; readonly spec: VolumeSpec }[] {
  const labels = {
    [CLUSTER_LABEL]: identity.cluster,
    [ROLE_LABEL]: 'pod',
    [NAMESPACE_LABEL]: identity.namespace,
    [POD_LABEL]: identity.pod,
    [POD_UID_LABEL]: identity.uid,
  };
  return (pod.spec.volumes ?? []).flatMap((volume) => {
    const backing = backingOf(volume, identity, claimVolumes);
    if (backing.type === 'host' || !backing.isPods) return [];
    const isMemory = volume.emptyDir?.medium === 'Memory';
    const { nfs } = volume;
    const options =
      nfs === undefined ? undefined : nfsOptions(nfs.server, nfs.path, [NFS_VERSION, ...(nfs.readOnly === true ? ['ro'] : [])]);
    const spec: VolumeSpec = {
      name: backing.volume,
      labels,
      inMemory: isMemory || isConfigVolume(volume),
      sizeBytes: isMemory ? memoryVolumeBytes(pod.spec, volume.emptyDir?.sizeLimit, node.memoryBytes) : 0,
      ...(options === undefined ? {} : { options }),
    };
    return [{ volume, spec }];
  });
}

/** The directory of a volume in the sandbox. */
export function sandboxDirectory(volume: string): string {
  return `${VOLUMES_DIRECTORY}/${volume}`;
}

/** The directory in the sandbox of a path of the host. */
export function hostDirectory(volume: string): string {
  return `${HOST_DIRECTORY}/${volume}`;
}

/** Mounts of the sandbox: every volume that Docker keeps, so that those in memory outlive the containers, and paths of the host to prepare. */
export function sandboxMounts(pod: Pod, identity: PodIdentity, facts: Pick<MountFacts, 'claimVolumes'>): readonly Mount[] {
  return (pod.spec.volumes ?? []).flatMap((volume): readonly Mount[] => {
    const backing = backingOf(volume, identity, facts.claimVolumes);
    if (backing.type === 'docker')
      return [{ type: 'volume', volume: backing.volume, target: sandboxDirectory(volume.name), readOnly: false }];
    const target = hostDirectory(volume.name);
    const { path, type = '' } = backing.hostPath;
    if (type === 'FileOrCreate')
      return [{ type: 'bind', source: posix.dirname(path), target, readOnly: false, create: false, mustBe: 'directory' }];
    if (!hasParts(pod, volume.name)) return [];
    return [{ ...hostMount(backing.hostPath), target, readOnly: false }];
  });
}

/** Whether a container mounts a part of a volume. */
function hasParts({ spec }: Pod, volume: string): boolean {
  const containers = [...(spec.initContainers ?? []), ...spec.containers, ...(spec.ephemeralContainers ?? [])];
  return containers.some(({ volumeMounts = [] }) => volumeMounts.some((mount) => mount.name === volume && isPart(mount)));
}

function isPart({ subPath = '', subPathExpr = '' }: VolumeMount): boolean {
  return subPath !== '' || subPathExpr !== '';
}

const hostPathKinds: Readonly<Record<string, HostPathKind>> = {
  Directory: 'directory',
  DirectoryOrCreate: 'directory',
  File: 'file',
  FileOrCreate: 'file',
  Socket: 'socket',
  CharDevice: 'char-device',
  BlockDevice: 'block-device',
};

/** Type '' makes a missing directory, too: container runtimes do, though Kubernetes does not ask for it. */
function hostMount({ path, type = '' }: HostPathVolumeSource): Omit<Extract<Mount, { type: 'bind' }>, 'target' | 'readOnly'> {
  const mustBe = hostPathKinds[type];
  const create = type === '' || type === 'DirectoryOrCreate';
  return { type: 'bind', source: path, create, ...(mustBe === undefined ? {} : { mustBe }) };
}

const propagations: Readonly<Record<NonNullable<VolumeMount['mountPropagation']>, MountPropagation | undefined>> = {
  None: undefined,
  HostToContainer: 'host-to-container',
  Bidirectional: 'bidirectional',
};

export type MountsResult =
  | { readonly ok: true; readonly mounts: readonly Mount[]; readonly subPaths: readonly SubPath[] }
  /** The kubelet's words, for a container that cannot be made. */
  | { readonly ok: false; readonly message: string };

/**
 * Mounts of a container whose variables are known, and the parts of volumes that have to be there first. A mount without a volume
 * cannot occur in a validated pod and is left out.
 */
export function containerMounts(
  pod: Pod,
  container: Pick<Container, 'name' | 'volumeMounts'>,
  identity: PodIdentity,
  facts: MountFacts,
  variables: ReadonlyMap<string, string>,
): MountsResult {
  const mounts: Mount[] = [];
  const subPaths: SubPath[] = [];
  for (const mount of container.volumeMounts ?? []) {
    const volume = pod.spec.volumes?.find(({ name }) => name === mount.name);
    if (volume === undefined) continue;
    const backing = backingOf(volume, identity, facts.claimVolumes);
    const problem = recursionProblem(mount, backing, facts) ?? subPathProblem(mount, variables);
    if (problem !== undefined) return { ok: false, message: problem };
    const part = posix.normalize(expandedPart(mount, variables)).replace(/\/$/, '');
    const propagation = propagations[mount.mountPropagation ?? 'None'];
    const common = {
      target: mount.mountPath,
      readOnly: mount.readOnly === true || backing.isReadOnly,
      ...(propagation === undefined ? {} : { propagation }),
    };
    const hasPart = part !== '.' && part !== '';
    if (hasPart) {
      const directory = backing.type === 'docker' ? sandboxDirectory(volume.name) : hostDirectory(volume.name);
      subPaths.push({ directory, path: part, volume: volume.name, container: container.name });
    }
    mounts.push(
      backing.type === 'docker'
        ? { type: 'volume', volume: backing.volume, ...common, ...(hasPart ? { subPath: part } : {}) }
        : { ...(hasPart ? hostPart(backing.hostPath, part) : hostMount(backing.hostPath)), ...common },
    );
  }
  return { ok: true, mounts, subPaths };
}

/** A part of a path of the host: made beforehand, so its type is not the volume's. */
function hostPart({ path }: HostPathVolumeSource, part: string): Omit<Extract<Mount, { type: 'bind' }>, 'target' | 'readOnly'> {
  return { type: 'bind', source: posix.join(path, part), create: false };
}

function expandedPart({ subPath = '', subPathExpr = '' }: VolumeMount, variables: ReadonlyMap<string, string>): string {
  return subPathExpr === '' ? subPath : expand(subPathExpr, variables);
}

/** Volumes that Docker keeps have no mounts below them; for paths of the host it takes an engine that can (Docker 25, Linux 5.12). */
function recursionProblem({ name, recursiveReadOnly }: VolumeMount, { type }: Backing, { node }: MountFacts): string | undefined {
  if (recursiveReadOnly !== 'Enabled' || type === 'docker' || node.isRecursivelyReadOnly === true) return undefined;
  return `failed to resolve recursive read-only mode: volume "${name}" requested recursive read-only mode, but it is not supported by the runtime`;
}
