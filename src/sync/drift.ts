// What was changed behind Git's back, in words and in the status: of which object, which field, what the commit says and what was found, since when,
// how often. Pure. What somebody did to containers is told by the events of their pods.
import {
  APPLICATION_ANNOTATION,
  type ApplicationStatus,
  type DriftRecord,
  displayKey,
  type Kind,
  keyOf,
  keyString,
  type ResourceKey,
  type Stored,
  type StoredOf,
} from '../model/resource.ts';
import { fromRfc3339, toRfc3339 } from '../model/time.ts';
import { isByHand } from '../runtime/events.ts';
import type { StoreReader } from '../store/store.ts';
import { isBegun } from './decide.ts';
import { fieldsText } from './fields-text.ts';
import type { View } from './observe.ts';
import type { PlannedChange } from './plan.ts';
import { isDue } from './writes.ts';

const KEPT_RECORDS = 20;
/** What is put right again within this time is the same trouble. */
const SAME_TROUBLE_MS = 600_000;
/** What was put right is shown for as long as events are kept. */
const SHOWN_MS = 3_600_000;
const SHOWN_LINES = 5;

/** What was found of an object that drifted. */
export function foundText({ fields, key, live }: PlannedChange): string {
  if (live === undefined) return 'it was removed';
  return fields.length === 0 ? 'it was being deleted' : fieldsText(fields, key.kind);
}

/** The status with what has just been put right. */
export function withRepairs(status: ApplicationStatus, changes: readonly PlannedChange[], now: number): ApplicationStatus {
  const drifted = changes.filter(({ reason }) => reason === 'Drifted');
  if (drifted.length === 0) return status;
  let records: readonly DriftRecord[] = status.drift ?? [];
  for (const change of drifted.slice(0, KEPT_RECORDS)) {
    const before = records.find((record) => isOf(record, change.key) && isSameTrouble(record, now));
    const time = toRfc3339(now);
    const { kind, namespace, name } = change.key;
    const since = before?.since ?? time;
    const record = { kind, namespace, name, message: foundText(change), since, last: time, count: (before?.count ?? 0) + 1 };
    records = [record, ...records.filter((each) => each !== before)];
  }
  return { ...status, drift: records.slice(0, KEPT_RECORDS) };
}

/** What differs from the commit at rest and is left so; undefined where what differs is put right. */
export function leftChanges({ status, observed, target }: View): readonly PlannedChange[] | undefined {
  const isHeld = observed.gate?.holds === 'everything' || observed.gate?.holds === 'sync';
  if (target === undefined || isBegun(status.attempt) || !(isHeld || observed.isDriftLeft === true)) return undefined;
  return target.plan.changes.filter((change) => isDue(change) && change.reason === 'Drifted');
}

/** The status with what is left as it is: noted once, and when it ends. The same when nothing is new. */
export function withLeft(status: ApplicationStatus, view: View): ApplicationStatus {
  const records = status.drift ?? [];
  const left = leftChanges(view) ?? [];
  const time = toRfc3339(view.now);
  const isOpen = ({ count, endedAt }: DriftRecord): boolean => count === 0 && endedAt === undefined;
  const kept = records.map((record) => {
    if (!isOpen(record)) return record;
    const change = left.find(({ key }) => isOf(record, key));
    if (change === undefined) return { ...record, endedAt: time };
    const message = foundText(change);
    return message === record.message ? record : { ...record, message };
  });
  const fresh = left
    .filter(({ key }) => !records.some((record) => isOpen(record) && isOf(record, key)))
    .slice(0, KEPT_RECORDS)
    .map((change): DriftRecord => {
      const { kind, namespace, name } = change.key;
      return { kind, namespace, name, message: foundText(change), since: time, count: 0 };
    });
  const isSame = fresh.length === 0 && kept.every((record, index) => record === records[index]);
  if (isSame) return status;
  // What is still so is kept before what was.
  const next = [...fresh, ...kept];
  return { ...status, drift: [...next.filter(isOpen), ...next.filter((record) => !isOpen(record))].slice(0, KEPT_RECORDS) };
}

