// Replaces every ApplicationSet (holdfast.dev/v1) by the Applications that it stands for. They stand where its template does.
import type { Kind } from '../../model/resource.ts';
import type { FileTree } from '../file-tree.ts';
import { formatPath, type Path } from '../place.ts';
import type { Problem } from '../problem.ts';
import { duplicate, invalid, type Report, required } from '../report.ts';
import { admit, isPlainObject } from '../schema/admit.ts';
import { schemaOf, validate } from '../schema/schema.ts';
import { partOf, rearranged, type SourceObject } from '../source.ts';
import { didYouMean } from '../suggest.ts';
import { type Entry, entriesOf, MAX_ENTRIES } from './entries.ts';

/** Only what has a schema is validated; that a set never becomes a resource does not matter for that. */
const applicationSet = 'ApplicationSet' as Kind;

/** Whether an object is a set of applications, or a List with one. */
export function hasApplicationSet(value: unknown): boolean {
  if (!isPlainObject(value)) return false;
  if (value['kind'] === 'List' && Array.isArray(value['items'])) return value['items'].some(isApplicationSet);
  return isApplicationSet(value);
}

function isApplicationSet(value: unknown): boolean {
  return isPlainObject(value) && value['kind'] === 'ApplicationSet' && value['apiVersion'] === 'holdfast.dev/v1';
}

/** All objects with those that sets stand for in their place. Rejects when the source fails. */
export async function expandApplicationSets(
  sources: readonly SourceObject[],
  tree: FileTree,
): Promise<{ readonly objects: readonly SourceObject[]; readonly problems: readonly Problem[] }> {
  const problems: Problem[] = [];
  const objects: SourceObject[] = [];
  let folders: readonly string[] | undefined;
  for (const source of sources.flatMap(itemsIfAnyIsSet)) {
    if (!isApplicationSet(source.value)) {
      objects.push(source);
      continue;
    }
    folders ??= foldersOf(await tree.filesBelow(''));
    objects.push(...expand(source, folders, problems));
  }
  return { objects, problems };
}

function itemsIfAnyIsSet(source: SourceObject): readonly SourceObject[] {
  const { value } = source;
  if (!isPlainObject(value) || value['kind'] !== 'List' || !Array.isArray(value['items'])) return [source];
  const items = value['items'] as readonly unknown[];
  return items.some(isApplicationSet) ? items.map((item, index) => partOf(source, ['items', index], item)) : [source];
}

function foldersOf(paths: readonly string[]): readonly string[] {
  const folders = new Set<string>();
  for (const path of paths) {
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
      if (folders.has(path.slice(0, end))) break;
      folders.add(path.slice(0, end));
    }
  }
  return [...folders].toSorted();
}

function expand(source: SourceObject, folders: readonly string[], problems: Problem[]): readonly SourceObject[] {
  let faults = 0;
  const report: Report = (path, reason, message, severity = 'error') => {
    if (severity === 'error') faults += 1;
    problems.push({ severity, reason, ...source.locate(path), field: formatPath(path), message });
  };
  const admitted = admit(schemaOf(applicationSet), source.value as Readonly<Record<string, unknown>>, report);
  validate(applicationSet, admitted.value, report);
  if (faults > 0) return [];
  const { generators, template } = admitted.value['spec'] as { generators: readonly unknown[]; template: Template };
  const entries = generators.flatMap((generator, index) => entriesOf(generator, ['spec', 'generators', index], folders, report));
  if (entries.length > MAX_ENTRIES)
    report(['spec', 'generators'], 'Invalid', `there are ${entries.length} entries, and ${MAX_ENTRIES} at most`);
  const { spec } = template;
  if (spec['path'] === undefined && spec['source'] === undefined)
    report(['spec', 'template', 'spec', 'path'], 'Required', required('an application says where it is, with path or source'));
  if (faults > 0) return [];
  const made = entries.map((entry) => filled(template, entry, report));
  checkNames(made, report);
  if (faults > 0) return [];
  return made.map((value) =>
    withoutPlaceholders(
      rearranged(source, { apiVersion: 'holdfast.dev/v1', kind: 'Application', ...value }, (path) =>
        path[0] === 'metadata' || path[0] === 'spec' ? ['spec', 'template', ...path] : path.length === 0 ? [] : ['kind'],
      ),
    ),
  );
}

/** What stands where a value comes from is not the value. */
function withoutPlaceholders(object: SourceObject): SourceObject {
  const sourceAt = (path: Path): string | undefined => {
    const written = object.sourceAt(path);
    return written?.includes('{{') === true ? undefined : written;
  };
  return { ...object, sourceAt };
}

interface Template {
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly spec: Readonly<Record<string, unknown>>;
}

function checkNames(made: readonly Template[], report: Report): void {
  const names = new Set<unknown>();
  const path = ['spec', 'template', 'metadata', 'name'];
  for (const { metadata } of made) {
    const { name } = metadata;
    if (names.has(name)) return report(path, 'Duplicate', `${duplicate(name)}: two entries make applications of one name`);
    names.add(name);
  }
}

/** The template with the values of an entry. A placeholder that has none is told once, where it stands. */
function filled(template: Template, entry: Entry, report: Report): Template {
  return {
    metadata: fill(template.metadata, entry, ['spec', 'template', 'metadata'], report) as Template['metadata'],
    spec: fill(template.spec, entry, ['spec', 'template', 'spec'], report) as Template['spec'],
  };
}

function fill(value: unknown, entry: Entry, path: Path, report: Report): unknown {
  if (typeof value === 'string') return fillText(value, entry, path, report);
  if (Array.isArray(value)) return value.map((item: unknown, index) => fill(item, entry, [...path, index], report));
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      fillText(key, entry, [...path, key], report),
      fill(inner, entry, [...path, key], report),
    ]),
  );
}

function fillText(text: string, entry: Entry, path: Path, report: Report): string {
  return text.replaceAll(/\{\{([^{}]*)\}\}/g, (placeholder, inside: string) => {
    const name = inside.trim();
    const known = entry.get(name);
    if (known !== undefined) return known;
    const isOfGo = /^[-.]|[|"(]|\s/.test(name);
    const why = isOfGo
      ? 'templates of Go are not read: write {{name}} and {{path.basename}}'
      : `no entry has a value of this name.${didYouMean(name, entry.keys())}`;
    report(path, 'Invalid', invalid(placeholder, why));
    return placeholder;
  });
}
