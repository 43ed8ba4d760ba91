// Tells forges what becomes of the commits of all applications. Beside everything else: a forge that hangs or asks to be left alone holds up no
// sync, and no other forge. What it knows is in the application's status, so that a restart neither forgets nor repeats.
import type { StoredOf } from '../../model/resource.ts';
import { allQuiet, type Quiet, quietQueue, type StoreWatch, watchStore } from '../../runtime/watch-store.ts';
import { WorkQueue, type WorkResult } from '../../runtime/work-queue.ts';
import type { Store, StoreReader } from '../../store/store.ts';
import { type Clock, sleep } from '../../system/clock.ts';
import { withDeadline } from '../../system/deadline.ts';
import type { Ids } from '../../system/ids.ts';
import type { Logger } from '../../system/logger.ts';
import { changeStatus } from '../application-status.ts';
import type { Metrics } from '../metrics/metrics.ts';
import { deliveryFault, NotDelivered } from '../notify/courier.ts';
import type { ForgeClient } from './forge-client.ts';
import type { StatusPlace } from './place.ts';
import { type CommitStatus, requestOf, type StatusVerdict, verdictOf } from './requests.ts';
import { failingReport, reportFrom, toldReport, untoldStatuses } from './wanted.ts';

/** For one status. */
const DELIVERY_TIMEOUT_MS = 10_000;
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 600_000;
/** What was refused may be taken once a person has done something. */
const REFUSED_RETRY_MS = 600_000;
/** Applications whose forges are told at the same time. */
const CONCURRENCY = 4;
const LOOK_AGAIN_MS = 50;

/** Where the statuses of an application go, with the token; or why they cannot. The token is read for each of them. */
export type StatusTarget = { readonly place: StatusPlace; readonly token: string } | { readonly fault: string };
/** Undefined: nobody wants statuses of this application. */
export type FindStatusTarget = (application: StoredOf<'Application'>, reader: StoreReader) => StatusTarget | undefined;

/** What telling forges takes. */
export interface StatusTelling {
  readonly client: ForgeClient;
  readonly targetOf: FindStatusTarget;
}

export interface StatusReporterParts extends StatusTelling {
  readonly cluster: string;
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

export class StatusReporter implements Quiet {
  readonly #parts: StatusReporterParts;
  readonly #queue: WorkQueue;
  readonly #aborter = new AbortController();
  readonly #startedAtMs: number;
  #watch: StoreWatch | undefined;
  /** By application: from when on commits are told of, where the status does not say it yet. */
  readonly #from = new Map<string, string>();
  /** By application: what was to be told when it was last looked at. Nothing else wakes one whose forge is to be left alone. */
  readonly #seen = new Map<string, string>();
  /** By address of an API: until when it is left alone, by the time that only grows. */
  readonly #pausedUntilMs = new Map<string, number>();
  /** By application: what the forge did not take, for now. */
  readonly #refused = new Map<string, Set<string>>();

