// YAML scalars as SOPS' own reader (go-yaml v3) understands them. Only checksums need it: they cover what is not encrypted, too.
import { Buffer } from 'node:buffer';
import { formatFloat, formatInteger, type SopsScalar, scalarOf } from './leaf.ts';

const words: ReadonlyMap<string, SopsScalar> = new Map([
  ...['true', 'True', 'TRUE'].map((word): [string, SopsScalar] => [word, scalarOf('bool', 'True')]),
  ...['false', 'False', 'FALSE'].map((word): [string, SopsScalar] => [word, scalarOf('bool', 'False')]),
  ...['', '~', 'null', 'Null', 'NULL'].map((word): [string, SopsScalar] => [word, scalarOf('none', '')]),
  ...['.nan', '.NaN', '.NAN'].map((word): [string, SopsScalar] => [word, scalarOf('float', 'NaN')]),
  ...['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF'].map((word): [string, SopsScalar] => [word, scalarOf('float', '+Inf')]),
  ...['-.inf', '-.Inf', '-.INF'].map((word): [string, SopsScalar] => [word, scalarOf('float', '-Inf')]),
]);
const integer = /^([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9]\d*))$/;
const float = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/;
const date = /^(\d{4})-(\d{1,2})-(\d{1,2})$/;
const time = /^(\d{4})-(\d{1,2})-(\d{1,2})(?:([Tt])| )(\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,](\d{1,9}))?(Z|[-+]\d{2}:\d{2})?$/;

/** How SOPS reads a scalar: its text, whether it stands without quotes, and its tag in full length, if any. */
export function readAsSops(text: string, isPlain: boolean, tag?: string): SopsScalar {
  const short = tag?.replace(/^tag:yaml\.org,2002:|^!!/, '');
  if (short === undefined) return isPlain ? resolve(text, true) : scalarOf('str', text);
  if (short === 'binary') return { type: 'str', bytes: Buffer.from(text.replace(/\s+/g, ''), 'base64') };
  if (!['int', 'float', 'bool', 'null', 'timestamp'].includes(short)) return scalarOf('str', text);
  const found = resolve(text, short === 'timestamp');
  return short === 'float' && found.type === 'int' ? { ...found, type: 'float' } : found;
}

function resolve(text: string, isTimePossible: boolean): SopsScalar {
  const word = words.get(text);
  if (word !== undefined) return word;
  if (text.startsWith('.')) return float.test(text) ? scalarOf('float', formatFloat(Number(text))) : scalarOf('str', text);
  if (!/^[-+\d]/.test(text)) return scalarOf('str', text);
  const timestamp = isTimePossible ? parseTimestamp(text) : undefined;
  if (timestamp !== undefined) return scalarOf('time', timestamp);
  const digits = text.replaceAll('_', '');
  const whole = parseInteger(digits);
  if (whole !== undefined && whole < 2n ** 64n) {
    const canonical = formatInteger(whole);
    if (canonical !== undefined) return scalarOf('int', canonical);
    if (whole > 0n) return scalarOf('unknown', '');
  }
  return float.test(digits) ? scalarOf('float', formatFloat(Number(digits))) : scalarOf('str', text);
}

function parseInteger(digits: string): bigint | undefined {
  const match = integer.exec(digits);
  if (match === null) return undefined;
  const [, sign, hex, binary, octal, plain = ''] = match;
  const value = BigInt(
    hex !== undefined ? `0x${hex}` : binary !== undefined ? `0b${binary}` : octal !== undefined ? `0o${octal}` : plain,
  );
  return sign === '-' ? -value : value;
}

/** In the form of RFC 3339, as Go marshals a time; undefined for what is no time to it. */
function parseTimestamp(text: string): string | undefined {
  const [, year, month, day, separator, hour = '0', minute = '0', second = '0', fraction = '', zone] =
    time.exec(text) ?? date.exec(text) ?? [];
  if (year === undefined || month === undefined || day === undefined) return undefined;
  const isDateOnly = !text.includes(':');
  // A zone is written after "T" and only there.
  if (!isDateOnly && (separator === undefined) === (zone !== undefined)) return undefined;
  const daysOfMonth = new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate();
  const isDay = Number(month) >= 1 && Number(month) <= 12 && Number(day) >= 1 && Number(day) <= daysOfMonth;
  if (!isDay || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  const two = (digits: string): string => digits.padStart(2, '0');
  const parts = fraction.replace(/0+$/, '');
  const offset = zone === undefined || /^(?:Z|[-+]00:00)$/.test(zone) ? 'Z' : zone;
  const clock = `${two(hour)}:${two(minute)}:${two(second)}${parts === '' ? '' : `.${parts}`}`;
  return `${year}-${two(month)}-${two(day)}T${clock}${offset}`;
}
