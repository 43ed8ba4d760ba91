// Durations and times as people write and read them.

const MS_PER_UNIT: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
const DURATION = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h))+$/;

/** `30s`, `5m`, `1h30m`, `500ms` → milliseconds; undefined for anything else, and for nothing at all. */
export function parseDuration(text: string): number | undefined {
  if (!DURATION.test(text)) return undefined;
  let totalMs = 0;
  for (const [, amount = '', unit = ''] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g))
    totalMs += Number(amount) * (MS_PER_UNIT[unit] ?? 0);
  return totalMs > 0 ? Math.round(totalMs) : undefined;
}

/** How old something is, as kubectl writes it: `12s`, `5m30s`, `3h`, `2d4h`; `<unknown>` without a time. */
export function age(since: string | undefined, nowMs: number): string {
  const sinceMs = since === undefined ? Number.NaN : Date.parse(since);
  return Number.isNaN(sinceMs) ? '<unknown>' : span(nowMs - sinceMs);
}

/** A length of time in at most two units, the finer one only where it matters. */
export function span(lengthMs: number): string {
  const seconds = Math.max(0, Math.floor(lengthMs / 1000));
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const days = Math.floor(hours / 24);
  if (seconds < 120) return `${seconds}s`;
  if (minutes < 10) return pair(minutes, 'm', seconds % 60, 's');
  if (minutes < 180) return `${minutes}m`;
  if (hours < 8) return pair(hours, 'h', minutes % 60, 'm');
  if (hours < 48) return `${hours}h`;
  if (days < 8) return pair(days, 'd', hours % 24, 'h');
  return `${days}d`;
}

function pair(big: number, bigUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${big}${bigUnit}` : `${big}${bigUnit}${small}${smallUnit}`;
}

/** Writes an RFC 3339 time as hours, minutes and seconds of the reader's day. */
export type TimeOfDay = (rfc3339: string) => string;

/** The reader's time zone: TZ when it names one, else the machine's. */
export function timeOfDayIn(timeZone: string | undefined): TimeOfDay {
  const options = { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false, hourCycle: 'h23' } as const;
  // Made when there is a time to tell: the language's tables take a while to load.
  let format: Intl.DateTimeFormat | undefined;
  return (rfc3339) => {
    const ms = Date.parse(rfc3339);
    if (Number.isNaN(ms)) return rfc3339;
    format ??= formatIn(options, timeZone);
    return format.format(ms);
  };
}

function formatIn(options: Intl.DateTimeFormatOptions, timeZone: string | undefined): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-GB', timeZone === undefined || timeZone === '' ? options : { ...options, timeZone });
  } catch {
    // TZ may hold what only the C library understands, such as a file; the machine's own zone is then right.
    return new Intl.DateTimeFormat('en-GB', options);
  }
}
