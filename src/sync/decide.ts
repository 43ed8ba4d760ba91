// The next step of an application: one pure function from what is known to what to do. Reads nothing and does nothing.
//
// The newest commit pre-empts whatever is under way, a rollback too, because it is what people want now; but only once it has passed
// preflight. Until then, and for ever if it is refused, the commit before it is carried to its own end: live, or rolled back.
import type { ApplicationStatus, SyncAttempt, SyncRecord } from '../model/resource.ts';
import { fromRfc3339, toRfc3339 } from '../model/time.ts';
import type { Gate } from './gates/gate.ts';
import type { ObjectHealth } from './health/health.ts';
import { healthLine } from './health/health-line.ts';
import { hasOpenHooks } from './hooks/hook-list.ts';
import type { Observed, TargetState } from './observed.ts';

export type Step =
  /** Nothing to do; woken by the next change, or at `untilMs`. */
  | { readonly do: 'wait'; readonly waitingFor: readonly string[]; readonly untilMs?: number }
  /** Say that the newest commit is not applied, and why. */
  | { readonly do: 'hold'; readonly outcome: 'invalid' | 'preflight-failed'; readonly message: string }
  /** Say what the newest commit waits for before it is applied; `gate`: its time has not come. */
  | { readonly do: 'prepare'; readonly waitingFor: readonly string[]; readonly gate?: Gate }
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
  /** Bring back what somebody wants back that a commit has removed. */
  | { readonly do: 'undelete' }
  /** Forget what can no longer be brought back. */
  | { readonly do: 'forget' }
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
export type AppliedAttempt = SyncAttempt & {
  phase: 'applying' | 'verifying' | 'post-sync' | 'pruning' | 'rolling-back';
  deadline: string;
};

/** An attempt that has done something. */
type BegunAttempt = SyncAttempt & { phase: AppliedAttempt['phase'] | 'pre-sync' | 'sync-fail'; deadline: string };

/** Whether the attempt is what should run, or is just being taken back. Before that and after that it is what was live before. */
export function isApplied(attempt: SyncAttempt | undefined): attempt is AppliedAttempt {
  return isBegun(attempt) && attempt.phase !== 'pre-sync' && attempt.phase !== 'sync-fail';
}

/** Whether the attempt has done anything: has reached the store, or runs hooks. Before that it is a mere intention. */
export function isBegun(attempt: SyncAttempt | undefined): attempt is BegunAttempt {
  return attempt?.deadline !== undefined && !['fetched', 'validated', 'waiting', 'preflighting'].includes(attempt.phase);
}

/** Whether HEAD needs no work: it is applied, live, or known to be bad. */
export function isHeadSettled(
  status: ApplicationStatus,
  head: string | undefined,
  hasTarget: boolean,
  isRetryDue = false,
): boolean {
  if (head === undefined) return true;
  const { attempt, lastGood, quarantined } = status;
  const isBad = quarantined?.commit.id === head;
  if (isBad && isRetryDue && !isBegun(attempt)) return false;
  if (isBad && quarantined.nothingApplied === true) return true;
  if (attempt?.phase === 'pre-sync') return attempt.commit.id === head;
  if (!hasTarget) return false;
  if (isBad) return true;
  if (isApplied(attempt)) return attempt.commit.id === head;
  // What failed and stays is not what was good before.
  return lastGood?.id === head && quarantined?.stays === undefined;
}

/** Decides. `now` is epoch milliseconds. */
export function decide(status: ApplicationStatus, observed: Observed, now: number): Step {
  const isSettled = isHeadSettled(status, observed.head, observed.target !== undefined, observed.isRetryDue);
  const newest = isSettled ? undefined : decideCandidate(status, observed);
  if (newest !== undefined) return newest;
  const { target, gate } = observed;
  const { attempt } = status;
  if (gate?.holds === 'everything') return waitAtGate(gate);
  if (observed.deleted?.isWanted === true) return { do: 'undelete' };
  if (observed.hooks?.isDue === true) return { do: 'run-hooks' };
  // What runs is looked after while hooks do their work before the commit, or after it has failed.
  const isLeft = (observed.isDriftLeft === true || gate?.holds === 'sync') && !isBegun(attempt);
  if (target !== undefined && target.changes > 0 && !isLeft) return { do: 'converge' };
  if (attempt?.phase === 'pre-sync') return decidePreSync(status, attempt, observed, now);
  if (attempt?.phase === 'sync-fail') return decideSyncFail(attempt, observed, now);
  if (target === undefined) return { do: 'wait', waitingFor: ['the first commit'] };
  if (isApplied(attempt)) return decideAttempt(status, attempt, target, observed, now);
  return decideAtRest(status, target, observed, isLeft);
}

