// `holdfast reconcile`: makes the host match the commit, once or until stopped.
import { type Command, Option } from 'commander';
import { isLive, type Outcome } from '../../sync/outcome.ts';
import { withDeadline } from '../../system/deadline.ts';
import { commitStatusOptionList, commitStatusOptions, type RawCommitStatusOptions } from '../commit-status-options.ts';
import { errorText, type Finish } from '../endings.ts';
import { aborted } from '../interrupts.ts';
import { mailOptionList, mailOptions, type RawMailOptions } from '../mail-options.ts';
import { addNodeOptions, nodeOptions, type RawNodeOptions } from '../node-options.ts';
import { printOutcome } from '../outcome-text.ts';
import type { Parts, ReconcileOptions, RunningControlPlane } from '../parts.ts';
import { followProgress, viewFor } from '../progress-view.ts';
import { type RawSignalOptions, signalOptionList, signalOptions } from '../signal-options.ts';
import {
  addIntervalOption,
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
import { runDiff } from './diff.ts';

/** How long work under way may take to stop. */
const STOP_TIMEOUT_MS = 30_000;

interface RawOptions
  extends RawSourceOptions,
    RawPlaceOptions,
    RawNodeOptions,
    RawSignalOptions,
    RawCommitStatusOptions,
    RawMailOptions {
  timeout?: number;
  interval: number;
  softDelete?: string;
  once?: true;
  dryRun?: true;
  plan?: string;
  receiptKey?: string;
  output: 'text' | 'json';
}

export function registerReconcile(program: Command, parts: Parts, finish: Finish): void {
  const command = program
    .command('reconcile')
    .description('make this host match a commit, and hold it to it until stopped')
    .option('--once', 'stop when the commit is live and healthy (exit 0), or is not (exit 1)')
    .option('--dry-run', 'only print what would change, as "holdfast diff" does')
    .addOption(
      new Option('--plan <file>', 'apply exactly the plan that "holdfast diff --out <file>" saved, or nothing').conflicts(
        'dryRun',
      ),
    )
    .option('--receipt-key <file>', 'Ed25519 key that signs receipts (default: one of the data folder; env HOLDFAST_RECEIPT_KEY)')
    .addOption(outputOption('text', 'json'));
  for (const option of [...signalOptionList(), ...commitStatusOptionList(), ...mailOptionList()]) command.addOption(option);
  addNodeOptions(addPlaceOptions(addSoftDeleteOption(addTimeOptions(addIntervalOption(addSourceOptions(command))))))
    .addHelpText('after', '\nExample:\n  holdfast reconcile --repo https://git.example.com/shop.git --branch main --path apps')
    .action(async (raw: RawOptions) => finish(await reconcile(raw, parts)));
}

async function reconcile(raw: RawOptions, parts: Parts): Promise<number> {
  if (raw.dryRun === true) return await runDiff(raw, parts);
  const isJson = raw.output === 'json';
  if (isJson && raw.once !== true) throw new UsageFault('--output json prints how one run ended: add --once or --dry-run');
  if (raw.plan !== undefined && raw.once !== true) throw new UsageFault('--plan applies one plan and ends: add --once');
  const receiptKey = raw.receiptKey ?? parts.env['HOLDFAST_RECEIPT_KEY'] ?? '';
  const records = {
    ...(raw.plan === undefined ? {} : { planFile: raw.plan }),
    ...(receiptKey === '' ? {} : { receiptKeyFile: receiptKey }),
  };
  const options = {
    ...reconcileOptions(raw, parts),
    ...nodeOptions(raw, parts.env),
    ...signalOptions(raw, parts.env),
    ...commitStatusOptions(raw, parts.env),
    ...mailOptions(raw, parts.env),
    ...records,
  };
  try {
    const outcome = await runControlPlane(options, parts);
    if (outcome === undefined) return 0;
    printOutcome(outcome, isJson, parts);
    return isLive(outcome) ? 0 : 1;
  } catch (error) {
    if (!isJson) throw error;
    printOutcome(brokenOutcome(options, error), isJson, parts);
    parts.stderr.write(`${errorText(error, parts)}\n`);
    return 1;
  }
}

/** A run that ended before there was a commit to speak of. */
function brokenOutcome(options: ReconcileOptions, error: unknown): Outcome {
  const message = error instanceof Error ? error.message : String(error);
  return { application: options.application ?? '', commit: undefined, outcome: 'failed', actions: [], problems: [], message };
}

/** Starts, shows, waits, stops. Undefined when it ran until it was stopped, as it was asked to. */
async function runControlPlane(options: ReconcileOptions, parts: Parts): Promise<Outcome | undefined> {
  const interrupted = aborted(parts.interrupted).then(() => 'interrupted' as const);
  const starting = parts.startControlPlane(options);
  const started = await Promise.race([starting, interrupted]);
  if (started === 'interrupted') {
    parts.stderr.write('stopped before anything was touched\n');
    // It may still come up; whoever started it has to stop it. That it fails instead no longer matters.
    await stopWithin(
      starting.then((late) => late.stop()),
      parts,
    ).catch(() => {});
    if (options.once) throw new UsageFault('stopped before the commit was live');
    return undefined;
  }
  return await watchOver(started, options, interrupted, parts);
}

async function watchOver(
  running: RunningControlPlane,
  options: ReconcileOptions,
  interrupted: Promise<'interrupted'>,
  parts: Parts,
): Promise<Outcome | undefined> {
  if (running.listening !== undefined) parts.stderr.write(`${running.listening}\n`);
  const done = new AbortController();
  const progress = followProgress(running.application, running.store, viewFor(parts), parts, done.signal);
  const endProgress = async (): Promise<void> => {
    done.abort();
    await progress;
  };
  try {
    const ended = await Promise.race([running.outcome, interrupted]);
    await endProgress();
    if (ended !== 'interrupted') return ended;
    parts.stderr.write('stopping; containers go on running (Ctrl-C again leaves at once)\n');
    if (options.once) throw new UsageFault('stopped before the commit was live; the next run goes on from here');
    return undefined;
  } finally {
    await endProgress();
    await stopWithin(running.stop(), parts);
  }
}

async function stopWithin(stopping: Promise<void>, parts: Parts): Promise<void> {
  await withDeadline(parts.clock, 'stopping', STOP_TIMEOUT_MS, () => stopping);
}
