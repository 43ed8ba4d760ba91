// What happens to a pod when it is created, before it is stored (Kubernetes, "Admission Control"): what it is given by the policies of its
// namespace, and whether they let it in. Pure; whoever creates pods calls it through src/runtime/admission.ts.
import type {
  LimitRange,
  Namespace,
  ObjectMeta,
  Pod,
  PodSpec,
  PriorityClass,
  ResourceQuota,
  RuntimeClass,
  ServiceAccount,
} from '../generated.ts';
import type { Amounts } from './amounts.ts';
import { LIMIT_RANGER_ANNOTATION, podLimitFaults, withLimitDefaults } from './limits.ts';
import { podSecurityFault } from './policies.ts';
import { priorityOf } from './priority.ts';
import { quotaFault } from './quota.ts';
import { withRuntimeClass } from './runtime-class.ts';

/** The account of pods that name none. Every namespace has it. */
export const DEFAULT_ACCOUNT = 'default';

/** What a pod meets in its namespace. */
export interface PodAdmissionContext {
  readonly namespace: Pick<Namespace, 'metadata'> | undefined;
  readonly limitRanges: readonly LimitRange[];
  readonly priorityClasses: readonly PriorityClass[];
  /** The RuntimeClass of a name; undefined when there is none. */
  readonly runtimeClass: (name: string) => RuntimeClass | undefined;
  /** The account of a name; undefined when there is none. */
  readonly serviceAccount: (name: string) => ServiceAccount | undefined;
  /** Quotas, and what is used of each. */
  readonly quotas: readonly { readonly quota: ResourceQuota; readonly used: Amounts }[];
}

/** The pod as it is to be stored, or why it is refused, in Kubernetes' words. */
export type PodAdmission =
  | { readonly ok: true; readonly pod: Pod /** What is to be recorded. */; readonly audit: readonly string[] }
  | { readonly ok: false; readonly message: string };

/** Judges a pod that is to be created, and gives it what it does not say itself. */
export function admitPod(pod: Pod, context: PodAdmissionContext): PodAdmission {
  const completed = completePod(pod, context);
  if (!completed.ok) return completed;
  const { spec, metadata } = completed.pod;
  const faults = podLimitFaults(spec, context.limitRanges);
  if (faults.length > 0) return { ok: false, message: faults.length === 1 ? (faults[0] ?? '') : `[${faults.join(', ')}]` };
  const violation = podSecurityFault(context.namespace, 'enforce', metadata, spec);
  if (violation !== undefined) return { ok: false, message: violation };
  for (const { quota, used } of context.quotas) {
    const fault = quotaFault(quota, used, completed.pod);
    if (fault !== undefined) return { ok: false, message: fault };
  }
  const audit = podSecurityFault(context.namespace, 'audit', metadata, spec);
  return { ok: true, pod: completed.pod, audit: audit === undefined ? [] : [audit] };
}

/** The part of admission that gives: what its RuntimeClass says, defaults of LimitRanges, the account and its pull secrets, the priority. */
export function completePod(pod: Pod, context: PodAdmissionContext): PodAdmission {
  const classed = withRuntimeClass(pod.spec, context.runtimeClass);
  if (!classed.ok) return classed;
  const { spec: limited, told } = withLimitDefaults(classed.spec, context.limitRanges);
  const accountName = given(limited.serviceAccountName) ?? given(limited.serviceAccount) ?? DEFAULT_ACCOUNT;
  const account = context.serviceAccount(accountName);
  if (account === undefined && accountName !== DEFAULT_ACCOUNT) {
    const where = `${pod.metadata.namespace ?? 'default'}/${accountName}`;
    return { ok: false, message: `error looking up service account ${where}: serviceaccount "${accountName}" not found` };
  }
  const priority = priorityOf(limited, context.priorityClasses);
  if (!priority.ok) return priority;
  const secrets =
    limited.imagePullSecrets?.length === undefined || limited.imagePullSecrets.length === 0
      ? account?.imagePullSecrets
      : undefined;
  const spec: PodSpec = {
    ...limited,
    serviceAccountName: accountName,
    ...(secrets === undefined || secrets.length === 0 ? {} : { imagePullSecrets: secrets }),
    ...priority.fields,
  };
  const metadata: ObjectMeta =
    told === undefined
      ? pod.metadata
      : { ...pod.metadata, annotations: { ...pod.metadata.annotations, [LIMIT_RANGER_ANNOTATION]: told } };
  return { ok: true, pod: { ...pod, metadata, spec }, audit: [] };
}

function given(name: string | undefined): string | undefined {
  return name === '' ? undefined : name;
}

/**
 * A spec as written, with what admission gave to the same spec when `admitted` was made of it. For the comparison of a pod with its manifest:
 * what changed in the policies since then does not change pods that are there.
 */
export function withAdmitted(written: PodSpec, admitted: PodSpec): PodSpec {
  const { serviceAccountName, imagePullSecrets, priority, preemptionPolicy, priorityClassName } = admitted;
  const { overhead, nodeSelector, tolerations } = admitted;
  const ofClass = admitted.runtimeClassName === undefined ? {} : { overhead, nodeSelector, tolerations };
  const given = { serviceAccountName, imagePullSecrets, priority, preemptionPolicy, priorityClassName, ...ofClass };
  const present = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const resourcesOf = new Map(
    [...admitted.containers, ...(admitted.initContainers ?? [])].map(({ name, resources }) => [name, resources]),
  );
  const withResources = <C extends PodSpec['containers'][number]>(container: C): C => {
    const resources = resourcesOf.get(container.name);
    return resources === undefined ? container : { ...container, resources };
  };
  const [first, ...others] = written.containers;
  return {
    ...written,
    ...present,
    containers: [withResources(first), ...others.map(withResources)],
    ...(written.initContainers === undefined ? {} : { initContainers: written.initContainers.map(withResources) }),
  };
}
