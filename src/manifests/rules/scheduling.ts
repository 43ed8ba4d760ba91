// Rules for where a pod may run, and when (Kubernetes, ValidateTolerations, validateTopologySpreadConstraints and their like).
import type { PodSpec, Toleration, TopologySpreadConstraint } from '../../model/resource.ts';
import type { Path } from '../place.ts';
import { duplicate, forbidden, invalid, type Report } from '../report.ts';
import { checkAffinity, checkMatchKeys } from './affinity.ts';
import { eachOf, holds, holdsIfGiven } from './fault.ts';
import { checkLabels, checkSelector } from './metadata.ts';
import { checkDnsLabel, checkDnsSubdomain, checkLabelValue, checkQualifiedName } from './syntax.ts';

/** Everything that bears on placing a pod. */
export function checkScheduling(spec: PodSpec, path: Path, report: Report): void {
  holdsIfGiven(spec.nodeName, checkDnsSubdomain, [...path, 'nodeName'], report);
  holdsIfGiven(spec.priorityClassName, checkDnsSubdomain, [...path, 'priorityClassName'], report);
  holdsIfGiven(spec.runtimeClassName, checkDnsSubdomain, [...path, 'runtimeClassName'], report);
  checkLabels(spec.nodeSelector, [...path, 'nodeSelector'], report);
  if (spec.affinity !== undefined) checkAffinity(spec.affinity, [...path, 'affinity'], report);
  checkTolerations(spec.tolerations, [...path, 'tolerations'], report);
  checkSpread(spec.topologySpreadConstraints, [...path, 'topologySpreadConstraints'], report);
  checkGates(spec, path, report);
  checkClaims(spec, [...path, 'resourceClaims'], report);
}

/** Taints that are borne: by a pod, or by the pods of a RuntimeClass. */
export function checkTolerations(tolerations: readonly Toleration[] | undefined, path: Path, report: Report): void {
  for (const [{ key, operator, value, effect, tolerationSeconds }, here] of eachOf(tolerations, path)) {
    holdsIfGiven(key, checkQualifiedName, [...here, 'key'], report);
    if (key === undefined && operator !== 'Exists')
      report(
        [...here, 'operator'],
        'Invalid',
        invalid(operator ?? '', 'operator must be Exists when `key` is empty, which means "match all values and all keys"'),
      );
    if (tolerationSeconds !== undefined && effect !== 'NoExecute')
      report([...here, 'effect'], 'Invalid', invalid(effect ?? '', "effect must be 'NoExecute' when `tolerationSeconds` is set"));
    if (operator !== 'Exists') holdsIfGiven(value, checkLabelValue, [...here, 'value'], report);
    else if (value !== undefined)
      report([...here, 'value'], 'Invalid', invalid(value, "value must be empty when `operator` is 'Exists'"));
  }
}

function checkSpread(constraints: readonly TopologySpreadConstraint[] | undefined, path: Path, report: Report): void {
  const kinds = new Set<string>();
  for (const [constraint, here] of eachOf(constraints, path)) {
    const { maxSkew, minDomains, topologyKey, whenUnsatisfiable, labelSelector, matchLabelKeys } = constraint;
    if (maxSkew <= 0) report([...here, 'maxSkew'], 'Invalid', invalid(maxSkew, 'must be greater than zero'));
    if (minDomains !== undefined && minDomains <= 0)
      report([...here, 'minDomains'], 'Invalid', invalid(minDomains, 'must be greater than zero'));
    if (minDomains !== undefined && whenUnsatisfiable !== 'DoNotSchedule')
      report(
        [...here, 'minDomains'],
        'Invalid',
        invalid(minDomains, `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${whenUnsatisfiable}`),
      );
    holds(checkQualifiedName(topologyKey), topologyKey, [...here, 'topologyKey'], report);
    const kind = `{${topologyKey}, ${whenUnsatisfiable}}`;
    if (kinds.has(kind)) report([...here, 'topologyKey'], 'Duplicate', duplicate(kind));
    kinds.add(kind);
    if (labelSelector !== undefined) checkSelector(labelSelector, [...here, 'labelSelector'], report);
    checkMatchKeys(matchLabelKeys, labelSelector, [...here, 'matchLabelKeys'], report);
  }
}

function checkGates({ schedulingGates, readinessGates, nodeName }: PodSpec, path: Path, report: Report): void {
  const names = new Set<string>();
  for (const [{ name }, here] of eachOf(schedulingGates, [...path, 'schedulingGates'])) {
    if (holds(checkQualifiedName(name), name, [...here, 'name'], report) && names.has(name))
      report([...here, 'name'], 'Duplicate', duplicate(name));
    names.add(name);
  }
  if (names.size > 0 && nodeName !== undefined)
    report([...path, 'nodeName'], 'Invalid', forbidden('cannot be set until all schedulingGates have been cleared'));
  for (const [{ conditionType }, here] of eachOf(readinessGates, [...path, 'readinessGates']))
    holds(checkQualifiedName(conditionType), conditionType, [...here, 'conditionType'], report);
}

function checkClaims({ resourceClaims }: PodSpec, path: Path, report: Report): void {
  const names = new Set<string>();
  for (const [claim, here] of eachOf(resourceClaims, path)) {
    const { name, resourceClaimName, resourceClaimTemplateName } = claim;
    if (holds(checkDnsLabel(name), name, [...here, 'name'], report) && names.has(name))
      report([...here, 'name'], 'Duplicate', duplicate(name));
    names.add(name);
    if (resourceClaimName !== undefined && resourceClaimTemplateName !== undefined)
      report(
        here,
        'Invalid',
        'Invalid value: at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified',
      );
    if (resourceClaimName === undefined && resourceClaimTemplateName === undefined)
      report(here, 'Invalid', 'Invalid value: must specify one of: `resourceClaimName`, `resourceClaimTemplateName`');
    holdsIfGiven(resourceClaimName, checkDnsSubdomain, [...here, 'resourceClaimName'], report);
    holdsIfGiven(resourceClaimTemplateName, checkDnsSubdomain, [...here, 'resourceClaimTemplateName'], report);
  }
}
