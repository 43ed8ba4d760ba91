// The lists of a strategic merge: items that have the same keys are merged, new ones come first, in the order of the patch (kyaml's
// associative lists).
import type { Path } from '../place.ts';
import type { ProblemReason } from '../problem.ts';
import { put } from '../reading/plain.ts';
import { isPlainObject } from '../schema/admit.ts';
import { ownEntry } from './field-path.ts';
import type { Build, PlainMap } from './resource.ts';
import { isScalar } from './steps/scalars.ts';

/** What one merge shares. `fault` tells a problem with what stands at `key` of a part of the patch. */
export interface Merge {
  readonly build: Build;
  fault(owner: object, key: string | number | undefined, path: Path, reason: ProblemReason, message: string): void;
}

/** The longest list whose items are merged: every item is looked for among all the others. */
export const MAX_MERGED_ITEMS = 2000;

/** How the items of a list are told apart. */
export interface KeyedList {
  readonly keys: readonly string[];
  readonly path: Path;
  readonly merge: Merge;
  /** Merges one item: what is below it may be a list again. */
  mergeItem(before: unknown, change: unknown, path: Path): unknown;
}

/** Values of keys, in the order of the keys; '' for one that is not there. */
type Values = readonly string[];

/** The union of two lists of plain values: those of the patch first. */
export function mergePlain(list: readonly unknown[], changes: readonly unknown[] | undefined): readonly unknown[] {
  const seen = new Set<string>();
  return [...(changes ?? []), ...list].filter((item) => {
    const text = String(item);
    if (seen.has(text)) return false;
    seen.add(text);
    return true;
  });
}

/** Merges the items of a patch into those of a list, which is left as it is; its items are changed in place. */
export function mergeKeyed(
  list: readonly unknown[],
  changes: readonly unknown[] | undefined,
  keyed: KeyedList,
): readonly unknown[] {
  const { keys, path, merge } = keyed;
  if (list.length > MAX_MERGED_ITEMS || (changes?.length ?? 0) > MAX_MERGED_ITEMS) {
    const message = `a list of more than ${MAX_MERGED_ITEMS} items cannot be merged`;
    if (changes !== undefined) merge.fault(changes, undefined, path, 'TooLarge', message);
    return list;
  }
  const own = (changes ?? []).filter((item, index) => hasKeys(item, index, list, keyed, changes ?? []));
  const items: unknown[] = [];
  let left = list.filter((item) => !isNothing(item));
  const all = valuesOf([...own, ...left], keys);
  let used: { keys: Values; values: Values } = { keys, values: [] };
  for (const values of all) {
    used = present(all, values, keys);
    const by = present([values], values, keys);
    const [before, change] = [find(left, by), find(own, by)];
    const after =
      change === undefined && before === undefined
        ? undefined
        : keyed.mergeItem(before, change, [...path, indexOf(change, changes, list, before)]);
    if (isNothing(after)) left = left.filter((item) => !isMatch(item, used.keys, used.values));
    else {
      complete(after as PlainMap, used);
      setItem(items, after, used.keys, used.values);
    }
  }
  return all.length === 0 ? list : append(items, left, used.keys);
}

/** Where an item is: in the patch, when it is there. */
function indexOf(change: unknown, changes: readonly unknown[] | undefined, list: readonly unknown[], item: unknown): number {
  return change === undefined ? list.indexOf(item) : (changes ?? list).indexOf(change);
}

/** A patch whose item has none of the keys names no item. What would replace one alone is lost in kustomize, and so refused. */
function hasKeys(item: unknown, index: number, list: readonly unknown[], keyed: KeyedList, changes: readonly unknown[]): boolean {
  const { keys, path, merge } = keyed;
  const [first = ''] = keys;
  const here = [...path, index];
  if (!isPlainObject(item) || keys.every((key) => textAt(item, key) === '')) {
    const message = `an item of this list is found by its ${first}, which this one does not have`;
    merge.fault(changes, index, [...here, first], 'Required', message);
    return false;
  }
  const values = keys.map((key) => textAt(item, key));
  if (ownEntry(item, '$patch') === 'replace' && list !== changes && find(list, present([values], values, keys)) !== undefined) {
    const message = 'kustomize cannot replace one item of a list; replace the whole list, or use a JSON patch';
    merge.fault(item, '$patch', [...here, '$patch'], 'UnsupportedField', message);
    return false;
  }
  return true;
}

