// The functions that expressions may call: those of the language, of its extension for strings, and those of Kubernetes' own library that
// manifests need. All that could make something large out of little is paid for before it is made.
import {
  type CelFunc,
  type CelList,
  CelScalar,
  type CelValue,
  celEnv,
  celFunc,
  celList,
  celMethod,
  isCelError,
  isCelList,
  listType,
} from '@bufbuild/cel';
import { strings } from '@bufbuild/cel/ext';
import type { Meter } from './meter.ts';
import { opaqueRegistry } from './opaque.ts';
import { optionalFunctions } from './optional-functions.ts';
import { quantityFunctions } from './quantity-functions.ts';

const { BOOL, DYN, INT, STRING } = CelScalar;
const LIST = listType(DYN);

/** Calls that are put around parts of an expression: see `prepare`. */
export const CHARGE = '@charge';
export const CHARGE_DEEP = '@charge_deep';
export const STEP = '@step';

/** The environment that expressions are evaluated in; `meter` counts. */
export function environmentOf(meter: Meter): ReturnType<typeof celEnv> {
  return celEnv({
    registry: opaqueRegistry,
    funcs: [
      ...strings,
      ...growing(meter),
      ...matching(meter),
      ...quantityFunctions,
      ...optionalFunctions,
      ...listFunctions(meter),
      celFunc(CHARGE, [DYN], DYN, (value) => meter.charged(value, false)),
      celFunc(CHARGE_DEEP, [DYN], DYN, (value) => meter.charged(value, true)),
      celFunc(STEP, [BOOL], BOOL, (goesOn) => meter.take(1) && goesOn),
    ],
  });
}

/** The functions of strings whose results are larger than what they are made of. */
function growing(meter: Meter): CelFunc[] {
  return [
    celMethod('replace', STRING, [STRING, STRING], STRING, function (from, to) {
      return replaced(this, from, to, -1, meter);
    }),
    celMethod('replace', STRING, [STRING, STRING, INT], STRING, function (from, to, limit) {
      return replaced(this, from, to, Number(limit), meter);
    }),
    ...strings.filter(({ name }) => name === 'join' || name === 'format').map((each) => paidFor(each, meter)),
  ];
}

/** As Go's strings.Replace: an empty text is found before each character and at the end. */
function replaced(text: string, from: string, to: string, limit: number, meter: Meter): string {
  const parts = from === '' ? ['', ...Array.from(text), ''] : text.split(from);
  // Between the first and the last part of an empty text there is one place only.
  if (from === '' && text === '') parts.pop();
  const count = limit < 0 ? parts.length - 1 : Math.min(limit, parts.length - 1);
  meter.chargeFor(text.length + parts.length + count * to.length);
  if (count === 0) return text;
  return [...parts.slice(0, count), parts.slice(count).join(from)].join(to);
}

function paidFor(original: CelFunc, meter: Meter): CelFunc {
  const { target = DYN } = original;
  return celMethod(original.name, target, original.arguments, original.result, function (...args) {
    // An array of the types that were asked for.
    const [list, separator] = original.name === 'join' ? [this, args[0] as CelValue | undefined] : [args[0] as CelValue, ''];
    meter.chargeFor(lengthOf(list) + sizeOf(list) * (typeof separator === 'string' ? separator.length : 0));
    return resultOf(original.call(0, this, args as CelValue[]));
  });
}

/** RE2 takes time in proportion to the text and to the pattern. */
function matching(meter: Meter): CelFunc[] {
  const original = celEnv().funcs.find('matches');
  if (original === undefined) throw new Error('the language has no matches()');
  const matches = (text: string, pattern: string): boolean => {
    meter.chargeFor((text.length + 1) * pattern.length);
    return resultOf(original.call(0, text, [pattern])) === true;
  };
  return [
    celMethod('matches', STRING, [STRING], BOOL, function (pattern) {
      return matches(this, pattern);
    }),
    celFunc('matches', [STRING, STRING], BOOL, matches),
  ];
}

/** Lists are put together at once: a list of lists of lists is slow to read. The rest is Kubernetes' library of sets. */
function listFunctions(meter: Meter): CelFunc[] {
  const made = new WeakMap<object, readonly CelValue[]>();
  const elementsOf = (list: CelList): Iterable<CelValue> => made.get(list) ?? list;
  const equality = celEnv().funcs.find('_==_');
  const has = (list: Iterable<CelValue>, value: CelValue): boolean => {
    for (const each of list) {
      meter.charged(each, true);
      if (equality?.call(0, undefined, [each, value]) === true) return true;
    }
    return false;
  };
  const contains = (list: Iterable<CelValue>, others: Iterable<CelValue>): boolean =>
    [...others].every((each) => has(list, each));
  return [
    celFunc('_+_', [LIST, LIST], LIST, (one, other) => {
      // To copy is much quicker than to look.
      meter.chargeFor((one.size + other.size) / 100);
      const elements = [...elementsOf(one), ...elementsOf(other)];
      const list = celList(elements);
      made.set(list, elements);
      return list;
    }),
    celFunc('_+_', [STRING, STRING], STRING, (one, other) => {
      meter.chargeFor(one.length + other.length);
      return one + other;
    }),
    celFunc('sets.contains', [LIST, LIST], BOOL, contains),
    celFunc('sets.equivalent', [LIST, LIST], BOOL, (one, other) => contains(one, other) && contains(other, one)),
    celFunc('sets.intersects', [LIST, LIST], BOOL, (one, other) => [...other].some((each) => has(one, each))),
  ];
}

function sizeOf(list: CelValue | undefined): number {
  return isCelList(list) ? list.size : 0;
}

function lengthOf(list: CelValue | undefined): number {
  let length = 0;
  if (isCelList(list)) for (const each of list) length += typeof each === 'string' ? each.length : 20;
  return length;
}

function resultOf(result: ReturnType<CelFunc['call']>): CelValue {
  if (result === undefined) throw new Error('no matching overload');
  if (isCelError(result)) throw result;
  return result;
}
