// Has repositories go back after a rollback, where their applications want that. Beside everything else: a server that hangs, or refuses, holds up no
// sync and touches nothing that runs. What it knows is in the application's status, and what is done is seen on the server.
import type { ApplicationStatus, RevertReport, StoredOf } from '../../model/resource.ts';
import { toRfc3339 } from '../../model/time.ts';
import { allQuiet, type Quiet, quietQueue, type StoreWatch, watchStore } from '../../runtime/watch-store.ts';
import { WorkQueue, type WorkResult } from '../../runtime/work-queue.ts';
import type { Store, StoreReader } from '../../store/store.ts';
import { type Clock, sleep } from '../../system/clock.ts';
import { withDeadline } from '../../system/deadline.ts';
import type { Ids } from '../../system/ids.ts';
import type { Logger } from '../../system/logger.ts';
import { changeStatus } from '../application-status.ts';
import { NotDelivered } from '../notify/courier.ts';
import type { ForgeClient } from '../statuses/forge-client.ts';
import { carryOut, NotReverted, type RevertTarget } from './carry-out.ts';
import { afterwards, isDone, pendingReport, type RevertWish, wishOf } from './wish.ts';

/** For one try: a clone, a push and a few questions, each with a deadline of its own. */
const TRY_TIMEOUT_MS = 900_000;
const FIRST_RETRY_MS = 2_000;
const LONGEST_RETRY_MS = 600_000;
/** What was refused may be taken once a person has done something. */
const REFUSED_RETRY_MS = 600_000;
const LOOK_AGAIN_MS = 50;
const CONCURRENCY = 2;

type StoredApplication = StoredOf<'Application'>;

/** The repository of an application; or why nothing can be written to it. */
export type FindRevertTarget = (
  application: StoredApplication,
  wish: RevertWish,
  reader: StoreReader,
) => RevertTarget | { readonly fault: string };

/** What having repositories go back takes. */
export interface Reverting {
  readonly client: ForgeClient;
  readonly targetOf: FindRevertTarget;
}

export interface ReverterParts extends Reverting {
  readonly cluster: string;
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
}

export class Reverter implements Quiet {
  readonly #parts: ReverterParts;
  readonly #queue: WorkQueue;
  readonly #aborter = new AbortController();
  #watch: StoreWatch | undefined;
  /** By application: what there was to do when it was last looked at. Nothing else wakes one whose server is to be left alone. */
  readonly #seen = new Map<string, string>();

