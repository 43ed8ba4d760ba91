// `holdfast undelete`: brings back what a commit has removed, as long as that is kept.
import type { Command } from 'commander';
import { keyString, type ResourceKey } from '../../model/resource.ts';
import type { StoreReader } from '../../store/store.ts';
import { type DeletedRecord, isCompanion, keyOfRecord, recordOf, recordsOf } from '../../sync/deleted/records.ts';
import type { UndeleteOrder } from '../../sync/gates/orders.ts';
import { wishWaitText } from '../../sync/why-deleted.ts';
import type { Finish } from '../endings.ts';
import { findObject, keyIn, parseTarget } from '../find-object.ts';
import { type Parts, type PlaceOptions } from '../parts.ts';
import { objectPhrase, printable } from '../phrases.ts';
import { addPlaceOptions, placeOptions, type RawPlaceOptions } from '../source-options.ts';
import { UsageFault } from '../usage-fault.ts';
import { withStore } from '../with-store.ts';
import { untilHeard, whoIs } from './orders.ts';

interface RawUndelete extends RawPlaceOptions {
  readonly namespace: string;
  readonly commit?: string;
}

export function registerUndelete(program: Command, parts: Parts, finish: Finish): void {
  const command = program
    .command('undelete')
    .description('bring back what a commit has removed, as long as it is kept ("holdfast get deleted"), until the next commit')
    .argument('[kind/name]', 'the object, and what was removed with it that it may need; application/NAME for all of one')
    .option('-n, --namespace <name>', 'its namespace', 'default')
    .option('--commit <commit>', 'everything that this commit has removed, by the first digits of it');
  addPlaceOptions(command)
    .addHelpText('after', '\nExamples:\n  holdfast undelete deployment/web -n shop\n  holdfast undelete --commit 1a2b3c4')
    .action(async (target: string | undefined, raw: RawUndelete) => finish(await undelete(target, raw, parts)));
}

async function undelete(target: string | undefined, raw: RawUndelete, parts: Parts): Promise<number> {
  if ((target === undefined) === (raw.commit === undefined))
    throw new UsageFault('what is to come back? Give either KIND/NAME or --commit; "holdfast get deleted" lists what is kept');
  const place = placeOptions(raw, parts);
  const chosen = await withStore(parts, place, (reader) => {
    const records = chooseRecords(target, raw, reader);
    for (const { spec } of records) refuseSuspended(spec.application, reader);
    return records;
  });
  let code = 0;
  for (const application of new Set(chosen.map(({ spec }) => spec.application))) {
    const records = chosen.filter(({ spec }) => spec.application === application);
    code = Math.max(code, await order(application, records, place, parts));
  }
  return code;
}

/** Asks for one application's objects, and tells what becomes of that. */
async function order(application: string, records: readonly DeletedRecord[], place: PlaceOptions, parts: Parts): Promise<number> {
  const keys = records.map(keyOfRecord);
  const at = new Date(parts.clock.now()).toISOString();
  const wish: UndeleteOrder = { who: whoIs(parts), at, objects: keys.map(keyString) };
  parts.giveOrder(place, application, { say: 'undelete', undelete: wish });
  const seen: State[] = [];
  const suffix = await untilHeard(place, parts, async () => {
    const state = await withStore(parts, place, (reader) => stateOf(application, keys, wish, reader));
    seen.push(state);
    return state.is !== 'unheard';
  });
  const heard: State = seen.at(-1) ?? { is: 'unheard' };
  if (heard.is === 'refused') {
    parts.stderr.write(`${printable(heard.message)}\n`);
    return 1;
  }
  const names = keys.map(objectPhrase).join(', ');
  const until = `No commit declares ${keys.length === 1 ? 'it' : 'them'}: what is brought back stays until another commit of application/${application} is live.`;
  const word = heard.is === 'back' ? 'Brought back' : 'Asked for';
  const waits = heard.is === 'waits' ? ` It waits ${printable(heard.text)}.` : '';
  parts.stdout.write(`${word}: ${names}. ${until}${waits}${suffix}\n`);
  return 0;
}

