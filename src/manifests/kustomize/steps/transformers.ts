// The transformers that are built into kustomize, as plugins: each reads its own configuration and does what the field of a kustomization
// would do, in the fields that it names.
import { readSpecs } from '../config.ts';
import { type SetPair, setPairs } from '../labels.ts';
import { addAffix } from '../names.ts';
import { setNamespace } from '../namespace.ts';
import { applyPatchEntry } from '../patches.ts';
import type { Build, BuildResource, FieldSpec, PlainMap } from '../resource.ts';
import { setImage } from './images.ts';
import type { PluginConfig } from './plugin-configs.ts';
import { Copying } from './replacement-value.ts';
import { replaceBy } from './replacements.ts';
import { setReplicaCount } from './replicas.ts';
import {
  choiceOf,
  refuseUnknown,
  requiredTextOf,
  type Settings,
  settingsBelow,
  settingsList,
  switchOf,
  textOf,
  textsByKeyOf,
  textsOf,
} from './settings.ts';
import { addValue } from './value-add.ts';

/** Changes the objects as a configuration asks for. */
export type Transformer = (
  config: PluginConfig,
  settings: Settings,
  resources: BuildResource[],
  build: Build,
) => Promise<void> | void;

const objectFields = ['apiVersion', 'kind', 'metadata'];

/** All of them, by kind. */
export const transformers: Readonly<Record<string, Transformer>> = {
  PrefixTransformer: (_config, settings, resources, build) => affix(settings, ['prefix'], resources, build),
  SuffixTransformer: (_config, settings, resources, build) => affix(settings, ['suffix'], resources, build),
  PrefixSuffixTransformer: (_config, settings, resources, build) => affix(settings, ['prefix', 'suffix'], resources, build),
  NamespaceTransformer: (_config, settings, resources, build) => namespace(settings, resources, build),
  LabelTransformer: (_config, settings, resources, build) => pairs(settings, 'labels', resources, build),
  AnnotationsTransformer: (_config, settings, resources, build) => pairs(settings, 'annotations', resources, build),
  ImageTagTransformer: (_config, settings, resources, build) => {
    refuseUnknown(settings, [...objectFields, 'imageTag', 'fieldSpecs']);
    const image = partOf(settings, 'imageTag', ['name', 'newName', 'newTag', 'digest', 'tagSuffix']);
    if (image !== undefined) setImage(image, resources, build, specsOf(settings));
  },
  ReplicaCountTransformer: (_config, settings, resources, build) => {
    refuseUnknown(settings, [...objectFields, 'replica', 'fieldSpecs']);
    const replica = partOf(settings, 'replica', ['name', 'count']);
    if (replica !== undefined) setReplicaCount(replica, resources, build, specsOf(settings));
  },
  ReplacementTransformer: async (_config, settings, resources, build) => {
    refuseUnknown(settings, [...objectFields, 'replacements']);
    const copying = new Copying();
    for (const entry of settingsList(settings, 'replacements')) await replaceBy(entry, resources, build, copying);
  },
  ValueAddTransformer: (config, settings, resources, build) => addValue(config, settings, resources, build),
  PatchTransformer: async (config, settings, resources, build) => {
    refuseUnknown(settings, [...objectFields, 'path', 'patch', 'target', 'options']);
    await applyPatchEntry(resources, config.value, config, build);
  },
  PatchJson6902Transformer: patchJson,
  PatchStrategicMergeTransformer: patchMerge,
};

function partOf(settings: Settings, key: string, fields: readonly string[]): Settings | undefined {
  const part = settingsBelow(settings, [key]);
  if (part === undefined && (settings.value[key] ?? undefined) === undefined)
    settings.report([key], 'Required', 'Required value');
  else if (part !== undefined) refuseUnknown(part, fields);
  return part;
}

