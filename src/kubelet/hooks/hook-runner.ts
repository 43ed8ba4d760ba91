// Runs the hooks of containers and keeps what became of them. Kubernetes, "Container Lifecycle Hooks": delivered at least once. It decides
// nothing about containers: it wakes the pod.
import { type Clock, sleep } from '../../system/clock.ts';
import { type ContainerEngine, EngineError } from '../engine/container-engine.ts';
import type { HookKind, HookState, HookStates } from '../plan/remembered.ts';
import type { PodStep } from '../plan/steps.ts';
import type { Prober } from '../probes/prober.ts';
import { addresseeOf, portNumber, urlOf } from '../probes/request.ts';

/** What a hook prints is not told (it may hold secrets), so no more of it is read than it takes to let it run. */
const MAX_OUTPUT_BYTES = 0;
/** Longest wait for the answer to a hook by HTTP. The kubelet has none, but every wait has to end. */
const HTTP_TIMEOUT_MS = 600_000;
/** Pause before a hook is tried again because the engine did not answer; it doubles. Short: the grace goes on once the engine answers. */
const RETRY_FIRST_MS = 1_000;
const RETRY_MAX_MS = 5_000;

export type HookTarget = Extract<PodStep, { type: 'run-hook' }>;

export interface HookRunnerOptions {
  readonly engine: ContainerEngine;
  readonly prober: Prober;
  readonly clock: Clock;
  /** A hook has ended. */
  readonly onChange: (podUid: string) => void;
}

interface Hooked {
  states: HookStates;
  readonly aborter: AbortController;
}

/** The hooks of all containers of a node. */
export class HookRunner {
  readonly #options: HookRunnerOptions;
  readonly #pods = new Map<string, Map<string, Hooked>>();
  #isStopped = false;

  constructor(options: HookRunnerOptions) {
    this.#options = options;
  }

  /** Begins a hook, unless it was begun already. */
  begin(podUid: string, target: HookTarget): void {
    const pod = this.#pods.get(podUid) ?? new Map<string, Hooked>();
    const hooked = pod.get(target.id) ?? { states: {}, aborter: new AbortController() };
    if (this.#isStopped || hooked.states[target.hook] !== undefined) return;
    this.#pods.set(podUid, pod.set(target.id, hooked));
    note(hooked, target.hook, { state: 'running', message: '' });
    void this.#run(podUid, target, hooked.aborter.signal).then((message) => {
      if (hooked.aborter.signal.aborted) return;
      note(hooked, target.hook, message === undefined ? { state: 'done', message: '' } : { state: 'failed', message });
      this.#options.onChange(podUid);
    });
  }

  /** What became of the hooks of a pod's containers, by container id. */
  states(podUid: string): ReadonlyMap<string, HookStates> {
    return new Map([...(this.#pods.get(podUid) ?? [])].map(([id, { states }]) => [id, states]));
  }

  /** Forgets the containers of a pod that do not live any more; what still runs for them is called off. */
  keep(podUid: string, alive: ReadonlySet<string>): void {
    const pod = this.#pods.get(podUid);
    for (const [id, { aborter }] of pod ?? []) {
      if (alive.has(id)) continue;
      aborter.abort(new Error('the container has ended'));
      pod?.delete(id);
    }
    if (pod?.size === 0) this.#pods.delete(podUid);
  }

  /** Lets go of all hooks; commands that run in containers go on. */
  stop(): void {
    this.#isStopped = true;
    for (const uid of this.#pods.keys()) this.keep(uid, new Set());
  }

  /** Why it failed; undefined when it did not, or was called off. An engine that does not answer says nothing about the hook. */
  async #run(podUid: string, target: HookTarget, signal: AbortSignal): Promise<string | undefined> {
    for (let pauseMs = RETRY_FIRST_MS; ; pauseMs = Math.min(pauseMs * 2, RETRY_MAX_MS)) {
      try {
        return await this.#once(target, signal);
      } catch (error) {
        if (signal.aborted) return undefined;
        if (!(error instanceof EngineError) || error.fault !== 'Unreachable')
          return error instanceof Error ? error.message : String(error);
        // Its pod finds out that the engine is away, so that this is not counted as grace.
        this.#options.onChange(podUid);
        await sleep(this.#options.clock, pauseMs, signal).catch(() => undefined);
        if (signal.aborted) return undefined;
      }
    }
  }

  async #once({ id, handler, container, podIP, pod }: HookTarget, signal: AbortSignal): Promise<string | undefined> {
    const { engine, prober, clock } = this.#options;
    if (handler.exec !== undefined) {
      const { command } = handler.exec;
      const { exitCode } = await engine.exec(id, command, MAX_OUTPUT_BYTES, signal);
      return exitCode === 0 ? undefined : `command ${JSON.stringify(command.join(' '))} exited with ${exitCode}`;
    }
    if (handler.httpGet !== undefined) {
      const { httpHeaders = [] } = handler.httpGet;
      const port = portNumber(container, handler.httpGet.port);
      if (port === undefined) return `couldn't find port: ${handler.httpGet.port}`;
      const addressee = addresseeOf(handler.httpGet.host, podIP, pod);
      const url = urlOf(handler.httpGet, addressee.host, port);
      const result = await prober.http(url, httpHeaders, HTTP_TIMEOUT_MS, signal, addressee.pod);
      // As with the kubelet, any answer will do.
      return result.ok || result.isAnswer === true ? undefined : result.message;
    }
    if (handler.sleep !== undefined) await sleep(clock, handler.sleep.seconds * 1000, signal);
    return undefined;
  }
}

function note(hooked: Hooked, kind: HookKind, state: HookState): void {
  hooked.states = { ...hooked.states, [kind]: state };
}
