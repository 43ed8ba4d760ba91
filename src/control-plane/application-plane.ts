// The applications that others declare: each has a source, a syncer and a notifier of its own, over the one store. Begins them, ends them, and takes
// away what one leaves that is no longer declared. Knows the rooms, and decides nothing that the store does not say.

import { isEnding } from '../model/deletion.ts';
import { hashOf } from '../model/hash.ts';
import type { StoredOf } from '../model/resource.ts';
import type { Following } from '../runtime/store-feed.ts';
import { allQuiet, type Quiet, quietQueue } from '../runtime/watch-store.ts';
import { WorkQueue, type WorkResult } from '../runtime/work-queue.ts';
import { type SourceFinding, sourceOf } from '../sources/declared-source.ts';
import type { WatchEvent } from '../store/store.ts';
import { applicationOf } from '../sync/applied.ts';
import { childrenOf, isInForce, liveCommitOf, PRUNE_FINALIZER, parentOf } from '../sync/declared.ts';
import { planDeparture } from '../sync/departure.ts';
import { Dependents, dependencyWaits } from '../sync/dependencies.ts';
import type { Outcome } from '../sync/outcome.ts';
import type { Wait } from '../sync/waiters.ts';
import { sleep } from '../system/clock.ts';
import { withDeadline } from '../system/deadline.ts';
import { type BegunApplication, beginApplication, type SharedParts } from './declared-application.ts';

/** What the plane needs beside what its applications share. */
export interface ApplicationPlaneParts extends SharedParts {
  /** Until when what a single run removes must be gone. */
  readonly removalTimeoutMs: number;
}

/** One that works. `key`: what it was begun with; with something else it is begun anew. */
type Running = BegunApplication & { readonly key: string };

const LOOK_AGAIN_MS = 200;

type StoredApplication = StoredOf<'Application'>;

export class ApplicationPlane implements Quiet {
  readonly #parts: ApplicationPlaneParts;
  readonly #running = new Map<string, Running>();
  readonly #queue: WorkQueue;
  readonly #aborter = new AbortController();
  #following: Following | undefined;
  readonly #dependents = new Dependents();
  /** Those whose objects are on their way out. */
  readonly #departing = new Map<string, Following>();