  constructor(parts: ReverterParts) {
    const { clock, ids, logger } = parts;
    this.#parts = parts;
    this.#queue = new WorkQueue({
      clock,
      random: () => ids.random(),
      concurrency: CONCURRENCY,
      backoff: { initialMs: FIRST_RETRY_MS, maxMs: LONGEST_RETRY_MS },
      work: (name, signal) => this.#work(name, signal),
      onError: (application, error, retryInMs) => {
        const message = error instanceof Error ? error.message : String(error);
        logger.warn({ component: 'signals', application, message, retryInMs }, 'commit was not reverted');
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
        if (resource.kind === 'Secret') this.#retryUsersOf(resource.metadata.name);
        if (resource.kind !== 'Application') return;
        if (type === 'removed') this.#seen.delete(resource.metadata.name);
        else this.#see(resource);
      },
    });
  }

  /** Ends it, with what is on its way. */
  async stop(): Promise<void> {
    this.#aborter.abort(new Error('reverting has ended'));
    await this.#queue.stop();
    await this.#watch?.done;
  }

  /** Resolves when each wish is fulfilled, or has failed once, or after `timeoutMs`. Never rejects. */
  async settled(timeoutMs: number): Promise<void> {
    const { clock, store, logger } = this.#parts;
    const open = (): readonly string[] =>
      store.list('Application').flatMap((application) => {
        const wish = wishOf(application);
        const report = application.status?.revert;
        if (wish === undefined || isDone(report, wish)) return [];
        return report?.commit === wish.bad.commit.id && report.message !== undefined ? [] : [application.metadata.name];
      });
    const done = async (signal: AbortSignal): Promise<void> => {
      while (open().length > 0) await sleep(clock, LOOK_AGAIN_MS, signal);
    };
    await withDeadline(clock, 'reverting', timeoutMs, done, this.#aborter.signal).catch(() =>
      logger.warn({ component: 'signals', applications: open() }, 'commits were not reverted in time'),
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

  #see(application: StoredApplication): void {
    const { name } = application.metadata;
    const mark = markOf(application);
    if (mark === (this.#seen.get(name) ?? '')) return;
    this.#seen.set(name, mark);
    if (mark !== '') this.#queue.add(name);
  }

  /** Credentials that were refused may be right now. */
  #retryUsersOf(secret: string): void {
    const { store } = this.#parts;
    for (const name of this.#seen.keys()) {
      const { spec } = store.get('Application', '', name) ?? {};
      const used = [spec?.rollback?.revert?.secretRef?.name, spec?.source?.secretRef?.name];
      if (used.includes(secret)) this.#queue.add(name);
    }
  }

  async #work(name: string, signal: AbortSignal): Promise<WorkResult> {
    const { store, clock } = this.#parts;
    const application = store.get('Application', '', name);
    if (application === undefined) return;
    const wish = wishOf(application);
    if (wish === undefined) {
      await changeReport(store, name, (status) => afterwards(application.spec, status, clock.now()));
      return;
    }
    if (isDone(application.status?.revert, wish)) return;
    const target = this.#parts.targetOf(application, wish, store);
    if ('fault' in target) return await this.#failed(name, wish, new NotReverted(target.fault, 'later'));
    try {
      return await this.#try(name, wish, target, signal);
    } catch (error) {
      if (signal.aborted) throw error;
      return await this.#failed(name, wish, error);
    }
  }

  async #try(name: string, wish: RevertWish, target: RevertTarget, signal: AbortSignal): Promise<WorkResult> {
    const { store, clock, client, cluster, logger } = this.#parts;
    const intend = async (branch: string, revert: string): Promise<void> => {
      // Read again: whatever has come meanwhile ends it.
      const now = store.get('Application', '', name);
      if (now === undefined || wishOf(now)?.bad.commit.id !== wish.bad.commit.id)
        throw new NotReverted('it is not wanted any more', 'soon');
      await changeReport(store, name, (status) => pendingReport(status, wish, { branch, revert }, clock.now()));
    };
    const attempt = { application: name, cluster, target, client, now: () => clock.now(), intend };
    const end = await withDeadline(clock, 'reverting it', TRY_TIMEOUT_MS, (inner) => carryOut(wish, attempt, inner), signal);
    const report: RevertReport = { commit: wish.bad.commit.id, since: toRfc3339(clock.now()), ...end };
    await changeReport(store, name, () => report);
    logger.info({ component: 'signals', application: name, ...report }, 'revert');
  }

  /** What runs stays as it is, whatever the server says. */
  async #failed(name: string, wish: RevertWish, error: unknown): Promise<WorkResult> {
    const { store, clock } = this.#parts;
    const message = messageOf(error);
    const current = store.get('Application', '', name);
    // Another commit came while it was tried.
    if (current === undefined || wishOf(current)?.bad.commit.id !== wish.bad.commit.id) return { checkAgainAfterMs: 0 };
    await changeReport(store, name, (status) => pendingReport(status, wish, { message }, clock.now()));
    if (!(error instanceof NotReverted) || error.retry === 'soon') throw error instanceof Error ? error : new Error(message);
    return { checkAgainAfterMs: error.retry === 'later' ? REFUSED_RETRY_MS : error.retry };
  }
}

/** What there is to do for an application; empty when there is nothing. */
function markOf(application: StoredApplication): string {
  const wish = wishOf(application);
  const report = application.status?.revert;
  if (wish === undefined) return report?.state === 'pending' ? `after ${newestOf(application.status ?? {})}` : '';
  return isDone(report, wish) ? '' : JSON.stringify([wish.bad.commit.id, wish.policy]);
}

const newestOf = ({ attempt, lastGood }: ApplicationStatus): string => `${attempt?.commit.id} ${lastGood?.id}`;

/** Only what was made to be told: what a library says may hold an address or a token. */
function messageOf(error: unknown): string {
  if (error instanceof NotReverted || error instanceof NotDelivered) return error.message;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (error instanceof Error && (code === 'SOURCE_ERROR' || code === 'DEADLINE_EXCEEDED')) return error.message;
  return 'it failed, see the log';
}

/** Writes what is different, and nothing else. */
async function changeReport(
  store: Store,
  name: string,
  change: (status: ApplicationStatus) => RevertReport | undefined,
): Promise<void> {
  await changeStatus(store, name, (status) => {
    const revert = change(status);
    const isSame = revert === undefined || JSON.stringify(revert) === JSON.stringify(status.revert);
    return isSame ? undefined : { ...status, revert };
  });
}
