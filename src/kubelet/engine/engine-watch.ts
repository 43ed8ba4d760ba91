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

/** Follows events from `sinceMs` on until the signal is aborted. Never rejects. */
export async function watchEngine(options: EngineWatchOptions, sinceMs: number): Promise<void> {
  const { engine, clock, logger, signal, onEvent, onGap } = options;
  let from = sinceMs;
  let failures = 0;
  while (!signal.aborted) {
    try {
      for await (const event of engine.events(from, signal)) {
        failures = 0;
        onEvent(event);
      }
      if (signal.aborted) return;
      logger.warn({}, 'engine event stream ended');
      onGap(undefined);
    } catch (error) {
      if (signal.aborted) return;
      logger.warn({ error }, 'engine event stream broke');
      onGap(error);
    }
    from = clock.now() - OVERLAP_MS;
    const delayMs = Math.min(RECONNECT_FIRST_MS * 2 ** Math.min(failures, 10), RECONNECT_MAX_MS);
    failures += 1;
    await sleep(clock, delayMs, signal).catch(() => undefined);
  }
}
