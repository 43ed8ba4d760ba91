// Follows the engine's events. They only wake; after every break everything is listed anew.
import { type Clock, sleep } from '../../system/clock.ts';
import type { Logger } from '../../system/logger.ts';
import type { ContainerEngine, EngineEvent } from './container-engine.ts';

/** How often an engine that does not answer is looked for: its pods may be down until it is found. */
export const LOOK_FOR_ENGINE_MS = 2_000;
const RECONNECT_FIRST_MS = 500;
const RECONNECT_MAX_MS = 15_000;
/** Events are asked for from this long before the break on: clocks differ, and hearing twice is harmless. */
const OVERLAP_MS = 1_000;

export interface EngineWatchOptions {
  readonly engine: ContainerEngine;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly onEvent: (event: EngineEvent) => void;
  /** The stream broke, or is about to be opened again: look at everything. */
  readonly onGap: (error: unknown) => void;
}

/** Follows the events of an engine until its signal is aborted. */
export class EngineWatch {
  /** Resolves when the signal was aborted. Never rejects. */
  readonly done: Promise<void>;
  readonly #options: EngineWatchOptions;
  #fromMs: number;
  #failures = 0;
  /** The stream that is open or being opened, and since when. */
  #stream: { readonly openedAtMs: number; readonly end: AbortController } | undefined;

  /** Begins with what has happened since `sinceMs`. */
  constructor(options: EngineWatchOptions, sinceMs: number) {
    this.#options = options;
    this.#fromMs = sinceMs;
    this.done = this.#follow();
  }

  /**
   * A listing that was begun then (epoch milliseconds) shows what no event told. A stream that was there before it is deaf: it hangs, or
   * its other end is gone without a word. Another is opened, from the listing on; for one that was merely slower that is harmless.
   */
  missed(listedSinceMs: number): void {
    if (this.#stream === undefined || this.#stream.openedAtMs > listedSinceMs) return;
    this.#options.logger.warn({}, 'engine event stream is deaf, opening another');
    this.#fromMs = listedSinceMs - OVERLAP_MS;
    this.#stream.end.abort();
  }

  async #follow(): Promise<void> {
    const { clock, logger, signal, onGap } = this.#options;
    while (!signal.aborted) {
      const end = new AbortController();
      const onAbort = (): void => end.abort();
      signal.addEventListener('abort', onAbort, { once: true });
      this.#stream = { openedAtMs: clock.now(), end };
      const broke = await this.#listen(end.signal);
      this.#stream = undefined;
      signal.removeEventListener('abort', onAbort);
      if (end.signal.aborted) continue;
      logger.warn(broke, 'engine event stream broke');
      onGap(broke.error);
      this.#fromMs = clock.now() - OVERLAP_MS;
      const delayMs = Math.min(RECONNECT_FIRST_MS * 2 ** Math.min(this.#failures, 10), RECONNECT_MAX_MS);
      this.#failures += 1;
      await sleep(clock, delayMs, signal).catch(() => undefined);
    }
  }

  /** Hears one stream to its end; how it ended. */
  async #listen(signal: AbortSignal): Promise<{ readonly error?: unknown }> {
    const { engine, onEvent } = this.#options;
    try {
      for await (const event of engine.events(this.#fromMs, signal)) {
        this.#failures = 0;
        onEvent(event);
      }
      return {};
    } catch (error) {
      return { error };
    }
  }
}
