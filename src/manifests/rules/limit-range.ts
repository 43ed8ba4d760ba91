// Rules for LimitRanges (Kubernetes, ValidateLimitRange in pkg/apis/core/validation).
import { parseQuantity } from '../../model/quantity.ts';
import type { LimitRange, LimitRangeItem, Quantity } from '../../model/resource.ts';
import type { Path } from '../place.ts';
import { duplicate, forbidden, invalid, type Report, required } from '../report.ts';
import { eachOf, holds } from './fault.ts';
import { checkQuantity } from './quantity.ts';
import { checkLimitedResource, mayExceed } from './resource-name.ts';
import { checkQualifiedName, type Fault } from './syntax.ts';

const standardTypes = ['Pod', 'Container', 'PersistentVolumeClaim'];
const bounds = ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'] as const;
type Bound = (typeof bounds)[number];

/** A LimitRange after its defaults are set. */
export function checkLimitRange({ spec }: LimitRange, report: Report): void {
  const types = new Set<string>();
  for (const [item, path] of eachOf(spec?.limits, ['spec', 'limits'])) {
    const where = [...path, 'type'];
    if (holds(checkType(item.type), item.type, where, report) && types.has(item.type))
      report(where, 'Duplicate', duplicate(item.type));
    types.add(item.type);
    checkItem(item, path, report);
  }
}

function checkType(type: string): Fault {
  const fault = checkQualifiedName(type);
  if (fault !== undefined) return fault;
  return type.includes('/') || standardTypes.includes(type) ? undefined : 'must be a standard limit type or fully qualified';
}

function checkItem(item: LimitRangeItem, path: Path, report: Report): void {
  const isPod = item.type === 'Pod';
  const names = new Set<string>();
  for (const bound of bounds) {
    const amounts = item[bound];
    if (amounts === undefined) continue;
    if (isPod && (bound === 'default' || bound === 'defaultRequest')) {
      report([...path, bound], 'Invalid', forbidden("may not be specified when `type` is 'Pod'"));
      continue;
    }
    for (const [name, amount] of Object.entries(amounts)) {
      const here = [...path, bound, name];
      // A default that was taken from a bound has been judged with it.
      const isTaken = bound.startsWith('default') && (item.max?.[name] === amount || item.min?.[name] === amount);
      if (isTaken || (holds(checkLimitedResource(name, item.type), name, here, report) && checkQuantity(amount, here, report)))
        names.add(name);
    }
  }
  if (item.type === 'PersistentVolumeClaim' && item.min?.['storage'] === undefined && item.max?.['storage'] === undefined)
    report(
      [...path, 'limits'],
      'Required',
      required('either minimum or maximum storage value is required, but neither was provided'),
    );
  for (const name of [...names].sort()) checkOrder(item, name, path, report);
}

/** What must not be greater than what, in Kubernetes' words, and the bound that is told to be wrong. */
const orders: readonly (readonly [Bound, Bound, string, string, Bound])[] = [
  ['min', 'max', 'min value', 'max value', 'min'],
  ['min', 'defaultRequest', 'min value', 'default request value', 'defaultRequest'],
  ['defaultRequest', 'max', 'default request value', 'max value', 'defaultRequest'],
  ['defaultRequest', 'default', 'default request value', 'default limit value', 'defaultRequest'],
  ['min', 'default', 'min value', 'default value', 'default'],
  ['default', 'max', 'default value', 'max value', 'default'],
];

/** The bounds of one resource: min ≤ defaultRequest ≤ default ≤ max, and a ratio that they leave room for. */
function checkOrder(item: LimitRangeItem, name: string, path: Path, report: Report): void {
  const written = (bound: Bound): Quantity | undefined =>
    item.type === 'Pod' && bound.startsWith('default') ? undefined : item[bound]?.[name];
  // A default that is the same as the bound that it was taken from repeats the faults of that bound.
  const repeats = (bound: Bound): boolean =>
    (bound === 'default' && written('default') === written('max')) ||
    (bound === 'defaultRequest' && [written('default'), written('min')].includes(written('defaultRequest')));
  const amountOf = (bound: Bound): Quantity | undefined => (repeats(bound) ? undefined : written(bound));
  const numberOf = (bound: Bound): number | undefined => {
    const amount = amountOf(bound);
    return amount === undefined ? undefined : parseQuantity(amount);
  };
  const refuse = (bound: Bound, fault: string): void =>
    report([...path, bound, name], 'Invalid', invalid(amountOf(bound), fault));
  for (const [low, high, lowName, highName, wrong] of orders) {
    const [less, more] = [numberOf(low), numberOf(high)];
    if (less !== undefined && more !== undefined && less > more)
      refuse(wrong, `${lowName} ${amountOf(low)} is greater than ${highName} ${amountOf(high)}`);
  }
  const [min, max, ratio] = [numberOf('min'), numberOf('max'), numberOf('maxLimitRequestRatio')];
  if (ratio !== undefined && ratio < 1)
    refuse('maxLimitRequestRatio', `ratio ${amountOf('maxLimitRequestRatio')} is less than 1`);
  if (ratio !== undefined && min !== undefined && max !== undefined && min > 0 && ratio > max / min)
    refuse(
      'maxLimitRequestRatio',
      `ratio ${amountOf('maxLimitRequestRatio')} is greater than max/min = ${(max / min).toFixed(6)}`,
    );
  const [request, limit] = [written('defaultRequest'), written('default')];
  if (!mayExceed(name) && request !== undefined && limit !== undefined && parseQuantity(request) !== parseQuantity(limit))
    refuse('defaultRequest', `default value ${limit} must equal default request value ${request} in ${name}`);
}
