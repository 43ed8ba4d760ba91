// The engine of the room: one application, from the source to live, rolled back or failed, and held there. Looks, decides, and writes
// one transaction per step; knows nothing that the store does not know, so that it goes on wherever it was killed. Must not wait for
// pulls, health or the source inside a pass: those wake it.
import { isDeepStrictEqual } from 'node:util';
import { type InventoryEntry, keyString, type StoredOf } from '../model/resource.ts';
import { StalePlan } from '../runtime/perform-actions.ts';
import type { Concern } from '../runtime/routes.ts';
import type { Following } from '../runtime/store-feed.ts';
import { allQuiet, type Quiet, quietQueue } from '../runtime/watch-store.ts';
import { TerminalError, WorkQueue, type WorkResult } from '../runtime/work-queue.ts';
import type { WatchEvent } from '../store/store.ts';
import { decide, isApplied, isBegun, type Step } from './decide.ts';
import { isSameWish } from './declared.ts';
import { withLeft, withRepairs } from './drift.ts';
import { withFinishedJobs } from './finished-jobs.ts';
import { hearOrders, noOrders } from './gates/hear.ts';
import { leftDrift } from './gates/left-drift.ts';
import { withSettings } from './gates/settings.ts';
import { withoutGoneHooks } from './hooks/plan-hooks.ts';
import { nextLook } from './next-look.ts';
import { dueChanges, observe, type View } from './observe.ts';
import { keyOfEntry } from './order.ts';
import type { Outcome } from './outcome.ts';
import { type Performance, performanceWrites, planPerformance } from './perform.ts';
import { RepairLog } from './repair-log.ts';
import { restStatus } from './rest-status.ts';
import { SourceLane } from './source-lane.ts';
import { logStep } from './step-log.ts';
import type { SyncerParts } from './syncer-parts.ts';
import { type Wait, Waiters } from './waiters.ts';
import { COMPONENT } from './writes.ts';

/** Steps of one pass; more than any commit needs. */
const MAX_STEPS = 50;
/** Plans in a row that the store refuses because somebody was quicker. */
const MAX_STALE_PLANS = 5;
/** From so many objects on, changes of the store are gathered before they are looked at. */
const MANY_OBJECTS = 100;
const GATHERING_MS = 200;
const NOTHING: readonly InventoryEntry[] = [];

export class Syncer implements Quiet {
  readonly #parts: SyncerParts;
  readonly #queue: WorkQueue;
  readonly #lane: SourceLane;
  readonly #repairs = new RepairLog();
  readonly #waiters = new Waiters();
  readonly #outcome: Promise<Outcome>;
  #forgetImages: () => void = () => {};
  #forgetOrders: () => void = () => {};
  #following: Following | undefined;
  #inventory: readonly InventoryEntry[] = NOTHING;
  #isAnythingAwaited = false;

