// Namespaces: their phase, the orderly end of one that is asked to go, and the removal of what is left in one that is gone all the same.
// The Docker volumes of claims stay, whatever happens to the claims.

import { isEnding } from '../../model/deletion.ts';
import type { Kind, ResourceKey, Stored, StoredOf } from '../../model/resource.ts';
import { APPLICATION_ANNOTATION, controllerOf, displayKey, isNamespaced, keyOf } from '../../model/resource.ts';
import type { Controller } from '../../runtime/controller.ts';
import type { StoreReader } from '../../store/store.ts';
import { isRecovered, namespaceOf } from '../claims.ts';
import { contentKinds, contentOf, isRunning } from './content.ts';
import { type NamespaceObserved, planNamespace } from './plan.ts';

/** The namespace that exists without being declared. */
const DEFAULT_NAMESPACE = 'default';

/** Reports a Namespace's phase, and empties one that is asked to go (Kubernetes, "Namespaces"). */
export const namespaceController: Controller<'Namespace', NamespaceObserved> = {
  name: 'namespace-controller',
  kind: 'Namespace',
  wakes(changed, store) {
    if (!isNamespaced(changed.kind)) return [];
    const namespace = store.get('Namespace', '', namespaceOf(changed));
    return namespace !== undefined && isEnding(namespace) ? [keyOf(namespace)] : [];
  },
  observe(store, namespace) {
    const { name } = namespace.metadata;
    if (!isEnding(namespace)) return { content: [], events: [] };
    return { content: contentOf(store, name), events: store.list('Event', name) };
  },
  plan: planNamespace,
};

/** What decides whether an object is left over: its namespace is gone, and nothing that goes first is left. */
interface LeftoverObserved {
  readonly isNamespaceGone: boolean;
  readonly earlier: number;
}

/** Kinds that go with a namespace that is gone. Claims hold data and stay. */
const leftoverKinds: readonly Kind[] = contentKinds.filter((kind) => kind !== 'PersistentVolumeClaim');

function isGone(store: StoreReader, namespace: string): boolean {
  return namespace !== DEFAULT_NAMESPACE && store.get('Namespace', '', namespace) === undefined;
}

/**
 * Whether the object is nobody else's to remove: what came from a commit is left to sync, what an owner made goes with the owner, what
 * was rebuilt from Docker waits to be claimed. So nothing is lost when objects appear before their Namespace does, as they do when a lost
 * store is rebuilt.
 */
function isLeftover(resource: Stored): boolean {
  const isApplied = resource.metadata.annotations?.[APPLICATION_ANNOTATION] !== undefined;
  return !isApplied && !isRecovered(resource) && controllerOf(resource) === undefined && !isEnding(resource);
}

/** Removes what is left in namespaces that are gone. */
export const namespaceCleanup: Controller<Kind, LeftoverObserved> = {
  name: 'namespace-controller',
  kind: leftoverKinds,
  wakes(changed, store): readonly ResourceKey[] {
    const isContent = isNamespaced(changed.kind) && changed.kind !== 'Event';
    if (changed.kind !== 'Namespace' && !isContent) return [];
    const namespace = changed.kind === 'Namespace' ? changed.metadata.name : namespaceOf(changed);
    // Only what has gone makes way for what goes after it.
    if (isContent && store.get<Kind>(changed.kind, namespace, changed.metadata.name) !== undefined) return [];
    return isGone(store, namespace) ? contentOf(store, namespace).map(keyOf) : [];
  },
  observe(store, resource: StoredOf<Kind>) {
    const namespace = namespaceOf(resource);
    if (!isGone(store, namespace)) return { isNamespaceGone: false, earlier: 0 };
    const earlier = isRunning(resource) ? 0 : contentOf(store, namespace).filter(isRunning).length;
    return { isNamespaceGone: true, earlier };
  },
  plan(resource: StoredOf<Kind>, { isNamespaceGone, earlier }) {
    if (!isNamespaceGone || earlier > 0 || !isLeftover(resource)) return { actions: [] };
    const key = keyOf(resource);
    const message = `${displayKey(key)} was left over from namespace ${key.namespace}, which is gone`;
    return { actions: [{ type: 'delete', key, uid: resource.metadata.uid, reason: 'NamespaceDeleted', message }] };
  },
};
