// Namespaces: their phase, and the removal of what is left in one that is gone. What came from a commit is left to sync, which prunes
// it; what an owner made goes with the owner; what was rebuilt from Docker waits to be claimed; claims hold data and always stay.
// So nothing is lost when objects appear before their Namespace does, as they do when a lost store is rebuilt.

import type { Kind, ResourceKey, Stored } from '../../model/resource.ts';
import { APPLICATION_ANNOTATION, controllerOf, displayKey, keyOf } from '../../model/resource.ts';
import type { Controller } from '../../runtime/controller.ts';
import type { StoreReader } from '../../store/store.ts';
import { isRecovered, namespaceOf } from '../claims.ts';

/** The namespace that exists without being declared. */
const DEFAULT_NAMESPACE = 'default';

/** Kinds that go with their namespace, in the order in which they go: a kind waits until those before it are gone. */
const order = ['Deployment', 'ReplicaSet', 'Pod', 'ConfigMap', 'Secret'] as const;
type ContentKind = (typeof order)[number];

/** What decides whether an object goes with its namespace. */
interface NamespaceObserved {
  readonly isNamespaceGone: boolean;
  /** Objects of the kinds that go first. */
  readonly earlier: number;
}

function isGone(store: StoreReader, namespace: string): boolean {
  return namespace !== DEFAULT_NAMESPACE && store.get('Namespace', '', namespace) === undefined;
}

/** Whether the object is nobody else's to remove. */
function isLeftover(resource: Stored): boolean {
  const isApplied = resource.metadata.annotations?.[APPLICATION_ANNOTATION] !== undefined;
  return (
    !isApplied &&
    !isRecovered(resource) &&
    controllerOf(resource) === undefined &&
    resource.metadata.deletionTimestamp === undefined
  );
}

function keysIn(store: StoreReader, kind: Kind, namespace: string): ResourceKey[] {
  const found: readonly Stored[] = store.list(kind, namespace);
  return found.map(keyOf);
}

function contentController<K extends ContentKind>(kind: K): Controller<K, NamespaceObserved> {
  const earlierKinds: readonly Kind[] = order.slice(0, order.indexOf(kind));
  return {
    name: 'namespace-controller',
    kind,
    wakes(changed, store) {
      if (changed.kind === 'Namespace')
        return isGone(store, changed.metadata.name) ? keysIn(store, kind, changed.metadata.name) : [];
      if (!earlierKinds.includes(changed.kind)) return [];
      const namespace = namespaceOf(changed);
      return isGone(store, namespace) ? keysIn(store, kind, namespace) : [];
    },
    observe(store, resource) {
      const namespace = namespaceOf(resource);
      const isNamespaceGone = isGone(store, namespace);
      const earlier = isNamespaceGone ? earlierKinds.flatMap((before) => store.list(before, namespace)).length : 0;
      return { isNamespaceGone, earlier };
    },
    plan(resource, { isNamespaceGone, earlier }) {
      const content: Stored = resource;
      if (!isNamespaceGone || earlier > 0 || !isLeftover(content)) return { actions: [] };
      const key = keyOf(content);
      const message = `${displayKey(key)} was left over from namespace ${key.namespace}, which is gone`;
      return { actions: [{ type: 'delete', key, uid: content.metadata.uid, reason: 'NamespaceDeleted', message }] };
    },
  };
}

/** Reports that a Namespace is Active (Kubernetes, "Namespaces"). */
export const namespaceController: Controller<'Namespace', undefined> = {
  name: 'namespace-controller',
  kind: 'Namespace',
  wakes: () => [],
  observe: () => undefined,
  plan: () => ({ actions: [], status: { phase: 'Active' } }),
};

/** Remove what is left in namespaces that are gone. */
export const deploymentCleanup = contentController('Deployment');
export const replicaSetCleanup = contentController('ReplicaSet');
export const podCleanup = contentController('Pod');
export const configMapCleanup = contentController('ConfigMap');
export const secretCleanup = contentController('Secret');
