// How `reconcile --once` ended, for a person: what happened, why, and what to do next.
import type { Outcome } from '../sync/outcome.ts';
import type { Colors } from './colour.ts';
import { commitPhrase, count, printable } from './phrases.ts';
import { actionLines, problemLines } from './plan-text.ts';

const headlines: Record<Outcome['outcome'], string> = {
  live: 'Live',
  invalid: 'Refused',
  'preflight-failed': 'Not applied',
  'rolled-back': 'Rolled back',
  failed: 'Failed',
};

/** The summary, as lines. */
export function outcomeText(outcome: Outcome, colors: Colors): string[] {
  const isLive = outcome.outcome === 'live';
  const paint = isLive ? colors.green : colors.red;
  const commit = outcome.commit === undefined ? '' : ` at ${commitPhrase(outcome.commit)}`;
  const changes = outcome.actions.map((action) => actionLines({ ...action, fields: [] }, colors)).flat();
  const message = printable(outcome.message);
  return [
    `${paint(headlines[outcome.outcome])}: ${outcome.application}${commit}`,
    ...(message === '' ? [] : [message]),
    ...section('', problemLines(outcome.problems, colors)),
    ...section(outcome.outcome === 'rolled-back' ? `${count(changes.length, 'change')}, taken back:` : `${count(changes.length, 'change')}:`, changes),
    ...(isLive ? [] : ['', nextStep(outcome)]),
  ];
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', ...(title === '' ? [] : [title]), ...lines];
}

function nextStep(outcome: Outcome): string {
  const commit = outcome.commit === undefined ? 'The commit' : `Commit ${outcome.commit.id.startsWith('worktree-') ? 'content' : outcome.commit.id.slice(0, 7)}`;
  const why = `holdfast why application/${outcome.application}`;
  switch (outcome.outcome) {
    case 'invalid':
      return 'Nothing that runs was touched. Mend what is listed above, check it with "holdfast validate", and commit again.';
    case 'preflight-failed':
      return `Nothing that runs was touched. "${why}" says what is missing; it is tried again with the next run.`;
    case 'rolled-back':
      return `The last good commit runs again. ${commit} is not tried again until the branch moves; "${why}" says why it failed.`;
    case 'failed':
      return `"${why}" says what it waits for; "holdfast status" shows what runs.`;
    case 'live':
      return '';
  }
}
