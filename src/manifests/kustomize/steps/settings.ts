// One entry of a kustomization file, or of a file that it names: its fields, each looked at before it is used, with the place of every
// fault. What a step needs of its entry goes through here, so that no value of a wrong type gets any further.
import { formatPath, type Path } from '../../place.ts';
import type { ProblemReason } from '../../problem.ts';
import { invalid, required } from '../../report.ts';
import { isPlainObject } from '../../schema/admit.ts';
import type { SourcePlace } from '../../source.ts';
import { didYouMean } from '../../suggest.ts';
import type { Build, KustomizationFile, PlainMap } from '../resource.ts';

/** A map of settings and the way to its places. Paths are relative to it. */
export interface Settings {
  readonly value: Readonly<PlainMap>;
  /** The file it stands in, whose folder its paths are relative to, and where in it. */
  readonly file: KustomizationFile;
  readonly path: Path;
  locate(path: Path): SourcePlace;
  /** Tells a problem. The field is named from the top of the file. */
  report(path: Path, reason: ProblemReason, message: string, severity?: 'error' | 'note'): void;
}

/** The settings that stand at a path of a file; undefined, and a problem, when there is no map. */
export function settingsAt(file: KustomizationFile, path: Path, build: Build): Settings | undefined {
  let value: unknown = file.value;
  for (const step of path) value = isPlainObject(value) || Array.isArray(value) ? Reflect.get(value, step) : undefined;
  return settingsOf(value, file, path, build);
}

/** Settings that were found at a path of a file. */
export function settingsOf(value: unknown, file: KustomizationFile, path: Path, build: Build): Settings | undefined {
  const report: Settings['report'] = (below, reason, message, severity = 'error') => {
    const field = formatPath([...path, ...below]);
    build.problems.push({ severity, reason, ...file.locate([...path, ...below]), field, message });
  };
  if (!isPlainObject(value)) {
    report([], 'WrongType', `must be a mapping, not ${nameOfType(value)}`);
    return undefined;
  }
  return { value, file, path, locate: (below) => file.locate([...path, ...below]), report };
}

/** The entries of a list of maps of a file, such as `images`. Entries that are no maps are problems. */
export function entriesAt(file: KustomizationFile, field: string, build: Build): Settings[] {
  const list = file.value[field] ?? [];
  if (!Array.isArray(list)) {
    const message = `must be a list, not ${nameOfType(list)}`;
    build.problems.push({ severity: 'error', reason: 'WrongType', ...file.locate([field]), field, message });
    return [];
  }
  return list.flatMap((_entry, index) => settingsAt(file, [field, index], build) ?? []);
}

/** Settings within settings. */
export function settingsBelow(settings: Settings, path: Path): Settings | undefined {
  let value: unknown = settings.value;
  for (const step of path) value = isPlainObject(value) || Array.isArray(value) ? Reflect.get(value, step) : undefined;
  if (value === undefined || value === null) return undefined;
  if (!isPlainObject(value)) {
    settings.report(path, 'WrongType', `must be a mapping, not ${nameOfType(value)}`);
    return undefined;
  }
  return {
    value,
    file: settings.file,
    path: [...settings.path, ...path],
    locate: (below) => settings.locate([...path, ...below]),
    report: (below, ...rest) => settings.report([...path, ...below], ...rest),
  };
}

/** The maps of a list within settings. */
export function settingsList(settings: Settings, key: string): Settings[] {
  return listOf(settings, key).flatMap((_entry, index) => settingsBelow(settings, [key, index]) ?? []);
}

/** A text; '' when it is absent. */
export function textOf(settings: Settings, key: string): string {
  const value = settings.value[key] ?? '';
  if (typeof value === 'string') return value;
  settings.report([key], 'WrongType', `must be a string, not ${nameOfType(value)}`);
  return '';
}

/** A text that has to be there. */
export function requiredTextOf(settings: Settings, key: string, detail = ''): string | undefined {
  const text = textOf(settings, key);
  if (text !== '') return text;
  if (typeof (settings.value[key] ?? '') === 'string') settings.report([key], 'Required', required(detail));
  return undefined;
}

/** A switch; false when it is absent. */
export function switchOf(settings: Settings, key: string): boolean {
  const value = settings.value[key] ?? false;
  if (typeof value === 'boolean') return value;
  settings.report([key], 'WrongType', `must be a boolean, not ${nameOfType(value)}`);
  return false;
}

/** A whole number; undefined when it is absent. */
export function wholeNumberOf(settings: Settings, key: string): number | undefined {
  const value = settings.value[key] ?? undefined;
  if (value === undefined || Number.isSafeInteger(value)) return value as number | undefined;
  settings.report([key], 'WrongType', `must be a whole number, not ${nameOfType(value)}`);
  return undefined;
}

/** A text out of a few. Absence is '', and allowed. */
export function choiceOf<T extends string>(settings: Settings, key: string, choices: readonly T[]): T | '' {
  const text = textOf(settings, key);
  const found = choices.find((choice) => choice === text);
  if (found !== undefined || text === '') return found ?? '';
  settings.report([key], 'Invalid', `"${text}" is not one of ${choices.join(', ')}.${didYouMean(text, choices)}`);
  return '';
}

/** The texts of a list; others are problems. Positions are kept, so that places can be asked for. */
export function textsOf(settings: Settings, key: string): { readonly text: string; readonly path: Path }[] {
  return listOf(settings, key).flatMap((text, index) => {
    const path = [key, index];
    if (typeof text === 'string') return [{ text, path }];
    settings.report(path, 'WrongType', `must be a string, not ${nameOfType(text)}`);
    return [];
  });
}

/** A map of texts, such as labels. */
export function textsByKeyOf(settings: Settings, key: string): Record<string, string> {
  const value = settings.value[key] ?? {};
  if (!isPlainObject(value)) {
    settings.report([key], 'WrongType', `must be a mapping, not ${nameOfType(value)}`);
    return {};
  }
  const entries = Object.entries(value).filter((entry): entry is [string, string] => {
    if (typeof entry[1] === 'string') return true;
    const cure = typeof entry[1] === 'number' || typeof entry[1] === 'boolean' ? '; put it in quotes' : '';
    settings.report([key, entry[0]], 'WrongType', `must be a string, not ${nameOfType(entry[1])}${cure}`);
    return false;
  });
  return Object.fromEntries(entries);
}

/** Fields that are not among the known ones are problems: nothing is ignored. */
export function refuseUnknown(settings: Settings, known: readonly string[]): void {
  for (const name of Object.keys(settings.value))
    if (!known.includes(name)) settings.report([name], 'UnknownField', `unknown field "${name}".${didYouMean(name, known)}`);
}

/** Says that a field's value is not right, as Kubernetes does. */
export function reportInvalid(settings: Settings, path: Path, value: unknown, detail: string): void {
  settings.report(path, 'Invalid', invalid(value, detail));
}

function listOf(settings: Settings, key: string): readonly unknown[] {
  const value = settings.value[key] ?? [];
  if (Array.isArray(value)) return value;
  settings.report([key], 'WrongType', `must be a list, not ${nameOfType(value)}`);
  return [];
}

/** What a value is, in the words of the messages. */
export function nameOfType(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  return typeof value === 'number' || typeof value === 'boolean' ? `the ${typeof value} ${value}` : 'a string';
}
