// Events: what happened to an object and why, as core/v1 Events (Kubernetes, "Event v1 core"). The same thing again is counted, not
// added; see event-correlator.ts for what is similar.
import { type Event, isNamespaced, type Stored, type StoredOf } from '../model/resource.ts';
import { toRfc3339 } from '../model/time.ts';
import type { StoreReader, Write } from '../store/store.ts';
import { EventCorrelator } from './event-correlator.ts';
import { type Report } from './report.ts';

/** Events that are kept; the oldest go first. */
export const MAX_EVENTS = 1_000;
/** How many are left when there were too many: removing some more than needed keeps it from happening with every event. */
const EVENTS_AFTER_TRIM = 900;

/** Events go when so much time has passed since the last of them, as in Kubernetes. */
export const EVENT_LIFE_MS = 3_600_000;

/** Whether an event of a node tells what somebody did to what it runs. */
export function isByHand({ message, source }: StoredOf<'Event'>): boolean {
  return ['kubelet', 'volume-keeper'].includes(source?.component ?? '') && /\bby hand\b/.test(message);
}

/** An event and the object that it is about. */
export interface Telling {
  readonly about: Stored;
  readonly report: Report;
}

const correlators = new WeakMap<StoreReader, EventCorrelator>();

/** The writes that tell one event about an object. `now` is epoch milliseconds. */
export function eventWrites(store: StoreReader, about: Stored, report: Report, now: number): Write[] {
  return allEventWrites(store, about, [report], now);
}

/** The writes that tell several events about an object in one transaction. */
export function allEventWrites(store: StoreReader, about: Stored, reports: readonly Report[], now: number): Write[] {
  return tellingWrites(
    store,
    reports.map((report) => ({ about, report })),
    now,
  );
}

/** The writes that tell several events about several objects in one transaction: the same thing is counted, what is similar combined. */
export function tellingWrites(store: StoreReader, tellings: readonly Telling[], now: number): Write[] {
  if (tellings.length === 0) return [];
  const correlator = correlators.get(store) ?? new EventCorrelator();
  correlators.set(store, correlator);
  const repeats = new Map<string, Telling & { message: string; times: number }>();
  for (const { about, report } of tellings) {
    const correlated = correlator.correlate(about, report, now);
    if (correlated === undefined) continue;
    const { name, message } = correlated;
    repeats.set(name, { about, report, message, times: (repeats.get(name)?.times ?? 0) + 1 });
  }
  const written = [...repeats].map(([name, told]) => eventWrite(store, name, told, now));
  const created = written.filter((write) => write.op === 'create').length;
  return [...written, ...trimWrites(store, created, new Set(repeats.keys()))];
}

function eventWrite(
  store: StoreReader,
  name: string,
  { about, report, message, times }: Telling & { message: string; times: number },
  now: number,
): Write {
  const lastTimestamp = toRfc3339(now);
  const old = store.get('Event', eventNamespace(about), name);
  if (old === undefined) return { op: 'create', resource: newEvent(about, name, { ...report, message }, times, lastTimestamp) };
  return { op: 'update', resource: { ...old, message, count: old.count + times, lastTimestamp } };
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
