// What lies behind a path of the host. Only the engine's machine knows, so it is asked through a container that mounts it.
import { EngineError, type HostPathKind, type Mount } from '../kubelet/engine/container-engine.ts';
import { readStat, typeOfMode } from './archive.ts';
import type { Connection } from './connection.ts';

/** The kubelet's words. */
const WORDS: Readonly<Record<HostPathKind, string>> = {
  directory: 'directory',
  file: 'file',
  socket: 'socket file',
  'char-device': 'character device',
  'block-device': 'block device',
};

/**
 * Throws Invalid, in the kubelet's words, when a path of the host is not what a mount of the container says that it must be.
 * The container need not run.
 */
export async function checkHostPaths(
  connection: Connection,
  id: string,
  mounts: readonly Mount[],
  signal: AbortSignal,
): Promise<void> {
  for (const mount of mounts) {
    if (mount.type !== 'bind' || mount.mustBe === undefined) continue;
    const { headers } = await connection.call({
      what: `look at ${mount.source} of the host`,
      method: 'HEAD',
      path: `/containers/${encodeURIComponent(id)}/archive`,
      query: { path: mount.target },
      expect: [200],
      signal,
    });
    const stat = readStat(headers['x-docker-container-path-stat']);
    if (stat === undefined || typeOfMode(stat.mode) !== mount.mustBe)
      throw new EngineError('Invalid', `hostPath type check failed: ${mount.source} is not a ${WORDS[mount.mustBe]}`);
  }
}
