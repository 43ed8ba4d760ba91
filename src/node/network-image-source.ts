// The image of a node's network container, asked for again and again until it is to be had: a registry comes back, programs are installed. Until
// then the container that is there goes on with the image that it has.
import { NetworkUnavailable } from '../network/agent/agent.ts';
import type { Logger } from '../system/logger.ts';
import type { NetworkImage } from './network-image.ts';

/** How long is waited after the first failure; twice as long after each further one, up to the second number. */
const PAUSE = { firstMs: 5_000, lastMs: 120_000 };

export interface NetworkImageSourceOptions {
  /** Gets the image onto the engine. Rejects with NetworkUnavailable when it cannot be had now. */
  readonly ensure: (signal: AbortSignal) => Promise<NetworkImage>;
  /** The image of the network container that the engine has; undefined when there is none. */
  readonly inUse: (signal: AbortSignal) => Promise<string | undefined>;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly logger: Logger;
}

/** Tells which image to use. */
export class NetworkImageSource {
  readonly #options: NetworkImageSourceOptions;
  #found: string | undefined;
  #instead: string | undefined;
  #failure: NetworkUnavailable | undefined;
  #failures = 0;
  #againAtMs = 0;
  #looking: Promise<void> | undefined;

  constructor(options: NetworkImageSourceOptions) {
    this.#options = options;
  }

  /**
   * The reference of an image that the engine has. May be called at any time: the image is looked for only when it is time. Rejects with
   * NetworkUnavailable while there is none, and with the engine's error.
   */
  async reference(signal: AbortSignal): Promise<string> {
    if (this.#found !== undefined) return this.#found;
    if (this.#options.now() >= this.#againAtMs) {
      this.#looking ??= this.#look(signal).finally(() => {
        this.#looking = undefined;
      });
      if (this.#instead === undefined) await this.#looking;
      // Whoever has an image is not kept waiting by a registry.
      else this.#looking.catch((error: unknown) => this.#options.logger.warn({ error }, 'could not look for an image'));
    }
    const reference = this.#found ?? this.#instead;
    if (reference !== undefined) return reference;
    throw this.#failure ?? new NetworkUnavailable('the image of the network container was not looked for');
  }

  async #look(signal: AbortSignal): Promise<void> {
    const { ensure, inUse, now, logger } = this.#options;
    try {
      const { reference, how } = await ensure(signal);
      this.#found = reference;
      this.#failure = undefined;
      logger.info({ image: reference, how }, 'image of the network container');
    } catch (error) {
      if (!(error instanceof NetworkUnavailable)) throw error;
      const pauseMs = Math.min(PAUSE.firstMs * 2 ** this.#failures, PAUSE.lastMs);
      this.#failures += 1;
      this.#againAtMs = now() + pauseMs;
      this.#failure = new NetworkUnavailable(
        `${error.message}; it is tried again by itself, every two minutes at the latest`,
        error,
      );
      this.#instead = await inUse(signal);
      const told = { error, retryInMs: pauseMs, ...(this.#instead === undefined ? {} : { image: this.#instead }) };
      logger.warn(told, 'the image of the network container is not to be had');
    }
  }
}
