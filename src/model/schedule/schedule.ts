// The grammar of CronJob schedules: what robfig/cron's standard parser reads, which is what Kubernetes uses, and its words for what it does
// not read. The only reader of schedules: the rule that admits them and the controller that follows them cannot disagree. It computes no
// times (see next.ts) and knows no time zones.

/** Times that match five fields. Each field is a set of bits, one per value; `isAny…` tells that the field says `*` or `?`. */
export interface FieldSchedule {
  readonly type: 'fields';
  readonly minutes: bigint;
  readonly hours: bigint;
  readonly days: bigint;
  readonly months: bigint;
  readonly weekdays: bigint;
  /** With both days given, either is enough; with one of them open, both have to match (Kubernetes, "Schedule syntax"). */
  readonly isAnyDay: boolean;
}

/** Times at a fixed distance (`@every 90m`), at least a second. */
export interface EverySchedule {
  readonly type: 'every';
  readonly everyMs: number;
}

export type Schedule = FieldSchedule | EverySchedule;

/** A schedule that was read, or what is wrong with it in robfig/cron's words. */
export type ParsedSchedule = { readonly ok: true; readonly schedule: Schedule } | { readonly ok: false; readonly fault: string };

interface Field {
  readonly min: number;
  readonly max: number;
  readonly names: readonly string[];
}

/** The values of one field, and whether it is open. */
interface Values {
  readonly bits: bigint;
  readonly isAny: boolean;
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const fields: readonly Field[] = [
  { min: 0, max: 59, names: [] },
  { min: 0, max: 23, names: [] },
  { min: 1, max: 31, names: [] },
  { min: 1, max: 12, names: months },
  { min: 0, max: 6, names: weekdays },
];
const words: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};
const EVERY = '@every ';
const MS_PER_SECOND = 1000;
const NANOSECONDS_PER_SECOND = 1e9;
const NANOSECONDS_PER_UNIT: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: NANOSECONDS_PER_SECOND,
  m: 60e9,
  h: 3600e9,
};
/** What a Go duration holds: 64 bits of nanoseconds, some 292 years. */
const MAX_DURATION_NANOSECONDS = 2 ** 63;
/** White space as Go's strings.Fields knows it. */
const blanks = /[\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/;

const failed = (fault: string): ParsedSchedule => ({ ok: false, fault });

/**
 * Reads a schedule: five fields, or a word. A time zone has a field of its own in a CronJob and does not belong here; Kubernetes refuses
 * `TZ=` and `CRON_TZ=` when a CronJob is made.
 */
export function parseSchedule(text: string): ParsedSchedule {
  if (text.includes('TZ')) return failed('cannot use TZ or CRON_TZ in schedule, use timeZone field instead');
  if (text.startsWith(EVERY)) return parseEvery(text);
  if (text.startsWith('@')) {
    const meaning = Object.hasOwn(words, text) ? words[text] : undefined;
    return meaning === undefined ? failed(`unrecognized descriptor: ${text}`) : parseFields(meaning);
  }
  return parseFields(text);
}

function parseFields(text: string): ParsedSchedule {
  const given = text.split(blanks).filter((field) => field !== '');
  if (given.length !== fields.length)
    return failed(`expected exactly ${fields.length} fields, found ${given.length}: [${given.join(' ')}]`);
  const read: Values[] = [];
  for (const [index, field] of fields.entries()) {
    const values = parseField(given[index] ?? '', field);
    if (typeof values === 'string') return failed(values);
    read.push(values);
  }
  const [minute, hour, day, month, weekday] = read as [Values, Values, Values, Values, Values];
  const schedule: FieldSchedule = {
    type: 'fields',
    minutes: minute.bits,
    hours: hour.bits,
    days: day.bits,
    months: month.bits,
    weekdays: weekday.bits,
    isAnyDay: day.isAny || weekday.isAny,
  };
  return { ok: true, schedule };
}

function parseEvery(text: string): ParsedSchedule {
  const duration = parseDuration(text.slice(EVERY.length));
  if (typeof duration === 'string') return failed(`failed to parse duration ${text}: ${duration}`);
  const seconds = Math.max(1, Math.floor(duration / NANOSECONDS_PER_SECOND));
  return { ok: true, schedule: { type: 'every', everyMs: seconds * MS_PER_SECOND } };
}

/** A length of time as Go writes it, such as 1h30m, in nanoseconds; or what is wrong with it. */
function parseDuration(text: string): number | string {
  const quoted = JSON.stringify(text);
  const invalid = `time: invalid duration ${quoted}`;
  const sign = text.startsWith('-') ? -1 : 1;
  const rest = /^[-+]/.test(text) ? text.slice(1) : text;
  if (rest === '0') return 0;
  if (rest === '') return invalid;
  let total = 0;
  for (let at = 0; at < rest.length; ) {
    const [part = '', number = '', unit = ''] = /^(\d*\.?\d*)([^\d.]*)/.exec(rest.slice(at)) ?? [];
    if (!/\d/.test(number)) return invalid;
    if (unit === '') return `time: missing unit in duration ${quoted}`;
    const scale = Object.hasOwn(NANOSECONDS_PER_UNIT, unit) ? NANOSECONDS_PER_UNIT[unit] : undefined;
    if (scale === undefined) return `time: unknown unit ${JSON.stringify(unit)} in duration ${quoted}`;
    total += Number(number) * scale;
    if (total >= MAX_DURATION_NANOSECONDS) return invalid;
    at += part.length;
  }
  return sign * total;
}

/** One field: ranges with commas between them. Commas too many are passed over. */
function parseField(text: string, field: Field): Values | string {
  let bits = 0n;
  let isAny = false;
  for (const range of text.split(',').filter((part) => part !== '')) {
    const values = parseRange(range, field);
    if (typeof values === 'string') return values;
    bits |= values.bits;
    isAny ||= values.isAny;
  }
  return { bits, isAny };
}

/** One range: `*`, `5`, `1-5`, `MON-FRI`, each perhaps with a step. */
function parseRange(range: string, field: Field): Values | string {
  const [limits = '', stepText, ...moreSteps] = range.split('/');
  const [lowText = '', highText, ...moreHighs] = limits.split('-');
  const isOpen = lowText === '*' || lowText === '?';
  const low = isOpen ? field.min : readValue(lowText, field);
  if (typeof low === 'string') return low;
  if (!isOpen && moreHighs.length > 0) return `too many hyphens: ${range}`;
  const given = isOpen ? field.max : highText === undefined ? low : readValue(highText, field);
  if (typeof given === 'string') return given;
  if (moreSteps.length > 0) return `too many slashes: ${range}`;
  const step = stepText === undefined ? 1 : readNumber(stepText);
  if (typeof step === 'string') return step;
  // A start and a step alone go on to the end of the field.
  const high = stepText !== undefined && highText === undefined ? field.max : given;
  if (low < field.min) return `beginning of range (${low}) below minimum (${field.min}): ${range}`;
  if (high > field.max) return `end of range (${high}) above maximum (${field.max}): ${range}`;
  if (low > high) return `beginning of range (${low}) beyond end of range (${high}): ${range}`;
  if (step === 0) return `step of range should be a positive number: ${range}`;
  // `*/2` is a choice of days, `*/1` is none.
  return { bits: bitsOf(low, high, step), isAny: isOpen && step === 1 };
}

function bitsOf(low: number, high: number, step: number): bigint {
  let bits = 0n;
  for (let value = low; value <= high; value += step) bits |= 1n << BigInt(value);
  return bits;
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
