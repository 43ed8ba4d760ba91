// What lies behind a path of the host. Only the engine's machine knows, so it is asked through a container that mounts it.
import { EngineError, type HostPathKind, type Mount } from '../kubelet/engine/container-engine.ts';
import { modeOfStat } from './archive.ts';
import type { Connection } from './connection.ts';

/** Go's bits of a file mode: those of everything that is no regular file, and two of them alone. */
const MODE_DIRECTORY = 2 ** 31;
const MODE_SOCKET = 2 ** 24;
const SPECIAL_MODES = [MODE_DIRECTORY, 2 ** 27, 2 ** 26, 2 ** 25, MODE_SOCKET, 2 ** 21, 2 ** 19];

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
    const mode = modeOfStat(headers['x-docker-container-path-stat']);
    if (mode === undefined || !isKind(mode, mount.mustBe))
      throw new EngineError('Invalid', `hostPath type check failed: ${mount.source} is not a ${mount.mustBe}`);
  }
}

function isKind(mode: number, kind: HostPathKind): boolean {
  // Not `&`: Go's mode has 32 unsigned bits.
  const has = (bit: number): boolean => Math.floor(mode / bit) % 2 === 1;
  if (kind === 'directory') return has(MODE_DIRECTORY);
  return kind === 'socket' ? has(MODE_SOCKET) : !SPECIAL_MODES.some(has);
}
