// The plugins that are built into kustomize, when they are configured by objects of their own: `generators`, `transformers`, `validators`. What
// would run a program or a container is refused: a repository says what is to run on the hosts, not what runs here.
import { isPlainObject } from '../../schema/admit.ts';
import { didYouMean } from '../../suggest.ts';
import type { Build, BuildResource, KustomizationFile, PlainMap } from '../resource.ts';
import { chartFields, inflateChart } from './charts.ts';
import { generateConfig } from './generators.ts';
import { type Accumulate, type PluginConfig, readPluginConfigs } from './plugin-configs.ts';
import { refuseUnknown, type Settings, settingsAt, textOf } from './settings.ts';
import { type Transformer, transformers } from './transformers.ts';

/** What every configuration may have. */
export const objectFields = ['apiVersion', 'kind', 'metadata'];

type Generator = (config: PluginConfig, settings: Settings, resources: BuildResource[], build: Build) => Promise<void>;

const keyValueFields = ['name', 'namespace', 'behavior', 'literals', 'files', 'envs', 'env', 'options'];

const generators: Readonly<Record<string, Generator>> = {
  ConfigMapGenerator: async (_config, settings, resources, build) => {
    refuseUnknown(settings, [...objectFields, ...keyValueFields]);
    await generateConfig('ConfigMap', namedByMetadata(settings), undefined, resources, build);
  },
  SecretGenerator: async (_config, settings, resources, build) => {
    refuseUnknown(settings, [...objectFields, ...keyValueFields, 'type']);
    await generateConfig('Secret', namedByMetadata(settings), undefined, resources, build);
  },
  HelmChartInflationGenerator: async (_config, settings, resources, build) => {
    refuseUnknown(settings, [...objectFields, ...chartFields, 'chartHome', 'configHome']);
    const chartHome = textOf(settings, 'chartHome');
    await inflateChart(settings, { chartHome: chartHome === '' ? 'charts' : chartHome, namespace: '' }, resources, build);
  },
};

/** Name and namespace of what is generated are those of the configuration, unless it names others. */
function namedByMetadata(settings: Settings): Settings {
  const metadata = isPlainObject(settings.value['metadata']) ? settings.value['metadata'] : {};
  const value: PlainMap = { ...settings.value };
  const borrowed = new Set<unknown>();
  for (const key of ['name', 'namespace']) {
    if ((value[key] ?? '') !== '' || metadata[key] === undefined) continue;
    value[key] = metadata[key];
    borrowed.add(key);
  }
  const pathOf = (path: readonly (string | number)[]): readonly (string | number)[] =>
    borrowed.has(path[0]) ? ['metadata', ...path] : path;
  return {
    ...settings,
    value,
    locate: (path) => settings.locate(pathOf(path)),
    report: (path, ...told) => settings.report(pathOf(path), ...told),
  };
}

/** Generates what the objects of `generators` ask for. Runs after the layer's own generators. `accumulate` is for entries that are folders. */
export async function runGenerators(
  resources: BuildResource[],
  layer: KustomizationFile,
  build: Build,
  accumulate: Accumulate,
): Promise<void> {
  for (const config of await readPluginConfigs('generators', layer, build, accumulate)) {
    const settings = settingsAt(config, [], build);
    if (settings === undefined || isRefused(config, settings)) continue;
    const generate = Object.hasOwn(generators, config.kind) ? generators[config.kind] : undefined;
    if (generate !== undefined) await generate(config, settings, resources, build);
    else reportOther(config, settings, 'generator', Object.keys(generators), Object.keys(transformers));
  }
}

/** Changes the objects as the objects of `transformers` ask for. Runs after the layer's own transformers. */
export async function runTransformers(
  resources: BuildResource[],
  layer: KustomizationFile,
  build: Build,
  accumulate: Accumulate,
): Promise<void> {
  await runList('transformers', resources, layer, build, accumulate);
}

/** Runs transformers that may change nothing: on copies, and what they would change is a fault. */
export async function runValidators(
  resources: readonly BuildResource[],
  layer: KustomizationFile,
  build: Build,
  accumulate: Accumulate,
): Promise<void> {
  const list: unknown = layer.value['validators'];
  if (!Array.isArray(list) || list.length === 0) return;
  const copies = resources.map((resource) => ({
    ...resource,
    value: build.origins.copy(resource.value),
    previousIds: [...resource.previousIds],
    prefixes: [...resource.prefixes],
    suffixes: [...resource.suffixes],
  }));
  await runList('validators', copies, layer, build, accumulate);
  const before = JSON.stringify(resources.map(({ value }) => value));
  if (before === JSON.stringify(copies.map(({ value }) => value))) return;
  const message = 'a validator may not change objects; write it under transformers';
  build.problems.push({ severity: 'error', reason: 'Invalid', ...layer.locate(['validators']), field: 'validators', message });
}

async function runList(
  field: 'transformers' | 'validators',
  resources: BuildResource[],
  layer: KustomizationFile,
  build: Build,
  accumulate: Accumulate,
): Promise<void> {
  for (const config of await readPluginConfigs(field, layer, build, accumulate)) {
    const settings = settingsAt(config, [], build);
    if (settings === undefined || isRefused(config, settings)) continue;
    const transform: Transformer | undefined = Object.hasOwn(transformers, config.kind) ? transformers[config.kind] : undefined;
    if (transform !== undefined) await transform(config, settings, resources, build);
    else reportOther(config, settings, 'transformer', Object.keys(transformers), Object.keys(generators));
  }
}

const functionAnnotations = ['config.kubernetes.io/function', 'config.k8s.io/function'];

/** Programs and containers. */
function isRefused({ kind, apiVersion }: PluginConfig, settings: Settings): boolean {
  const metadata = isPlainObject(settings.value['metadata']) ? settings.value['metadata'] : {};
  const annotations = isPlainObject(metadata['annotations']) ? metadata['annotations'] : {};
  const cure = 'run it yourself and commit what it makes';
  const annotation = functionAnnotations.find((name) => Object.hasOwn(annotations, name));
  if (annotation !== undefined) {
    const path = ['metadata', 'annotations', annotation];
    settings.report(
      path,
      'UnsupportedField',
      `${kind} is not supported: it is a function that runs a container or a program; ${cure}`,
    );
    return true;
  }
  if (apiVersion === 'builtin') return false;
  const why = `it is no plugin of kustomize itself (apiVersion builtin), so it would run a program; ${cure}`;
  settings.report(['kind'], 'UnsupportedKind', `${kind} (${apiVersion}) is not supported: ${why}`);
  return true;
}

function reportOther(
  { kind }: PluginConfig,
  settings: Settings,
  role: string,
  known: readonly string[],
  others: readonly string[],
): void {
  const reasons: Readonly<Record<string, string>> = {
    IAMPolicyGenerator: 'IAMPolicyGenerator is not supported: it makes policies for Google Cloud, which there is none of here',
    HashTransformer: 'HashTransformer is not supported: names get their hashes at the end of every build',
  };
  const isOther = others.includes(kind);
  const message = isOther ? `plugin ${kind} is not a ${role}` : `there is no built-in ${role} ${kind}.${didYouMean(kind, known)}`;
  settings.report(['kind'], 'UnsupportedKind', (Object.hasOwn(reasons, kind) ? reasons[kind] : undefined) ?? message);
}
