// Plain YAML scalars as Kubernetes reads them. Its YAML reader follows neither YAML 1.1 nor 1.2: 0644 is octal, `yes` and `on` are
// booleans, and dates, `.` and 12:30:45 stay text. Kustomize has another reader, to which `yes` and `on` are texts.

/** Whose reading of plain scalars is meant. */
export type Reading = 'kubernetes' | 'kustomize';

const words: ReadonlyMap<string, boolean | null> = new Map<string, boolean | null>([
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'].map((word): [string, boolean] => [word, true]),
  ...['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'].map((word): [string, boolean] => [word, false]),
  ...['', '~', 'null', 'Null', 'NULL'].map((word): [string, null] => [word, null]),
]);
/** Booleans to Kubernetes alone. */
const oldBooleans = /^(?:[yn]|yes|no|on|off)$/i;
/** One of these words where a plain scalar or a key may be: perhaps in a text, but never overlooked. */
const oldBoolean = /(?:^|[\s,[{])(?:[yn]|yes|no|on|off)[ \t]*(?:$|[,\]}:#])/im;
const infinities: ReadonlySet<string> = new Set(
  ['.inf', '.Inf', '.INF'].flatMap((word) => [word, `+${word}`, `-${word}`]).concat('.nan', '.NaN', '.NAN'),
);
const integer = /^([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))$/;
const decimal = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
const numberStart = /^[-+.0-9]/;

/** What an unquoted scalar means. Infinities and NaN come out as numbers that JSON does not know. */
export function resolvePlain(source: string, reading: Reading = 'kubernetes'): string | number | boolean | null {
  const word = words.get(source);
  if (word !== undefined) return reading === 'kustomize' && oldBooleans.test(source) ? source : word;
  if (!numberStart.test(source)) return source;
  if (infinities.has(source)) return Number.NaN;
  const digits = source.startsWith('.') ? source : source.replaceAll('_', '');
  const integerValue = parseInteger(digits);
  if (integerValue !== undefined) return integerValue;
  // What no number can hold is a text.
  const value = decimal.test(digits) ? Number(digits) : Number.NaN;
  return Number.isFinite(value) ? value : source;
}

/** Whether the two readings of a text may differ. */
export function maybeReadTwoWays(text: string): boolean {
  return oldBoolean.test(text);
}

function parseInteger(digits: string): number | undefined {
  const match = integer.exec(digits);
  if (match === null) return undefined;
  const [, sign, hex, binary, octal, plain] = match;
  const value = Number(
    hex !== undefined ? `0x${hex}` : binary !== undefined ? `0b${binary}` : octal !== undefined ? `0o${octal}` : plain,
  );
  if (plain === undefined && value >= 2 ** 64) return undefined;
  return sign === '-' && value !== 0 ? -value : value;
}

/** What a scalar with a tag means: undefined when the text does not fit the tag. Unknown tags leave the text as it is. */
export function resolveTagged(
  tag: string,
  source: string,
  reading: Reading = 'kubernetes',
): string | number | boolean | null | undefined {
  const short = tag.replace(/^tag:yaml\.org,2002:|^!!/, '');
  if (short === 'binary') return decodeBinary(source);
  const value = resolvePlain(source, reading);
  if (short === 'int') return typeof value === 'number' && Number.isInteger(value) ? value : undefined;
  if (short === 'float') return typeof value === 'number' ? value : undefined;
  if (short === 'bool') return typeof value === 'boolean' ? value : undefined;
  if (short === 'null') return value === null ? null : undefined;
  return source;
}

function decodeBinary(source: string): string | undefined {
  const compact = source.replace(/\s+/g, '');
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(compact)) return undefined;
  return Buffer.from(compact, 'base64').toString('utf8');
}
