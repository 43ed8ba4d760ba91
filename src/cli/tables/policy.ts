// The columns of what limits namespaces and pods.
import type { LabelSelector, ResourceAmounts, StoredOf } from '../../model/resource.ts';
import { printable } from '../phrases.ts';
import { ageColumn, name, orNone, type Tables } from './columns.ts';

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

/** `app=web,tier in (a,b),!old`: a selector as kubectl prints it, by key. */
function selectorText({ matchLabels = {}, matchExpressions = [] }: LabelSelector = {}): string {
  const labels = Object.entries(matchLabels).map(([key, value]) => ({ key, text: `${key}=${value}` }));
  const expressions = matchExpressions.map(({ key, operator, values = [] }) => {
    const list = `(${values.toSorted().join(',')})`;
    const texts = { In: `${key} in ${list}`, NotIn: `${key} notin ${list}`, Exists: key, DoesNotExist: `!${key}` };
    return { key, text: texts[operator] };
  });
  const byKey = [...labels, ...expressions].toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  return orNone(byKey.map(({ text }) => text).join(','));
}

export const policyTables: Tables = {
  LimitRange: [name, { heading: 'CREATED AT', cell: (range) => range.metadata.creationTimestamp }],
  NetworkPolicy: [name, { heading: 'POD-SELECTOR', cell: ({ spec }) => selectorText(spec?.podSelector) }, ageColumn],
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
