// Why an object is gone, and how to have it back; or why it is there although no commit declares it. Pure.
import { displayKey, keyString, type ResourceKey, type UndeleteWish } from '../model/resource.ts';
import type { StoreReader } from '../store/store.ts';
import { type DeletedRecord, keyOfRecord } from './deleted/records.ts';
import { commitName } from './phrases.ts';

/** What is kept of an object that is gone. */
export function removedLines(key: ResourceKey, reader: StoreReader): readonly string[] {
  return recordsAbout(key, reader).flatMap((record) => {
    const { removedBy, deletedAt, until, undeleted } = record.spec;
    const by = `${commitName(removedBy.id)} "${removedBy.subject}" of ${removedBy.author}`;
    const removed = `${displayKey(key)} was removed by ${by} at ${deletedAt}`;
    if (undeleted === undefined) {
      const awaited = wishLines(record, reader);
      return awaited.length > 0
        ? [removed, ...awaited]
        : [`${removed}; it can be brought back until ${until}: ${undeleteCommand(key)}`];
    }
    return [`${removed}; ${undeleted.who} wanted it back at ${undeleted.at}`];
  });
}

/** Who wants it back and has to wait, and what for. */
function wishLines(record: DeletedRecord, reader: StoreReader): readonly string[] {
  const { attempt, undelete = [] } = reader.get('Application', '', record.spec.application)?.status ?? {};
  const key = keyString(keyOfRecord(record));
  return undelete
    .filter(({ objects }) => objects.includes(key))
    .map((wish) => `${wish.who} wants it back since ${wish.at}: it waits ${wishWaitText(wish, attempt?.commit.id)}`);
}

/** `for image web:1 to be pulled`. `underWay` is the commit that is. */
export function wishWaitText({ waitingFor = [] }: Pick<UndeleteWish, 'waitingFor'>, underWay: string | undefined): string {
  if (waitingFor.length > 0) return `for ${waitingFor.join('; ')}`;
  return underWay === undefined ? 'to be heard' : `until ${commitName(underWay)} has ended`;
}

/** The command that brings an object back. */
export function undeleteCommand({ kind, namespace, name }: ResourceKey): string {
  const place = namespace === '' || namespace === 'default' ? '' : ` -n ${namespace}`;
  return `holdfast undelete ${kind.toLowerCase()}/${name}${place}`;
}

/** Who brought an object back that runs now. */
export function broughtBackLines(application: string, key: ResourceKey, reader: StoreReader): readonly string[] {
  const record = recordsAbout(key, reader).find(({ spec }) => spec.application === application);
  const undeleted = record?.spec.undeleted;
  if (record === undefined || undeleted === undefined) return ['no commit declares it: it was brought back'];
  const removed = `${commitName(record.spec.removedBy.id)} removed it`;
  const back = `${undeleted.who} brought it back at ${undeleted.at}`;
  return [`no commit declares it: ${removed}, and ${back}; it stays until the next commit`];
}

function recordsAbout(key: ResourceKey, reader: StoreReader): readonly DeletedRecord[] {
  return reader.list('DeletedObject').filter((record) => keyString(keyOfRecord(record)) === keyString(key));
}
