// Where a failure story is played: the world of the simulation, and somebody who watches it. What runs, what is told and when is seen as
// it happens, so that a story only says what goes wrong.
import { EngineError } from '../../src/kubelet/engine/container-engine.ts';
import { POD_LABEL } from '../../src/kubelet/labels.ts';
import { isConditionTrue } from '../../src/model/conditions.ts';
import { type Kind, keyOf, type ResourceKey, type Stored, type StoredOf } from '../../src/model/resource.ts';
import type { Write } from '../../src/store/store.ts';
import { SourceError } from '../../src/sync/commit-source.ts';
import { explain } from '../../src/sync/why.ts';
import { applicationLines } from '../../src/sync/why-application.ts';
import { Dice } from '../simulation/dice.ts';
import { filesOf } from '../simulation/manifests.ts';
import { slotOf } from '../simulation/simulated-engine.ts';
import { type DeploymentWish, noWishes, type SimulatedCommit, type Wishes } from '../simulation/wishes.ts';
import { APPLICATION, World } from '../simulation/world.ts';
import { type FakeContainer, isAlive } from '../support/fake-container.ts';

/** Any wait of a story ends within this. */
const LIMIT_MS = 7_200_000;
const QUIET_MS = 90_000;
const SEED = 1;

/** The program that most stories are about: two pods, replaced one by one. */
export const web: DeploymentWish = {
  replicas: 2,
  image: 'app:1',
  strategy: { type: 'RollingUpdate', maxSurge: 1, maxUnavailable: 0 },
  minReadySeconds: 0,
  hasSidecar: false,
  probe: 'http',
  graceSeconds: 5,
  progressDeadlineSeconds: 600,
};

/** What a story's commits start from: `web`, and a ConfigMap beside it. */
export const shop: Wishes = { ...noWishes, deployments: { web }, configMaps: { texts: 'hello' } };

/** The shop with this image. */
export function withImage(image: string, more: Partial<DeploymentWish> = {}): Wishes {
  return { ...shop, deployments: { web: { ...web, image, ...more } } };
}

export interface Pushed {
  /** What becomes of it: `good` when absent. */
  readonly as?: SimulatedCommit['class'];
  /** Files beside those of the wishes; an empty text takes one away. */
  readonly files?: Readonly<Record<string, string>>;
  /** Whether the commit's message lifts the guard against mass deletion. */
  readonly allowsPrune?: boolean;
}

/** What a story came to. */
export interface Ending {
  readonly runs: string;
  /** Virtual time from the mishap until all that had to be told was. */
  readonly toldMs: number | undefined;
  /** Until nothing moved any more. */
  readonly overMs: number;
}

export const away = new SourceError('Unreachable', 'could not connect to git.example: connection refused');

/** Records that come and go by themselves are none. */
function isNews(write: Write): boolean {
  const { kind } = 'key' in write ? write.key : write.resource;
  return kind !== 'Event' && kind !== 'Lease';
}

function isTold(write: Write): boolean {
  const { kind } = 'key' in write ? write.key : write.resource;
  return kind === 'Application' || kind === 'Event' || kind === 'Node';
}

export class Stage {
  readonly world: World;
  /** Every transaction fails. */
  storeIsFull = false;
  readonly #told: readonly string[];
  readonly #unheard: Set<string>;
  readonly #heard = new Set<string>();
  #onSnapshot: (id: string) => void = () => undefined;
  /** Before each transaction. */
  readonly #watchers: ((writes: readonly Write[]) => void)[] = [];
  #sinceMs = 0;
  #toldAtMs = 0;
  #overAtMs = 0;
  /** Containers that were told to end. */
  readonly #ending = new Set<string>();
  #had: readonly FakeContainer[] = [];
  #fewest = 0;
  #emptySinceMs: number | undefined;
  #emptyMs = 0;

