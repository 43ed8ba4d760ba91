// Puts the objects of a kustomization together, layer by layer (kustomize's KustTarget): its resources, what it generates, its components,
// and then its changes, in the order that kustomize has.
import type { Path } from '../place.ts';
import { didYouMean } from '../suggest.ts';
import { mergeConfigs, noConfig } from './config.ts';
import { readLayerConfig } from './configurations.ts';
import { byId, idKey, reportRegistered } from './ids.ts';
import { setLayerAnnotations, setLayerLabels } from './labels.ts';
import { admitFile, enter, reportAt, resolvePath } from './layer-files.ts';
import { type Layer, openFolder, openRemoteFolder } from './layers.ts';
import { addLayerAffixes } from './names.ts';
import { setLayerNamespace } from './namespace.ts';
import { expandLists, makeResource } from './objects.ts';
import { applyOldJsonPatches, applyOldMergePatches, applyPatches } from './patches.ts';
import { parseRemote } from './remote-url.ts';
import type { Build, BuildResource, BuildStep, KustomizationFile, TransformerConfig } from './resource.ts';
import { inflateCharts } from './steps/charts.ts';
import { generateConfigs } from './steps/generators.ts';
import { currentId } from './steps/identity.ts';
import { setImages } from './steps/images.ts';
import { chooseSchemas } from './steps/openapi.ts';
import type { Accumulate } from './steps/plugin-configs.ts';
import { runGenerators, runTransformers, runValidators } from './steps/plugins.ts';
import { replaceFields } from './steps/replacements.ts';
import { setReplicas } from './steps/replicas.ts';
import { type BoundVar, bindVars } from './steps/vars.ts';

/** How many objects one build may have, and how many bytes of files it may put together; a base counts every time that it is used. */
export const MAX_BUILD_OBJECTS = 50_000;
export const MAX_BUILD_BYTES = 256 * 1024 * 1024;

/** What has been put together so far. */
export interface Accumulated {
  readonly resources: BuildResource[];
  /** Every layer that took part, the innermost first. */
  readonly layers: KustomizationFile[];
  config: TransformerConfig;
  /** The variables of the layers, with the objects that they mean. */
  readonly vars: BoundVar[];
  /** What every id stands for, while nothing but adding happens. */
  ids: Map<string, BuildResource> | undefined;
}

export const nothingYet = (): Accumulated => ({ resources: [], layers: [], vars: [], config: noConfig, ids: undefined });

/** A step of a layer; the last argument is for plugins that folders configure. */
type Step = (...given: [...Parameters<BuildStep>, Accumulate]) => ReturnType<BuildStep>;

const generators: readonly Step[] = [generateConfigs, inflateCharts, runGenerators];
const transformers: readonly Step[] = [
  applyOldMergePatches,
  applyPatches,
  setLayerNamespace,
  addLayerAffixes,
  setLayerLabels,
  setLayerAnnotations,
  applyOldJsonPatches,
  setReplicas,
  setImages,
  replaceFields,
  runTransformers,
  runValidators,
];

/**
 * Adds what a layer makes to what there is: nothing for a kustomization, the objects of its user for a component. A layer whose parts cannot
 * be had changes nothing: what its patches would not find is not their fault.
 */
export async function accumulate(layer: Layer, into: Accumulated): Promise<void> {
  const { build, file } = layer;
  const errorsBefore = countErrors(build);
  await chooseSchemas(file, build);
  for (const [index, name] of textsAt(file, 'resources').entries()) await addResource(name, index, layer, into);
  const own = await readLayerConfig(file, build);
  const { config, conflict } = mergeConfigs(into.config, own);
  if (conflict !== undefined)
    reportAt(
      file,
      ['configurations'],
      'Conflict',
      `conflicting field specs: ${conflict.path} is in another layer with another create`,
      build,
    );
  into.config = config;
  if (countErrors(build) > errorsBefore) return;
  await run(generators, layer, into);
  for (const [index, name] of textsAt(file, 'components').entries()) {
    const opened = await openFolder(name, ['components', index], layer);
    if (opened === undefined) continue;
    await accumulate(opened, into);
    // As kustomize does, by merging what there is into nothing: see `mergeConfigs`.
    into.config = mergeConfigs(noConfig, into.config).config;
  }
  if (countErrors(build) > errorsBefore) return;
  await run(transformers, layer, into);
  const done = { ...file, config: into.config };
  into.layers.push(done);
  into.vars.push(...bindVars(into.resources, done, build));
}

