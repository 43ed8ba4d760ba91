// The grammar of schedules: what robfig/cron's standard parser reads, which is what Kubernetes uses, and its words for what it does not.
// Every function returns what is wrong, or undefined.
import type { Fault } from './syntax.ts';

interface Field {
  readonly min: number;
  readonly max: number;
  readonly names: readonly string[];
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const fields: readonly Field[] = [
  { min: 0, max: 59, names: [] },
  { min: 0, max: 23, names: [] },
  { min: 1, max: 31, names: [] },
  { min: 1, max: 12, names: months },
  { min: 0, max: 6, names: days },
];
const words: ReadonlySet<string> = new Set(['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly']);
const EVERY = '@every ';
/** White space as Go's strings.Fields knows it. */
const blanks = /[\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/;

/** A schedule: five fields, or a word. A time zone has a field of its own and does not belong in it. */
export function checkSchedule(schedule: string): Fault {
  if (schedule.includes('TZ')) return 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead';
  if (schedule.startsWith('@')) return checkWord(schedule);
  const given = schedule.split(blanks).filter((field) => field !== '');
  if (given.length !== fields.length)
    return `expected exactly ${fields.length} fields, found ${given.length}: [${given.join(' ')}]`;
  for (const [index, field] of fields.entries()) {
    const fault = checkField(given[index] ?? '', field);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function checkWord(word: string): Fault {
  if (words.has(word)) return undefined;
  if (!word.startsWith(EVERY)) return `unrecognized descriptor: ${word}`;
  const fault = checkDuration(word.slice(EVERY.length));
  return fault === undefined ? undefined : `failed to parse duration ${word}: ${fault}`;
}

/** A length of time as Go writes it, such as 1h30m. */
function checkDuration(text: string): Fault {
  const quoted = JSON.stringify(text);
  const rest = /^[-+]/.test(text) ? text.slice(1) : text;
  if (rest === '0') return undefined;
  if (rest === '') return `time: invalid duration ${quoted}`;
  for (let at = 0; at < rest.length; ) {
    const [part = '', number = '', unit = ''] = /^(\d*\.?\d*)([^\d.]*)/.exec(rest.slice(at)) ?? [];
    if (!/\d/.test(number)) return `time: invalid duration ${quoted}`;
    if (unit === '') return `time: missing unit in duration ${quoted}`;
    if (!['ns', 'us', 'µs', 'μs', 'ms', 's', 'm', 'h'].includes(unit))
      return `time: unknown unit ${JSON.stringify(unit)} in duration ${quoted}`;
    at += part.length;
  }
  return undefined;
}

/** One field: ranges with commas between them. */
function checkField(text: string, field: Field): Fault {
  for (const range of text.split(',')) {
    // Commas too many are passed over.
    const fault = range === '' ? undefined : checkRange(range, field);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** One range: `*`, `5`, `1-5`, `MON-FRI`, each perhaps with a step. */
function checkRange(range: string, field: Field): Fault {
  const [limits = '', stepText, ...moreSteps] = range.split('/');
  const [lowText = '', highText, ...moreHighs] = limits.split('-');
  const isAny = lowText === '*' || lowText === '?';
  const low = isAny ? field.min : readValue(lowText, field);
  if (typeof low === 'string') return low;
  if (!isAny && moreHighs.length > 0) return `too many hyphens: ${range}`;
  const given = isAny ? field.max : highText === undefined ? low : readValue(highText, field);
  if (typeof given === 'string') return given;
  if (moreSteps.length > 0) return `too many slashes: ${range}`;
  const step = stepText === undefined ? 1 : readNumber(stepText);
  if (typeof step === 'string') return step;
  // A start and a step alone go on to the end of the field.
  const high = stepText !== undefined && highText === undefined ? field.max : given;
  if (low < field.min) return `beginning of range (${low}) below minimum (${field.min}): ${range}`;
  if (high > field.max) return `end of range (${high}) above maximum (${field.max}): ${range}`;
  if (low > high) return `beginning of range (${low}) beyond end of range (${high}): ${range}`;
  return step === 0 ? `step of range should be a positive number: ${range}` : undefined;
}

function readValue(text: string, { names, min }: Field): number | string {
  const index = names.indexOf(text.toLowerCase());
  return index === -1 ? readNumber(text) : index + min;
}

function readNumber(text: string): number | string {
  const quoted = JSON.stringify(text);
  if (!/^[-+]?\d+$/.test(text)) return `failed to parse int from ${text}: strconv.Atoi: parsing ${quoted}: invalid syntax`;
  const value = Number(text);
  if (!Number.isSafeInteger(value))
    return `failed to parse int from ${text}: strconv.Atoi: parsing ${quoted}: value out of range`;
  return value < 0 ? `negative number (${value}) not allowed: ${text}` : value;
}
