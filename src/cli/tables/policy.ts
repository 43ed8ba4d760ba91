// The columns of what limits namespaces and pods.
import type { ResourceAmounts, StoredOf } from '../../model/resource.ts';
import { printable } from '../phrases.ts';
import { ageColumn, name, type Tables } from './columns.ts';

/** `cpu: 500m/2, pods: 3/10`: what is used of each limit, of requests or of limits. */
function usage({ spec, status }: StoredOf<'ResourceQuota'>, isLimit: boolean): string {
  const hard: ResourceAmounts = status?.hard ?? spec?.hard ?? {};
  const parts = Object.keys(hard)
    .filter((resource) => resource.startsWith('limits.') === isLimit)
    .toSorted()
    .map((resource) => `${resource}: ${status?.used?.[resource] ?? 0}/${hard[resource] ?? 0}`);
  return printable(parts.join(', '));
}

const orNotAvailable = (value: string | number | undefined): string => (value === undefined ? 'N/A' : String(value));

export const policyTables: Tables = {
  LimitRange: [name, { heading: 'CREATED AT', cell: (range) => range.metadata.creationTimestamp }],
  PodDisruptionBudget: [
    name,
    { heading: 'MIN AVAILABLE', cell: (budget) => orNotAvailable(budget.spec?.minAvailable) },
    { heading: 'MAX UNAVAILABLE', cell: (budget) => orNotAvailable(budget.spec?.maxUnavailable) },
    { heading: 'ALLOWED DISRUPTIONS', cell: (budget) => String(budget.status?.disruptionsAllowed ?? 0) },
    ageColumn,
  ],
  PriorityClass: [
    name,
    { heading: 'VALUE', cell: (priority) => String(priority.value) },
    { heading: 'GLOBAL-DEFAULT', cell: (priority) => String(priority.globalDefault ?? false) },
    ageColumn,
    { heading: 'PREEMPTIONPOLICY', cell: (priority) => priority.preemptionPolicy ?? 'PreemptLowerPriority' },
  ],
  ResourceQuota: [
    name,
    { heading: 'REQUEST', cell: (quota) => usage(quota, false) },
    { heading: 'LIMIT', cell: (quota) => usage(quota, true) },
    ageColumn,
  ],
  RuntimeClass: [name, { heading: 'HANDLER', cell: (runtime) => runtime.handler }, ageColumn],
  ServiceAccount: [name, { heading: 'SECRETS', cell: (account) => String(account.secrets?.length ?? 0) }, ageColumn],
};
