// Rules for roles, bindings and accounts (Kubernetes, pkg/apis/rbac/validation). Names of roles are judged with their metadata.
import type {
  ClusterRole,
  ClusterRoleBinding,
  PolicyRule,
  Role,
  RoleBinding,
  ServiceAccount,
  Subject,
} from '../../model/resource.ts';
import type { Path } from '../place.ts';
import { invalid, type Report, required, unsupported } from '../report.ts';
import { eachOf, holds, holdsIfGiven } from './fault.ts';
import { checkSelector } from './metadata.ts';
import { checkPathSegment } from './names.ts';
import { checkDnsSubdomain } from './syntax.ts';

const GROUP = 'rbac.authorization.k8s.io';

/** What may be done in a namespace. */
export function checkRole({ rules }: Role, report: Report): void {
  for (const [rule, here] of eachOf(rules, ['rules'])) checkRule(rule, true, here, report);
}

/** What may be done everywhere. The rules of an aggregated role are made, and those that it is written with are judged all the same. */
export function checkClusterRole({ rules, aggregationRule }: ClusterRole, report: Report): void {
  for (const [rule, here] of eachOf(rules, ['rules'])) checkRule(rule, false, here, report);
  if (aggregationRule === undefined) return;
  const path = ['aggregationRule', 'clusterRoleSelectors'];
  const { clusterRoleSelectors = [] } = aggregationRule;
  if (clusterRoleSelectors.length === 0)
    report(path, 'Required', required('at least one clusterRoleSelector required if aggregationRule is non-nil'));
  for (const [selector, here] of eachOf(clusterRoleSelectors, path)) checkSelector(selector, here, report);
}

function checkRule(rule: PolicyRule, isNamespaced: boolean, path: Path, report: Report): void {
  const { apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] } = rule;
  if (nonResourceURLs.length > 0) {
    const here = [...path, 'nonResourceURLs'];
    if (isNamespaced) report(here, 'Invalid', invalid(nonResourceURLs, 'namespaced rules cannot apply to non-resource URLs'));
    if (apiGroups.length + resources.length + resourceNames.length > 0)
      report(here, 'Invalid', invalid(nonResourceURLs, 'rules cannot apply to both regular resources and non-resource URLs'));
    return;
  }
  if (apiGroups.length === 0)
    report([...path, 'apiGroups'], 'Required', required('resource rules must supply at least one api group'));
  if (resources.length === 0)
    report([...path, 'resources'], 'Required', required('resource rules must supply at least one resource'));
}

/** A binding after its defaults are set. */
export function checkRoleBinding({ kind, roleRef, subjects }: RoleBinding | ClusterRoleBinding, report: Report): void {
  const isNamespaced = kind === 'RoleBinding';
  if (roleRef.apiGroup !== GROUP) report(['roleRef', 'apiGroup'], 'Invalid', unsupported(roleRef.apiGroup ?? '', [GROUP]));
  if (!isNamespaced && roleRef.kind !== 'ClusterRole')
    report(['roleRef', 'kind'], 'Invalid', unsupported(roleRef.kind, ['ClusterRole']));
  holds(checkPathSegment(roleRef.name), roleRef.name, ['roleRef', 'name'], report);
  for (const [subject, here] of eachOf(subjects, ['subjects'])) checkSubject(subject, isNamespaced, here, report);
}

function checkSubject(subject: Subject, isNamespaced: boolean, path: Path, report: Report): void {
  const { kind, name, namespace, apiGroup } = subject;
  if (kind !== 'ServiceAccount') {
    if (apiGroup !== GROUP) report([...path, 'apiGroup'], 'Invalid', unsupported(apiGroup ?? '', [GROUP]));
    return;
  }
  holds(checkDnsSubdomain(name), name, [...path, 'name'], report);
  if (apiGroup !== undefined) report([...path, 'apiGroup'], 'Invalid', unsupported(apiGroup, ['']));
  if (!isNamespaced && namespace === undefined) report([...path, 'namespace'], 'Required', required());
}

/** Names of Secrets. */
export function checkServiceAccount({ imagePullSecrets }: ServiceAccount, report: Report): void {
  for (const [{ name }, here] of eachOf(imagePullSecrets, ['imagePullSecrets']))
    holdsIfGiven(name, checkDnsSubdomain, [...here, 'name'], report);
}