  constructor(parts: SyncerParts) {
    this.#parts = parts;
    const { clock, ids, logger, source, load, intervalMs } = parts;
    this.#outcome = parts.once === true ? this.#waiters.add({}, clock.now()) : new Promise(() => {});
    const loadTimeoutMs = (): number | undefined => {
      const seconds = parts.store.get('Application', '', parts.application.name)?.spec.timeouts?.fetch;
      return seconds && seconds * 1000;
    };
    const onChange = (): void => (this.wake(), parts.onSource?.());
    this.#lane = new SourceLane({ source, load, clock, ids, logger, intervalMs, loadTimeoutMs, onChange });
    this.#queue = new WorkQueue({
      clock,
      random: () => ids.random(),
      concurrency: 1,
      work: (_key, signal) => this.#pass(signal),
      onError: (key, error, retryInMs) =>
        logger.error({ component: COMPONENT, application: key, error, retryInMs }, 'pass failed'),
    });
  }

  /** Starts to work. What an earlier run left is taken up where it was. */
  start(): void {
    const { feed, clock, images, orders = noOrders } = this.#parts;
    this.#waiters.restart(clock.now());
    this.#forgetImages = images.onChange(() => this.wake());
    this.#forgetOrders = orders.onChange(() => this.wake());
    const onEvent = (event: WatchEvent): void => {
      if (isWorthALook(event)) this.#wakeSoon();
    };
    this.#following = feed.join({ onRelist: () => this.wake(), onEvent }, this.#concern());
    this.#lane.start();
  }

  /** Stops working; everything that runs goes on. Resolves when nothing of it runs any more. */
  async stop(): Promise<void> {
    this.#following?.end();
    this.#forgetImages();
    this.#forgetOrders();
    await this.#lane.stop();
    await this.#queue.stop();
  }

  /** How a single run ended. Without `once` it never settles. */
  outcome(): Promise<Outcome> {
    return this.#outcome;
  }

  /** Looks at the source anew, and says how what is waited for ends: its newest commit, as a single run does, unless one is named. */
  conclude(wait: Omit<Wait, 'isAsked'> = {}): Promise<Outcome> {
    const outcome = this.#waiters.add({ ...wait, isAsked: this.#lane.look() }, this.#parts.clock.now());
    this.wake();
    return outcome;
  }

  /** Looks again soon. */
  wake(): void {
    this.#queue.add(this.#parts.application.name);
  }

  /** What reads the source beside the passes. */
  get lane(): SourceLane {
    return this.#lane;
  }

  get queue(): WorkQueue {
    return this.#queue;
  }

  /** A pass over many objects is not made for each of their changes. */
  #wakeSoon(): void {
    this.#queue.addAfter(this.#parts.application.name, this.#inventory.length < MANY_OBJECTS ? 0 : GATHERING_MS);
  }

  isIdle(): boolean {
    return this.#quiet().isIdle();
  }

  /** Resolves when nothing runs and nothing is due. Timers may be pending. */
  idle(): Promise<void> {
    return this.#quiet().idle();
  }

  #quiet(): Quiet {
    return allQuiet([this.#parts.feed, quietQueue(this.#queue), quietQueue(this.#lane.queue)]);
  }

  /** Its own objects and those that its commits name; everything while something waits for what others may bring or take away. */
  #concern(): Concern {
    const { name } = this.#parts.application;
    const keys = new Set(this.#inventory.map((entry) => keyString(keyOfEntry(entry))));
    return { applications: [name], keys, everything: this.#isAnythingAwaited };
  }

  async #pass(signal: AbortSignal): Promise<WorkResult> {
    let stale = 0;
    for (let steps = 0; steps < MAX_STEPS && !signal.aborted; steps++) {
      const view = this.#look(await this.#heeded(await this.#application()));
      const step = this.#postponed(decide(view.status, view.observed, view.now), view);
      const isAtRest = step.do === 'wait';
      const performance = isAtRest ? this.#report(view, step) : this.#planned(step, view);
      if (!(await this.#write(performance, view))) {
        stale += 1;
        if (stale > MAX_STALE_PLANS) throw new Error('the store changes faster than plans are made');
        continue;
      }
      this.#note(step, view, performance);
      if (isAtRest) return this.#rest(view, step);
    }
    return { checkAgainAfterMs: 0 };
  }

  /** The application's resource, made or brought up to date when need be. */
  async #application(): Promise<StoredOf<'Application'>> {
    const { store, application, keptTime } = this.#parts;
    await keptTime?.keep();
    const { name, isDeclared = false } = application;
    const live = store.get('Application', '', name);
    if (isDeclared && live === undefined) throw new TerminalError('it is no longer declared');
    const { repo, revision } = application.spec;
    const spec = isDeclared && live ? { ...live.spec, repo, revision } : withSettings(application.spec, this.#lane.loaded, live);
    if (live !== undefined && isDeepStrictEqual(live.spec, spec)) return live;
    const result = await store.write([
      live === undefined
        ? { op: 'create', resource: { apiVersion: 'holdfast.dev/v1', kind: 'Application', metadata: { name }, spec } }
        : { op: 'update', resource: { ...live, spec } },
    ]);
    const stored = store.get('Application', '', name);
    if (!result.ok) throw new StalePlan(result);
    if (stored === undefined) throw new Error(`application ${name} was removed while it was written`);
    return stored;
  }

  /** What people have ordered is known before anything is decided. */
  async #heeded(application: StoredOf<'Application'>): Promise<StoredOf<'Application'>> {
    const { store, orders: desk = noOrders, clock, images } = this.#parts;
    const { head, loaded } = this.#lane;
    const heard = await hearOrders(application, { store, desk, now: clock.now(), head, loaded });
    if (heard.isRetry) {
      images.forgetFailures();
      this.#lane.loadAgain();
    }
    return heard.application;
  }

  #look(application: StoredOf<'Application'>): View {
    const { store, clock, images, checkPlacement, isObserved, agreed, softDelete } = this.#parts;
    const { head, loaded } = this.#lane;
    const now = clock.now();
    this.#waiters.keepTime(now - clock.elapsed());
    const dependencies = this.#parts.dependencies?.() ?? [];
    const known = { application, store, now, head, loaded, images, checkPlacement, dependencies, agreed, softDelete };
    const view = observe({ ...known, isObserved: isObserved?.() ?? true });
    if (head !== undefined && view.isLoadNeeded) this.#lane.want(head);
    const inventory = view.status.inventory ?? NOTHING;
    const isAnythingAwaited = view.candidate !== undefined || (view.observed.deleted?.wishes ?? []).length > 0;
    // What is stored is frozen: the same list says the same.
    if (inventory === this.#inventory && isAnythingAwaited === this.#isAnythingAwaited) return view;
    this.#inventory = inventory;
    this.#isAnythingAwaited = isAnythingAwaited;
    this.#following?.follow(this.#concern());
    return view;
  }

  /** A repair that is made again and again waits for its time. */
  #postponed(step: Step, view: View): Step {
    if (step.do !== 'converge' || isApplied(view.status.attempt)) return step;
    const due = dueChanges(view, 'wanted');
    const allowedAtMs = Math.max(0, ...due.map((change) => this.#repairs.allowedAtMs(change.key, view.now)));
    if (allowedAtMs <= view.now) return step;
    const { status, observed, now } = view;
    // Hooks of a commit do not wait for it.
    if (isBegun(status.attempt) && observed.target !== undefined)
      return decide(status, { ...observed, target: { ...observed.target, changes: 0 } }, now);
    return { do: 'wait', waitingFor: [this.#repairs.complaint(view.now) ?? 'a repair'], untilMs: allowedAtMs };
  }

  #planned(step: Step, view: View): Performance {
    const performance = planPerformance(step, view, this.#parts.store);
    if (step.do !== 'converge' || isApplied(view.status.attempt)) return performance;
    return { ...performance, status: withRepairs(performance.status, performance.changes, view.now) };
  }

  #report(view: View, { waitingFor }: Step & { do: 'wait' }): Performance {
    const { status, observed, target, now } = view;
    const drift = { drift: this.#repairs.complaint(now), left: leftDrift(view) };
    const rest = restStatus({ status, observed, waitingFor, trouble: this.#lane.trouble, ...drift }, now);
    const { store, application } = this.#parts;
    const manifests = isApplied(status.attempt) ? [] : (target?.wanted.manifests ?? []);
    const done = withFinishedJobs(rest, manifests, application.name, store);
    return { status: withLeft(withoutGoneHooks(done, store), view), changes: [], writes: [] };
  }

  async #write(performance: Performance, view: View): Promise<boolean> {
    const isNothing = performance.changes.length === 0 && performance.writes.length === 0;
    if (isNothing && isDeepStrictEqual(performance.status, view.status)) return true;
    const { store, notary } = this.#parts;
    const result = await store.write(performanceWrites(performance, view, store, notary));
    return result.ok;
  }

  #note(step: Step, view: View, performance: Performance): void {
    const { logger, application } = this.#parts;
    if (step.do === 'converge' && !isApplied(view.status.attempt)) {
      this.#repairs.note(performance.changes, view.now);
      this.#parts.onRepair?.(performance.changes.length);
    }
    this.#waiters.note(step, performance.changes, view);
    logStep(logger, application.name, step, view, performance);
  }

  #rest(view: View, step: Step & { do: 'wait' }): WorkResult {
    return nextLook(view, step, this.#waiters.tell(view, step, this.#lane));
  }
}

/** How far applications are is for themselves; what they are to be is for those that declare them, too. */
function isWorthALook({ type, resource, before }: WatchEvent): boolean {
  if (resource.kind === 'Event' || resource.kind === 'ApplicationRevision') return false;
  return resource.kind !== 'Application' || type !== 'modified' || !isSameWish(before, resource);
}
