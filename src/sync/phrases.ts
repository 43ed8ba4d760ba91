// What several commands say of applications and their commits in the same words. It judges nothing, so that who only reads loads no more. Pure.
import { findCondition } from '../model/conditions.ts';
import type { CommitInfo, StoredOf } from '../model/resource.ts';
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

/** What differs although nobody wants that: it is left so, or comes again and again. */
export function driftLines({ status }: StoredOf<'Application'>): readonly string[] {
  const drifted = findCondition(status?.conditions, 'Drifted');
  if (drifted?.status !== 'True') return [];
  return [`drifted since ${drifted.lastTransitionTime ?? 'a while'}: ${drifted.message ?? ''}`];
}
