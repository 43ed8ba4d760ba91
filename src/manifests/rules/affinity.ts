// Rules for what a pod wants to be beside (Kubernetes, validateAffinity).
import type {
  Affinity,
  LabelSelector,
  NodeSelector,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  PodAffinityTerm,
} from '../../model/resource.ts';
import type { Path } from '../place.ts';
import { forbidden, invalid, type Report, required } from '../report.ts';
import { eachOf, holds } from './fault.ts';
import { checkSelector } from './metadata.ts';
import { checkDnsLabel, checkDnsSubdomain, checkLabelValue, checkQualifiedName } from './syntax.ts';

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution';

/** Nodes and pods that a pod needs or likes. */
export function checkAffinity({ nodeAffinity, podAffinity, podAntiAffinity }: Affinity, path: Path, report: Report): void {
  const nodes = [...path, 'nodeAffinity'];
  if (nodeAffinity?.[REQUIRED] !== undefined) checkNodeSelector(nodeAffinity[REQUIRED], [...nodes, REQUIRED], report);
  for (const [{ weight, preference }, here] of eachOf(nodeAffinity?.[PREFERRED], [...nodes, PREFERRED])) {
    checkWeight(weight, [...here, 'weight'], report);
    // A wish for a label that cannot be there is merely never met.
    checkNodeTerm(preference, [...here, 'preference'], false, report);
  }
  for (const [field, affinity] of Object.entries({ podAffinity, podAntiAffinity })) {
    for (const [term, here] of eachOf(affinity?.[REQUIRED], [...path, field, REQUIRED])) checkPodTerm(term, here, report);
    for (const [{ weight, podAffinityTerm }, here] of eachOf(affinity?.[PREFERRED], [...path, field, PREFERRED])) {
      checkWeight(weight, [...here, 'weight'], report);
      checkPodTerm(podAffinityTerm, [...here, 'podAffinityTerm'], report);
    }
  }
}

/** Which nodes: of a pod, or of a volume. */
export function checkNodeSelector({ nodeSelectorTerms }: NodeSelector, path: Path, report: Report): void {
  const here = [...path, 'nodeSelectorTerms'];
  if (nodeSelectorTerms.length === 0) report(here, 'Required', required('must have at least one node selector term'));
  for (const [term, place] of eachOf(nodeSelectorTerms, here)) checkNodeTerm(term, place, true, report);
}

function checkWeight(weight: number, path: Path, report: Report): void {
  if (weight < 1 || weight > 100) report(path, 'Invalid', invalid(weight, 'must be in the range 1-100'));
}

function checkNodeTerm(term: NodeSelectorTerm, path: Path, areValuesJudged: boolean, report: Report): void {
  for (const [requirement, here] of eachOf(term.matchExpressions, [...path, 'matchExpressions']))
    checkLabelRequirement(requirement, here, areValuesJudged, report);
  for (const [{ key, operator, values = [] }, here] of eachOf(term.matchFields, [...path, 'matchFields'])) {
    if (operator !== 'In' && operator !== 'NotIn')
      report([...here, 'operator'], 'Invalid', invalid(operator, 'not a valid selector operator'));
    else if (values.length !== 1)
      report(
        [...here, 'values'],
        'Required',
        required("must be only one value when `operator` is 'In' or 'NotIn' for node field selector"),
      );
    if (key !== 'metadata.name') report([...here, 'key'], 'Invalid', invalid(key, 'not a valid field selector key'));
    else for (const [value, place] of eachOf(values, [...here, 'values'])) holds(checkDnsSubdomain(value), value, place, report);
  }
}

function checkLabelRequirement(
  { key, operator, values = [] }: NodeSelectorRequirement,
  path: Path,
  areValuesJudged: boolean,
  report: Report,
): void {
  const here = [...path, 'values'];
  holds(checkQualifiedName(key), key, [...path, 'key'], report);
  if (operator === 'In' || operator === 'NotIn') {
    if (values.length === 0) report(here, 'Required', required("must be specified when `operator` is 'In' or 'NotIn'"));
  } else if (operator === 'Gt' || operator === 'Lt') {
    if (values.length !== 1) report(here, 'Required', required("must be specified single value when `operator` is 'Lt' or 'Gt'"));
    else if (!/^[-+]?\d+$/.test(values[0] ?? ''))
      report([...here, 0], 'Invalid', invalid(values[0], "for 'Gt', 'Lt' operators, the value must be an integer"));
    return;
  } else if (values.length > 0)
    report(here, 'Invalid', forbidden("may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
  if (areValuesJudged) for (const [value, place] of eachOf(values, here)) holds(checkLabelValue(value), value, place, report);
}

function checkPodTerm(term: PodAffinityTerm, path: Path, report: Report): void {
  const { labelSelector, namespaceSelector, namespaces, topologyKey } = term;
  if (labelSelector !== undefined) checkSelector(labelSelector, [...path, 'labelSelector'], report);
  if (namespaceSelector !== undefined) checkSelector(namespaceSelector, [...path, 'namespaceSelector'], report);
  for (const [name, here] of eachOf(namespaces, [...path, 'namespaces'])) holds(checkDnsLabel(name), name, here, report);
  holds(checkQualifiedName(topologyKey), topologyKey, [...path, 'topologyKey'], report);
  checkMatchKeys(term.matchLabelKeys, labelSelector, [...path, 'matchLabelKeys'], report);
  const mismatched = [...path, 'mismatchLabelKeys'];
  if (term.mismatchLabelKeys !== undefined && labelSelector === undefined)
    report(mismatched, 'Invalid', forbidden('must not be specified when labelSelector is not set'));
  for (const [key, here] of eachOf(term.mismatchLabelKeys, mismatched)) holds(checkQualifiedName(key), key, here, report);
  const unlike = new Set(term.mismatchLabelKeys);
  for (const [key, here] of eachOf(term.matchLabelKeys, [...path, 'matchLabelKeys']))
    if (unlike.has(key)) report(here, 'Invalid', invalid(key, 'exists in both matchLabelKeys and mismatchLabelKeys'));
}

/** Labels in which pods must be alike: they need a selector, which must not name them already. */
export function checkMatchKeys(
  keys: readonly string[] | undefined,
  selector: LabelSelector | undefined,
  path: Path,
  report: Report,
): void {
  if (keys === undefined) return;
  if (selector === undefined) report(path, 'Invalid', forbidden('must not be specified when labelSelector is not set'));
  const selected = new Set([
    ...Object.keys(selector?.matchLabels ?? {}),
    ...(selector?.matchExpressions ?? []).map(({ key }) => key),
  ]);
  for (const [key, here] of eachOf(keys, path)) {
    holds(checkQualifiedName(key), key, here, report);
    if (selected.has(key)) report(here, 'Invalid', invalid(key, 'exists in both matchLabelKeys and labelSelector'));
  }
}
