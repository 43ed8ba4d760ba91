// Keeps the plug of a node running, and plugs sandboxes in. Whoever asks is told at once when it cannot: pods have Docker's own network then, as
// they have on engines that can have no plug. It must not decide which pods are plugged.
import { WorkQueue, type WorkResult } from '../../runtime/work-queue.ts';
import type { Clock } from '../../system/clock.ts';
import { withDeadline } from '../../system/deadline.ts';
import type { Logger } from '../../system/logger.ts';
import { ScriptFailed } from '../agent/lane.ts';
import type { NodeContainer } from '../node-container.ts';
import { attachScript, type PlugNetwork, type PlugRequest, plugScript, TRY_SCRIPT } from './plug-script.ts';
import { plugContainerSpec } from './plug-spec.ts';

const KEY = 'plug';
/** How often the plug is looked at when nothing happens. */
const CHECK_MS = 10_000;
const ENSURE_DEADLINE_MS = 60_000;
const SCRIPT_DEADLINE_MS = 15_000;
/** What the first pods of a process wait for the plug at most. */
const PATIENCE_MS = 10_000;
/** So many sandboxes in a row that could not be plugged in show that none can be, for a while. */
const MAX_REFUSALS = 3;
const REST_MS = 600_000;
const RETRY = { initialMs: 200, maxMs: 60_000 };

/** How the plug of a node is. */
export type PlugState =
  | { readonly phase: 'starting' | 'ready' }
  /** Sandboxes have Docker's network for now. */
  | { readonly phase: 'unavailable'; readonly message: string };

export interface PlugAgentOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** A number in [0, 1), for jitter. */
  readonly random: () => number;
  readonly container: NodeContainer;
  readonly network: () => PlugNetwork;
  /** See NetworkAgentOptions. */
  readonly image: (signal: AbortSignal) => Promise<string>;
  /** Hears of every change of the state. */
  readonly onState: (state: PlugState) => void;
}

/** The plug of one node. */
export class PlugAgent {
  readonly #options: PlugAgentOptions;
  readonly #queue: WorkQueue;
  #state: PlugState = { phase: 'starting' };
  #isWanted = false;
  #refusals = 0;
  #restUntilMs = 0;
  #waiters: (() => void)[] = [];

  constructor(options: PlugAgentOptions) {
    this.#options = options;
    this.#queue = new WorkQueue({
      clock: options.clock,
      random: options.random,
      concurrency: 1,
      work: (_key, signal) => this.#ensure(signal),
      onError: (_key, error, retryInMs) => this.#failed(error, retryInMs),
      backoff: RETRY,
    });
  }

  get state(): PlugState {
    return this.#state;
  }

  /** Starts the plug unless that was asked for; resolves when it is known whether there is one. Takes ten seconds at most, and never rejects. */
  async prepare(): Promise<void> {
    if (!this.#isWanted) {
      this.#isWanted = true;
      this.#queue.add(KEY);
      const { clock } = this.#options;
      clock.after(PATIENCE_MS, () => {
        if (this.#state.phase === 'starting') this.#tell(`it was not there within ${PATIENCE_MS / 1000} s`);
      });
    }
    if (this.#state.phase === 'starting') await new Promise<void>((resolve) => this.#waiters.push(resolve));
  }

  /** Plugs a running sandbox in; doing it again is harmless. Rejects with ScriptFailed, NodeContainerError or DeadlineExceeded. */
  async plug(request: PlugRequest, signal: AbortSignal): Promise<void> {
    const { clock, network } = this.#options;
    try {
      await this.#run(`plug container ${request.containerId.slice(0, 12)} in`, plugScript(network(), request), signal);
      this.#refusals = 0;
    } catch (error) {
      this.#refusals += 1;
      const message = error instanceof Error ? error.message : String(error);
      if (this.#refusals >= MAX_REFUSALS) this.#restUntilMs = clock.now() + REST_MS;
      // A script that said no may speak of its sandbox alone; whatever else broke, the plug is looked at before it is used again.
      if (!(error instanceof ScriptFailed) || this.#refusals >= MAX_REFUSALS) this.#tell(message);
      this.#queue.add(KEY);
      throw error;
    }
  }

  /** Ends with the process; the plug goes on waiting, and what it has plugged in stays. */
  async stop(): Promise<void> {
    this.#wake();
    await this.#queue.stop();
    this.#options.container.close();
  }

  async #ensure(signal: AbortSignal): Promise<WorkResult> {
    const { clock, container, image, network } = this.#options;
    const restMs = (): number => this.#restUntilMs - clock.now();
    if (restMs() > 0) return { checkAgainAfterMs: restMs() };
    const ask = async (inner: AbortSignal): Promise<boolean> => container.ensure(plugContainerSpec(await image(inner)), inner);
    const isNew = await withDeadline(clock, 'starting the plug', ENSURE_DEADLINE_MS, ask, signal);
    if (isNew || this.#state.phase !== 'ready') await this.#run('try the plug', TRY_SCRIPT, signal);
    await this.#run('put pods back on their bridge', attachScript(network()), signal);
    // Sandboxes may have been refused meanwhile.
    if (restMs() > 0) return { checkAgainAfterMs: restMs() };
    this.#tell(undefined);
    return { checkAgainAfterMs: CHECK_MS };
  }

  async #run(what: string, script: string, signal: AbortSignal): Promise<void> {
    const { clock, container } = this.#options;
    const ask = (inner: AbortSignal): ReturnType<NodeContainer['run']> => container.run(script, inner);
    const { exitCode, output } = await withDeadline(clock, what, SCRIPT_DEADLINE_MS, ask, signal);
    if (exitCode !== 0) throw new ScriptFailed(what, exitCode, output);
  }

  #failed(error: unknown, retryInMs: number | undefined): void {
    this.#options.logger.warn({ error, retryInMs }, 'the plug of the node is not there');
    this.#tell(error instanceof Error ? error.message : String(error));
  }

  /** `problem`: why there is none; undefined when there is one. */
  #tell(problem: string | undefined): void {
    const before = this.#state;
    this.#state = problem === undefined ? { phase: 'ready' } : { phase: 'unavailable', message: problem };
    const isSame = before.phase === this.#state.phase && (before.phase !== 'unavailable' || before.message === problem);
    if (!isSame) this.#options.onState(this.#state);
    this.#wake();
  }

  #wake(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const tell of waiters) tell();
  }
}
