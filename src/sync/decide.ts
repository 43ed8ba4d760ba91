// The next step of an application: one pure function from what is known to what to do. Reads nothing and does nothing.
//
// The newest commit pre-empts whatever is under way, a rollback too, because it is what people want now; but only once it has passed
// preflight. Until then, and for ever if it is refused, the commit before it is carried to its own end: live, or rolled back.
import type { ApplicationStatus, SyncAttempt, SyncRecord } from '../model/resource.ts';
import { fromRfc3339 } from '../model/time.ts';
import { healthLine, type ObjectHealth } from './health/health.ts';
import { hasOpenHooks } from './hooks/hook-list.ts';

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

/** How far the hooks of the attempt's present phase are. */
export interface HooksState {
  /** Something can be written: Jobs to make or to take away, ends to note. */
  readonly isDue: boolean;
  /** Hooks that run or wait for their place. */
  readonly waiting: readonly ObjectHealth[];
  /** What the first that failed says. */
  readonly failed?: string;
}

export interface Observed {
  /** Where the source points; undefined until it has been read once. */
  readonly head: string | undefined;
  /** The commit at HEAD, unless it is the one that is applied. */
  readonly candidate: CandidateState;
  /** Undefined when nothing was ever applied. */
  readonly target: TargetState | undefined;
  /** Undefined when the attempt has no hooks. */
  readonly hooks?: HooksState | undefined;
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
  /** Start hooks that are due, note those that have ended. */
  | { readonly do: 'run-hooks' }
  /** The pre-sync hooks have done their work: write the first wave of the commit. */
  | { readonly do: 'begin' }
  /** Everything of the present wave is healthy: the next one may be written. */
  | { readonly do: 'next-wave' }
  /** Move the attempt to its next phase. */
  | { readonly do: 'enter'; readonly phase: 'verifying' | 'post-sync' | 'pruning' }
  /** Delete what the commit no longer says; an attempt is pruning from then on. */
  | { readonly do: 'prune' }
  /** The attempt is live. */
  | { readonly do: 'finish'; readonly message: string }
  | { readonly do: 'roll-back'; readonly cause: string }
  /** The rollback is complete and healthy. */
  | { readonly do: 'rolled-back'; readonly cause: string }
  /** Not healthy in time, and there is nothing to go back to, or going back failed. What runs is held. */
  | { readonly do: 'give-up'; readonly cause: string }
  /** The attempt had failed, and its sync-fail hooks are over too. */
  | { readonly do: 'close'; readonly cause: string }
  /** The commit at HEAD is live, and nothing is to be done. */
  | { readonly do: 'settle' };

/** An attempt that has reached the store. */
export type AppliedAttempt = SyncAttempt & { phase: 'applying' | 'verifying' | 'post-sync' | 'pruning' | 'rolling-back' };

/** An attempt that has done something. */
type BegunAttempt = SyncAttempt & { phase: AppliedAttempt['phase'] | 'pre-sync' | 'sync-fail' };

/** Whether the attempt is what should run, or is just being taken back. Before that and after that it is what was live before. */
export function isApplied(attempt: SyncAttempt | undefined): attempt is AppliedAttempt {
  return isBegun(attempt) && attempt.phase !== 'pre-sync' && attempt.phase !== 'sync-fail';
}

/** Whether the attempt has done anything: has reached the store, or runs hooks. Before that it is a mere intention. */
export function isBegun(attempt: SyncAttempt | undefined): attempt is BegunAttempt {
  return attempt !== undefined && !['fetched', 'validated', 'preflighting'].includes(attempt.phase);
}

/** Whether HEAD needs no work: it is applied, live, or known to be bad. */
export function isHeadSettled(status: ApplicationStatus, head: string | undefined, hasTarget: boolean): boolean {
  if (head === undefined) return true;
  const { attempt, lastGood, quarantined } = status;
  const isBad = quarantined?.commit.id === head;
  if (isBad && quarantined.nothingApplied === true) return true;
  if (attempt?.phase === 'pre-sync') return attempt.commit.id === head;
  if (!hasTarget) return false;
  if (isBad) return true;
  if (isApplied(attempt)) return attempt.commit.id === head;
  return lastGood?.id === head;
}

/** Decides. `now` is epoch milliseconds. */
export function decide(status: ApplicationStatus, observed: Observed, now: number): Step {
  const isSettled = isHeadSettled(status, observed.head, observed.target !== undefined);
  const newest = isSettled ? undefined : decideCandidate(status, observed);
  if (newest !== undefined) return newest;
  const { target } = observed;
  const { attempt } = status;
  if (observed.hooks?.isDue === true) return { do: 'run-hooks' };
  // What runs is looked after while hooks do their work before the commit, or after it has failed.
  if (target !== undefined && target.changes > 0) return { do: 'converge' };
  if (attempt?.phase === 'pre-sync') return decidePreSync(status, attempt, observed, now);
  if (attempt?.phase === 'sync-fail') return decideSyncFail(attempt, observed, now);
  if (target === undefined) return { do: 'wait', waitingFor: ['the first commit'] };
  if (isApplied(attempt)) return decideAttempt(status, attempt, target, observed, now);
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
      return isBegun(attempt) || isTold || isRetry ? undefined : { do: 'prepare', waitingFor: candidate.waitingFor };
    }
    case 'loading':
      break;
  }
  return undefined;
}

