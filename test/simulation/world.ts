// The whole control plane in a world of its own: a clock, an engine, a repository, and one process at a time that can be killed and
// started anew, over the same store or over an empty one.
import { type ControlPlane, startControlPlane } from '../../src/control-plane/control-plane.ts';
import { EngineError } from '../../src/kubelet/engine/container-engine.ts';
import type { Prober } from '../../src/kubelet/probes/prober.ts';
import type { StatusTelling } from '../../src/signals/statuses/reporter.ts';
import { openMemoryStore } from '../../src/store/memory-store.ts';
import type { Store, Write, WriteResult } from '../../src/store/store.ts';
import { sleep } from '../../src/system/clock.ts';
import { silentLogger } from '../../src/system/logger.ts';
import { FakeClock } from '../support/fake-clock.ts';
import type { Fault } from '../support/fake-engine-controls.ts';
import { FakeOrders } from '../support/fake-orders.ts';
import { FakeSource } from '../support/fake-source.ts';
import { seededIds } from '../support/seeded-ids.ts';
import type { Dice } from './dice.ts';
import { Invariants } from './invariants.ts';
import { Life, mortalClock, mortalEngine, mortalProber, mortalSource, mortalStore, mortalTelling } from './mortal.ts';
import { SimulatedEngine } from './simulated-engine.ts';
import { imagesOf, type SimulatedCommit } from './wishes.ts';

export const APPLICATION = 'shop';
export const TIMEOUT_MS = 300_000;
const CLUSTER = 'sim';
const INTERVAL_MS = 30_000;
/** A process that could not start, or was killed, is started again after this, as a service manager does. */
const START_AGAIN_MS = 5_000;
const FOREIGN_NAMES = ['postgres', 'hf.sim.default.web.main.00000000.0'] as const;
const TRACE_LINES = 400;
/** Nothing right writes so often in one moment. */
const MAX_WRITES_AT_ONCE = 5_000;

export interface WorldOptions {
  readonly seed: number;
  readonly dice: Dice;
  /** Engine calls take a while, so that they overlap. */
  readonly isSlow: boolean;
  /** For how long what commits remove can be brought back; not at all when absent. */
  readonly softDelete?: string;
}

export class World {
  readonly clock = new FakeClock();
  readonly engine: SimulatedEngine;
  readonly source = new FakeSource();
  readonly commits = new Map<string, SimulatedCommit>();
  readonly invariants: Invariants;
  /** Ids of containers that are somebody else's. */
  readonly foreign: readonly string[];
  readonly trace: string[] = [];
  /** What people say beside Git; it outlives the process. */
  readonly orders = new FakeOrders();
  readonly #others = new Map<string, FakeSource>();
  store: Store;
  /** No call is answered. */
  isUnreachable = false;
  /** How long it takes until a process that was killed is started again. */
  restartsAfterMs = START_AGAIN_MS;
  /** Where it is told what becomes of commits, from the next start on. */
  statuses: StatusTelling | undefined;
  /** What becomes of calls, now. */
  fault: (call: string) => Fault = () => undefined;
  #life: Life | undefined;
  #plane: ControlPlane | undefined;
  #incarnation = 0;
  #losesStoreNext = false;
  #head = '';
  #lastWriteMs = 0;
  #writesAtOnce = 0;
  readonly #options: WorldOptions;
  /** What becomes of each transaction before it reaches the store: for proving that the invariants see it. */
  tamper: (writes: readonly Write[]) => readonly Write[] = (writes) => writes;

  constructor(options: WorldOptions) {
    this.#options = options;
    const { clock } = this;
    this.engine = new SimulatedEngine({ clock, name: 'node-a', startMs: options.isSlow ? 200 : 0 });
    this.engine.addForeign('volume', 'hf-sim-default-foreign');
    this.foreign = FOREIGN_NAMES.map((name) => this.engine.addForeign('container', name));
    this.engine.faults = (call) => this.#faultOf(call);
    this.store = this.#newStore();
    this.invariants = new Invariants({
      clock,
      engine: this.engine,
      application: APPLICATION,
      foreign: this.foreign,
      store: () => this.store,
      commit: (id) => this.commits.get(id),
      tell: (line) => this.tell(line),
    });
    this.engine.onEvent = (container, action) => this.invariants.engineChanged(container, action);
  }

