// How full the disk of an engine on this machine is. Of an engine elsewhere nobody can tell: Docker's API does not.
import { statfs } from 'node:fs/promises';
import type { DockerHost } from '../docker/docker-host.ts';
import type { DiskGauge } from '../kubelet/images/image-care.ts';

/** The gauge for an engine; one that never knows for an engine that is not reached through a local socket. */
export function diskGauge(host: DockerHost): DiskGauge {
  if (host.type !== 'unix') return () => Promise.resolve(undefined);
  return async (rootDirectory) => {
    try {
      const { bsize, blocks, bfree, bavail } = await statfs(rootDirectory);
      // As df counts: what only root may use is no room.
      return { usedBytes: (blocks - bfree) * bsize, capacityBytes: (blocks - bfree + bavail) * bsize };
    } catch {
      // The engine's folder is not seen from here, such as with an engine in a virtual machine.
      return undefined;
    }
  };
}
