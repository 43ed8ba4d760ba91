// Has repositories go back after a rollback, where their applications want that. Beside everything else: a server that hangs, or refuses, holds up no
// sync and touches nothing that runs. What it knows is in the application's status, and what is done is seen on the server.
import type { ApplicationStatus, RevertReport, StoredOf } from '../../model/resource.ts';
import { toRfc3339 } from '../../model/time.ts';
import type { Quiet } from '../../runtime/watch-store.ts';
import type { WorkResult } from '../../runtime/work-queue.ts';
import type { Store, StoreReader } from '../../store/store.ts';
import { withDeadline } from '../../system/deadline.ts';
import { ApplicationQueue, type ApplicationSignalParts, REFUSED_RETRY_MS } from '../application-queue.ts';
import { changeStatus } from '../application-status.ts';
import { NotDelivered } from '../notify/courier.ts';
import type { ForgeClient } from '../statuses/forge-client.ts';
import { carryOut, NotReverted, type RevertTarget } from './carry-out.ts';
import { afterwards, isDone, pendingReport, type RevertWish, wishOf } from './wish.ts';

/** For one try: a clone, a push and a few questions, each with a deadline of its own. */
const TRY_TIMEOUT_MS = 900_000;
const FIRST_RETRY_MS = 2_000;
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

export interface ReverterParts extends Reverting, ApplicationSignalParts {
  readonly cluster: string;
}

export class Reverter implements Quiet {
  readonly #parts: ReverterParts;
  readonly #queue: ApplicationQueue;

  constructor(parts: ReverterParts) {
    this.#parts = parts;
    this.#queue = new ApplicationQueue(parts, {
      concurrency: CONCURRENCY,
      firstRetryMs: FIRST_RETRY_MS,
      markOf,
      work: (name, signal) => this.#work(name, signal),
      onSecret: (secret) => this.#retryUsersOf(secret),
      says: { failed: 'commit was not reverted', late: 'commits were not reverted in time' },
    });
  }

  start(): void {
    this.#queue.start();
  }

  /** Ends it, with what is on its way. */
  async stop(): Promise<void> {
    await this.#queue.stop();
  }

  /** Resolves when each wish is fulfilled, or has failed once, or after `timeoutMs`. Never rejects. */
  async settled(timeoutMs: number): Promise<void> {
    await this.#queue.settled(timeoutMs, (application) => {
      const wish = wishOf(application);
      const report = application.status?.revert;
      if (wish === undefined || isDone(report, wish)) return false;
      return report?.commit !== wish.bad.commit.id || report.message === undefined;
    });
  }

  isIdle(): boolean {
    return this.#queue.isIdle();
  }

  idle(): Promise<void> {
    return this.#queue.idle();
  }

  /** Credentials that were refused may be right now. */
  #retryUsersOf(secret: string): void {
    const { store } = this.#parts;
    for (const name of this.#queue.names()) {
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
    const attempt = { application: name, cluster, target, client, clock, intend };
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
