// JSON in one form only, so that equal data have equal bytes everywhere: the JSON Canonicalization Scheme, RFC 8785. Pure.

/**
 * The canonical JSON of plain data. Properties that are undefined are left out, as JSON.stringify does. Throws RangeError for what has no
 * form: numbers that are not finite, texts with half of a surrogate pair.
 */
export function canonicalize(value: unknown): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new RangeError(`${value} has no JSON`);
    return JSON.stringify(value);
  }
  if (typeof value === 'string') {
    if (/\p{Surrogate}/u.test(value)) throw new RangeError('a text with half of a surrogate pair has no canonical JSON');
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map((item) => canonicalize(item ?? null)).join(',')}]`;
  if (typeof value !== 'object') throw new RangeError(`a ${typeof value} has no JSON`);
  // By UTF-16 code units, which is how texts are compared here (RFC 8785, section 3.2.3).
  const entries = Object.entries(value)
    .filter(([, entry]) => entry !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, entry]) => `${canonicalize(key)}:${canonicalize(entry)}`).join(',')}}`;
}
