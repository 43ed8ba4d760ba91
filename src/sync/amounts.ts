// Amounts: `1000m` and `1` are one and the same, and a commit that only writes it otherwise must restart nothing. Pure.
import { parseQuantity } from '../model/quantity.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Fields that hold an amount, behind the field that they are in. */
const amountFields: ReadonlySet<string> = new Set(['emptyDir.sizeLimit', 'resourceFieldRef.divisor']);
/** Fields of which every entry is an amount, behind the field that they are in. */
const amountLists: ReadonlySet<string> = new Set(['resources.limits', 'resources.requests', 'spec.overhead']);

/** `next` with every amount written as `live` writes it where both mean the same, as an API server would keep it. */
export function withLiveAmounts<T>(next: T, live: unknown): T {
  // What comes back has the fields of `next`, and amounts for amounts.
  return merged(next, live, '', '') as T;
}

function merged(next: unknown, live: unknown, outer: string, field: string): unknown {
  if (Array.isArray(next) && Array.isArray(live)) {
    const items: readonly unknown[] = live;
    return kept(
      next,
      next.map((item: unknown, index) => merged(item, partner(item, items, index), outer, field)),
    );
  }
  const path = `${outer}.${field}`;
  if (isFields(next) && isFields(live)) {
    const entries = Object.entries(next).map(([key, value]): [string, unknown] =>
      amountLists.has(path) ? [key, amount(value, live[key])] : [key, merged(value, live[key], field, key)],
    );
    return entries.every(([key, value]) => value === next[key]) ? next : Object.fromEntries(entries);
  }
  return amountFields.has(path) ? amount(next, live) : next;
}

function kept(before: readonly unknown[], after: readonly unknown[]): readonly unknown[] {
  return after.every((item, index) => item === before[index]) ? before : after;
}

/** The live item that an item of a list is compared with: the one of its name, or else of its place. */
function partner(item: unknown, live: readonly unknown[], index: number): unknown {
  const name = isFields(item) ? item['name'] : undefined;
  return name === undefined ? live[index] : live.find((other) => isFields(other) && other['name'] === name);
}

function amount(next: unknown, live: unknown): unknown {
  const [a, b] = [valueOf(next), valueOf(live)];
  if (a === undefined || b === undefined) return next;
  // Thousandths are not exact in binary.
  return Math.abs(a - b) <= 8 * Number.EPSILON * Math.max(Math.abs(a), Math.abs(b)) ? live : next;
}

function valueOf(value: unknown): number | undefined {
  return typeof value === 'string' || typeof value === 'number' ? parseQuantity(value) : undefined;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
