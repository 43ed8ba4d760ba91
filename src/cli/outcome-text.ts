// How `reconcile --once` and `sync --wait` ended, for a person: what happened, why, and what to do next.
import type { Problem } from '../manifests/problem.ts';
import type { Outcome } from '../sync/outcome.ts';
import { type Colors, colorsFor } from './colour.ts';
import type { Parts } from './parts.ts';
import { commitPhrase, count, printable, shortCommit } from './phrases.ts';
import { actionLines, problemLines } from './plan-text.ts';
import { redactOutcome } from './redact.ts';

/** Prints how a run ended, as an object or for people. */
export function printOutcome(outcome: Outcome, isJson: boolean, parts: Pick<Parts, 'stdout' | 'env'>): void {
  const shown = redactOutcome(outcome);
  if (isJson) parts.stdout.write(`${JSON.stringify(outcomeJson(shown), null, 2)}\n`);
  else parts.stdout.write(`${outcomeText(shown, colorsFor(parts.stdout, parts.env)).join('\n')}\n`);
}

function outcomeJson({ commit, applications, ...own }: Outcome): object {
  const others = applications === undefined ? {} : { applications: applications.map(outcomeJson) };
  return { ...own, commit: commit ?? null, ...others };
}

const verdicts: Record<Outcome['outcome'], string> = {
  live: 'live',
  invalid: 'refused',
  'preflight-failed': 'not applied',
  'rolled-back': 'rolled back',
  failed: 'failed',
  held: 'held',
  superseded: 'superseded',
  pending: 'not live yet',
};

/** The summary, as lines: of the application, and then of each that it declares. */
function outcomeText(outcome: Outcome, colors: Colors): string[] {
  return [...ownText(outcome, colors), ...(outcome.applications ?? []).flatMap((other) => ['', ...outcomeText(other, colors)])];
}

function ownText(outcome: Outcome, colors: Colors): string[] {
  const isLive = outcome.outcome === 'live';
  const paint = isLive ? colors.green : ['held', 'pending', 'superseded'].includes(outcome.outcome) ? colors.yellow : colors.red;
  const commit = outcome.commit === undefined ? '' : ` ${commitPhrase(outcome.commit)}`;
  const changes = outcome.actions.flatMap((action) => actionLines({ ...action, fields: [] }, colors));
  const message = printable(outcome.message);
  // Notes are for those who write manifests: diff and validate tell them.
  const news = outcome.problems.filter((problem) => problem.severity === 'error' && !isSaid(problem, message));
  return [
    `${outcome.application}: ${paint(verdicts[outcome.outcome])}${commit}${message === '' ? '' : `: ${message}`}`,
    ...section('', problemLines(news, colors)),
    ...section(`${count(changes.length, 'change')}${outcome.outcome === 'rolled-back' ? ', taken back' : ''}:`, changes),
    ...(isLive ? [] : ['', nextStep(outcome)]),
  ];
}

/** A problem with the whole that says no more than the headline. */
function isSaid(problem: Problem, message: string): boolean {
  return problem.file === '' && problem.field === '' && message.includes(printable(problem.message));
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', ...(title === '' ? [] : [title]), ...lines];
}

function nextStep(outcome: Outcome): string {
  const why = `holdfast why application/${outcome.application}`;
  const steps: Record<Outcome['outcome'], string> = {
    live: '',
    invalid: 'Nothing that runs was touched. Mend what is listed above, check it with "holdfast validate", and commit again.',
    'preflight-failed': `Nothing that runs was touched. "${why}" says what is missing; it is tried again with the next run.`,
    'rolled-back': `What ran before runs again. ${notAgain(outcome.commit?.id)}; "${why}" says why it failed.`,
    held: `What runs goes on. "${why}" says until when it waits.`,
    superseded: 'Wait for the newer commit with "holdfast sync --wait".',
    pending: `The controller, if it runs, goes on. "${why}" says what it waits for.`,
    failed: `"${why}" says what it waits for; "holdfast status" shows what runs.`,
  };
  return steps[outcome.outcome];
}

function notAgain(commitId: string | undefined): string {
  if (commitId === undefined) return 'The commit is not tried again until the branch moves';
  if (commitId.startsWith('worktree-')) return 'These files are not tried again until they change';
  return `Commit ${shortCommit(commitId)} is not tried again until the branch moves`;
}
