// Which status the commits of an application should have at their forge, and which they have: the difference is what there is to tell. Pure, and by
// level: a restart neither forgets nor repeats, and what nobody got around to tell before it was over is not told any more.
import type { ApplicationStatus, CommitStatusReport, SyncAttempt, SyncRecord } from '../../model/resource.ts';
import { fromRfc3339, toRfc3339 } from '../../model/time.ts';
import type { CommitStatus, StatusState } from './requests.ts';

/** Before anything of it is done. */
const EARLY: readonly SyncAttempt['phase'][] = ['fetched', 'validated', 'waiting', 'preflighting'];
/** A commit of Git; the files of a working tree have none. */
const HASH = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/;

const WORDS: Readonly<Record<SyncRecord['outcome'], string>> = {
  live: 'live',
  invalid: 'refused',
  'preflight-failed': 'refused',
  'rolled-back': 'rolled back',
  failed: 'failed',
};

/** From when on commits are told of: the last one that has ended, and what comes after it. */
export function reportFrom({ commitStatuses, history }: ApplicationStatus, startedAtMs: number): string {
  return commitStatuses?.from ?? history?.[0]?.finishedAt ?? toRfc3339(startedAtMs);
}

/** What is to be told, oldest first; empty when the forge knows all. */
export function untoldStatuses(status: ApplicationStatus, from: string): readonly CommitStatus[] {
  const told = new Map((status.commitStatuses?.told ?? []).map(({ commit, state }) => [commit, state]));
  const wanted = [...endedOf(status, from, told), ...attemptOf(status, told)];
  return wanted.filter(({ commit, state }) => HASH.test(commit) && told.get(commit) !== state);
}

function attemptOf({ attempt }: ApplicationStatus, told: ReadonlyMap<string, string>): readonly CommitStatus[] {
  // One whose sync-fail hooks run has ended.
  if (attempt === undefined || attempt.phase === 'sync-fail') return [];
  const before = told.get(attempt.commit.id);
  // What was refused is looked at again and again: only when something is done is it on its way once more.
  if (before !== undefined && before !== 'pending' && EARLY.includes(attempt.phase)) return [];
  const [first] = attempt.waitingFor ?? [];
  const isWaiting = attempt.phase === 'waiting' && first !== undefined;
  return [{ commit: attempt.commit.id, state: 'pending', description: isWaiting ? `waits for ${first}` : 'under way' }];
}

function endedOf(
  { history = [], attempt, commitStatuses }: ApplicationStatus,
  from: string,
  told: ReadonlyMap<string, string>,
): readonly CommitStatus[] {
  const isUnderWay = (commit: string): boolean => attempt?.commit.id === commit && attempt.phase !== 'sync-fail';
  const known = new Set<string>();
  const ended: CommitStatus[] = [];
  for (const record of history) {
    const { id } = record.commit;
    if (known.has(id)) continue;
    known.add(id);
    if (isPending(told, id) && isUnderWay(id)) continue;
    if (told.has(id) || fromRfc3339(record.finishedAt) >= fromRfc3339(from)) ended.push(statusOf(record));
  }
  const superseded = (commitStatuses?.told ?? [])
    .filter(({ commit, state }) => state === 'pending' && !known.has(commit) && !isUnderWay(commit))
    .map(({ commit }): CommitStatus => ({ commit, state: 'superseded', description: supersededBy(attempt, history[0]) }));
  return [...superseded, ...ended.toReversed()];
}

const isPending = (told: ReadonlyMap<string, string>, commit: string): boolean => told.get(commit) === 'pending';

function statusOf({ commit, outcome, message }: SyncRecord): CommitStatus {
  const state: StatusState = outcome === 'live' ? 'success' : 'failure';
  return { commit: commit.id, state, description: outcome === 'live' ? 'live' : `${WORDS[outcome]}: ${message}` };
}

function supersededBy(attempt: SyncAttempt | undefined, last: SyncRecord | undefined): string {
  const by = (attempt ?? last)?.commit.id;
  return by === undefined ? 'another commit took its place' : `commit ${by.slice(0, 7)} took its place before it was live`;
}

/** The forge has it. Commits that nothing is known of any longer are forgotten. */
export function toldReport(status: ApplicationStatus, from: string, told: CommitStatus, now: number): CommitStatusReport {
  const { history = [], attempt, commitStatuses } = status;
  const known = new Set([...history.map(({ commit }) => commit.id), ...(attempt === undefined ? [] : [attempt.commit.id])]);
  const others = (commitStatuses?.told ?? []).filter(
    ({ commit, state }) => commit !== told.commit && (known.has(commit) || state === 'pending'),
  );
  const { commit, state } = told;
  return { from, told: [{ commit, state, at: toRfc3339(now) }, ...others] };
}

/** It cannot be told, and why. The time is that of the first failure. */
export function failingReport(status: ApplicationStatus, from: string, message: string, now: number): CommitStatusReport {
  const { told = [], failing } = status.commitStatuses ?? {};
  return { from, told, failing: { since: failing?.since ?? toRfc3339(now), message } };
}
