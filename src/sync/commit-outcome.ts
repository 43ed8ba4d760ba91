// How one certain commit ends, for somebody who waits for it beside a controller that goes on. Pure.
import type { CommitInfo } from '../model/resource.ts';
import { fromRfc3339 } from '../model/time.ts';
import { isBegun } from './decide.ts';
import { ended, type OnceInput, onceOutcome, sourceFailed } from './once.ts';
import type { Outcome } from './outcome.ts';

/** The commit that is waited for. */
export interface WaitedCommit {
  /** Its id, or how it begins. */
  readonly id: string;
  /** As far as it is known. */
  readonly info?: CommitInfo | undefined;
  /** Whether the source was seen at it while it was waited for. */
  readonly wasHead: boolean;
  /** Since when, in epoch milliseconds. */
  readonly sinceMs: number;
}

/** The outcome; undefined while it is worth to wait on. */
export function commitOutcome(input: OnceInput, waited: WaitedCommit): Outcome | undefined {
  const { view, deadlineMs, trouble } = input;
  const { status, observed, now } = view;
  const isLate = now >= deadlineMs;
  const { head } = observed;
  const isHeld = observed.gate?.holds === 'everything';
  if (head === undefined || head.startsWith(waited.id) || isHeld)
    return onceOutcome(input) ?? (isLate ? stillPending(input, waited) : undefined);
  if (trouble !== undefined && (!trouble.isTransient || isLate)) return sourceFailed(input, trouble);
  // The source is elsewhere, but nothing takes the place of this one before it has passed its preflight.
  const isUnderWay = isBegun(status.attempt) && status.attempt.commit.id.startsWith(waited.id);
  if (isUnderWay) return isLate ? stillPending(input, waited) : undefined;
  const record = (status.history ?? []).find(({ commit }) => commit.id.startsWith(waited.id));
  // Times of records have no fractions of seconds.
  if (record !== undefined && fromRfc3339(record.finishedAt) >= waited.sinceMs - 1_000) return ended(input, record, []);
  if (record !== undefined || waited.wasHead) return superseded(input, { ...waited, info: waited.info ?? record?.commit });
  return isLate ? neverSeen(input, waited) : undefined;
}

/** The outcome where the source has not said yet where it is; undefined while it may. */
export function unreadOutcome(input: OnceInput, waited: WaitedCommit | undefined): Outcome | undefined {
  const { view, deadlineMs, trouble } = input;
  if (view.observed.gate?.holds === 'everything') return onceOutcome(input);
  if (trouble === undefined || isBegun(view.status.attempt))
    return waited && view.now >= deadlineMs ? stillPending(input, waited) : undefined;
  return !trouble.isTransient || view.now >= deadlineMs ? sourceFailed(input, trouble) : undefined;
}

/** Nobody waits any longer. */
function stillPending({ view, actions }: OnceInput, waited: WaitedCommit): Outcome {
  const { attempt } = view.status;
  const doing = attempt === undefined ? 'the controller is at it' : `it is ${attempt.phase}`;
  const waits = attempt?.waitingFor ?? view.observed.target?.waitsFor ?? [];
  const message = `${doing}${waits.length === 0 ? '' : `, and waits for ${waits.slice(0, 3).join('; ')}`}`;
  const outcome = 'pending';
  return { application: nameOf(view), commit: told(waited), outcome, actions, problems: [], message };
}

function superseded({ view, actions }: OnceInput, waited: WaitedCommit): Outcome {
  const newer =
    view.candidate?.loaded.commit ??
    [view.status.attempt?.commit, view.status.lastGood].find((commit) => commit?.id === view.observed.head);
  const name = newer === undefined ? short(view.observed.head ?? '') : `${short(newer.id)} "${newer.subject}"`;
  const message = `${name} took its place, and is what is followed now`;
  const outcome = 'superseded';
  return { application: nameOf(view), commit: told(waited), outcome, actions, problems: [], message };
}

function neverSeen({ view }: OnceInput, waited: WaitedCommit): Outcome {
  const { revision } = view.application.spec;
  const message = `${revision} is at ${short(view.observed.head ?? '')}, and was not seen at commit ${short(waited.id)}: is it pushed, and to what is followed?`;
  return { application: nameOf(view), commit: told(waited), outcome: 'pending', actions: [], problems: [], message };
}

function nameOf({ application }: OnceInput['view']): string {
  return application.metadata.name;
}

function told({ id, info }: WaitedCommit): NonNullable<Outcome['commit']> {
  return info ?? { id, subject: '', author: '' };
}

function short(id: string): string {
  return id.slice(0, 7);
}
