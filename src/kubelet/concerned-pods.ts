// Which pods an object of the store is news to, beside the pods themselves.
import type { Stored } from '../model/resource.ts';
import type { StoreReader } from '../store/store.ts';
import type { PodTable } from './pod-table.ts';

/** Kinds that pods refer to by name. */
const consumed: { readonly [kind: string]: 'configMaps' | 'secrets' | 'claims' | undefined } = {
  ConfigMap: 'configMaps',
  Secret: 'secrets',
  PersistentVolumeClaim: 'claims',
};

/** The uids of the pods on this node that refer to an object. */
export function podsConcerned(resource: Stored, store: StoreReader, pods: PodTable, nodeName: string): readonly string[] {
  if (resource.kind === 'RuntimeClass')
    return store.list('Pod').flatMap(({ metadata, spec }) => {
      const isConcerned = spec.runtimeClassName === resource.metadata.name && spec.nodeName === nodeName;
      return isConcerned ? [metadata.uid] : [];
    });
  const what = consumed[resource.kind];
  return what === undefined ? [] : pods.consumersOf(resource, what);
}