/** Nothing of the commit is written before its pre-sync hooks have succeeded. */
function decidePreSync({ lastGood }: ApplicationStatus, attempt: SyncAttempt, observed: Observed, now: number): Step {
  const { hooks } = observed;
  // What was half applied when the commit came is no state to stay in.
  const isHalf = attempt.replaces !== undefined && lastGood !== undefined;
  const lose = (cause: string): Step => ({ do: isHalf ? 'roll-back' : 'give-up', cause });
  const failed = hooks === undefined ? 'what the commit says is no longer kept' : hooks.failed;
  if (failed !== undefined) return lose(failed);
  const waiting = hooks?.waiting ?? [];
  return waiting.length === 0 ? { do: 'begin' } : decideWaiting(waiting, attempt, observed, now, lose);
}

/** The commit has failed; how its last hooks end is told, and changes nothing. */
function decideSyncFail(attempt: SyncAttempt, observed: Observed, now: number): Step {
  const waiting = observed.hooks?.waiting ?? [];
  if (waiting.length === 0) return { do: 'close', cause: '' };
  return decideWaiting(waiting, attempt, observed, now, (cause) => ({ do: 'close', cause }));
}

/** Waits for hooks until the deadline, or until that is pointless. */
function decideWaiting(
  hooks: readonly ObjectHealth[],
  attempt: SyncAttempt,
  observed: Observed,
  now: number,
  lose: (cause: string) => Step,
): Step {
  const deadlineMs = fromRfc3339(attempt.deadline);
  const lines = hooks.map(healthLine);
  const lost = now >= deadlineMs ? `not done in time: ${summary(lines)}` : hopeless(hooks, attempt, observed);
  return lost === undefined ? { do: 'wait', waitingFor: lines, untilMs: deadlineMs } : lose(lost);
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
  if (!isBack && observed.hooks?.failed !== undefined) return fail(observed.hooks.failed);
  const isBetweenWaves = attempt.phase === 'applying' && attempt.nextWave !== undefined;
  if (attempt.phase === 'applying' && !isBetweenWaves && target.waitsFor.length === 0) return { do: 'enter', phase: 'verifying' };
  // Once the commit has been healthy, what ails later is drift, not the commit.
  const wasHealthy = attempt.phase === 'pruning' || attempt.phase === 'post-sync';
  const hooks = observed.hooks?.waiting ?? [];
  const ill = [...target.unhealthy, ...hooks];
  const waiting = [...target.waitsFor, ...ill.map(healthLine)];
  if (waiting.length > 0 && !wasHealthy) {
    const late = isBetweenWaves ? `wave ${attempt.nextWave} waited for ${summary(waiting)}` : summary(waiting);
    const lost = isLate ? `not healthy in time: ${late}` : hopeless(ill, attempt, observed);
    return lost === undefined ? { do: 'wait', waitingFor: waiting, untilMs: deadlineMs } : fail(lost);
  }
  if (!observed.isObserved && !isLate) return { do: 'wait', waitingFor: ['a first look at the containers'], untilMs: deadlineMs };
  if (isBetweenWaves) return { do: 'next-wave' };
  if (attempt.phase === 'post-sync' && hooks.length > 0) return decideWaiting(hooks, attempt, observed, now, fail);
  if (attempt.phase === 'verifying' && hasOpenHooks(attempt, 'post-sync')) return { do: 'enter', phase: 'post-sync' };
  if (target.deletions > 0) return { do: 'prune' };
  const isFirst = attempt.phase === 'verifying' || attempt.phase === 'post-sync';
  if (isFirst && target.lingering.length > 0) return { do: 'enter', phase: 'pruning' };
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
  const isHookAtFault =
    status.quarantined?.hooks?.some(({ event, state }) => state === 'failed' && event !== 'sync-fail') === true;
  const first = status.lastGood === undefined && !isHookAtFault ? status.quarantined : undefined;
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
