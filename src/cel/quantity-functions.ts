// Quantities as Kubernetes' library for expressions has them: `quantity("1Gi").compareTo(quantity("512Mi"))`.
import { type CelFunc, CelScalar, type CelValue, celFunc, celMethod } from '@bufbuild/cel';
import { parseQuantity } from '../model/quantity.ts';
import { Opaque } from './opaque.ts';

const { BOOL, DOUBLE, INT, STRING } = CelScalar;
const quantities = new Opaque<number>('Quantity');
const QUANTITY = quantities.type;
const MAX_INT = 2n ** 63n;

function valueOf(value: CelValue): number {
  const found = quantities.unwrap(value);
  if (found === undefined) throw new Error('not a quantity');
  return found;
}

const wrapped = (value: number): ReturnType<typeof quantities.wrap> => quantities.wrap(value, String(value));

function parsed(text: string): ReturnType<typeof quantities.wrap> {
  const value = parseQuantity(text);
  if (value === undefined) throw new Error(`${JSON.stringify(text)} is not a quantity`);
  return wrapped(value);
}

function integerOf(value: number): bigint {
  if (!Number.isInteger(value) || BigInt(value) >= MAX_INT || BigInt(value) < -MAX_INT)
    throw new Error('cannot convert value to integer');
  return BigInt(value);
}

type Binary = readonly [name: string, result: typeof BOOL | typeof INT, of: (one: number, other: number) => boolean | bigint];

const comparisons: readonly Binary[] = [
  ['isGreaterThan', BOOL, (one, other) => one > other],
  ['isLessThan', BOOL, (one, other) => one < other],
  ['compareTo', INT, (one, other) => BigInt(Math.sign(one - other))],
];

/** What expressions may do with quantities. */
export const quantityFunctions: readonly CelFunc[] = [
  celFunc('quantity', [STRING], QUANTITY, parsed),
  celFunc('isQuantity', [STRING], BOOL, (text) => parseQuantity(text) !== undefined),
  ...comparisons.map(([name, result, of]) =>
    celMethod(name, QUANTITY, [QUANTITY], result, function (other) {
      return of(valueOf(this), valueOf(other));
    }),
  ),
  celMethod('isInteger', QUANTITY, [], BOOL, function () {
    return Number.isInteger(valueOf(this));
  }),
  celMethod('asInteger', QUANTITY, [], INT, function () {
    return integerOf(valueOf(this));
  }),
  celMethod('asApproximateFloat', QUANTITY, [], DOUBLE, function () {
    return valueOf(this);
  }),
  celMethod('sign', QUANTITY, [], INT, function () {
    return BigInt(Math.sign(valueOf(this)));
  }),
  ...(['add', 'sub'] as const).flatMap((name) => {
    const sign = name === 'add' ? 1 : -1;
    return [
      celMethod(name, QUANTITY, [QUANTITY], QUANTITY, function (other) {
        return wrapped(valueOf(this) + sign * valueOf(other));
      }),
      celMethod(name, QUANTITY, [INT], QUANTITY, function (other) {
        return wrapped(valueOf(this) + sign * Number(other));
      }),
    ];
  }),
];
