// Measures what can be seen in the store: how commits end and how long they take, and restarts of containers. Only looks on.
import type { StoredOf } from '../../model/resource.ts';
import { type StoreWatch, watchStore } from '../../runtime/watch-store.ts';
import type { Store, WatchEvent } from '../../store/store.ts';
import type { Clock } from '../../system/clock.ts';
import type { Logger } from '../../system/logger.ts';
import { dropApplication, gaugeApplication, newRecords, stayOf } from './application-meter.ts';
import type { Metrics } from './metrics.ts';

export interface StoreMeterParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

export class StoreMeter {
  readonly #parts: StoreMeterParts;
  readonly #aborter = new AbortController();
  /** By application: where it is, and since when. */
  readonly #stays = new Map<string, { readonly phase: string; readonly id: string; readonly sinceMs: number }>();
  /** By application: when its attempt was first seen here. */
  readonly #attempts = new Map<string, { readonly commit: string; readonly sinceMs: number }>();
  #watch: StoreWatch | undefined;

  constructor(parts: StoreMeterParts) {
    this.#parts = parts;
  }

  start(): void {
    const { store, clock, logger, metrics } = this.#parts;
    this.#watch = watchStore({
      store,
      clock,
      logger,
      signal: this.#aborter.signal,
      onRelist: () => {
        for (const { metadata, status = {} } of store.list('Application')) gaugeApplication(metadata.name, status, metrics);
      },
      onEvent: (event) => this.#see(event),
    });
  }

  async stop(): Promise<void> {
    this.#aborter.abort();
    await this.#watch?.done;
  }

  #see({ type, resource, before }: WatchEvent): void {
    if (resource.kind === 'Application') {
      if (type === 'removed') this.#forget(resource.metadata.name);
      else this.#seeApplication(resource, before?.kind === 'Application' ? before : undefined);
    } else if (resource.kind === 'Pod' && before?.kind === 'Pod') this.#seePod(resource, before);
  }

  #forget(name: string): void {
    this.#stays.delete(name);
    this.#attempts.delete(name);
    dropApplication(name, this.#parts.metrics);
  }

  #seeApplication(resource: StoredOf<'Application'>, before: StoredOf<'Application'> | undefined): void {
    const { metrics, clock } = this.#parts;
    const { name: application } = resource.metadata;
    const status = resource.status ?? {};
    gaugeApplication(application, status, metrics);
    const stay = stayOf(status.attempt);
    const known = this.#stays.get(application);
    if (known !== undefined && known.id !== stay?.id) {
      const labels = { application, phase: known.phase };
      metrics.observe('holdfast_sync_phase_duration_seconds', labels, (clock.elapsed() - known.sinceMs) / 1000);
      this.#stays.delete(application);
    }
    if (stay !== undefined && known?.id !== stay.id) this.#stays.set(application, { ...stay, sinceMs: clock.elapsed() });
    const commit = status.attempt?.commit.id;
    if (commit !== undefined && this.#attempts.get(application)?.commit !== commit)
      this.#attempts.set(application, { commit, sinceMs: clock.elapsed() });
    for (const record of newRecords(before?.status ?? {}, status)) {
      const labels = { application, outcome: record.outcome };
      metrics.count('holdfast_sync_attempts_total', labels);
      // The status has whole seconds; what was seen from its beginning is known better.
      const seen = this.#attempts.get(application);
      const told = (Date.parse(record.finishedAt) - Date.parse(record.startedAt)) / 1000;
      const seconds = seen?.commit === record.commit.id ? (clock.elapsed() - seen.sinceMs) / 1000 : told;
      if (Number.isFinite(seconds)) metrics.observe('holdfast_sync_duration_seconds', labels, Math.max(seconds, 0));
    }
    if (commit === undefined) this.#attempts.delete(application);
  }

  #seePod(pod: StoredOf<'Pod'>, before: StoredOf<'Pod'>): void {
    const { metrics } = this.#parts;
    const counted = restartsOf(before);
    const namespace = pod.metadata.namespace ?? '';
    for (const [container, restarts] of restartsOf(pod)) {
      const more = restarts - (counted.get(container) ?? 0);
      if (more > 0) metrics.count('holdfast_container_restarts_total', { namespace, container }, more);
    }
  }
}

function restartsOf({ status }: StoredOf<'Pod'>): ReadonlyMap<string, number> {
  const all = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  return new Map(all.map(({ name, restartCount }) => [name, restartCount ?? 0]));
}
