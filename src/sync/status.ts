// The status of an application, step by step. Every function takes the status as it is and returns the whole next one. Pure.
import type { ApplicationStatus, CommitInfo, InventoryEntry, SyncAttempt, SyncHook, SyncRecord } from '../model/resource.ts';
import { fromRfc3339, toRfc3339 } from '../model/time.ts';
import type { Commit } from './commit-source.ts';
import { isApplied } from './decide.ts';
import type { Gate } from './gates/gate.ts';
import { nextDeadline, type Patience, phaseMs } from './gates/timeouts.ts';
import { hooksThatRan } from './hooks/hook-list.ts';

/** How many ended commits are remembered. */
const HISTORY_ENTRIES = 20;

/** What is kept of a commit. */
export function commitInfo({ id, subject, author, time }: Commit | CommitInfo): CommitInfo {
  return { id, subject, author, time };
}

function withRecord(status: ApplicationStatus, record: SyncRecord): ApplicationStatus {
  const [last] = status.history ?? [];
  const isSame = last?.commit.id === record.commit.id && last.outcome === record.outcome && last.retry === record.retry;
  if (isSame && last.message === record.message) return status;
  // A commit that waits, refused, is asked about again and again: what ails it may change, but it is one entry.
  const isHeld = record.outcome === 'invalid' || record.outcome === 'preflight-failed';
  const older = isSame && isHeld ? (status.history ?? []).slice(1) : (status.history ?? []);
  return { ...status, history: [record, ...older].slice(0, HISTORY_ENTRIES) };
}

/** The newest commit is not applied, and why. What runs goes on. */
export function heldStatus(
  status: ApplicationStatus,
  commit: CommitInfo,
  told: { outcome: 'invalid' | 'preflight-failed'; message: string; startedAtMs: number },
  now: number,
): ApplicationStatus {
  const record: SyncRecord = {
    commit,
    outcome: told.outcome,
    message: told.message,
    startedAt: toRfc3339(told.startedAtMs),
    finishedAt: toRfc3339(now),
    actions: 0,
  };
  // HEAD has moved past a bad commit: it is free to come back.
  const { quarantined, attempt, ...rest } = status;
  const isFirst = status.lastGood === undefined && quarantined?.nothingApplied !== true;
  const isRunning = isFirst || quarantined?.stays !== undefined;
  const isPast = quarantined !== undefined && quarantined.commit.id !== commit.id;
  return withRecord(
    {
      ...rest,
      ...(attempt === undefined || attempt.phase === 'preflighting' || attempt.phase === 'waiting' ? {} : { attempt }),
      // A first commit that failed is still what runs, and so is one that is not taken back.
      ...(quarantined === undefined || (isPast && !isRunning) ? {} : { quarantined }),
      held: record,
    },
    record,
  );
}

/** The newest commit is on its way to be applied, and waits for something: for what it needs, or for a gate to open. */
export function preparingStatus(
  status: ApplicationStatus,
  commit: CommitInfo,
  told: { waitingFor: readonly string[]; startedAtMs: number; patience: Patience; gate?: Gate },
): ApplicationStatus {
  const { held, ...rest } = status;
  const { gate, startedAtMs, patience } = told;
  const untilMs = gate === undefined ? startedAtMs + phaseMs('preflighting', patience) : gate.untilMs;
  const attempt: SyncAttempt = {
    commit,
    phase: gate === undefined ? 'preflighting' : 'waiting',
    startedAt: toRfc3339(startedAtMs),
    ...(untilMs === undefined ? {} : { deadline: toRfc3339(untilMs) }),
    waitingFor: [...told.waitingFor],
    actions: 0,
  };
  return { ...rest, ...(held === undefined || held.commit.id !== commit.id ? {} : { held }), attempt };
}

/** What is told of an attempt that begins. */
export interface BeginTold {
  readonly inventory: InventoryEntry[];
  readonly actions: number;
  readonly startedAtMs: number;
  readonly patience: Patience;
  /** Waits for nothing before everything of it can be judged. */
  readonly isComplete: boolean;
  /** Its wave and hooks, when it has several waves, or any hooks. */
  readonly order: Pick<SyncAttempt, 'wave' | 'nextWave' | 'run' | 'hooks'>;
}

