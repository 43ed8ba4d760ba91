// Values that are copied from one field to another, as kustomize does it: by their text, which takes the type of the field it comes to.
import type { Origins } from '../../origins.ts';
import type { Path } from '../../place.ts';
import { resolvePlain } from '../../reading/scalar.ts';

/** The largest text that a step may put together, and the most values that it may copy: more is no longer a manifest. */
export const MAX_VALUE_CHARACTERS = 2 * 1024 * 1024;

/** Whether a value is no list and no map. */
export function isScalar(value: unknown): value is string | number | boolean | null {
  return value === null || (typeof value !== 'object' && value !== undefined);
}

/** The text of a scalar: as it is written where nothing has replaced it, so that 0644 stays 0644. */
export function scalarText(value: string | number | boolean | null, root: unknown, path: Path, origins: Origins): string {
  if (typeof value === 'string') return value;
  return origins.sourceAt(root, path) ?? (value === null ? '' : formatNumber(value));
}

/** As Go prints it: large and small numbers with an exponent of two digits. */
export function formatNumber(value: number | boolean): string {
  if (typeof value === 'boolean' || value === 0) return String(value);
  const size = Math.abs(value);
  if (size >= 1e-4 && size < 1e21) return String(value);
  return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
}

/** The value that a text has in a field that holds another one: it keeps its type. Undefined when the text does not fit it. */
export function withTypeOf(old: string | number | boolean | null, text: string): string | number | boolean | undefined {
  if (typeof old === 'string') return text;
  const value = resolvePlain(text, 'kustomize');
  return typeof value === typeof old && typeof value !== 'object' ? value : undefined;
}

/** How many values there are in a value. Counting stops at the limit. */
export function countValues(value: unknown, limit: number): number {
  const open: unknown[] = [value];
  let count = 0;
  for (let item = open.pop(); item !== undefined && count < limit; item = open.pop()) {
    count += 1 + (typeof item === 'string' ? Math.floor(item.length / 100) : 0);
    if (typeof item === 'object' && item !== null) for (const entry of Object.values(item)) open.push(entry ?? '');
  }
  return count;
}
