// A strategic merge patch as kustomize applies it (kyaml's merge2): maps are merged, lists by the keys of their items, what the patch adds to
// a list comes first, and null and `$patch: delete` take away. Objects are changed in place, and every part that a patch sets is known to
// stand in the patch.
import { formatPath, type Path } from '../place.ts';
import { put } from '../reading/plain.ts';
import { isPlainObject } from '../schema/admit.ts';
import type { SchemaNode } from '../schema/schema-node.ts';
import type { SourcePlace } from '../source.ts';
import { ownEntry } from './field-path.ts';
import { mergeKeysOf, schemaOfField, schemaOfItems, schemaOfObject } from './merge-keys.ts';
import { type Merge, mergeKeyed, mergePlain } from './merge-list.ts';
import type { Build, PlainMap } from './resource.ts';
import { changeScalar } from './shared-scalars.ts';
import { nameOfType } from './steps/settings.ts';

const directive = '$patch';

/**
 * Merges a patch into an object; undefined when the patch deletes it. The patch is used up. `kind` is what the patch says that it is, by which
 * lists of objects of unknown kinds are merged. Faults are reported at their place in the
 * patch, and what they are about is left as it was.
 */
export function strategicMerge(
  value: PlainMap,
  patch: PlainMap,
  build: Build,
  { kind, place: fallback }: { readonly kind: unknown; readonly place: SourcePlace },
): PlainMap | undefined {
  const merge: Merge = {
    build,
    fault: (owner, key, path, reason, message) => {
      const place = build.origins.locate(owner, key === undefined ? [] : [key]) ?? fallback;
      build.problems.push({ severity: 'error', reason, ...place, field: formatPath(path), message });
    },
  };
  const schema = schemaOf(value['apiVersion'], value['kind'], build) ?? schemaOf(patch['apiVersion'], kind, build);
  refuseDirectives(patch, [], merge);
  const merged = mergeMap(value, patch, schema, [], merge);
  return isPlainObject(merged) ? merged : undefined;
}

/** A schema of the user's own takes the place of all others. */
function schemaOf(apiVersion: unknown, kind: unknown, { schemas }: Build): SchemaNode | undefined {
  return schemas.own === undefined ? schemaOfObject(apiVersion, kind) : schemas.own.schemaOf(apiVersion, kind);
}

/** kustomize writes these into the object as if they were fields. */
function refuseDirectives(patch: unknown, path: Path, merge: Merge): void {
  if (Array.isArray(patch)) {
    for (const [index, item] of patch.entries()) refuseDirectives(item, [...path, index], merge);
    return;
  }
  if (!isPlainObject(patch)) return;
  for (const [key, entry] of Object.entries(patch)) {
    const known = /^\$(?:retainKeys$|setElementOrder\/|deleteFromPrimitiveList\/)/.exec(key);
    if (known === null) {
      refuseDirectives(entry, [...path, key], merge);
      continue;
    }
    const cure = 'write $patch: replace for a part that is replaced as a whole, or a JSON patch';
    merge.fault(patch, key, [...path, key], 'UnsupportedField', `kustomize does not know the directive ${key}; ${cure}`);
    delete (patch as PlainMap)[key];
  }
}

/** The merge of two values of one field. `undefined` is what is not there; null in a patch takes away. */
function mergeValue(value: unknown, patch: unknown, schema: SchemaNode | undefined, path: Path, merge: Merge): unknown {
  const some = value ?? patch ?? undefined;
  if (some === undefined) return patch === undefined && value === null ? null : undefined;
  if (Array.isArray(some)) return mergeList(value, patch, schema, path, merge);
  if (isPlainObject(some)) return mergeMap(value, patch, schema ?? schemaOfParts(value, patch, merge.build), path, merge);
  return patch === undefined ? value : (patch ?? undefined);
}

/** An object inside an object, such as the template of a claim, may say itself what it is. */
function schemaOfParts(value: unknown, patch: unknown, build: Build): SchemaNode | undefined {
  for (const part of [value, patch]) {
    const schema = isPlainObject(part) ? schemaOf(part['apiVersion'], part['kind'], build) : undefined;
    if (schema !== undefined) return schema;
  }
  return undefined;
}

function isSameType(value: unknown, patch: unknown): boolean {
  const typeOf = (entry: unknown): string => (Array.isArray(entry) ? 'list' : isPlainObject(entry) ? 'map' : 'scalar');
  return typeOf(value) === typeOf(patch);
}