/** The fields that a configuration names: only these are changed. */
function specsOf(settings: Settings): FieldSpec[] {
  return readSpecs(settings.value['fieldSpecs'], ['fieldSpecs'], (path, reason, message) =>
    settings.report(path, reason, message),
  );
}

function affix(settings: Settings, ends: readonly ('prefix' | 'suffix')[], resources: BuildResource[], build: Build): void {
  refuseUnknown(settings, [...objectFields, ...ends, 'fieldSpecs']);
  if ((settings.value['fieldSpecs'] ?? undefined) === undefined) {
    settings.report(['fieldSpecs'], 'Required', 'Required value: the fields that are changed, such as path: metadata/name');
    return;
  }
  const specs = specsOf(settings);
  for (const end of ends) addAffix(resources, { end, text: textOf(settings, end) }, build, specs);
}

function namespace(settings: Settings, resources: BuildResource[], build: Build): void {
  refuseUnknown(settings, [...objectFields, 'fieldSpecs', 'unsetOnly', 'setRoleBindingSubjects']);
  const metadata = settingsBelow(settings, ['metadata']);
  const name = metadata === undefined ? '' : textOf(metadata, 'namespace');
  const subjects = choiceOf(settings, 'setRoleBindingSubjects', ['defaultOnly', 'allServiceAccounts', 'none']);
  const place = settings.locate(['metadata', 'namespace']);
  const unsetOnly = switchOf(settings, 'unsetOnly');
  const setting = { namespace: name, place, specs: specsOf(settings), unsetOnly };
  setNamespace(resources, { ...setting, subjects: subjects || 'defaultOnly' }, build);
}

function pairs(settings: Settings, field: 'labels' | 'annotations', resources: BuildResource[], build: Build): void {
  refuseUnknown(settings, [...objectFields, field, 'fieldSpecs']);
  const made: SetPair[] = Object.entries(textsByKeyOf(settings, field))
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, value]) => ({ key, value, place: settings.locate([field, key]) }));
  setPairs(resources, made, specsOf(settings), build);
}

async function patchJson(config: PluginConfig, settings: Settings, resources: BuildResource[], build: Build): Promise<void> {
  refuseUnknown(settings, [...objectFields, 'target', 'path', 'jsonOp']);
  const target = settingsBelow(settings, ['target']);
  if (target === undefined || requiredTextOf(target, 'name', 'must specify the target name') === undefined) {
    if (target === undefined) settings.report(['target'], 'Required', 'Required value: must specify the target name');
    return;
  }
  const { jsonOp, path } = config.value;
  const entry: PlainMap = {
    target: target.value,
    ...(jsonOp === undefined ? {} : { patch: jsonOp }),
    ...(path === undefined ? {} : { path }),
  };
  const locate: PluginConfig['locate'] = ([first, ...rest]) =>
    config.locate(first === undefined ? [] : [first === 'patch' ? 'jsonOp' : first, ...rest]);
  await applyPatchEntry(resources, entry, { ...config, locate }, build);
}

async function patchMerge(config: PluginConfig, settings: Settings, resources: BuildResource[], build: Build): Promise<void> {
  refuseUnknown(settings, [...objectFields, 'paths', 'patches']);
  const text = textOf(settings, 'patches');
  const files = textsOf(settings, 'paths');
  if (text === '' && files.length === 0)
    settings.report(['paths'], 'Required', 'Required value: empty file path and empty patch content');
  for (const { text: name, path } of files) {
    const isInline = name.includes('\n') || name.trimStart().startsWith('{');
    const locate: PluginConfig['locate'] = () => config.locate(path);
    await applyPatchEntry(resources, isInline ? { patch: name } : { path: name }, { ...config, locate }, build, true);
  }
  const locate: PluginConfig['locate'] = ([first, ...rest]) =>
    config.locate(first === undefined ? [] : [first === 'patch' ? 'patches' : first, ...rest]);
  if (text !== '') await applyPatchEntry(resources, { patch: text }, { ...config, locate }, build, true);
}
