// The values of annotations: text that becomes yes or no, numbers, sizes, networks. Each reader says what is wrong with a value.
import type { Reader, SettingsDraft, Verdict } from './annotation-reader.ts';

type Take<Value> = (draft: SettingsDraft, value: Value) => void;

/** No blanks, quotes or control characters: safe as one word of a configuration. */
const WORD = /^[^\s"'\\\p{Cc}]+$/u;
const SECONDS = /^(\d{1,6})s?$/;
const CIDR = /^[0-9a-fA-F.:]+(\/\d{1,3})?$/;
const units: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/** `true` or `false`. */
export function yesOrNo(take: Take<boolean>): Reader {
  return (value, draft) => {
    if (value !== 'true' && value !== 'false') return { refused: `must be "true" or "false", and is "${value}"` };
    take(draft, value === 'true');
    return undefined;
  };
}

/** A whole number of seconds. */
export function seconds(take: Take<number>): Reader {
  return (value, draft) => {
    const digits = SECONDS.exec(value.trim())?.[1];
    if (digits === undefined || Number(digits) === 0) return { refused: `must be a number of seconds, and is "${value}"` };
    take(draft, Number(digits));
    return undefined;
  };
}

/** A number above 0. */
export function count(take: Take<number>): Reader {
  return (value, draft) => {
    if (!/^[1-9]\d{0,8}$/.test(value.trim())) return { refused: `must be a whole number above 0, and is "${value}"` };
    take(draft, Number(value));
    return undefined;
  };
}

/** Bytes as nginx writes them: `8m`, `512k`; 0 for no limit. */
export function size(take: Take<number>): Reader {
  return (value, draft) => {
    const [, digits, unit = ''] = /^(\d{1,12})([kmg]?)$/.exec(value.trim().toLowerCase()) ?? [];
    if (digits === undefined) return { refused: `must be a size such as 8m, and is "${value}"` };
    take(draft, Number(digits) * (units[unit] ?? 1));
    return undefined;
  };
}

/** One of some words. */
export function oneOf(allowed: readonly string[], take: Take<string>, wayOut = ''): Reader {
  return (value, draft) => {
    if (!allowed.includes(value)) return { refused: `must be ${allowed.join(' or ')}, and is "${value}"${wayOut}` };
    take(draft, value);
    return undefined;
  };
}

/** Networks, with commas between. */
export function networks(take: Take<readonly string[]>): Reader {
  return (value, draft) => {
    const list = value.split(',').map((part) => part.trim());
    const wrong = list.find((part) => !CIDR.test(part));
    if (wrong !== undefined) return { refused: `must be networks with commas between, and "${wrong}" is none` };
    take(draft, list);
    return undefined;
  };
}

/** A path or an address to send a client to. */
export function location(take: Take<string>): Reader {
  return (value, draft) => {
    const foreign = /\$(?!request_uri\b)\w*/.exec(value.trim());
    if (foreign !== null) return { refused: `has the variable ${foreign[0]}: only $request_uri is understood` };
    if (!WORD.test(value.trim())) return { refused: `must be an address without blanks and quotes, and is "${value}"` };
    take(draft, value.trim());
    return undefined;
  };
}

/** Kept for later, when all annotations are known. */
export function later(name: string, pattern = WORD, what = 'one word without quotes'): Reader {
  return (value, draft) => {
    if (!pattern.test(value)) return { refused: `must be ${what}, and is "${value}"` };
    draft.raw.set(name, value);
    return undefined;
  };
}

/** Refused whatever its value. */
export const refused =
  (message: string): Reader =>
  (): Verdict => ({ refused: message });

/** Accepted whatever its value, with a note. */
export const noEffect =
  (message: string): Reader =>
  (): Verdict => ({ note: `has no effect: ${message}` });

/** Refused unless it asks for what happens anyway. */
export const mustBe =
  (expected: string, message: string): Reader =>
  (value): Verdict =>
    value === expected ? undefined : { refused: message };
