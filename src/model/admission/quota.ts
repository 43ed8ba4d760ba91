// ResourceQuotas (Kubernetes, "Resource Quotas"): what an object uses of a namespace, and whether that still fits. The messages are
// Kubernetes' own.

import type { PersistentVolumeClaim, Pod, Resource, ResourceQuota, ResourceQuotaSpec, Service } from '../generated.ts';
import { kindNaming } from '../kinds.generated.ts';
import { isFinished } from '../pod-phase.ts';
import type { Kind } from '../resource.ts';
import { containersOf } from '../workload.ts';
import { type Amounts, added, amountOf, amountsOf, formatAmounts, only } from './amounts.ts';
import { containerAmounts, podAmounts } from './pod-resources.ts';
import { countsPod, isScoped } from './quota-scopes.ts';

/** Kinds whose number has a name of its own in quotas, beside `count/…`. */
const namedKinds: ReadonlySet<Kind> = new Set([
  'Pod',
  'Service',
  'ReplicationController',
  'ResourceQuota',
  'Secret',
  'ConfigMap',
  'PersistentVolumeClaim',
]);
const STANDARD = /^(cpu|memory|ephemeral-storage|hugepages-.*)$/;
/** Resources that every container must give when a quota limits them. */
const DEMANDED = /^(?:(requests|limits)\.)?(cpu|memory)$/;

/** The name under which a kind is counted: `pods`, `deployments.apps`. */
export function resourceName(kind: Kind): string {
  const { plural, apiVersion }: { plural: string; apiVersion: string } = kindNaming[kind];
  return apiVersion.includes('/') ? `${plural}.${apiVersion.split('/', 1)[0]}` : plural;
}

const known = new WeakMap<object, Amounts>();

/** What one object uses, in the words of quotas. Pods that have ended use nothing. */
export function usageOf(resource: Resource): Amounts {
  if (resource.kind === 'Pod') return isFinished(resource) ? {} : podUsage(resource);
  const before = known.get(resource);
  if (before !== undefined) return before;
  const name = resourceName(resource.kind);
  const usage: Record<string, number> = { [`count/${name}`]: 1 };
  if (namedKinds.has(resource.kind)) usage[name] = 1;
  if (resource.kind === 'PersistentVolumeClaim') Object.assign(usage, claimUsage(resource));
  if (resource.kind === 'Service') Object.assign(usage, serviceUsage(resource));
  known.set(resource, usage);
  return usage;
}

function podUsage({ spec }: Pod): Amounts {
  const before = known.get(spec);
  if (before !== undefined) return before;
  const usage: Record<string, number> = { pods: 1, 'count/pods': 1 };
  for (const [name, amount] of Object.entries(podAmounts(spec, 'requests'))) {
    if (STANDARD.test(name)) usage[name] = amount;
    usage[`requests.${name}`] = amount;
  }
  for (const [name, amount] of Object.entries(podAmounts(spec, 'limits')))
    if (STANDARD.test(name)) usage[`limits.${name}`] = amount;
  known.set(spec, usage);
  return usage;
}

function claimUsage({ spec, metadata }: PersistentVolumeClaim): Amounts {
  const storage = amountOf('storage', spec.resources.requests?.['storage']);
  const className = spec.storageClassName ?? metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? '';
  const ofClass = `${className}.storageclass.storage.k8s.io/`;
  return {
    'requests.storage': storage,
    ...(className === '' ? {} : { [`${ofClass}requests.storage`]: storage, [`${ofClass}persistentvolumeclaims`]: 1 }),
  };
}

function serviceUsage({ spec }: Service): Amounts {
  const ports = spec.ports?.length ?? 0;
  if (spec.type === 'NodePort') return { 'services.nodeports': ports };
  if (spec.type !== 'LoadBalancer') return {};
  const published =
    spec.allocateLoadBalancerNodePorts === false
      ? (spec.ports ?? []).filter((port) => port.nodePort !== undefined).length
      : ports;
  return { 'services.loadbalancers': 1, 'services.nodeports': published };
}