/** `deployment/web spec.replicas: 2 → 5, put right 3 times since …, last at …`. */
export function recordText(record: DriftRecord): string {
  const { message, since, last, count, endedAt } = record;
  const what = `${displayKey(keyOfRecord(record))} ${message}`;
  if (last !== undefined) {
    return count === 1 ? `${what}, put right at ${last}` : `${what}, put right ${count} times since ${since}, last at ${last}`;
  }
  return endedAt === undefined ? `${what}, left as it is since ${since}` : `${what}, left as it was from ${since} to ${endedAt}`;
}

/** What was changed behind Git's back lately, in objects and in containers; all of it, or of one object. */
export function driftRecordLines(
  application: StoredOf<'Application'>,
  reader: StoreReader,
  now: number,
  of?: ResourceKey,
): readonly string[] {
  const records = (application.status?.drift ?? []).filter(
    (record) => (of === undefined || isOf(record, of)) && isRecent(record.last ?? record.endedAt, now),
  );
  const byHand = of === undefined ? containersByHand(reader, application.metadata.name) : [];
  const lines = [...records.map(recordText), ...byHand.map(handText)];
  if (lines.length === 0) return [];
  const rest = lines.length - SHOWN_LINES;
  return [
    "changed behind Git's back:",
    ...lines.slice(0, SHOWN_LINES).map((line) => `  ${line}`),
    ...(rest > 0 ? [`  and ${rest} more`] : []),
  ];
}

/** What was done by hand to the containers and volumes of an application, newest first, as far as events go back. */
export function containersByHand(reader: StoreReader, application: string): readonly StoredOf<'Event'>[] {
  return reader
    .list('Event')
    .filter((event) => isByHand(event) && applicationOfEvent(event, reader) === application)
    .toSorted((a, b) => b.lastTimestamp.localeCompare(a.lastTimestamp));
}

/** `pod/web-1: Container main was edited by hand (memory 0 → 67108864), will be replaced, at …`. */
export function handText({ involvedObject, message, firstTimestamp, lastTimestamp, count }: StoredOf<'Event'>): string {
  const { kind, name } = involvedObject;
  const times = count === 1 ? `at ${lastTimestamp}` : `${count} times since ${firstTimestamp}, last at ${lastTimestamp}`;
  return `${kind.toLowerCase()}/${name}: ${message}, ${times}`;
}

function applicationOfEvent(
  { involvedObject: { kind, namespace = '', name } }: StoredOf<'Event'>,
  reader: StoreReader,
): string | undefined {
  if (kind !== 'Pod' && kind !== 'PersistentVolumeClaim') return undefined;
  return reader.get(kind, namespace, name)?.metadata.annotations?.[APPLICATION_ANNOTATION];
}

function keyOfRecord({ kind, namespace, name }: DriftRecord): ResourceKey {
  // Only keys of the store are written there.
  return { kind: kind as Kind, namespace, name };
}

function isOf(record: DriftRecord, key: ResourceKey): boolean {
  return keyString(keyOfRecord(record)) === keyString(key);
}

function isSameTrouble({ last }: DriftRecord, now: number): boolean {
  return last !== undefined && isWithin(last, now, SAME_TROUBLE_MS);
}

function isRecent(time: string | undefined, now: number): boolean {
  return time === undefined || isWithin(time, now, SHOWN_MS);
}

function isWithin(time: string, now: number, spanMs: number): boolean {
  return now - fromRfc3339(time) < spanMs;
}

/** The record lines of one object, by the application that wants it. */
export function driftOfObject(object: Stored, reader: StoreReader, now: number): readonly string[] {
  const name = object.metadata.annotations?.[APPLICATION_ANNOTATION];
  const application = name === undefined ? undefined : reader.get('Application', '', name);
  return application === undefined ? [] : driftRecordLines(application, reader, now, keyOf(object));
}
