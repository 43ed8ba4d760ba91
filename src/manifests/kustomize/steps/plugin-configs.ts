// The objects that configure plugins: those that `generators`, `transformers` and `validators` name, written in the list itself, in a file, or
// made by a kustomization of their own.
import type { Path } from '../../place.ts';
import type { FileObjects } from '../../rendering.ts';
import { isPlainObject } from '../../schema/admit.ts';
import type { SourceObject } from '../../source.ts';
import { idKey, showId } from '../ids.ts';
import { readInline } from '../inline.ts';
import { admitFile, enter, reportAt, resolvePath } from '../layer-files.ts';
import { expandLists } from '../objects.ts';
import { parseRemote } from '../remote-url.ts';
import type { Build, BuildResource, KustomizationFile, PlainMap } from '../resource.ts';
import { currentId } from './identity.ts';
import { nameOfType } from './settings.ts';

/** Makes the objects of a folder or repository, as for a base. `at` is the entry that names it; what is wrong is told there. */
export type Accumulate = (name: string, at: Path) => Promise<readonly BuildResource[]>;

/** One configuration, as a file of its own: what it names is relative to the folder of the layer. */
export interface PluginConfig extends KustomizationFile {
  readonly kind: string;
  readonly apiVersion: string;
}

/** The configurations that a list of a layer names, in its order: first those that are written in it, as in kustomize. */
export async function readPluginConfigs(
  field: 'generators' | 'transformers' | 'validators',
  layer: KustomizationFile,
  build: Build,
  accumulate: Accumulate,
): Promise<PluginConfig[]> {
  const list: unknown = layer.value[field] ?? [];
  const inline: PluginConfig[] = [];
  const named: PluginConfig[] = [];
  for (const [index, text] of (Array.isArray(list) ? (list as readonly unknown[]) : []).entries()) {
    const at = [field, index];
    if (typeof text !== 'string') {
      reportAt(layer, at, 'WrongType', `must be a string, not ${nameOfType(text)}`, build);
      continue;
    }
    const isInline = text.includes('\n') || text.trimStart().startsWith('{');
    if (isInline) inline.push(...configsOf(readInline(text, layer, at), layer, build));
    else named.push(...(await readNamed(text, layer, at, build, accumulate)));
  }
  return withoutTwins([...inline, ...named], build);
}

/** Two configurations of one id are a mistake, as two objects are. */
function withoutTwins(configs: readonly PluginConfig[], build: Build): PluginConfig[] {
  const first = new Map<string, PluginConfig>();
  return configs.filter((config) => {
    const id = currentId(config.value);
    const other = first.get(idKey(id));
    if (other === undefined) {
      first.set(idKey(id), config);
      return true;
    }
    const { file, line } = other.locate(['metadata', 'name']);
    const message = `may not add resource with an already registered id: ${showId(id)}; the first is at ${file}:${line}`;
    reportAt(config, ['metadata', 'name'], 'Duplicate', message, build);
    return false;
  });
}

async function readNamed(
  name: string,
  layer: KustomizationFile,
  at: Path,
  build: Build,
  accumulate: Accumulate,
): Promise<PluginConfig[]> {
  const fromFolder = async (): Promise<PluginConfig[]> => {
    const made = await accumulate(name, at);
    return made.flatMap((resource) => configOf(sourceOf(resource, layer, at, build), layer, build) ?? []);
  };
  if (parseRemote(name) !== undefined) return await fromFolder();
  const path = resolvePath(name, layer, at, build);
  const entry = path === undefined ? undefined : await enter(path, build);
  if (path === undefined) return [];
  if (entry?.type === 'file') {
    const file = admitFile(entry.file, path, layer, at, build);
    return file === undefined ? [] : configsOf(await build.context.readObjects(file, 'kustomize'), layer, build);
  }
  if (entry?.type === 'folder') return await fromFolder();
  const message = entry === undefined ? `there is no file or folder ${path}` : `${path}: ${entry.message}`;
  reportAt(layer, at, entry === undefined ? 'NotFound' : 'Unreadable', message, build);
  return [];
}

/** An object that a kustomization made, with its places. */
function sourceOf({ value }: BuildResource, layer: KustomizationFile, at: Path, { origins }: Build): SourceObject {
  return {
    value,
    locate: (path) => origins.locate(value, path) ?? layer.locate(at),
    sourceAt: (path) => origins.sourceAt(value, path),
  };
}

function configsOf({ objects, problems }: FileObjects, layer: KustomizationFile, build: Build): PluginConfig[] {
  build.problems.push(...problems);
  if (problems.some(({ severity }) => severity === 'error')) return [];
  return expandLists(objects).flatMap((source) => configOf(source, layer, build) ?? []);
}

function configOf(source: SourceObject, layer: KustomizationFile, build: Build): PluginConfig | undefined {
  const { value } = source;
  const fault = (path: Path, message: string): undefined => {
    const field = path.join('.');
    build.problems.push({
      severity: 'error',
      reason: path.length === 0 ? 'WrongType' : 'Required',
      ...source.locate(path),
      field,
      message,
    });
    return undefined;
  };
  if (!isPlainObject(value)) return fault([], `the configuration of a plugin is a mapping, not ${nameOfType(value)}`);
  const { apiVersion, kind } = value;
  if (typeof apiVersion !== 'string' || apiVersion === '') return fault(['apiVersion'], 'Required value: builtin');
  if (typeof kind !== 'string' || kind === '') return fault(['kind'], 'Required value: the plugin that is meant');
  if (currentId(value).name === '')
    return fault(['metadata', 'name'], 'Required value: kustomize tells configurations apart by their names');
  const { file } = source.locate([]);
  const { config, folder } = layer;
  const map = value as PlainMap;
  return {
    path: file,
    folder,
    value: map,
    apiVersion,
    kind,
    locate: (path) => source.locate(path),
    ...(config === undefined ? {} : { config }),
  };
}
