// Where containers leave their last words (Kubernetes, "Determine the Reason for Pod Failure"). /dev goes with the container, so a file
// is mounted there that outlives it: one of the sandbox's own scratch volume, which costs no call of the engine, neither to make nor to
// remove. The sandbox's image has a file for the first run of each container; later runs put theirs there before they are created. Pure.
import { posix } from 'node:path';
import type { Container, PodSpec } from '../../model/resource.ts';
import { allContainersOf } from '../../model/workload.ts';
import type { ContainerSeen, FileEntry, Mount } from '../engine/container-engine.ts';

/** What a container writes to unless it says otherwise. */
const DEFAULT_PATH = '/dev/termination-log';
/** How much of a message is kept; Kubernetes' limit for one container. */
export const MAX_TERMINATION_MESSAGE_BYTES = 4096;
/** What is taken from the end of the output instead (FallbackToLogsOnError). */
export const MAX_TERMINATION_LOG_LINES = 80;
export const MAX_TERMINATION_LOG_BYTES = 2048;
/** Where the sandbox mounts its scratch volume. */
export const TERMINATION_DIRECTORY = '/termination';
/** Containers of a pod whose first file is in the image. */
const FILES_OF_THE_IMAGE = 32;
/** Whatever user a program runs as, it may write its message. */
const FILE_MODE = 0o666;

/** Where a container writes its message: the path to read from it when it has ended, by `readFile`. */
export function terminationPath(container: Pick<Container, 'terminationMessagePath'>): string {
  return container.terminationMessagePath || DEFAULT_PATH;
}

/** Files of the sandbox's image. */
export function terminationFiles(): readonly FileEntry[] {
  return Array.from({ length: FILES_OF_THE_IMAGE }, (_, index) => ({
    path: `${TERMINATION_DIRECTORY.slice(1)}/${index}`,
    type: 'file',
    mode: FILE_MODE,
  }));
}

/** The mount of one run, and the file that is to be put into the sandbox below `TERMINATION_DIRECTORY` before the run is created. */
export interface TerminationLog {
  readonly mounts: readonly Mount[];
  readonly files: readonly FileEntry[];
}

/**
 * The termination log of a run. Nothing for a sandbox without the volume: such ones were made by older versions, and messages of what
 * runs in them are lost.
 */
export function terminationLog(spec: PodSpec, container: Container, attempt: number, sandbox: ContainerSeen): TerminationLog {
  const volume = sandbox.scratchVolumes?.[TERMINATION_DIRECTORY];
  const index = allContainersOf(spec).findIndex(({ name }) => name === container.name);
  if (volume === undefined || index < 0) return { mounts: [], files: [] };
  const isInImage = attempt === 0 && index < FILES_OF_THE_IMAGE;
  const path = isInImage ? String(index) : `${index}.${attempt}`;
  const target = terminationPath(container);
  // What the pod mounts there itself takes the message, and an engine mounts nothing twice at one place.
  const isTaken =
    container.volumeMounts?.some(({ mountPath }) => posix.join(mountPath, '.') === posix.join(target, '.')) === true;
  if (isTaken) return { mounts: [], files: [] };
  return {
    mounts: [{ type: 'volume', volume, target, readOnly: false, subPath: path, isSubPathPlain: true }],
    files: isInImage ? [] : [{ path, type: 'file', mode: FILE_MODE }],
  };
}
