// Events: what happened to an object and why, as core/v1 Events (Kubernetes, "Event v1 core"). The same thing again is counted, not added.
import { hashOf } from '../model/hash.ts';
import { type Event, isNamespaced, type Stored, type StoredOf } from '../model/resource.ts';
import { toRfc3339 } from '../model/time.ts';
import type { StoreReader, Write } from '../store/store.ts';

/** Events that are kept; the oldest go first. */
export const MAX_EVENTS = 1_000;
/** How many are left when there were too many: removing some more than needed keeps it from happening with every event. */
const EVENTS_AFTER_TRIM = 900;

/** What an event says. */
export interface Report {
  /** A CamelCase word. */
  readonly reason: string;
  /** A sentence for a person. Never a secret. */
  readonly message: string;
  readonly severity: 'Normal' | 'Warning';
  /** Who says so: the name of a controller. */
  readonly component: string;
}

/** The writes that tell one event about an object. `now` is epoch milliseconds. */
export function eventWrites(store: StoreReader, about: Stored, report: Report, now: number): Write[] {
  return allEventWrites(store, about, [report], now);
}

/** The writes that tell several events about an object in one transaction. */
export function allEventWrites(store: StoreReader, about: Stored, reports: readonly Report[], now: number): Write[] {
  const repeats = new Map<string, { report: Report; times: number }>();
  for (const report of reports) {
    const name = eventName(about, report);
    repeats.set(name, { report, times: (repeats.get(name)?.times ?? 0) + 1 });
  }
  const written = [...repeats].map(([name, { report, times }]) => eventWrite(store, about, name, report, times, now));
  const created = written.filter((write) => write.op === 'create').length;
  return [...written, ...trimWrites(store, created, new Set(repeats.keys()))];
}

function eventWrite(store: StoreReader, about: Stored, name: string, report: Report, times: number, now: number): Write {
  const lastTimestamp = toRfc3339(now);
  const old = store.get('Event', eventNamespace(about), name);
  if (old === undefined) return { op: 'create', resource: newEvent(about, name, report, times, lastTimestamp) };
  return { op: 'update', resource: { ...old, count: old.count + times, lastTimestamp } };
}

function newEvent(about: Stored, name: string, report: Report, count: number, timestamp: string): Event {
  const { apiVersion, kind, metadata } = about;
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name, namespace: eventNamespace(about) },
    involvedObject: {
      apiVersion,
      kind,
      ...(isNamespaced(kind) && metadata.namespace !== undefined ? { namespace: metadata.namespace } : {}),
      name: metadata.name,
      uid: metadata.uid,
    },
    reason: report.reason,
    message: report.message,
    type: report.severity,
    count,
    firstTimestamp: timestamp,
    lastTimestamp: timestamp,
    source: { component: report.component },
  };
}

function eventName(about: Stored, { reason, message, component }: Report): string {
  return `${about.metadata.name}.${hashOf([about.metadata.uid, reason, message, component])}`;
}

function eventNamespace(about: Stored): string {
  return about.metadata.namespace ?? 'default';
}

function trimWrites(store: StoreReader, created: number, spared: ReadonlySet<string>): Write[] {
  const events = store.list('Event');
  if (events.length + created <= MAX_EVENTS) return [];
  const oldestFirst = events.filter(({ metadata }) => !spared.has(metadata.name)).toSorted(byLastWrite);
  return oldestFirst.slice(0, events.length + created - EVENTS_AFTER_TRIM).map(({ metadata }) => ({
    op: 'remove',
    key: { kind: 'Event', namespace: metadata.namespace ?? 'default', name: metadata.name },
    uid: metadata.uid,
  }));
}

function byLastWrite(a: StoredOf<'Event'>, b: StoredOf<'Event'>): number {
  return Number(a.metadata.resourceVersion) - Number(b.metadata.resourceVersion);
}
