// When new commits are let through: the sync windows of an application at one moment. The rules are those of Argo CD ("Sync Windows"): an
// active deny window shuts; else an active allow window opens; else it is shut when there are any allow windows. Pure.
import { nextTime } from '../../model/schedule/next.ts';
import { parseSchedule, type Schedule } from '../../model/schedule/schedule.ts';
import { type Zone, zoneOf } from '../../model/schedule/zone.ts';
import { durationMs, type SyncWindow } from '../../model/sync-policy.ts';

/** Whether a new commit is let through now, and until when that is so. */
export interface WindowState {
  readonly isOpen: boolean;
  /** Whether a person may have a commit let through although it is shut. */
  readonly isManualOpen: boolean;
  /** When that changes, in epoch milliseconds; absent when it is not known to change. */
  readonly untilMs?: number;
  /** The windows that are the reason, for people. */
  readonly because: string;
}

/** A change that is further away is none that anybody waits for. */
const HORIZON_MS = 400 * 86_400_000;
/** Times that are looked for in schedules before the search for a change is given up. */
const MAX_LOOKS = 1_500;

interface Timed {
  readonly window: SyncWindow;
  readonly schedule: Schedule;
  readonly zone: Zone;
  readonly lengthMs: number;
}

/**
 * Shut or open at this moment. Windows that cannot be read count as shut ones: they are refused before they get here. A change that is not
 * found, because nothing but windows that change nothing is before it, is not told: whoever waits has to ask again from time to time.
 */
export function windowState(windows: readonly SyncWindow[], now: number): WindowState {
  const broken = windows.filter((window) => timedOf(window) === undefined);
  if (broken.length > 0) return shut(broken, 'cannot be read');
  const search = new Search(windows, now);
  const state = search.state();
  for (let time = search.next(); time !== undefined && time - now <= HORIZON_MS; time = search.next())
    if (search.state().isOpen !== state.isOpen) return { ...state, untilMs: time };
  return state;
}

/** Goes from change to change of any of the windows. */
class Search {
  readonly #all: { readonly timed: Timed; isActive: boolean; changeMs: number | undefined }[];
  #looks = 0;

  constructor(windows: readonly SyncWindow[], now: number) {
    this.#all = windows.flatMap((window) => {
      const timed = timedOf(window);
      if (timed === undefined) return [];
      const start = this.#startAfter(timed, now - timed.lengthMs);
      const isActive = start !== undefined && start <= now;
      return [{ timed, isActive, changeMs: isActive ? this.#endOf(timed, start) : start }];
    });
  }

  state(): WindowState {
    const of = (wanted: SyncWindow['kind'], isActive: boolean): readonly SyncWindow[] =>
      this.#all
        .filter((each) => each.timed.window.kind === wanted && each.isActive === isActive)
        .map(({ timed }) => timed.window);
    const denying = of('deny', true);
    if (denying.length > 0) return shut(denying, 'is active');
    const allowing = of('allow', true);
    const waiting = of('allow', false);
    if (allowing.length === 0 && waiting.length > 0) return shut(waiting, 'is not active');
    return { isOpen: true, isManualOpen: true, because: allowing.map(windowText).join(', ') };
  }

  /** Goes on to the next change and tells when it is. */
  next(): number | undefined {
    const time = Math.min(...this.#all.map(({ changeMs = Number.POSITIVE_INFINITY }) => changeMs));
    if (!Number.isFinite(time) || this.#looks >= MAX_LOOKS) return undefined;
    for (const each of this.#all) {
      if (each.changeMs !== time) continue;
      each.isActive = !each.isActive;
      each.changeMs = each.isActive ? this.#endOf(each.timed, time) : this.#startAfter(each.timed, time);
    }
    return time;
  }

  #startAfter({ schedule, zone }: Timed, time: number): number | undefined {
    this.#looks += 1;
    return nextTime(schedule, zone, time);
  }

  /** When a window shuts that began at a time, by itself or anew before it ended; undefined when no end is found. */
  #endOf(timed: Timed, start: number): number | undefined {
    let last: number | undefined = start;
    let end = start + timed.lengthMs;
    while (this.#looks < MAX_LOOKS) {
      last = this.#startAfter(timed, last);
      if (last === undefined || last > end) return end;
      end = last + timed.lengthMs;
    }
    return undefined;
  }
}

/** `deny "0 22 * * *" for 8h (Europe/Vienna)`. */
export function windowText({ kind, schedule, duration, timeZone = 'UTC' }: SyncWindow): string {
  return `${kind} "${schedule}" for ${duration} (${timeZone})`;
}

function timedOf(window: SyncWindow): Timed | undefined {
  const parsed = parseSchedule(window.schedule);
  const lengthMs = durationMs(window.duration);
  if (!parsed.ok || lengthMs === undefined) return undefined;
  try {
    return { window, schedule: parsed.schedule, zone: zoneOf(window.timeZone ?? 'UTC'), lengthMs };
  } catch {
    return undefined;
  }
}

/** A person may only go through what is shut when every window that shuts it says so. */
function shut(windows: readonly SyncWindow[], what: string): WindowState {
  const because = windows.map((window) => `${windowText(window)} ${what}`).join(', ');
  return { isOpen: false, isManualOpen: windows.every(({ manual }) => manual === true), because };
}