function waitAtGate({ waitingFor, untilMs }: Gate): Step {
  return { do: 'wait', waitingFor, ...(untilMs === undefined ? {} : { untilMs }) };
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
      const isRetry = held?.commit.id === head && attempt?.phase !== 'waiting';
      const isTrulyTold = isTold && attempt?.phase !== 'waiting';
      return isBegun(attempt) || isTrulyTold || isRetry ? undefined : { do: 'prepare', waitingFor: candidate.waitingFor };
    }
    case 'gated':
      return isGateTold(status, head, candidate.gate)
        ? undefined
        : { do: 'prepare', waitingFor: candidate.gate.waitingFor, gate: candidate.gate };
    case 'loading':
      break;
  }
  return undefined;
}

/** Whether the status says of the commit that it waits at this gate, or says more important things. */
function isGateTold({ attempt }: ApplicationStatus, head: string | undefined, { waitingFor, untilMs }: Gate): boolean {
  if (isBegun(attempt)) return true;
  const until = untilMs === undefined ? undefined : toRfc3339(untilMs);
  const isIt = attempt?.phase === 'waiting' && attempt.commit.id === head && attempt.deadline === until;
  return isIt && String(attempt.waitingFor) === String(waitingFor);
}

/** Nothing of the commit is written before its pre-sync hooks have succeeded. */
function decidePreSync({ lastGood }: ApplicationStatus, attempt: SyncAttempt, observed: Observed, now: number): Step {
  const { hooks, isRollbackOff = false } = observed;
  // What was half applied when the commit came is no state to stay in.
  const isHalf = attempt.replaces !== undefined && lastGood !== undefined && !isRollbackOff;
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
  const deadlineMs = fromRfc3339(attempt.deadline ?? '');
  const lines = hooks.map(healthLine);
  const lost = now >= deadlineMs ? `not done in time: ${summary(lines)}` : hopeless(hooks, attempt, observed);
  return lost === undefined ? { do: 'wait', waitingFor: lines, untilMs: deadlineMs } : lose(lost);
}

function decideAttempt(
  status: ApplicationStatus,
  attempt: AppliedAttempt,
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
    const isThere = status.lastGood !== undefined && status.lastGood.id !== attempt.commit.id;
    const canGoBack = isThere && observed.isRollbackOff !== true;
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

function decideAtRest(status: ApplicationStatus, target: TargetState, observed: Observed, isLeft: boolean): Step {
  const isHealthy = target.unhealthy.length === 0 && target.waitsFor.length === 0;
  const isHookAtFault =
    status.quarantined?.hooks?.some(({ event, state }) => state === 'failed' && event !== 'sync-fail') === true;
  const { quarantined } = status;
  const isRunning = status.lastGood === undefined || quarantined?.stays === quarantined?.commit.id;
  const first = isRunning && !isHookAtFault ? quarantined : undefined;
  if (first !== undefined && isHealthy && observed.isObserved && observed.head === first.commit.id)
    return { do: 'finish', message: 'everything became healthy after the time for it had passed' };
  // HEAD went back to what is live: nothing is held or quarantined any more.
  const isAtGood = observed.head !== undefined && observed.head === status.lastGood?.id;
  const isBackAtGood = isAtGood && quarantined?.stays === undefined;
  const isStale = status.held !== undefined || status.quarantined !== undefined || status.attempt !== undefined;
  if (isBackAtGood && isStale) return { do: 'settle' };
  if (isHealthy && target.deletions > 0 && observed.isObserved && !isLeft) return { do: 'prune' };
  if (observed.deleted?.isOver === true) return { do: 'forget' };
  return { do: 'wait', waitingFor: [...target.waitsFor, ...target.unhealthy.map(healthLine), ...target.lingering] };
}

const SHOWN = 3;

function summary(lines: readonly string[]): string {
  const rest = lines.length - SHOWN;
  return `${lines.slice(0, SHOWN).join('; ')}${rest > 0 ? `; and ${rest} more` : ''}`;
}
