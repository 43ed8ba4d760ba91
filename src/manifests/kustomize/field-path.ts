// Walks the paths of field specs (kustomize's fieldspec filter): steps with slashes between them, through lists without being told.
import type { Origins } from '../origins.ts';
import { put } from '../reading/plain.ts';
import { isPlainObject } from '../schema/admit.ts';
import type { FieldSpec, PlainMap, ResourceId } from './resource.ts';

/** The steps of a path. `\/` is a slash in a name. */
export function splitFieldPath(path: string): readonly string[] {
  return path
    .split(/(?<!\\)\//)
    .map((step) => step.replaceAll(String.raw`\/`, '/'))
    .filter((step) => step !== '');
}

/** Whether a spec is meant for objects of an id's group, version and kind. */
export function isMeantFor({ group, version, kind }: Pick<FieldSpec, 'group' | 'version' | 'kind'>, id: ResourceId): boolean {
  return (group === '' || group === id.group) && (version === '' || version === id.version) && (kind === '' || kind === id.kind);
}

/** What to do with a field: `owner[key]` is there, unless it was not to be made. */
export type FieldVisitor = (owner: PlainMap, key: string) => void;

/** How missing fields are treated: left alone, or made, the last of them as a map or as an empty text. */
export interface FieldMaking {
  readonly create: boolean;
  readonly leaf: 'map' | 'text';
  readonly origins: Origins;
}

/** The entry of a map; never one that it inherits. */
export function ownEntry(map: PlainMap, key: string): unknown {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

/** The map at a key, or none. */
export function mapAt(map: unknown, key: string): PlainMap | undefined {
  const entry = isPlainObject(map) ? ownEntry(map, key) : undefined;
  return isPlainObject(entry) ? entry : undefined;
}

/** Visits every field that a path leads to. What stands in the way, such as a text where a map should be, is left to admission to tell. */
export function visitFields(root: unknown, steps: readonly string[], making: FieldMaking | undefined, visit: FieldVisitor): void {
  const [first, ...rest] = steps;
  if (first === undefined) return;
  if (Array.isArray(root)) {
    for (const item of root) visitFields(item, steps, making, visit);
    return;
  }
  if (!isPlainObject(root)) return;
  const owner = root as PlainMap;
  const isList = first.endsWith('[]');
  const key = isList ? first.slice(0, -2) : first;
  // What is said to be a list, and is null, becomes one without items.
  if (isList && ownEntry(owner, key) === null) put(owner, key, []);
  const entry = ownEntry(owner, key) ?? undefined;
  if (entry === undefined) {
    if (making?.create !== true || isList) return;
    const made: PlainMap | '' = rest.length === 0 && making.leaf === 'text' ? '' : {};
    put(owner, key, made);
    if (made !== '') making.origins.inherit(made, owner);
  }
  if (rest.length === 0) visit(owner, key);
  else visitFields(owner[key], rest, making, visit);
}
