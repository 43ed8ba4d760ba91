// `holdfast suspend`, `resume` and `retry`: what a person says to a controller beside Git.
import { type Command, Option } from 'commander';
import type { StoredOf } from '../../model/resource.ts';
import { DURATION_RULE, durationMs } from '../../model/sync-policy.ts';
import { toRfc3339 } from '../../model/time.ts';
import type { StoreReader } from '../../store/store.ts';
import { sleep } from '../../system/clock.ts';
import type { Finish } from '../endings.ts';
import { findObject } from '../find-object.ts';
import { type Parts, type PlaceOptions } from '../parts.ts';
import { printable } from '../phrases.ts';
import { addPlaceOptions, placeOptions, type RawPlaceOptions } from '../source-options.ts';
import { UsageFault } from '../usage-fault.ts';
import { withStore } from '../with-store.ts';

type Application = StoredOf<'Application'>;

/** How long a controller may take to hear of it before that is told. */
const HEARING_MS = 5_000;
const ASK_EVERY_MS = 200;
const DEFAULT_FOR = '1h';

interface RawSuspend extends RawPlaceOptions {
  readonly for: string;
  readonly reason: string;
}

/** The three commands. */
export function registerOrders(program: Command, parts: Parts, finish: Finish): void {
  const suspending = program
    .command('suspend')
    .description('leave an application alone for a while: nothing of it is changed or put right, so that you can work by hand')
    .argument('[application]', 'only this one (default: all)')
    .addOption(new Option('--for <duration>', 'how long, such as 2h or 30m').default(DEFAULT_FOR))
    .requiredOption('--reason <text>', 'why; shown wherever it shows');
  addPlaceOptions(suspending)
    .addHelpText('after', '\nExample:\n  holdfast suspend shop --for 2h --reason "moving the data by hand"')
    .action(async (name: string | undefined, raw: RawSuspend) => finish(await suspend(name, raw, parts)));
  const resuming = program
    .command('resume')
    .description('end a suspension: what was changed by hand is put right, and the newest commit is applied')
    .argument('[application]', 'only this one (default: all that are suspended)');
  addPlaceOptions(resuming)
    .addHelpText('after', '\nExample:\n  holdfast resume shop')
    .action(async (name: string | undefined, raw: RawPlaceOptions) => finish(await resume(name, raw, parts)));
  const retrying = program
    .command('retry')
    .description('try the newest commit again now, if it failed, is held, or waits for a sync window that allows that')
    .argument('[application]', 'only this one (default: all that are not live)');
  addPlaceOptions(retrying)
    .addHelpText('after', '\nExample:\n  holdfast retry shop')
    .action(async (name: string | undefined, raw: RawPlaceOptions) => finish(await retry(name, raw, parts)));
}

async function suspend(name: string | undefined, raw: RawSuspend, parts: Parts): Promise<number> {
  const ms = durationMs(raw.for);
  if (ms === undefined) throw new UsageFault(`--for is "${raw.for}", but it ${DURATION_RULE}`);
  const reason = raw.reason.trim();
  if (reason === '') throw new UsageFault('--reason is empty: say why, for those who come after you');
  const place = placeOptions(raw, parts);
  const now = parts.clock.now();
  const order = { who: whoIs(parts), reason, since: toRfc3339(now), until: toRfc3339(now + ms) };
  for (const application of await chosen(name, place, parts, () => true)) {
    parts.giveOrder(place, application, { say: 'suspend', suspend: order });
    const isHeard = await heard(place, application, parts, (status) => status.suspension?.since === order.since);
    const told = `application/${application} is suspended until ${order.until}: ${printable(reason)}. Nothing of it is changed or put right; "holdfast resume ${application}" ends it.`;
    parts.stdout.write(`${told}${isHeard}\n`);
  }
  return 0;
}

