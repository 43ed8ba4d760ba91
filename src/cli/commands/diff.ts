// `holdfast diff`: what a reconcile would change. Writes nothing, pulls nothing.
import type { Command } from 'commander';
import { colorsFor } from '../colour.ts';
import { errorText, type Finish } from '../endings.ts';
import { unlessAborted } from '../interrupts.ts';
import { type DryRun, type Parts, type ReconcileOptions } from '../parts.ts';
import { planMarkdown } from '../plan-markdown.ts';
import { planText } from '../plan-text.ts';
import { redactAction } from '../redact.ts';
import {
  addPlaceOptions,
  addSoftDeleteOption,
  addSourceOptions,
  addTimeOptions,
  outputOption,
  type RawPlaceOptions,
  type RawSourceOptions,
  reconcileOptions,
} from '../source-options.ts';
import { UsageFault } from '../usage-fault.ts';

/** Exit codes of a plan, as `diff` and `terraform plan -detailed-exitcode` have them. */
const NO_CHANGES = 0;
const FAULT = 1;
const CHANGES = 2;

export interface RawDiffOptions extends RawSourceOptions, RawPlaceOptions {
  timeout?: number;
  softDelete?: string;
  output: 'text' | 'json' | 'markdown';
  from?: string;
  to?: string;
  out?: string;
}

export function registerDiff(program: Command, parts: Parts, finish: Finish): void {
  const command = program
    .command('diff')
    .alias('plan')
    .description('print what a reconcile would change: exit 0 nothing, 2 changes, 1 error')
    .option('--from <revision>', 'compare with this commit, branch, tag or HEAD~1 instead of with what runs; needs no Docker')
    .option('--to <revision>', 'what to compare it with (default: the newest commit)')
    .option('--out <file>', 'save the plan, for "holdfast reconcile --once --plan <file>"')
    .addOption(outputOption('text', 'json', 'markdown'));
  addPlaceOptions(addSoftDeleteOption(addTimeOptions(addSourceOptions(command))))
    .addHelpText(
      'after',
      '\nExamples:\n  holdfast diff --repo . --working-tree --path apps\n  holdfast diff --repo . --path apps --from main --to HEAD',
    )
    .action(async (raw: RawDiffOptions) => finish(await runDiff(raw, parts)));
}

/** Plans and prints; also what `reconcile --dry-run` does. Returns the exit code. */
export async function runDiff(raw: RawDiffOptions, parts: Parts): Promise<number> {
  if (raw.out !== undefined && raw.from !== undefined)
    throw new UsageFault('--out saves what would change of what runs: leave --from and --to out');
  const saving = raw.out === undefined ? {} : { planOut: raw.out };
  const options = { ...reconcileOptions({ ...raw, once: true }, parts), ...saving };
  const isJson = raw.output === 'json';
  try {
    const plan = await unlessAborted(planOf(raw, options, parts), parts.interrupted);
    const shown = { ...plan, actions: plan.actions.map(redactAction) };
    if (isJson) parts.stdout.write(`${JSON.stringify(planJson(shown), null, 2)}\n`);
    else if (raw.output === 'markdown') parts.stdout.write(planMarkdown(shown));
    else parts.stdout.write(`${planText(shown, colorsFor(parts.stdout, parts.env)).join('\n')}\n`);
    if (hasErrors(plan)) return FAULT;
    if (raw.out !== undefined)
      parts.stderr.write(`saved to ${raw.out}; "holdfast reconcile --once --plan ${raw.out}" applies exactly this\n`);
    return plan.actions.length === 0 ? NO_CHANGES : CHANGES;
  } catch (error) {
    if (!isJson || parts.interrupted.aborted) throw error;
    const message = error instanceof Error ? error.message : String(error);
    const nothing = {
      application: raw.application ?? '',
      commit: null,
      outcome: 'failed',
      actions: [],
      unchanged: 0,
      problems: [],
      message,
    };
    parts.stdout.write(`${JSON.stringify(nothing, null, 2)}\n`);
    parts.stderr.write(`${errorText(error, parts)}\n`);
    return FAULT;
  }
}

function planOf({ from, to }: RawDiffOptions, options: ReconcileOptions, parts: Parts): Promise<DryRun> {
  if (from !== undefined) return parts.compareCommits(options, from, to ?? 'HEAD');
  if (to !== undefined) throw new UsageFault('--to needs --from: what should it be compared with?');
  return parts.dryRun(options);
}

function hasErrors(plan: DryRun): boolean {
  return plan.problems.some((problem) => problem.severity === 'error');
}

function planJson(plan: DryRun): object {
  const outcome = hasErrors(plan) ? 'invalid' : plan.actions.length === 0 ? 'no-changes' : 'changes';
  const { application, from, commit, actions, unchanged, problems } = plan;
  const { images, data, declares = [] } = plan;
  return {
    application,
    ...(from === undefined ? {} : { from }),
    commit: commit ?? null,
    outcome,
    actions,
    unchanged,
    problems,
    ...(declares.length === 0 ? {} : { declares }),
    ...(images === undefined ? {} : { images }),
    ...(data === undefined ? {} : { data }),
  };
}
