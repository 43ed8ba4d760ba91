import type { Kind, StoredOf } from '../model/resource.ts';

/** Where policies and what is counted are read: a store, or a store with a commit over it. */
export interface PolicyReader {
  get<K extends Kind>(kind: K, namespace: string, name: string): StoredOf<K> | undefined;
  list<K extends Kind>(kind: K, namespace?: string): readonly StoredOf<K>[];
}
