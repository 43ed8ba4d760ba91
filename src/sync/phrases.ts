// What several commands say of applications and their commits in the same words. It judges nothing, so that who only reads loads no more. Pure.
import { findCondition } from '../model/conditions.ts';
import type { ApplicationStatus, CommitInfo, StoredOf } from '../model/resource.ts';
import { fromRfc3339 } from '../model/time.ts';

/** A commit as people name it: the first seven digits, or that it is none yet. */
export function commitName(id: string): string {
  return id.startsWith('worktree-') ? 'uncommitted files' : `commit ${id.slice(0, 7)}`;
}

/** A commit with its subject and author, for a sentence. */
export function commitPhrase(commit: CommitInfo): string {
  return `${commitName(commit.id)} "${commit.subject}" of ${commit.author}`;
}

/** A time span for people: `45s`, `3m`, `2h`, `4d`. */
export function span(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)}m`;
  return seconds < 172_800 ? `${Math.round(seconds / 3_600)}h` : `${Math.round(seconds / 86_400)}d`;
}

/** That nothing is synced, by whom, why and until when. */
export function suspensionLines({ status }: StoredOf<'Application'>, now: number): readonly string[] {
  const suspension = status?.suspension;
  if (suspension === undefined) return [];
  const { by, who, reason, since, until } = suspension;
  const left = until === undefined ? '' : `, ${span(Math.max(0, fromRfc3339(until) - now))} left`;
  const end = until === undefined ? '' : `until ${until}${left}; `;
  return by === 'git'
    ? [`suspended since ${since}: ${reason}; new commits wait and drift is left, until a commit takes it out`]
    : [
        `suspended by ${who} since ${since}: ${reason}`,
        `  ${end}"holdfast resume" ends it; until then nothing is changed or put right`,
      ];
}

/** The condition of an application that says whether the controller follows it; absent when it does. */
export const FOLLOWED = 'Followed';

/** That nobody follows it any more, and how that ends. */
export function unfollowedLines({ status }: Pick<StoredOf<'Application'>, 'status'>): readonly string[] {
  const said = findCondition(status?.conditions, FOLLOWED);
  return said?.status === 'False'
    ? [`nobody follows it since ${said.lastTransitionTime ?? 'a while'}: ${said.message ?? ''}`]
    : [];
}

/** What differs although nobody wants that: it is left so, or comes again and again. */
export function driftLines({ status }: StoredOf<'Application'>): readonly string[] {
  const drifted = findCondition(status?.conditions, 'Drifted');
  if (drifted?.status !== 'True') return [];
  return [`drifted since ${drifted.lastTransitionTime ?? 'a while'}: ${drifted.message ?? ''}`];
}

/** What the repository was told of a commit that was rolled back, as long as that commit or its revert is what it is about. */
export function revertPhrase({ revert: report, quarantined, lastGood }: ApplicationStatus): string | undefined {
  if (report === undefined) return undefined;
  const { commit, state, since, branch = 'its branch', revert, pullRequest = branch, message } = report;
  const isIt = quarantined?.commit.id === commit || (revert !== undefined && lastGood?.id === revert);
  if (!isIt) return undefined;
  const bad = commitName(commit);
  if (state === 'pushed') return `${bad} was reverted on ${branch} by ${commitName(revert ?? '')}`;
  if (state === 'proposed') return `${bad} is to be reverted: ${pullRequest}`;
  if (state === 'overtaken') return `${bad} was not reverted: ${message ?? 'somebody has acted already'}`;
  return message === undefined
    ? `${bad} is being reverted on ${branch}`
    : `${bad} cannot be reverted since ${since}: ${message}; what runs stays as it is, and it is tried again`;
}
