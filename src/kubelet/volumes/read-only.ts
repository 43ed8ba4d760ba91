// Whether an engine can make a path of its host read-only all the way down, mounts below it included. Pure.
import type { EngineInfo } from '../engine/container-engine.ts';

/** Docker 25 is the first to do so, and then does it by itself; mount_setattr(2) came with Linux 5.12. */
const FIRST_API = [1, 44];
const FIRST_KERNEL = [5, 12];

/** See `recursiveReadOnly` (Kubernetes, "Recursive read-only mounts"). */
export function isRecursivelyReadOnly({ apiVersion, kernelVersion }: Pick<EngineInfo, 'apiVersion' | 'kernelVersion'>): boolean {
  return isAtLeast(apiVersion, FIRST_API) && isAtLeast(kernelVersion, FIRST_KERNEL);
}

function isAtLeast(version: string, [wantedMajor = 0, wantedMinor = 0]: readonly number[]): boolean {
  const [major = 0, minor = 0] = version.split('.').map((part) => Number.parseInt(part, 10));
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}
