// Which commits are kept, and which one stays as it is, where what failed is not taken back. Pure.
import type { ApplicationStatus } from '../../model/resource.ts';
import { isApplied } from '../decide.ts';
import type { Observed } from '../observed.ts';

interface Moment {
  readonly status: ApplicationStatus;
  readonly observed: Observed;
}

/** Without a last good commit, what was just applied is all there is: it is kept and held. So is what is not taken back. */
export function heldCommits({ lastGood, quarantined }: ApplicationStatus): readonly (string | undefined)[] {
  const only = lastGood?.id ?? (quarantined?.nothingApplied === true ? undefined : quarantined?.commit.id);
  return [only, quarantined?.stays];
}

/** Which commit stays as it is although there is a last good one: that which failed, or that which it was to take the place of. */
export function staysOf({ status: { attempt, lastGood }, observed }: Moment): string | undefined {
  const isLeft = observed.isRollbackOff === true && lastGood !== undefined && attempt?.phase !== 'rolling-back';
  if (!isLeft || attempt === undefined || attempt.commit.id === lastGood.id) return undefined;
  return attempt.phase === 'pre-sync' ? attempt.replaces : attempt.commit.id;
}

/** What may be half applied when a commit takes its place, and stays so if that one fails before anything of it is written. */
export function replacedBy({ status: { attempt, quarantined }, observed }: Moment): string | undefined {
  if (observed.isRollbackOff !== true) return undefined;
  return isApplied(attempt) ? attempt.commit.id : (attempt?.replaces ?? quarantined?.stays);
}
