// What has to lie in the volumes of a pod before its first container. Pure.
import { posix } from 'node:path';
import type { Pod, StoredOf, Volume } from '../../model/resource.ts';
import { allContainersOf } from '../../model/workload.ts';
import type { FileEntry } from '../engine/container-engine.ts';
import type { PodEnvironment, VolumeVersion } from '../environment.ts';
import type { PodIdentity } from '../names.ts';
import { volumeGroup } from './content.ts';
import { EMPTY_VERSION, type VolumeContent, wholeVersion } from './layout.ts';
import type { StepOf } from './volume-steps.ts';
import { type Backing, backingOf, hostDirectory, sandboxDirectory } from './volumes.ts';

/** Everybody may write to an emptyDir, and to a new claim's volume, whatever user the image runs as. */
const OPEN_MODE = 0o777;
const SETGID = 0o2000;
const DIRECTORY_MODE = 0o755;

type FillFacts = Pick<PodEnvironment, 'claimVolumes' | 'freshVolumes'>;

/**
 * The first fill of a sandbox's volumes; undefined when nothing is to be done. Only config volumes that are `empty` are filled, at once:
 * the others are brought up to date as those of a running pod are.
 */
export function firstFill(
  pod: StoredOf<'Pod'>,
  sandboxId: string,
  identity: PodIdentity,
  contents: ReadonlyMap<string, VolumeContent>,
  empty: ReadonlySet<string>,
  facts: FillFacts,
): StepOf<'fill-volumes'> | undefined {
  const group = volumeGroup(pod.spec);
  const files: FileEntry[] = [];
  const versions = new Map<string, VolumeVersion>();
  const opened: string[] = [];
  const groups: StepOf<'fill-volumes'>['groups'][number][] = [];
  const images: StepOf<'fill-volumes'>['images'][number][] = [];
  const hostFiles: StepOf<'fill-volumes'>['hostFiles'][number][] = [];
  for (const volume of pod.spec.volumes ?? []) {
    const { name } = volume;
    const backing = backingOf(volume, identity, facts.claimVolumes);
    if (backing.type === 'host') {
      if (backing.hostPath.type === 'FileOrCreate')
        hostFiles.push({ directory: hostDirectory(name), name: posix.basename(backing.hostPath.path) });
      continue;
    }
    const isFresh = facts.freshVolumes.has(backing.volume);
    if (isFresh) opened.push(backing.volume);
    if (isOpened(volume, backing) || isFresh) files.push(openDirectory(name, group));
    else if (group !== undefined && takesGroup(volume, backing, facts))
      groups.push({ directory: sandboxDirectory(name), gid: group });
    if (volume.image !== undefined) images.push({ directory: sandboxDirectory(name), reference: volume.image.reference });
    const content = contents.get(name);
    if (content === undefined || !empty.has(name)) continue;
    for (const entry of [...nestedDirectories(pod, name), ...wholeVersion(content)])
      files.push({ ...entry, path: `${name}/${entry.path}` });
    versions.set(name, { ...EMPTY_VERSION, version: content.version, names: content.names });
  }
  if (files.length + groups.length + images.length + hostFiles.length === 0) return undefined;
  return { type: 'fill-volumes', sandboxId, files, versions, opened, groups, images, hostFiles };
}

/** Whether the kubelet gives the root of a volume its rights: what it makes itself, but not what a server or an image has. */
function isOpened(volume: Volume, backing: Backing): boolean {
  return backing.type === 'docker' && backing.isPods && volume.nfs === undefined && volume.image === undefined;
}

/** Kubernetes leaves the files of servers, and of images, to whom they belong. */
function takesGroup(volume: Volume, backing: Backing, { claimVolumes }: FillFacts): boolean {
  if (backing.type === 'host' || backing.isPods || backing.isReadOnly) return false;
  const ofClaim = [...claimVolumes.values()].find((each) => each.type === 'docker' && each.volume === backing.volume);
  return volume.nfs === undefined && !(ofClaim?.type === 'docker' && ofClaim.isRemote === true);
}

function openDirectory(path: string, group: number | undefined): FileEntry {
  return { path, type: 'directory', ...(group === undefined ? { mode: OPEN_MODE } : { mode: OPEN_MODE | SETGID, gid: group }) };
}

/** Places in a config volume at which containers mount others: nobody can make them later, because it is mounted read-only. */
function nestedDirectories(pod: Pod, volume: string): readonly FileEntry[] {
  const nested = new Set<string>();
  for (const { volumeMounts = [] } of allContainersOf(pod.spec)) {
    const roots = volumeMounts.filter((mount) => mount.name === volume && !hasPart(mount));
    for (const root of roots)
      for (const mount of volumeMounts) {
        const path = posix.relative(root.mountPath, mount.mountPath);
        if (!hasPart(mount) && path !== '' && !path.startsWith('..')) nested.add(path);
      }
  }
  return [...nested].toSorted().map((path): FileEntry => ({ path, type: 'directory', mode: DIRECTORY_MODE }));
}

function hasPart({ subPath = '', subPathExpr = '' }: { subPath?: string; subPathExpr?: string }): boolean {
  return subPath !== '' || subPathExpr !== '';
}
