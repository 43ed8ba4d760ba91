// Stable hashes of plain data: equal data, equal hash, whatever the order of its keys.
import { createHash } from 'node:crypto';

/** JSON with sorted keys and without undefined values. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, entry: unknown) =>
    entry !== null && typeof entry === 'object' && !Array.isArray(entry)
      ? Object.fromEntries(Object.entries(entry).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
      : entry,
  );
}

/** The first `length` hexadecimal digits of the SHA-256 of the canonical JSON. */
export function hashOf(value: unknown, length = 10): string {
  return digestOf(canonicalJson(value)).slice(0, length);
}

/** The SHA-256 of a text as hexadecimal digits, as sha256sum(1) tells it. */
export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
