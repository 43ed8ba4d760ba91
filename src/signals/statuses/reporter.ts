// Tells forges what becomes of the commits of all applications. Beside everything else: a forge that hangs or asks to be left alone holds up no
// sync, and no other forge. What it knows is in the application's status, so that a restart neither forgets nor repeats.
import type { StoredOf } from '../../model/resource.ts';
import type { Quiet } from '../../runtime/watch-store.ts';
import type { WorkResult } from '../../runtime/work-queue.ts';
import type { StoreReader } from '../../store/store.ts';
import { withDeadline } from '../../system/deadline.ts';
import { ApplicationQueue, type ApplicationSignalParts, REFUSED_RETRY_MS } from '../application-queue.ts';
import { changeStatus } from '../application-status.ts';
import type { Metrics } from '../metrics/metrics.ts';
import { deliveryFault, NotDelivered } from '../notify/courier.ts';
import { ANSWER_TIMEOUT_MS, type ForgeClient } from './forge-client.ts';
import type { StatusPlace } from './place.ts';
import { type CommitStatus, requestOf, type StatusVerdict, verdictOf } from './requests.ts';
import { failingReport, reportFrom, toldReport, untoldStatuses } from './wanted.ts';

const FIRST_RETRY_MS = 1_000;
/** Applications whose forges are told at the same time. */
const CONCURRENCY = 4;

/** Where the statuses of an application go, with the token; or why they cannot. The token is read for each of them. */
export type StatusTarget = { readonly place: StatusPlace; readonly token: string } | { readonly fault: string };
/** Undefined: nobody wants statuses of this application. */
export type FindStatusTarget = (application: StoredOf<'Application'>, reader: StoreReader) => StatusTarget | undefined;

/** What telling forges takes. */
export interface StatusTelling {
  readonly client: ForgeClient;
  readonly targetOf: FindStatusTarget;
}

export interface StatusReporterParts extends StatusTelling, ApplicationSignalParts {
  readonly cluster: string;
  readonly metrics: Metrics;
}

export class StatusReporter implements Quiet {
  readonly #parts: StatusReporterParts;
  readonly #queue: ApplicationQueue;
  readonly #startedAtMs: number;
  /** By application: from when on commits are told of, where the status does not say it yet. */
  readonly #from = new Map<string, string>();
  /** By address of an API: until when it is left alone, by the time that only grows. */
  readonly #pausedUntilMs = new Map<string, number>();
  /** By application: what the forge did not take, for now. */
  readonly #refused = new Map<string, Set<string>>();

  constructor(parts: StatusReporterParts) {
    this.#parts = parts;
    this.#startedAtMs = parts.clock.now();
    this.#queue = new ApplicationQueue(parts, {
      concurrency: CONCURRENCY,
      firstRetryMs: FIRST_RETRY_MS,
      markOf: (application) => this.#untold(application).map(markOf).join(),
      work: (name, signal) => this.#tell(name, signal),
      onRemoved: (name) => this.#forget(name),
      onSecret: () => this.#retryAll(),
      says: { failed: 'status of a commit was not told', late: 'statuses of commits were not told in time' },
    });
  }

  start(): void {
    this.#queue.start();
  }

  /** Ends it, with what is on its way. */
  async stop(): Promise<void> {
    await this.#queue.stop();
  }

  /** Resolves when the forges know all, when they do not want it, or after `timeoutMs`. Never rejects. */
  async settled(timeoutMs: number): Promise<void> {
    await this.#queue.settled(timeoutMs, (application) =>
      this.#untold(application).some((status) => !this.#isRefused(application.metadata.name, status)),
    );
  }

  isIdle(): boolean {
    return this.#queue.isIdle();
  }

  idle(): Promise<void> {
    return this.#queue.idle();
  }

  #forget(name: string): void {
    this.#from.delete(name);
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
      const answer = await withDeadline(clock, 'telling it', ANSWER_TIMEOUT_MS, send, signal);
      return verdictOf(place.forge, answer, clock.now());
    } catch (error) {
      if (signal.aborted) throw error;
      return { result: 'failed', message: deliveryFault(error, ANSWER_TIMEOUT_MS) };
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
