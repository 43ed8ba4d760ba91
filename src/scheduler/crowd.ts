// Which pods a term of affinity or of spreading speaks of (Kubernetes, "Inter-pod affinity and anti-affinity", "Pod Topology Spread
// Constraints"). Terms that say the same share a key, so that their pods are counted once.
import { canonicalJson } from '../model/hash.ts';
import type { LabelSelector, LabelSelectorRequirement, PodAffinityTerm } from '../model/resource.ts';
import { matchesSelector } from '../model/selector.ts';

type Labels = Readonly<Record<string, string>>;

/** The label that Kubernetes puts on every namespace. */
const NAMESPACE_NAME_LABEL = 'kubernetes.io/metadata.name';

/** What of a pod decides whether a term speaks of it. */
export interface Member {
  readonly namespace: string;
  readonly labels: Labels;
}

/** Labels of the namespaces, by name. */
export type NamespaceLabels = ReadonlyMap<string, Labels>;

interface CrowdTerm {
  readonly namespaces: readonly string[];
  readonly namespaceSelector?: LabelSelector;
  /** Absent: no pod at all. */
  readonly selector?: LabelSelector;
}

/** The pods that satisfy all of some terms. */
export interface Crowd {
  /** Equal for crowds that mean the same. */
  readonly key: string;
  readonly terms: readonly CrowdTerm[];
}

function crowdOf(terms: readonly CrowdTerm[]): Crowd {
  return { key: canonicalJson(terms), terms };
}

/** The selector with what `matchLabelKeys` and `mismatchLabelKeys` make of the labels of the pod that has the term. */
function withKeys(
  selector: LabelSelector | undefined,
  labels: Labels,
  matching: readonly string[] = [],
  differing: readonly string[] = [],
): LabelSelector | undefined {
  if (selector === undefined || matching.length + differing.length === 0) return selector;
  const requirement = (key: string, operator: 'In' | 'NotIn'): LabelSelectorRequirement[] => {
    const value = labels[key];
    return value === undefined ? [] : [{ key, operator, values: [value] }];
  };
  return {
    ...selector,
    matchExpressions: [
      ...(selector.matchExpressions ?? []),
      ...matching.flatMap((key) => requirement(key, 'In')),
      ...differing.flatMap((key) => requirement(key, 'NotIn')),
    ],
  };
}

/** The pods that satisfy all of these terms of a pod's affinity. */
export function crowdOfAffinity(owner: Member, terms: readonly PodAffinityTerm[]): Crowd {
  return crowdOf(
    terms.map(({ labelSelector, namespaces = [], namespaceSelector, matchLabelKeys, mismatchLabelKeys }) => {
      const selector = withKeys(labelSelector, owner.labels, matchLabelKeys, mismatchLabelKeys);
      const isOwn = namespaces.length === 0 && namespaceSelector === undefined;
      return {
        namespaces: isOwn ? [owner.namespace] : namespaces,
        ...(namespaceSelector === undefined ? {} : { namespaceSelector }),
        ...(selector === undefined ? {} : { selector }),
      };
    }),
  );
}

/** The pods of the owner's namespace that a selector matches. */
export function crowdOfSelector(
  owner: Member,
  labelSelector: LabelSelector | undefined,
  matchLabelKeys?: readonly string[],
): Crowd {
  const selector = withKeys(labelSelector, owner.labels, matchLabelKeys);
  return crowdOf([{ namespaces: [owner.namespace], ...(selector === undefined ? {} : { selector }) }]);
}

/** Whether a pod is one of the crowd. */
export function isMember({ terms }: Crowd, { namespace, labels }: Member, namespaceLabels: NamespaceLabels): boolean {
  return terms.every(({ namespaces, namespaceSelector, selector }) => {
    const ofNamespace = (): Labels => ({ [NAMESPACE_NAME_LABEL]: namespace, ...namespaceLabels.get(namespace) });
    const isThere =
      namespaces.includes(namespace) || (namespaceSelector !== undefined && matchesSelector(namespaceSelector, ofNamespace()));
    return isThere && matchesSelector(selector, labels);
  });
}
