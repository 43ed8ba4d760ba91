// A directory on an NFS server, made before the volume of a claim is mounted there: Docker's local driver mounts what exists and makes
// nothing. Files can be put into a container that never runs, so this needs no program.
import { hashOf } from '../../model/hash.ts';
import type { ContainerSpec, FileEntry, VolumeSpec } from '../engine/container-engine.ts';
import type { EngineCalls } from '../engine/engine-calls.ts';
import { CARRIER_ROLE, CLUSTER_LABEL, ROLE_LABEL } from '../labels.ts';
import type { NodePreparation } from '../node-preparation.ts';

const SHARE_PATH = '/share';
/** Whoever the pods of a claim run as, they may write to its directory. */
const CLAIM_DIRECTORY_MODE = 0o777;

/** What making a directory takes. */
export interface DirectoryParts {
  readonly calls: EngineCalls;
  readonly preparation: NodePreparation;
  readonly cluster: string;
}

/** The directories down to a path, the outermost first. */
export function directoriesTo(path: string): readonly FileEntry[] {
  const steps = path.split('/').filter((step) => step !== '' && step !== '.');
  return steps.map((_, depth) => ({ path: steps.slice(0, depth + 1).join('/'), type: 'directory', mode: CLAIM_DIRECTORY_MODE }));
}

/** Makes a directory of a share unless it is there; what is in it stays. Twice is harmless, also after a kill in the middle. */
export async function makeDirectory(
  { share, path }: { readonly share: VolumeSpec; readonly path: string },
  { calls, preparation, cluster }: DirectoryParts,
): Promise<void> {
  if (!preparation.isPrepared) await preparation.prepare();
  await calls.ensureVolume(share);
  const id = await calls.create(carrier(share, path, preparation, cluster));
  try {
    await calls.putFiles(id, SHARE_PATH, directoriesTo(path));
  } finally {
    await calls.remove(id);
  }
}

/** A container that only lends its mount. */
function carrier(
  share: VolumeSpec,
  path: string,
  { imageReference, networkName }: NodePreparation,
  cluster: string,
): ContainerSpec {
  return {
    name: `hf.${cluster}.directory.${hashOf([share.name, path])}`,
    image: imageReference,
    labels: { [CLUSTER_LABEL]: cluster, [ROLE_LABEL]: CARRIER_ROLE },
    env: [],
    mounts: [{ type: 'volume', volume: share.name, target: SHARE_PATH, readOnly: false }],
    network: { type: 'network', name: networkName },
    ports: [],
    memoryBytes: 0,
    nanoCpus: 0,
    cpuShares: 0,
    oomScoreAdj: 0,
  };
}
