// On which nodes a DaemonSet wants its pods, and what the pod of a node looks like (Kubernetes, "DaemonSet", "How Daemon Pods are
// scheduled"). Facts that its controller, the dry run of the scheduler and the verdict on its health must agree on.
import type { DaemonSet, PodSpec, Toleration } from './generated.ts';
import {
  matchesNodeAffinity,
  matchesNodeName,
  NODE_NAME_FIELD,
  NOT_READY_TAINT,
  type NodeFacts,
  taintsOf,
  UNREACHABLE_TAINT,
  UNSCHEDULABLE_TAINT,
  untoleratedTaint,
} from './node-fit.ts';

const always: readonly Toleration[] = [
  { key: NOT_READY_TAINT, operator: 'Exists', effect: 'NoExecute' },
  { key: UNREACHABLE_TAINT, operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/disk-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/memory-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/pid-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: UNSCHEDULABLE_TAINT, operator: 'Exists', effect: 'NoSchedule' },
];
const onHostNetwork: Toleration = { key: 'node.kubernetes.io/network-unavailable', operator: 'Exists', effect: 'NoSchedule' };

function isSame(a: Toleration, b: Toleration): boolean {
  const full = ({ key = '', operator = 'Equal', value = '', effect, tolerationSeconds }: Toleration): string =>
    JSON.stringify([key, operator, value, effect ?? '', tolerationSeconds ?? null]);
  return full(a) === full(b);
}

/** The tolerations of a DaemonSet's pods: the template's own, and those that every such pod gets. */
export function daemonTolerations(spec: PodSpec): Toleration[] {
  const own = spec.tolerations ?? [];
  const added = spec.hostNetwork === true ? [...always, onHostNetwork] : always;
  return [...own, ...added.filter((toleration) => !own.some((other) => isSame(other, toleration)))];
}

/** The spec of the pod of one node. The required node affinity has done its work by choosing the node; the node's name takes its place. */
export function daemonPodSpec(spec: PodSpec, nodeName: string): PodSpec {
  const matchFields = [{ key: NODE_NAME_FIELD, operator: 'In' as const, values: [nodeName] }];
  const requiredDuringSchedulingIgnoredDuringExecution = { nodeSelectorTerms: [{ matchFields }] };
  const nodeAffinity = { ...spec.affinity?.nodeAffinity, requiredDuringSchedulingIgnoredDuringExecution };
  return { ...spec, affinity: { ...spec.affinity, nodeAffinity }, tolerations: daemonTolerations(spec) };
}

/** Whether a node gets a pod of a DaemonSet, and whether a pod that is there may stay. */
export interface DaemonFit {
  readonly shouldRun: boolean;
  readonly mayStay: boolean;
}

/**
 * Judges one node. Its name, labels and affinity decide about both; a taint that is not tolerated keeps new pods away, and drives a pod
 * off only with effect NoExecute.
 */
export function daemonFit({ spec: { template } }: Pick<DaemonSet, 'spec'>, node: NodeFacts): DaemonFit {
  const { spec } = template;
  if (!matchesNodeName(spec, node) || !matchesNodeAffinity(spec, node)) return { shouldRun: false, mayStay: false };
  const tolerations = daemonTolerations(spec);
  const taints = taintsOf(node);
  return {
    shouldRun: untoleratedTaint(tolerations, taints) === undefined,
    mayStay: untoleratedTaint(tolerations, taints, ['NoExecute']) === undefined,
  };
}

/** Whether a node would get a pod if its engine answered: what a DaemonSet still misses while a host is away. */
export function isDaemonNodeAway(daemonSet: Pick<DaemonSet, 'spec'>, node: NodeFacts): boolean {
  if (daemonFit(daemonSet, node).shouldRun) return false;
  const ready = { conditions: [{ type: 'Ready', status: 'True' as const }] };
  const spec = node.spec ?? {};
  const taints = (spec.taints ?? []).filter(({ key }) => key !== NOT_READY_TAINT && key !== UNREACHABLE_TAINT);
  return daemonFit(daemonSet, { metadata: node.metadata, spec: { ...spec, taints }, status: ready }).shouldRun;
}
