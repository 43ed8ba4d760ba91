// Volumes of a pod: which Docker volumes they are, where they are mounted, and the files of configMap and secret volumes.
// Kubernetes, "Volumes". Files are laid out as the kubelet does it: content in `..<version>`, `..data` links to that, and every
// visible name links into `..data`, so that one rename changes all of them at once. Pure.
import { hashOf } from '../../model/hash.ts';
import { byteCount } from '../../model/quantity.ts';
import type { Container, KeyToPath, Pod, Volume } from '../../model/resource.ts';
import type { FileEntry, HostPathKind, Mount, VolumeSpec } from '../engine/container-engine.ts';
import type { Configuration, KeyedBytes } from '../environment.ts';
import { CLUSTER_LABEL, NAMESPACE_LABEL, POD_LABEL, POD_UID_LABEL, ROLE_LABEL } from '../labels.ts';
import { claimVolumeName, type PodIdentity, podVolumeName } from '../names.ts';

/** Where the sandbox mounts the volumes of its pod, each under its name in the pod. */
export const VOLUMES_DIRECTORY = '/volumes';
/** The link that decides which version is seen. */
export const DATA_LINK = '..data';
/** Takes the place of `..data` by a rename. */
export const NEXT_DATA_LINK = '..data_tmp';
const DEFAULT_FILE_MODE = 0o644;
const DIRECTORY_MODE = 0o755;
/** Everybody may write to an emptyDir, and to a new claim's volume, whatever user the image runs as. */
const EMPTY_DIR_MODE = 0o777;
const LINK_MODE = 0o777;
const VERSION_LENGTH = 16;

/** The content of a configMap or secret volume. */
export interface VolumeContent {
  readonly version: string;
  /** Directory and files of this version, relative to the volume. */
  readonly files: readonly FileEntry[];
  /** What pods see in the volume. */
  readonly names: readonly string[];
}

export type VolumeContentResult =
  | { readonly ok: true; readonly content: VolumeContent }
  | { readonly ok: false; readonly message: string };

/** Whether the content of a volume comes from a ConfigMap or Secret. */
export function isConfigVolume(volume: Volume): boolean {
  return volume.configMap !== undefined || volume.secret !== undefined;
}

/** Whether a volume lives and dies with its pod. A volume without any source is an emptyDir. */
function isPodVolume(volume: Volume): boolean {
  return volume.persistentVolumeClaim === undefined && volume.hostPath === undefined;
}

/** The Docker volumes that are made for a pod. */
export function podVolumeSpecs(pod: Pod, identity: PodIdentity): readonly VolumeSpec[] {
  const labels = {
    [CLUSTER_LABEL]: identity.cluster,
    [ROLE_LABEL]: 'pod',
    [NAMESPACE_LABEL]: identity.namespace,
    [POD_LABEL]: identity.pod,
    [POD_UID_LABEL]: identity.uid,
  };
  return (pod.spec.volumes ?? []).filter(isPodVolume).map((volume) => ({
    name: podVolumeName(identity, volume.name),
    labels,
    inMemory: volume.secret !== undefined || volume.emptyDir?.medium === 'Memory',
    sizeBytes: volume.emptyDir?.medium === 'Memory' ? byteCount(volume.emptyDir.sizeLimit) : 0,
  }));
}

/** Docker volumes of claims that are bound, by the claim's name. */
type BoundVolumes = Configuration['claimVolumes'];

/** The Docker volume behind a volume of a pod; undefined for a hostPath, which has none. */
export function dockerVolume(volume: Volume, identity: PodIdentity, bound: BoundVolumes): string | undefined {
  if (volume.hostPath !== undefined) return undefined;
  const claim = volume.persistentVolumeClaim;
  if (claim === undefined) return podVolumeName(identity, volume.name);
  return bound.get(claim.claimName) ?? claimVolumeName(identity.cluster, identity.namespace, claim.claimName);
}

/** Mounts of the sandbox: every volume that Docker keeps, so that those in memory outlive the containers. */
export function sandboxMounts(pod: Pod, identity: PodIdentity, bound: BoundVolumes): readonly Mount[] {
  return (pod.spec.volumes ?? []).flatMap((volume): Mount[] => {
    const docker = dockerVolume(volume, identity, bound);
    return docker === undefined
      ? []
      : [{ type: 'volume', volume: docker, target: `${VOLUMES_DIRECTORY}/${volume.name}`, readOnly: false }];
  });
}

const hostPathKinds: Readonly<Record<string, HostPathKind>> = {
  Directory: 'directory',
  DirectoryOrCreate: 'directory',
  File: 'file',
  Socket: 'socket',
};

/** Type '' makes a missing directory, too: container runtimes do, though Kubernetes does not ask for it. */
function hostMount({ hostPath }: Volume, target: string, readOnly: boolean): Mount {
  const create = [undefined, '', 'DirectoryOrCreate'].includes(hostPath?.type);
  const mustBe = hostPathKinds[hostPath?.type ?? ''];
  return { type: 'bind', source: hostPath?.path ?? '', target, readOnly, create, ...(mustBe === undefined ? {} : { mustBe }) };
}

