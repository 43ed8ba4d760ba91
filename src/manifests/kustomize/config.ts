// `configurations` files: more fields that hold names, labels, images and so on (kustomize, "transformer configurations").
import type { Path } from '../place.ts';
import type { ProblemReason } from '../problem.ts';
import { isPlainObject } from '../schema/admit.ts';
import type { SourceObject } from '../source.ts';
import { didYouMean } from '../suggest.ts';
import type { FieldSpec, NameReference, TransformerConfig } from './resource.ts';
import { compareKinds } from './sort.ts';
import { nameOfType } from './steps/settings.ts';

/** Tells a fault of a configuration. */
export type ConfigReport = (path: Path, reason: ProblemReason, message: string) => void;

type SpecLists = Exclude<keyof TransformerConfig, 'nameReference'>;

const specLists = [
  'namePrefix',
  'nameSuffix',
  'namespace',
  'commonLabels',
  'labels',
  'templateLabels',
  'volumeClaimTemplateLabels',
  'commonAnnotations',
  'varReference',
  'images',
  'replicas',
] as const satisfies readonly SpecLists[];

/** A configuration that adds nothing. */
export const noConfig: TransformerConfig = {
  ...(Object.fromEntries(specLists.map((name) => [name, []])) as unknown as Record<SpecLists, readonly FieldSpec[]>),
  nameReference: [],
};

/** Reads the content of a `configurations` file. */
export function readConfig({ value }: SourceObject, report: ConfigReport): TransformerConfig {
  if (!isPlainObject(value)) {
    report([], 'WrongType', `must be a mapping, not ${nameOfType(value)}`);
    return noConfig;
  }
  const config: Record<string, readonly unknown[]> = { ...noConfig };
  const known = [...specLists, 'nameReference'];
  for (const [name, entries] of Object.entries(value)) {
    if (!known.includes(name)) report([name], 'UnknownField', `unknown field "${name}".${didYouMean(name, known)}`);
    else if (name === 'nameReference') config[name] = readNameReferences(entries, report);
    else config[name] = readSpecs(entries, [name], report);
  }
  // Every list was read as what it is named for.
  return config as unknown as TransformerConfig;
}

function readNameReferences(entries: unknown, report: ConfigReport): NameReference[] {
  return listOfMaps(entries, ['nameReference'], report).map(({ map, path }) => {
    refuseOthers(map, ['group', 'version', 'kind', 'fieldSpecs'], path, report);
    return { ...kindOf(map, path, report), referrers: readSpecs(map['fieldSpecs'], [...path, 'fieldSpecs'], report) };
  });
}

/** Reads a list of field specs. */
export function readSpecs(entries: unknown, path: Path, report: ConfigReport): FieldSpec[] {
  return listOfMaps(entries, path, report).map(({ map, path: at }) => {
    refuseOthers(map, ['group', 'version', 'kind', 'path', 'create'], at, report);
    const create = map['create'] ?? false;
    if (typeof create !== 'boolean') report([...at, 'create'], 'WrongType', `must be a boolean, not ${nameOfType(create)}`);
    const field = textAt(map, 'path', at, report);
    if (field === '' && (map['path'] ?? '') === '') report([...at, 'path'], 'Required', 'Required value');
    return { ...kindOf(map, at, report), path: field, create: create === true };
  });
}

type AnyMap = Readonly<Record<string, unknown>>;

function listOfMaps(entries: unknown, path: Path, report: ConfigReport): { readonly map: AnyMap; readonly path: Path }[] {
  if (entries === undefined || entries === null) return [];
  if (!Array.isArray(entries)) {
    report(path, 'WrongType', `must be a list, not ${nameOfType(entries)}`);
    return [];
  }
  return entries.flatMap((map: unknown, index) => {
    const at = [...path, index];
    if (isPlainObject(map)) return [{ map, path: at }];
    report(at, 'WrongType', `must be a mapping, not ${nameOfType(map)}`);
    return [];
  });
}

function kindOf(map: AnyMap, path: Path, report: ConfigReport): Pick<FieldSpec, 'group' | 'version' | 'kind'> {
  const [group, version, kind] = ['group', 'version', 'kind'].map((key) => textAt(map, key, path, report));
  return { group: group ?? '', version: version ?? '', kind: kind ?? '' };
}

function textAt(map: AnyMap, key: string, path: Path, report: ConfigReport): string {
  const text = map[key] ?? '';
  if (typeof text === 'string') return text;
  report([...path, key], 'WrongType', `must be a string, not ${nameOfType(text)}`);
  return '';
}

function refuseOthers(map: AnyMap, known: readonly string[], path: Path, report: ConfigReport): void {
  for (const key of Object.keys(map))
    if (!known.includes(key)) report([...path, key], 'UnknownField', `unknown field "${key}".${didYouMean(key, known)}`);
}

/**
 * Specs with those of another list that are not there yet. Two that differ in nothing but `create` contradict each other: then the result is
 * the one that cannot be added.
 */
export function mergeSpecs(
  specs: readonly FieldSpec[],
  more: readonly FieldSpec[],
): readonly FieldSpec[] | { readonly conflict: FieldSpec } {
  if (more.length === 0 || specs === more) return specs;
  const merged = [...specs];
  for (const spec of more) {
    const same = merged.find((other) => other.path === spec.path && coversKind(spec, other));
    if (same === undefined) merged.push(spec);
    else if (same.create !== spec.create) return { conflict: spec };
  }
  return merged;
}

function coversKind(spec: FieldSpec, other: FieldSpec): boolean {
  return (['group', 'version', 'kind'] as const).every((part) => spec[part] === '' || spec[part] === other[part]);
}

/** With the specs in the order of their kinds, which decides what is added to what when they are merged: what names a kind comes first. */
export function sortedConfig(config: TransformerConfig): TransformerConfig {
  const lists = Object.fromEntries(specLists.map((name) => [name, config[name].toSorted(compareKinds)]));
  return { ...config, ...lists, nameReference: config.nameReference.toSorted(compareKinds) };
}

/**
 * Two configurations as one, as kustomize merges them: a spec that is added is left out when there is one for fewer kinds already. So what is
 * built in for all kinds gives way to what a file has for some. The first conflict is given back with it.
 */
export function mergeConfigs(
  one: TransformerConfig,
  other: TransformerConfig,
): { config: TransformerConfig; conflict?: FieldSpec } {
  if (one === other || other === noConfig) return { config: one };
  let conflict: FieldSpec | undefined;
  const join = (left: readonly FieldSpec[], right: readonly FieldSpec[]): readonly FieldSpec[] => {
    const joined = mergeSpecs(left, right);
    if (!('conflict' in joined)) return joined;
    conflict ??= joined.conflict;
    return left;
  };
  const lists = Object.fromEntries(specLists.map((name) => [name, join(one[name], other[name])]));
  const references = [...one.nameReference];
  for (const reference of other.nameReference) {
    const index = references.findIndex(
      ({ group, version, kind }) => group === reference.group && version === reference.version && kind === reference.kind,
    );
    const same = references[index];
    if (same === undefined) references.push(reference);
    else references[index] = { ...same, referrers: join(same.referrers, reference.referrers) };
  }
  const config = sortedConfig({ ...noConfig, ...lists, nameReference: references });
  return conflict === undefined ? { config } : { config, conflict };
}
