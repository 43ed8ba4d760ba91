// Opens the folders that a kustomization is made of: bases and components, in this repository and in others, each once on every way, never
// round in a circle, and never deeper or more than can be built.
import { type RemoteBase, RemoteBaseFault } from '../file-tree.ts';
import type { Path } from '../place.ts';
import { findKustomizations, kustomizationNames, readKustomization } from './kustomization-file.ts';
import { enter, isInside, reportAt, resolvePath } from './layer-files.ts';
import { openRemote } from './remote-tree.ts';
import { parseRemote } from './remote-url.ts';
import type { Build, KustomizationFile } from './resource.ts';

/** How deep kustomizations may be nested, and how many layers a build may have; a base counts every time that it is used. */
export const MAX_LAYER_DEPTH = 64;
export const MAX_LAYERS = 2000;

/** What a build may still do. Shared by all its layers. */
export interface Budget {
  layers: number;
  objects: number;
  bytes: number;
}

/** One kustomization of a build. */
export interface Layer {
  readonly file: KustomizationFile;
  /** The build as this layer sees it: `context.tree` is the repository that the layer is in. */
  readonly build: Build;
  /** Whether it is in another repository. */
  readonly isRemote: boolean;
  /** The folders on the way to this layer, itself the last. */
  readonly trail: readonly string[];
  readonly budget: Budget;
}

/** Opens a folder or an address that a layer names; undefined, and a problem, when it is not what the field is for. */
export async function openFolder(name: string, at: Path, layer: Layer): Promise<Layer | undefined> {
  const { file, build } = layer;
  const remote = parseRemote(name);
  if (remote !== undefined) {
    if ('base' in remote) return await openRemoteFolder(remote.base, at, layer);
    reportAt(file, at, 'UnsupportedField', remote.fault, build);
    return undefined;
  }
  const folder = resolvePath(name, file, at, build);
  if (folder === undefined) return undefined;
  const entry = await enter(folder, build);
  if (entry?.type !== 'folder') {
    const message =
      entry === undefined
        ? `there is no folder ${folder}`
        : entry.type === 'refused'
          ? `${folder}: ${entry.message}`
          : `${folder} is a file; name the folder of a ${at[0] === 'components' ? 'Component' : 'kustomization'}`;
    reportAt(file, at, entry === undefined ? 'NotFound' : 'Invalid', message, build);
    return undefined;
  }
  const visited = layer.trail.find((other) => isInside(other, folder));
  if (visited !== undefined) {
    const show = (path: string): string => (path === '' ? 'the top folder' : path);
    const message =
      visited === folder
        ? `cycle detected: ${show(folder)} is built already on the way here`
        : `cycle detected: ${show(folder)} contains ${show(visited)}, which is built already on the way here`;
    reportAt(file, at, 'Conflict', message, build);
    return undefined;
  }
  // A folder of another repository is none of this one.
  if (!layer.isRemote) build.folders.add(folder);
  return await openLayer(folder, { ...layer, at });
}

/** Opens the outermost kustomization. */
export async function openRoot(folder: string, build: Build, budget: Budget): Promise<Layer | undefined> {
  const found = await findKustomizations(folder, build);
  const [first, second] = found;
  if (first === undefined || second !== undefined) {
    const message = second === undefined ? missing(folder) : several(folder, found);
    build.problems.push({
      severity: 'error',
      reason: first === undefined ? 'NotFound' : 'Conflict',
      ...nowhere(folder),
      message,
    });
    return undefined;
  }
  const file = await readKustomization(first, first.path, build);
  return file === undefined ? undefined : { file, build, isRemote: false, trail: [folder], budget };
}

function nowhere(folder: string): {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly field: string;
} {
  return { file: folder, line: 0, column: 0, field: '' };
}

const missing = (folder: string): string =>
  `there is no ${kustomizationNames.slice(0, -1).join(', ')} or ${kustomizationNames.at(-1)} in ${folder === '' ? 'the top folder' : folder}`;

const several = (folder: string, files: readonly { readonly path: string }[]): string =>
  `there are several kustomizations in ${folder === '' ? 'the top folder' : folder}: ${files.map(({ path }) => path.slice(path.lastIndexOf('/') + 1)).join(', ')}; keep one`;

async function openLayer(folder: string, from: Layer & { readonly at: Path }): Promise<Layer | undefined> {
  const { file: parent, build, isRemote, trail, budget, at } = from;
  budget.layers -= 1;
  if (budget.layers < 0 || trail.length >= MAX_LAYER_DEPTH) {
    const message =
      budget.layers < 0
        ? `the build has more than ${MAX_LAYERS} layers`
        : `kustomizations are nested deeper than ${MAX_LAYER_DEPTH} levels`;
    reportAt(parent, at, 'TooLarge', message, build);
    return undefined;
  }
  const found = await findKustomizations(folder, build);
  const [first, second] = found;
  if (first === undefined || second !== undefined) {
    reportAt(
      parent,
      at,
      first === undefined ? 'NotFound' : 'Conflict',
      second === undefined ? missing(folder) : several(folder, found),
      build,
    );
    return undefined;
  }
  const file = await readKustomization(first, first.path, build);
  if (file === undefined) return undefined;
  const isComponent = file.value['kind'] === 'Component';
  if (isComponent !== (at[0] === 'components')) {
    const message = isComponent
      ? `${folder} is a Component; name it under components`
      : `${folder} is no Component: its kind must be Component, or name it under resources`;
    reportAt(parent, at, 'Invalid', message, build);
    return undefined;
  }
  return { file, build, isRemote, trail: [...trail, folder], budget };
}

/** Opens a folder of another repository. */
export async function openRemoteFolder(base: RemoteBase, at: Path, layer: Layer): Promise<Layer | undefined> {
  const { build, file } = layer;
  try {
    const { label, tree } = await openRemote(base, build.context.remoteTrees);
    const folder = base.folder === '' ? label : `${label}/${base.folder}`;
    if (layer.trail.some((other) => isInside(other, folder))) {
      reportAt(file, at, 'Conflict', `cycle detected: ${folder} is built already on the way here`, build);
      return undefined;
    }
    const inside: Layer = { ...layer, isRemote: true, build: { ...build, context: { ...build.context, tree } } };
    return await openLayer(folder, { ...inside, at });
  } catch (error) {
    if (!(error instanceof RemoteBaseFault)) throw error;
    reportAt(file, at, 'RenderFailed', error.message, build);
    return undefined;
  }
}
