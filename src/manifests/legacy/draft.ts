// An object on its way to its current version: copied where it is changed, with a record of what was moved from where.
import type { Path } from '../place.ts';
import { isPlainObject } from '../schema/admit.ts';

export type Plain = Record<string, unknown>;

/** A field that has no counterpart in the current version and meant something. */
export interface Refusal {
  /** Where it is written. */
  readonly path: Path;
  readonly message: string;
}

/** The work on one object. Converters change `value` in place after they have copied what they change. */
export interface Draft {
  readonly value: Plain;
  /** From the new place to the old one. */
  readonly moves: (readonly [Path, Path])[];
  readonly refusals: Refusal[];
  /** Sentences for people about what an old version means. */
  readonly remarks: string[];
}

/** Turns a draft of an old version into one of the current version. Nothing is known of its types yet. */
export type Converter = (draft: Draft) => void;

/** A draft of an object that stays as it is. */
export function draftOf(value: Readonly<Plain>): Draft {
  return { value: { ...value }, moves: [], refusals: [], remarks: [] };
}

/** A copy of the object in a field, put into its place; undefined when there is none. */
export function openObject(owner: Plain | undefined, key: string): Plain | undefined {
  const value = owner?.[key];
  if (owner === undefined || !isPlainObject(value)) return undefined;
  const copy = { ...value };
  owner[key] = copy;
  return copy;
}

/** Copies of the items of the list in a field that are objects, each with its position. */
export function openItems(owner: Plain | undefined, key: string): [Plain, number][] {
  const value = owner?.[key];
  if (owner === undefined || !Array.isArray(value)) return [];
  const opened: [Plain, number][] = [];
  owner[key] = value.map((item: unknown, index) => {
    if (!isPlainObject(item)) return item;
    const copy = { ...item };
    opened.push([copy, index]);
    return copy;
  });
  return opened;
}

/** Takes a field out and gives its value; undefined when it is absent or null. */
export function take(owner: Plain, key: string): unknown {
  const value = owner[key];
  delete owner[key];
  return value ?? undefined;
}

/** Whether a field says nothing: absent, null or an empty text. */
export function isBlank(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}

/** An object of the fields that have a value. */
export function given(fields: Plain): Plain {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** Where a field of the converted object is written in the old one: that of the nearest parent that was moved decides. */
export function placeIn(moves: Draft['moves'], path: Path): Path {
  let best: readonly [Path, Path] | undefined;
  for (const move of moves) {
    const [to] = move;
    if (to.length > path.length || (best !== undefined && best[0].length >= to.length)) continue;
    if (to.every((step, index) => step === path[index])) best = move;
  }
  return best === undefined ? path : [...best[1], ...path.slice(best[0].length)];
}
