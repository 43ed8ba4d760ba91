// When a single run is over, and how it ended. Pure.
import type { Problem } from '../manifests/problem.ts';
import { keyOf, keyString, type SyncRecord } from '../model/resource.ts';
import { isBegun, type Step } from './decide.ts';
import type { Gate } from './gates/gate.ts';
import { leftDrift } from './gates/left-drift.ts';
import { healthLine } from './health/health-line.ts';
import { failureLine, keyOfHook } from './hooks/hook-list.ts';
import type { View } from './observe.ts';
import type { Outcome, OutcomeAction } from './outcome.ts';
import type { SourceTrouble } from './source-lane.ts';

export interface OnceInput {
  readonly view: View;
  /** The step that was decided after everything that could be done had been done. */
  readonly step: Step;
  readonly trouble: SourceTrouble | undefined;
  /** What this run did. */
  readonly actions: readonly OutcomeAction[];
  /** By when it has to be over, in epoch milliseconds, unless something is still under way that has a deadline of its own. */
  readonly deadlineMs: number;
}

/** The outcome, or undefined while it is worth to wait on. */
export function onceOutcome(input: OnceInput): Outcome | undefined {
  const { view, trouble } = input;
  const { status, observed, now } = view;
  const isLate = now >= input.deadlineMs;
  if (observed.gate?.holds === 'everything') return heldBack(input, observed.gate);
  const isUnderWay = isBegun(status.attempt);
  if (trouble !== undefined && !isUnderWay && (!trouble.isTransient || isLate)) return sourceFailed(input, trouble);
  const { head } = observed;
  if (head === undefined || isUnderWay) return undefined;
  const { held, quarantined } = status;
  if (observed.candidate.state === 'gated') return heldBack(input, observed.candidate.gate);
  if (quarantined?.commit.id === head && observed.isRetryDue !== true && !isRetryNear(input))
    return ended(input, quarantined, unhealthyProblems(view));
  if (view.candidate !== undefined && held?.commit.id === head && ['invalid', 'refused'].includes(observed.candidate.state))
    return ended(input, held, view.candidate.preflight.problems);
  if (status.lastGood?.id !== head || view.candidate !== undefined || view.isLoadNeeded) return undefined;
  return atRest(input, isLate);
}

/** Whether the commit is tried again by itself before the run is over. */
function isRetryNear({ view: { retryAtMs }, deadlineMs }: OnceInput): boolean {
  return retryAtMs !== undefined && retryAtMs < deadlineMs;
}

/** Nothing is to be done before a gate opens, and nobody waits here for that. */
function heldBack({ view, actions }: OnceInput, { waitingFor }: Gate): Outcome {
  const { application, status, candidate, observed } = view;
  const commit = candidate?.loaded.commit ?? (observed.head === status.lastGood?.id ? status.lastGood : status.attempt?.commit);
  const message = `nothing is changed; it waits for ${waitingFor.join('; ')}`;
  return { application: application.metadata.name, commit, outcome: 'held', actions, problems: [], message };
}

/** HEAD is what is applied: it is live when it is healthy too. */
function atRest({ view, actions }: OnceInput, isLate: boolean): Outcome | undefined {
  const { target } = view.observed;
  const { lastGood } = view.status;
  if (target === undefined || lastGood === undefined) return undefined;
  const waiting = [...target.waitsFor, ...target.unhealthy.map(healthLine), ...target.lingering];
  // Where drift is only reported, that it is there is no failure.
  const left = leftDrift(view);
  const isAsWanted = target.changes === 0 || left !== undefined;
  const isLive = view.observed.isObserved && waiting.length === 0 && isAsWanted;
  // What somebody wants back has a time of its own.
  const wishes = (view.observed.deleted?.wishes ?? []).length;
  if (wishes > 0 && !isLate) return undefined;
  const base = { application: view.application.metadata.name, commit: lastGood, actions };
  const told = actions.length === 0 ? 'everything is as the commit says' : 'everything is healthy';
  if (isLive) return { ...base, outcome: 'live', problems: [], message: left ?? told };
  if (!isLate) return undefined;
  const message = `the commit is applied, but not everything is healthy: ${waiting.slice(0, 3).join('; ')}`;
  return { ...base, outcome: 'failed', problems: unhealthyProblems(view), message };
}

/** The source cannot be read. */
export function sourceFailed({ view, actions }: OnceInput, trouble: SourceTrouble): Outcome {
  const problem: Problem = {
    severity: 'error',
    reason: 'SourceFailed',
    file: '',
    line: 0,
    column: 0,
    field: '',
    message: `${trouble.message} (${trouble.reason})`,
  };
  return {
    application: view.application.metadata.name,
    commit: undefined,
    outcome: 'failed',
    actions,
    problems: [problem],
    message: trouble.message,
  };
}

/** As a record of the past tells. */
export function ended({ view, actions }: OnceInput, record: SyncRecord, problems: readonly Problem[]): Outcome {
  const { commit, outcome, message } = record;
  return { application: view.application.metadata.name, commit, outcome, actions, problems, message };
}

/** What is not healthy, at the place where it is written. */
export function unhealthyProblems(view: View): readonly Problem[] {
  const { status, observed, hooks } = view;
  // What was live before is not to blame for what happens before the commit is applied.
  const objects = status.attempt?.phase === 'pre-sync' ? [] : (observed.target?.unhealthy ?? []);
  const failed = (hooks?.plan.hooks ?? []).filter((hook) => hook.state === 'failed' && hook.event !== 'sync-fail');
  const told = [
    ...[...objects, ...(hooks?.plan.waiting ?? [])].map((health) => ({ key: health.key, message: healthLine(health) })),
    ...failed.map((hook) => ({ key: keyOfHook(hook), message: failureLine(hook) })),
  ];
  const manifests = [...(view.target?.wanted.manifests ?? []), ...(hooks?.manifests ?? [])];
  const places = new Map(manifests.map((manifest) => [keyString(keyOf(manifest.resource)), manifest]));
  return told.map(({ key, message }): Problem => {
    const place = places.get(keyString(key));
    const { file, line } = place ?? { file: '', line: 0 };
    return {
      severity: 'error',
      reason: 'Unhealthy',
      file,
      line,
      column: line === 0 ? 0 : 1,
      field: '',
      message,
    };
  });
}