/** Mounts of a container. A mount without a volume cannot occur in a validated pod and is left out. */
export function containerMounts(pod: Pod, container: Container, identity: PodIdentity, bound: BoundVolumes): readonly Mount[] {
  const mounts: Mount[] = [];
  for (const { name, mountPath, readOnly } of container.volumeMounts ?? []) {
    const volume = pod.spec.volumes?.find((each) => each.name === name);
    if (volume === undefined) continue;
    const isReadOnly = readOnly === true || isConfigVolume(volume) || volume.persistentVolumeClaim?.readOnly === true;
    const docker = dockerVolume(volume, identity, bound);
    mounts.push(
      docker === undefined
        ? hostMount(volume, mountPath, isReadOnly)
        : { type: 'volume', volume: docker, target: mountPath, readOnly: isReadOnly },
    );
  }
  return mounts;
}

/** What a configMap or secret volume has to hold, or why it cannot, in the kubelet's words. */
export function volumeContent(volume: Volume, configuration: Configuration): VolumeContentResult {
  const fail = (message: string): VolumeContentResult => ({
    ok: false,
    message: `MountVolume.SetUp failed for volume "${volume.name}" : ${message}`,
  });
  const source = volume.configMap ?? volume.secret;
  const isSecret = volume.secret !== undefined;
  const name = volume.configMap?.name ?? volume.secret?.secretName ?? '';
  const bytes = (isSecret ? configuration.secrets : configuration.configMaps).get(name);
  const isOptional = source?.optional === true;
  if (bytes === undefined && !isOptional) return fail(`${isSecret ? 'secret' : 'configmap'} "${name}" not found`);
  const files = projectedFiles(bytes ?? new Map(), source?.items, source?.defaultMode ?? DEFAULT_FILE_MODE, isOptional);
  if ('missing' in files) return fail(`references non-existent ${isSecret ? 'secret' : 'config'} key: ${files.missing}`);
  return { ok: true, content: layOut(files.files) };
}

interface ProjectedFile {
  readonly path: string;
  readonly mode: number;
  readonly content: Uint8Array;
}

function projectedFiles(
  bytes: KeyedBytes,
  items: readonly KeyToPath[] | undefined,
  defaultMode: number,
  isOptional: boolean,
): { files: readonly ProjectedFile[] } | { missing: string } {
  if (items === undefined || items.length === 0)
    return { files: [...bytes].map(([path, content]) => ({ path, mode: defaultMode, content })) };
  const files: ProjectedFile[] = [];
  for (const { key, path, mode } of items) {
    const content = bytes.get(key);
    if (content !== undefined) files.push({ path, mode: mode ?? defaultMode, content });
    else if (!isOptional) return { missing: key };
  }
  return { files };
}

function layOut(files: readonly ProjectedFile[]): VolumeContent {
  const sorted = [...files].sort((a, b) => (a.path < b.path ? -1 : 1));
  const version = hashOf(
    sorted.map(({ path, mode, content }) => [path, mode, Buffer.from(content).toString('base64')]),
    VERSION_LENGTH,
  );
  const directories = new Set<string>([`..${version}`]);
  for (const { path } of sorted) {
    const parts = path.split('/');
    for (let depth = 1; depth < parts.length; depth++) directories.add(`..${version}/${parts.slice(0, depth).join('/')}`);
  }
  return {
    version,
    files: [
      ...[...directories].map((path) => ({ path, type: 'directory' as const, mode: DIRECTORY_MODE })),
      ...sorted.map(({ path, mode, content }) => ({ path: `..${version}/${path}`, type: 'file' as const, mode, content })),
    ],
    names: [...new Set(sorted.map(({ path }) => path.split('/')[0] ?? path))],
  };
}

/** A link that makes a name of the volume visible. */
export function visibleLink(name: string): FileEntry {
  return { path: name, type: 'symlink', mode: LINK_MODE, target: `${DATA_LINK}/${name}` };
}

/** The link that makes a version the current one. */
export function versionLink(path: string, version: string): FileEntry {
  return { path, type: 'symlink', mode: LINK_MODE, target: `..${version}` };
}

/**
 * All that goes into the volumes of a new sandbox before its first container: rights of emptyDirs and of claims' volumes that are
 * `fresh`, and whole config volumes. `..data` comes last in each, so that its being there means that the rest is.
 */
export function firstFiles(
  pod: Pod,
  identity: PodIdentity,
  contents: ReadonlyMap<string, VolumeContent>,
  fresh: ReadonlySet<string>,
  bound: BoundVolumes,
): readonly FileEntry[] {
  const below = (volume: string, entry: FileEntry): FileEntry => ({ ...entry, path: `${volume}/${entry.path}` });
  return (pod.spec.volumes ?? []).flatMap((volume): FileEntry[] => {
    const isOpened = isPodVolume(volume) || fresh.has(dockerVolume(volume, identity, bound) ?? '');
    if (!isOpened) return [];
    const content = contents.get(volume.name);
    if (content === undefined) return [{ path: volume.name, type: 'directory', mode: EMPTY_DIR_MODE }];
    return [...content.files, ...content.names.map(visibleLink), versionLink(DATA_LINK, content.version)].map((entry) =>
      below(volume.name, entry),
    );
  });
}

/** The version that a target of `..data` names; empty when there is none. */
export function versionOfLink(target: string | undefined): string {
  return target?.startsWith('..') === true ? target.slice(2) : '';
}
