// `holdfast exec`: runs a command in a container and passes on how it ended.
import type { Command } from 'commander';
import type { Finish } from '../endings.ts';
import { INTERRUPTED_EXIT_CODE } from '../interrupts.ts';
import type { Parts } from '../parts.ts';
import { chooseContainer, choosePod, findContainer } from '../pod-containers.ts';
import { addPlaceOptions, placeOptions, type RawPlaceOptions } from '../source-options.ts';
import { UsageFault } from '../usage-fault.ts';
import { withStore } from '../with-store.ts';

interface RawOptions extends RawPlaceOptions {
  namespace: string;
  container?: string;
  stdin?: true;
  tty?: true;
}

export function registerExec(program: Command, parts: Parts, finish: Finish): void {
  const command = program
    .command('exec')
    .description('run a command in a container; its output, errors and exit code become ours')
    .argument('<pod>', 'a pod, or deploy/NAME for one of its pods')
    .argument('<command...>', 'the command, after --')
    .option('-n, --namespace <name>', 'namespace', 'default')
    .option('-c, --container <name>', 'container (default: the first)')
    .option('-i, --stdin', 'not supported: says which docker command does it')
    .option('-t, --tty', 'not supported: says which docker command does it');
  addPlaceOptions(command)
    .addHelpText('after', '\nExample:\n  holdfast exec deploy/web -n shop -- cat /etc/hostname')
    .action(async (target: string, words: string[], raw: RawOptions) => finish(await exec(target, words, raw, parts)));
}

async function exec(target: string, words: readonly string[], raw: RawOptions, parts: Parts): Promise<number> {
  const place = placeOptions(raw, parts);
  const { pod, notice } = await withStore(parts, place, (reader) => choosePod(reader, target, raw.namespace));
  const container = chooseContainer(pod, raw.container);
  const engine = await parts.openEngine(place);
  const seen = await findContainer(engine, pod, container.name, 'latest', parts.clock, parts.interrupted);
  if (raw.stdin === true || raw.tty === true) {
    const flags = `${raw.stdin === true ? 'i' : ''}${raw.tty === true ? 't' : ''}`;
    const command = ['docker', 'exec', `-${flags}`, seen.settings.name, ...words].map(shellWord).join(' ');
    throw new UsageFault(`exec does not read from the terminal; this does: ${command}`);
  }
  if (seen.state !== 'running')
    throw new UsageFault(`container ${container.name} of pod/${pod.metadata.name} is not running: it is ${seen.state}`);
  for (const line of [notice, container.notice]) if (line !== undefined) parts.stderr.write(`${line}\n`);
  try {
    // No deadline: how long a command runs is the user's own business, and Ctrl-C ends the wait.
    const { exitCode } = await engine.exec(seen.id, words, 0, parts.interrupted, ({ stream, bytes }) =>
      parts[stream].write(bytes),
    );
    return exitCode;
  } catch (error) {
    if (!parts.interrupted.aborted) throw error;
    return INTERRUPTED_EXIT_CODE;
  }
}

/** A word as a shell reads it back. */
function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
