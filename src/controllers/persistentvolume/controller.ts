// PersistentVolumes and their claims: who gets which, and in which phase they are. Making, mounting and removing volumes is for the kubelets.
import { podClaims, usesClaim } from '../../model/pod-claims.ts';
import type { ResourceKey, Stored } from '../../model/resource.ts';
import { keyOf } from '../../model/resource.ts';
import type { Controller } from '../../runtime/controller.ts';
import type { StoreReader } from '../../store/store.ts';
import { namespaceOf } from '../claims.ts';
import { BIND_COMPLETED, type StoredClaim } from './facts.ts';
import { type ClaimObserved, planClaim } from './plan-claim.ts';
import { planVolume, type VolumeObserved } from './plan-volume.ts';

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

function toldOf(store: StoreReader, claim: StoredClaim): ReadonlySet<string> {
  const about = store.list('Event', namespaceOf(claim)).filter((event) => event.involvedObject.uid === claim.metadata.uid);
  return new Set(about.map(({ reason, message }) => `${reason} ${message}`));
}

function observeClaim(store: StoreReader, claim: StoredClaim): ClaimObserved {
  const isPlaced = (nodeName: string | undefined): boolean => (nodeName ?? '') !== '';
  return {
    volumes: store.list('PersistentVolume'),
    classes: store.list('StorageClass'),
    nodes: store.list('Node'),
    users: store
      .list('Pod', namespaceOf(claim))
      .filter((pod) => isPlaced(pod.spec.nodeName) && usesClaim(pod, claim.metadata.name)),
    told: toldOf(store, claim),
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