  constructor(parts: ApplicationPlaneParts) {
    this.#parts = parts;
    const { clock, ids, logger } = parts;
    this.#queue = new WorkQueue({
      clock,
      random: () => ids.random(),
      concurrency: 1,
      work: (name) => this.#work(name),
      onError: (application, error, retryInMs) =>
        logger.error({ component: 'applications', application, error, retryInMs }, 'pass failed'),
    });
  }

  start(): void {
    const { store, feed } = this.#parts;
    const onRelist = (): void => {
      const declared = store.list('Application').filter((application) => applicationOf(application) !== undefined);
      const names = new Set([...declared.map(({ metadata }) => metadata.name), ...this.#running.keys()]);
      for (const name of names) {
        this.#dependents.set(name, store.get('Application', '', name)?.spec.dependsOn);
        this.#queue.add(name);
      }
    };
    this.#following = feed.join({ onRelist, onEvent: (event) => this.#see(event) }, { kinds: ['Application', 'Secret'] });
  }

  /** Stops working; everything that runs goes on. */
  async stop(): Promise<void> {
    this.#aborter.abort(new Error('the applications were stopped'));
    this.#following?.end();
    await this.#queue.stop();
    await Promise.all([...this.#running.keys()].map((name) => this.#end(name)));
  }

  /** Pods were looked at: what was said of their health counts from here on. */
  wake(): void {
    for (const { syncer } of this.#running.values()) syncer.wake();
  }

  /** Whether one stands where the application is live that declares it. */
  isFollower(name: string): boolean {
    return this.#running.get(name)?.isFollower === true;
  }

  /** Those that work now. */
  get applications(): readonly BegunApplication[] {
    return [...this.#running.values()];
  }

  /** How much waits. */
  get depth(): number {
    return [...this.#running.values()].reduce((sum, { syncer }) => sum + syncer.queue.depth, this.#queue.depth);
  }

  isIdle(): boolean {
    return this.#quiet().isIdle();
  }

  /** Resolves when nothing runs and nothing is due. */
  idle(): Promise<void> {
    return this.#quiet().idle();
  }

  #quiet(): Quiet {
    const all = [...this.#running.values()].flatMap(({ syncer, notifier }) =>
      notifier === undefined ? [syncer] : [syncer, notifier],
    );
    return allQuiet([this.#parts.feed, quietQueue(this.#queue), ...all]);
  }

  /**
   * How the newest commits of all that `parent` declares end, and of what those declare. One that is refused is looked at again as long as
   * others get somewhere: what it lacks may come from them.
   */
  async conclude(parent: string, wait: Wait = {}): Promise<readonly Outcome[]> {
    await this.#removals(parent);
    const names = childrenOf(parent, this.#parts.store).map(({ metadata }) => metadata.name);
    let outcomes = await Promise.all(names.map((name) => this.concludeOne(name, wait)));
    for (let round = 0; round < names.length; round++) {
      const refused = outcomes.filter(({ outcome }) => outcome === 'preflight-failed');
      if (refused.length === 0) break;
      const again = await Promise.all(refused.map(({ application }) => this.concludeOne(application, wait)));
      const isAnyBetter = again.some(({ outcome }) => outcome !== 'preflight-failed');
      outcomes = outcomes.map((old) => again.find(({ application }) => application === old.application) ?? old);
      if (!isAnyBetter) break;
    }
    return outcomes;
  }

  /** How the newest commit of one ends, and of those that it declares. */
  async concludeOne(name: string, wait: Wait = {}): Promise<Outcome> {
    const { store } = this.#parts;
    await this.#queue.idle();
    const running = this.#running.get(name);
    if (running === undefined) return notBegun(name, 'what declares it is not live');
    const outcome = await running.syncer.conclude({
      ...wait,
      awaited: running.isFollower ? () => this.#followed(name) : undefined,
    });
    const applications = await this.conclude(name, below(wait));
    const { actions, ...rest } = outcome;
    return { ...rest, actions, ...(childrenOf(name, store).length === 0 ? {} : { applications }) };
  }

  /** Waits until what is no longer declared is gone, or for as long as may be. */
  async #removals(parent: string): Promise<void> {
    const { clock, store, removalTimeoutMs, logger } = this.#parts;
    const isOver = (): boolean => !childrenOf(parent, store).some(isEnding);
    const gone = async (signal: AbortSignal): Promise<void> => {
      while (!isOver()) await sleep(clock, LOOK_AGAIN_MS, signal);
    };
    await withDeadline(clock, 'removing applications', removalTimeoutMs, gone, this.#aborter.signal).catch((error: unknown) =>
      logger.warn({ error }, 'applications that are no longer declared are still there'),
    );
  }

  #see({ resource }: WatchEvent): void {
    if (resource.kind === 'Secret') this.#wakeUsersOf(resource);
    if (resource.kind !== 'Application') return;
    const { name } = resource.metadata;
    this.#dependents.set(name, this.#parts.store.get('Application', '', name)?.spec.dependsOn);
    if (applicationOf(resource) !== undefined || this.#running.has(name)) this.#queue.add(name);
    this.#wakeBeside(name);
  }

  /** An application has moved: those that follow it, or wait for it, look at it. */
  #wakeBeside(name: string): void {
    for (const { metadata } of childrenOf(name, this.#parts.store)) {
      this.#queue.add(metadata.name);
      const running = this.#running.get(metadata.name);
      if (running?.isFollower === true && running.syncer.lane.head !== this.#followed(metadata.name)) running.syncer.lane.look();
    }
    for (const other of this.#dependents.of(name)) this.#running.get(other)?.syncer.wake();
  }

  #wakeUsersOf({ metadata }: StoredOf<'Secret'>): void {
    const applications = this.#parts.store.list('Application');
    // Whom one trusts, those trust that it declares.
    const isOfKeys = applications.some(({ spec }) => spec.verify?.secretRef.name === metadata.name);
    for (const application of applications)
      if (isOfKeys || application.spec.source?.secretRef?.name === metadata.name) this.#queue.add(application.metadata.name);
  }

  async #work(name: string): Promise<WorkResult> {
    const application = this.#parts.store.get('Application', '', name);
    const parent = application === undefined ? undefined : parentOf(application, this.#parts.store);
    if (application === undefined || applicationOf(application) === undefined) return await this.#end(name);
    if (isEnding(application)) return await this.#depart(application);
    if (parent === undefined || isEnding(parent)) return;
    if (!isInForce(application, parent)) return;
    const found = sourceOf(application, this.#parts.store);
    const key = this.#keyOf(application, found);
    if (this.#running.get(name)?.key === key) return;
    await this.#end(name);
    // Nothing of it is written before it is certain that it is not forgotten.
    if (!(await this.#keep(application))) return { checkAgainAfterMs: 0 };
    this.#begin(application, found, key);
  }

  async #keep(application: StoredApplication): Promise<boolean> {
    const { finalizers = [] } = application.metadata;
    if (finalizers.includes(PRUNE_FINALIZER)) return true;
    const metadata = { ...application.metadata, finalizers: [...finalizers, PRUNE_FINALIZER] };
    return (await this.#parts.store.write([{ op: 'update', resource: { ...application, metadata } }])).ok;
  }

  #keyOf({ spec }: StoredApplication, found: SourceFinding): string {
    const { targetNamespace, substitute, skipUnknownKinds } = spec;
    return hashOf([found, targetNamespace ?? null, substitute ?? null, skipUnknownKinds ?? null]);
  }

  #begin(application: StoredApplication, found: SourceFinding, key: string): void {
    const { name } = application.metadata;
    const links = {
      followed: () => this.#followed(name),
      dependencies: () => this.#dependencies(name),
      onSource: () => this.#wakeBeside(name),
    };
    const begun = beginApplication(application, found, links, this.#parts);
    this.#running.set(name, { ...begun, key });
  }

  /** The commit that a follower is to be at. */
  #followed(name: string): string | undefined {
    const { store } = this.#parts;
    const application = store.get('Application', '', name);
    const parent = application === undefined ? undefined : parentOf(application, store);
    return parent === undefined ? undefined : liveCommitOf(parent.status ?? {});
  }

  #dependencies(name: string): readonly string[] {
    const { store } = this.#parts;
    const names = (store.get('Application', '', name)?.spec.dependsOn ?? []).map((each) => each.name);
    const newest = (other: string): string | undefined => {
      const running = this.#running.get(other);
      return running?.isFollower === true ? this.#followed(other) : running?.syncer.lane.head;
    };
    return dependencyWaits(names, newest, store);
  }

  async #end(name: string): Promise<void> {
    const running = this.#running.get(name);
    this.#running.delete(name);
    this.#departing.get(name)?.end();
    this.#departing.delete(name);
    await running?.stop();
  }

  async #depart(application: StoredApplication): Promise<WorkResult> {
    const { store, clock, logger } = this.#parts;
    const { name } = application.metadata;
    if (!this.#departing.has(name)) {
      await this.#end(name);
      const again = (): void => this.#queue.add(name);
      this.#departing.set(name, this.#parts.feed.join({ onRelist: again, onEvent: again }, { applications: [name] }));
    }
    const current = store.get('Application', '', name);
    if (current === undefined) return;
    const { writes, changes, waitingFor } = planDeparture(current, store, clock.now());
    if (writes.length === 0) {
      logger.debug({ component: 'applications', application: name, waitingFor }, 'waits for what leaves');
      return;
    }
    const { ok } = await store.write(writes);
    for (const { key } of ok ? changes : [])
      logger.info({ component: 'applications', application: name, ...key, action: 'delete' }, 'action');
    return { checkAgainAfterMs: 0 };
  }
}

/** What is waited for of those that an application declares: they have commits of their own. */
export function below({ pinned, ...wait }: Wait): Wait {
  return pinned === undefined ? wait : { ...wait, pinned: {} };
}

function notBegun(application: string, message: string): Outcome {
  return { application, commit: undefined, outcome: 'failed', actions: [], problems: [], message };
}
