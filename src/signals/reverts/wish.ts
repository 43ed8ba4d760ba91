// Whether a repository is to be told to go back, what the commit says that does it, and on what it is put. Pure, and by level: what the server has is
// looked at first, so that a restart at any moment neither forgets nor repeats.
import type { ApplicationSpec, ApplicationStatus, CommitInfo, RevertReport, StoredOf, SyncRecord } from '../../model/resource.ts';
import type { RevertPolicy } from '../../model/sync-policy.ts';
import { fromRfc3339, toRfc3339 } from '../../model/time.ts';
import type { Heads, HistoryCommit, WantedRevert } from './repository.ts';

/** A commit of Git; the files of a working tree have none. */
const HASH = /^[0-9a-f]{40}$/;
const SHORT_ID_LENGTH = 7;
const MAX_SUBJECT = 60;
const MAX_CAUSE = 200;
const DEFAULT_BRANCH = 'holdfast/revert-';
const DEFAULT_AUTHOR = { name: 'Holdfast', email: 'holdfast@localhost' };
const REVERTS = 'Holdfast-Reverts';
const APPLICATION = 'Holdfast-Application';

/** What is to be done. */
export interface RevertWish {
  readonly policy: RevertPolicy;
  readonly bad: SyncRecord;
  readonly good: CommitInfo;
  /** The branch that is made for a pull request; undefined where the followed branch is pushed to. */
  readonly branch: string | undefined;
}

/** The wish of an application; undefined when there is none now. */
export function wishOf({ spec, status = {} }: StoredOf<'Application'>): RevertWish | undefined {
  const { revert: policy, enabled } = spec.rollback ?? {};
  const { quarantined: bad, lastGood: good, attempt } = status;
  if (policy === undefined || enabled === false || bad === undefined || good === undefined) return undefined;
  // While anything is under way, it is not known what will run.
  if (attempt !== undefined || bad.outcome !== 'rolled-back' || bad.stays !== undefined) return undefined;
  if (!HASH.test(bad.commit.id) || !HASH.test(good.id) || bad.commit.id === good.id) return undefined;
  // It is tried again by itself before anybody is told to go back.
  if ((bad.retry ?? 0) < (spec.retry?.limit ?? 0) || status.manual?.commit === bad.commit.id) return undefined;
  const branch = policy.pullRequest === undefined ? undefined : branchFor(policy, bad.commit);
  return { policy, bad, good, branch };
}

const branchFor = ({ pullRequest }: RevertPolicy, { id }: CommitInfo): string =>
  `${pullRequest?.branch ?? DEFAULT_BRANCH}${short(id)}`;

/** Whether all is done that can be for a wish. */
export function isDone(report: RevertReport | undefined, { bad }: RevertWish): boolean {
  return report !== undefined && report.commit === bad.commit.id && report.state !== 'pending';
}

const short = (id: string): string => id.slice(0, SHORT_ID_LENGTH);
/** No forge takes it for an order to its pipelines, nor for a trailer. */
const quiet = (text: string, length: number): string => {
  const line = text.replace(/\s+/g, ' ').replaceAll('[', '(').replaceAll(']', ')').trim();
  return line.length <= length ? line : `${line.slice(0, length - 1)}…`;
};
const where = (path: string): string => (path === '' ? 'the repository' : path);

/** The subject of the commit, and the title of a pull request that nobody has chosen another for. */
export const subjectOf = ({ bad }: RevertWish, path: string): string =>
  `Revert "${quiet(bad.commit.subject, MAX_SUBJECT)}" in ${where(path)}`;

/** What is proposed, and why, in plain words. */
export function reasonText({ bad, good }: RevertWish, application: string, cluster: string, path: string): string {
  return [
    `Application ${application} of cluster ${cluster} could not go to commit ${short(bad.commit.id)} of ${quiet(bad.commit.author, 100)}, and runs ${short(good.id)} again:`,
    '',
    quiet(bad.message === '' ? 'it did not become healthy' : bad.message, MAX_CAUSE),
    '',
    `This brings ${path === '' ? 'everything' : `everything below ${path}`} back as it was at ${short(good.id)}, and nothing else.`,
  ].join('\n');
}

/** The commit. Its time is that of the failure: made again, it is the same commit. */
export function revertOf(
  wish: RevertWish,
  names: { application: string; cluster: string; path: string },
  onto: string,
): WantedRevert {
  const { application, cluster, path } = names;
  const { bad, good, policy } = wish;
  const message = [
    subjectOf(wish, path),
    '',
    reasonText(wish, application, cluster, path),
    '',
    `${APPLICATION}: ${cluster}/${application}`,
    `${REVERTS}: ${bad.commit.id}`,
    `Holdfast-Restores: ${good.id}`,
  ].join('\n');
  const seconds = Math.floor(fromRfc3339(bad.finishedAt) / 1000);
  return { onto, good: good.id, by: { ...DEFAULT_AUTHOR, ...policy.author, seconds }, message };
}

