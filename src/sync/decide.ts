// The next step of an application: one pure function from what is known to what to do. Reads nothing and does nothing.
//
// The newest commit pre-empts whatever is under way, a rollback too, because it is what people want now; but only once it has passed
// preflight. Until then, and for ever if it is refused, the commit before it is carried to its own end: live, or rolled back.
import type { ApplicationStatus, SyncAttempt, SyncRecord } from '../model/resource.ts';
import { fromRfc3339 } from '../model/time.ts';
import { healthLine, type ObjectHealth } from './health/health.ts';

/** How far the newest commit is, while it is not applied. */
export type CandidateState =
  /** Not known yet: being fetched, rendered, validated. */
  | { readonly state: 'loading' }
  /** The commit itself is wrong. Nothing but another commit helps. */
  | { readonly state: 'invalid'; readonly message: string }
  /** Preflight waits, for pulls or for room. */
  | { readonly state: 'waiting'; readonly waitingFor: readonly string[] }
  /** Preflight says no, as things are. It is asked again later. */
  | {
      readonly state: 'refused';
      readonly message: string;
      /** It is being asked again right now: the answer before is better than the message. */
      readonly isAsking?: boolean;
    }
  | { readonly state: 'ready' };

/** What the objects that should run look like: those of the attempt, of the last good commit while rolling back or at rest. */
export interface TargetState {
  /** Changes of the store that can be made now. */
  readonly changes: number;
  /** Changes that have to wait, and what for. */
  readonly waitsFor: readonly string[];
  readonly unhealthy: readonly ObjectHealth[];
  /** Deletions that can be made now, once everything is healthy. */
  readonly deletions: number;
  /** Deletions that have to wait, and pods that are on their way out. */
  readonly lingering: readonly string[];
}

export interface Observed {
  /** Where the source points; undefined until it has been read once. */
  readonly head: string | undefined;
  /** The commit at HEAD, unless it is the one that is applied. */
  readonly candidate: CandidateState;
  /** Undefined when nothing was ever applied. */
  readonly target: TargetState | undefined;
  /** Whether what is reported of pods is of this run of the controller; before that nothing is judged. */
  readonly isObserved: boolean;
}

export type Step =
  /** Nothing to do; woken by the next change, or at `untilMs`. */
  | { readonly do: 'wait'; readonly waitingFor: readonly string[]; readonly untilMs?: number }
  /** Say that the newest commit is not applied, and why. */
  | { readonly do: 'hold'; readonly outcome: 'invalid' | 'preflight-failed'; readonly message: string }
  /** Say what the newest commit waits for before it is applied. */
  | { readonly do: 'prepare'; readonly waitingFor: readonly string[] }
  /** Make the newest commit the attempt: all of it, in one transaction. */
  | { readonly do: 'apply' }
  /** Write what is missing of the target, or was changed behind Git's back. */
  | { readonly do: 'converge' }
  /** Move the attempt to its next phase. */
  | { readonly do: 'enter'; readonly phase: 'verifying' | 'pruning' }
  /** Delete what the commit no longer says; an attempt is pruning from then on. */
  | { readonly do: 'prune' }
  /** The attempt is live. */
  | { readonly do: 'finish'; readonly message: string }
  | { readonly do: 'roll-back'; readonly cause: string }
  /** The rollback is complete and healthy. */
  | { readonly do: 'rolled-back'; readonly cause: string }
  /** Not healthy in time, and there is nothing to go back to, or going back failed. What runs is held. */
  | { readonly do: 'give-up'; readonly cause: string }
  /** The commit at HEAD is live, and nothing is to be done. */
  | { readonly do: 'settle' };

/** An attempt that has reached the store. */
export type AppliedAttempt = SyncAttempt & { phase: 'applying' | 'verifying' | 'pruning' | 'rolling-back' };

/** Whether the attempt has reached the store; before that it is a mere intention. */
export function isApplied(attempt: SyncAttempt | undefined): attempt is AppliedAttempt {
  return attempt !== undefined && !['fetched', 'validated', 'preflighting'].includes(attempt.phase);
}

/** Whether HEAD needs no work: it is applied, live, or known to be bad. */
export function isHeadSettled(status: ApplicationStatus, head: string | undefined, hasTarget: boolean): boolean {
  if (head === undefined) return true;
  if (!hasTarget) return false;
  const { attempt, lastGood, quarantined } = status;
  if (quarantined?.commit.id === head) return true;
  if (isApplied(attempt)) return attempt.commit.id === head;
  return lastGood?.id === head;
}

/** Decides. `now` is epoch milliseconds. */
export function decide(status: ApplicationStatus, observed: Observed, now: number): Step {
  const isSettled = isHeadSettled(status, observed.head, observed.target !== undefined);
  const newest = isSettled ? undefined : decideCandidate(status, observed);
  if (newest !== undefined) return newest;
  const { target } = observed;
  if (target === undefined) return { do: 'wait', waitingFor: ['the first commit'] };
  if (target.changes > 0) return { do: 'converge' };
  if (isApplied(status.attempt)) return decideAttempt(status, status.attempt, target, observed, now);
  return decideAtRest(status, target, observed);
}

