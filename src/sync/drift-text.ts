// What was changed behind Git's back, in words, as records of an application and events of pods tell it: for whoever reads the store. Pure.
import {
  APPLICATION_ANNOTATION,
  type DriftRecord,
  displayKey,
  type Kind,
  keyOf,
  keyString,
  type ResourceKey,
  type Stored,
  type StoredOf,
} from '../model/resource.ts';
import { fromRfc3339 } from '../model/time.ts';
import { isByHand } from '../runtime/events.ts';
import type { StoreReader } from '../store/store.ts';

/** What was put right is shown for as long as events are kept. */
const SHOWN_MS = 3_600_000;
const SHOWN_LINES = 5;

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

/** Whether a record is of this object. */
export function isOf(record: DriftRecord, key: ResourceKey): boolean {
  return keyString(keyOfRecord(record)) === keyString(key);
}

function isRecent(time: string | undefined, now: number): boolean {
  return time === undefined || isWithin(time, now, SHOWN_MS);
}

/** Whether a time is at most so long ago. */
export function isWithin(time: string, now: number, spanMs: number): boolean {
  return now - fromRfc3339(time) < spanMs;
}

/** The record lines of one object, by the application that wants it. */
export function driftOfObject(object: Stored, reader: StoreReader, now: number): readonly string[] {
  const name = object.metadata.annotations?.[APPLICATION_ANNOTATION];
  const application = name === undefined ? undefined : reader.get('Application', '', name);
  return application === undefined ? [] : driftRecordLines(application, reader, now, keyOf(object));
}