/** The commit has been written to the store: as a whole, or its first wave. */
export function appliedStatus(status: ApplicationStatus, commit: CommitInfo, told: BeginTold, now: number): ApplicationStatus {
  const { held: _held, quarantined: _quarantined, manual: _manual, ...rest } = status;
  const phase = told.isComplete ? 'verifying' : 'applying';
  const attempt: SyncAttempt = {
    commit,
    phase,
    ...retryOf(status, commit),
    startedAt: toRfc3339(told.startedAtMs),
    appliedAt: toRfc3339(now),
    deadline: toRfc3339(now + phaseMs(phase, told.patience)),
    actions: told.actions,
    ...told.order,
  };
  return { ...rest, attempt, inventory: told.inventory };
}

/** Which try it is of a commit that failed before. */
function retryOf({ quarantined }: ApplicationStatus, commit: CommitInfo): Pick<SyncAttempt, 'retry'> {
  return quarantined?.commit.id === commit.id ? { retry: (quarantined.retry ?? 0) + 1 } : {};
}

/** The commit may be applied, and its pre-sync hooks come first: nothing of it is written. */
export function preSyncStatus(
  status: ApplicationStatus,
  commit: CommitInfo,
  told: Pick<BeginTold, 'startedAtMs' | 'patience' | 'order'>,
  now: number,
): ApplicationStatus {
  const { held: _held, quarantined, manual: _manual, ...rest } = status;
  const before = isApplied(status.attempt) ? status.attempt.commit.id : (status.attempt?.replaces ?? quarantined?.stays);
  const attempt: SyncAttempt = {
    commit,
    phase: 'pre-sync',
    ...retryOf(status, commit),
    ...(before === undefined ? {} : { replaces: before }),
    startedAt: toRfc3339(told.startedAtMs),
    deadline: toRfc3339(now + phaseMs('pre-sync', told.patience)),
    actions: 0,
    ...told.order,
  };
  return { ...rest, attempt };
}

/** The pre-sync hooks have succeeded: the attempt is being applied from here on. */
export function begunStatus(
  status: ApplicationStatus,
  told: Pick<BeginTold, 'inventory' | 'actions' | 'patience'> & { readonly waves: Pick<SyncAttempt, 'wave' | 'nextWave'> },
  now: number,
): ApplicationStatus {
  if (status.attempt === undefined) return status;
  const { waitingFor: _waitingFor, replaces: _replaces, ...attempt } = status.attempt;
  const actions = attempt.actions + told.actions;
  const deadline = nextDeadline(attempt, 'applying', told.patience, now);
  const next: SyncAttempt = { ...attempt, ...deadline, phase: 'applying', appliedAt: toRfc3339(now), actions, ...told.waves };
  return { ...status, attempt: next, inventory: told.inventory };
}

/** The next wave may be written. */
export function nextWaveStatus(status: ApplicationStatus, waves: Pick<SyncAttempt, 'wave' | 'nextWave'>): ApplicationStatus {
  if (status.attempt === undefined) return status;
  const { waitingFor: _waitingFor, nextWave: _nextWave, ...attempt } = status.attempt;
  return { ...status, attempt: { ...attempt, ...waves } };
}

/** The attempt does more: enters a phase, changes more objects, waits for something. */
export function attemptStatus(status: ApplicationStatus, change: Partial<SyncAttempt>): ApplicationStatus {
  return status.attempt === undefined ? status : { ...status, attempt: { ...status.attempt, ...change } };
}

/** The attempt is going back to the last good commit. */
export function rollingBackStatus(
  status: ApplicationStatus,
  told: { cause: string; inventory: InventoryEntry[]; actions: number; patience: Patience; hooks?: SyncHook[] },
  now: number,
): ApplicationStatus {
  if (status.attempt === undefined) return status;
  const { waitingFor: _waitingFor, replaces: _replaces, wave: _wave, nextWave: _nextWave, ...attempt } = status.attempt;
  const hooks = attempt.hooks === undefined ? {} : { hooks: told.hooks ?? attempt.hooks };
  return {
    ...status,
    inventory: told.inventory,
    attempt: {
      ...attempt,
      ...hooks,
      phase: 'rolling-back',
      cause: told.cause,
      appliedAt: toRfc3339(now),
      deadline: toRfc3339(now + phaseMs('rolling-back', told.patience)),
      actions: attempt.actions + told.actions,
    },
  };
}

