// The objects that are in files, as a build takes them: lists opened, each with what tells it from the others, and copied, because the build
// changes them.
import { formatPath, type Path } from '../place.ts';
import { isPlainObject } from '../schema/admit.ts';
import { partOf, type SourceObject } from '../source.ts';
import type { Build, BuildResource, PlainMap } from './resource.ts';
import { currentId } from './steps/identity.ts';
import { nameOfType } from './steps/settings.ts';

/** The objects with the items of lists (`kind: List`, `ConfigMapList`…) in the place of the lists: after what is no list, as kustomize has it. */
export function expandLists(sources: readonly SourceObject[]): SourceObject[] {
  const open = [...sources];
  const result: SourceObject[] = [];
  // Other lists are JSON before they are opened, and JSON does not know how a number was written.
  const isWhole = sources.length === 1 && isPlainObject(sources[0]?.value) && sources[0].value['kind'] === 'List';
  for (let index = 0; index < open.length; index += 1) {
    const source = open[index];
    if (source === undefined) continue;
    const { value } = source;
    const items: unknown = isPlainObject(value) && String(value['kind']).endsWith('List') ? value['items'] : undefined;
    if (items === undefined) result.push(source);
    else if (Array.isArray(items))
      open.push(...items.map((item: unknown, at) => itemOf(source, at, item, isWhole && index === 0)));
    else if (items !== null) result.push(source);
  }
  return result;
}

function itemOf(list: SourceObject, index: number, item: unknown, isWritten: boolean): SourceObject {
  const part = partOf(list, ['items', index], item);
  return isWritten
    ? part
    : { ...part, sourceAt: (path) => (typeof valueAt(item, path) === 'string' ? part.sourceAt(path) : undefined) };
}

function valueAt(value: unknown, path: Path): unknown {
  let at = value;
  for (const step of path) at = typeof at === 'object' && at !== null ? Reflect.get(at, step) : undefined;
  return at;
}

/** What kustomize takes for a date: the day alone, or with the time. */
const date =
  /^\d{4}-\d{1,2}-\d{1,2}(?:[Tt]\d{1,2}:\d{1,2}:\d{1,2}(?:\.\d+)?(?:Z|[-+]\d\d:\d\d)| \d{1,2}:\d{1,2}:\d{1,2}(?:\.\d+)?)?$/;
/** Dates that kustomize writes as they were. */
const wholeDate = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d*[1-9])?(?:Z|[-+](?!00:00)\d\d:\d\d)$/;

/** Refuses unquoted dates, which kustomize writes in another form than they had; among annotations it leaves them alone. */
export function refuseDates(source: SourceObject, build: Build): void {
  const visit = (value: unknown, path: Path): void => {
    if (typeof value === 'object' && value !== null) {
      if (path.length === 2 && path[0] === 'metadata' && path[1] === 'annotations') return;
      for (const [key, entry] of Object.entries(value)) visit(entry, [...path, Array.isArray(value) ? Number(key) : key]);
    } else if (typeof value === 'string' && date.test(value) && !wholeDate.test(value) && source.sourceAt(path) === value) {
      const message = `kustomize rewrites the unquoted date ${value}; put it in quotes`;
      build.problems.push({ severity: 'error', reason: 'Invalid', ...source.locate(path), field: formatPath(path), message });
    }
  };
  visit(source.value, []);
}

/** The build's own object; undefined, and a problem, for what cannot be told from others. */
export function makeResource(source: SourceObject, kustomization: string, build: Build): BuildResource | undefined {
  const { value } = source;
  const fault = (path: readonly string[], message: string): undefined => {
    const reason = path.length === 0 ? 'NotAnObject' : 'Required';
    build.problems.push({ severity: 'error', reason, ...source.locate(path), field: path.join('.'), message });
    return undefined;
  };
  if (!isPlainObject(value)) return fault([], `not a Kubernetes object: this is ${nameOfType(value)}, not a mapping`);
  const { apiVersion, kind } = value;
  if (typeof kind !== 'string' || kind === '')
    return fault(['kind'], 'Required value: kustomize tells objects apart by kind and name');
  if (typeof apiVersion === 'string' && apiVersion.startsWith('kustomize.config.k8s.io/'))
    return fault(['kind'], `a ${kind} is no object: name its folder instead of the file`);
  if (currentId(value).name === '')
    return fault(['metadata', 'name'], 'Required value: kustomize tells objects apart by kind and name');
  refuseDates(source, build);
  return {
    // A copy of a mapping is a mapping.
    value: build.origins.copyOf(source) as PlainMap,
    previousIds: [],
    prefixes: [],
    suffixes: [],
    needsHash: false,
    behavior: 'unspecified',
    kustomization,
  };
}
