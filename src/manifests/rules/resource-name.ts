// Names of resources in quotas and limits (Kubernetes, pkg/apis/core/helper). Every check returns what is wrong, or undefined.
import { checkQualifiedName, type Fault } from './syntax.ts';

const computed = ['cpu', 'memory', 'ephemeral-storage'];
/** What is counted in whole numbers. */
const counted = [
  'pods',
  'services',
  'replicationcontrollers',
  'resourcequotas',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'services.nodeports',
  'services.loadbalancers',
];
const totals = ['requests', 'limits'].flatMap((prefix) => computed.map((name) => `${prefix}.${name}`));
const ofQuota: ReadonlySet<string> = new Set([...computed, ...totals, 'requests.storage', ...counted]);
const ofAnything: ReadonlySet<string> = new Set([...ofQuota, 'storage']);
const ofPods: ReadonlySet<string> = new Set([
  'pods',
  ...['cpu', 'memory', ...totals].filter((name) => !name.includes('ephemeral')),
]);

const isHugePages = (name: string): boolean => name.startsWith('hugepages-') || name.startsWith('requests.hugepages-');

/** What a ResourceQuota can count: a well-known name, or one with a domain such as `count/jobs.batch`. */
export function checkQuotaResource(name: string): Fault {
  return checkAgainst(name, ofQuota, 'must be a standard resource for quota');
}

/** What a LimitRange can bound. */
export function checkLimitedResource(name: string, type: string): Fault {
  return type === 'Pod' || type === 'Container'
    ? checkAgainst(name, new Set(computed), 'must be a standard resource for containers')
    : checkAgainst(name, ofAnything, 'must be a standard resource type or fully qualified');
}

function checkAgainst(name: string, standard: ReadonlySet<string>, otherwise: string): Fault {
  const fault = checkQualifiedName(name);
  if (fault !== undefined) return fault;
  return name.includes('/') || standard.has(name) || isHugePages(name) ? undefined : otherwise;
}

/** Whether only whole numbers of a resource make sense: objects, and devices that somebody else hands out. */
export function isWhole(name: string): boolean {
  if (counted.includes(name)) return true;
  return name.includes('/') && !name.split('/')[0]?.endsWith('kubernetes.io') && !name.startsWith('requests.');
}

/** Whether a quota with this scope, which looks at pods alone, can count the resource. Names of others are not judged. */
export function fitsScope(name: string, scope: string): boolean {
  if (!ofQuota.has(name)) return true;
  if (scope === 'BestEffort') return name === 'pods';
  if (scope === 'VolumeAttributesClass') return name === 'persistentvolumeclaims' || name === 'requests.storage';
  return ofPods.has(name);
}

/** Whether more of it may be promised than there is. */
export function mayExceed(name: string): boolean {
  return !isHugePages(name) && (!name.includes('/') || name.includes('kubernetes.io/'));
}
