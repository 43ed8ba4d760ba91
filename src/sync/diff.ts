// What differs between two objects, field by field, in the words of the manifest. Pure.
import { isDeepStrictEqual } from 'node:util';

/** One field that differs. Absent `old`: it is new; absent `new`: it goes. */
export interface FieldChange {
  /** Such as `spec.template.spec.containers[web].image`. */
  readonly path: string;
  readonly old?: unknown;
  readonly new?: unknown;
}

/** What is shown in place of a value of a Secret. */
const SECRET = '(secret)';
const SECRET_CHANGED = '(secret, changed)';

/** By which of its fields an item of a list is known (Kubernetes API, "patchMergeKey"). Lists that are not named here are one value. */
const mergeKeys: Readonly<Record<string, readonly string[]>> = {
  containers: ['name'],
  initContainers: ['name'],
  env: ['name'],
  volumes: ['name'],
  volumeMounts: ['mountPath'],
  // Those of containers have the one, those of Services the other.
  ports: ['containerPort', 'port', 'protocol'],
  items: ['key'],
  matchExpressions: ['key', 'operator'],
};

/**
 * Every field that differs between two plain values. Items of lists that have a merge key are matched by it; a list whose items only
 * changed places is one change of the list.
 */
export function diffFields(old: unknown, next: unknown, path = ''): readonly FieldChange[] {
  if (isDeepStrictEqual(old, next)) return [];
  if (isObject(old) && isObject(next)) return diffObjects(old, next, path);
  if (Array.isArray(old) && Array.isArray(next)) {
    const named = diffNamedItems(old, next, path);
    if (named !== undefined) return named;
  }
  return [fieldChange(path, old, next)];
}

/** The same changes without values of Secrets: they are shown to differ, and no more. */
export function redactSecrets(changes: readonly FieldChange[]): readonly FieldChange[] {
  return changes.map((change) => {
    if (!isSecretPath(change.path)) return change;
    return fieldChange(
      change.path,
      change.old === undefined ? undefined : SECRET,
      change.new === undefined ? undefined : change.old === undefined ? SECRET : SECRET_CHANGED,
    );
  });
}

/** Tools leave copies of the whole object in annotations. */
function isSecretPath(path: string): boolean {
  return /^(data|stringData)\b/.test(path) || path.includes('last-applied-configuration');
}

function diffObjects(old: Record<string, unknown>, next: Record<string, unknown>, path: string): readonly FieldChange[] {
  const keys = [...new Set([...Object.keys(old), ...Object.keys(next)])].toSorted();
  return keys.flatMap((key) => diffFields(old[key], next[key], joinPath(path, key)));
}

function diffNamedItems(old: readonly unknown[], next: readonly unknown[], path: string): readonly FieldChange[] | undefined {
  const keys = mergeKeys[path.slice(path.lastIndexOf('.') + 1)];
  if (keys === undefined) return undefined;
  const before = byName(old, keys);
  const after = byName(next, keys);
  if (before === undefined || after === undefined) return undefined;
  const changes = [...new Set([...before.keys(), ...after.keys()])].flatMap((name) =>
    diffFields(before.get(name), after.get(name), `${path}[${name}]`),
  );
  // The order has a meaning in some lists: later variables may refer to earlier ones.
  const kept = [...before.keys()].filter((name) => after.has(name));
  const keptAfter = [...after.keys()].filter((name) => before.has(name));
  return isDeepStrictEqual(kept, keptAfter)
    ? changes
    : [...changes, fieldChange(path, [...before.keys()].join(', '), [...after.keys()].join(', '))];
}

function byName(items: readonly unknown[], keys: readonly string[]): Map<string, unknown> | undefined {
  const named = new Map<string, unknown>();
  for (const item of items) {
    if (!isObject(item)) return undefined;
    const name = nameOfItem(item, keys);
    if (name === '' || named.has(name)) return undefined;
    named.set(name, item);
  }
  return named;
}

function nameOfItem(item: Record<string, unknown>, keys: readonly string[]): string {
  return keys
    .map((key) => item[key])
    .filter((part) => typeof part === 'string' || typeof part === 'number')
    .join('/');
}

/** The position of the item that a path calls by this name, in the list `field`; undefined when there is none. */
export function itemNamed(items: readonly unknown[], field: string, name: string): number | undefined {
  const keys = mergeKeys[field];
  if (keys === undefined) return undefined;
  const index = items.findIndex((item) => isObject(item) && nameOfItem(item, keys) === name);
  return index < 0 ? undefined : index;
}

function fieldChange(path: string, old: unknown, next: unknown): FieldChange {
  return { path, ...(old === undefined ? {} : { old }), ...(next === undefined ? {} : { new: next }) };
}

function joinPath(path: string, key: string): string {
  const isPlain = /^[A-Za-z_][A-Za-z0-9_-]*$/.test(key);
  if (!isPlain) return `${path}[${key}]`;
  return path === '' ? key : `${path}.${key}`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
