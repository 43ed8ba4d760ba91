// Carries out what was planned for the volumes of a pod, and remembers what is in them. It makes no choices.
import type { FileSeen } from '../engine/container-engine.ts';
import type { EngineCalls } from '../engine/engine-calls.ts';
import type { PodMemory } from '../pod-memory.ts';
import { EMPTY_VERSION, versionSeen } from './layout.ts';
import { updateVolume } from './update-volume.ts';
import type { StepOf, VolumeStep } from './volume-steps.ts';
import { sandboxDirectory, VOLUMES_DIRECTORY } from './volumes.ts';

/** Rights that a group must have on the root of a volume: all of them, and that new files are the group's, too. */
const GROUP_OWNS = 0o2070;
const HOST_FILE_MODE = 0o644;

/** What a volume step changes beside the engine. */
export interface VolumeMemory {
  readonly memory: Pick<PodMemory, 'volumeVersions' | 'preparedSandboxes'>;
  /** Volumes of claims that are still to be opened to everybody. */
  readonly freshVolumes: Set<string>;
}

/** Carries out one step. What is remembered is forgotten first, so that a step that breaks off is looked into. */
export async function performVolumeStep(
  calls: EngineCalls,
  step: VolumeStep,
  { memory, freshVolumes }: VolumeMemory,
): Promise<void> {
  switch (step.type) {
    case 'fill-volumes':
      await fill(calls, step, memory);
      for (const name of step.opened) freshVolumes.delete(name);
      return;
    case 'read-volume-version':
      memory.volumeVersions.set(step.volume, versionSeen(await calls.listFiles(step.sandboxId, sandboxDirectory(step.volume))));
      return;
    case 'update-volume': {
      memory.volumeVersions.delete(step.volume);
      await updateVolume(calls, step);
      const { version, names } = step.content;
      memory.volumeVersions.set(step.volume, { version, names, leftovers: [] });
    }
  }
}

/** A new sandbox mounts the volumes anew: those in memory are empty then, and what others hold is to be looked at. */
export function forgetVersions({ volumeVersions }: VolumeMemory['memory']): void {
  for (const [volume, held] of volumeVersions) if (held !== EMPTY_VERSION) volumeVersions.delete(volume);
}

async function fill(calls: EngineCalls, step: StepOf<'fill-volumes'>, memory: VolumeMemory['memory']): Promise<void> {
  const { sandboxId, files, versions, groups, images, hostFiles } = step;
  for (const volume of versions.keys()) memory.volumeVersions.delete(volume);
  if (files.length > 0) await calls.putFiles(sandboxId, VOLUMES_DIRECTORY, files);
  for (const { directory, gid } of groups)
    if (!isOwnedBy(await calls.stat(sandboxId, directory), gid)) await calls.giveToGroup(sandboxId, directory, gid);
  for (const { directory, reference } of images) await calls.copyImage(reference, sandboxId, directory);
  for (const { directory, name } of hostFiles)
    if ((await calls.stat(sandboxId, `${directory}/${name}`)) === undefined)
      await calls.putFiles(sandboxId, directory, [{ path: name, type: 'file', mode: HOST_FILE_MODE, content: new Uint8Array() }]);
  for (const [volume, held] of versions) memory.volumeVersions.set(volume, held);
  memory.preparedSandboxes.add(sandboxId);
}

/** Kubernetes, "fsGroupChangePolicy" OnRootMismatch: the root of a volume stands for all that is in it. */
function isOwnedBy(seen: FileSeen | undefined, gid: number): boolean {
  return seen !== undefined && seen.gid === gid && (seen.mode & GROUP_OWNS) === GROUP_OWNS;
}
