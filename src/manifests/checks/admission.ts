// What the policies of a namespace would refuse of the pods and objects of a set: bounds of LimitRanges, ResourceQuotas, Pod Security. In
// Kubernetes such pods are refused one by one, after the objects that make them were accepted; here the commit is, before anything changes.
import { admitPod, type PodAdmissionContext } from '../../model/admission/admit-pod.ts';
import { type Amounts, added } from '../../model/admission/amounts.ts';
import { claimLimitFaults } from '../../model/admission/limits.ts';
import { podSecurityFault, policyFaults, policyOf } from '../../model/admission/policies.ts';
import { systemPriorityClasses } from '../../model/admission/priority.ts';
import { countedUsage, quotaFault, totalUsage } from '../../model/admission/quota.ts';
import type { Namespace, Pod, PodSpec, Resource, ResourceQuota } from '../../model/resource.ts';
import { podTemplateOf } from '../../model/workload.ts';
import type { Facts } from './facts.ts';
import type { ObjectSet, Tell } from './object-set.ts';

/** The policies of one namespace as they will be, and what is used of its quotas so far. */
interface Policies {
  readonly context: Omit<PodAdmissionContext, 'quotas'>;
  readonly quotas: { readonly quota: ResourceQuota; used: Amounts }[];
  readonly isStrict: boolean;
}

export function checkAdmission(set: ObjectSet, tell: Tell): void {
  for (const at of set.ofKind('Namespace'))
    for (const { label, message } of policyFaults(at.resource.metadata))
      tell({ at, path: ['metadata', 'labels', label], severity: 'error', reason: 'Invalid', message });
  const policies = new Map<string, Policies>();
  for (const at of set.members) {
    const { namespace } = at.key;
    if (namespace === '') continue;
    const here = policies.get(namespace) ?? policiesOf(set, namespace);
    policies.set(namespace, here);
    checkPods(at, here, tell);
    checkClaim(at, here, tell);
    for (const each of here.quotas) checkQuota(at, each, here, tell);
  }
}

function policiesOf(set: ObjectSet, namespace: string): Policies {
  const existing = set.surroundings.policies?.(namespace);
  const own = <R extends Facts>(facts: readonly R[]): R['resource'][] =>
    facts.filter(({ key }) => key.namespace === namespace || key.namespace === '').map(({ resource }) => resource);
  const beside = <R extends Resource>(resources: readonly R[] | undefined): readonly R[] =>
    (resources ?? []).filter(
      ({ kind, metadata }) => set.byId(`${kind}/${metadata.namespace ?? ''}/${metadata.name ?? ''}`) === undefined,
    );
  const declared = set.byId(`Namespace//${namespace}`)?.resource;
  const owner: Namespace | undefined = declared?.kind === 'Namespace' ? declared : existing?.namespace;
  const accounts = [...own(set.ofKind('ServiceAccount')), ...beside(existing?.serviceAccounts)];
  const runtimeClasses = [...own(set.ofKind('RuntimeClass')), ...beside(existing?.runtimeClasses)];
  const context = {
    namespace: owner,
    limitRanges: [...own(set.ofKind('LimitRange')), ...beside(existing?.limitRanges)],
    priorityClasses: [...own(set.ofKind('PriorityClass')), ...beside(existing?.priorityClasses)],
    runtimeClass: (name: string) => runtimeClasses.find(({ metadata }) => metadata.name === name),
    // One that is missing is told as a reference that leads nowhere.
    serviceAccount: (name: string) =>
      accounts.find(({ metadata }) => metadata.name === name) ?? {
        apiVersion: 'v1' as const,
        kind: 'ServiceAccount' as const,
        metadata: { name },
      },
  };
  const quotas = [...own(set.ofKind('ResourceQuota')), ...beside(existing?.quotas)].map((quota) => ({
    quota,
    used: totalUsage(quota.spec ?? {}, existing?.others ?? []),
  }));
  const isStrict = policyOf(owner, 'enforce').level !== 'privileged' || policyOf(owner, 'warn').level !== 'privileged';
  return { context, quotas, isStrict };
}