async function resume(name: string | undefined, raw: RawPlaceOptions, parts: Parts): Promise<number> {
  const place = placeOptions(raw, parts);
  const isSuspended = ({ status }: Application): boolean => status?.suspension?.by === 'command';
  const names = await chosen(name, place, parts, (application) => name !== undefined || isSuspended(application));
  if (names.length === 0) parts.stdout.write('No application is suspended.\n');
  for (const application of names) {
    parts.giveOrder(place, application, { say: 'resume', who: whoIs(parts) });
    const isHeard = await heard(place, application, parts, (status) => status.suspension?.by !== 'command');
    parts.stdout.write(`application/${application} is followed again.${isHeard}\n`);
  }
  return 0;
}

async function retry(name: string | undefined, raw: RawPlaceOptions, parts: Parts): Promise<number> {
  const place = placeOptions(raw, parts);
  const names = await chosen(name, place, parts, isWaiting);
  if (names.length === 0) {
    const what = name === undefined ? 'Every application' : `application/${name}`;
    parts.stderr.write(`${what} is live or on its way: there is nothing to try again.\n`);
    return 1;
  }
  for (const application of names) {
    const at = new Date(parts.clock.now()).toISOString();
    const before = await statusOf(place, application, parts);
    if (before.suspension !== undefined)
      throw new UsageFault(`application/${application} is suspended: ${before.suspension.reason}`);
    parts.giveOrder(place, application, { say: 'retry', retry: { who: whoIs(parts), at } });
    const begun = before.attempt?.startedAt;
    const isHeard = await heard(place, application, parts, ({ manual, attempt, lastGood }) => {
      const isNew = attempt?.startedAt !== begun || lastGood?.id !== before.lastGood?.id;
      return manual?.at === at || isNew;
    });
    parts.stdout.write(
      `The newest commit of application/${application} is tried again; "holdfast status" shows how far it is.${isHeard}\n`,
    );
  }
  return 0;
}

function isWaiting({ status = {} }: Application): boolean {
  return status.quarantined !== undefined || status.held !== undefined || status.attempt?.phase === 'waiting';
}

/** The names of the applications that are meant. Throws UsageFault when there is none of that name. */
async function chosen(
  name: string | undefined,
  place: PlaceOptions,
  parts: Parts,
  isMeant: (application: Application) => boolean,
): Promise<readonly string[]> {
  const found = await withStore(parts, place, (reader: StoreReader) =>
    name === undefined ? [...reader.list('Application')] : [findObject(reader, 'Application', '', name)],
  );
  return found.filter(isMeant).map(({ metadata }) => metadata.name);
}

async function statusOf(place: PlaceOptions, name: string, parts: Parts): Promise<NonNullable<Application['status']>> {
  return await withStore(parts, place, (reader) => reader.get('Application', '', name)?.status ?? {});
}

/** Waits until the controller says so in its status; what is to be added to the message when it does not, or when none runs. */
async function heard(
  place: PlaceOptions,
  name: string,
  parts: Parts,
  isHeard: (status: NonNullable<Application['status']>) => boolean,
): Promise<string> {
  return await untilHeard(place, parts, async () => isHeard(await statusOf(place, name, parts)));
}

/** Waits a while until a controller has heard; what is to be told when it has not, or when none runs. */
export async function untilHeard(place: PlaceOptions, parts: Parts, isHeard: () => Promise<boolean>): Promise<string> {
  if ((await parts.controllerOf(place)) === undefined) return ' No controller is running: the next one will follow it.';
  const endMs = parts.clock.now() + HEARING_MS;
  while (!(await isHeard())) {
    if (parts.clock.now() >= endMs) return ' The controller has not said yet that it heard of it: see "holdfast status".';
    await sleep(parts.clock, ASK_EVERY_MS, parts.interrupted);
  }
  return '';
}

/** The person at the terminal, as far as the surroundings tell. */
export function whoIs({ env, uid }: Parts): string {
  const name = [env['SUDO_USER'], env['USER'], env['LOGNAME']].find((each) => each !== undefined && each !== '');
  return printable(name ?? (uid === undefined ? 'somebody' : `user ${uid}`));
}