  constructor(told: readonly string[]) {
    this.#told = told;
    this.#unheard = new Set(told);
    this.world = new World({ seed: SEED, dice: new Dice(SEED), isSlow: true });
    const { engine, source } = this.world;
    const { onEvent } = engine;
    const { invariants } = this.world;
    const engineCalled = invariants.engineCalled.bind(invariants);
    invariants.engineCalled = (call, args) => {
      engineCalled(call, args);
      if (call === 'kill' || call === 'remove') this.#ending.add(String(args[0]));
      this.#count();
    };
    const snapshot = source.snapshot.bind(source);
    source.snapshot = (id, signal) => {
      this.#onSnapshot(id);
      return snapshot(id, signal);
    };
    engine.onEvent = (container, action) => {
      onEvent(container, action);
      this.#changedAtMs = this.world.clock.elapsed();
      this.#count();
    };
    this.world.tamper = (writes) => {
      // It is heard when it is written.
      if (writes.some(isTold)) queueMicrotask(() => this.#listen());
      if (writes.some(isNews)) this.#changedAtMs = this.world.clock.elapsed();
      for (const watcher of this.#watchers) watcher(writes);
      if (this.storeIsFull) throw new Error('database or disk is full');
      return writes;
    };
  }

  /** Pushes a commit. Tells its id. */
  push(wishes: Wishes, { as = 'good', files = {}, allowsPrune = false }: Pushed = {}): string {
    const all = Object.entries({ ...filesOf(wishes), ...files }).filter(([, text]) => text !== '');
    // The world's own commits lift the guard, unless they are about this.
    return this.world.push({ class: as, wishes, files: Object.fromEntries(all), about: allowsPrune ? as : 'nothing in it' });
  }

  /** Pushes a commit of these files alone. */
  pushFiles(files: Readonly<Record<string, string>>, as: SimulatedCommit['class'], allowsPrune = false): string {
    return this.world.push({ class: as, wishes: noWishes, files, about: allowsPrune ? as : 'nothing in it' });
  }

  /** Something that must hold at this point of the story. */
  must(holds: boolean, otherwise: string): void {
    if (!holds) throw new Error(`${otherwise}\n${this.world.trace.slice(-60).join('\n')}`);
  }

  /** The shop is there, live and at rest; the mishap comes next. */
  async open(wishes: Wishes = shop, pushed: Pushed = {}): Promise<string> {
    const id = this.push(wishes, pushed);
    this.world.start();
    await this.live(id);
    await this.rest();
    this.mishap();
    return id;
  }

  /** From now on it is watched what runs, and how long all takes. */
  mishap(): void {
    const now = this.world.clock.elapsed();
    this.#sinceMs = now;
    this.#toldAtMs = now;
    this.#had = this.containers('web');
    this.#fewest = this.#serving();
    this.#listen();
  }

  get status(): NonNullable<StoredOf<'Application'>['status']> {
    return this.world.store.get('Application', '', APPLICATION)?.status ?? {};
  }

  /** Lets time pass. */
  async pass(ms: number): Promise<void> {
    await this.world.clock.advance(ms);
  }

  /** Lets time pass until something is so; fails when it never is. */
  async until(what: string, holds: () => boolean): Promise<void> {
    if (await this.world.clock.runUntil(holds, LIMIT_MS)) return;
    this.world.tellAll();
    throw new Error(`never: ${what}\n${this.world.trace.slice(-60).join('\n')}`);
  }

  /** Until a commit is live. */
  async live(id: string): Promise<void> {
    await this.until(`${id.slice(0, 7)} is live`, () => this.status.lastGood?.id === id && this.status.attempt === undefined);
  }

  /** Until a commit is held: refused, invalid, rolled back or failed. */
  async held(id: string): Promise<void> {
    await this.until(`${id.slice(0, 7)} is held`, () => this.status.held?.commit.id === id && this.status.attempt === undefined);
  }

  /** Until the source is said to be unreadable. */
  async sourceIll(): Promise<void> {
    await this.until('the source is said to be ill', () => this.status.source?.ready === false);
  }

  /** Until a phase of a commit is being written: the callback happens with it. */
  async phase(id: string, phase: string, happens: () => void): Promise<void> {
    let isThere = false;
    const arrives = (): void => {
      isThere = true;
      happens();
    };
    if (phase === 'fetched') {
      this.#onSnapshot = (read) => {
        if (!isThere && read === id) arrives();
      };
      return await this.until(`${id.slice(0, 7)} is fetched`, () => isThere);
    }
    const watcher = (writes: readonly Write[]): void => {
      const attempt = writes.flatMap((write) =>
        write.op === 'updateStatus' && write.key.kind === 'Application'
          ? [(write.status as StoredOf<'Application'>['status'])?.attempt]
          : [],
      )[0];
      if (isThere || attempt?.commit.id !== id) return;
      if (phase === 'validated') {
        arrives();
        // It knows what to do, and has said nothing of it yet.
        throw new Error('killed before it was written');
      }
      if (phase === attempt.phase || (phase === `wave ${attempt.wave}` && attempt.phase === 'applying')) arrives();
    };
    this.#watchers.push(watcher);
    await this.until(`${id.slice(0, 7)} is ${phase}`, () => isThere);
  }

  /** Until nothing moves any more; then a further while in which nothing may. */
  async rest(): Promise<void> {
    const { world } = this;
    await this.until('it is at rest', () => world.isIdle && this.status.attempt === undefined && !this.#isAtWork());
    let revision = -1;
    // What is still on its way, such as a pod that ends, is part of the story.
    while (revision !== world.store.revision()) {
      revision = world.store.revision();
      this.#overAtMs = Math.max(this.#overAtMs, this.#changedAtMs);
      await this.pass(QUIET_MS);
    }
  }

  #changedAtMs = 0;

  #isAtWork(): boolean {
    return this.world.store.list('Pod').some(({ metadata }) => metadata.deletionTimestamp !== undefined);
  }

  /** How many containers of `web` would answer a user, and were not told to end. */
  #serving(): number {
    const { engine } = this.world;
    return this.containers('web').filter((each) => engine.isAnswering(each) && !this.#ending.has(each.id)).length;
  }

  /** Living main containers of an app. */
  containers(app: string): readonly FakeContainer[] {
    return this.world.engine
      .ourContainers()
      .filter((each) => isAlive(each) && slotOf(each).container === 'main')
      .filter(({ spec }) => spec.labels[POD_LABEL]?.startsWith(`${app}-`) === true);
  }

  /** Somebody deletes an object of the namespace `default` behind Git's back. */
  async remove(kind: Kind, name: string): Promise<void> {
    const { store } = this.world;
    const found = store.get(kind, 'default', name);
    if (found === undefined) throw new Error(`there is no ${kind} ${name}`);
    const result = await store.write([{ op: 'remove', key: keyOf(found), uid: found.metadata.uid }]);
    if (!result.ok) throw new Error(`${kind} ${name} could not be deleted`);
  }

  /** Somebody changes an object of the namespace `default` behind Git's back. */
  async edit(kind: Kind, name: string, change: { readonly [field: string]: unknown }): Promise<void> {
    const { store } = this.world;
    const found = store.get(kind, 'default', name);
    if (found === undefined) throw new Error(`there is no ${kind} ${name}`);
    const spec = 'spec' in found && 'spec' in change ? { spec: { ...found.spec, ...(change['spec'] as object) } } : {};
    const result = await store.write([{ op: 'update', resource: { ...found, ...change, ...spec } as Stored }]);
    if (!result.ok) throw new Error(`${kind} ${name} could not be changed`);
  }

  /** The engine does not answer any more. */
  engineGoes(): void {
    this.world.isUnreachable = true;
    this.world.invariants.faultHappened('outage');
    this.world.engine.breakEvents();
  }

  /** The Git server does not answer any more: that of the shop, or another. */
  sourceGoes(url?: string): void {
    (url === undefined ? this.world.source : this.world.other(url)).failure = away;
  }

  sourceComes(url?: string): void {
    (url === undefined ? this.world.source : this.world.other(url)).failure = undefined;
  }

  /** These calls of the engine fail for want of space, and no others. */
  breakCalls(...names: readonly string[]): void {
    this.world.fault = (call) => (names.includes(call) ? new EngineError('Failed', 'no space left on device') : undefined);
    this.world.invariants.faultHappened('calls');
  }

  engineComes(): void {
    this.world.isUnreachable = false;
  }

  /** All containers end, as when the host goes. */
  hostGoes(): void {
    const { engine, invariants } = this.world;
    const alive = engine.ourContainers().filter(isAlive);
    for (const container of alive) invariants.touching(container);
    for (const container of alive) engine.crash(container.id, 137);
    engine.breakEvents();
  }

  isNodeReady(): boolean {
    return this.world.store.list('Node').every(({ status }) => isConditionTrue(status?.conditions, 'Ready'));
  }

  /** One of them; a story that has none is wrong. */
  victim(app = 'web'): FakeContainer {
    const [first] = this.containers(app);
    if (first === undefined) throw new Error(`nothing of ${app} runs`);
    this.world.invariants.touching(first);
    return first;
  }

  #count(): void {
    const now = this.world.clock.elapsed();
    const count = this.#serving();
    this.#fewest = Math.min(this.#fewest, count);
    if (count === 0) this.#emptySinceMs ??= now;
    else if (this.#emptySinceMs !== undefined) {
      this.#emptyMs += now - this.#emptySinceMs;
      this.#emptySinceMs = undefined;
    }
  }

