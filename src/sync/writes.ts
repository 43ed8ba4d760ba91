// From planned changes to writes of the store and to what people are told of them. Pure.
import { type ApplicationStatus, displayKey, type Stored, type SyncRecord } from '../model/resource.ts';
import { deletionWrite } from '../runtime/deletion.ts';
import { type Telling, tellingWrites } from '../runtime/events.ts';
import { type Report } from '../runtime/report.ts';
import type { StoreReader, Write } from '../store/store.ts';
import { downtimeOf } from './downtime.ts';
import { failureLine, hookPhrase } from './hooks/hook-list.ts';
import type { OutcomeAction } from './outcome.ts';
import type { PlannedChange } from './planned.ts';
import { waveOfChange } from './waves.ts';

/** Component of the events of this room. */
export const COMPONENT = 'sync';

/** More events of one transaction would push out those of everything else. */
const MAX_EVENTS_AT_ONCE = 50;

/** Whether a change can be made now. */
export function isDue(change: PlannedChange): boolean {
  return change.action !== 'unchanged' && change.waitsFor === undefined;
}

/**
 * The writes of one change. What cannot go at once (a pod on a node, what has finalizers, a Namespace) is only asked to go; what takes its
 * place follows when it is gone, in a later plan. Everything else is replaced at once.
 */
export function changeWrites(change: PlannedChange, now: number): readonly Write[] {
  const { action, live, next } = change;
  if (!isDue(change)) return [];
  if (action === 'create') return next === undefined ? [] : [{ op: 'create', resource: next }];
  if (live === undefined) return [];
  if (action === 'update') return next === undefined ? [] : [{ op: 'update', resource: next as Stored }];
  const deletion = deletionWrite(live, now);
  if (deletion === undefined) return [];
  const isGone = deletion.op === 'remove';
  return isGone && action === 'recreate' && next !== undefined
    ? [deletion, { op: 'create', resource: reborn(next as Stored) }]
    : [deletion];
}

/** Whether the object that a change replaces stays for a while: its successor follows when it is gone, in a later plan. */
export function isTwoStep({ action, live }: PlannedChange): boolean {
  return action === 'recreate' && live !== undefined && deletionWrite(live, 0)?.op !== 'remove';
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
  reports.push(...hookTurns(old, next));
  const [record] = next.history ?? [];
  const [before] = old.history ?? [];
  if (record !== undefined && (record.commit.id !== before?.commit.id || record.finishedAt !== before.finishedAt)) {
    const message = `${record.commit.id.slice(0, 7)} "${record.commit.subject}": ${record.message}`;
    const severity = record.outcome === 'live' ? 'Normal' : 'Warning';
    reports.push({ reason: OUTCOME_REASONS[record.outcome], message, severity, component: COMPONENT });
  }
  return reports;
}

/** Hooks that have ended. That they start is told with their Jobs. */
function hookTurns({ attempt: old }: ApplicationStatus, { attempt }: ApplicationStatus): readonly Report[] {
  const before = old?.run === attempt?.run ? (old?.hooks ?? []) : [];
  return (attempt?.hooks ?? []).flatMap((hook, index): Report[] => {
    if (before[index]?.state === hook.state || (hook.state !== 'succeeded' && hook.state !== 'failed')) return [];
    return hook.state === 'succeeded'
      ? [{ reason: 'HookSucceeded', message: `${hookPhrase(hook)} succeeded`, severity: 'Normal', component: COMPONENT }]
      : [{ reason: 'HookFailed', message: failureLine(hook), severity: 'Warning', component: COMPONENT }];
  });
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
  const tellings: Telling[] = [];
  const aboutApplication = (report: Report): unknown => tellings.push({ about: application, report });
  const due = changes.filter(isDue);
  for (const change of due.slice(0, MAX_EVENTS_AT_ONCE)) {
    const report = reportOf(change);
    if (change.action === 'update' && change.live !== undefined) tellings.push({ about: change.live, report });
    else aboutApplication({ ...report, message: `${displayKey(change.key)}: ${report.message}` });
  }
  const untold = due.length - MAX_EVENTS_AT_ONCE;
  if (untold > 0)
    aboutApplication({ reason: 'Applied', message: `${untold} more objects`, severity: 'Normal', component: COMPONENT });
  for (const turn of turns) aboutApplication({ ...turn, isSpared: true });
  return tellingWrites(store, tellings, now);
}

function reportOf(change: PlannedChange): Report {
  const isDrift = change.reason === 'Drifted';
  return { reason: change.reason, message: change.message, severity: isDrift ? 'Warning' : 'Normal', component: COMPONENT };
}

/** A change as it is printed. */
export function outcomeAction(change: PlannedChange): readonly OutcomeAction[] {
  const { action, key, effect, reason, message, file, line, fields, hook } = change;
  if (action === 'unchanged' || reason === 'HookEnded') return [];
  const wave = waveOfChange(change);
  const place = { ...(file === '' ? {} : { file, line }), ...(wave === 0 ? {} : { wave }) };
  if (hook !== undefined && action !== 'delete')
    return [{ ...key, action: 'run', effect: `${hook} hook`, reason, message, ...place, fields: [] }];
  const downtime = downtimeOf(change);
  return [{ ...key, action, effect, reason, message, ...place, fields, ...(downtime === undefined ? {} : { downtime }) }];
}