async function run(steps: readonly Step[], layer: Layer, into: Accumulated): Promise<void> {
  const { file, build } = layer;
  into.ids = undefined;
  for (const step of steps)
    await step(into.resources, { ...file, config: into.config }, build, (name, at) => accumulateFolder(name, at, layer));
}

/** The objects of a folder that configures plugins. */
async function accumulateFolder(name: string, at: Path, layer: Layer): Promise<readonly BuildResource[]> {
  const opened = await openFolder(name, at, layer);
  const made = nothingYet();
  if (opened !== undefined) await accumulate(opened, made);
  return made.resources;
}

function countErrors({ problems }: Build): number {
  return problems.filter(({ severity }) => severity === 'error').length;
}

/** A list of texts, which the schema has looked at. */
function textsAt(file: KustomizationFile, field: string): readonly string[] {
  return (file.value[field] ?? []) as readonly string[];
}

/** A file, a folder, or a repository: in that order, as kustomize looks for them. */
async function addResource(name: string, index: number, layer: Layer, into: Accumulated): Promise<void> {
  const { file, build } = layer;
  const at = ['resources', index];
  const remote = parseRemote(name);
  if (remote !== undefined && 'fault' in remote) {
    reportAt(file, at, 'UnsupportedField', remote.fault, build);
    return;
  }
  if (remote !== undefined) {
    await addLayer(await openRemoteFolder(remote.base, at, layer), into);
    return;
  }
  const path = resolvePath(name, file, at, build);
  if (path === undefined) return;
  const entry = await enter(path, build);
  if (entry?.type === 'folder') await addLayer(await openFolder(name, at, layer), into);
  else if (entry?.type === 'refused') reportAt(file, at, 'Unreadable', `${path}: ${entry.message}`, build);
  else if (entry === undefined)
    reportAt(file, at, 'NotFound', `there is no file or folder ${path}.${await similar(path, build)}`, build);
  else {
    const admitted = admitFile(entry.file, path, file, at, build);
    if (admitted === undefined) return;
    layer.budget.bytes -= admitted.sizeBytes ?? 0;
    const { objects, problems } = await build.context.readObjects(admitted, 'kustomize');
    build.problems.push(...problems);
    for (const source of expandLists(objects)) {
      const resource = makeResource(source, file.path, build);
      if (resource !== undefined) append(resource, layer, into);
    }
    if (isSpent(layer))
      reportAt(file, at, 'TooLarge', `the build has more than ${MAX_BUILD_OBJECTS} objects or ${MAX_BUILD_BYTES} bytes`, build);
  }
}

async function similar(path: string, build: Build): Promise<string> {
  const folder = path.slice(0, Math.max(0, path.lastIndexOf('/')));
  const start = folder === '' ? 0 : folder.length + 1;
  const names = (await build.context.tree.filesBelow(folder)).map((file) => file.slice(start).split('/')[0] ?? '');
  return didYouMean(path.slice(start), new Set(names));
}

const isSpent = ({ budget }: Layer): boolean => budget.objects < 0 || budget.bytes < 0;

async function addLayer(opened: Layer | undefined, into: Accumulated): Promise<void> {
  if (opened === undefined) return;
  const below = nothingYet();
  await accumulate(opened, below);
  for (const resource of below.resources) append(resource, opened, into, false);
  into.layers.push(...below.layers);
  into.vars.push(...below.vars);
  const { config, conflict } = mergeConfigs(into.config, below.config);
  into.config = config;
  if (conflict !== undefined)
    reportAt(
      opened.file,
      ['configurations'],
      'Conflict',
      `conflicting field specs: ${conflict.path} is in another layer with another create`,
      opened.build,
    );
}

function append(resource: BuildResource, layer: Layer, into: Accumulated, isNew = true): void {
  if (isNew) layer.budget.objects -= 1;
  if (isSpent(layer)) return;
  into.ids ??= byId(into.resources);
  const key = idKey(currentId(resource.value));
  const other = into.ids.get(key);
  if (other !== undefined) {
    reportRegistered(resource, other, layer.build);
    return;
  }
  into.ids.set(key, resource);
  into.resources.push(resource);
}
