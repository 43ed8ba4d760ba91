// The hash that kustomize appends to the names of generated objects, so that a changed content is a changed name.
import { createHash } from 'node:crypto';
import { isPlainObject } from '../../schema/admit.ts';
import type { PlainMap } from '../resource.ts';

/** Hexadecimal digits are rewritten so that a hash spells no word and looks like no number. */
const letters: Readonly<Record<string, string>> = { '0': 'g', '1': 'h', '3': 'k', a: 'm', e: 't' };
const HASH_CHARACTERS = 10;

/**
 * The ten characters that kustomize puts after the name. Of a ConfigMap `data` and `binaryData` count, of a Secret its type, `data`
 * and `stringData`; a changed label changes no name, and equal contents under two names have equal hashes. Kustomize gives hashes to generated ConfigMaps and Secrets alone; any
 * other object is hashed as a whole, with its keys sorted.
 */
export function contentHash(value: Readonly<PlainMap>): string {
  const digest = createHash('sha256')
    .update(toJson(hashedParts(value)))
    .digest('hex');
  return digest.slice(0, HASH_CHARACTERS).replace(/./g, (char) => letters[char] ?? char);
}

function hashedParts(value: Readonly<PlainMap>): Readonly<PlainMap> {
  const { kind, data, binaryData, stringData, type } = value;
  // There is a place for the name in what kustomize hashes, and it is always empty.
  const name = '';
  if (kind === 'ConfigMap') return { kind, name, data: part(data), ...(isPlainObject(binaryData) ? { binaryData } : {}) };
  if (kind === 'Secret') {
    const more = isPlainObject(stringData) ? { stringData } : {};
    return { kind, type: part(type), name, data: part(data), ...more };
  }
  return value;
}

/** What is absent counts as the empty text. */
function part(value: unknown): unknown {
  if (value === undefined || value === null) return '';
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
}

/** JSON as Go writes it: keys in the order of their bytes, and what means something in HTML escaped. */
function toJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(toJson).join(',')}]`;
  if (isPlainObject(value)) {
    const entries = Object.entries(value).toSorted(([one], [other]) => Buffer.compare(Buffer.from(one), Buffer.from(other)));
    return `{${entries.map(([key, entry]) => `${toText(key)}:${toJson(entry)}`).join(',')}}`;
  }
  return typeof value === 'string' ? toText(value) : (JSON.stringify(value) ?? 'null');
}

function toText(text: string): string {
  return JSON.stringify(text).replace(/[<>&\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
