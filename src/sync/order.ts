// Keys: their order of application, and the way from one to its object. Pure.
import { type InventoryEntry, type Kind, keyString, parseKey, type ResourceKey, type Stored } from '../model/resource.ts';
import type { StoreReader } from '../store/store.ts';

/** What others refer to comes before them: names and rules, then configuration and storage, then what runs, then what leads to it. */
const kindOrder: readonly Kind[] = [
  'Namespace',
  'ResourceQuota',
  'LimitRange',
  'StorageClass',
  'VolumeAttributesClass',
  'CSIDriver',
  'RuntimeClass',
  'PriorityClass',
  'ServiceAccount',
  'ClusterRole',
  'Role',
  'ClusterRoleBinding',
  'RoleBinding',
  'ConfigMap',
  'Secret',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'PodDisruptionBudget',
  'NetworkPolicy',
  'Service',
  'Endpoints',
  'EndpointSlice',
  'DaemonSet',
  'Pod',
  'ReplicationController',
  'ReplicaSet',
  'Deployment',
  'StatefulSet',
  'Job',
  'CronJob',
  'IngressClass',
];

const rankOf = (kind: Kind): number => {
  const rank = kindOrder.indexOf(kind);
  return rank === -1 ? kindOrder.length : rank;
};

/** Compares by the order in which kinds are applied, then by name: what others refer to comes first. */
export function byApplyOrder(a: ResourceKey, b: ResourceKey): number {
  const rank = rankOf(a.kind) - rankOf(b.kind);
  if (rank !== 0) return rank;
  const [left, right] = [keyString(a), keyString(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

/** The stored object of a key. */
export function liveOf(reader: StoreReader, key: ResourceKey): Stored | undefined {
  return reader.get<Kind>(key.kind, key.namespace, key.name);
}

/** The key of an inventory entry. */
export function keyOfEntry(entry: Pick<InventoryEntry, 'kind' | 'namespace' | 'name'>): ResourceKey {
  return parseKey(`${entry.kind}/${entry.namespace}/${entry.name}`);
}
