// Bringing back what commits have removed, because a person wants it: objects, inventory, record and status in one transaction. Pure.
import { type ApplicationStatus, displayKey, keyOf, keyString, parseKey, type UndeleteWish } from '../../model/resource.ts';
import { toRfc3339 } from '../../model/time.ts';
import { allEventWrites } from '../../runtime/events.ts';
import { type Report } from '../../runtime/report.ts';
import type { Write } from '../../store/store.ts';
import { isBegun } from '../decide.ts';
import { type JudgedWish } from '../observed.ts';
import { keyOfEntry } from '../order.ts';
import type { PlannedChange } from '../planned.ts';
import { isDue } from '../writes.ts';
import { planOf, type UndeleteInput } from './judge-wish.ts';
import { type DeletedRecord, entryOfRecord, keyOfRecord, recordsOf } from './records.ts';

/** How many undeletions are remembered. */
const KEPT_UNDELETIONS = 10;

/** What is written, and what it changes. */
export interface Undeletion {
  readonly status: ApplicationStatus;
  readonly changes: readonly PlannedChange[];
  readonly writes: readonly Write[];
}

/** Wishes that are looked at now: not while a commit is under way that may yet be taken back. */
export function dueWishes({ attempt, undelete = [] }: ApplicationStatus): readonly UndeleteWish[] {
  return !isBegun(attempt) || attempt.phase === 'pruning' ? undelete : [];
}

/** The status when a commit is under way: what waits begins anew when that one has ended. */
export function withWishesLater(status: ApplicationStatus): ApplicationStatus {
  if (status.undelete?.some(({ since }) => since !== undefined) !== true) return status;
  const undelete = status.undelete.map(({ since: _since, waitingFor: _waitingFor, ...wish }) => wish);
  return { ...status, undelete };
}

/** Those that were brought back, and had to wait until what was there before had ended. */
function pendingRecords({ application, store, commit }: UndeleteInput): readonly DeletedRecord[] {
  return recordsOf(store, application.metadata.name).filter(
    ({ spec }) => spec.undeleted?.isPending === true && spec.undeleted.commit === commit,
  );
}

/** Whether something can be brought back now, or something is to be said of what cannot. */
export function isUndeleteDue(input: UndeleteInput, judged: readonly JudgedWish[]): boolean {
  if (judged.some((each) => !isWaiting(each) || !isNoted(each))) return true;
  const pending = pendingRecords(input);
  return pending.length > 0 && restoring(pending, input).some(({ change }) => change?.waitsFor === undefined);
}

function isWaiting({ waitingFor }: JudgedWish): boolean {
  return waitingFor.length > 0;
}

function isNoted({ wish, waitingFor }: JudgedWish): boolean {
  return wish.since !== undefined && String(wish.waitingFor) === String(waitingFor);
}

/** Fulfils the first wish that can be, and goes on with what had to wait. What is brought back may leave no room for what others want. */
export function planUndelete(input: UndeleteInput, judged: readonly JudgedWish[]): Undeletion {
  const { undelete: _undelete, ...rest } = input.status;
  const fulfilled = judged.find((each) => each.refusal === undefined && !isWaiting(each));
  const later = judged.length === 0 ? (input.status.undelete ?? []) : waitingWishes(judged, fulfilled, input);
  const ready = fulfilled === undefined ? [] : [fulfilled];
  const pending = pendingRecords(input).map((record) => ({ record, who: record.spec.undeleted?.who ?? '' }));
  const wanted = once([
    ...pending,
    ...ready.flatMap(({ records, wish }) => records.map((record) => ({ record, who: wish.who }))),
  ]);
  const planned = restoring(
    wanted.map(({ record }) => record),
    input,
  );
  const told = planned.map(({ record, change }, index) => toldChange(change, record, wanted[index]?.who ?? ''));
  const marks = planned.map(({ record, change }, index) => markWrite(record, wanted[index]?.who ?? '', change, input));
  const done = ready.flatMap(({ wish, records }) => (records.length === 0 ? [] : [undeletion(wish, records, input)]));
  const failures = judged.flatMap(refusalReports);
  const { application, store, now } = input;
  return {
    status: withInventory(
      {
        ...rest,
        ...(later.length === 0 ? {} : { undelete: [...later] }),
        ...(done.length === 0 ? {} : { undeletions: [...done, ...(rest.undeletions ?? [])].slice(0, KEPT_UNDELETIONS) }),
      },
      wanted.map(({ record }) => record),
    ),
    changes: told.filter(isDue),
    writes: [...marks, ...allEventWrites(store, application, failures, now)],
  };
}

