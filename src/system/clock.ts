// Time as an argument. Only the process's entry point builds the real clock; simulations build a virtual one.

/** Stops a timer that has not fired; harmless afterwards. */
export type Cancel = () => void;

/** The time, and timers on it. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Milliseconds that only ever grow, whatever is done to the clock; what they are counted from means nothing. */
  elapsed(): number;
  /** Calls `callback` once, after `delayMs`, never synchronously. */
  after(delayMs: number, callback: () => void): Cancel;
}

/** Longest delay of one timer of the platform; longer ones are chained. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** The clock of the machine. Its timers do not keep the process alive by themselves only when `unref` is set. */
export function systemClock(options: { unref?: boolean } = {}): Clock {
  const after = (delayMs: number, callback: () => void): Cancel => {
    let cancelled = false;
    let cancelNext: Cancel = () => {};
    const timer = setTimeout(
      () => {
        if (cancelled) return;
        if (delayMs > MAX_TIMER_MS) cancelNext = after(delayMs - MAX_TIMER_MS, callback);
        else callback();
      },
      Math.min(Math.max(delayMs, 0), MAX_TIMER_MS),
    );
    if (options.unref === true) timer.unref();
    return () => {
      cancelled = true;
      clearTimeout(timer);
      cancelNext();
    };
  };
  return { now: () => Date.now(), elapsed: () => performance.now(), after };
}

/** Resolves after `delayMs`, or rejects with the signal's reason as soon as it is aborted. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(signal.reason as Error);
      return;
    }
    const onAbort = (): void => {
      cancel();
      reject(signal?.reason as Error);
    };
    const cancel = clock.after(delayMs, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