/** The title of the pull request. */
export function titleOf(wish: RevertWish, application: string, path: string): string {
  const { title } = wish.policy.pullRequest ?? {};
  const { commit } = wish.bad;
  if (title === undefined) return subjectOf(wish, path);
  const values: Readonly<Record<string, string>> = {
    application,
    commit: short(commit.id),
    author: quiet(commit.author.replace(/ *<[^>]*>$/, ''), MAX_SUBJECT),
    message: quiet(commit.subject, MAX_SUBJECT),
  };
  return title.replace(/\$\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
}

/** What is on top of the bad commit: undefined when that is not below it. */
export type Chain = readonly HistoryCommit[] | undefined;

/** What the server shows. */
export interface ServerView {
  readonly heads: Heads;
  /** From the head of the followed branch to the bad commit. */
  readonly followed: Chain;
  /** From the head of the other branch to the bad commit. */
  readonly proposed?: Chain;
  /** The pull request of the other branch, the newest if there were several. */
  readonly pullRequest?: { readonly url: string; readonly isOpen: boolean } | undefined;
}

/** How it ends. */
export interface RevertEnd extends Pick<RevertReport, 'revert' | 'pullRequest' | 'message' | 'branch'> {
  readonly state: 'pushed' | 'proposed' | 'overtaken';
}

/** What comes next. */
export type RevertStep =
  /** It is over. */
  | { readonly end: RevertEnd }
  /** A commit on top of `onto` goes on the branch, which must be at `from`. */
  | { readonly commit: { readonly branch: string; readonly from: string | undefined; readonly onto: string } }
  /** The branch has it, and nobody was told. */
  | { readonly propose: { readonly branch: string; readonly revert: string } };

/** Decides by what the server shows. `own`: `cluster/application`. */
export function nextStep(wish: RevertWish, view: ServerView, own: string): RevertStep {
  const { bad, branch } = wish;
  const { heads, followed, proposed, pullRequest } = view;
  const done = revertIn(followed, bad.commit.id, own);
  if (done !== undefined) return { end: { state: 'pushed', branch: heads.branch, revert: done } };
  if (!isUntouched(followed, bad.commit.id)) return { end: overtaken(wish, heads, followed) };
  if (branch === undefined) return { commit: { branch: heads.branch, from: heads.head, onto: heads.head } };
  const waiting = revertIn(proposed, bad.commit.id, own);
  if (waiting !== undefined && pullRequest !== undefined)
    return { end: { state: 'proposed', branch, revert: waiting, pullRequest: pullRequest.url } };
  // Somebody has looked at it and said no.
  if (pullRequest?.isOpen === false)
    return { end: { state: 'overtaken', branch, pullRequest: pullRequest.url, message: 'its pull request was closed' } };
  if (waiting !== undefined) return { propose: { branch, revert: waiting } };
  if (heads.other === undefined) return { commit: { branch, from: undefined, onto: heads.head } };
  if (!isUntouched(proposed, bad.commit.id))
    return { end: { state: 'overtaken', branch, message: `somebody has put other commits on the branch ${branch}` } };
  return { commit: { branch, from: heads.other, onto: heads.other } };
}

/** The commit in which this application has reverted the bad one. */
function revertIn(chain: Chain, bad: string, own: string): string | undefined {
  return chain?.find(({ message }) => trailer(message, REVERTS) === bad && trailer(message, APPLICATION) === own)?.id;
}

/** Whether there is nothing on top of the bad commit but what other applications have reverted of it. */
function isUntouched(chain: Chain, bad: string): boolean {
  return chain?.every(({ message }) => trailer(message, REVERTS) === bad) === true;
}

function overtaken({ bad }: RevertWish, { branch, head }: Heads, chain: Chain) {
  const how = chain === undefined ? 'no longer has' : 'has moved on from';
  const message = `${branch} is at ${short(head)}, and ${how} ${short(bad.commit.id)}: somebody has acted already`;
  return { state: 'overtaken', branch, message } as const;
}

/** Of the last paragraph, as Git reads trailers. */
function trailer(message: string, name: string): string | undefined {
  const last =
    message
      .trimEnd()
      .split(/\n[ \t]*\n/)
      .at(-1) ?? '';
  return last
    .split('\n')
    .find((line) => line.startsWith(`${name}: `))
    ?.slice(name.length + 2)
    .trim();
}

/** The report of a wish that is not fulfilled, for now. The time is that of the first word on it. */
export function pendingReport(
  { revert: before }: ApplicationStatus,
  { bad }: RevertWish,
  told: Pick<RevertReport, 'branch' | 'revert' | 'message'>,
  now: number,
): RevertReport {
  const isSame = before?.commit === bad.commit.id;
  const revert = told.revert ?? (isSame ? before.revert : undefined);
  const branch = told.branch ?? (isSame ? before.branch : undefined);
  return {
    commit: bad.commit.id,
    state: 'pending',
    since: isSame ? before.since : toRfc3339(now),
    ...(branch === undefined ? {} : { branch }),
    ...(revert === undefined ? {} : { revert }),
    ...(told.message === undefined ? {} : { message: told.message }),
  };
}

/**
 * What becomes of a report whose wish is gone: another commit came, perhaps its own revert, when somebody was killed between pushing it and saying
 * so. Undefined leaves the report.
 */
export function afterwards(
  { rollback }: Pick<ApplicationSpec, 'rollback'>,
  status: ApplicationStatus,
  now: number,
): RevertReport | undefined {
  const { revert: report, attempt, lastGood, quarantined, held } = status;
  if (report?.state !== 'pending') return undefined;
  const { message: _message, revert, ...rest } = report;
  const end = (message: string): RevertReport => ({ ...rest, state: 'overtaken', since: toRfc3339(now), message });
  const newest = (attempt ?? held ?? quarantined)?.commit.id ?? lastGood?.id;
  if (newest !== undefined && newest === revert) return { ...rest, revert, state: 'pushed', since: toRfc3339(now) };
  if (lastGood?.id === report.commit) return end('the commit is live after all');
  if (rollback?.revert === undefined) return end('it is not wanted any more');
  // The bad one itself is tried again: the wish comes back, or it becomes live.
  return newest === report.commit ? undefined : end('another commit came');
}
