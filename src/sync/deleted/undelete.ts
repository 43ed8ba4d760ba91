// Bringing back what commits have removed, because a person wants it: objects, inventory, record and status in one transaction. Pure.
import {
  type ApplicationStatus,
  displayKey,
  keyOf,
  keyString,
  parseKey,
  type StoredOf,
  type UndeleteWish,
} from '../../model/resource.ts';
import { toRfc3339 } from '../../model/time.ts';
import { allEventWrites, type Report } from '../../runtime/events.ts';
import type { StoreReader, Write } from '../../store/store.ts';
import { isBegun } from '../decide.ts';
import { keyOfEntry } from '../order.ts';
import { type PlannedChange, planSync } from '../plan.ts';
import { isDue } from '../writes.ts';
import { type DeletedRecord, entryOfRecord, keyOfRecord, manifestOf, recordOf, recordsOf } from './records.ts';

/** How many undeletions are remembered. */
const KEPT_UNDELETIONS = 10;

export interface UndeleteInput {
  readonly application: StoredOf<'Application'>;
  readonly status: ApplicationStatus;
  readonly store: StoreReader;
  /** The commit whose objects run, and what it declares. */
  readonly commit: string;
  readonly declared: ReadonlySet<string>;
  readonly now: number;
}

/** What is written, and what it changes. */
export interface Undeletion {
  readonly status: ApplicationStatus;
  readonly changes: readonly PlannedChange[];
  readonly writes: readonly Write[];
}

/** Wishes that can be fulfilled now: not while a commit is under way that may yet be taken back. */
function dueWishes({ attempt, undelete = [] }: ApplicationStatus): readonly UndeleteWish[] {
  return !isBegun(attempt) || attempt.phase === 'pruning' ? undelete : [];
}

/** Those that were brought back, and had to wait until what was there before had ended. */
function pendingRecords({ application, store, commit }: UndeleteInput): readonly DeletedRecord[] {
  return recordsOf(store, application.metadata.name).filter(
    ({ spec }) => spec.undeleted?.isPending === true && spec.undeleted.commit === commit,
  );
}

/** Whether there is anything to bring back now. */
export function isUndeleteDue(input: UndeleteInput): boolean {
  if (dueWishes(input.status).length > 0) return true;
  const pending = pendingRecords(input);
  return pending.length > 0 && restoring(pending, input).some(({ change }) => change?.waitsFor === undefined);
}

/** Fulfils the wishes, and goes on with what had to wait. */
export function planUndelete(input: UndeleteInput): Undeletion {
  const { undelete: _undelete, ...rest } = input.status;
  const wishes = dueWishes(input.status);
  const { undelete: later = [] } = wishes.length === 0 ? input.status : {};
  const judged = wishes.map((wish) => judge(wish, input));
  const pending = pendingRecords(input).map((record) => ({ record, who: record.spec.undeleted?.who ?? '' }));
  const wanted = once([
    ...pending,
    ...judged.flatMap(({ records, wish }) => records.map((record) => ({ record, who: wish.who }))),
  ]);
  const planned = restoring(
    wanted.map(({ record }) => record),
    input,
  );
  const told = planned.map(({ record, change }, index) => toldChange(change, record, wanted[index]?.who ?? ''));
  const marks = planned.map(({ record, change }, index) => markWrite(record, wanted[index]?.who ?? '', change, input));
  const done = judged.flatMap(({ wish, records }) => (records.length === 0 ? [] : [undeletion(wish, records, input)]));
  const failures = judged.flatMap(({ faults }) => faults);
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

interface Judged {
  readonly wish: UndeleteWish;
  readonly records: readonly DeletedRecord[];
  readonly faults: readonly Report[];
}

/** All of a wish or nothing: half of what belongs together is no help. */
function judge(wish: UndeleteWish, input: UndeleteInput): Judged {
  const { application, store, commit, declared } = input;
  const faults: string[] = [];
  const records = wish.objects.flatMap((text): DeletedRecord[] => {
    const key = parseKey(text);
    const record = recordOf(store, application.metadata.name, key);
    if (declared.has(text)) faults.push(`${displayKey(key)} is declared again by ${commit.slice(0, 7)}`);
    else if (record === undefined) faults.push(`nothing is kept of ${displayKey(key)} any more`);
    // Whoever was killed in between hears an order twice.
    else if (record.spec.undeleted?.commit !== commit) return [record];
    return [];
  });
  const refused = planOf(records, input).problems.filter(({ severity }) => severity === 'error');
  faults.push(...refused.map(({ message }) => message));
  if (faults.length === 0) return { wish, records, faults: [] };
  const message = `${wish.who} wanted ${wish.objects.map((text) => displayKey(parseKey(text))).join(', ')} back: ${faults.join('; ')}`;
  return {
    wish,
    records: [],
    faults: [{ reason: 'NotUndeleted', message, severity: 'Warning', component: 'sync', isSpared: true }],
  };
}

function planOf(records: readonly DeletedRecord[], { application, store }: UndeleteInput): ReturnType<typeof planSync> {
  const { name } = application.metadata;
  const inventory = records.map(entryOfRecord);
  return planSync({ desired: records.map(manifestOf), live: store, inventory, application: name, mode: 'commit', ignore: [] });
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
