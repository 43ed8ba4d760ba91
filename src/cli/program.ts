// The command line: reads arguments, runs one command, turns every way it can end into an exit code. Holds no product logic.
import { Command, CommanderError } from 'commander';
import { registerDiff } from './commands/diff.ts';
import { registerExec } from './commands/exec.ts';
import { registerExplain } from './commands/explain.ts';
import { registerGet } from './commands/get.ts';
import { registerHistory } from './commands/history.ts';
import { registerLogs } from './commands/logs.ts';
import { registerNet } from './commands/net.ts';
import { registerOrders } from './commands/orders.ts';
import { registerPortForward } from './commands/port-forward.ts';
import { registerReceipts } from './commands/receipts.ts';
import { registerReconcile } from './commands/reconcile.ts';
import { registerRender } from './commands/render.ts';
import { registerSecrets } from './commands/secrets.ts';
import { registerStatus } from './commands/status.ts';
import { registerSync } from './commands/sync.ts';
import { registerUndelete } from './commands/undelete.ts';
import { registerUninstall } from './commands/uninstall.ts';
import { registerValidate } from './commands/validate.ts';
import { registerVolumes } from './commands/volumes.ts';
import { registerWhy } from './commands/why.ts';
import { errorText, type Finish } from './endings.ts';
import { INTERRUPTED_EXIT_CODE } from './interrupts.ts';
import type { Parts } from './parts.ts';

/** All commands. `finish` is called once, when the command that was asked for has ended without throwing. */
export function buildProgram(parts: Parts, finish: Finish = () => {}): Command {
  const program = new Command('holdfast')
    .description('Makes a Docker host match the Kubernetes YAML of a Git commit, and holds it to it.')
    .version(parts.version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => parts.stdout.write(text),
      writeErr: (text) => parts.stderr.write(text),
      outputError: (text, write) => write(`${oneLine(text)}\n`),
      getOutHelpWidth: () => helpWidth(parts.stdout),
      getErrHelpWidth: () => helpWidth(parts.stderr),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });
  for (const register of [
    registerReconcile,
    registerDiff,
    registerValidate,
    registerRender,
    registerExplain,
    registerStatus,
    registerWhy,
    registerHistory,
    registerReceipts,
    registerSync,
    registerOrders,
    registerUndelete,
    registerGet,
    registerLogs,
    registerExec,
    registerPortForward,
    registerVolumes,
    registerNet,
    registerSecrets,
    registerUninstall,
  ]) {
    register(program, parts, finish);
  }
  program.addHelpText(
    'after',
    '\nExample:\n  holdfast reconcile --repo . --working-tree     make this host match the files in this folder',
  );
  return program;
}

function helpWidth(stream: { readonly isTTY: boolean; readonly columns: number }): number {
  return stream.isTTY && stream.columns > 0 ? Math.min(stream.columns, 120) : 100;
}

/** commander writes its errors in up to two lines, and the hint in brackets. */
function oneLine(text: string): string {
  const sentence = text
    .trim()
    .replace(/^error: /, '')
    .replace(/\s*\n\(Did you mean (one of )?(.*)\?\)$/, '. Did you mean $1$2?')
    .replaceAll('\n', ' ');
  return `holdfast: ${sentence}`;
}

/**
 * Runs one command line (without the program's own name) and returns the exit code. Never throws; faults of the user are one line on
 * standard error, and so are the program's own unless HOLDFAST_DEBUG is set.
 */
export async function run(argv: readonly string[], parts: Parts): Promise<number> {
  let exitCode = 0;
  const program = buildProgram(parts, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 1;
    if (parts.interrupted.aborted && error === parts.interrupted.reason) return INTERRUPTED_EXIT_CODE;
    parts.stderr.write(`${errorText(error, parts)}\n`);
    return 1;
  }
}
