// Those who wait for how a commit ends: a single run, who declares an application, a person at a terminal. Any number of them, beside a syncer
// that knows nothing of them. Pure but for its memory, which ends with the wait.
import type { Problem } from '../manifests/problem.ts';
import { commitOutcome, unreadOutcome, type WaitedCommit } from './commit-outcome.ts';
import { isApplied, isBegun, type Step } from './decide.ts';
import type { View } from './observe.ts';
import { onceOutcome, unhealthyProblems } from './once.ts';
import type { Outcome, OutcomeAction } from './outcome.ts';
import type { PlannedChange } from './planned.ts';
import type { SourceTrouble } from './source-lane.ts';
import { outcomeAction } from './writes.ts';

/** What somebody waits for. */
export interface Wait {
  /** Whether the source has been asked since; always, when absent. */
  readonly isAsked?: () => boolean;
  /** The commit at which the source must have been seen. */
  readonly awaited?: (() => string | undefined) | undefined;
  /** One commit and no later one: that with this id, or the one that the source is at when it was asked. */
  readonly pinned?: { readonly commit?: string | undefined };
  /** Until when, in epoch milliseconds; absent: for as long as the application has to become healthy. */
  readonly untilMs?: number | undefined;
  /** Ends the wait, which then never settles. */
  readonly signal?: AbortSignal | undefined;
}

interface Waiter extends Omit<Wait, 'untilMs'> {
  sinceMs: number;
  untilMs: number | undefined;
  readonly settle: (outcome: Outcome) => void;
  commit: WaitedCommit | undefined;
  actions: OutcomeAction[];
}

/** What is known of the source. */
interface Lane {
  readonly head: string | undefined;
  readonly trouble: SourceTrouble | undefined;
}

export class Waiters {
  readonly #waiters = new Set<Waiter>();
  #offsetMs: number | undefined;
  /** What was done for the commit that is under way. */
  #actions: OutcomeAction[] = [];
  /** What ailed the commit that failed last. */
  #failures: { readonly commit: string | undefined; readonly problems: readonly Problem[] } | undefined;

  /** How the wait ends; `sinceMs` is epoch milliseconds. */
  add(wait: Wait, sinceMs: number): Promise<Outcome> {
    return new Promise((settle) => {
      const commit = wait.pinned?.commit;
      const waited = commit === undefined ? undefined : { id: commit, wasHead: false, sinceMs };
      const waiter: Waiter = { ...wait, untilMs: wait.untilMs, sinceMs, settle, commit: waited, actions: [...this.#actions] };
      this.#waiters.add(waiter);
      wait.signal?.addEventListener('abort', () => this.#waiters.delete(waiter), { once: true });
    });
  }

  /** Those that were there from the beginning count from now. */
  restart(sinceMs: number): void {
    for (const waiter of this.#waiters) waiter.sinceMs = sinceMs;
  }

  /** Somebody may have set the clock, which is now so much ahead of the time that only grows: those who wait have as much time left as before. */
  keepTime(offsetMs: number): void {
    const byMs = offsetMs - (this.#offsetMs ?? offsetMs);
    this.#offsetMs = offsetMs;
    for (const waiter of this.#waiters) {
      waiter.sinceMs += byMs;
      if (waiter.untilMs !== undefined) waiter.untilMs += byMs;
    }
  }

  /** A step was made. */
  note(step: Step, changes: readonly PlannedChange[], view: View): void {
    const lists = [this.#actions, ...[...this.#waiters].map(({ actions }) => actions)];
    if (step.do === 'apply') {
      for (const list of lists) list.length = 0;
      this.#failures = undefined;
    }
    const isFailing = step.do === 'roll-back' || step.do === 'give-up';
    if (isFailing && this.#failures === undefined)
      this.#failures = { commit: view.status.attempt?.commit.id, problems: unhealthyProblems(view) };
    // Repairs at rest are of no commit that is under way.
    const isRepair = step.do === 'converge' && !isApplied(view.status.attempt);
    for (const list of isRepair ? lists.slice(1) : lists) list.push(...changes.flatMap(outcomeAction));
  }

  /** Nothing can be done now: tells those who have waited long enough. When the first of the others is to be told in any case. */
  tell(view: View, step: Step, lane: Lane): number | undefined {
    for (const waiter of this.#waiters) {
      if (waiter.signal?.aborted === true) continue;
      const outcome = this.#outcomeFor(waiter, view, step, lane);
      if (outcome === undefined) continue;
      this.#waiters.delete(waiter);
      waiter.settle(outcome);
    }
    if (!isBegun(view.status.attempt)) this.#actions = [];
    const ends = [...this.#waiters].map((waiter) => endOf(waiter, view));
    return ends.length === 0 ? undefined : Math.min(...ends);
  }

  #outcomeFor(waiter: Waiter, view: View, step: Step, { head, trouble }: Lane): Outcome | undefined {
    const deadlineMs = endOf(waiter, view);
    const isAsked = waiter.isAsked?.() ?? true;
    const isCurrent = isAsked && (waiter.awaited === undefined || waiter.awaited() === head);
    const input = { view, step, trouble, actions: waiter.actions, deadlineMs };
    // What was read before says nothing of what was pushed since.
    if (!isCurrent) return unreadOutcome(input, waiter.commit);
    if (waiter.pinned === undefined) return this.#withFailures(onceOutcome(input));
    waiter.commit = seenAt(waiter, view, head);
    return waiter.commit === undefined ? onceOutcome(input) : this.#withFailures(commitOutcome(input, waiter.commit));
  }

  #withFailures(outcome: Outcome | undefined): Outcome | undefined {
    const known = this.#failures;
    if (outcome === undefined || outcome.outcome === 'live' || known === undefined) return outcome;
    return outcome.commit?.id === known.commit && known.problems.length > 0 ? { ...outcome, problems: known.problems } : outcome;
  }
}

function endOf({ untilMs, sinceMs }: Waiter, { timeoutMs }: View): number {
  return untilMs ?? sinceMs + timeoutMs;
}

/** The commit that is waited for, with what is known of it now. */
function seenAt({ commit, sinceMs }: Waiter, view: View, head: string | undefined): WaitedCommit | undefined {
  if (commit === undefined && head === undefined) return undefined;
  const known = commit ?? { id: head ?? '', wasHead: true, sinceMs };
  const isHead = head?.startsWith(known.id) === true;
  const { attempt, lastGood } = view.status;
  const info = [view.candidate?.loaded.commit, attempt?.commit, lastGood].find((each) => each?.id.startsWith(known.id) === true);
  const isSame = (known.wasHead || !isHead) && (info === undefined || known.info !== undefined);
  return isSame ? known : { ...known, wasHead: known.wasHead || isHead, info: known.info ?? info };
}
