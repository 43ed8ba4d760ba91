// Mounts of a part of a volume. Engines from API 1.45 on find the part themselves; for older ones, and for mounts that pass on other
// mounts, it is found here through the sandbox, which mounts every volume of its pod, and bound by its path on the host. So are the
// sandbox's own scratch volumes with every engine: one that another container names does not go with its sandbox.
import { posix } from 'node:path';
import { type ContainerSpec, EngineError, type Mount } from '../kubelet/engine/container-engine.ts';
import type { MountBody } from './bodies.ts';
import type { Connection } from './connection.ts';
import { readLinkIn } from './files.ts';
import { isOlder } from './mapping.ts';

const FIRST_API_WITH_SUB_PATHS = '1.45';
/** Links that are followed below a volume before a circle is assumed, as the kernel does. */
const MAX_LINKS = 40;

type VolumeMount = Extract<Mount, { type: 'volume' }>;

/** The sandbox of a pod, and what it mounts. */
interface Sandbox {
  readonly id: string;
  readonly mounts: readonly MountBody[];
}

/** The mounts as this engine can make them. Throws Invalid for a part that lies outside of its volume. */
export async function toEngineMounts(
  connection: Connection,
  spec: ContainerSpec,
  mountsOf: (sandboxId: string) => Promise<readonly MountBody[]>,
  signal: AbortSignal,
): Promise<readonly Mount[]> {
  const { network, mounts } = spec;
  if (network.type !== 'sandbox' || !mounts.some(needsPath)) return mounts;
  const isOld = isOlder(await connection.apiVersion(signal), FIRST_API_WITH_SUB_PATHS);
  const isBound = (mount: VolumeMount): boolean => isOld || spreads(mount) || mount.isSubPathPlain === true;
  if (!mounts.some((mount) => needsPath(mount) && isBound(mount))) return mounts;
  const sandbox = { id: network.containerId, mounts: await mountsOf(network.containerId) };
  return await Promise.all(
    mounts.map(async (mount) => (needsPath(mount) && isBound(mount) ? await toBind(connection, mount, sandbox, signal) : mount)),
  );
}

function needsPath(mount: Mount): mount is VolumeMount {
  return mount.type === 'volume' && (mount.subPath !== undefined || spreads(mount));
}

/** Docker has no propagation for volumes. */
function spreads(mount: Mount): boolean {
  return mount.type === 'volume' && (mount.propagation ?? 'private') !== 'private';
}

async function toBind(connection: Connection, mount: VolumeMount, sandbox: Sandbox, signal: AbortSignal): Promise<Mount> {
  const { volume, target, readOnly, subPath, propagation } = mount;
  const found = sandbox.mounts.find((each) => each.Type === 'volume' && each.Name === volume);
  const { Source: root = '', Destination: place = '' } = found ?? {};
  if (root === '') throw new EngineError('Invalid', `the pod's sandbox does not mount volume ${volume}`);
  const part =
    subPath === undefined || mount.isSubPathPlain === true
      ? (subPath ?? '')
      : await findPart(connection, { ...mount, subPath }, sandbox.id, place, signal);
  const source = part === '' ? root : `${root}/${part}`;
  return { type: 'bind', source, target, readOnly, create: false, ...(propagation === undefined ? {} : { propagation }) };
}

/** Where a part of a volume really lies, links within the volume followed (the visible names of a ConfigMap's volume are links). */
async function findPart(
  connection: Connection,
  { volume, subPath }: VolumeMount & { readonly subPath: string },
  sandboxId: string,
  root: string,
  signal: AbortSignal,
): Promise<string> {
  const outside = (): EngineError => new EngineError('Invalid', `subPath ${subPath} leads out of volume ${volume}`);
  let waiting = subPath.split('/');
  let found: string[] = [];
  for (let links = 0; waiting.length > 0; ) {
    const [part = '', ...rest] = waiting;
    waiting = rest;
    if (part === '' || part === '.') continue;
    if (part === '..') {
      if (found.length === 0) throw outside();
      found = found.slice(0, -1);
      continue;
    }
    const target = await readLinkIn(connection, sandboxId, posix.join(root, ...found, part), signal);
    if (target === undefined) found = [...found, part];
    else {
      links += 1;
      if (target.startsWith('/') || links > MAX_LINKS) throw outside();
      waiting = [...target.split('/'), ...waiting];
    }
  }
  return found.join('/');
}
