// Whether a pod may be on a node at all: node selector, required node affinity, taints and tolerations (Kubernetes, "Assigning Pods to
// Nodes", "Taints and Tolerations"). Facts about one pod and one node; room, ports, scores and words are the scheduler's.
import { findCondition } from './conditions.ts';
import type { Node, NodeSelectorRequirement, NodeSelectorTerm, PodSpec, Taint, Toleration } from './generated.ts';

/** Taint of a node that is cordoned. */
export const UNSCHEDULABLE_TAINT = 'node.kubernetes.io/unschedulable';
/** Taint of a node whose engine does not answer. */
export const NOT_READY_TAINT = 'node.kubernetes.io/not-ready';
/** Taint of a node of which nothing is known any more. */
export const UNREACHABLE_TAINT = 'node.kubernetes.io/unreachable';

/** The resource by which containers ask for NVIDIA's GPUs. */
export const GPU_RESOURCE = 'nvidia.com/gpu';
/** Label of nodes that have such GPUs, whether or not it is known how many. */
export const GPU_LABEL = 'nvidia.com/gpu.present';

/** The one field of nodes that `matchFields` knows. */
export const NODE_NAME_FIELD = 'metadata.name';

/** The parts of a node that decide. */
export type NodeFacts = Pick<Node, 'metadata' | 'spec' | 'status'>;

/** Effects that keep a pod away from a node; PreferNoSchedule only makes the node a worse choice. */
export const REPELLING_EFFECTS: readonly Taint['effect'][] = ['NoSchedule', 'NoExecute'];

/**
 * The taints of a node: those in its spec, and those that its state amounts to, which Kubernetes' node controller writes ("Taint Nodes
 * by Condition"): cordoned, not ready, unknown. A node that has not reported yet is not ready.
 */
export function taintsOf(node: NodeFacts): readonly Taint[] {
  const taints: Taint[] = [...(node.spec?.taints ?? [])];
  const add = (key: string, effect: Taint['effect']): void => {
    if (!taints.some((taint) => taint.key === key && taint.effect === effect)) taints.push({ key, effect });
  };
  if (node.spec?.unschedulable === true) add(UNSCHEDULABLE_TAINT, 'NoSchedule');
  const ready = findCondition(node.status?.conditions, 'Ready')?.status ?? 'False';
  if (ready === 'True') return taints;
  const key = ready === 'Unknown' ? UNREACHABLE_TAINT : NOT_READY_TAINT;
  add(key, 'NoSchedule');
  add(key, 'NoExecute');
  return taints;
}

/** Whether one toleration bears one taint. An empty key with Exists bears every taint; an empty effect bears every effect. */
export function tolerates(toleration: Toleration, taint: Taint): boolean {
  const { key = '', operator = 'Equal', value = '', effect } = toleration;
  if (effect !== undefined && effect !== taint.effect) return false;
  if (key !== '' && key !== taint.key) return false;
  return operator === 'Exists' || (key !== '' && value === (taint.value ?? ''));
}

/** Whether any of the tolerations bears the taint. */
export function isTolerated(tolerations: readonly Toleration[] | undefined, taint: Taint): boolean {
  return (tolerations ?? []).some((toleration) => tolerates(toleration, taint));
}

/** The first taint with one of these effects that no toleration bears; undefined when all are borne. */
export function untoleratedTaint(
  tolerations: readonly Toleration[] | undefined,
  taints: readonly Taint[],
  effects: readonly Taint['effect'][] = REPELLING_EFFECTS,
): Taint | undefined {
  return taints.find((taint) => effects.includes(taint.effect) && !isTolerated(tolerations, taint));
}

/** A whole number as Go's ParseInt reads it; undefined for other text. Labels hold text, so `Gt` and `Lt` have to read it. */
function wholeNumber(text: string | undefined): bigint | undefined {
  return text !== undefined && /^[+-]?\d+$/.test(text) ? BigInt(text.replace(/^\+/, '')) : undefined;
}

function matchesRequirement({ operator, values = [] }: NodeSelectorRequirement, value: string | undefined): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
    case 'Lt': {
      const [actual, limit] = [wholeNumber(value), wholeNumber(values[0])];
      if (actual === undefined || limit === undefined) return false;
      return operator === 'Gt' ? actual > limit : actual < limit;
    }
    default:
      return false;
  }
}

/** Whether a node meets all conditions of one term. A term without conditions matches no node. */
export function matchesNodeTerm(term: NodeSelectorTerm, node: NodeFacts): boolean {
  const { matchExpressions = [], matchFields = [] } = term;
  if (matchExpressions.length + matchFields.length === 0) return false;
  const labels = node.metadata.labels ?? {};
  return (
    matchExpressions.every((requirement) => matchesRequirement(requirement, labels[requirement.key])) &&
    matchFields.every((requirement) =>
      matchesRequirement(requirement, requirement.key === NODE_NAME_FIELD ? node.metadata.name : undefined),
    )
  );
}

/** Whether a node has all labels of the pod's nodeSelector. */
export function matchesNodeSelector(spec: Pick<PodSpec, 'nodeSelector'>, node: NodeFacts): boolean {
  const labels = node.metadata.labels ?? {};
  return Object.entries(spec.nodeSelector ?? {}).every(([name, value]) => labels[name] === value);
}

/**
 * Whether a node satisfies the pod's nodeSelector and its required node affinity: one of the terms has to match. Required terms that
 * are there and empty match no node.
 */
export function matchesNodeAffinity(spec: Pick<PodSpec, 'nodeSelector' | 'affinity'>, node: NodeFacts): boolean {
  if (!matchesNodeSelector(spec, node)) return false;
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return required === undefined || required.nodeSelectorTerms.some((term) => matchesNodeTerm(term, node));
}

/** Whether a pod that names its node means this one; a pod that names none may be anywhere. */
export function matchesNodeName(spec: Pick<PodSpec, 'nodeName'>, node: NodeFacts): boolean {
  return spec.nodeName === undefined || spec.nodeName === '' || spec.nodeName === node.metadata.name;
}

/** The node that a pod is pinned to by required affinity on `metadata.name`, as the pods of a DaemonSet are; else undefined. */
export function pinnedNode(spec: Pick<PodSpec, 'affinity'>): string | undefined {
  const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  const names = terms.map(
    (term) =>
      (term.matchFields ?? []).find(
        ({ key, operator, values }) => key === NODE_NAME_FIELD && operator === 'In' && values?.length === 1,
      )?.values?.[0],
  );
  const [first] = names;
  return first !== undefined && names.every((name) => name === first) ? first : undefined;
}
