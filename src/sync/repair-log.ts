// Sees when the same repair is made again and again: somebody else keeps changing it. Then it is named and made less often. Pure but
// for its memory, which a restart may lose.
import { displayKey, keyString, type ResourceKey } from '../model/resource.ts';
import { foundText } from './drift.ts';
import type { PlannedChange } from './planned.ts';

/** Repairs of one object within the window that are made at once. */
const FREE_REPAIRS = 5;
const WINDOW_MS = 600_000;
const FIRST_DELAY_MS = 10_000;
const LONGEST_DELAY_MS = 300_000;

export class RepairLog {
  readonly #times = new Map<string, { key: ResourceKey; found: string; atMs: readonly number[] }>();

  /** Notes that these objects were repaired. */
  note(changes: readonly PlannedChange[], now: number): void {
    for (const change of changes) {
      const { key } = change;
      const old = this.#times.get(keyString(key))?.atMs ?? [];
      this.#times.set(keyString(key), {
        key,
        found: foundText(change),
        atMs: [...old.filter((time) => isWithin(time, now)), now],
      });
    }
    for (const [id, { atMs }] of this.#times) if ((atMs.at(-1) ?? 0) + WINDOW_MS <= now) this.#times.delete(id);
  }

  /** When an object may be repaired next, in epoch milliseconds; in the past when it may be now. */
  allowedAtMs(key: ResourceKey, now: number): number {
    const times = (this.#times.get(keyString(key))?.atMs ?? []).filter((time) => isWithin(time, now));
    const excess = times.length - FREE_REPAIRS;
    if (excess < 0) return 0;
    return (times.at(-1) ?? 0) + Math.min(FIRST_DELAY_MS * 2 ** excess, LONGEST_DELAY_MS);
  }

  /** Names the objects, and what of them, that are repaired again and again; undefined when there is none. */
  complaint(now: number): string | undefined {
    const loops = [...this.#times.values()].filter(
      ({ atMs }) => atMs.filter((time) => isWithin(time, now)).length > FREE_REPAIRS,
    );
    if (loops.length === 0) return undefined;
    return `something else keeps changing ${loops.map(({ key, found }) => `${displayKey(key)} (${found})`).join(', ')}; it is put right again, but less often`;
  }
}

/** What lies ahead is from before the clock was set back. */
function isWithin(timeMs: number, now: number): boolean {
  return timeMs <= now && now - timeMs < WINDOW_MS;
}