/** One of the pods that an object makes, or is. */
function podOf(at: Facts, { context }: Policies): Pod | undefined {
  if (at.pods === undefined) return undefined;
  const { resource } = at;
  const template = resource.kind === 'Pod' ? resource.metadata : podTemplateOf(resource)?.metadata;
  const metadata = { ...template, name: at.key.name, namespace: at.key.namespace };
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec: withKnownClasses(at.pods.spec, context) };
}

/** Classes that are missing are told as references that lead nowhere. */
function withKnownClasses(spec: PodSpec, { priorityClasses, runtimeClass }: Policies['context']): PodSpec {
  const { priorityClassName: priority = '', runtimeClassName: runtime = '' } = spec;
  const isPriorityKnown =
    Object.hasOwn(systemPriorityClasses, priority) || priorityClasses.some(({ metadata }) => metadata.name === priority);
  const isRuntimeKnown = runtime !== '' && runtimeClass(runtime) !== undefined;
  const { priorityClassName: _priority, runtimeClassName: _runtime, ...rest } = spec;
  return {
    ...rest,
    ...(isPriorityKnown ? { priorityClassName: priority } : {}),
    ...(isRuntimeKnown ? { runtimeClassName: runtime } : {}),
  };
}

function checkPods(at: Facts, policies: Policies, tell: Tell): void {
  const { context, isStrict } = policies;
  const spec = at.pods?.spec;
  const isPlain =
    !isStrict && context.limitRanges.length === 0 && spec?.priority === undefined && spec?.preemptionPolicy === undefined;
  const pod = isPlain ? undefined : podOf(at, policies);
  if (pod === undefined || at.pods === undefined) return;
  const admission = admitPod(pod, { ...context, quotas: [] });
  const { path } = at.pods;
  if (!admission.ok) {
    const who = at.resource.kind === 'Pod' ? 'it' : 'its pods';
    tell({ at, path, severity: 'error', reason: 'Forbidden', message: `${who} would be refused: ${admission.message}` });
  }
  const warning = podSecurityFault(context.namespace, 'warn', pod.metadata, pod.spec);
  if (warning !== undefined && admission.ok) tell({ at, path, severity: 'note', reason: 'Forbidden', message: warning });
}

function checkClaim(at: Facts, { context }: Policies, tell: Tell): void {
  if (at.resource.kind !== 'PersistentVolumeClaim') return;
  for (const message of claimLimitFaults(at.resource, context.limitRanges))
    tell({ at, path: ['spec', 'resources'], severity: 'error', reason: 'Forbidden', message });
}

/** The object itself, and its pods when all of them are there. */
function checkQuota(at: Facts, each: { readonly quota: ResourceQuota; used: Amounts }, policies: Policies, tell: Tell): void {
  const { quota } = each;
  const take = (resource: Resource, times: number): void => {
    const fault = quotaFault(quota, each.used, resource, times);
    if (fault !== undefined)
      tell({ at, path: at.pods?.path ?? ['metadata', 'name'], severity: 'error', reason: 'Forbidden', message: fault });
    const usage = countedUsage(quota.spec ?? {}, resource);
    each.used = added(each.used, Object.fromEntries(Object.entries(usage).map(([name, amount]) => [name, amount * times])));
  };
  const isPod = at.resource.kind === 'Pod';
  if (!isPod) take(at.resource, 1);
  const plain = podOf(at, policies);
  const admission = plain === undefined ? undefined : admitPod(plain, { ...policies.context, quotas: [] });
  // Pods of a DaemonSet are one for each node; those of a CronJob come and go.
  const count = at.pods?.count ?? 0;
  if (admission?.ok === true && at.resource.kind !== 'CronJob') take(admission.pod, Number.isFinite(count) ? count : 1);
}
