// A client that asks the ready pods of a workload in turn, all the time, at their own addresses, as somebody behind a load balancer would.
import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { isConditionTrue } from '../../src/model/conditions.ts';
import type { StoredOf } from '../../src/model/resource.ts';
import type { StoreReader } from '../../src/store/store.ts';

const WORKERS = 8;
const REQUEST_TIMEOUT_MS = 5_000;
/** Between two looks at who is ready; the same as a proxy's that follows a watch would be less. */
const LOOK_AGAIN_MS = 50;

/** What a client has seen. */
export interface LoadReport {
  readonly requests: number;
  /** One line for each request without a good answer. */
  readonly failures: readonly string[];
}

/** The pods that a load balancer would send requests to. */
export function servingPods(store: StoreReader, app: string): readonly StoredOf<'Pod'>[] {
  return store
    .list('Pod')
    .filter(
      ({ metadata, status }) =>
        metadata.labels?.['app'] === app &&
        metadata.deletionTimestamp === undefined &&
        isConditionTrue(status?.conditions, 'Ready'),
    );
}

/** Asks until it is stopped. `read` opens the store as it is at that moment. */
export class LoadClient {
  readonly #read: () => StoreReader | undefined;
  readonly #app: string;
  readonly #port: number;
  readonly #agent = new Agent({ keepAlive: false });
  readonly #failures: string[] = [];
  readonly #done: Promise<unknown>;
  #pods: readonly StoredOf<'Pod'>[] = [];
  #requests = 0;
  #turn = 0;
  #isStopped = false;

  constructor(options: { read: () => StoreReader | undefined; app: string; port: number }) {
    this.#read = options.read;
    this.#app = options.app;
    this.#port = options.port;
    this.#done = Promise.all([this.#follow(), ...Array.from({ length: WORKERS }, () => this.#work())]);
  }

  /** Names of the pods in rotation. */
  get pods(): readonly string[] {
    return this.#pods.map(({ metadata }) => metadata.name);
  }

  async stop(): Promise<LoadReport> {
    this.#isStopped = true;
    await this.#done;
    this.#agent.destroy();
    return { requests: this.#requests, failures: this.#failures };
  }

  async #follow(): Promise<void> {
    while (!this.#isStopped) {
      const store = this.#read();
      if (store !== undefined) this.#pods = servingPods(store, this.#app);
      await delay(LOOK_AGAIN_MS);
    }
  }

  async #work(): Promise<void> {
    while (!this.#isStopped) {
      const pod = this.#pods[this.#turn++ % Math.max(1, this.#pods.length)];
      if (pod?.status?.podIP === undefined) await delay(LOOK_AGAIN_MS);
      else await this.#ask(pod.metadata.name, pod.status.podIP);
    }
  }

  async #ask(pod: string, host: string): Promise<void> {
    this.#requests += 1;
    const fault = await new Promise<string | undefined>((resolve) => {
      const call = request({ host, port: this.#port, path: '/', agent: this.#agent, timeout: REQUEST_TIMEOUT_MS }, (answer) => {
        answer.resume();
        answer.on('end', () => resolve(answer.statusCode === 200 ? undefined : `status ${answer.statusCode}`));
        answer.on('error', (error) => resolve(error.message));
      });
      call.on('timeout', () => call.destroy(new Error('no answer')));
      call.on('error', (error) => resolve(error.message));
      call.end();
    });
    if (fault !== undefined) this.#failures.push(`${new Date().toISOString()} ${pod} at ${host}: ${fault}`);
  }
}
