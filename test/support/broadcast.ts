// One sender, many async readers: the streams of the fake engine.

const idle = (): void => {};

/** Values that are handed to every reader that is listening. */
export class Broadcast<T> {
  readonly #readers = new Set<{ push: (value: T) => void; end: (error?: Error) => void }>();

  send(value: T): void {
    for (const reader of this.#readers) reader.push(value);
  }

  /** Ends all readers: with an error, or quietly. */
  end(error?: Error): void {
    for (const reader of this.#readers) reader.end(error);
  }

  /** Those who listen now hear nothing more, and are not told so. */
  deafen(): void {
    this.#readers.clear();
  }

  /** First `backlog`, then what is sent from now on. Ends quietly with the signal. */
  async *read(backlog: readonly T[], signal: AbortSignal): AsyncGenerator<T> {
    const queue = [...backlog];
    let isEnded = false;
    let failure: Error | undefined;
    let wake = idle;
    const reader = {
      push: (value: T): void => {
        queue.push(value);
        wake();
      },
      end: (error?: Error): void => {
        isEnded = true;
        failure = error;
        wake();
      },
    };
    const onAbort = (): void => reader.end();
    this.#readers.add(reader);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      for (;;) {
        if (signal.aborted) return;
        const next = queue.shift();
        if (next !== undefined) yield next;
        else if (failure !== undefined) throw failure;
        else if (isEnded) return;
        else
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
      }
    } finally {
      this.#readers.delete(reader);
      signal.removeEventListener('abort', onAbort);
    }
  }
}