function decideCandidate(status: ApplicationStatus, { candidate, head }: Observed): Step | undefined {
  const isHeld = (outcome: SyncRecord['outcome'], message: string): boolean =>
    status.held?.commit.id === head && status.held?.outcome === outcome && status.held.message === message;
  switch (candidate.state) {
    case 'ready':
      return { do: 'apply' };
    case 'invalid':
      return isHeld('invalid', candidate.message) ? undefined : { do: 'hold', outcome: 'invalid', message: candidate.message };
    case 'refused':
      return isHeld('preflight-failed', candidate.message) || (candidate.isAsking === true && status.held?.commit.id === head)
        ? undefined
        : { do: 'hold', outcome: 'preflight-failed', message: candidate.message };
    case 'waiting': {
      // An attempt that runs has the status to itself.
      const { attempt, held } = status;
      const isTold = attempt?.commit.id === head && String(attempt?.waitingFor) === String(candidate.waitingFor);
      // A refused commit whose images are asked for once more stays refused until they are there.
      const isRetry = held?.commit.id === head;
      return isApplied(attempt) || isTold || isRetry ? undefined : { do: 'prepare', waitingFor: candidate.waitingFor };
    }
    case 'loading':
      break;
  }
  return undefined;
}

function decideAttempt(
  status: ApplicationStatus,
  attempt: SyncAttempt,
  target: TargetState,
  observed: Observed,
  now: number,
): Step {
  const deadlineMs = fromRfc3339(attempt.deadline);
  const isLate = now >= deadlineMs;
  const isBack = attempt.phase === 'rolling-back';
  const cause = attempt.cause ?? '';
  const fail = (why: string): Step => {
    if (isBack) return { do: 'give-up', cause: `${cause}; going back to the last good commit failed too: ${why}` };
    const canGoBack = status.lastGood !== undefined && status.lastGood.id !== attempt.commit.id;
    return canGoBack ? { do: 'roll-back', cause: why } : { do: 'give-up', cause: why };
  };
  if (attempt.phase === 'applying' && target.waitsFor.length === 0) return { do: 'enter', phase: 'verifying' };
  const waiting = [...target.waitsFor, ...target.unhealthy.map(healthLine)];
  if (waiting.length > 0) {
    const lost = isLate ? `not healthy in time: ${summary(waiting)}` : hopeless(target.unhealthy, attempt, observed);
    if (lost !== undefined && attempt.phase !== 'pruning') return fail(lost);
    // While pruning, the commit has been healthy once: what ails later is drift, not the commit.
    if (attempt.phase !== 'pruning') return { do: 'wait', waitingFor: waiting, untilMs: deadlineMs };
  }
  if (!observed.isObserved && !isLate) return { do: 'wait', waitingFor: ['a first look at the containers'], untilMs: deadlineMs };
  if (target.deletions > 0) return { do: 'prune' };
  if (attempt.phase === 'verifying' && target.lingering.length > 0) return { do: 'enter', phase: 'pruning' };
  if (target.lingering.length > 0 && !isLate) return { do: 'wait', waitingFor: target.lingering, untilMs: deadlineMs };
  if (isBack) return { do: 'rolled-back', cause };
  const rest = target.lingering.length === 0 ? '' : `; still there: ${summary(target.lingering)}`;
  return { do: 'finish', message: `everything is healthy${rest}` };
}

/**
 * Why waiting is pointless: Kubernetes itself gave up on an object after the commit was applied; or every object that is not healthy is
 * stuck since then. While one is still starting, a crash loop may be waiting for it.
 */
function hopeless(unhealthy: readonly ObjectHealth[], attempt: SyncAttempt, observed: Observed): string | undefined {
  if (!observed.isObserved) return undefined;
  const appliedMs = fromRfc3339(attempt.appliedAt ?? attempt.startedAt);
  const isFresh = (health: ObjectHealth): boolean => health.state === 'stuck' && (health.sinceMs ?? 0) >= appliedMs;
  const final = unhealthy.filter((health) => health.isFinal === true && isFresh(health));
  const stuck = final.length > 0 ? final : unhealthy.length > 0 && unhealthy.every(isFresh) ? unhealthy : [];
  return stuck.length === 0 ? undefined : `it cannot become healthy: ${summary(stuck.map(healthLine))}`;
}

function decideAtRest(status: ApplicationStatus, target: TargetState, observed: Observed): Step {
  const isHealthy = target.unhealthy.length === 0 && target.waitsFor.length === 0;
  const first = status.lastGood === undefined ? status.quarantined : undefined;
  if (first !== undefined && isHealthy && observed.isObserved && observed.head === first.commit.id)
    return { do: 'finish', message: 'everything became healthy after the time for it had passed' };
  // HEAD went back to what is live: nothing is held or quarantined any more.
  const isBackAtGood = observed.head !== undefined && observed.head === status.lastGood?.id;
  const isStale = status.held !== undefined || status.quarantined !== undefined || status.attempt !== undefined;
  if (isBackAtGood && isStale) return { do: 'settle' };
  if (isHealthy && target.deletions > 0 && observed.isObserved) return { do: 'prune' };
  return { do: 'wait', waitingFor: [...target.waitsFor, ...target.unhealthy.map(healthLine), ...target.lingering] };
}

const SHOWN = 3;

function summary(lines: readonly string[]): string {
  const rest = lines.length - SHOWN;
  return `${lines.slice(0, SHOWN).join('; ')}${rest > 0 ? `; and ${rest} more` : ''}`;
}
