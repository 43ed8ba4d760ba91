// Versions and ranges of them, as Flux and npm write ranges: `>=1.2.0 <2.0.0`, `^1.4`, `~1.4.2`, `1.x`, `1.2 - 1.4`, joined by `||`. A version before
// its release (1.2.0-rc.1) is in a range only where the range itself names one (Semantic Versioning 2.0.0, sections 9 to 11).

/** A version; `pre` holds the identifiers behind the dash. */
interface Version {
  readonly numbers: readonly [number, number, number];
  readonly pre: readonly string[];
}

interface Bound {
  readonly operator: '<' | '<=' | '>' | '>=' | '=' | '!=';
  readonly version: Version;
}

/** Whether a version is in a range; made by `parseRange`. */
export type VersionRange = (version: string) => boolean;

const MAX_LENGTH = 256;
const versionPattern = /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?$/;
const partialPattern = /^v?(\d+|[xX*])(?:\.(\d+|[xX*]))?(?:\.(\d+|[xX*]))?(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?$/;

function parseVersion(text: string): Version | undefined {
  const found = text.length > MAX_LENGTH ? null : versionPattern.exec(text);
  if (found === null) return undefined;
  const [, major = '0', minor = '0', patch = '0', pre] = found;
  return { numbers: [Number(major), Number(minor), Number(patch)], pre: pre === undefined ? [] : pre.split('.') };
}

function compare(a: Version, b: Version): number {
  for (const index of [0, 1, 2] as const) {
    const order = a.numbers[index] - b.numbers[index];
    if (order !== 0) return order;
  }
  if (a.pre.length === 0 || b.pre.length === 0) return b.pre.length - a.pre.length;
  for (let index = 0; index < Math.max(a.pre.length, b.pre.length); index++) {
    const order = compareIdentifiers(a.pre[index], b.pre[index]);
    if (order !== 0) return order;
  }
  return 0;
}

function compareIdentifiers(a: string | undefined, b: string | undefined): number {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? -1 : 1;
  const [isNumber, isOtherNumber] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (isNumber && isOtherNumber) return Number(a) - Number(b);
  if (isNumber !== isOtherNumber) return isNumber ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A range; undefined for a text that is none. */
export function parseVersionRange(text: string): VersionRange | undefined {
  if (text.length > MAX_LENGTH || text.trim() === '') return undefined;
  const alternatives = text.split('||').map((part) => parseBounds(part.trim()));
  if (alternatives.some((bounds) => bounds === undefined)) return undefined;
  return (version) => {
    const parsed = parseVersion(version);
    return parsed !== undefined && alternatives.some((bounds) => bounds !== undefined && isWithin(parsed, bounds));
  };
}

function isWithin(version: Version, bounds: readonly Bound[]): boolean {
  if (version.pre.length > 0 && !bounds.some((bound) => bound.version.pre.length > 0)) return false;
  return bounds.every(({ operator, version: other }) => {
    const order = compare(version, other);
    if (operator === '=' || operator === '!=') return (order === 0) === (operator === '=');
    if (order === 0) return operator.endsWith('=');
    return operator.startsWith('<') ? order < 0 : order > 0;
  });
}

function parseBounds(text: string): readonly Bound[] | undefined {
  const span = /^(\S+)\s+-\s+(\S+)$/.exec(text);
  const terms = span === null ? termsOf(text) : [`>=${span[1]}`, `<=${span[2]}`];
  const bounds = terms.map(parseTerm);
  return bounds.length === 0 || bounds.some((bound) => bound === undefined) ? undefined : bounds.flatMap((bound) => bound ?? []);
}

/** Terms stand behind blanks or commas; an operator may have blanks behind it. */
function termsOf(text: string): readonly string[] {
  return text
    .replaceAll(/([<>=!~^]+)\s+/g, '$1')
    .split(/[\s,]+/)
    .filter((term) => term !== '');
}

function parseTerm(term: string): readonly Bound[] | undefined {
  const found = /^(\^|~>?|>=|=>|<=|=<|>|<|!=|=)?(.+)$/.exec(term);
  const parts = partialPattern.exec(found?.[2] ?? '');
  if (parts === null) return undefined;
  const numbers: number[] = [];
  for (const part of parts.slice(1, 4)) {
    if (part === undefined || !/^\d+$/.test(part)) break;
    numbers.push(Number(part));
  }
  const pre = numbers.length === 3 && parts[4] !== undefined ? parts[4].split('.') : [];
  return boundsOf(found?.[1] ?? '', numbers, pre);
}

/** The first version of what these numbers stand for, and the first one after it when the number at `index` grows. */
const first = (numbers: readonly number[]): Version => ({
  numbers: [numbers[0] ?? 0, numbers[1] ?? 0, numbers[2] ?? 0],
  pre: [],
});

function after(numbers: readonly number[], index: number): Version {
  return first(numbers.slice(0, index + 1).map((number, at) => (at === index ? number + 1 : number)));
}

function boundsOf(operator: string, numbers: readonly number[], pre: readonly string[]): readonly Bound[] {
  const lowest: Version = { ...first(numbers), pre };
  const last = numbers.length - 1;
  const isPartial = numbers.length < 3;
  const from: Bound = { operator: '>=', version: lowest };
  const before = (index: number): readonly Bound[] =>
    index < 0 ? [from] : [from, { operator: '<', version: after(numbers, index) }];
  switch (operator) {
    case '^': {
      const leading = numbers.findIndex((number) => number !== 0);
      return before(leading === -1 ? last : leading);
    }
    case '~':
    case '~>':
      return before(Math.min(1, last));
    case '>':
      return isPartial && last >= 0 ? [{ operator: '>=', version: after(numbers, last) }] : [{ operator: '>', version: lowest }];
    case '>=':
    case '=>':
      return [from];
    case '<':
      return [{ operator: '<', version: lowest }];
    case '<=':
    case '=<':
      return isPartial && last >= 0 ? [{ operator: '<', version: after(numbers, last) }] : [{ operator: '<=', version: lowest }];
    case '!=':
      return [{ operator: '!=', version: lowest }];
    default:
      return isPartial ? before(last) : [{ operator: '=', version: lowest }];
  }
}

/** The highest of the versions that are in the range, as it is written; undefined when none is. */
export function highestIn(range: VersionRange, versions: readonly string[]): string | undefined {
  let best: { readonly text: string; readonly version: Version } | undefined;
  for (const text of versions) {
    const version = range(text) ? parseVersion(text) : undefined;
    if (version !== undefined && (best === undefined || compare(version, best.version) > 0)) best = { text, version };
  }
  return best?.text;
}
