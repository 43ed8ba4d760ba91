// `holdfast sync`: has the controller that runs look at Git now, and says how the commit ends that it finds there.
import { type Command, Option } from 'commander';
import { APPLICATION_ANNOTATION } from '../../model/resource.ts';
import { toRfc3339 } from '../../model/time.ts';
import type { SyncOrder } from '../../sync/gates/orders.ts';
import { isLive, type Outcome } from '../../sync/outcome.ts';
import { sleep } from '../../system/clock.ts';
import { errorText, type Finish } from '../endings.ts';
import { findObject } from '../find-object.ts';
import { printOutcome } from '../outcome-text.ts';
import { type Parts, type PlaceOptions } from '../parts.ts';
import { type ProgressSource, progressOf } from '../progress-polled.ts';
import {
  addPlaceOptions,
  commitOption,
  durationOption,
  outputOption,
  placeOptions,
  type RawPlaceOptions,
} from '../source-options.ts';
import { UsageFault } from '../usage-fault.ts';
import { withStore } from '../with-store.ts';

/** How long a controller may take to hear of it. */
const HEARING_MS = 5_000;
/** A controller that knows the end in time needs a moment to say so. */
const ANSWERING_MS = 3_000;
/** A controller that is started anew, by whatever watches over it, goes on with the wait. */
const RESTART_MS = 15_000;
const ASK_EVERY_MS = 200;
const DEFAULT_TIMEOUT_MS = 900_000;

interface RawSync extends RawPlaceOptions {
  readonly wait?: true;
  readonly timeout?: number;
  readonly commit?: string;
  readonly output: 'text' | 'json';
}

export function registerSync(program: Command, parts: Parts, finish: Finish): void {
  const command = program
    .command('sync')
    .description('have the controller that runs look at Git now; with --wait, end with how the commit ends')
    .argument('[application]', 'only this one (default: the one that the controller was started with, and all below it)')
    .option('--wait', 'until the commit is live (exit 0), or is not (exit 1)')
    .addOption(new Option('--timeout <time>', 'how long to wait (default: 15m)').argParser(durationOption))
    .addOption(
      new Option('--commit <hash>', 'wait for this commit, and for no other (default: the newest)').argParser(commitOption),
    )
    .addOption(outputOption('text', 'json'));
  addPlaceOptions(command)
    .addHelpText('after', '\nExample:\n  holdfast sync shop --wait --timeout 10m')
    .action(async (name: string | undefined, raw: RawSync) => finish(await sync(name, raw, parts)));
}

async function sync(name: string | undefined, raw: RawSync, parts: Parts): Promise<number> {
  const isJson = raw.output === 'json';
  if (raw.wait !== true && (isJson || raw.timeout !== undefined || raw.commit !== undefined))
    throw new UsageFault('--output, --timeout and --commit are about the wait: add --wait');
  try {
    const place = placeOptions(raw, parts);
    await mustRun(place, parts);
    if (name !== undefined) await withStore(parts, place, (reader) => findObject(reader, 'Application', '', name));
    if (raw.wait !== true) return await ask(name, place, parts);
    const outcome = await waitFor(name, raw, place, parts);
    printOutcome(outcome, isJson, parts);
    return isLive(outcome) ? 0 : 1;
  } catch (error) {
    if (!isJson) throw error;
    const message = error instanceof Error ? error.message : String(error);
    printOutcome(unknownOutcome(name, raw.commit, 'failed', message), isJson, parts);
    parts.stderr.write(`${errorText(error, parts)}\n`);
    return 1;
  }
}

async function mustRun(place: PlaceOptions, parts: Parts): Promise<void> {
  if ((await parts.controllerOf(place)) !== undefined) return;
  throw new UsageFault(
    `no controller is running with the data folder ${place.dataDir}: start "holdfast reconcile", give the --data-dir of the one that runs, or let this process do it with "holdfast reconcile --once"`,
  );
}

/** Without a wait. */
async function ask(name: string | undefined, place: PlaceOptions, parts: Parts): Promise<number> {
  const asked = parts.askSync(place, { id: orderId(parts), ...(name !== undefined && { application: name }) });
  try {
    const endMs = parts.clock.now() + HEARING_MS;
    while (asked.answer() === undefined) {
      if (parts.clock.now() >= endMs) throw new UsageFault('the controller does not answer: see its log, and "holdfast status"');
      await sleep(parts.clock, ASK_EVERY_MS, parts.interrupted);
    }
  } finally {
    asked.withdraw();
  }
  const what = name === undefined ? '' : ` for application/${name}`;
  parts.stdout.write(`The controller looks at Git now${what}; "holdfast status" shows what comes of it.\n`);
  return 0;
}

async function waitFor(name: string | undefined, raw: RawSync, place: PlaceOptions, parts: Parts): Promise<Outcome> {
  const untilMs = parts.clock.now() + (raw.timeout ?? DEFAULT_TIMEOUT_MS);
  const order: SyncOrder = {
    id: orderId(parts),
    until: toRfc3339(untilMs),
    ...(name !== undefined && { application: name }),
    ...(raw.commit !== undefined && { commit: raw.commit }),
  };
  const asked = parts.askSync(place, order);
  const progress = progressOf(sourceOf(name, place, parts), parts);
  let absentSinceMs: number | undefined;
  try {
    for (;;) {
      const outcome = asked.answer()?.outcome;
      if (outcome !== undefined) return outcome;
      const now = parts.clock.now();
      const controller = await parts.controllerOf(place);
      absentSinceMs = controller === undefined ? (absentSinceMs ?? now) : undefined;
      const end = whyOver(now, untilMs, absentSinceMs, parts);
      if (end !== undefined) return unknownOutcome(name, raw.commit, 'pending', end);
      await progress.draw();
      await sleep(parts.clock, ASK_EVERY_MS, parts.interrupted).catch(() => undefined);
    }
  } finally {
    asked.withdraw();
    progress.end();
  }
}

/** Why there is nothing more to wait for; undefined when there is. */
function whyOver(now: number, untilMs: number, absentSinceMs: number | undefined, { interrupted }: Parts): string | undefined {
  if (interrupted.aborted) return 'nobody waits any more; the controller goes on';
  if (absentSinceMs !== undefined && now - absentSinceMs >= RESTART_MS)
    return 'the controller ended and none has taken its place; what runs goes on, and the next "holdfast reconcile" goes on from here';
  if (now < untilMs + ANSWERING_MS) return undefined;
  return absentSinceMs === undefined
    ? 'the time to wait is over, and the controller has not said how far it is: see its log'
    : 'the time to wait is over, and the controller has ended';
}

/** What shows how far it is: of one application, or of those that nobody declares. */
function sourceOf(name: string | undefined, place: PlaceOptions, parts: Parts): ProgressSource {
  return async (look) => {
    await withStore(parts, place, (reader) => {
      const all = reader
        .list('Application')
        .filter(({ metadata }) => metadata.annotations?.[APPLICATION_ANNOTATION] === undefined);
      look(reader, name === undefined ? all.map(({ metadata }) => metadata.name) : [name]);
    });
  };
}

function unknownOutcome(
  name: string | undefined,
  commit: string | undefined,
  outcome: 'pending' | 'failed',
  message: string,
): Outcome {
  const named = commit === undefined ? undefined : { id: commit, subject: '', author: '' };
  return { application: name ?? '', commit: named, outcome, actions: [], problems: [], message };
}

let orders = 0;

/** Like no other of this machine. */
function orderId({ clock, processId }: Parts): string {
  orders += 1;
  return `${clock.now().toString(36)}-${processId.toString(36)}-${orders}`;
}
