// What the generators of an ApplicationSet generate: entries, each with texts by name. Names are those of Argo CD.
import { posix } from 'node:path';
import type { Path } from '../place.ts';
import { forbidden, invalid, type Report } from '../report.ts';
import { isPlainObject } from '../schema/admit.ts';

/** What there is an application for. */
export type Entry = ReadonlyMap<string, string>;

/** The most that one set may generate. */
export const MAX_ENTRIES = 1_000;

const KINDS = ['list', 'directories', 'matrix'] as const;

/** Entries of a generator. `folders` are all of the repository. */
export function entriesOf(generator: unknown, path: Path, folders: readonly string[], report: Report): readonly Entry[] {
  const known = isPlainObject(generator) ? KINDS.filter((kind) => generator[kind] !== undefined) : [];
  const [kind] = known;
  if (!isPlainObject(generator) || kind === undefined || known.length > 1) {
    report(path, 'Invalid', `exactly one of ${KINDS.join(', ')} says what is generated`);
    return [];
  }
  const value = generator[kind];
  if (kind === 'list') return listEntries(value, [...path, 'list'], report);
  if (kind === 'directories') return directoryEntries(value, [...path, 'directories'], folders, report);
  return matrixEntries(value, [...path, 'matrix'], folders, report);
}

function listEntries(list: unknown, path: Path, report: Report): readonly Entry[] {
  // An empty list is as good as none.
  const elements: unknown = isPlainObject(list) ? (list['elements'] ?? []) : [];
  return (Array.isArray(elements) ? elements : []).map((element: unknown, index) => {
    const entry = new Map<string, string>();
    flatten(element, '', [...path, 'elements', index], entry, report);
    return entry;
  });
}

function flatten(value: unknown, name: string, path: Path, into: Map<string, string>, report: Report): void {
  if (isPlainObject(value)) {
    for (const [key, inner] of Object.entries(value))
      flatten(inner, name === '' ? key : `${name}.${key}`, [...path, key], into, report);
  } else if (name !== '' && ['string', 'number', 'boolean'].includes(typeof value)) into.set(name, String(value));
  else report(path, 'WrongType', 'must be a text, a number, a boolean, or a map of them');
}

interface Pattern {
  readonly matches: RegExp;
  readonly isExcluded: boolean;
}

function directoryEntries(value: unknown, path: Path, folders: readonly string[], report: Report): readonly Entry[] {
  const patterns = (Array.isArray(value) ? value : []).flatMap((each: unknown, index): readonly Pattern[] => {
    const text = isPlainObject(each) && typeof each['path'] === 'string' ? each['path'] : '';
    const isExcluded = isPlainObject(each) && each['exclude'] === true;
    const fault = patternFault(text);
    if (fault === undefined) return [{ matches: patternOf(text), isExcluded }];
    report([...path, index, 'path'], 'Invalid', invalid(text, fault));
    return [];
  });
  const is = (folder: string, isExcluded: boolean): boolean =>
    patterns.some((pattern) => pattern.isExcluded === isExcluded && pattern.matches.test(folder));
  return folders
    .filter((folder) => !folder.split('/').some((part) => part.startsWith('.')) && is(folder, false) && !is(folder, true))
    .map(entryOfFolder);
}

function patternFault(text: string): string | undefined {
  if (text === '') return 'must not be empty';
  if (text.startsWith('/') || text.split('/').includes('..'))
    return 'a pattern begins at the root of the repository, and has no ".."';
  return /[[\]{}\\]/.test(text) ? 'only "*", "?" and "**" stand for something else' : undefined;
}

function patternOf(text: string): RegExp {
  const parts = text.split('/').filter((part) => part !== '' && part !== '.');
  const source = parts.map((part, index) => {
    const isLast = index === parts.length - 1;
    if (part === '**') return isLast ? '.+' : '(?:[^/]+/)*';
    const escaped = part.replaceAll(/[.+^$()|]/g, String.raw`\$&`);
    return escaped.replaceAll(/\*+/g, '[^/]*').replaceAll('?', '[^/]') + (isLast ? '' : '/');
  });
  return new RegExp(`^${source.join('')}$`);
}

function entryOfFolder(folder: string): Entry {
  const basename = posix.basename(folder);
  return new Map([
    ['path', folder],
    ['path.basename', basename],
    ['path.basenameNormalized', normalized(basename)],
    ...folder.split('/').map((part, index): [string, string] => [`path[${index}]`, part]),
  ]);
}

/** As a name of an object may be. */
const normalized = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll(/[^a-z0-9.-]+/g, '-')
    .replaceAll(/^[^a-z0-9]+|[^a-z0-9]+$/g, '');

function matrixEntries(matrix: unknown, path: Path, folders: readonly string[], report: Report): readonly Entry[] {
  const generators: unknown = isPlainObject(matrix) ? matrix['generators'] : undefined;
  if (!Array.isArray(generators) || generators.length !== 2) {
    report([...path, 'generators'], 'Invalid', 'must be two generators');
    return [];
  }
  const [one = [], other = []] = generators.map((generator: unknown, index) => {
    const here = [...path, 'generators', index];
    if (!isPlainObject(generator) || generator['matrix'] === undefined) return entriesOf(generator, here, folders, report);
    report([...here, 'matrix'], 'Invalid', forbidden('a matrix has no matrix in it'));
    return [];
  });
  if (one.length * other.length > MAX_ENTRIES) {
    report(path, 'Invalid', `there are ${one.length * other.length} entries, and ${MAX_ENTRIES} at most`);
    return [];
  }
  const both = [...(one[0]?.keys() ?? [])].find((name) => other[0]?.has(name) === true);
  if (both !== undefined) {
    report([...path, 'generators'], 'Invalid', `both generators have "${both}": it is not certain which one is meant`);
    return [];
  }
  return one.flatMap((left) => other.map((right) => new Map([...left, ...right])));
}
