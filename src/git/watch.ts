// Changes of files as an iteration. A hint only: what it misses, the next poll sees.
import { watch } from 'chokidar';
import type { Cancel, Clock } from '../system/clock.ts';

/** What to watch. */
export interface WatchOptions {
  readonly folders: readonly string[];
  /** Paths that do not matter; folders among them are not entered. */
  readonly isIgnored: (path: string) => boolean;
  /** Changes within this time count as one: the files of one save, the refs of one push. */
  readonly settleMs: number;
  readonly clock: Clock;
}

/**
 * Yields once when the watch stands, because what came before was not seen, and then after every change. Changes during a slow
 * reader collapse into one. Ends with any of the signals.
 */
export async function* fileChanges(options: WatchOptions, signals: readonly AbortSignal[]): AsyncGenerator<void> {
  const isOver = (): boolean => signals.some((signal) => signal.aborted);
  if (isOver()) return;
  let hasChanged = false;
  let wake = (): void => {};
  const settle = settling(options, () => {
    hasChanged = true;
    wake();
  });
  const watcher = watch([...options.folders], { ignored: options.isIgnored, ignoreInitial: true, followSymlinks: false });
  watcher.on('all', () => settle.touch());
  watcher.on('ready', () => settle.touch());
  // Too many watches, or a folder that went away: polling goes on.
  watcher.on('error', () => {});
  const onAbort = (): void => wake();
  for (const signal of signals) signal.addEventListener('abort', onAbort, { once: true });
  try {
    while (!isOver()) {
      if (!hasChanged) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      if (isOver()) return;
      if (!hasChanged) continue;
      hasChanged = false;
      yield;
    }
  } finally {
    settle.stop();
    for (const signal of signals) signal.removeEventListener('abort', onAbort);
    await watcher.close();
  }
}

function settling({ clock, settleMs }: WatchOptions, onSettled: () => void): { touch(): void; stop(): void } {
  let cancel: Cancel | undefined;
  return {
    touch() {
      cancel ??= clock.after(settleMs, () => {
        cancel = undefined;
        onSettled();
      });
    },
    stop() {
      cancel?.();
    },
  };
}
