// What an application waits for keeps the time that it has left when somebody sets the clock. Times of the calendar, such as the end of a suspension
// or the opening of a window, stay what they are. Pure.
import { type ApplicationStatus, keyOf, type SyncAttempt } from '../model/resource.ts';
import { fromRfc3339, toRfc3339 } from '../model/time.ts';
import { eventWrites } from '../runtime/events.ts';
import type { Keeper } from '../runtime/kept-time.ts';
import { isBegun } from './decide.ts';
import { span } from './phrases.ts';
import { COMPONENT } from './writes.ts';

/** Moves the times of what is under way, and says so. */
export const keepAttempts: Keeper = (store, byMs, now) =>
  store.list('Application').flatMap((application) => {
    const status = movedStatus(application.status ?? {}, byMs, now);
    if (status === undefined) return [];
    const { uid, resourceVersion } = application.metadata;
    const way = byMs > 0 ? 'forward' : 'back';
    const message = `the clock was set ${span(Math.abs(byMs))} ${way}: what is waited for has as much time left as before`;
    return [
      { op: 'updateStatus', key: keyOf(application), uid, resourceVersion, status },
      ...eventWrites(store, application, { severity: 'Warning', reason: 'ClockSet', message, component: COMPONENT }, now),
    ];
  });

/** Undefined when nothing is under way. */
function movedStatus(status: ApplicationStatus, byMs: number, now: number): ApplicationStatus | undefined {
  const { attempt, undelete } = status;
  const isUnderWay = attempt !== undefined && (isBegun(attempt) || attempt.phase === 'preflighting');
  const isAwaited = undelete?.some(({ since }) => since !== undefined) === true;
  if (!isUnderWay && !isAwaited) return undefined;
  const moved = (time: string): string => toRfc3339(fromRfc3339(time) + byMs);
  return {
    ...status,
    ...(isUnderWay ? { attempt: movedAttempt(attempt, byMs, now) } : {}),
    ...(isAwaited
      ? { undelete: undelete.map((wish) => (wish.since === undefined ? wish : { ...wish, since: moved(wish.since) })) }
      : {}),
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
