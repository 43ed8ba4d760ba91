// What a single value is to SOPS: its type, and the bytes that are encrypted and checksummed. SOPS reads YAML with another reader than
// Kubernetes does, so a plain `0644`, `yes` or `2001-12-14` has two readings: SOPS' own counts for checksums, Kubernetes' for meaning.
import { Buffer } from 'node:buffer';
import type { OpenedValue } from './cipher.ts';

export type PlainScalar = string | number | boolean | null;

/** A value as SOPS sees it; `none` is never encrypted nor checksummed, `unknown` cannot be stored by SOPS at all. */
export interface SopsScalar {
  readonly type: 'str' | 'int' | 'float' | 'bool' | 'time' | 'none' | 'unknown';
  /** As it goes into cipher and checksum. */
  readonly bytes: Buffer;
}

const MAX_INT64 = 2n ** 63n - 1n;

export const scalarOf = (type: SopsScalar['type'], text: string): SopsScalar => ({ type, bytes: Buffer.from(text) });

/** A number as Go's `strconv.FormatFloat(value, 'f', -1, 64)` writes it: the shortest digits, never an exponent. */
export function formatFloat(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  if (Object.is(value, -0)) return '-0';
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([-+]\d+))?$/.exec(String(value)) ?? [];
  const digits = whole + fraction;
  const point = whole.length + Number(exponent);
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  if (point >= digits.length) return sign + digits + '0'.repeat(point - digits.length);
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}

/** A whole number in Go's own digits; undefined beyond 64 bits. */
export function formatInteger(value: bigint): string | undefined {
  return value > MAX_INT64 || value < -MAX_INT64 - 1n ? undefined : value.toString();
}

/** What is to be encrypted for a value that Kubernetes reads as `value` and that is written as `source`. */
export function sealable(value: PlainScalar, source: string | undefined): SopsScalar {
  if (value === null) return scalarOf('none', '');
  if (typeof value === 'string') return scalarOf('str', value);
  if (typeof value === 'boolean') return scalarOf('bool', value ? 'True' : 'False');
  if (!Number.isInteger(value) || Object.is(value, -0)) return scalarOf('float', formatFloat(value));
  // Beyond 53 bits the number itself is not exact any more, but what is written is.
  const digits = source?.replaceAll('_', '') ?? '';
  if (Number.isSafeInteger(value)) return scalarOf('int', String(value));
  if (!/^-?[1-9]\d*$/.test(digits)) return scalarOf('float', formatFloat(value));
  const text = formatInteger(BigInt(digits));
  return text === undefined ? scalarOf('unknown', '') : scalarOf('int', text);
}

/** A value that was encrypted. `problem` says why it cannot be used, without showing it. */
export type OpenedScalar =
  | { readonly value: PlainScalar; readonly checked: Buffer; readonly bytes: Buffer; readonly isComment: boolean }
  | { readonly problem: string };

/** What an opened value is, and the bytes that the checksum covers. */
export function readOpened({ type, bytes }: OpenedValue): OpenedScalar {
  const isComment = type === 'comment';
  const made = (value: PlainScalar, checked = bytes): OpenedScalar => ({ value, checked, bytes, isComment });
  const text = bytes.toString('utf8');
  if (type === 'int') {
    const canonical = /^[-+]?\d+$/.test(text) ? formatInteger(BigInt(text.replace(/^\+/, ''))) : undefined;
    return canonical === undefined ? wrongType('a whole number') : made(Number(canonical), Buffer.from(canonical));
  }
  if (type === 'float') {
    if (!/^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/.test(text)) return wrongType('a number that JSON has');
    const value = Number(text);
    return Number.isFinite(value) ? made(value, Buffer.from(formatFloat(value))) : wrongType('a number that JSON has');
  }
  if (type === 'bool') {
    const isTrue = /^(?:1|t|T|TRUE|true|True)$/.test(text);
    if (!isTrue && !/^(?:0|f|F|FALSE|false|False)$/.test(text)) return wrongType('a boolean');
    return made(isTrue, Buffer.from(isTrue ? 'True' : 'False'));
  }
  // Bytes that are no text stay usable as the bytes of a file.
  return made(text);
}

function wrongType(what: string): OpenedScalar {
  return { problem: `the encrypted value says that it is ${what}, but it is not` };
}