/** The wishes that stay, with what they wait for. */
function waitingWishes(
  judged: readonly JudgedWish[],
  fulfilled: JudgedWish | undefined,
  { now }: UndeleteInput,
): readonly UndeleteWish[] {
  return judged
    .filter((each) => each.refusal === undefined && each !== fulfilled)
    .map(({ wish, waitingFor }) => {
      if (waitingFor.length === 0) return wish;
      return { ...wish, since: wish.since ?? toRfc3339(now), waitingFor: [...waitingFor] };
    });
}

function refusalReports({ wish, refusal }: JudgedWish): readonly Report[] {
  if (refusal === undefined) return [];
  const what = wish.objects.map((text) => displayKey(parseKey(text))).join(', ');
  const message = `${wish.who} wanted ${what} back: ${refusal}`;
  return [{ reason: 'NotUndeleted', message, severity: 'Warning', component: 'sync', isSpared: true }];
}

function restoring(
  records: readonly DeletedRecord[],
  input: UndeleteInput,
): readonly { readonly record: DeletedRecord; readonly change: PlannedChange | undefined }[] {
  const changes = new Map(planOf(records, input).changes.map((change) => [keyString(change.key), change]));
  return records.map((record) => {
    const change = changes.get(keyString(keyOfRecord(record)));
    const namespace = input.store.get('Namespace', '', record.spec.entry.namespace);
    // What is put into a namespace that ends would go with it.
    const isEnding = namespace?.metadata.deletionTimestamp !== undefined && change !== undefined;
    return { record, change: isEnding ? { ...change, waitsFor: `${displayKey(keyOf(namespace))} to end` } : change };
  });
}

function once<T extends { readonly record: DeletedRecord }>(all: readonly T[]): readonly T[] {
  return all.filter(({ record }, index) => all.findIndex((other) => other.record === record) === index);
}

function toldChange(change: PlannedChange | undefined, record: DeletedRecord, who: string): PlannedChange {
  const { removedBy, deletedAt } = record.spec;
  const message = `brought back by ${who}; commit ${removedBy.id.slice(0, 7)} removed it at ${deletedAt}`;
  if (change !== undefined) return { ...change, reason: 'Undeleted', message };
  const { file, line } = record.spec.entry;
  return { key: keyOfRecord(record), action: 'unchanged', effect: 'none', fields: [], reason: 'Unchanged', message, file, line };
}

function markWrite(record: DeletedRecord, who: string, change: PlannedChange | undefined, { commit, now }: UndeleteInput): Write {
  const isPending = change?.waitsFor !== undefined;
  const at = record.spec.undeleted?.commit === commit ? record.spec.undeleted.at : toRfc3339(now);
  const undeleted = { who, at, commit, ...(isPending ? { isPending } : {}) };
  return { op: 'update', resource: { ...record, spec: { ...record.spec, undeleted } } };
}

function undeletion(
  { who }: UndeleteWish,
  records: readonly DeletedRecord[],
  { commit, now }: UndeleteInput,
): NonNullable<ApplicationStatus['undeletions']>[number] {
  return { who, at: toRfc3339(now), objects: records.map((record) => keyString(keyOfRecord(record))), commit };
}

function withInventory(status: ApplicationStatus, records: readonly DeletedRecord[]): ApplicationStatus {
  const had = new Set((status.inventory ?? []).map((entry) => keyString(keyOfEntry(entry))));
  const more = records.map(entryOfRecord).filter((entry) => !had.has(keyString(keyOfEntry(entry))));
  // An entry that stood there until its object was gone does so no more.
  const back = new Set(records.map((record) => keyString(keyOfRecord(record))));
  const own = (status.inventory ?? []).map((entry) => (isOf(entry, back) ? { ...entry, undeleted: true } : entry));
  return more.length === 0 && back.size === 0 ? status : { ...status, inventory: [...own, ...more] };
}

function isOf(entry: { kind: string; namespace: string; name: string }, keys: ReadonlySet<string>): boolean {
  return keys.has(keyString(keyOfEntry(entry)));
}
