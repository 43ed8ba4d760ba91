// Ctrl-C: the first asks to stop, the second leaves at once.

/** 128 and the number of SIGINT, as shells report it. */
export const INTERRUPTED_EXIT_CODE = 130;

/** The part of `process` that is needed. */
export interface SignalSource {
  on(event: 'SIGINT' | 'SIGTERM', listener: () => void): unknown;
  exit(code: number): void;
}

/** A signal that the first SIGINT or SIGTERM aborts. The second one exits the process without further ado. */
export function interruptSignal(source: SignalSource): AbortSignal {
  const controller = new AbortController();
  const onSignal = (): void => {
    if (controller.signal.aborted) source.exit(INTERRUPTED_EXIT_CODE);
    else controller.abort(new Error('interrupted'));
  };
  source.on('SIGINT', onSignal);
  source.on('SIGTERM', onSignal);
  return controller.signal;
}

/** What `work` yields, unless the signal is aborted before: then it throws the reason, and what `work` still does is of no interest. */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return await Promise.race([work, abortedWithReason(signal)]);
}

async function abortedWithReason(signal: AbortSignal): Promise<never> {
  await aborted(signal);
  throw signal.reason;
}

/** Resolves when the signal is aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
