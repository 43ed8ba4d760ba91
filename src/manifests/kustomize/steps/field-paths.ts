// Paths of fields with dots, as replacements and variables write them: `spec.template.spec.containers.[name=web].image`.
import { put } from '../../reading/plain.ts';
import { resolvePlain } from '../../reading/scalar.ts';
import { isPlainObject } from '../../schema/admit.ts';
import type { PlainMap } from '../resource.ts';
import { compilePattern } from './pattern.ts';
import { isScalar } from './scalars.ts';
import { nameOfType } from './settings.ts';

/** How many steps a path may have: no object is nested deeper. */
export const MAX_PATH_STEPS = 100;

/** Where a value stands: `holder[key]`. */
export interface Slot {
  readonly holder: PlainMap | unknown[];
  readonly key: string | number;
  /** The way to it from the top. */
  readonly path: readonly (string | number)[];
  /** It was made because it was to be made: it has no type yet. */
  readonly isNew: boolean;
}

/** What is made at the end of a path that leads nowhere yet. */
export type Making = 'scalar' | 'map' | 'list';

/**
 * The steps of a path. A backslash before a dot, or brackets around a step, keep the dots in it: `metadata.annotations.[a.b/c]`.
 * `[name=x]` stays as it is.
 */
export function splitPath(path: string): string[] {
  const parts: string[] = [];
  for (const part of path.split('.')) {
    const last = parts.at(-1);
    if (last?.endsWith('\\') === true) parts[parts.length - 1] = `${last.slice(0, -1)}.${part}`;
    else parts.push(part);
  }
  if (parts.length > 1 && parts[0] === '') parts.shift();
  const steps: string[] = [];
  for (let index = 0; index < parts.length; index += 1) {
    const part = parts[index] ?? '';
    if (!part.startsWith('[') || part.endsWith(']')) {
      steps.push(part);
      continue;
    }
    const close = parts.findIndex((other, at) => at > index && other.endsWith(']'));
    const end = close === -1 ? parts.length - 1 : close;
    const whole = parts.slice(index, end + 1).join('.');
    steps.push(whole.includes('=') ? whole : whole.replace(/^[[\]]+|[[\]]+$/g, ''));
    index = end;
  }
  return steps;
}

const isIndex = (step: string): boolean => /^\+?\d{1,15}$/.test(step);
const isMatch = (step: string): boolean => step.startsWith('[') && step.endsWith(']');
const needsPair = 'a step in brackets is written [field=value]';

function splitMatch(step: string): { readonly field: string; readonly wanted: string } | undefined {
  const inside = step.slice(1, -1);
  const equals = inside.indexOf('=');
  return equals === -1 ? undefined : { field: inside.slice(0, equals), wanted: inside.slice(equals + 1) };
}

const valueAt = ({ holder, key }: Pick<Slot, 'holder' | 'key'>): unknown =>
  Array.isArray(holder) || Object.hasOwn(holder, key) ? Reflect.get(holder, key) : undefined;

/** Follows a path to the one value it leads to, as a source does: items of lists by their exact fields. Undefined where there is nothing. */
export function lookUpPath(root: PlainMap, steps: readonly string[]): Slot | undefined | { readonly fault: string } {
  let slot: Slot = { holder: { root }, key: 'root', path: [], isNew: false };
  for (const raw of steps) {
    const step = raw.trim();
    if (step === '') continue;
    const node = valueAt(slot);
    if (node === undefined || node === null) return undefined;
    const key = stepKey(node, step);
    if (key === undefined || typeof key === 'object') return key;
    slot = { holder: node as Slot['holder'], key, path: [...slot.path, key], isNew: false };
    if (valueAt(slot) === undefined) return undefined;
  }
  return slot.path.length === 0 ? undefined : slot;
}

function stepKey(node: unknown, step: string): string | number | undefined | { readonly fault: string } {
  if (step === '*') return { fault: 'a source is one field, so "*" cannot be used in its path' };
  if (!isIndex(step) && step !== '-' && !isMatch(step))
    return isPlainObject(node) ? step : { fault: `"${step}" is looked for in ${nameOfType(node)}, not in a mapping` };
  if (!Array.isArray(node)) return { fault: `"${step}" is looked for in ${nameOfType(node)}, not in a list` };
  if (!isMatch(step)) return step === '-' ? node.length - 1 : Number(step);
  const match = splitMatch(step);
  if (match === undefined) return { fault: needsPair };
  const index = node.findIndex((item: unknown) => {
    if (match.field === '') return isScalar(item) && String(item) === match.wanted;
    const entry = isPlainObject(item) && Object.hasOwn(item, match.field) ? item[match.field] : undefined;
    return entry !== undefined && isScalar(entry) && String(entry) === match.wanted;
  });
  return index === -1 ? undefined : index;
}

