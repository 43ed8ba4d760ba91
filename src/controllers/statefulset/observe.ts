// What the StatefulSet controller reads before it plans.
import type { ResourceKey, Stored, StoredOf } from '../../model/resource.ts';
import { controllerOf, keyOf } from '../../model/resource.ts';
import { matchesSelector } from '../../model/selector.ts';
import type { StoreReader } from '../../store/store.ts';
import { isOrphan, isOwnerGone, isRecovered, namespaceOf } from '../claims.ts';
import { isActive } from '../pods.ts';
import { type HistoryObserved, observeHistory } from '../revisions/history.ts';
import { claimNamesOf, isWantedOrdinal, ordinalOf, podNameOf, startOrdinal, wantedReplicas } from './identity.ts';

/** A StatefulSet's surroundings. */
export interface StatefulSetObserved {
  /** Pods whose managing controller is the set, terminating and finished ones included. */
  readonly owned: readonly StoredOf<'Pod'>[];
  /** Active pods that it may adopt: its selector matches, their name is one of its, nobody owns them. */
  readonly orphans: readonly StoredOf<'Pod'>[];
  /** Pods of others under the names of missing pods; true when they are about to go. */
  readonly strangers: ReadonlyMap<string, { readonly isGoing: boolean }>;
  /** The claims of the ordinals that it wants or has, by name. */
  readonly claims: ReadonlyMap<string, StoredOf<'PersistentVolumeClaim'>>;
  readonly history: HistoryObserved;
}

function isGoing(store: StoreReader, pod: StoredOf<'Pod'>): boolean {
  const owner = controllerOf(pod);
  const isLeft = owner !== undefined && isOwnerGone(store, namespaceOf(pod), owner) && !isRecovered(pod);
  return pod.metadata.deletionTimestamp !== undefined || isLeft;
}

/** Reads them. */
export function observeStatefulSet(store: StoreReader, set: StoredOf<'StatefulSet'>): StatefulSetObserved {
  const namespace = namespaceOf(set);
  const owned = store.listOwned('Pod', set.metadata.uid);
  const orphans = store
    .list('Pod', namespace)
    .filter(
      (pod) =>
        isActive(pod) &&
        ordinalOf(set, pod.metadata.name) !== undefined &&
        matchesSelector(set.spec.selector, pod.metadata.labels) &&
        isOrphan(store, pod),
    );
  const start = startOrdinal(set);
  const wanted = Array.from({ length: Math.max(0, wantedReplicas(set)) }, (_value, index) => start + index);
  const present = owned.flatMap((pod) => ordinalOf(set, pod.metadata.name) ?? []);
  const strangers = new Map<string, { isGoing: boolean }>();
  for (const name of wanted.map((ordinal) => podNameOf(set, ordinal))) {
    const pod = store.get('Pod', namespace, name);
    const isStranger = pod !== undefined && controllerOf(pod)?.uid !== set.metadata.uid;
    if (isStranger) strangers.set(name, { isGoing: isGoing(store, pod) });
  }
  const claims = new Map<string, StoredOf<'PersistentVolumeClaim'>>();
  for (const name of new Set([...wanted, ...present].flatMap((ordinal) => claimNamesOf(set, ordinal)))) {
    const claim = store.get('PersistentVolumeClaim', namespace, name);
    if (claim !== undefined) claims.set(name, claim);
  }
  return { owned, orphans, strangers, claims, history: observeHistory(store, set) };
}

function setsIn(store: StoreReader, resource: Stored): readonly StoredOf<'StatefulSet'>[] {
  return store.list('StatefulSet', namespaceOf(resource));
}

/** The sets that a pod concerns: its owner's, or those that could adopt it or wait for its name. */
export function wokenByPod(pod: StoredOf<'Pod'>, store: StoreReader): readonly ResourceKey[] {
  const namespace = namespaceOf(pod);
  const owner = controllerOf(pod);
  const named = setsIn(store, pod)
    .filter((set) => {
      const ordinal = ordinalOf(set, pod.metadata.name);
      return ordinal !== undefined && (isWantedOrdinal(set, ordinal) || isOrphan(store, pod));
    })
    .map(keyOf);
  if (owner?.kind !== 'StatefulSet') return named;
  return [{ kind: 'StatefulSet', namespace, name: owner.name }, ...named.filter(({ name }) => name !== owner.name)];
}

/** The sets that a claim concerns: those whose claims have such a name. */
export function wokenByClaim(claim: StoredOf<'PersistentVolumeClaim'>, store: StoreReader): readonly ResourceKey[] {
  return setsIn(store, claim)
    .filter((set) =>
      (set.spec.volumeClaimTemplates ?? []).some(({ metadata }) => {
        const prefix = `${metadata?.name ?? ''}-`;
        const { name } = claim.metadata;
        return name.startsWith(prefix) && ordinalOf(set, name.slice(prefix.length)) !== undefined;
      }),
    )
    .map(keyOf);
}
