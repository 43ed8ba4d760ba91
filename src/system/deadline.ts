// Every outside call has a deadline.
import { setMaxListeners } from 'node:events';
import type { Clock } from './clock.ts';

/** A call did not come back in time. */
export class DeadlineExceeded extends Error {
  readonly code = 'DEADLINE_EXCEEDED';
  constructor(what: string, timeoutMs: number) {
    super(`${what} did not finish within ${timeoutMs / 1000} s`);
    this.name = 'DeadlineExceeded';
  }
}

/**
 * Runs `call` with a signal that is aborted after `timeoutMs` or with `outer`, whichever comes first. Settles then at the
 * latest, even if the call itself ignores its signal.
 */
export async function withDeadline<T>(
  clock: Clock,
  what: string,
  timeoutMs: number,
  call: (signal: AbortSignal) => Promise<T>,
  outer?: AbortSignal,
): Promise<T> {
  const controller = new AbortController();
  const onOuter = (): void => controller.abort(outer?.reason);
  if (outer?.aborted === true) onOuter();
  if (outer !== undefined) {
    // One signal ends all calls of a part, however many are under way: that is no leak, and people must not be warned of one.
    setMaxListeners(0, outer);
    outer.addEventListener('abort', onOuter, { once: true });
  }
  const cancel = clock.after(timeoutMs, () => controller.abort(new DeadlineExceeded(what, timeoutMs)));
  const aborted = new Promise<never>((_resolve, reject) => {
    const fail = (): void => reject(controller.signal.reason as Error);
    if (controller.signal.aborted) fail();
    else controller.signal.addEventListener('abort', fail, { once: true });
  });
  try {
    return await Promise.race([call(controller.signal), aborted]);
  } finally {
    cancel();
    outer?.removeEventListener('abort', onOuter);
  }
}
