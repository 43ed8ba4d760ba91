// When the phases of a commit began: kept beside the attempt, and with the record of how it ended. Pure.
import type { ApplicationStatus, SyncAttempt, SyncRecord } from '../model/resource.ts';
import { fromRfc3339, toRfc3339 } from '../model/time.ts';

/** A commit that is pre-empted again and again keeps no more. */
const MAX_PHASES = 20;

/** The status with the time of a phase that has just begun, or with all phases in the record of a commit that has just ended. */
export function withPhaseTimes(old: ApplicationStatus, next: ApplicationStatus, now: number): ApplicationStatus {
  const { attempt } = next;
  const isSame = attempt !== undefined && old.attempt?.commit.id === attempt.commit.id;
  const known = isSame ? (old.attempt?.phases ?? []) : [];
  const timed = attempt === undefined ? next : { ...next, attempt: begun(attempt, known, now) };
  const [record, ...older] = timed.history ?? [];
  const [before] = old.history ?? [];
  const isNew = record !== undefined && (record.finishedAt !== before?.finishedAt || record.commit.id !== before.commit.id);
  // The word of the last hooks comes later, and takes the place of the record.
  const ended = old.attempt?.commit.id === record?.commit.id ? (old.attempt?.phases ?? []) : [];
  const phases = isNew ? ended : (before?.phases ?? []);
  return record !== undefined && record.phases === undefined && phases.length > 0
    ? { ...timed, history: [{ ...record, phases }, ...older] }
    : timed;
}

function begun(attempt: SyncAttempt, known: NonNullable<SyncAttempt['phases']>, now: number): SyncAttempt {
  const isGoingOn = known.at(-1)?.phase === attempt.phase;
  const phases = isGoingOn ? known : [...known, { phase: attempt.phase, at: toRfc3339(now) }].slice(-MAX_PHASES);
  return { ...attempt, phases };
}

/** How long each phase took, in order. */
export function phaseSpans({ phases = [], finishedAt }: Pick<SyncRecord, 'phases' | 'finishedAt'>): readonly {
  readonly phase: string;
  readonly ms: number;
}[] {
  return phases.map(({ phase, at }, index) => ({
    phase,
    ms: Math.max(0, fromRfc3339(phases[index + 1]?.at ?? finishedAt) - fromRfc3339(at)),
  }));
}
