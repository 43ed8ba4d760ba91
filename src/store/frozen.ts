// Plain data that nobody can change any more, and its comparison. Parts that are frozen already are shared, not copied.

/** Every object that `frozenCopy` made: frozen all the way down, so that it may be shared. */
const deeplyFrozen = new WeakSet<object>();

/**
 * A deeply frozen copy of JSON-like data. Properties with the value undefined are left out, as JSON does. Throws TypeError for
 * anything that JSON cannot carry.
 */
export function frozenCopy<T>(value: T): T {
  return copyOf(value) as T;
}

function copyOf(value: unknown): unknown {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (typeof value !== 'object') throw new TypeError(`not plain data: a ${typeof value}`);
  if (deeplyFrozen.has(value)) return value;
  const copy = Object.freeze(Array.isArray(value) ? value.map(copyOf) : copyOfRecord(value));
  deeplyFrozen.add(copy);
  return copy;
}

function copyOfRecord(value: object): object {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) throw new TypeError('not plain data: an instance of a class');
  const entries = Object.entries(value).filter(([, entry]) => entry !== undefined);
  // Assignment would swallow a key named __proto__, which is a valid ConfigMap key; fromEntries defines it.
  return Object.fromEntries(entries.map(([key, entry]: [string, unknown]) => [key, copyOf(entry)]));
}

/** Whether two values carry the same JSON: the order of keys and properties with the value undefined do not count. */
export function isSameData(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((entry, index) => isSameData(entry, b[index]));
  }
  const left = definedEntries(a);
  const right = new Map(definedEntries(b));
  return left.length === right.size && left.every(([key, entry]) => right.has(key) && isSameData(entry, right.get(key)));
}

function definedEntries(value: object): [string, unknown][] {
  return Object.entries(value).filter(([, entry]) => entry !== undefined);
}
