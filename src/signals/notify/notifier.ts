// Tells receivers what becomes of applications. Beside everything else: a receiver that hangs holds up neither a sync nor another receiver. What is
// to be told and who knows it is in the application's status, so that a restart neither forgets nor repeats.
import { isDeepStrictEqual } from 'node:util';
import { kindNaming } from '../../model/kinds.generated.ts';
import {
  APPLICATION_ANNOTATION,
  type Kind,
  keyString,
  type NotificationStatus,
  type StoredOf,
  type SyncRecord,
} from '../../model/resource.ts';
import { isByHand } from '../../runtime/events.ts';
import type { Concern } from '../../runtime/routes.ts';
import type { Following, StoreFeed } from '../../runtime/store-feed.ts';
import { allQuiet, type Quiet, quietQueue } from '../../runtime/watch-store.ts';
import { WorkQueue, type WorkResult } from '../../runtime/work-queue.ts';
import type { Store, WatchEvent } from '../../store/store.ts';
import type { Clock } from '../../system/clock.ts';
import { withDeadline } from '../../system/deadline.ts';
import type { Ids } from '../../system/ids.ts';
import type { Logger } from '../../system/logger.ts';
import { changeStatus } from '../application-status.ts';
import type { Metrics } from '../metrics/metrics.ts';
import { addressOf } from './address.ts';
import { type Courier, deliveryFault, NotDelivered } from './courier.ts';
import { postOf } from './messages.ts';
import { firstState, notice } from './notices.ts';
import { failingStatus, planDelivery, toldStatus } from './plan.ts';
import { targetId, targetName, withTargets } from './target.ts';

/** For one message. */
const DELIVERY_TIMEOUT_MS = 10_000;
const FIRST_RETRY_MS = 5_000;
const LONGEST_RETRY_MS = 600_000;
/** Receivers that are told at the same time. */
const CONCURRENCY = 8;

export interface NotifierParts {
  readonly store: Store;
  /** Tells what changes in the store. */
  readonly feed: StoreFeed;
  readonly courier: Courier;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** The application of this controller; others are told of by theirs. */
  readonly application: string;
}

/** The key of the queue under which is looked what there is to tell; all others are ids of receivers. */
const LOOK = 'look';

export class Notifier implements Quiet {
  readonly #parts: NotifierParts;
  readonly #queue: WorkQueue;
  #following: Following | undefined;
  /** What had ended when receivers were first declared. */
  #baseline: SyncRecord | undefined;

