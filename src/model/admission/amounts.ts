// Amounts of resources as numbers: what bounds and quotas compare, add and print. Processors in thousandths, everything else in whole units.

import type { ClaimRequests, Quantity, ResourceAmounts, ResourceList } from '../generated.ts';
import { byteCount, milliCpu } from '../quantity.ts';

/** Amounts by the name of their resource. */
export type Amounts = Readonly<Record<string, number>>;

/** Quantities as objects hold them, by the name of their resource. */
export type Quantities = ResourceAmounts | ResourceList | ClaimRequests;

const PROCESSORS: ReadonlySet<string> = new Set(['cpu', 'requests.cpu', 'limits.cpu']);
const BINARY = ['Ei', 'Pi', 'Ti', 'Gi', 'Mi', 'Ki'] as const;

/** One amount; absent counts as 0. */
export function amountOf(resource: string, quantity: Quantity | undefined): number {
  return PROCESSORS.has(resource) ? milliCpu(quantity) : byteCount(quantity);
}

/** All amounts of a list. */
export function amountsOf(list: Quantities | undefined): Amounts {
  return Object.fromEntries(quantitiesIn(list).map(([resource, quantity]) => [resource, amountOf(resource, quantity)]));
}

/** The quantities of a list by name, sorted. */
export function quantitiesIn(list: Quantities | undefined): readonly (readonly [string, Quantity])[] {
  const entries: [string, Quantity | undefined][] = Object.entries(list ?? {});
  return entries
    .flatMap(([name, quantity]) => (quantity === undefined ? [] : [[name, quantity] as const]))
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
}

/** The sum, resource by resource. */
export function added(one: Amounts, other: Amounts): Amounts {
  const sum: Record<string, number> = { ...one };
  for (const [resource, amount] of Object.entries(other)) sum[resource] = (sum[resource] ?? 0) + amount;
  return sum;
}

/** Those resources alone. */
export function only(amounts: Amounts, resources: readonly string[]): Amounts {
  return Object.fromEntries(resources.flatMap((name) => (amounts[name] === undefined ? [] : [[name, amounts[name]]])));
}

/** An amount as Kubernetes writes it: `500m`, `2`, `1Gi`, `1500`. */
export function formatAmount(resource: string, amount: number): string {
  if (PROCESSORS.has(resource)) return amount % 1000 === 0 ? String(amount / 1000) : `${amount}m`;
  if (!/memory|storage|hugepages/.test(resource) || amount === 0) return String(amount);
  for (const [position, unit] of BINARY.entries()) {
    const size = 2 ** (10 * (BINARY.length - position));
    if (amount % size === 0) return `${amount / size}${unit}`;
  }
  return String(amount);
}

/** A list of amounts on one line: `cpu=1,memory=1Gi`. */
export function formatAmounts(amounts: Amounts): string {
  return Object.entries(amounts)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([resource, amount]) => `${resource}=${formatAmount(resource, amount)}`)
    .join(',');
}
