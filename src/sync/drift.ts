// What was changed behind Git's back, as the status keeps it: of which object, which field, what the commit says and what was found, since when, how
// often. Pure. What somebody did to containers is told by the events of their pods.
import type { ApplicationStatus, DriftRecord } from '../model/resource.ts';
import { toRfc3339 } from '../model/time.ts';
import { isBegun } from './decide.ts';
import { isOf, isWithin } from './drift-text.ts';
import { fieldsText } from './fields-text.ts';
import type { View } from './observe.ts';
import type { PlannedChange } from './planned.ts';
import { isDue } from './writes.ts';

const KEPT_RECORDS = 20;
/** What is put right again within this time is the same trouble. */
const SAME_TROUBLE_MS = 600_000;

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

function isSameTrouble({ last }: DriftRecord, now: number): boolean {
  return last !== undefined && isWithin(last, now, SAME_TROUBLE_MS);
}
