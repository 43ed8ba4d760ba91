// Calls of the Docker Engine by commands: each has a deadline, and Ctrl-C ends it.
import { withDeadline } from '../system/deadline.ts';
import type { Parts } from './parts.ts';

/** How long the engine may take for one call. */
const ENGINE_TIMEOUT_MS = 30_000;

/** Rejects with DeadlineExceeded, with what interrupted it, or with what the call rejects with. `what` is for people: `listing volumes`. */
export function callEngine<T>(
  { clock, interrupted }: Pick<Parts, 'clock' | 'interrupted'>,
  what: string,
  ask: (signal: AbortSignal) => Promise<T>,
  timeoutMs: number = ENGINE_TIMEOUT_MS,
): Promise<T> {
  return withDeadline(clock, what, timeoutMs, ask, interrupted);
}
