// How the value of a replacement gets into a field: a text takes the type of what was there, lists and maps are copied whole.
import type { Origins } from '../../origins.ts';
import { resolvePlain } from '../../reading/scalar.ts';
import type { Build, PlainMap } from '../resource.ts';
import type { Slot } from './field-paths.ts';
import { countValues, isScalar, MAX_VALUE_CHARACTERS, scalarText, withTypeOf } from './scalars.ts';
import { nameOfType } from './settings.ts';

/** A value on its way. */
export interface Copied {
  readonly value: unknown;
  /** The text of a scalar, or the part of it that is meant; absent for lists and maps. */
  readonly text?: string | undefined;
  /** Written in the replacement itself: a number there is a number. */
  readonly isUntyped?: boolean;
}

/** How many values one step may copy: replacements that copy maps into themselves would double them without end. */
export const MAX_COPIED_VALUES = 500_000;

/** Copies values and counts them. */
export class Copying {
  #left = MAX_COPIED_VALUES;

  /** Writes a value to a field. What is wrong, when it cannot be. */
  copyTo(
    slot: Slot,
    copied: Copied,
    options: { delimiter: string; index: number },
    root: PlainMap,
    { origins, untyped }: Pick<Build, 'origins' | 'untyped'>,
  ): string | undefined {
    const old: unknown = Reflect.get(slot.holder, slot.key);
    const joined = this.#joined(slot, old, copied, options, root, origins);
    if (typeof joined === 'object') return joined.fault;
    const text = options.delimiter === '' ? copied.text : joined;
    this.#left -= countValues(text ?? copied.value, MAX_COPIED_VALUES);
    if (this.#left < 0) return 'the replacements copy too much';
    if (text === undefined) {
      if (isScalar(old)) return `the source is ${nameOfType(copied.value)}, and the field holds ${nameOfType(old)}`;
      Reflect.set(slot.holder, slot.key, origins.copy(copied.value));
      return undefined;
    }
    const hasNoType = slot.isNew || untyped.textOf(slot.holder, slot.key) !== undefined;
    const value = typedText(slot, old, copied, text, hasNoType);
    if (value === undefined) return `the field holds ${nameOfType(old)}, and the source is none of that type`;
    Reflect.set(slot.holder, slot.key, value);
    if (hasNoType) untyped.add(slot, text);
    return undefined;
  }

  /** The text of a field with one part of it replaced, or with a part more. */
  #joined(
    slot: Slot,
    old: unknown,
    copied: Copied,
    { delimiter, index }: { delimiter: string; index: number },
    root: PlainMap,
    origins: Origins,
  ): string | { readonly fault: string } {
    if (delimiter === '') return '';
    if (!isScalar(old) || copied.text === undefined) return { fault: 'delimiter option can only be used with scalar nodes' };
    const parts = scalarText(old, root, slot.path, origins).split(delimiter);
    if (index < 0) parts.unshift(copied.text);
    else parts[Math.min(index, parts.length)] = copied.text;
    const text = parts.join(delimiter);
    return text.length > MAX_VALUE_CHARACTERS ? { fault: `the text gets longer than ${MAX_VALUE_CHARACTERS} characters` } : text;
  }
}

/** A field that was made has no type yet: 8080 is a number in it, except among annotations, which are texts. */
function typedText(
  { path }: Slot,
  old: unknown,
  { value, isUntyped = false }: Copied,
  text: string,
  hasNoType: boolean,
): unknown {
  if (path[0] === 'metadata' && path[1] === 'annotations') return text;
  if (hasNoType) return resolvePlain(text, 'kustomize') ?? undefined;
  if (isScalar(old)) return withTypeOf(old, text);
  if (isUntyped) return resolvePlain(text, 'kustomize') ?? undefined;
  return isScalar(value) ? withTypeOf(value, text) : undefined;
}
