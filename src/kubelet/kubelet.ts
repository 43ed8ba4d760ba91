// The kubelet: runs the pods of one node on one Docker Engine. It turns whatever happens (store, engine, probes, images, time) into keys
// of one queue, and works on one key at a time. It must not decide anything about a pod here: planPod does.
import type { StoredOf } from '../model/resource.ts';
import { allQuiet, type Quiet, quietQueue, watchStore } from '../runtime/watch-store.ts';
import { WorkQueue, type WorkResult } from '../runtime/work-queue.ts';
import type { WatchEvent } from '../store/store.ts';
import { DeadlineExceeded } from '../system/deadline.ts';
import { setUpNode } from './addresses/node-setup.ts';
import { boundPlug } from './addresses/perform-sandbox.ts';
import { PodAddresses } from './addresses/pod-addresses.ts';
import type { PodNetwork } from './addresses/pod-network.ts';
import { podsConcerned } from './concerned-pods.ts';
import { EngineError, type EngineEvent } from './engine/container-engine.ts';
import { engineCalls } from './engine/engine-calls.ts';
import { EngineWatch, LOOK_FOR_ENGINE_MS } from './engine/engine-watch.ts';
import { HookRunner } from './hooks/hook-runner.ts';
import { ImageManager } from './images/images.ts';
import type { KubeletOptions } from './kubelet-options.ts';
import { CARRIER_ROLE, ROLE_LABEL } from './labels.ts';
import { podsReleased } from './left-alone.ts';
import { NodeReporter, whatItJustSaid } from './node.ts';
import { NodeCare } from './node-care.ts';
import { NodePreparation } from './node-preparation.ts';
import { PodTable } from './pod-table.ts';
import { podVersion } from './pod-version.ts';
import { PodWorker } from './pod-worker.ts';
import { ProbeRunner } from './probes/probe-runner.ts';
import { recover } from './recover.ts';
import type { Running } from './running.ts';
import { ClaimKeeper } from './volumes/claims.ts';
import { isRecursivelyReadOnly } from './volumes/read-only.ts';

const DEFAULT_RESYNC_MS = 30_000;
/** More pods in flight than this make a Docker Engine slower, not faster. */
const DEFAULT_CONCURRENCY = 8;
/** A pod whose name another one still has is looked at again after this time. */
const NAME_TAKEN_MS = 1_000;
const RETRY = { initialMs: 200, maxMs: 30_000 };
const POD_PREFIX = 'pod/';
const RELIST_KEY = 'relist';

/** Runs the pods of one node. */
export class Kubelet {
  readonly #options: KubeletOptions;
  readonly #aborter = new AbortController();
  readonly #images: ImageManager;
  readonly #pods: PodTable;
  readonly #freshVolumes = new Set<string>();
  /** What of a pod was last acted upon, so that its own status does not wake it. */
  readonly #handled = new Map<string, string>();
  #running: Running | undefined;

  constructor(options: KubeletOptions) {
    this.#options = options;
    this.#pods = new PodTable(options.store);
    this.#images = options.images ?? new ImageManager(options);
  }

  /** The images of this node, for whoever wants them there before their pods are. */
  get images(): ImageManager {
    return this.#images;
  }

