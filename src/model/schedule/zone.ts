// Time zones by their names in the IANA database, as far as schedules need them: what clocks show at an instant, and the instant at which
// they show something. The rules come from the runtime's own tables; nothing here knows the present time.

const MS_PER_DAY = 86_400_000;
/** Transitions of today's zones fall on quarters of an hour, so within one the offset is one. */
const MS_PER_QUARTER = 900_000;
/** Zones that are remembered; more than anybody has in one cluster. */
const MAX_ZONES = 600;

/** What the clocks of a zone show. `month` is 1 to 12, `weekday` 0 to 6 from Sunday. */
export interface ClockReading {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly weekday: number;
}

/** A time zone. */
export interface Zone {
  /** Milliseconds that its clocks are ahead of UTC at an instant (epoch milliseconds). */
  offsetMs(epochMs: number): number;
}

const zones = new Map<string, Zone>();

/** The zone of this name; `UTC` is one. Throws RangeError for a name that the runtime does not know. */
export function zoneOf(name: string): Zone {
  const known = zones.get(name);
  if (known !== undefined) return known;
  const zone = makeZone(name);
  if (zones.size >= MAX_ZONES) zones.clear();
  zones.set(name, zone);
  return zone;
}

function makeZone(name: string): Zone {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: name,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  let quarter = Number.NaN;
  let offset = 0;
  return {
    offsetMs(epochMs) {
      const current = Math.floor(epochMs / MS_PER_QUARTER);
      if (current === quarter) return offset;
      const at = current * MS_PER_QUARTER;
      const shown: Record<string, number> = {};
      for (const { type, value } of format.formatToParts(at)) if (type !== 'literal') shown[type] = Number(value);
      const { year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = shown;
      offset = Date.UTC(year, month - 1, day, hour, minute, second) - at;
      quarter = current;
      return offset;
    },
  };
}

/** What the clocks show at an instant. */
export function clockAt(zone: Zone, epochMs: number): ClockReading {
  const shown = new Date(epochMs + zone.offsetMs(epochMs));
  return {
    year: shown.getUTCFullYear(),
    month: shown.getUTCMonth() + 1,
    day: shown.getUTCDate(),
    hour: shown.getUTCHours(),
    minute: shown.getUTCMinutes(),
    weekday: shown.getUTCDay(),
  };
}

/**
 * The instant at which the clocks show this; a month or day past the end goes on into the next. What the clocks show twice is the second
 * of both in zones ahead of UTC and the first in the others, and what they skip is moved by the gap: as Go's time.Date, which schedules in
 * Kubernetes are computed with.
 */
export function instantOf(zone: Zone, year: number, month: number, day: number, hour = 0, minute = 0): number {
  const shown = Date.UTC(year, month - 1, day, hour, minute);
  return shown - zone.offsetMs(shown - zone.offsetMs(shown));
}

/** An instant as RFC 3339 with the zone's offset, in whole seconds: `2026-03-29T03:00:00+02:00`, or `…Z` when there is none. */
export function toZonedRfc3339(zone: Zone, epochMs: number): string {
  const offset = zone.offsetMs(epochMs);
  const text = new Date(epochMs + offset).toISOString().slice(0, 19);
  if (offset === 0) return `${text}Z`;
  const clock = new Date((Math.abs(offset) + MS_PER_DAY) % MS_PER_DAY).toISOString().slice(11, 16);
  return `${text}${offset < 0 ? '-' : '+'}${clock}`;
}
