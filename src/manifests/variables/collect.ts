// Where values come from: the Application, ConfigMaps and Secrets of the same set, and the command line. In Flux's order: a later source of
// `substituteFrom` wins over an earlier one, `substitute` over all of them, and the command line over everything.
import { formatPath, type Path } from '../place.ts';
import type { Problem, ProblemReason } from '../problem.ts';
import { invalid, notFound } from '../report.ts';
import { isPlainObject } from '../schema/admit.ts';
import { partOf, type SourceObject } from '../source.ts';
import { didYouMean } from '../suggest.ts';
import type { ApplicationSettings, SubstituteReference } from './settings.ts';
import { isVariableName, VARIABLE_NAME_RULE } from './template.ts';
import { type Variable, VariableSet } from './variable-set.ts';

/** What variables are collected from. */
export interface VariableSources {
  readonly settings: ApplicationSettings;
  /** The rendered and decrypted objects of the set, before substitution. */
  readonly objects: readonly SourceObject[];
  /** `--substitute NAME=VALUE`. */
  readonly overrides?: Readonly<Record<string, string>>;
}

type PlainObject = Readonly<Record<string, unknown>>;

/**
 * All variables of a set. What `substituteFrom` names and the set does not have is a problem unless it is optional. Line breaks are taken
 * out of values, as Flux does. No message holds a value.
 */
export function collectVariables({ settings, objects, overrides = {} }: VariableSources): {
  readonly variables: VariableSet;
  readonly problems: readonly Problem[];
} {
  const problems: Problem[] = [];
  const found = new Map<string, Variable>();
  const define = (name: string, value: string, origin: string, isSecret = false): void => {
    found.set(name, { name, value: value.replaceAll('\n', ''), origin, isSecret });
  };
  const declared = settings.substituteFrom.length === 0 ? [] : objects.flatMap(itemsOf);
  for (const [index, reference] of settings.substituteFrom.entries()) {
    const tell = (path: Path, reason: ProblemReason, message: string): void => {
      const whole: Path = ['spec', 'substituteFrom', index, ...path];
      const place = settings.locate?.(whole) ?? { file: '', line: 0, column: 0 };
      problems.push({ severity: 'error', reason, ...place, field: formatPath(whole), message });
    };
    const object = findObject(reference, declared, tell);
    const isSecret = reference.kind === 'Secret';
    for (const [name, value] of object === undefined ? [] : entriesOf(object, isSecret)) {
      const what = `${reference.kind} "${reference.name}"`;
      if (isVariableName(name)) define(name, value, what, isSecret);
      else tell([], 'Invalid', `${what} has the key ${invalid(name, VARIABLE_NAME_RULE).replace('Invalid value: ', '')}`);
    }
  }
  for (const [name, value] of Object.entries(settings.substitute)) define(name, value, 'spec.substitute');
  for (const [name, value] of Object.entries(overrides)) define(name, value, '--substitute');
  const isConfigured = found.size > 0 || settings.substituteFrom.length > 0;
  return { variables: new VariableSet(found.values(), { isConfigured, isStrict: settings.isStrict }), problems };
}

function itemsOf(object: SourceObject): readonly SourceObject[] {
  const { value } = object;
  if (!isPlainObject(value) || value['kind'] !== 'List' || !Array.isArray(value['items'])) return [object];
  return value['items'].map((item: unknown, index) => partOf(object, ['items', index], item));
}

interface Identity {
  readonly name: string;
  readonly namespace: string;
}

function identityOf(value: unknown, kind: string): Identity | undefined {
  if (!isPlainObject(value) || value['apiVersion'] !== 'v1' || value['kind'] !== kind || !isPlainObject(value['metadata']))
    return undefined;
  const { name, namespace } = value['metadata'];
  if (typeof name !== 'string') return undefined;
  return { name, namespace: typeof namespace === 'string' && namespace !== '' ? namespace : 'default' };
}

type Tell = (path: Path, reason: ProblemReason, message: string) => void;

function findObject(reference: SubstituteReference, objects: readonly SourceObject[], tell: Tell): PlainObject | undefined {
  const { kind, name, namespace, optional = false } = reference;
  const ofKind = objects.flatMap(({ value }) => {
    const identity = identityOf(value, kind);
    return identity === undefined ? [] : [{ ...identity, value: value as PlainObject }];
  });
  const found = ofKind.filter((each) => each.name === name && (namespace === undefined || each.namespace === namespace));
  const namespaces = [...new Set(found.map((each) => each.namespace))];
  if (namespaces.length > 1) {
    tell([], 'Conflict', `${kind} "${name}" is in the namespaces ${namespaces.join(' and ')}; say which with "namespace"`);
    return undefined;
  }
  if (found[0] === undefined && !optional) tell(['name'], 'NotFound', missing(reference, ofKind));
  return found[0]?.value;
}

function missing({ kind, name, namespace }: SubstituteReference, ofKind: readonly Identity[]): string {
  const elsewhere = ofKind.find((each) => each.name === name);
  if (elsewhere !== undefined && namespace !== undefined)
    return `${notFound(name)}: the ${kind} is in the namespace "${elsewhere.namespace}", not "${namespace}"`;
  const generated = ofKind.find((each) =>
    new RegExp(`^-[0-9a-z]{10}$`).test(each.name.startsWith(name) ? each.name.slice(name.length) : ''),
  );
  const hint =
    generated === undefined
      ? didYouMean(
          name,
          ofKind.map((each) => each.name),
        )
      : ` It is generated as "${generated.name}"; set disableNameSuffixHash in its generatorOptions`;
  return `${notFound(name)}: no ${kind} of that name is declared in this path.${hint}`;
}

/** The keys and texts of a ConfigMap or Secret. What is no text is told when the object itself is looked at. */
function entriesOf(object: PlainObject, isSecret: boolean): readonly (readonly [string, string])[] {
  const { data, stringData } = object;
  const plain = isPlainObject(data) ? Object.entries(data) : [];
  const decoded = isSecret
    ? plain.map(([key, value]) => [key, typeof value === 'string' ? decode(value) : value] as const)
    : plain;
  const written = isSecret && isPlainObject(stringData) ? Object.entries(stringData) : [];
  return [...decoded, ...written].flatMap(([key, value]) => (typeof value === 'string' ? [[key, value] as const] : []));
}

function decode(base64: string): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(base64, 'base64'));
  } catch {
    return undefined;
  }
}
