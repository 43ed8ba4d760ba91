// From planned changes to writes of the store and to what people are told of them. Pure.
import { type ApplicationStatus, displayKey, type Stored, type StoredOf, type SyncRecord } from '../model/resource.ts';
import { toRfc3339 } from '../model/time.ts';
import { allEventWrites, type Report } from '../runtime/events.ts';
import type { StoreReader, Write } from '../store/store.ts';
import type { OutcomeAction } from './outcome.ts';
import type { PlannedChange } from './plan.ts';

/** Component of the events of this room. */
export const COMPONENT = 'sync';

/** Grace of a pod that does not say its own (Kubernetes, "Pod termination"). */
const DEFAULT_GRACE_SECONDS = 30;

/** More events of one transaction would push out those of everything else. */
const MAX_EVENTS_AT_ONCE = 50;

/** Whether a change can be made now. */
export function isDue(change: PlannedChange): boolean {
  return change.action !== 'unchanged' && change.waitsFor === undefined;
}

/**
 * The writes of one change. A pod that has a node is only asked to go; what takes its place follows when it is gone, in a later plan.
 * Everything else is replaced at once.
 */
export function changeWrites(change: PlannedChange, now: number): readonly Write[] {
  const { action, live, next } = change;
  if (!isDue(change)) return [];
  if (action === 'create') return next === undefined ? [] : [{ op: 'create', resource: next }];
  if (live === undefined) return [];
  if (action === 'update') return next === undefined ? [] : [{ op: 'update', resource: next as Stored }];
  if (live.kind === 'Pod' && (live.spec.nodeName ?? '') !== '') return [{ op: 'update', resource: ending(live, now) }];
  const removal: Write = {
    op: 'remove',
    key: change.key,
    uid: live.metadata.uid,
    resourceVersion: live.metadata.resourceVersion,
  };
  return action === 'delete' || next === undefined ? [removal] : [removal, { op: 'create', resource: reborn(next as Stored) }];
}

/** The object under a new identity, with nothing that belonged to the old one. */
function reborn(next: Stored): Stored {
  const { name, namespace, labels, annotations } = next.metadata;
  const metadata = {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    ...(labels === undefined ? {} : { labels }),
    annotations: annotations ?? {},
  };
  const { status: _status, ...rest } = { status: undefined, ...next };
  return { ...rest, metadata } as Stored;
}

function ending(pod: StoredOf<'Pod'>, now: number): StoredOf<'Pod'> {
  const graceSeconds = pod.spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS;
  const deletion = { deletionTimestamp: toRfc3339(now + graceSeconds * 1000), deletionGracePeriodSeconds: graceSeconds };
  return { ...pod, metadata: { ...pod.metadata, ...deletion } };
}

const OUTCOME_REASONS: Readonly<Record<SyncRecord['outcome'], string>> = {
  live: 'Live',
  invalid: 'Invalid',
  'preflight-failed': 'PreflightFailed',
  'rolled-back': 'RolledBack',
  failed: 'Failed',
};

/** What a new status has to tell of the application as a whole: a commit that ended, a rollback that began. */
export function turningPoints(old: ApplicationStatus, next: ApplicationStatus): readonly Report[] {
  const reports: Report[] = [];
  const { attempt } = next;
  if (attempt?.phase === 'rolling-back' && old.attempt?.phase !== 'rolling-back') {
    const message = `${attempt.commit.id.slice(0, 7)} is taken back: ${attempt.cause ?? ''}`;
    reports.push({ reason: 'RollingBack', message, severity: 'Warning', component: COMPONENT });
  }
  const [record] = next.history ?? [];
  const [before] = old.history ?? [];
  if (record !== undefined && (record.commit.id !== before?.commit.id || record.finishedAt !== before.finishedAt)) {
    const message = `${record.commit.id.slice(0, 7)} "${record.commit.subject}": ${record.message}`;
    const severity = record.outcome === 'live' ? 'Normal' : 'Warning';
    reports.push({ reason: OUTCOME_REASONS[record.outcome], message, severity, component: COMPONENT });
  }
  return reports;
}

/**
 * The events of changes: on the object where it goes on existing, on the application where it does not exist yet or no more. After them
 * what is to be told of the application as a whole.
 */
export function changeEvents(
  store: StoreReader,
  application: Stored,
  changes: readonly PlannedChange[],
  turns: readonly Report[],
  now: number,
): readonly Write[] {
  const aboutApplication: Report[] = [];
  const writes: Write[] = [];
  const due = changes.filter(isDue);
  for (const change of due.slice(0, MAX_EVENTS_AT_ONCE)) {
    const report = reportOf(change);
    if (change.action === 'update' && change.live !== undefined)
      writes.push(...allEventWrites(store, change.live, [report], now));
    else aboutApplication.push({ ...report, message: `${displayKey(change.key)}: ${report.message}` });
  }
  const untold = due.length - MAX_EVENTS_AT_ONCE;
  if (untold > 0)
    aboutApplication.push({ reason: 'Applied', message: `${untold} more objects`, severity: 'Normal', component: COMPONENT });
  return uniqueWrites([...writes, ...allEventWrites(store, application, [...aboutApplication, ...turns], now)]);
}

/** Trimming the events of several objects names the oldest ones once for each: a transaction removes each once. */
function uniqueWrites(writes: readonly Write[]): readonly Write[] {
  const removed = new Set<string>();
  return writes.filter((write) => {
    if (write.op !== 'remove') return true;
    const isNew = !removed.has(write.key.name);
    removed.add(write.key.name);
    return isNew;
  });
}

function reportOf(change: PlannedChange): Report {
  const isDrift = change.reason === 'Drifted';
  return { reason: change.reason, message: change.message, severity: isDrift ? 'Warning' : 'Normal', component: COMPONENT };
}

/** A change as it is printed. */
export function outcomeAction(change: PlannedChange): readonly OutcomeAction[] {
  const { action, key, effect, reason, message, file, line, fields } = change;
  if (action === 'unchanged') return [];
  const place = file === '' ? {} : { file, line };
  return [{ ...key, action, effect, reason, message, ...place, fields }];
}
