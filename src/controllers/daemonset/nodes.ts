// A DaemonSet as its planner sees it: every node with whether it is to have a pod, and the pods that are there or on their way to it.
import { type DaemonFit, daemonFit } from '../../model/daemon-set.ts';
import { pinnedNode } from '../../model/node-fit.ts';
import type { StoredOf } from '../../model/resource.ts';
import { REVISION_HASH_LABEL } from '../../model/revision.ts';
import { isAvailable, isFinished, isTerminating } from '../pods.ts';

export type StoredPod = StoredOf<'Pod'>;

/** One node. */
export interface NodePods extends DaemonFit {
  readonly name: string;
  /** The oldest first; those with a node before those without. */
  readonly pods: readonly StoredPod[];
}

/** The node that a pod is on, or is meant for while it waits for the scheduler. */
export function nodeOf(pod: StoredPod): string | undefined {
  const { nodeName } = pod.spec;
  return nodeName === undefined || nodeName === '' ? pinnedNode(pod.spec) : nodeName;
}

function byAge(a: StoredPod, b: StoredPod): number {
  const placed = (pod: StoredPod): number => (pod.spec.nodeName === undefined || pod.spec.nodeName === '' ? 1 : 0);
  const text = (pod: StoredPod): string => `${pod.metadata.creationTimestamp} ${pod.metadata.name}`;
  return placed(a) - placed(b) || (text(a) < text(b) ? -1 : 1);
}

/** Sorts pods by node. A pod that has ended and is on its way out has left its node already. */
export function readNodes(
  daemonSet: StoredOf<'DaemonSet'>,
  nodes: readonly StoredOf<'Node'>[],
  pods: readonly StoredPod[],
): NodePods[] {
  const byNode = new Map<string, StoredPod[]>();
  for (const pod of pods) {
    const name = nodeOf(pod);
    if (name === undefined || (isFinished(pod) && isTerminating(pod))) continue;
    byNode.set(name, [...(byNode.get(name) ?? []), pod]);
  }
  return nodes
    .map((node) => ({
      name: node.metadata.name,
      pods: (byNode.get(node.metadata.name) ?? []).toSorted(byAge),
      ...daemonFit(daemonSet, node),
    }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** Pods that wait for a node that is not there any more: the scheduler will never place them. */
export function podsWithoutNode(nodes: readonly StoredOf<'Node'>[], pods: readonly StoredPod[]): StoredPod[] {
  const names = new Set(nodes.map((node) => node.metadata.name));
  return pods.filter((pod) => {
    const isPlaced = pod.spec.nodeName !== undefined && pod.spec.nodeName !== '';
    const name = nodeOf(pod);
    return !isPlaced && !isTerminating(pod) && name !== undefined && !names.has(name);
  });
}

/** Whether a pod is of the current template. */
export function isUpdated(pod: StoredPod, hash: string): boolean {
  return pod.metadata.labels?.[REVISION_HASH_LABEL] === hash;
}

/** Whether a pod is ready, for long enough, and not on its way out. */
export function isServing(pod: StoredPod, daemonSet: StoredOf<'DaemonSet'>, now: number): boolean {
  return !isTerminating(pod) && isAvailable(pod, daemonSet.spec.minReadySeconds ?? 0, now);
}