function mergeMap(value: unknown, patch: unknown, schema: SchemaNode | undefined, path: Path, merge: Merge): unknown {
  let target = value;
  if (isPlainObject(patch)) {
    const order = takeDirective(patch, path, merge);
    if (order === 'delete') return undefined;
    // What is new is gone through as well: nulls and directives in it are not kept.
    if (order === 'replace' || target === undefined || target === null) target = patch;
  } else if (patch === null) return undefined;
  if (!isPlainObject(target)) return target ?? undefined;
  const [map, changes] = [target as PlainMap, patch as PlainMap | undefined];
  for (const key of new Set([...Object.keys(map), ...Object.keys(changes ?? {})])) {
    const here = [...path, key];
    const [before, change] = [ownEntry(map, key), changes === undefined ? undefined : ownEntry(changes, key)];
    if (changes !== undefined && change !== undefined && !canMerge(before, change, changes, here, merge)) continue;
    const after = mergeValue(before, change, schemaOfField(schema, key), here, merge);
    if (after === undefined) {
      delete map[key];
      merge.build.shared.leave(map, key);
    } else if (after !== before || (change !== undefined && typeof after !== 'object')) {
      const { origins } = merge.build;
      const isChanged = changes !== undefined && change !== undefined;
      const place = isChanged ? origins.locate(changes, [key]) : undefined;
      const written = isChanged ? origins.sourceAt(changes, [key]) : undefined;
      if (typeof after !== 'object') changeScalar(map, key, after, merge.build, place, written);
      else {
        put(map, key, after);
        if (place !== undefined) origins.mark(map, key, place, written);
      }
    }
  }
  return map;
}

function canMerge(before: unknown, change: unknown, changes: PlainMap, path: Path, merge: Merge): boolean {
  if (before === undefined || before === null || change === null || isSameType(before, change)) return true;
  const wanted = nameOfType(before).replace(/^the (\w+) .*/, 'a $1');
  const given = nameOfType(change).replace(/^the (\w+) .*/, 'a $1');
  merge.fault(changes, path.at(-1), path, 'WrongType', `a patch cannot put ${given} where there is ${wanted}`);
  return false;
}

/** Takes `$patch` out of a map of a patch. */
function takeDirective(patch: PlainMap, path: Path, merge: Merge): 'merge' | 'replace' | 'delete' {
  const order = ownEntry(patch, directive);
  if (order === undefined) return 'merge';
  if (order === 'delete' || order === 'replace' || order === 'merge') {
    delete patch[directive];
    return order;
  }
  reportUnknown(patch, order, path, merge);
  delete patch[directive];
  return 'merge';
}

function reportUnknown(owner: PlainMap, order: unknown, path: Path, merge: Merge): void {
  const message = `unknown patch strategy ${JSON.stringify(order)}; write delete, replace or merge`;
  merge.fault(owner, directive, [...path, directive], 'Invalid', message);
}

function mergeList(value: unknown, patch: unknown, schema: SchemaNode | undefined, path: Path, merge: Merge): unknown {
  const keys = mergeKeysOf(schema);
  const list = Array.isArray(value) ? (value as readonly unknown[]) : undefined;
  if (patch === null) return undefined;
  const changes = patch as readonly unknown[] | undefined;
  if (keys === undefined) {
    if (changes !== undefined) refuseInReplaced(changes, path, merge);
    return changes ?? list;
  }
  if (changes === undefined) return list === undefined ? undefined : merged(list, undefined, keys, schema, path, merge);
  const { order, rest } = takeListDirective(changes, path, merge);
  if (order === 'delete') return undefined;
  merge.build.origins.inherit(rest, changes);
  const target = order === 'replace' || list === undefined || list === changes ? rest : list;
  return merged(target, rest, keys, schema, path, merge);
}

function merged(
  list: readonly unknown[],
  changes: readonly unknown[] | undefined,
  keys: readonly string[],
  schema: SchemaNode | undefined,
  path: Path,
  merge: Merge,
): readonly unknown[] {
  const mergeItem = (before: unknown, change: unknown, at: Path): unknown =>
    mergeValue(before, change, schemaOfItems(schema), at, merge);
  const result = keys.length === 0 ? mergePlain(list, changes) : mergeKeyed(list, changes, { keys, path, merge, mergeItem });
  if (result !== list) merge.build.origins.inherit(result, list);
  return result;
}

/** An item that is nothing but `$patch` is about the whole list. */
function takeListDirective(
  changes: readonly unknown[],
  path: Path,
  merge: Merge,
): { readonly order: 'merge' | 'replace' | 'delete'; readonly rest: readonly unknown[] } {
  const index = changes.findIndex((item) => isPlainObject(item) && Object.hasOwn(item, directive));
  const item = changes[index] as PlainMap | undefined;
  if (item === undefined || Object.keys(item).length > 1) return { order: 'merge', rest: [...changes] };
  const order = takeDirective({ ...item }, [...path, index], merge);
  return { order, rest: changes.filter((other) => other !== item) };
}

/** kustomize would leave the directive in the list. */
function refuseInReplaced(changes: readonly unknown[], path: Path, merge: Merge): void {
  for (const [index, item] of changes.entries()) {
    if (!isPlainObject(item) || !Object.hasOwn(item, directive)) continue;
    const message = 'a patch replaces this list as a whole, so that directives mean nothing in it; write the list as it shall be';
    merge.fault(item, directive, [...path, index, directive], 'UnsupportedField', message);
  }
}
