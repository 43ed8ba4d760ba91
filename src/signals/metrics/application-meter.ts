// What a change of an Application's status means for the measurements. Pure.
import { isConditionTrue } from '../../model/conditions.ts';
import type { ApplicationStatus, SyncAttempt, SyncRecord } from '../../model/resource.ts';
import { fromRfc3339 } from '../../model/time.ts';
import type { GaugeName, Metrics } from './metrics.ts';

const OF_APPLICATION = [
  'holdfast_last_good_commit_timestamp_seconds',
  'holdfast_last_live_timestamp_seconds',
  'holdfast_application_healthy',
  'holdfast_application_held',
  'holdfast_application_drifted',
  'holdfast_application_suspended',
  'holdfast_suspension_end_timestamp_seconds',
  'holdfast_source_ready',
] as const satisfies readonly GaugeName[];

/** What the status says now. */
export function gaugeApplication(application: string, status: ApplicationStatus, metrics: Metrics): void {
  const labels = { application };
  const { lastGood, history, source, suspension, conditions } = status;
  const live = history?.find(({ outcome }) => outcome === 'live');
  const set = (name: GaugeName, value: number): void => {
    if (Number.isFinite(value)) metrics.set(name, labels, value);
  };
  if (lastGood !== undefined) set('holdfast_last_good_commit_timestamp_seconds', fromRfc3339(lastGood.time) / 1000);
  if (live !== undefined) set('holdfast_last_live_timestamp_seconds', fromRfc3339(live.finishedAt) / 1000);
  set('holdfast_application_healthy', status.health === 'Healthy' ? 1 : 0);
  set('holdfast_application_held', status.held === undefined ? 0 : 1);
  set('holdfast_application_drifted', isConditionTrue(conditions, 'Drifted') ? 1 : 0);
  set('holdfast_application_suspended', suspension === undefined ? 0 : 1);
  if (suspension?.until === undefined) metrics.drop('holdfast_suspension_end_timestamp_seconds', labels);
  else set('holdfast_suspension_end_timestamp_seconds', fromRfc3339(suspension.until) / 1000);
  if (source !== undefined) set('holdfast_source_ready', source.ready ? 1 : 0);
}

/** The application is gone. */
export function dropApplication(application: string, metrics: Metrics): void {
  for (const name of OF_APPLICATION) metrics.drop(name, { application });
}

/** The records of the newer status that the older one did not have, oldest first. */
export function newRecords(before: ApplicationStatus, after: ApplicationStatus): readonly SyncRecord[] {
  const known = new Set((before.history ?? []).map(identity));
  const last = before.history?.[0];
  // A commit that waits, refused, is told anew each time that what ails it changes: that is one attempt.
  const isRetold = (record: SyncRecord): boolean =>
    last !== undefined && last.commit.id === record.commit.id && last.outcome === record.outcome && isRefusal(record);
  return (after.history ?? []).filter((record) => !known.has(identity(record)) && !isRetold(record)).reverse();
}

const isRefusal = ({ outcome }: SyncRecord): boolean => outcome === 'invalid' || outcome === 'preflight-failed';

function identity({ commit, outcome, startedAt, finishedAt }: SyncRecord): string {
  return `${commit.id} ${outcome} ${startedAt} ${finishedAt}`;
}

/** Names the stay in a phase, so that its beginning and its end are seen; undefined when nothing is under way. */
export function stayOf(attempt: SyncAttempt | undefined): { readonly phase: string; readonly id: string } | undefined {
  return attempt === undefined ? undefined : { phase: attempt.phase, id: `${attempt.commit.id} ${attempt.phase}` };
}
