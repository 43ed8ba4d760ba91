// Why an object is gone, and how to have it back; or why it is there although no commit declares it. Pure.
import { displayKey, keyString, type ResourceKey } from '../model/resource.ts';
import type { StoreReader } from '../store/store.ts';
import { type DeletedRecord, keyOfRecord } from './deleted/records.ts';
import { commitName } from './phrases.ts';

/** What is kept of an object that is gone. */
export function removedLines(key: ResourceKey, reader: StoreReader): readonly string[] {
  return recordsAbout(key, reader).flatMap((record) => {
    const { removedBy, deletedAt, until, undeleted } = record.spec;
    const by = `${commitName(removedBy.id)} "${removedBy.subject}" of ${removedBy.author}`;
    const removed = `${displayKey(key)} was removed by ${by} at ${deletedAt}`;
    if (undeleted === undefined) return [`${removed}; it can be brought back until ${until}: ${undeleteCommand(key)}`];
    return [`${removed}; ${undeleted.who} wanted it back at ${undeleted.at}`];
  });
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
