// `holdfast logs`: what a container prints, straight from the engine.
import { type Command, InvalidArgumentError } from 'commander';
import type { Finish } from '../endings.ts';
import { INTERRUPTED_EXIT_CODE } from '../interrupts.ts';
import type { Parts } from '../parts.ts';
import { chooseContainer, choosePod, findContainer } from '../pod-containers.ts';
import { addPlaceOptions, placeOptions, type RawPlaceOptions, wholeNumberOption } from '../source-options.ts';
import { parseDuration } from '../times.ts';
import { withStore } from '../with-store.ts';

interface RawOptions extends RawPlaceOptions {
  namespace: string;
  container?: string;
  follow?: true;
  tail?: number;
  since?: number;
  previous?: true;
  timestamps?: true;
}

export function registerLogs(program: Command, parts: Parts, finish: Finish): void {
  const command = program
    .command('logs')
    .description('print what a container has written')
    .argument('<pod>', 'a pod, or deploy/NAME for one of its pods')
    .option('-n, --namespace <name>', 'namespace', 'default')
    .option('-c, --container <name>', 'container (default: the first)')
    .option('-f, --follow', 'go on until it ends or Ctrl-C')
    .option('--tail <lines>', 'only the last lines', wholeNumberOption)
    .option('--since <time>', 'only what is newer, for example 5m', sinceOption)
    .option('-p, --previous', 'the run before this one')
    .option('--timestamps', 'put the time before each line');
  addPlaceOptions(command)
    .addHelpText('after', '\nExample:\n  holdfast logs deploy/web -n shop -f --tail 20')
    .action(async (target: string, raw: RawOptions) => finish(await logs(target, raw, parts)));
}

function sinceOption(text: string): number {
  const durationMs = parseDuration(text);
  if (durationMs === undefined) throw new InvalidArgumentError('Write a time such as 30s, 5m or 1h.');
  return durationMs;
}

async function logs(target: string, raw: RawOptions, parts: Parts): Promise<number> {
  const place = placeOptions(raw, parts);
  const { pod, notice } = await withStore(parts, place, (reader) => choosePod(reader, target, raw.namespace));
  const container = chooseContainer(pod, raw.container);
  for (const line of [notice, container.notice]) if (line !== undefined) parts.stderr.write(`${line}\n`);
  const engine = await parts.openEngine(place);
  const run = raw.previous === true ? 'previous' : 'latest';
  const seen = await findContainer(engine, pod, container.name, run, parts.clock, parts.interrupted);
  const options = {
    follow: raw.follow ?? false,
    timestamps: raw.timestamps ?? false,
    ...(raw.tail === undefined ? {} : { tailLines: raw.tail }),
    ...(raw.since === undefined ? {} : { sinceMs: parts.clock.now() - raw.since }),
  };
  // A character may be cut in two between pieces, and both streams are cut independently.
  const decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };
  try {
    for await (const chunk of engine.logs(seen.id, options, parts.interrupted)) {
      parts.stdout.write(decoders[chunk.stream].decode(chunk.bytes, { stream: true }));
    }
  } catch (error) {
    if (!parts.interrupted.aborted) throw error;
  }
  return parts.interrupted.aborted ? INTERRUPTED_EXIT_CODE : 0;
}
