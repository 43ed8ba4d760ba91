// A node in memory for tests of the kubelet: store, engine and kubelet on one virtual clock.
import type { ContainerSeen } from '../../src/kubelet/engine/container-engine.ts';
import { Kubelet } from '../../src/kubelet/kubelet.ts';
import type { KubeletOptions } from '../../src/kubelet/kubelet-options.ts';
import { CONTAINER_LABEL, ROLE_LABEL } from '../../src/kubelet/labels.ts';
import type { ProbeResult } from '../../src/kubelet/probes/probe-state.ts';
import type { Prober } from '../../src/kubelet/probes/prober.ts';
import type { ContainerStatus, PodStatus, Resource, StoredOf } from '../../src/model/resource.ts';
import { openMemoryStore } from '../../src/store/memory-store.ts';
import type { Store } from '../../src/store/store.ts';
import { silentLogger } from '../../src/system/logger.ts';
import { FakeClock } from './fake-clock.ts';
import { FakeEngine } from './fake-engine.ts';
import { seededIds } from './seeded-ids.ts';

export const NODE_NAME = 'node-a';
export const TEST_CLUSTER = 'test';

export class SmallNode {
  readonly clock = new FakeClock();
  readonly engine: FakeEngine;
  store: Store;
  kubelet: Kubelet;
  /** What HTTP and TCP probes are answered. */
  answer: ProbeResult = { ok: true };
  readonly asked: string[] = [];
  /** What the kubelet is made with beside. */
  options: Partial<KubeletOptions> = {};
  #generation = 0;

  constructor(options: Partial<KubeletOptions> = {}) {
    this.options = options;
    this.engine = new FakeEngine({ clock: this.clock, name: NODE_NAME, images: ['busybox:1.36'] });
    this.store = this.newStore();
    this.kubelet = this.newKubelet();
  }

  newStore(): Store {
    this.#generation += 1;
    return openMemoryStore({ clock: this.clock, ids: seededIds(this.#generation) });
  }

  newKubelet(): Kubelet {
    const { clock, engine, store } = this;
    const ids = seededIds(7);
    const prober = this.#prober();
    return new Kubelet({ store, engine, clock, ids, logger: silentLogger, cluster: TEST_CLUSTER, prober, ...this.options });
  }

  #prober(): Prober {
    const ask = (what: string): Promise<ProbeResult> => {
      this.asked.push(what);
      return Promise.resolve(this.answer);
    };
    return {
      http: (url) => ask(url),
      tcp: (host, port) => ask(`${host}:${port}`),
      grpc: (host, port, service) => ask(`grpc://${host}:${port}/${service}`),
    };
  }

  async start(): Promise<void> {
    await this.kubelet.start();
    await this.clock.settle();
  }

  /** The kubelet ends without a word, and another begins on the same store. */
  async restart(): Promise<void> {
    await this.kubelet.stop();
    this.kubelet = this.newKubelet();
    await this.start();
  }

  /** As restart, but all that the store knew is gone. */
  async loseStore(): Promise<void> {
    await this.kubelet.stop();
    this.store = this.newStore();
    this.kubelet = this.newKubelet();
    await this.start();
  }

  /** Creates an object as a client would, and lets the world settle. */
  async create(resource: Resource, uid?: string): Promise<void> {
    const result = await this.store.write([{ op: 'create', resource, ...(uid === undefined ? {} : { uid }) }]);
    if (!result.ok) throw new Error(result.message);
    await this.clock.settle();
  }

  /** Asks for the deletion of a pod, as a client would. */
  async deletePod(name: string, graceSeconds: number): Promise<void> {
    const pod = this.pod(name);
    const metadata = {
      ...pod.metadata,
      deletionTimestamp: new Date(this.clock.now() + graceSeconds * 1000).toISOString(),
      deletionGracePeriodSeconds: graceSeconds,
    };
    await this.store.write([{ op: 'update', resource: { ...pod, metadata } }]);
    await this.clock.settle();
  }

  pod(name = 'web'): StoredOf<'Pod'> {
    const pod = this.store.get('Pod', 'default', name);
    if (pod === undefined) throw new Error(`no pod ${name}`);
    return pod;
  }

  status(name = 'web'): PodStatus {
    return this.pod(name).status ?? {};
  }

  containerStatus(container = 'main', pod = 'web'): ContainerStatus {
    const found = this.status(pod).containerStatuses?.find((each) => each.name === container);
    if (found === undefined) throw new Error(`no status of ${container}`);
    return found;
  }

  isReady(name = 'web'): boolean {
    return this.status(name).conditions?.some((each) => each.type === 'Ready' && each.status === 'True') === true;
  }

  /** Reasons of the events of a pod, oldest first. */
  events(name = 'web'): readonly string[] {
    return this.store
      .list('Event', 'default')
      .filter((event) => event.involvedObject.name === name)
      .map((event) => `${event.reason}: ${event.message}`);
  }

  sandboxes(): readonly ContainerSeen[] {
    return this.engine.containers().filter((each) => each.labels[ROLE_LABEL] === 'sandbox');
  }

  /** Runs of a container, oldest first. */
  runs(container = 'main'): readonly ContainerSeen[] {
    return this.engine.containers().filter((each) => each.labels[CONTAINER_LABEL] === container);
  }

  /** The only living run of a container. */
  living(container = 'main'): ContainerSeen {
    const living = this.runs(container).filter((each) => each.state === 'running');
    const only = living[0];
    if (only === undefined || living.length > 1) throw new Error(`${living.length} living runs of ${container}`);
    return only;
  }
}