/** What of an object's usage a quota counts: resources that it limits, of objects in its scopes. */
export function countedUsage(spec: ResourceQuotaSpec, resource: Resource): Amounts {
  if (isScoped(spec) && (resource.kind !== 'Pod' || !countsPod(spec, resource))) return {};
  return only(usageOf(resource), Object.keys(spec.hard ?? {}));
}

/** What objects use of a quota, every limited resource named. */
export function totalUsage(spec: ResourceQuotaSpec, resources: Iterable<Resource>): Amounts {
  let total: Amounts = Object.fromEntries(Object.keys(spec.hard ?? {}).map((name) => [name, 0]));
  for (const resource of resources) total = added(total, countedUsage(spec, resource));
  return total;
}

const kindsCounted = new WeakMap<ResourceQuotaSpec, readonly Kind[]>();

/** Kinds that a quota has to look at. */
export function countedKinds(spec: ResourceQuotaSpec): readonly Kind[] {
  const before = kindsCounted.get(spec);
  if (before !== undefined) return before;
  const names = Object.keys(spec.hard ?? {});
  const kinds = (Object.keys(kindNaming) as Kind[]).filter((kind) => {
    if (!kindNaming[kind].isNamespaced) return false;
    const own = resourceName(kind);
    if (names.some((name) => name === own || name === `count/${own}`)) return true;
    if (kind === 'Service') return names.some((name) => name.startsWith('services.'));
    if (kind === 'PersistentVolumeClaim')
      return names.some((name) => name.includes('storageclass.storage.k8s.io/') || name === 'requests.storage');
    return kind === 'Pod' && names.some((name) => /^(requests|limits)\./.test(name) || STANDARD.test(name));
  });
  kindsCounted.set(spec, kinds);
  return kinds;
}

/**
 * Why an object cannot be made in a namespace of which `used` is used already; undefined when it can. A quota that limits processors or
 * memory demands that every container gives them. `times` objects of the sort are asked for at once.
 */
export function quotaFault(
  { metadata, spec = {} }: ResourceQuota,
  used: Amounts,
  resource: Resource,
  times = 1,
): string | undefined {
  const missing =
    resource.kind === 'Pod' && !(isScoped(spec) && !countsPod(spec, resource)) ? missingAmounts(spec, resource) : '';
  if (missing !== '') return `failed quota: ${metadata.name}: must specify ${missing}`;
  const counted = Object.entries(countedUsage(spec, resource));
  const requested = Object.fromEntries(counted.map(([name, amount]) => [name, amount * times]));
  const hard = amountsOf(spec.hard);
  const exceeded = Object.entries(requested)
    .filter(([name, amount]) => amount > 0 && amount + (used[name] ?? 0) > (hard[name] ?? 0))
    .map(([name]) => name);
  if (exceeded.length === 0) return undefined;
  const [wanted, has, limit] = [requested, used, hard].map((amounts) => formatAmounts(only(amounts, exceeded)));
  return `exceeded quota: ${metadata.name}, requested: ${wanted}, used: ${has}, limited: ${limit}`;
}

/** `cpu for: app; memory for: app,web` */
function missingAmounts({ hard = {} }: ResourceQuotaSpec, { spec }: Pod): string {
  const faults = Object.keys(hard)
    .toSorted()
    .flatMap((name) => {
      const [, side = 'requests', resource = ''] = DEMANDED.exec(name) ?? [];
      if (resource === '' || podLevel(spec, side, resource)) return [];
      const lacking = containersOf(spec).filter(
        (container) => containerAmounts(container, side === 'limits' ? 'limits' : 'requests')[resource] === undefined,
      );
      return lacking.length === 0 ? [] : [`${name} for: ${lacking.map((container) => container.name).join(',')}`];
    });
  return faults.join('; ');
}

function podLevel({ resources }: Pod['spec'], side: string, resource: string): boolean {
  return amountsOf(side === 'limits' ? resources?.limits : resources?.requests)[resource] !== undefined;
}
