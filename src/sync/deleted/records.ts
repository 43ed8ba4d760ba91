// What is remembered of objects that commits have removed: one record per object, beside the objects, so that it runs, serves and counts
// nowhere and holds no name. Pure.
import type { Manifest } from '../../manifests/load.ts';
import {
  type Desired,
  type InventoryEntry,
  type Kind,
  keyOf,
  keyString,
  type ResourceKey,
  type StoredOf,
} from '../../model/resource.ts';
import type { StoreReader } from '../../store/store.ts';
import { keyOfEntry } from '../order.ts';

/** A removed object as it is remembered. */
export type DeletedRecord = StoredOf<'DeletedObject'>;

/** The name of the record of an object. Neither names of applications nor kinds nor namespaces have a colon. */
export function recordName(application: string, { kind, namespace, name }: ResourceKey): string {
  return `${application}:${kind}:${namespace}:${name}`;
}

/** All that an application remembers, in the order of their names. */
export function recordsOf(reader: StoreReader, application: string): readonly DeletedRecord[] {
  return reader.listApplied(application).filter((resource): resource is DeletedRecord => resource.kind === 'DeletedObject');
}

/** The object that a record is about. */
export function keyOfRecord({ spec }: DeletedRecord): ResourceKey {
  return keyOfEntry(spec.entry);
}

/** The record of an object; undefined when none is kept. */
export function recordOf(reader: StoreReader, application: string, key: ResourceKey): DeletedRecord | undefined {
  return reader.get('DeletedObject', '', recordName(application, key));
}

/** The object as it was declared, as a manifest. */
export function manifestOf({ spec }: DeletedRecord): Manifest {
  // What is in a record was admitted by the manifests room before it was stored.
  return { resource: spec.resource as Desired, file: spec.entry.file, line: spec.entry.line };
}

/** Those that were brought back beside the objects of a commit, and that it does not declare itself. */
export function broughtBack(
  reader: StoreReader,
  application: string,
  commit: string,
  declared: () => ReadonlySet<string>,
): readonly DeletedRecord[] {
  const back = recordsOf(reader, application).filter(({ spec }) => spec.undeleted?.commit === commit);
  if (back.length === 0) return back;
  const own = declared();
  return back.filter((record) => !own.has(keyString(keyOfRecord(record))));
}

/** What was brought back beside a commit that is looked at once more: with the same commit it stays. */
export function broughtBackBeside(
  { commit, manifests }: { readonly commit: { readonly id: string }; readonly manifests: readonly Manifest[] },
  application: string,
  reader: StoreReader,
): readonly Manifest[] {
  const declared = (): ReadonlySet<string> => new Set(manifests.map(({ resource }) => keyString(keyOf(resource))));
  return broughtBack(reader, application, commit.id, declared).map(manifestOf);
}

/** Their entry of the inventory. */
export function entryOfRecord({ spec }: DeletedRecord): InventoryEntry {
  return { ...spec.entry, undeleted: true };
}

const workloads: ReadonlySet<Kind> = new Set<Kind>([
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'ReplicaSet',
  'ReplicationController',
  'Pod',
  'Job',
  'CronJob',
]);

/** Whether an object is what others of its namespace are there for: it makes pods. */
export function isWorkload(kind: Kind): boolean {
  return workloads.has(kind);
}

/** Whether one object may be of use to another that is removed with it: its namespace, and what runs nothing in there. */
export function isCompanion(key: ResourceKey, of: ResourceKey): boolean {
  if (of.namespace === '') return false;
  return key.kind === 'Namespace' ? key.name === of.namespace : key.namespace === of.namespace && !isWorkload(key.kind);
}
