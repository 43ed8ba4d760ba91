// JSON patches (RFC 6902) as kustomize applies them: positions may count from the end, and `replace` may set what was not there. Objects are
// changed only when every operation of a patch could be done.
import { isDeepStrictEqual } from 'node:util';
import type { Path } from '../place.ts';
import type { ProblemReason } from '../problem.ts';
import { put } from '../reading/plain.ts';
import { isPlainObject } from '../schema/admit.ts';
import type { SourceObject } from '../source.ts';
import { didYouMean } from '../suggest.ts';
import { ownEntry } from './field-path.ts';
import type { Build, PlainMap } from './resource.ts';

/** How large and how deep an object may become by copying parts of it into itself. */
export const MAX_PATCHED_NODES = 500_000;
export const MAX_PATCHED_DEPTH = 200;

const operations = ['add', 'remove', 'replace', 'move', 'copy', 'test'] as const;
type OperationName = (typeof operations)[number];

/** One operation, checked. */
export interface Operation {
  readonly op: OperationName;
  readonly path: readonly string[];
  readonly from: readonly string[];
  readonly value: unknown;
  readonly text: string;
  /** Where it stands in the patch. */
  readonly index: number;
}

/** Tells a fault of the patch; paths are relative to the list of operations. */
export type PatchReport = (path: Path, reason: ProblemReason, message: string) => void;

/** Reads the operations of a patch; undefined, and problems, when one of them is wrong. */
export function readOperations({ value }: Pick<SourceObject, 'value'>, report: PatchReport): readonly Operation[] | undefined {
  let isSound = true;
  const fault: PatchReport = (path, reason, message) => {
    isSound = false;
    report(path, reason, message);
  };
  const list = (value as readonly unknown[]).map((entry, index) => readOperation(entry, index, fault));
  return isSound ? list.filter((entry) => entry !== undefined) : undefined;
}

function readOperation(entry: unknown, index: number, report: PatchReport): Operation | undefined {
  if (!isPlainObject(entry)) {
    report([index], 'WrongType', 'an operation is a mapping with op, path and value');
    return undefined;
  }
  const { op, path, from, value, ...others } = entry;
  for (const name of Object.keys(others))
    report([index, name], 'UnknownField', `unknown field "${name}".${didYouMean(name, ['op', 'path', 'from', 'value'])}`);
  const known = operations.find((name) => name === op);
  if (known === undefined) {
    const message =
      op === undefined
        ? 'Required value'
        : `${JSON.stringify(op)} is not one of ${operations.join(', ')}.${didYouMean(typeof op === 'string' ? op : '', operations)}`;
    report([index, 'op'], op === undefined ? 'Required' : 'Invalid', message);
    return undefined;
  }
  const [to, source] = [
    readPointer(path, [index, 'path'], report),
    isFrom(known) ? readPointer(from, [index, 'from'], report) : [],
  ];
  const needsValue = known === 'add' || known === 'replace' || known === 'test';
  if (needsValue && value === undefined) report([index, 'value'], 'Required', 'Required value');
  if (to === undefined || source === undefined) return undefined;
  return { op: known, path: to, from: source, value, text: String(path), index };
}

const isFrom = (op: OperationName): boolean => op === 'move' || op === 'copy';

/** The steps of a JSON pointer (RFC 6901). */
function readPointer(pointer: unknown, at: Path, report: PatchReport): readonly string[] | undefined {
  if (pointer === undefined) report(at, 'Required', 'Required value');
  else if (typeof pointer !== 'string') report(at, 'WrongType', 'must be a string, such as /spec/replicas');
  else if (pointer !== '' && !pointer.startsWith('/'))
    report(at, 'Invalid', `${JSON.stringify(pointer)} must start with a slash, such as /spec/replicas`);
  else if (/~(?![01])/.test(pointer))
    report(at, 'Invalid', `a ~ in ${JSON.stringify(pointer)} is written ~0, and a / in a name ~1`);
  else
    return pointer
      .split('/')
      .slice(1)
      .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  return undefined;
}

/** An operation cannot be done: why. */
class Undoable extends Error {}

/**
 * A copy of the object with all operations done; undefined, and a problem at the operation, when one of them cannot be. `patch` has origins.
 */
