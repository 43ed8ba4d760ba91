// Which pods a quota counts (Kubernetes, "Resource Quotas": quota scopes).
import type { Affinity, Pod, ResourceQuotaSpec, ScopeRequirement } from '../generated.ts';
import { isBestEffort } from './pod-resources.ts';

type Scope = ScopeRequirement['scopeName'];

/** Whether a quota counts pods of certain sorts only: then it counts nothing else. */
export function isScoped({ scopes = [], scopeSelector }: ResourceQuotaSpec): boolean {
  return scopes.length + (scopeSelector?.matchExpressions ?? []).length > 0;
}

/** Whether a quota counts this pod. */
export function countsPod({ scopes = [], scopeSelector }: ResourceQuotaSpec, pod: Pod): boolean {
  const requirements: readonly ScopeRequirement[] = [
    ...scopes.map((scopeName): ScopeRequirement => ({ scopeName, operator: 'Exists' })),
    ...(scopeSelector?.matchExpressions ?? []),
  ];
  return requirements.every((requirement) => holds(requirement, pod));
}

function holds({ scopeName, operator, values = [] }: ScopeRequirement, pod: Pod): boolean {
  if (scopeName !== 'PriorityClass') return isOf(scopeName, pod);
  const name = pod.spec.priorityClassName ?? '';
  if (operator === 'Exists') return name !== '';
  if (operator === 'DoesNotExist') return name === '';
  return values.includes(name) === (operator === 'In');
}

function isOf(scope: Scope, { spec }: Pod): boolean {
  switch (scope) {
    case 'Terminating':
      return spec.activeDeadlineSeconds !== undefined;
    case 'NotTerminating':
      return spec.activeDeadlineSeconds === undefined;
    case 'BestEffort':
      return isBestEffort(spec);
    case 'NotBestEffort':
      return !isBestEffort(spec);
    case 'CrossNamespacePodAffinity':
      return crossesNamespaces(spec.affinity);
    case 'PriorityClass':
      return (spec.priorityClassName ?? '') !== '';
    case 'VolumeAttributesClass':
      break;
  }
  return false;
}

function crossesNamespaces(affinity: Affinity | undefined): boolean {
  return [affinity?.podAffinity, affinity?.podAntiAffinity].some((terms) =>
    [
      ...(terms?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
      ...(terms?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(({ podAffinityTerm }) => podAffinityTerm),
    ].some(({ namespaces = [], namespaceSelector }) => namespaces.length > 0 || namespaceSelector !== undefined),
  );
}