  /** Everything that `holdfast why` says now, of the application, its node and its workloads. */
  lines(): readonly string[] {
    const { store, clock } = this.world;
    const now = clock.now();
    const about = (key: ResourceKey): readonly string[] => explain(key, store, now);
    const applications = store.list('Application');
    return [
      ...applications.flatMap((application) => applicationLines(application, store, now)),
      ...applications.flatMap(({ status }) => status?.conditions ?? []).map(({ message = '' }) => message),
      ...store.list('Node').flatMap((node) => about(keyOf(node))),
      ...store.list('Event').map(({ reason, message }) => `${reason}: ${message}`),
    ];
  }

  #listen(): void {
    if (this.#unheard.size === 0 || this.#sinceMs === 0) return;
    const lines = this.lines();
    for (const text of this.#unheard) {
      if (!lines.some((line) => line.includes(text))) continue;
      this.#unheard.delete(text);
      this.#toldAtMs = this.world.clock.elapsed();
    }
    for (const line of lines) this.#heard.add(line);
  }

  /** What became of it. Fails when something that had to be told was not. */
  ending(): Ending {
    this.#listen();
    if (this.#unheard.size > 0)
      throw new Error(`not told: ${[...this.#unheard].join(' | ')}\ntold was:\n${[...this.#heard].join('\n')}`);
    const overMs = Math.max(this.#overAtMs - this.#sinceMs, 0);
    return { runs: this.#runs(), toldMs: this.#told.length === 0 ? undefined : this.#toldAtMs - this.#sinceMs, overMs };
  }

  /** `2 × app:1, the same all the time`. */
  #runs(): string {
    const serving = this.containers('web');
    const byImage = new Map<string, number>();
    for (const { spec } of serving) byImage.set(spec.image, (byImage.get(spec.image) ?? 0) + 1);
    const now =
      [...byImage]
        .map(([image, count]) => `${count} × ${image}`)
        .toSorted()
        .join(', ') || 'nothing';
    if (this.#had.length === 0) return now;
    const isSame = this.#had.every((each) => serving.includes(each)) && this.#fewest === this.#had.length;
    const isMore = serving.length > this.#had.length;
    if (isSame && !isMore) return `${now}, untouched`;
    if (this.#fewest > 0) return `${now}, never fewer than ${this.#fewest}`;
    if (this.#emptySinceMs !== undefined) return now;
    return `${now}, none for ${spanOf(this.#emptyMs)}`;
  }
}

const SPANS: readonly (readonly [ms: number, name: string])[] = [
  [1_000, '1 s'],
  [2_000, '2 s'],
  [5_000, '5 s'],
  [10_000, '10 s'],
  [30_000, '30 s'],
  [60_000, '1 min'],
  [120_000, '2 min'],
  [300_000, '5 min'],
  [600_000, '10 min'],
  [1_200_000, '20 min'],
  [3_600_000, '1 h'],
  [7_200_000, '2 h'],
  [90_000_000, '1 day'],
];

/** At most how long, coarsely. */
export function spanOf(ms: number): string {
  return SPANS.find(([limit]) => ms <= limit)?.[1] ?? 'more than a day';
}
