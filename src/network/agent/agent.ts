// Keeps one node's data plane as the store says: has the network container run, and lets each lane send what differs, one script after the
// other; what arrives meanwhile goes together into the next. What cannot be sent now is sent later, and nothing that works is taken away
// before. It must not plan rules, names or routes: the lanes ask the planners.
import { isDeepStrictEqual } from 'node:util';
import { allQuiet, type Quiet, quietQueue, type StoreWatch, watchStore } from '../../runtime/watch-store.ts';
import { WorkQueue, type WorkResult } from '../../runtime/work-queue.ts';
import type { Store, WatchEvent } from '../../store/store.ts';
import type { Clock } from '../../system/clock.ts';
import { withDeadline } from '../../system/deadline.ts';
import type { Logger } from '../../system/logger.ts';
import { type NodeContainer, NodeContainerError, type NodeContainerSpec } from '../node-container.ts';
import type { NodeNetwork } from '../node-network.ts';
import { type Lane, ScriptFailed } from './lane.ts';

const CONTAINER_KEY = 'container';
/** How often the container is looked at when nothing happens. */
const CHECK_MS = 5_000;
const ENSURE_DEADLINE_MS = 120_000;
const SCRIPT_DEADLINE_MS = 30_000;
const RETRY = { initialMs: 100, maxMs: 10_000 };

/** Why a node has no network of ours, for people. */
export class NetworkUnavailable extends Error {
  readonly code = 'NETWORK_UNAVAILABLE';
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'NetworkUnavailable';
  }
}

/** How the network of a node is. */
export type NetworkState =
  /** Nobody has asked for it yet, or it is being started. */
  | { readonly phase: 'starting' }
  /** It holds what it should, or is about to. */
  | { readonly phase: 'ready' }
  /** It was ready, and cannot be changed just now: what was programmed holds on. */
  | { readonly phase: 'stale'; readonly message: string }
  /** This node cannot have one. */
  | { readonly phase: 'unavailable'; readonly message: string };

export interface NetworkAgentOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  /** A number in [0, 1), for jitter. */
  readonly random: () => number;
  readonly container: NodeContainer;
  /** The node as it is now. */
  readonly node: () => NodeNetwork;
  /** Gets the image onto the engine and tells its reference; asked whenever the container is looked at. Rejects with NetworkUnavailable when it cannot be had. */
  readonly image: (signal: AbortSignal) => Promise<string>;
  readonly containerSpec: (node: NodeNetwork, image: string) => NodeContainerSpec;
  /** In the order in which a new container gets them. */
  readonly lanes: readonly Lane[];
  /** Hears of every change of the state. */
  readonly onState: (state: NetworkState) => void;
}

/** The agent of one node. */
export class NetworkAgent {
  readonly #options: NetworkAgentOptions;
  readonly #aborter = new AbortController();
  readonly #queue: WorkQueue;
  #watch: StoreWatch | undefined;
  #isWanted = false;
  /** What failed last and has not succeeded since, by key. */
  readonly #faults = new Map<string, string>();
  #state: NetworkState = { phase: 'starting' };
  #waiters: (() => void)[] = [];

