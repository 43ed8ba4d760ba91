// Until when a phase of a commit has time. Phases that have no time of their own share that of the whole commit. Pure.
import type { SyncAttempt } from '../../model/resource.ts';
import type { SyncTimeouts } from '../../model/sync-policy.ts';
import { toRfc3339 } from '../../model/time.ts';

type Phase = SyncAttempt['phase'];

const timeoutFields: { readonly [P in Phase]?: keyof SyncTimeouts } = {
  preflighting: 'preflight',
  'pre-sync': 'hooks',
  applying: 'apply',
  verifying: 'verify',
  'post-sync': 'hooks',
  'rolling-back': 'rollback',
  'sync-fail': 'hooks',
};

/** How long things may take. */
export interface Patience {
  /** The whole commit, in milliseconds. */
  readonly timeoutMs: number;
  /** Phases that have a time of their own. */
  readonly timeouts: SyncTimeouts;
}

/** How long a phase may take that begins now, in milliseconds. */
export function phaseMs(phase: Phase, { timeoutMs, timeouts }: Patience): number {
  return ownMs(phase, timeouts) ?? timeoutMs;
}

/** The deadline of an attempt that goes on to its next phase: a new one where that phase, or the one before, has a time of its own. */
export function nextDeadline(
  attempt: Pick<SyncAttempt, 'phase' | 'deadline'>,
  phase: Phase,
  patience: Patience,
  now: number,
): Pick<SyncAttempt, 'deadline'> {
  const own = ownMs(phase, patience.timeouts);
  const isSame = attempt.phase === phase || (own === undefined && ownMs(attempt.phase, patience.timeouts) === undefined);
  if (isSame) return attempt.deadline === undefined ? {} : { deadline: attempt.deadline };
  return { deadline: toRfc3339(now + (own ?? patience.timeoutMs)) };
}

function ownMs(phase: Phase, timeouts: SyncTimeouts): number | undefined {
  const field = timeoutFields[phase];
  const seconds = field === undefined ? undefined : timeouts[field];
  return seconds === undefined ? undefined : seconds * 1000;
}
