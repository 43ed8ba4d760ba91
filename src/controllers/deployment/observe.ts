// What the Deployment controller reads before it plans.

import type { StoredOf } from '../../model/resource.ts';
import { controllerOf } from '../../model/resource.ts';
import { templateHash } from '../../model/rollout.ts';
import { matchesSelector } from '../../model/selector.ts';
import type { StoreReader } from '../../store/store.ts';
import { isOrphan, isOwnerGone, namespaceOf } from '../claims.ts';
import { replicaSetName } from './template.ts';

/** A Deployment's surroundings. */
export interface DeploymentObserved {
  /** ReplicaSets whose managing controller is the Deployment. */
  readonly owned: readonly StoredOf<'ReplicaSet'>[];
  /** ReplicaSets that it may adopt: its selector matches, nobody owns them. */
  readonly orphans: readonly StoredOf<'ReplicaSet'>[];
  /** Pods of each owned ReplicaSet by the set's uid, terminating and finished ones included. */
  readonly podsOf: ReadonlyMap<string, readonly StoredOf<'Pod'>[]>;
  /** Pods that the selector matches and whose ReplicaSet is gone: they are about to be deleted. */
  readonly strayPods: readonly StoredOf<'Pod'>[];
  /** Whoever has the name that the current template's ReplicaSet would get. */
  readonly namesake: StoredOf<'ReplicaSet'> | undefined;
  /** The namesake's owner does not exist any more, so the name will be free soon. */
  readonly isNamesakeGoing: boolean;
}

/** Reads them. */
export function observeDeployment(store: StoreReader, deployment: StoredOf<'Deployment'>): DeploymentObserved {
  const namespace = namespaceOf(deployment);
  const { selector } = deployment.spec;
  const owned = store.listOwned('ReplicaSet', deployment.metadata.uid);
  const isMatched = (resource: StoredOf<'ReplicaSet'> | StoredOf<'Pod'>): boolean =>
    matchesSelector(selector, resource.metadata.labels);
  const orphans = store.list('ReplicaSet', namespace).filter((set) => isMatched(set) && isOrphan(store, set));
  const strayPods = store.list('Pod', namespace).filter((pod) => {
    const owner = controllerOf(pod);
    return owner?.kind === 'ReplicaSet' && isMatched(pod) && isOwnerGone(store, namespace, owner);
  });
  const namesake = store.get('ReplicaSet', namespace, replicaSetName(deployment, templateHash(deployment)));
  const namesakeOwner = namesake === undefined ? undefined : controllerOf(namesake);
  return {
    owned,
    orphans,
    podsOf: new Map(owned.map((set) => [set.metadata.uid, store.listOwned('Pod', set.metadata.uid)])),
    strayPods,
    namesake,
    isNamesakeGoing: namesakeOwner !== undefined && isOwnerGone(store, namespace, namesakeOwner),
  };
}