const isNothing = (item: unknown): boolean =>
  item === undefined || item === null || (isPlainObject(item) && Object.keys(item).length === 0);

function textAt(item: unknown, key: string): string {
  const value = isPlainObject(item) ? ownEntry(item, key) : undefined;
  return isScalar(value) && value !== null ? String(value) : '';
}

/** The values of the keys of all items, each once, in order. Values of which one has a key more than the other are one. */
function valuesOf(items: readonly unknown[], keys: readonly string[]): Values[] {
  const all = items.map((item) => keys.map((key) => textAt(item, key))).filter((values) => values.some((value) => value !== ''));
  const unique = [...new Map(all.map((values) => [JSON.stringify(values), values])).values()];
  if (keys.length === 1) return unique;
  for (let one = 0; one < unique.length; one += 1)
    for (let other = 0; other < unique.length; other += 1) {
      const joined = join(unique[one] ?? [], unique[other] ?? []);
      if (joined !== undefined) unique[one] = unique[other] = joined;
    }
  return [...new Map(unique.map((values) => [JSON.stringify(values), values])).values()];
}

function join(one: Values, other: Values): string[] | undefined {
  const isJoinable = one.every((value, index) => value === other[index] || value === '' || other[index] === '');
  if (!isJoinable || !one.some((value, index) => value === other[index])) return undefined;
  return one.map((value, index) => (value === '' ? (other[index] ?? '') : value));
}

/** The keys that any of the items has, and the values of one item for them. */
function present(
  all: readonly Values[],
  values: Values,
  keys: readonly string[],
): { readonly keys: Values; readonly values: Values } {
  const indexes = keys.map((_key, index) => index).filter((index) => all.some((other) => other[index] !== ''));
  if (indexes.length === 0) return { keys, values };
  return { keys: indexes.map((index) => keys[index] ?? ''), values: indexes.map((index) => values[index] ?? '') };
}

/** Whether an item has the values. Fewer values than keys ask for fewer keys; '' asks for any value. */
function isMatch(item: unknown, keys: Values, values: Values): boolean {
  if (!isPlainObject(item) || values.length === 0) return false;
  return values.every((value, index) => {
    const text = textAt(item, keys[index] ?? '');
    return value === '' ? text !== '' : text === value;
  });
}

function find(items: readonly unknown[], { keys, values }: { readonly keys: Values; readonly values: Values }): unknown {
  return items.find((item) => isMatch(item, keys, values));
}

/** An item that was found by fewer keys than it should have gets the others. */
function complete(item: PlainMap, { keys, values }: { readonly keys: Values; readonly values: Values }): void {
  for (const [index, key] of keys.entries()) {
    const value = values[index] ?? '';
    if (value !== '' && isPlainObject(item) && !Object.hasOwn(item, key)) put(item, key, value);
  }
}

/** Puts an item in the place of those that have its keys, or at the end. */
function setItem(items: unknown[], item: unknown, keys: Values, values: Values): void {
  let isSet = false;
  for (const [index, other] of items.entries())
    if (isMatch(other, keys, values)) {
      items[index] = item;
      isSet = true;
    }
  if (!isSet) items.push(item);
}

/** The items of the list after what is new; those that were merged by several keys go there as well. */
function append(items: readonly unknown[], list: readonly unknown[], keys: Values): unknown[] {
  let result = [...items];
  for (const item of list) {
    const values = keys.map((key) => textAt(item, key)).filter((value) => value !== '');
    if (values.length === 0) {
      result.push(item);
      continue;
    }
    if (keys.length > 1) result = result.filter((other) => !isMatch(other, keys, values));
    setItem(result, item, keys, values);
  }
  return result;
}
