// The objects that are in files, as a build takes them: lists opened, each with what tells it from the others, and copied, because the build
// changes them.
import { isPlainObject } from '../schema/admit.ts';
import { partOf, type SourceObject } from '../source.ts';
import type { Build, BuildResource, PlainMap } from './resource.ts';
import { currentId } from './steps/identity.ts';
import { nameOfType } from './steps/settings.ts';

/** The objects with the items of lists (`kind: List`, `ConfigMapList`…) in the place of the lists: after what is no list, as kustomize has it. */
export function expandLists(sources: readonly SourceObject[]): SourceObject[] {
  const open = [...sources];
  const result: SourceObject[] = [];
  for (let index = 0; index < open.length; index += 1) {
    const source = open[index];
    if (source === undefined) continue;
    const { value } = source;
    const items: unknown = isPlainObject(value) && String(value['kind']).endsWith('List') ? value['items'] : undefined;
    if (items === undefined) result.push(source);
    else if (Array.isArray(items)) open.push(...items.map((item: unknown, at) => partOf(source, ['items', at], item)));
    else if (items !== null) result.push(source);
  }
  return result;
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
