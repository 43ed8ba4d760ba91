// PersistentVolumes and their claims: who gets which, and in which phase they are. Making, mounting and removing volumes is for the kubelets.
import { podClaims } from '../../model/pod-claims.ts';
import type { ResourceKey, Stored, StoredOf } from '../../model/resource.ts';
import { keyOf } from '../../model/resource.ts';
import type { Controller } from '../../runtime/controller.ts';
import type { StoreReader } from '../../store/store.ts';
import { namespaceOf } from '../claims.ts';
import { BIND_COMPLETED, type StoredClaim } from './facts.ts';
import { type ClaimObserved, planClaim } from './plan-claim.ts';
import { planVolume, type VolumeObserved } from './plan-volume.ts';

type StoredPod = StoredOf<'Pod'>;

function claimKey(namespace: string, name: string): ResourceKey {
  return { kind: 'PersistentVolumeClaim', namespace, name };
}

/** Claims that still look for a volume: any change of what there is may concern them. */
function seekers(store: StoreReader): readonly ResourceKey[] {
  return store
    .list('PersistentVolumeClaim')
    .filter((claim) => claim.metadata.annotations?.[BIND_COMPLETED] === undefined)
    .map(keyOf);
}

function claimsWokenBy(changed: Stored, store: StoreReader): readonly ResourceKey[] {
  if (changed.kind === 'StorageClass' || changed.kind === 'Node') return seekers(store);
  if (changed.kind === 'Pod') return podClaims(changed).map(({ claim }) => claimKey(namespaceOf(changed), claim));
  if (changed.kind !== 'PersistentVolume') return [];
  const { claimRef } = changed.spec;
  const bound = store.list('PersistentVolumeClaim').filter(({ spec }) => spec.volumeName === changed.metadata.name);
  const named = claimRef?.name === undefined ? [] : [claimKey(claimRef.namespace ?? 'default', claimRef.name)];
  return [...named, ...bound.map(keyOf), ...(claimRef === undefined ? seekers(store) : [])];
}

/** A list of the store is the same array as long as nothing in it has changed: the pods of each claim are kept with the list. */
const usersByList = new WeakMap<readonly StoredPod[], ReadonlyMap<string, readonly StoredPod[]>>();

/** The pods on nodes that mount each claim of a namespace. */
function usersIn(pods: readonly StoredPod[]): ReadonlyMap<string, readonly StoredPod[]> {
  const known = usersByList.get(pods);
  if (known !== undefined) return known;
  const users = new Map<string, StoredPod[]>();
  for (const pod of pods) {
    if ((pod.spec.nodeName ?? '') === '') continue;
    for (const claim of new Set(podClaims(pod).map((each) => each.claim))) {
      const others = users.get(claim);
      if (others === undefined) users.set(claim, [pod]);
      else others.push(pod);
    }
  }
  usersByList.set(pods, users);
  return users;
}

const toldByList = new WeakMap<readonly StoredOf<'Event'>[], ReadonlyMap<string, ReadonlySet<string>>>();

/** `Reason message` of the events about each object, by its uid. Kept as above. */
function toldIn(events: readonly StoredOf<'Event'>[]): ReadonlyMap<string, ReadonlySet<string>> {
  const known = toldByList.get(events);
  if (known !== undefined) return known;
  const told = new Map<string, Set<string>>();
  for (const { involvedObject, reason, message } of events) {
    const uid = involvedObject.uid ?? '';
    const about = told.get(uid) ?? new Set<string>();
    told.set(uid, about.add(`${reason} ${message}`));
  }
  toldByList.set(events, told);
  return told;
}

function observeClaim(store: StoreReader, claim: StoredClaim): ClaimObserved {
  const namespace = namespaceOf(claim);
  return {
    volumes: store.list('PersistentVolume'),
    classes: store.list('StorageClass'),
    nodes: store.list('Node'),
    users: usersIn(store.list('Pod', namespace)).get(claim.metadata.name) ?? [],
    told: toldIn(store.list('Event', namespace)).get(claim.metadata.uid) ?? new Set(),
  };
}

/** Binds claims to volumes (Kubernetes, "Persistent Volumes"). */
export const claimController: Controller<'PersistentVolumeClaim', ClaimObserved> = {
  name: 'persistentvolume-controller',
  kind: 'PersistentVolumeClaim',
  wakes: claimsWokenBy,
  observe: observeClaim,
  plan: (claim, observed) => planClaim(claim, observed),
};

/** Keeps the phases of volumes. */
export const volumeController: Controller<'PersistentVolume', VolumeObserved> = {
  name: 'persistentvolume-controller',
  kind: 'PersistentVolume',
  wakes(changed, store) {
    if (changed.kind !== 'PersistentVolumeClaim') return [];
    const { name } = changed.metadata;
    const namespace = namespaceOf(changed);
    const isOf = ({ claimRef }: { claimRef?: { name?: string; namespace?: string } }): boolean =>
      claimRef?.name === name && (claimRef.namespace ?? 'default') === namespace;
    return store
      .list('PersistentVolume')
      .filter((volume) => isOf(volume.spec) || volume.metadata.name === changed.spec.volumeName)
      .map(keyOf);
  },
  observe(store, volume) {
    const { claimRef } = volume.spec;
    const claim =
      claimRef?.name === undefined
        ? undefined
        : store.get('PersistentVolumeClaim', claimRef.namespace ?? 'default', claimRef.name);
    return { claim };
  },
  plan: planVolume,
};