  constructor(parts: StatusReporterParts) {
    const { clock, ids, logger } = parts;
    this.#parts = parts;
    this.#startedAtMs = clock.now();
    this.#queue = new WorkQueue({
      clock,
      random: () => ids.random(),
      concurrency: CONCURRENCY,
      backoff: { initialMs: FIRST_RETRY_MS, maxMs: LONGEST_RETRY_MS },
      work: (name, signal) => this.#tell(name, signal),
      onError: (application, error, retryInMs) => {
        const message = error instanceof Error ? error.message : String(error);
        logger.warn({ component: 'signals', application, message, retryInMs }, 'status of a commit was not told');
      },
    });
  }

  start(): void {
    const { store, clock, logger } = this.#parts;
    this.#watch = watchStore({
      store,
      clock,
      logger,
      signal: this.#aborter.signal,
      onRelist: () => {
        for (const application of store.list('Application')) this.#see(application);
      },
      onEvent: ({ type, resource }) => {
        if (resource.kind === 'Secret') this.#retryAll();
        if (resource.kind !== 'Application') return;
        if (type === 'removed') this.#forget(resource.metadata.name);
        else this.#see(resource);
      },
    });
  }

  /** Ends it, with what is on its way. */
  async stop(): Promise<void> {
    this.#aborter.abort(new Error('telling forges has ended'));
    await this.#queue.stop();
    await this.#watch?.done;
  }

  /** Resolves when the forges know all, when they do not want it, or after `timeoutMs`. Never rejects. */
  async settled(timeoutMs: number): Promise<void> {
    const { clock, store, logger } = this.#parts;
    const missing = (): readonly string[] =>
      store.list('Application').flatMap((application) => {
        const { name } = application.metadata;
        return this.#untold(application).every((status) => this.#isRefused(name, status)) ? [] : [name];
      });
    const told = async (signal: AbortSignal): Promise<void> => {
      while (missing().length > 0) await sleep(clock, LOOK_AGAIN_MS, signal);
    };
    await withDeadline(clock, 'telling forges', timeoutMs, told, this.#aborter.signal).catch(() =>
      logger.warn({ component: 'signals', applications: missing() }, 'statuses of commits were not told in time'),
    );
  }

  isIdle(): boolean {
    return this.#quiet().isIdle();
  }

  idle(): Promise<void> {
    return this.#quiet().idle();
  }

  #quiet(): Quiet {
    return allQuiet([this.#watch, quietQueue(this.#queue)]);
  }

  #forget(name: string): void {
    this.#from.delete(name);
    this.#seen.delete(name);
    this.#refused.delete(name);
  }

  #fromOf({ metadata, status = {} }: StoredOf<'Application'>): string {
    const from = status.commitStatuses?.from ?? this.#from.get(metadata.name) ?? reportFrom(status, this.#startedAtMs);
    this.#from.set(metadata.name, from);
    return from;
  }

  #untold(application: StoredOf<'Application'>): readonly CommitStatus[] {
    if (this.#parts.targetOf(application, this.#parts.store) === undefined) return [];
    return untoldStatuses(application.status ?? {}, this.#fromOf(application));
  }

  #see(application: StoredOf<'Application'>): void {
    const { name } = application.metadata;
    const untold = this.#untold(application);
    const mark = untold.map(markOf).join();
    if (mark === (this.#seen.get(name) ?? '')) return;
    this.#seen.set(name, mark);
    if (untold.length > 0) this.#queue.add(name);
  }

  /** A token that could not be had may be there now. */
  #retryAll(): void {
    for (const name of this.#refused.keys()) this.#queue.add(name);
  }

  #isRefused(name: string, status: CommitStatus): boolean {
    return this.#refused.get(name)?.has(markOf(status)) === true;
  }

  /** The oldest that there is to tell; what was refused comes again when there is nothing else. */
  #next(application: StoredOf<'Application'>): CommitStatus | undefined {
    const { name } = application.metadata;
    const untold = this.#untold(application);
    const fresh = untold.find((status) => !this.#isRefused(name, status));
    if (fresh === undefined) this.#refused.delete(name);
    return fresh ?? untold[0];
  }

  /** Tells the forge one status, the oldest. */
  async #tell(name: string, signal: AbortSignal): Promise<WorkResult> {
    const { store, clock } = this.#parts;
    const application = store.get('Application', '', name);
    const target = application === undefined ? undefined : this.#parts.targetOf(application, store);
    if (application === undefined || target === undefined) return;
    const status = this.#next(application);
    if (status === undefined) return;
    if ('fault' in target) return await this.#refusedFor(application, status, target.fault);
    const pauseMs = (this.#pausedUntilMs.get(target.place.api) ?? 0) - clock.elapsed();
    if (pauseMs > 0) return { checkAgainAfterMs: pauseMs };
    const verdict = await this.#send(name, target, status, signal);
    if ('pauseMs' in verdict) this.#pausedUntilMs.set(target.place.api, clock.elapsed() + verdict.pauseMs);
    this.#count(name, target.place, verdict);
    if (verdict.result === 'busy') return { checkAgainAfterMs: verdict.pauseMs };
    if (verdict.result === 'refused') return await this.#refusedFor(application, status, verdict.message);
    if (verdict.result === 'failed') {
      await this.#failing(name, verdict.message);
      throw new NotDelivered(verdict.message);
    }
    await this.#taken(name, target.place, status);
    return { checkAgainAfterMs: 0 };
  }

  /** Another one may be taken; this one is not, before a person has done something. */
  async #refusedFor(application: StoredOf<'Application'>, status: CommitStatus, message: string): Promise<WorkResult> {
    const { name } = application.metadata;
    this.#refused.set(name, new Set([...(this.#refused.get(name) ?? []), markOf(status)]));
    await this.#failing(name, message);
    const isAll = this.#untold(application).every((each) => this.#isRefused(name, each));
    return { checkAgainAfterMs: isAll ? REFUSED_RETRY_MS : 0 };
  }

  async #send(
    name: string,
    { place, token }: { readonly place: StatusPlace; readonly token: string },
    status: CommitStatus,
    signal: AbortSignal,
  ): Promise<StatusVerdict> {
    const { clock, client, cluster } = this.#parts;
    const request = requestOf(place, token, `holdfast/${cluster}/${name}`, status);
    try {
      const send = (inner: AbortSignal) => client.send(request, inner);
      const answer = await withDeadline(clock, 'telling it', DELIVERY_TIMEOUT_MS, send, signal);
      return verdictOf(place.forge, answer, clock.now());
    } catch (error) {
      if (signal.aborted) throw error;
      return { result: 'failed', message: deliveryFault(error, DELIVERY_TIMEOUT_MS) };
    }
  }

  #count(application: string, { forge }: StatusPlace, { result }: StatusVerdict): void {
    const counted = result === 'taken' ? 'sent' : 'failed';
    this.#parts.metrics.count('holdfast_commit_statuses_total', { application, forge, result: counted });
  }

  async #taken(name: string, { forge, repository }: StatusPlace, told: CommitStatus): Promise<void> {
    const { store, clock, logger } = this.#parts;
    const { commit, state } = told;
    logger.info({ component: 'signals', application: name, forge, repository, commit, state }, 'status of a commit told');
    const from = this.#from.get(name) ?? '';
    await changeStatus(store, name, (status) => ({
      ...status,
      commitStatuses: toldReport(status, from, told, clock.now()),
    }));
  }

  async #failing(name: string, message: string): Promise<void> {
    const { store, clock, logger } = this.#parts;
    const from = this.#from.get(name) ?? '';
    const isNew = await changeStatus(store, name, (status) =>
      status.commitStatuses?.failing?.message === message
        ? undefined
        : { ...status, commitStatuses: failingReport(status, from, message, clock.now()) },
    );
    if (isNew) logger.warn({ component: 'signals', application: name, message }, 'status of a commit cannot be told');
  }
}

const markOf = ({ commit, state }: CommitStatus): string => `${commit} ${state}`;
