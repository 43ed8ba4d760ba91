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

/** Resolves when the signal is aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