  constructor(parts: NotifierParts) {
    const { clock, ids, logger } = parts;
    this.#parts = parts;
    this.#queue = new WorkQueue({
      clock,
      random: () => ids.random(),
      concurrency: CONCURRENCY,
      backoff: { initialMs: FIRST_RETRY_MS, maxMs: LONGEST_RETRY_MS },
      work: (key, signal) => (key === LOOK ? this.#look() : this.#tell(key, signal)),
      onError: (key, error, retryInMs) => {
        const message = error instanceof Error ? error.message : String(error);
        logger.warn({ component: 'signals', receiver: key, message, retryInMs }, 'notification failed');
      },
    });
  }

  start(): void {
    const onRelist = (): void => {
      const { status, spec } = this.#application() ?? {};
      if (status?.notifications === undefined) this.#baseline = status?.history?.[0];
      for (const target of spec?.notifications ?? []) this.#queue.add(targetId(target));
      this.#queue.add(LOOK);
      this.#following?.follow(this.#concern());
    };
    this.#following = this.#parts.feed.join({ onRelist, onEvent: (event) => this.#see(event) }, this.#concern());
  }

  /** Ends it, with messages that are on their way. */
  async stop(): Promise<void> {
    this.#following?.end();
    await this.#queue.stop();
  }

  isIdle(): boolean {
    return this.#quiet().isIdle();
  }

  idle(): Promise<void> {
    return this.#quiet().idle();
  }

  #quiet(): Quiet {
    return allQuiet([this.#parts.feed, quietQueue(this.#queue)]);
  }

  #application(): StoredOf<'Application'> | undefined {
    return this.#parts.store.get('Application', '', this.#parts.application);
  }

  /** Of what others have, nothing counts while there is nobody to tell. */
  #concern(): Concern {
    const { spec, status } = this.#application() ?? {};
    const hasReceivers = (spec?.notifications ?? []).length > 0 || status?.notifications !== undefined;
    const keys = new Set([keyString({ kind: 'Application', namespace: '', name: this.#parts.application })]);
    return { keys, kinds: hasReceivers ? ['Event', 'Secret'] : [] };
  }

  #see({ resource, before }: WatchEvent): void {
    if (resource.kind === 'Application' && resource.metadata.name === this.#parts.application) {
      this.#following?.follow(this.#concern());
      const had = before?.kind === 'Application' ? before.spec.notifications : undefined;
      if (had === undefined || had.length === 0) this.#baseline = resource.status?.history?.[0];
      if (resource.spec.notifications !== undefined || resource.status?.notifications !== undefined) this.#queue.add(LOOK);
    } else if (resource.kind === 'Event' && this.#isOwnDrift(resource)) this.#queue.add(LOOK);
    else if (resource.kind === 'Secret') this.#retryThoseBy(resource);
  }

  /** A receiver whose address could not be had may have one now. */
  #retryThoseBy({ metadata }: StoredOf<'Secret'>): void {
    const application = this.#application();
    for (const target of application?.spec.notifications ?? []) {
      const isConcerned = target.urlFrom?.secretKeyRef.name === metadata.name;
      const told = application?.status?.notifications?.targets.find(({ id }) => id === targetId(target));
      if (isConcerned && told?.failing !== undefined) this.#queue.add(told.id);
    }
  }

  /** Finds what there is to tell, keeps it, and wakes those who are to hear it. */
  async #look(): Promise<WorkResult> {
    const { clock } = this.#parts;
    const { spec, status = {} } = this.#application() ?? {};
    const targets = spec?.notifications ?? [];
    if (targets.length === 0 && status.notifications === undefined) return;
    const now = clock.now();
    const before = status.notifications ?? firstState(this.#baseline, now);
    // Whoever is new hears of what has not been looked at yet.
    const withNew = { ...before, targets: withTargets(before.targets, targets, before.number) };
    const { state, checkAgainAfterMs } = notice(withNew, { status, drift: this.#drift(), now });
    if (!isDeepStrictEqual(state, status.notifications)) {
      const isKept = await this.#write((current) => (isDeepStrictEqual(current, status.notifications) ? state : undefined));
      // Somebody told a receiver meanwhile: look again.
      if (!isKept) return { checkAgainAfterMs: 0 };
      if (state.number > before.number || status.notifications === undefined)
        for (const { id } of state.targets) this.#queue.add(id);
    }
    return checkAgainAfterMs === undefined ? undefined : { checkAgainAfterMs };
  }

  #drift(): readonly StoredOf<'Event'>[] {
    return this.#parts.store.list('Event').filter((event) => this.#isOwnDrift(event));
  }

  #isOwnDrift(event: StoredOf<'Event'>): boolean {
    if (!isDrift(event)) return false;
    const { store, application } = this.#parts;
    const { kind, namespace = '', name } = event.involvedObject;
    if (kind === 'Application') return name === application;
    const object = isKind(kind) ? store.get(kind, namespace, name) : undefined;
    return object?.metadata.annotations?.[APPLICATION_ANNOTATION] === application;
  }

  /** Sends a receiver what it is to have, one message at a time. */
  async #tell(id: string, signal: AbortSignal): Promise<WorkResult> {
    const { clock, store, courier, logger, metrics, application } = this.#parts;
    const { spec, status } = this.#application() ?? {};
    const state = status?.notifications;
    const target = spec?.notifications?.find((each) => targetId(each) === id);
    const told = state?.targets.find((each) => each.id === id);
    if (state === undefined || target === undefined || told === undefined) return;
    const delivery = planDelivery(state, target, told, clock.now());
    if (delivery.do === 'nothing') return;
    if (delivery.do === 'wait') return { checkAgainAfterMs: delivery.waitMs };
    const { notices, missed, toldUpTo } = delivery;
    const count = (result: 'sent' | 'failed'): void =>
      metrics.count('holdfast_notifications_total', { application, type: target.type, result });
    try {
      const url = addressOf(target, application, store);
      const post = postOf(target, application, notices, missed);
      await withDeadline(clock, 'sending it', DELIVERY_TIMEOUT_MS, (inner) => courier.deliver(url, post, inner), signal);
    } catch (error) {
      if (signal.aborted) throw error;
      count('failed');
      const message = deliveryFault(error, DELIVERY_TIMEOUT_MS);
      await this.#update(id, (each) => (each.failing?.message === message ? each : failingStatus(each, message, clock.now())));
      throw new NotDelivered(`${target.type} ${targetName(target)}: ${message}`);
    }
    count('sent');
    logger.info({ component: 'signals', receiver: targetName(target), type: target.type, notices: notices.length }, 'notified');
    await this.#update(id, (each) => toldStatus(each, { notices, toldUpTo }, clock.now()));
    return { checkAgainAfterMs: 0 };
  }

  async #update(
    id: string,
    change: (told: NotificationStatus['targets'][number]) => NotificationStatus['targets'][number],
  ): Promise<void> {
    await this.#write((current) =>
      current === undefined
        ? undefined
        : { ...current, targets: current.targets.map((each) => (each.id === id ? change(each) : each)) },
    );
  }

  /** Replaces what is kept, on top of whatever else has changed in the status meanwhile. False when there is nothing to replace. */
  #write(change: (current: NotificationStatus | undefined) => NotificationStatus | undefined): Promise<boolean> {
    return changeStatus(this.#parts.store, this.#parts.application, (status) => {
      const notifications = change(status.notifications);
      return notifications === undefined ? undefined : { ...status, notifications };
    });
  }
}

function isKind(kind: string): kind is Kind {
  return Object.hasOwn(kindNaming, kind);
}

function isDrift(event: StoredOf<'Event'>): boolean {
  return (event.reason === 'Drifted' && event.source?.component === 'sync') || isByHand(event);
}