/** The commit is live: it is the last good one from now on. */
export function liveStatus(
  status: ApplicationStatus,
  commit: CommitInfo,
  message: string,
  inventory: InventoryEntry[],
  now: number,
): ApplicationStatus {
  const { attempt, held: _held, quarantined: _quarantined, ...rest } = status;
  const record = endRecord(attempt, commit, 'live', message, now);
  return withRecord({ ...rest, inventory, lastGood: commit }, record);
}

/** The attempt enters a phase, which may have a time of its own. */
export function enteredStatus(
  status: ApplicationStatus,
  phase: 'verifying' | 'post-sync' | 'pruning',
  patience: Patience,
  now: number,
): ApplicationStatus {
  const { attempt } = status;
  return attempt === undefined ? status : attemptStatus(status, { phase, ...nextDeadline(attempt, phase, patience, now) });
}

/** The attempt has failed. `stays`: nothing is taken back. */
export function failedStatus(
  status: ApplicationStatus,
  outcome: 'rolled-back' | 'failed',
  cause: string,
  told: { inventory: InventoryEntry[]; stays?: string | undefined },
  now: number,
): ApplicationStatus {
  const { attempt, ...rest } = status;
  if (attempt === undefined) return status;
  const { inventory, stays } = told;
  const untouched = attempt.phase === 'pre-sync' ? { nothingApplied: true } : {};
  const kept = stays === undefined ? {} : { stays };
  const record: SyncRecord = { ...endRecord(attempt, attempt.commit, outcome, cause, now), ...untouched, ...kept };
  return withRecord({ ...rest, inventory, held: record, quarantined: record }, record);
}

/** The attempt has failed, and its sync-fail hooks come last. `ended` is the status of the failure. */
export function syncFailStatus(
  ended: ApplicationStatus,
  attempt: SyncAttempt,
  patience: Patience,
  now: number,
): ApplicationStatus {
  const { waitingFor: _waitingFor, replaces: _replaces, wave: _wave, nextWave: _nextWave, ...lasting } = attempt;
  return { ...ended, attempt: { ...lasting, phase: 'sync-fail', deadline: toRfc3339(now + phaseMs('sync-fail', patience)) } };
}

/** The sync-fail hooks of a commit that has failed are over: what became of them is told in its record. */
export function closedStatus(status: ApplicationStatus, told: string): ApplicationStatus {
  const { attempt, ...rest } = status;
  const record = status.quarantined;
  if (attempt === undefined || record === undefined) return rest;
  const message = told === '' ? record.message : `${record.message}; ${told}`;
  const next: SyncRecord = { ...record, message, ...hooksThatRan(attempt) };
  const isIt = (other: SyncRecord | undefined): boolean =>
    other?.commit.id === record.commit.id && other.finishedAt === record.finishedAt && other.outcome === record.outcome;
  return {
    ...rest,
    quarantined: next,
    ...(isIt(rest.held) ? { held: next } : {}),
    history: (rest.history ?? []).map((other) => (isIt(other) ? next : other)),
  };
}

/** HEAD is at the last good commit: nothing is under way, held or quarantined. */
export function settledStatus(status: ApplicationStatus): ApplicationStatus {
  const { attempt: _attempt, held: _held, quarantined: _quarantined, ...rest } = status;
  return rest;
}

function endRecord(
  attempt: SyncAttempt | undefined,
  commit: CommitInfo,
  outcome: SyncRecord['outcome'],
  message: string,
  now: number,
): SyncRecord {
  const startedAt = attempt?.startedAt ?? toRfc3339(now);
  const actions = attempt?.actions ?? 0;
  const retry = attempt?.retry === undefined ? {} : { retry: attempt.retry };
  return { commit, outcome, message, startedAt, finishedAt: toRfc3339(now), actions, ...retry, ...hooksThatRan(attempt) };
}

/** When the deadline of the attempt passes, in epoch milliseconds. */
export function deadlineOf(status: ApplicationStatus): number | undefined {
  return status.attempt?.deadline === undefined ? undefined : fromRfc3339(status.attempt.deadline);
}