  constructor(options: NetworkAgentOptions) {
    this.#options = options;
    this.#queue = new WorkQueue({
      clock: options.clock,
      random: options.random,
      // One script at a time: the container runs them one after the other anyway.
      concurrency: 1,
      work: (key, signal) => (key === CONTAINER_KEY ? this.#ensure(signal) : this.#apply(key, signal)),
      onError: (key, error, retryInMs) => this.#failed(key, error, retryInMs),
      backoff: RETRY,
    });
  }

  get state(): NetworkState {
    return this.#state;
  }

  /** Begins to follow the store. The container is not started before somebody asks for it with `prepare`. */
  start(): void {
    const { store, clock, logger, lanes } = this.#options;
    this.#watch = watchStore({
      store,
      clock,
      logger,
      signal: this.#aborter.signal,
      onRelist: () => {
        for (const lane of lanes) lane.reset(store);
        this.#wakeLanes();
      },
      onEvent: (event) => this.#onEvent(event),
    });
  }

  /** Starts the container unless it was asked for; resolves with the first state that is not `starting`. Never rejects. */
  async prepare(): Promise<NetworkState> {
    if (!this.#isWanted) {
      this.#isWanted = true;
      this.#queue.add(CONTAINER_KEY);
    }
    if (this.#state.phase === 'starting') await new Promise<void>((resolve) => this.#waiters.push(resolve));
    return this.#state;
  }

  isIdle(): boolean {
    return this.#quiet().isIdle();
  }

  idle(): Promise<void> {
    return this.#quiet().idle();
  }

  /** Stops following. What was programmed stays in force. */
  async stop(): Promise<void> {
    this.#aborter.abort(new Error('the network agent stopped'));
    // Whoever waits for it waits no longer; nobody else is told anything.
    this.#wake();
    await this.#queue.stop();
    await this.#watch?.done;
    this.#options.container.close();
  }

  #quiet(): Quiet {
    return allQuiet([quietQueue(this.#queue), this.#watch]);
  }

  #onEvent(event: WatchEvent): void {
    const { store, lanes } = this.#options;
    for (const lane of lanes) if (lane.take(event, store) && this.#isProgrammable()) this.#queue.add(lane.name);
  }

  #isProgrammable(): boolean {
    return this.#state.phase === 'ready' || this.#state.phase === 'stale';
  }

  #wakeLanes(): void {
    if (this.#isProgrammable()) for (const lane of this.#options.lanes) this.#queue.add(lane.name);
  }

  async #ensure(signal: AbortSignal): Promise<WorkResult> {
    const { container, containerSpec, image, node, clock, lanes } = this.#options;
    const spec = containerSpec(node(), await image(signal));
    const ask = (inner: AbortSignal): Promise<boolean> => container.ensure(spec, inner);
    const isNew = await withDeadline(clock, 'starting the network container', ENSURE_DEADLINE_MS, ask, signal);
    if (isNew || !this.#isProgrammable() || this.#faults.has(CONTAINER_KEY)) {
      for (const lane of lanes) lane.forget();
      for (const lane of lanes) if (lane.isEssential) await this.#apply(lane.name, signal);
      this.#succeeded(CONTAINER_KEY);
      // For what pods can do without, for what a lane waits for, and for what has changed since the first pass began.
      this.#wakeLanes();
    }
    return { checkAgainAfterMs: CHECK_MS };
  }

  async #apply(name: string, signal: AbortSignal): Promise<WorkResult> {
    const { store, node, lanes } = this.#options;
    const lane = lanes.find((each) => each.name === name);
    const result = await lane?.apply({ store, node: node(), run: (what, script) => this.#run(what, script, signal) });
    this.#faults.delete(name);
    if (this.#isProgrammable()) this.#succeeded(name);
    return result;
  }

  #succeeded(key: string): void {
    this.#faults.delete(key);
    const [message] = this.#faults.values();
    this.#tell(message === undefined ? { phase: 'ready' } : { phase: 'stale', message });
  }

  async #run(what: string, script: string, signal: AbortSignal): Promise<string> {
    const { clock, container } = this.#options;
    const ask = (inner: AbortSignal): ReturnType<NodeContainer['run']> => container.run(script, inner);
    const { exitCode, output } = await withDeadline(clock, what, SCRIPT_DEADLINE_MS, ask, signal);
    if (exitCode !== 0) throw new ScriptFailed(what, exitCode, output);
    return output;
  }

  #failed(key: string, error: unknown, retryInMs: number | undefined): void {
    const { logger, lanes } = this.#options;
    if (this.#aborter.signal.aborted) return;
    logger.warn({ key, error, retryInMs }, 'network pass failed');
    const message = error instanceof Error ? error.message : String(error);
    const isRefused =
      error instanceof NetworkUnavailable ||
      error instanceof ScriptFailed ||
      (error instanceof NodeContainerError && error.fault === 'Impossible');
    // An engine that does not answer cannot run pods either: whoever waits for the network waits on.
    if (isRefused && !this.#isProgrammable()) this.#tell({ phase: 'unavailable', message });
    else if (this.#isProgrammable()) {
      this.#faults.set(key, message);
      this.#tell({ phase: 'stale', message });
    }
    // A lane that said no is asked again by the queue; whatever else broke, the container is looked at first.
    if (key === CONTAINER_KEY || error instanceof ScriptFailed) return;
    for (const lane of lanes) lane.forget();
    if (this.#isProgrammable()) this.#faults.set(CONTAINER_KEY, message);
    this.#queue.add(CONTAINER_KEY);
  }

  #tell(state: NetworkState): void {
    if (isDeepStrictEqual(state, this.#state)) return;
    this.#state = state;
    this.#options.onState(state);
    this.#wake();
  }

  #wake(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const tell of waiters) tell();
  }
}
