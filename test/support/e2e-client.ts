// A client that asks the ready pods of a workload in turn, all the time, at their own addresses, as somebody behind a load balancer would.
import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { isConditionTrue } from '../../src/model/conditions.ts';
import type { StoredOf } from '../../src/model/resource.ts';
import type { StoreReader } from '../../src/store/store.ts';

/** Requests that are under way at once. */
const WORKERS = 4;
/** Of a worker, between two requests: what runs on the same machine needs its share of it. */
const PAUSE_MS = 5;
const REQUEST_TIMEOUT_MS = 5_000;
/** Between two looks at who is ready: a proxy that follows a watch is faster. */
const LOOK_AGAIN_MS = 100;

/** What a client has seen. */
export interface LoadReport {
  readonly requests: number;
  /** One line for each request without a good answer. */
  readonly failures: readonly string[];
  /** Every different text that was answered. */
  readonly answers: ReadonlySet<string>;
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
  readonly #answers = new Set<string>();
  /** Requests that are under way, by pod. */
  readonly #underWay = new Map<string, number>();
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

  /** Whether the pod is asked now, or has yet to answer. */
  uses(pod: string): boolean {
    return this.#pods.some(({ metadata }) => metadata.name === pod) || (this.#underWay.get(pod) ?? 0) > 0;
  }

  async stop(): Promise<LoadReport> {
    this.#isStopped = true;
    await this.#done;
    this.#agent.destroy();
    return { requests: this.#requests, failures: this.#failures, answers: this.#answers };
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
      if (pod?.status?.podIP !== undefined) await this.#ask(pod.metadata.name, pod.status.podIP);
      await delay(PAUSE_MS);
    }
  }

  async #ask(pod: string, host: string): Promise<void> {
    this.#requests += 1;
    this.#underWay.set(pod, (this.#underWay.get(pod) ?? 0) + 1);
    try {
      this.#answers.add(await this.#answer(host));
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#failures.push(`${new Date().toISOString()} ${pod} at ${host}: ${why}`);
    } finally {
      this.#underWay.set(pod, (this.#underWay.get(pod) ?? 1) - 1);
    }
  }

  #answer(host: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const call = request({ host, port: this.#port, path: '/', agent: this.#agent, timeout: REQUEST_TIMEOUT_MS }, (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (part: string) => {
          text += part;
        });
        answer.on('end', () =>
          answer.statusCode === 200 ? resolve(text.trim()) : reject(new Error(`status ${answer.statusCode}`)),
        );
        answer.on('error', reject);
      });
      call.on('timeout', () => call.destroy(new Error('no answer')));
      call.on('error', reject);
      call.end();
    });
  }
}
