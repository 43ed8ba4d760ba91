// Parts of volumes: they exist before a container mounts them, and never lie outside of their volume. Kubernetes, "Using subPath".
import { posix } from 'node:path';
import type { VolumeMount } from '../../model/resource.ts';
import { type ContainerSpec, EngineError, type FileEntry, type FileSeen } from '../engine/container-engine.ts';
import type { EngineCalls } from '../engine/engine-calls.ts';
import { expand } from '../spec/container-env.ts';

/** Links that are followed before a circle is assumed, as the kernel does. */
const MAX_LINKS = 40;
const PERMISSIONS = 0o777;
const SETGID = 0o2000;

/** A part of a volume that a container mounts. */
export interface SubPath {
  /** Where the sandbox has the volume. */
  readonly directory: string;
  /** Relative to the volume, without steps upwards. */
  readonly path: string;
  /** Names in the pod, for messages. */
  readonly volume: string;
  readonly container: string;
}

/** Why a mount names no part of its volume, in the kubelet's words; undefined when all is well. */
export function subPathProblem(
  { subPath = '', subPathExpr = '' }: VolumeMount,
  variables: ReadonlyMap<string, string>,
): string | undefined {
  const path = subPathExpr === '' ? subPath : expand(subPathExpr, variables);
  // What `expand` does not know it leaves as it is; a file may not be named after a variable that nobody set.
  const unknown = [...subPathExpr.matchAll(/\$(?:\$|\(([^)]*)\))/g)].find(
    ([, name]) => name !== undefined && !variables.has(name),
  );
  if (unknown !== undefined) return `missing value for "${unknown[1]}"`;
  if (path.startsWith('/')) return `error SubPath \`${path}\` must not be an absolute path`;
  if (path.split('/').includes('..')) return `unable to provision SubPath \`${path}\`: must not contain '..'`;
  return undefined;
}

/**
 * Makes the directories of a part that are missing, with the rights of the volume itself, before the container is made. Links within the
 * volume are followed; for one that leads out of it Invalid is thrown, in the kubelet's words. Twice is harmless.
 */
export async function makeSubPath(calls: EngineCalls, { network }: ContainerSpec, part: SubPath): Promise<void> {
  if (network.type !== 'sandbox') return;
  const sandboxId = network.containerId;
  const refuse = (): EngineError =>
    new EngineError('Invalid', `failed to prepare subPath for volumeMount "${part.volume}" of container "${part.container}"`);
  let waiting = part.path.split('/');
  let found: string[] = [];
  for (let links = 0; waiting.length > 0; ) {
    const [step = '', ...rest] = waiting;
    if (step === '' || step === '.') waiting = rest;
    else if (step === '..') {
      if (found.length === 0) throw refuse();
      found = found.slice(0, -1);
      waiting = rest;
    } else {
      const seen = await calls.stat(sandboxId, posix.join(part.directory, ...found, step));
      if (seen === undefined) return await makeDirectories(calls, sandboxId, part, found, waiting);
      if (seen.type === 'symlink') {
        links += 1;
        if (seen.target.startsWith('/') || links > MAX_LINKS) throw refuse();
        waiting = [...seen.target.split('/'), ...rest];
      } else {
        if (seen.type !== 'directory' && rest.length > 0) throw refuse();
        found = [...found, step];
        waiting = rest;
      }
    }
  }
}

async function makeDirectories(
  calls: EngineCalls,
  sandboxId: string,
  part: SubPath,
  found: readonly string[],
  missing: readonly string[],
): Promise<void> {
  if (missing.includes('..'))
    throw new EngineError(
      'Invalid',
      `failed to create subPath directory for volumeMount "${part.volume}" of container "${part.container}"`,
    );
  const steps = missing.filter((step) => step !== '' && step !== '.');
  const root = await calls.stat(sandboxId, part.directory);
  if (root === undefined) throw new EngineError('NotFound', `the sandbox has no ${part.directory}`);
  await calls.putFiles(sandboxId, posix.join(part.directory, ...found), newDirectories(steps, root));
}

function newDirectories(steps: readonly string[], root: FileSeen): readonly FileEntry[] {
  const mode = root.mode & (PERMISSIONS | SETGID);
  const group = (root.mode & SETGID) === 0 ? {} : { gid: root.gid };
  return steps.map((_, depth) => ({ path: steps.slice(0, depth + 1).join('/'), type: 'directory', mode, ...group }));
}
