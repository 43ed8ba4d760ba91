// What commits have removed and can be brought back for a while, step by step: kept when it goes, brought back when somebody wants it, forgotten
// when its time is over or a commit has it again. One step is one transaction, and what it does follows from the store alone. Pure.
import { type ApplicationStatus, type CommitInfo, displayKey, keyOf, keyString, type StoredOf } from '../../model/resource.ts';
import { fromRfc3339, toRfc3339 } from '../../model/time.ts';
import { allEventWrites } from '../../runtime/events.ts';
import { type Report } from '../../runtime/report.ts';
import type { StoreReader, Write } from '../../store/store.ts';
import type { DeletedState } from '../observed.ts';
import type { PlannedChange } from '../planned.ts';
import { declaredBy } from '../revision.ts';
import { judgeWish, type Surroundings } from './judge-wish.ts';
import { keepWrites } from './keep.ts';
import { type DeletedRecord, keyOfRecord, recordsOf } from './records.ts';
import { dueWishes, isUndeleteDue, planUndelete, type Undeletion } from './undelete.ts';

interface Known {
  readonly application: StoredOf<'Application'>;
  readonly store: StoreReader;
  /** The commit whose objects run; undefined when nothing was ever applied. */
  readonly commit: string | undefined;
  readonly now: number;
  /** Absent while everything is left alone: then nothing is pulled, and nothing comes back. */
  readonly around?: Surroundings | undefined;
}

/** What steps know of a pass. */
interface Seen {
  readonly application: StoredOf<'Application'>;
  readonly status: ApplicationStatus;
  readonly target: { readonly wanted: { readonly commit: CommitInfo } } | undefined;
  readonly observed: { readonly deleted?: DeletedState | undefined };
  readonly now: number;
}

/** What is to be done; undefined when nothing is remembered and nobody wants anything. */
export function deletedState({ application, store, commit, now, around }: Known): DeletedState | undefined {
  const { status = {} } = application;
  const { name } = application.metadata;
  const records = recordsOf(store, name);
  const isIdle = records.length === 0 && status.undelete === undefined && status.undeletions === undefined;
  if (commit === undefined || isIdle) return undefined;
  const declared = declaredBy(name, commit, store);
  const input = { application, status, store, commit, declared, now };
  const wishes = around === undefined ? [] : dueWishes(status).map((wish) => judgeWish(wish, input, around));
  const times = records
    .filter(({ spec }) => spec.undeleted === undefined)
    .map(({ spec }) => fromRfc3339(spec.until))
    .filter((until) => until > now);
  times.push(...wishes.flatMap(({ againAtMs }) => (againAtMs === undefined ? [] : [againAtMs])));
  return {
    isWanted: isUndeleteDue(input, wishes),
    wishes,
    isOver:
      records.some((record) => isOver(record, commit, declared, { status, now })) || withEnds(status, commit, now) !== status,
    ...(times.length === 0 ? {} : { untilMs: Math.min(...times) }),
  };
}

/** Whether a record is of no use any more to an application at rest. */
function isOver(
  record: DeletedRecord,
  commit: string,
  declared: ReadonlySet<string>,
  { status, now }: { readonly status: ApplicationStatus; readonly now: number },
): boolean {
  const key = keyString(keyOfRecord(record));
  if (declared.has(key)) return true;
  const { undeleted, until } = record.spec;
  // Whoever asked in time gets it, however long that has to wait.
  if (undeleted === undefined && status.undelete?.some(({ objects }) => objects.includes(key)) === true) return false;
  return undeleted === undefined ? fromRfc3339(until) <= now : undeleted.commit !== commit;
}

/** What is written beside deletions so that they can be undone. */
export function keepRemoved(
  { application, status, target, now }: Seen,
  deletions: readonly PlannedChange[],
  store: StoreReader,
): readonly Write[] {
  if (target === undefined) return [];
  const { lastGood, inventory = [] } = status;
  const { name } = application.metadata;
  return keepWrites(deletions, { application: name, commit: target.wanted.commit, lastGood, inventory, store, now });
}

/** Brings back what is wanted. */
export function undelete({ application, status, target, observed, now }: Seen, store: StoreReader): Undeletion {
  if (target === undefined) return { status, changes: [], writes: [] };
  const commit = target.wanted.commit.id;
  const declared = declaredBy(application.metadata.name, commit, store);
  return planUndelete({ application, status, store, commit, declared, now }, observed.deleted?.wishes ?? []);
}

/** Forgets what is over, and says so of what cannot be brought back any more although nothing has taken its place. */
export function forget({ application, status, target, now }: Seen, store: StoreReader): Undeletion {
  if (target === undefined) return { status, changes: [], writes: [] };
  const { name } = application.metadata;
  const commit = target.wanted.commit.id;
  const declared = declaredBy(name, commit, store);
  const over = recordsOf(store, name).filter((record) => isOver(record, commit, declared, { status, now }));
  const removals = over.map((record): Write => ({ op: 'remove', key: keyOf(record), uid: record.metadata.uid }));
  const lost = over.filter((record) => record.spec.undeleted === undefined && !declared.has(keyString(keyOfRecord(record))));
  const events = allEventWrites(store, application, lost.map(goneReport), now);
  return { status: withEnds(status, commit, now), changes: [], writes: [...removals, ...events] };
}

function goneReport(record: DeletedRecord): Report {
  const { removedBy } = record.spec;
  const what = displayKey(keyOfRecord(record));
  const message = `${what}: the time in which it could be brought back is over; commit ${removedBy.id.slice(0, 7)} removed it`;
  return { reason: 'RemovedForGood', message, severity: 'Normal', component: 'sync' };
}

/** Another commit is live: what was brought back before it is as that one says. */
function withEnds(status: ApplicationStatus, commit: string, now: number): ApplicationStatus {
  const { undeletions } = status;
  if (undeletions?.some((each) => each.endedAt === undefined && each.commit !== commit) !== true) return status;
  const ended = undeletions.map((each) =>
    each.endedAt === undefined && each.commit !== commit ? { ...each, endedAt: toRfc3339(now) } : each,
  );
  return { ...status, undeletions: ended };
}