export function jsonPatch(
  value: PlainMap,
  list: readonly Operation[],
  patch: readonly unknown[],
  build: Build,
  report: PatchReport,
): unknown {
  const { origins } = build;
  let root: unknown = origins.copy(value);
  for (const operation of list) {
    // The same list that the operations were read from, with its places.
    const written = patch[operation.index] as PlainMap;
    const place = origins.locate(written, ['value']);
    try {
      root = perform(
        root,
        { ...operation, value: written['value'] },
        (part) => origins.copy(part),
        (owner, key) => {
          if (place !== undefined) origins.mark(owner, key, place, origins.sourceAt(written, ['value']));
        },
      );
    } catch (error) {
      if (!(error instanceof Undoable)) throw error;
      report([operation.index, 'path'], 'RenderFailed', `${operation.op} ${operation.text}: ${error.message}`);
      return undefined;
    }
  }
  return root;
}

type Copier = <T>(part: T) => T;
type Marker = (owner: object, key: string | number) => void;

function perform(root: unknown, operation: Operation, copy: Copier, marked: Marker): unknown {
  const { op, path, from, value } = operation;
  switch (op) {
    case 'add':
    case 'replace':
      return set(root, path, copy(value), op, marked);
    case 'remove':
      remove(root, path);
      return root;
    case 'test':
      if (!isDeepStrictEqual(lookUp(root, path) ?? null, value ?? null)) throw new Undoable('the value is another one');
      return root;
    case 'move': {
      const part = lookUp(root, from);
      if (part === undefined) throw new Undoable(`there is nothing at /${from.join('/')}`);
      if (path.length > from.length && from.every((step, index) => step === path[index]))
        throw new Undoable('it cannot be moved into itself');
      remove(root, from);
      return set(root, path, part, 'add', marked);
    }
    case 'copy': {
      const part = lookUp(root, from);
      if (part === undefined) throw new Undoable(`there is nothing at /${from.join('/')}`);
      if (countNodes(root) + countNodes(part) > MAX_PATCHED_NODES) throw new Undoable('the object gets too large');
      return set(root, path, copy(part), 'add', marked);
    }
    default:
      return op satisfies never;
  }
}

function countNodes(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1;
  return Object.values(value).reduce((sum: number, entry) => sum + countNodes(entry), 1);
}

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return Object.values(value).reduce((most: number, entry) => Math.max(most, depthOf(entry)), 0) + 1;
}

/** The map or list that a pointer ends in. */
function ownerAt(root: unknown, path: readonly string[]): readonly unknown[] | PlainMap {
  const owner = path.length === 1 ? root : lookUp(root, path.slice(0, -1));
  if (Array.isArray(owner) || isPlainObject(owner)) return owner as PlainMap;
  throw new Undoable(`there is no map or list at /${path.slice(0, -1).join('/')}`);
}

function lookUp(root: unknown, path: readonly string[]): unknown {
  let at = root;
  for (const step of path) {
    if (Array.isArray(at)) at = at[position(step, at.length) ?? at.length];
    else at = isPlainObject(at) ? ownEntry(at, step) : undefined;
  }
  return at;
}

/** A position in a list of a length; undefined when it is outside. -1 is the last one. */
function position(step: string, length: number): number | undefined {
  if (!/^[-+]?\d{1,9}$/.test(step)) throw new Undoable(`"${step}" is no position in a list`);
  const index = Number(step) < 0 ? Number(step) + length : Number(step);
  return index >= 0 && index < length ? index : undefined;
}

function set(root: unknown, path: readonly string[], part: unknown, op: 'add' | 'replace', marked: Marker): unknown {
  const last = path.at(-1);
  if (last === undefined) return part;
  if (path.length + depthOf(part) > MAX_PATCHED_DEPTH) throw new Undoable('the object gets too deep');
  const owner = ownerAt(root, path);
  if (!Array.isArray(owner)) {
    put(owner as PlainMap, last, part);
    marked(owner, last);
    return root;
  }
  const isAdded = op === 'add';
  const index = isAdded && last === '-' ? owner.length : position(last, owner.length + (isAdded ? 1 : 0));
  if (index === undefined) throw new Undoable(`the list has ${owner.length} items`);
  owner.splice(index, isAdded ? 0 : 1, part);
  if (typeof part !== 'object' || part === null) marked(owner, index);
  return root;
}

function remove(root: unknown, path: readonly string[]): void {
  const last = path.at(-1);
  if (last === undefined)
    throw new Undoable('a patch cannot remove the whole object; use $patch: delete in a strategic merge patch');
  const owner = ownerAt(root, path);
  if (Array.isArray(owner)) {
    const index = position(last, owner.length);
    if (index === undefined) throw new Undoable(`the list has ${owner.length} items`);
    owner.splice(index, 1);
  } else {
    if (!Object.hasOwn(owner, last)) throw new Undoable('there is nothing to remove');
    delete (owner as PlainMap)[last];
  }
}
