// The order of the result (kustomize's SortOrderTransformer): as read, or by kind.
import type { BuildResource, KustomizationFile, PlainMap } from './resource.ts';
import { currentId } from './steps/identity.ts';

const kindsFirst = [
  'Namespace',
  'ResourceQuota',
  'StorageClass',
  'CustomResourceDefinition',
  'ServiceAccount',
  'PodSecurityPolicy',
  'Role',
  'ClusterRole',
  'RoleBinding',
  'ClusterRoleBinding',
  'ConfigMap',
  'Secret',
  'Endpoints',
  'Service',
  'LimitRange',
  'PriorityClass',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'Deployment',
  'StatefulSet',
  'CronJob',
  'PodDisruptionBudget',
];
const kindsLast = ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'];

/** The objects in the order that the outermost kustomization asks for: by kind when it does not ask, as `kustomize build` has it. */
export function inOrder(resources: readonly BuildResource[], root: KustomizationFile): readonly BuildResource[] {
  const { order = 'legacy', legacySortOptions } = (root.value['sortOptions'] ?? {}) as PlainMap;
  if (order === 'fifo') return resources;
  const { orderFirst = [], orderLast = [] } = (legacySortOptions ?? { orderFirst: kindsFirst, orderLast: kindsLast }) as {
    orderFirst?: readonly string[];
    orderLast?: readonly string[];
  };
  const ranks = new Map<string, number>();
  for (const [index, kind] of orderFirst.entries()) ranks.set(kind, index - orderFirst.length);
  for (const [index, kind] of orderLast.entries()) ranks.set(kind, index + 1);
  return resources
    .map((resource) => ({ resource, key: sortKey(resource, ranks) }))
    .toSorted((one, other) => compare(one.key, other.key))
    .map(({ resource }) => resource);
}

function sortKey(resource: BuildResource, ranks: ReadonlyMap<string, number>): readonly (number | string)[] {
  const { group, version, kind, namespace, name } = currentId(resource.value);
  return [
    ranks.get(kind) ?? 0,
    [group === '' ? '~G' : group, version === '' ? '~V' : version, kind === '' ? '~K' : kind].join('_'),
    [namespace === '' ? '~X' : namespace, name === '' ? '~N' : name].join('|'),
  ];
}

function compare(one: readonly (number | string)[], other: readonly (number | string)[]): number {
  for (const [index, mine] of one.entries()) {
    const theirs = other[index] ?? '';
    if (mine !== theirs) return mine < theirs ? -1 : 1;
  }
  return 0;
}
