// The step that generates: ConfigMaps from `configMapGenerator`, then Secrets from `secretGenerator`.
import type { Path } from '../../place.ts';
import { put } from '../../reading/plain.ts';
import type { SourceObject } from '../../source.ts';
import type { Build, BuildResource, BuildStep, PlainMap } from '../resource.ts';
import { absorb } from './absorb.ts';
import { decodeText } from './files.ts';
import { type KeyValue, readKeyValues } from './key-values.ts';
import {
  choiceOf,
  entriesAt,
  refuseUnknown,
  requiredTextOf,
  type Settings,
  settingsAt,
  settingsBelow,
  switchOf,
  textOf,
  textsByKeyOf,
} from './settings.ts';

const optionFields = ['labels', 'annotations', 'disableNameSuffixHash', 'immutable'];
const generatorFields = ['name', 'namespace', 'behavior', 'literals', 'files', 'envs', 'env', 'options'];
/** Base64 is broken into lines of this length, which is part of the content and so of the hash. */
const BASE64_LINE_CHARACTERS = 70;

/**
 * Generates the ConfigMaps and Secrets of a layer, with kustomize's rules for `generatorOptions`: labels and annotations of the generator
 * win over them, `true` of a switch wins wherever it stands.
 */
export const generateConfigs: BuildStep = async (resources, layer, build) => {
  const options = layer.value['generatorOptions'] === undefined ? undefined : settingsAt(layer, ['generatorOptions'], build);
  for (const [field, kind] of [
    ['configMapGenerator', 'ConfigMap'],
    ['secretGenerator', 'Secret'],
  ] as const)
    for (const settings of entriesAt(layer, field, build)) {
      refuseUnknown(settings, kind === 'Secret' ? [...generatorFields, 'type'] : generatorFields);
      await generateConfig(kind, settings, options, resources, build);
    }
};

/** Generates the object of one generator. */
export async function generateConfig(
  kind: 'ConfigMap' | 'Secret',
  settings: Settings,
  globalOptions: Settings | undefined,
  resources: BuildResource[],
  build: Build,
): Promise<void> {
  const faultsBefore = build.problems.length;
  const name = requiredTextOf(settings, 'name', `a ${kind} must have a name`);
  const behavior = choiceOf(settings, 'behavior', ['create', 'merge', 'replace']);
  const options = mergeOptions(settingsBelow(settings, ['options']), globalOptions);
  const pairs = await readKeyValues(settings, build);
  const content = kind === 'Secret' ? secretContent(settings, pairs) : configMapContent(pairs);
  if (name === undefined || build.problems.slice(faultsBefore).some(({ severity }) => severity === 'error')) return;
  const namespace = textOf(settings, 'namespace');
  const { labels, annotations } = options;
  const metadata: PlainMap = {
    name,
    ...(namespace === '' ? {} : { namespace }),
    ...(labels.size === 0 ? {} : { labels: Object.fromEntries([...labels].map(([key, { value }]) => [key, value])) }),
    ...(annotations.size === 0
      ? {}
      : { annotations: Object.fromEntries([...annotations].map(([key, { value }]) => [key, value])) }),
  };
  const value = { apiVersion: 'v1', kind, metadata, ...content, ...(options.isImmutable ? { immutable: true } : {}) };
  // A copy of its own, with places, made of what knows them.
  const made = build.origins.copyOf(sourceOf(value, settings, pairs, options)) as PlainMap;
  absorb(
    { value: made, behavior: behavior === '' ? 'unspecified' : behavior, needsHash: !options.isHashOff },
    resources,
    settings,
    build,
  );
}

interface Entry {
  readonly value: string;
  readonly settings: Settings;
  readonly path: Path;
}

interface Options {
  readonly labels: ReadonlyMap<string, Entry>;
  readonly annotations: ReadonlyMap<string, Entry>;
  readonly isHashOff: boolean;
  readonly isImmutable: boolean;
}

function mergeOptions(own: Settings | undefined, shared: Settings | undefined): Options {
  const parts = [shared, own].filter((part) => part !== undefined);
  for (const part of parts) refuseUnknown(part, optionFields);
  const entries = (field: string): Map<string, Entry> =>
    new Map(
      parts.flatMap((settings) =>
        Object.entries(textsByKeyOf(settings, field)).map(([key, value]): [string, Entry] => [
          key,
          { value, settings, path: [field, key] },
        ]),
      ),
    );
  return {
    labels: entries('labels'),
    annotations: entries('annotations'),
    isHashOff: parts.filter((part) => switchOf(part, 'disableNameSuffixHash')).length > 0,
    isImmutable: parts.filter((part) => switchOf(part, 'immutable')).length > 0,
  };
}

function configMapContent(pairs: ReadonlyMap<string, KeyValue>): PlainMap {
  const data: PlainMap = {};
  const binaryData: PlainMap = {};
  for (const { key, bytes } of pairs.values()) {
    const text = decodeText(bytes);
    if (text === undefined) put(binaryData, key, toBase64(bytes));
    else put(data, key, text);
  }
  return {
    ...(Object.keys(data).length === 0 ? {} : { data }),
    ...(Object.keys(binaryData).length === 0 ? {} : { binaryData }),
  };
}

function secretContent(settings: Settings, pairs: ReadonlyMap<string, KeyValue>): PlainMap {
  const type = textOf(settings, 'type');
  const data = Object.fromEntries([...pairs.values()].map(({ key, bytes }) => [key, toBase64(bytes)]));
  return { type: type === '' ? 'Opaque' : type, data };
}

function toBase64(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString('base64');
  if (text.length < BASE64_LINE_CHARACTERS) return text;
  const lines = text.match(new RegExp(`.{1,${BASE64_LINE_CHARACTERS}}`, 'g')) ?? [];
  return lines.map((line) => `${line}\n`).join('');
}

/** The object and where each of its fields was asked for. */
function sourceOf(value: PlainMap, settings: Settings, pairs: ReadonlyMap<string, KeyValue>, options: Options): SourceObject {
  const optionPlace = ([field, key]: Path): ReturnType<Settings['locate']> | undefined => {
    const entry = field === 'labels' ? options.labels.get(String(key)) : options.annotations.get(String(key));
    return entry?.settings.locate(entry.path);
  };
  const known: Readonly<Record<string, Path>> = { name: ['name'], namespace: ['namespace'] };
  return {
    value,
    locate: ([first, second, third]) => {
      const own = settings.locate([]);
      if (second === undefined) return first === 'type' ? settings.locate(['type']) : own;
      if (first === 'data' || first === 'binaryData') return pairs.get(String(second))?.place ?? own;
      const path = Object.hasOwn(known, second) ? known[second] : undefined;
      if (path !== undefined) return settings.locate(path);
      return (third === undefined ? undefined : optionPlace([second, third])) ?? own;
    },
    sourceAt: () => undefined,
  };
}
