// What an application waits for keeps the time that it has left when somebody sets the clock. Times of the calendar, such as the end of a suspension
// or the opening of a window, stay what they are. Pure.
import { type ApplicationStatus, keyOf, type SyncAttempt } from '../model/resource.ts';
import { fromRfc3339, toRfc3339 } from '../model/time.ts';
import { eventWrites } from '../runtime/events.ts';
import type { Keeper, Shift } from '../runtime/kept-time.ts';
import { isBegun } from './decide.ts';
import { span } from './phrases.ts';
import { COMPONENT } from './writes.ts';

/** Moves the times of what is under way, and says so. */
export const keepAttempts: Keeper = (store, shift, now) =>
  store.list('Application').flatMap((application) => {
    const { status = {} } = application;
    const byMs = shiftOf(status, shift);
    if (byMs === 0) return [];
    const { uid, resourceVersion } = application.metadata;
    const way = byMs > 0 ? 'forward' : 'back';
    const message = `the clock was set ${span(Math.abs(byMs))} ${way}: what is waited for has as much time left as before`;
    return [
      { op: 'updateStatus', key: keyOf(application), uid, resourceVersion, status: movedStatus(status, byMs, now) },
      ...eventWrites(store, application, { severity: 'Warning', reason: 'ClockSet', message, component: COMPONENT }, now),
    ];
  });

/** By how much it is moved; 0 when nothing is under way. */
function shiftOf({ attempt, undelete = [] }: ApplicationStatus, shift: Shift): number {
  const times = isUnderWay(attempt) ? [attempt.startedAt, ...(attempt.phases ?? []).map(({ at }) => at)] : [];
  const all = [...times, ...undelete.flatMap(({ since }) => since ?? [])];
  return all.length === 0 ? 0 : shift(Math.max(...all.map(fromRfc3339)));
}

function isUnderWay(attempt: SyncAttempt | undefined): attempt is SyncAttempt {
  return attempt !== undefined && (isBegun(attempt) || attempt.phase === 'preflighting');
}

function movedStatus(status: ApplicationStatus, byMs: number, now: number): ApplicationStatus {
  const { attempt, undelete } = status;
  const moved = (time: string): string => toRfc3339(fromRfc3339(time) + byMs);
  const wishes = undelete?.map((wish) => (wish.since === undefined ? wish : { ...wish, since: moved(wish.since) }));
  return {
    ...status,
    ...(isUnderWay(attempt) ? { attempt: movedAttempt(attempt, byMs, now) } : {}),
    ...(wishes === undefined ? {} : { undelete: wishes }),
  };
}

function movedAttempt(attempt: SyncAttempt, byMs: number, now: number): SyncAttempt {
  const moved = (time: string): string => toRfc3339(fromRfc3339(time) + byMs);
  const { deadline, appliedAt, phases } = attempt;
  return {
    ...attempt,
    startedAt: moved(attempt.startedAt),
    ...(deadline === undefined ? {} : { deadline: moved(deadline) }),
    ...(phases === undefined ? {} : { phases: phases.map(({ phase, at }) => ({ phase, at: moved(at) })) }),
    // Objects are compared with it, and their ages stay what they are: what is made from now on counts as made after it.
    ...(appliedAt === undefined ? {} : { appliedAt: toRfc3339(Math.min(fromRfc3339(appliedAt), now)) }),
  };
}
