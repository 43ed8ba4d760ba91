// The order of the result (kustomize's SortOrderTransformer): as read, or by kind.
import type { BuildResource, KustomizationFile, PlainMap, ResourceId } from './resource.ts';
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

const kindRanks = ranksOf(kindsFirst, kindsLast);

function ranksOf(first: readonly string[], last: readonly string[]): ReadonlyMap<string, number> {
  return new Map([
    ...first.map((kind, index): [string, number] => [kind, index - first.length]),
    ...last.map((kind, index): [string, number] => [kind, index + 1]),
  ]);
}

/** How the group, version and kind of two specs are ordered: as those of objects, and what is for any kind comes last. */
export function compareKinds(one: Kinds, other: Kinds): number {
  const keyOf = (kinds: Kinds): readonly (number | string)[] => [kindRanks.get(kinds.kind) ?? 0, kindText(kinds)];
  return compare(keyOf(one), keyOf(other));
}

type Kinds = Pick<ResourceId, 'group' | 'version' | 'kind'>;

function kindText({ group, version, kind }: Kinds): string {
  return [group === '' ? '~G' : group, version === '' ? '~V' : version, kind === '' ? '~K' : kind].join('_');
}

/** The objects in the order that the outermost kustomization asks for: by kind when it does not ask, as `kustomize build` has it. */
export function inOrder(resources: readonly BuildResource[], root: KustomizationFile): readonly BuildResource[] {
  const { order = 'legacy', legacySortOptions } = (root.value['sortOptions'] ?? {}) as PlainMap;
  if (order === 'fifo') return resources;
  const { orderFirst = [], orderLast = [] } = (legacySortOptions ?? { orderFirst: kindsFirst, orderLast: kindsLast }) as {
    orderFirst?: readonly string[];
    orderLast?: readonly string[];
  };
  const ranks = ranksOf(orderFirst, orderLast);
  return resources
    .map((resource) => ({ resource, key: sortKey(resource, ranks) }))
    .toSorted((one, other) => compare(one.key, other.key))
    .map(({ resource }) => resource);
}

function sortKey(resource: BuildResource, ranks: ReadonlyMap<string, number>): readonly (number | string)[] {
  const { namespace, name, ...kinds } = currentId(resource.value);
  return [
    ranks.get(kinds.kind) ?? 0,
    kindText(kinds),
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
