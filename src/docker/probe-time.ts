// How long one probe may take. What the engine needs to get it going is not the container's time, and is not counted.
import { setMaxListeners } from 'node:events';
import { EngineError } from '../kubelet/engine/container-engine.ts';

/** Longest wait for the engine; after it the probe was not asked at all. */
const HOLD_LIMIT_MS = 8_000;

/** The time of one probe, which runs from its making on. */
export class ProbeTime {
  /** Aborted when the time is over, or the probe is called off. */
  readonly signal: AbortSignal;
  readonly #calledOff: AbortSignal;
  readonly #over = new AbortController();
  #leftMs: number;
  #since = 0;
  #timer: NodeJS.Timeout | undefined;
  #holds = 0;

  constructor(timeoutMs: number, calledOff: AbortSignal) {
    this.#calledOff = calledOff;
    this.#leftMs = timeoutMs;
    this.signal = AbortSignal.any([calledOff, this.#over.signal]);
    // A row of redirects is a row of connections; that is no leak.
    setMaxListeners(0, this.signal);
    this.#run();
  }

  /** Whether the container did not answer in time. */
  get isOver(): boolean {
    return this.#over.signal.aborted;
  }

  /** Stands still until the function that it returns is called, which is harmless twice. */
  hold(): () => void {
    if (this.#holds++ === 0) this.#stand();
    let isHeld = true;
    return () => {
      if (isHeld && --this.#holds === 0 && !this.isOver) this.#run();
      isHeld = false;
    };
  }

  /** Throws when a failure says nothing about the container: the probe was called off, or the engine did not do its part. */
  throwIfUnasked(failure: unknown): void {
    this.#calledOff.throwIfAborted();
    // When the time is over, that is why calls of the engine fail, too.
    const cause: unknown = this.isOver ? this.#over.signal.reason : failure;
    if (cause instanceof EngineError) throw cause;
  }

  /** No timer is left. */
  end(): void {
    clearTimeout(this.#timer);
  }

  #run(): void {
    this.#since = performance.now();
    this.#after(this.#leftMs, () => new Error('no answer in time'));
  }

  #stand(): void {
    this.#leftMs -= performance.now() - this.#since;
    this.#after(HOLD_LIMIT_MS, () => new EngineError('Unreachable', `the engine did nothing for ${HOLD_LIMIT_MS / 1000} s`));
  }

  #after(delayMs: number, reason: () => Error): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#over.abort(reason()), Math.max(0, delayMs));
    this.#timer.unref();
  }
}
