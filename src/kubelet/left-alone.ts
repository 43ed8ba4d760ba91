// Pods that a person works on: while their application is suspended by a command, nothing is done to their containers, and all is told.
import { APPLICATION_ANNOTATION, type StoredOf } from '../model/resource.ts';
import { fromRfc3339 } from '../model/time.ts';
import type { StoreReader, WatchEvent } from '../store/store.ts';

/** Whether nothing may be done to the containers of a pod. A suspension whose time has passed holds nothing, whoever has not noted that yet. */
export function isLeftAlone(pod: StoredOf<'Pod'> | undefined, store: StoreReader, now: number): boolean {
  const name = pod?.metadata.annotations?.[APPLICATION_ANNOTATION];
  const suspension = name === undefined ? undefined : store.get('Application', '', name)?.status?.suspension;
  return suspension?.by === 'command' && (suspension.until === undefined || now < fromRfc3339(suspension.until));
}

/** The pods of a node for which a change of the store ends that they are left alone, or begins it. */
export function podsReleased({ resource, before }: WatchEvent, store: StoreReader, nodeName: string): readonly string[] {
  if (resource.kind !== 'Application') return [];
  const old = before?.kind === 'Application' ? before.status?.suspension?.since : undefined;
  if (resource.status?.suspension?.since === old) return [];
  const { name } = resource.metadata;
  const isConcerned = ({ metadata, spec }: StoredOf<'Pod'>): boolean =>
    spec.nodeName === nodeName && metadata.annotations?.[APPLICATION_ANNOTATION] === name;
  return store
    .list('Pod')
    .filter(isConcerned)
    .map(({ metadata }) => metadata.uid);
}