/**
 * Follows a path to all values it leads to, as a target does: `[field=pattern]` takes every item whose field has the pattern in it, `*` every
 * item. With `making`, what is not there is made on the way; items by position only right after the last.
 */
export function matchPath(
  root: PlainMap,
  steps: readonly string[],
  making: Making | undefined,
): Slot[] | { readonly fault: string } {
  const found: Slot[] = [];
  const fault = match({ holder: { root }, key: 'root', path: [], isNew: false }, steps, making, found);
  return fault === undefined ? found : { fault };
}

function match(slot: Slot, steps: readonly string[], making: Making | undefined, found: Slot[]): string | undefined {
  const [step, ...rest] = steps;
  if (step === undefined) {
    found.push(slot);
    return undefined;
  }
  const node = valueAt(slot);
  const isListStep = isIndex(step) || isMatch(step) || step === '*';
  if (node === null || node === undefined) {
    if (making === undefined) return undefined;
    // A null is nobody's list or map yet.
    Reflect.set(slot.holder, slot.key, isListStep ? [] : {});
    return match(slot, steps, making, found);
  }
  if (!isListStep) return matchField(slot, node, step, rest, making, found);
  if (!Array.isArray(node)) return `"${step}" is looked for in ${nameOfType(node)}, not in a list`;
  const list: unknown[] = node;
  const into = (index: number, isNew = false): string | undefined =>
    match({ holder: list, key: index, path: [...slot.path, index], isNew }, rest, making, found);
  if (step === '*')
    return firstFault(
      list.map((_item, index) => index),
      into,
    );
  if (isMatch(step))
    return matchItems(
      list,
      step,
      making !== undefined,
      into,
      (index) => ({ holder: list, key: index, path: [...slot.path, index], isNew: false }),
      found,
    );
  const index = Number(step);
  if (index === list.length && making !== undefined) {
    list.push(emptyFor(rest[0], making));
    return into(index, true);
  }
  return index < list.length ? into(index) : `index ${step} is asked for, and there are ${list.length} items`;
}

function matchField(
  slot: Slot,
  node: unknown,
  step: string,
  rest: readonly string[],
  making: Making | undefined,
  found: Slot[],
): string | undefined {
  if (!isPlainObject(node)) return `"${step}" is looked for in ${nameOfType(node)}, not in a mapping`;
  const holder = node as PlainMap;
  const isMissing = !Object.hasOwn(holder, step);
  if (isMissing && making === undefined) return undefined;
  if (isMissing && making !== undefined) put(holder, step, emptyFor(rest[0], making));
  return match({ holder, key: step, path: [...slot.path, step], isNew: isMissing }, rest, making, found);
}

function matchItems(
  list: unknown[],
  step: string,
  canCreate: boolean,
  into: (index: number) => string | undefined,
  slotOf: (index: number) => Slot,
  found: Slot[],
): string | undefined {
  const pair = splitMatch(step);
  if (pair === undefined) return needsPair;
  const pattern = compilePattern(pair.wanted);
  if ('fault' in pattern) return `"${pair.wanted}" is not a regular expression that is supported: ${pattern.fault}`;
  const indices = [...list.keys()].filter((index) => {
    const item = list[index];
    const entry =
      pair.field === '' ? item : isPlainObject(item) && Object.hasOwn(item, pair.field) ? item[pair.field] : undefined;
    return entry !== undefined && isScalar(entry) && pattern.isIn(String(entry));
  });
  const before = found.length;
  // An item that is a plain value has nothing below it.
  const fault = firstFault(indices, pair.field === '' ? (index) => void found.push(slotOf(index)) : into);
  if (fault !== undefined || found.length > before || !canCreate) return fault;
  if (indices.length > 0) return undefined;
  const made = resolvePlain(pair.wanted, 'kustomize') ?? '';
  list.push(pair.field === '' ? made : { [pair.field]: made });
  return pair.field === '' ? void found.push(slotOf(list.length - 1)) : into(list.length - 1);
}

function firstFault(indices: readonly number[], work: (index: number) => string | undefined): string | undefined {
  for (const index of indices) {
    const fault = work(index);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** What is made on the way to the next step, or at the end. */
function emptyFor(next: string | undefined, making: Making): unknown {
  if (next === undefined) return making === 'scalar' ? '' : making === 'map' ? {} : [];
  return isIndex(next) || isMatch(next) ? [] : {};
}
