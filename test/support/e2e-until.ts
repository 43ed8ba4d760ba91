// Waiting for a state: look, judge, look again, until a deadline that tells what was seen last.
import { setTimeout as delay } from 'node:timers/promises';

const DEFAULT_TIMEOUT_MS = 50_000;
const LOOK_AGAIN_MS = 100;
const SHOWN_CHARACTERS = 4_000;

/** How long to wait, and what else to tell when it was in vain. */
export interface UntilOptions {
  readonly timeoutMs?: number;
  /** Looked at only when the state was not reached. */
  readonly explain?: () => string;
}

/** Looks until the state is as it should be, and returns it. A look that throws counts as not yet. Throws with the last state. */
export async function until<T>(
  what: string,
  look: () => T | Promise<T>,
  isReached: (state: T) => boolean,
  { timeoutMs = DEFAULT_TIMEOUT_MS, explain }: UntilOptions = {},
): Promise<T> {
  const endMs = Date.now() + timeoutMs;
  let last = 'nothing';
  for (;;) {
    try {
      const state = await look();
      if (isReached(state)) return state;
      last = shown(state);
    } catch (error) {
      last = error instanceof Error ? error.message : String(error);
    }
    if (Date.now() >= endMs) break;
    await delay(LOOK_AGAIN_MS);
  }
  const more = explain === undefined ? '' : `\n${explain()}`;
  throw new Error(`not reached within ${timeoutMs / 1000} s: ${what}\nlast seen: ${last}${more}`);
}

function shown(state: unknown): string {
  const text = typeof state === 'string' ? state : (JSON.stringify(state, undefined, 1) ?? String(state));
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
}