  /** Notes a line of the story, for whoever reads why a seed failed. */
  tell(line: string): void {
    const seconds = ((this.clock.now() - Date.parse('2026-01-01T00:00:00Z')) / 1000).toFixed(1);
    this.trace.push(`${seconds.padStart(8)} ${line}`);
    if (this.trace.length > TRACE_LINES) this.trace.shift();
  }

  #newStore(): Store {
    this.#incarnation += 1;
    return openMemoryStore({ clock: this.clock, ids: seededIds(this.#options.seed * 7919 + this.#incarnation) });
  }

  #faultOf(call: string): Fault {
    const fault = this.isUnreachable ? new EngineError('Unreachable', 'the engine does not answer') : this.fault(call);
    if (fault !== undefined) this.invariants.faultHappened(`${call}: ${fault instanceof EngineError ? fault.fault : fault}`);
    return fault;
  }

  push(commit: SimulatedCommit): string {
    for (const image of imagesOf(commit.wishes)) this.engine.learn(image);
    const message = `${commit.about}\n\nHoldfast-Allow-Prune: ${commit.about === 'nothing in it' ? 'false' : 'true'}`;
    const id = this.source.commit({ files: commit.files, message });
    this.commits.set(id, commit);
    this.#head = id;
    this.tell(`== commit ${id.slice(0, 7)} (${commit.class}): ${commit.about}`);
    return id;
  }

  /** Forces the branch to a commit that was pushed before. */
  move(id: string): void {
    this.#head = id;
    this.source.move(id);
    this.tell(`== forced to ${id.slice(0, 7)}`);
  }

  /** Another repository: that of an application which the first one declares. */
  other(url: string): FakeSource {
    const known = this.#others.get(url) ?? new FakeSource(url);
    this.#others.set(url, known);
    return known;
  }

  /** Somebody says that the repository has moved, as a webhook does. */
  lookAtSource(): void {
    this.#plane?.lookAtSource();
  }

  /** Where the repository points. */
  get head(): string {
    return this.#head;
  }

  /** The store was lost, and what is at HEAD cannot live: what ran is held, and nobody knows a way back. */
  get isStuck(): boolean {
    return this.store.get('Application', '', APPLICATION)?.status?.lastGood === undefined;
  }

  /** What is live starts Jobs by the clock, for ever. */
  get isTicking(): boolean {
    return this.store.list('CronJob').some(({ spec }) => spec.suspend !== true);
  }

  /** The commit at HEAD names an image that nobody has. */
  get isImageAwaited(): boolean {
    return this.commits.get(this.head)?.about === 'image that nobody has';
  }

  /** The process is there and has started. */
  get isRunning(): boolean {
    return this.#plane !== undefined;
  }

  /** It has nothing to do at the moment; timers may be pending. */
  get isIdle(): boolean {
    return this.#plane?.isIdle() === true;
  }

  /** Starts the process, unless one is there. */
  start(): void {
    if (this.#life !== undefined) return;
    this.#incarnation += 1;
    const life = new Life(() => this.#died(life));
    this.#life = life;
    this.tell('== start');
    const clock = mortalClock(this.clock, life);
    const { seed, dice, isSlow, softDelete } = this.#options;
    const before = (call: string, args: readonly unknown[]): Promise<void> | undefined => {
      const judge = (): void => this.invariants.engineCalled(call, args);
      const delayMs = isSlow && dice.chance(0.3) ? dice.between(1, 300) : 0;
      if (delayMs > 0) return sleep(this.clock, delayMs).then(judge);
      judge();
      return undefined;
    };
    const store = this.store;
    const starting = startControlPlane({
      cluster: CLUSTER,
      application: { name: APPLICATION, repo: this.source.description, path: '' },
      store: mortalStore(store, life, (writes) => this.#write(store, this.tamper(writes))),
      engine: mortalEngine(this.engine, life, before),
      prober: mortalProber(this.#prober(), life),
      source: mortalSource(this.source, life),
      ...(this.statuses === undefined ? {} : { statuses: mortalTelling(this.statuses, life) }),
      clock,
      ids: seededIds(seed * 104_729 + this.#incarnation),
      logger: silentLogger,
      openDeclared: ({ repository }) => mortalSource(this.other(repository ?? ''), life),
      orders: this.orders,
      ...(softDelete === undefined ? {} : { softDelete }),
      once: false,
      intervalMs: INTERVAL_MS,
      timeoutMs: TIMEOUT_MS,
    });
    starting.then(
      (plane) => {
        if (this.#life === life) this.#plane = plane;
      },
      (error: unknown) => {
        this.tell(`== could not start: ${String(error)}`);
        life.kill();
      },
    );
  }

  #write(store: Store, writes: readonly Write[]): Promise<WriteResult> {
    const now = this.clock.now();
    this.#writesAtOnce = now === this.#lastWriteMs ? this.#writesAtOnce + 1 : 0;
    this.#lastWriteMs = now;
    if (this.#writesAtOnce > MAX_WRITES_AT_ONCE) {
      this.invariants.report(`more than ${MAX_WRITES_AT_ONCE} transactions without any time passing: it runs in a circle`);
      this.#life?.kill();
    }
    return this.invariants.writing(writes, () => store.write(writes));
  }

  /** Kills the process after so many more of its calls. */
  killAfter(operations: number): void {
    this.#life?.killAfter(operations);
  }

  /** Notes what is not as it was asked for, for whoever reads why a world does not come to rest. */
  tellAll(): void {
    const { inventory: _inventory, history: _history, ...status } = this.store.get('Application', '', APPLICATION)?.status ?? {};
    this.tell(`   application: ${JSON.stringify(status)}`);
    for (const { metadata, status: its } of this.store.list('Pod')) {
      const reasons =
        its?.conditions?.filter(({ status: is }) => is !== 'True').map(({ type, reason }) => `${type} ${reason}`) ?? [];
      this.tell(`   pod ${metadata.name}: ${its?.phase} ${metadata.deletionTimestamp ?? ''} ${reasons.join(', ')}`);
    }
    for (const { metadata, status: its } of this.store.list('Namespace'))
      if (metadata.deletionTimestamp !== undefined) this.tell(`   namespace ${metadata.name}: ${JSON.stringify(its)}`);
  }

  /** Nothing goes wrong any more, from now on. */
  calm(): void {
    this.tell('== calm');
    this.fault = () => undefined;
    this.isUnreachable = false;
    this.engine.deaf.clear();
    this.source.failure = undefined;
    this.source.snapshotFailure = undefined;
    this.source.isHanging = false;
    this.#losesStoreNext = false;
    this.#life?.killAfter(undefined);
    this.start();
  }

  killNow(): void {
    this.#life?.kill();
  }

  /** Ends it in an orderly way, and starts another. */
  restart(): void {
    const plane = this.#plane;
    const life = this.#life;
    if (plane === undefined || life === undefined) return;
    this.tell('== stop');
    void plane.stop().then(() => life.kill());
  }

  /** What was known is gone. Only while no process runs. */
  loseStore(): void {
    this.tell('== the store is lost');
    this.store = this.#newStore();
    this.invariants.storeLost();
  }

  #died(life: Life): void {
    if (this.#life !== life) return;
    this.tell('== killed');
    this.#life = undefined;
    this.#plane = undefined;
    this.invariants.faultHappened('killed');
    if (this.#losesStoreNext) this.loseStore();
    this.#losesStoreNext = false;
    this.clock.after(this.restartsAfterMs, () => this.start());
  }

  /** When the process dies next, its store goes too. */
  loseStoreNext(): void {
    this.#losesStoreNext = true;
  }

  #prober(): Prober {
    const ask = (host: string): ReturnType<Prober['tcp']> => {
      const container = this.engine.atAddress(host);
      const ok = container !== undefined && this.engine.isAnswering(container);
      return Promise.resolve(ok ? { ok } : { ok, message: 'connection refused' });
    };
    return { http: (url) => ask(new URL(url).hostname), tcp: (host) => ask(host), grpc: (host) => ask(host) };
  }
}