  /**
   * Rebuilds what a lost store forgot, registers the node, and begins to work. Rejects with an EngineError or DeadlineExceeded when
   * the engine does not answer now; later breaks are survived.
   */
  async start(): Promise<void> {
    const { store, engine, clock, ids, logger, cluster, prober, engineSaid, resyncMs = DEFAULT_RESYNC_MS } = this.#options;
    const signal = this.#aborter.signal;
    const calls = engineCalls(engine, clock, signal);
    const sinceMs = clock.now();
    const info = whatItJustSaid(engineSaid, sinceMs) ?? (await calls.info());
    const [seen, volumes] = await Promise.all([calls.list(), calls.listVolumes()]);
    const { nodeName, nodeAddress, addressNow, network, ...setup } = await setUpNode(this.#options, calls, info, signal);
    await recover(store, seen, nodeName, logger);
    this.#pods.remember(seen, volumes);
    // What a kubelet that was killed in the middle of a copy has left.
    const carriers = seen.filter(({ labels }) => labels[ROLE_LABEL] === CARRIER_ROLE);
    await Promise.allSettled(carriers.map(({ id }) => calls.remove(id)));
    const doors = this.#options.network?.ingressPorts;
    const node = new NodeReporter({ store, clock, name: nodeName, address: nodeAddress, addressNow, info, network, doors });
    await node.register();
    const addresses = network && new PodAddresses({ network, store, pods: this.#pods, clock, nodeName });
    const queue = new WorkQueue({
      clock,
      random: () => ids.random(),
      concurrency: this.#options.concurrency ?? DEFAULT_CONCURRENCY,
      work: (key) => this.#work(key),
      onError: (key, error, retryInMs) => this.#failed(key, error, retryInMs),
      backoff: RETRY,
    });
    const onChange = (uid: string): void => queue.add(POD_PREFIX + uid);
    const probes = new ProbeRunner({ engine, prober, clock, random: () => ids.random(), onChange });
    const hooks = new HookRunner({ engine, prober, clock, onChange });
    const preparation = new NodePreparation(calls, cluster, info.architecture, network, this.#options.network);
    const facts = {
      ...setup,
      ...(network === undefined ? {} : { network }),
      cluster,
      nodeName,
      get nodeAddress() {
        return node.address;
      },
      node: { ...info, isRecursivelyReadOnly: isRecursivelyReadOnly(info), ...this.#options.nodeSettings },
    };
    const relist = (): void => queue.add(RELIST_KEY);
    const claims = new ClaimKeeper({
      store,
      calls,
      preparation,
      cluster,
      nodeName,
      now: () => clock.now(),
      freshVolumes: this.#freshVolumes,
      onReady: (claim) => this.#pods.consumersOf(claim, 'claims').forEach((uid) => queue.add(POD_PREFIX + uid)),
    });
    await claims.remember(volumes);
    const parts = {
      store,
      clock,
      logger,
      calls,
      images: this.#images,
      preparation,
      addresses,
      plug: boundPlug(this.#options.network?.plug, clock, signal),
      probes,
      hooks,
      freshVolumes: this.#freshVolumes,
      claims,
      facts,
      hasNames: this.#options.network?.hasNames,
      traffic: this.#options.traffic,
      relist,
    };
    const worker = new PodWorker(parts);
    const wake = (uids: readonly string[]): void => uids.forEach((uid) => queue.add(POD_PREFIX + uid));
    this.#images.onChange(() => wake(this.#pods.waitingForImages()));
    this.#options.traffic?.onLeft(wake);
    const { rootDirectory } = info;
    const nodeParts = { nodeName, rootDirectory, calls, images: this.#images, pods: this.#pods, queue, wake };
    const care = new NodeCare({ ...this.#options, ...nodeParts });
    queue.addAfter(RELIST_KEY, resyncMs);
    const onEvent = (event: EngineEvent): void => wake(this.#pods.heard(event));
    const events = new EngineWatch({ engine, clock, logger, signal, onEvent, onGap: relist }, sinceMs);
    // The watch calls back at once; nothing is worked on before this function has ended.
    const watch = watchStore({
      store,
      clock,
      logger,
      signal,
      onRelist: () => this.#enqueueAll(queue, nodeName, claims, care),
      onEvent: (event) => this.#onStoreEvent(event, queue, nodeName, claims, care),
    });
    const own = { nodeName, facts, addresses, preparation, calls, node };
    this.#running = { ...own, worker, probes, hooks, queue, claims, care, watch, events };
  }

  /** What the node is called; absent before it is started. */
  get nodeName(): string | undefined {
    return this.#running?.nodeName;
  }

  /** How many pods wait for a pass or have one. */
  get queueDepth(): number {
    return this.#running?.queue.depth ?? 0;
  }

  /** The network of this node's pods; absent before it is started, and when pods have their addresses from the engine. */
  get network(): PodNetwork | undefined {
    return this.#running?.facts.network;
  }

  /** Stops working and waits for what is under way. Containers go on. */
  async stop(): Promise<void> {
    this.#aborter.abort(new Error('the kubelet stopped'));
    this.#images.stop();
    this.#running?.probes.stop();
    this.#running?.hooks.stop();
    await this.#running?.queue.stop();
    await this.#running?.watch.done;
    await this.#running?.events.done;
  }

  /** Whether nothing is under way and nothing is due; timers may be pending. */
  isIdle(): boolean {
    return this.#quiet().isIdle();
  }

  /** Resolves when nothing is under way and nothing is due. */
  idle(): Promise<void> {
    return this.#quiet().idle();
  }

  #quiet(): Quiet {
    const running = this.#running;
    return allQuiet(running === undefined ? [] : [running.watch, quietQueue(running.queue), this.#images]);
  }

  #work(key: string): Promise<WorkResult> {
    if (key === RELIST_KEY) return this.#relist();
    if (this.#running?.care.isKey(key) === true) return this.#running.care.work(key);
    if (this.#running?.claims.isKey(key) === true) return this.#running.claims.work(key);
    return this.#workOnPod(key.slice(POD_PREFIX.length));
  }

  async #workOnPod(uid: string): Promise<WorkResult> {
    const memory = this.#pods.get(uid);
    if (memory === undefined || this.#running === undefined) return;
    const pod = this.#options.store.get('Pod', memory.namespace, memory.name);
    // A pod that is bound to another node, or to none any more, is not this kubelet's to touch.
    if (pod?.metadata.uid === uid && pod.spec.nodeName !== this.#running.nodeName) return;
    // Left of a pod that a lost store has forgotten: two pods of one name must not write the same data at once.
    const isNew = pod?.metadata.uid === uid && pod.metadata.deletionTimestamp === undefined && memory.seen.size === 0;
    if (isNew && this.#pods.isNameTaken(uid)) return { checkAgainAfterMs: NAME_TAKEN_MS };
    const { isGone, ...result } = await this.#running.worker.work(uid, memory);
    this.#running.addresses?.settle(uid, isGone);
    if (isGone) {
      this.#pods.delete(uid);
      this.#handled.delete(uid);
    }
    return result;
  }

  /** Looks at everything and wakes what differs from what is remembered. */
  async #relist(): Promise<WorkResult> {
    const running = this.#running;
    if (running === undefined) return;
    const passes = this.#pods.passes();
    const known = running.claims.knownNames();
    const beganMs = this.#options.clock.now();
    const [seen, volumes] = await Promise.all([running.calls.list(), running.calls.listVolumes()]);
    if (await running.node.look()) for (const uid of this.#pods.uids()) running.queue.add(POD_PREFIX + uid);
    await running.preparation.hold(seen);
    const { due, isUntold } = this.#pods.compare(seen, volumes, passes);
    for (const uid of due) running.queue.add(POD_PREFIX + uid);
    if (isUntold) running.events.missed(beganMs);
    for (const key of await running.claims.compare(volumes, known)) running.queue.add(key);
    return { checkAgainAfterMs: this.#options.resyncMs ?? DEFAULT_RESYNC_MS };
  }

  #enqueueAll(queue: WorkQueue, nodeName: string, claims: ClaimKeeper, care: NodeCare): void {
    const { store } = this.#options;
    for (const pod of store.list('Pod')) this.#enqueuePod(pod, queue, nodeName, care);
    for (const key of claims.allKeys()) queue.add(key);
    for (const uid of this.#pods.uids()) queue.add(POD_PREFIX + uid);
  }

  #enqueuePod(pod: StoredOf<'Pod'>, queue: WorkQueue, nodeName: string, care: NodeCare): void {
    const { uid, namespace = 'default', name } = pod.metadata;
    if (pod.spec.nodeName !== nodeName) return;
    care.heard(pod);
    const memory = this.#pods.adopt(uid, namespace, name);
    memory.namespace = namespace;
    memory.name = name;
    const version = podVersion(pod);
    if (this.#handled.get(uid) === version) return;
    this.#handled.set(uid, version);
    queue.add(POD_PREFIX + uid);
  }

  #onStoreEvent(event: WatchEvent, queue: WorkQueue, nodeName: string, claims: ClaimKeeper, care: NodeCare): void {
    const { type, resource } = event;
    for (const uid of podsReleased(event, this.#options.store, nodeName)) queue.add(POD_PREFIX + uid);
    if (resource.kind === 'Pod') {
      if (type === 'removed') {
        this.#handled.delete(resource.metadata.uid);
        if (this.#pods.get(resource.metadata.uid) !== undefined) queue.add(POD_PREFIX + resource.metadata.uid);
      } else this.#enqueuePod(resource, queue, nodeName, care);
    }
    if (type !== 'removed') for (const key of claims.keysFor(resource)) queue.add(key);
    for (const uid of podsConcerned(resource, this.#options.store, this.#pods, nodeName)) queue.add(POD_PREFIX + uid);
  }

  #failed(key: string, error: unknown, retryInMs: number | undefined): void {
    const { logger } = this.#options;
    logger.warn({ key, error, retryInMs }, 'kubelet pass failed');
    const isUnreachable = error instanceof DeadlineExceeded || (error instanceof EngineError && error.fault === 'Unreachable');
    if (!isUnreachable || this.#running === undefined) return;
    const { node, queue } = this.#running;
    // Whatever failed, the listing finds out whether the engine answers again.
    queue.addAfter(RELIST_KEY, key === RELIST_KEY ? LOOK_FOR_ENGINE_MS : RETRY.initialMs);
    if (key === RELIST_KEY)
      void node.unreachable(error.message).catch((cause: unknown) => logger.error({ cause }, 'could not report the node'));
  }
}
