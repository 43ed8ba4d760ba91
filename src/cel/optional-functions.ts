// Optional values, as `a.?b` makes them: a value that is there, or none.
import { type CelFunc, CelScalar, type CelValue, celFunc, celMethod, isCelList, isCelMap, isCelUint } from '@bufbuild/cel';
import type { ReflectMessage } from '@bufbuild/protobuf/reflect';
import { Opaque } from './opaque.ts';

const { BOOL, DYN, STRING } = CelScalar;
/** A box, so that a value that is there may be anything. */
const optionals = new Opaque<{ readonly value?: CelValue }>('Optional');
const OPTIONAL = optionals.type;

/** Calls that stand for the marked selections. */
export const OPTIONAL_SELECT = '@optional_select';
export const OPTIONAL_INDEX = '@optional_index';
export const OPTIONAL_HAS = '@optional_has';

/** Functions whose result is optional. */
export const givesOptional: ReadonlySet<string> = new Set([
  OPTIONAL_SELECT,
  OPTIONAL_INDEX,
  'optional.of',
  'optional.none',
  'optional.ofNonZeroValue',
]);

let made = 0;

/** Two with a value are equal only when they are the same: their values are to be compared. */
function some(value: CelValue): ReflectMessage {
  made += 1;
  return optionals.wrap({ value }, `some ${made}`);
}

const none = (): ReflectMessage => optionals.wrap({}, 'none');

function boxOf(value: CelValue): { readonly value?: CelValue } {
  const box = optionals.unwrap(value);
  if (box === undefined) throw new Error('not an optional value');
  return box;
}

/** A field or an element, if it is there. */
function selected(operand: CelValue, key: CelValue): ReflectMessage {
  const box = optionals.unwrap(operand);
  if (box !== undefined && !('value' in box)) return none();
  const from = box === undefined ? operand : box.value;
  const found = isCelMap(from) ? byKey(from, key) : isCelList(from) ? byPosition(from, key) : undefined;
  if (found === undefined && !isCelMap(from) && !isCelList(from)) throw new Error('only maps and lists have fields and elements');
  return found === undefined ? none() : some(found);
}

function byKey(
  map: ReadonlyMap<unknown, CelValue> & { get(key: never): CelValue | undefined },
  key: CelValue,
): CelValue | undefined {
  const isKey = ['string', 'bigint', 'boolean', 'number'].includes(typeof key) || isCelUint(key);
  if (!isKey) throw new Error('this cannot be the key of a map');
  return map.get(key as never);
}

function byPosition(list: { get(index: number): CelValue | undefined }, key: CelValue): CelValue | undefined {
  if (typeof key !== 'bigint') throw new Error('the position in a list is a whole number');
  return list.get(Number(key));
}

function isZero(value: CelValue): boolean {
  if (isCelList(value) || isCelMap(value)) return value.size === 0;
  if (value instanceof Uint8Array) return value.byteLength === 0;
  return value === '' || value === 0n || value === 0 || value === false || value === null;
}

/** What expressions may do with optional values. */
export const optionalFunctions: readonly CelFunc[] = [
  celFunc(OPTIONAL_SELECT, [DYN, STRING], OPTIONAL, selected),
  celFunc(OPTIONAL_INDEX, [DYN, DYN], OPTIONAL, selected),
  celFunc(OPTIONAL_HAS, [DYN, STRING], BOOL, (operand, field) => 'value' in boxOf(selected(operand, field))),
  celFunc('optional.of', [DYN], OPTIONAL, some),
  celFunc('optional.none', [], OPTIONAL, none),
  celFunc('optional.ofNonZeroValue', [DYN], OPTIONAL, (value) => (isZero(value) ? none() : some(value))),
  celMethod('hasValue', OPTIONAL, [], BOOL, function () {
    return 'value' in boxOf(this);
  }),
  celMethod('value', OPTIONAL, [], DYN, function () {
    const { value } = boxOf(this);
    if (value === undefined) throw new Error('optional.none() dereference');
    return value;
  }),
  celMethod('orValue', OPTIONAL, [DYN], DYN, function (other) {
    return boxOf(this).value ?? nullOr(boxOf(this), other);
  }),
  celMethod('or', OPTIONAL, [OPTIONAL], OPTIONAL, function (other) {
    return 'value' in boxOf(this) ? this : other;
  }),
];

/** A null that is there is a value. */
function nullOr(box: { readonly value?: CelValue }, other: CelValue): CelValue {
  return 'value' in box ? null : other;
}