type State =
  | { readonly is: 'unheard' | 'back' }
  | { readonly is: 'waits'; readonly text: string }
  | { readonly is: 'refused'; readonly message: string };

/** How far a wish is. */
function stateOf(application: string, keys: readonly ResourceKey[], wish: UndeleteOrder, reader: StoreReader): State {
  const status = reader.get('Application', '', application)?.status ?? {};
  const isBack = keys.every((key) => recordOf(reader, application, key)?.spec.undeleted !== undefined);
  if (isBack) return { is: 'back' };
  const { attempt } = status;
  const noted = status.undelete?.find(({ at, objects }) => at === wish.at && String(objects) === String(wish.objects));
  const isWaiting = noted !== undefined && (attempt !== undefined || noted.waitingFor !== undefined);
  if (isWaiting) return { is: 'waits', text: wishWaitText(noted, attempt?.commit.id) };
  const since = wish.at.slice(0, 19);
  const refusal = reader
    .list('Event')
    .find(
      ({ reason, involvedObject, lastTimestamp }) =>
        reason === 'NotUndeleted' && involvedObject.name === application && lastTimestamp.slice(0, 19) >= since,
    );
  return refusal === undefined ? { is: 'unheard' } : { is: 'refused', message: refusal.message };
}

/** The records that are meant. Throws UsageFault when nothing is kept. */
function chooseRecords(
  target: string | undefined,
  { namespace, commit }: RawUndelete,
  reader: StoreReader,
): readonly DeletedRecord[] {
  const kept = reader.list('DeletedObject').filter(({ spec }) => spec.undeleted === undefined);
  if (commit !== undefined)
    return some(
      kept.filter(({ spec }) => spec.removedBy.id.startsWith(commit)),
      `nothing is kept that a commit ${commit} has removed`,
      kept,
    );
  const { kind, name } = parseTarget(target ?? '', 'holdfast undelete deployment/web');
  if (kind === 'Application') {
    findObject(reader, 'Application', '', name);
    return some(
      recordsOf(reader, name).filter(({ spec }) => spec.undeleted === undefined),
      `nothing is kept that a commit of application/${name} has removed`,
      kept,
    );
  }
  const key = keyIn(kind, namespace, name);
  const [record] = reader
    .list('DeletedObject')
    .filter((each) => keyString(keyOfRecord(each)) === keyString(key))
    .toSorted((a, b) => b.spec.deletedAt.localeCompare(a.spec.deletedAt));
  const back = record?.spec.undeleted;
  if (back !== undefined)
    throw new UsageFault(`${objectPhrase(key)} is back already: ${printable(back.who)} wanted that at ${back.at}`);
  if (record === undefined) return some([], `nothing is kept of ${objectPhrase(key)}`, kept);
  const { application, removedBy } = record.spec;
  const isWithIt = (other: DeletedRecord): boolean =>
    other.spec.application === application && other.spec.removedBy.id === removedBy.id && isCompanion(keyOfRecord(other), key);
  return [record, ...kept.filter((other) => other !== record && isWithIt(other))];
}

const SHOWN = 5;

function some(records: readonly DeletedRecord[], fault: string, kept: readonly DeletedRecord[]): readonly DeletedRecord[] {
  if (records.length > 0) return records;
  const names = kept.slice(0, SHOWN).map((record) => objectPhrase(keyOfRecord(record)));
  const hint =
    names.length === 0 ? 'Nothing else is either' : `Kept are ${names.join(', ')}${kept.length > SHOWN ? ' and more' : ''}`;
  throw new UsageFault(`${fault}. ${hint}: see "holdfast get deleted"`);
}

function refuseSuspended(application: string, reader: StoreReader): void {
  const suspension = reader.get('Application', '', application)?.status?.suspension;
  if (suspension?.by === 'command')
    throw new UsageFault(
      `application/${application} is suspended: ${suspension.reason}. "holdfast resume ${application}" ends that`,
    );
}
