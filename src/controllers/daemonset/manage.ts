// Which nodes get a pod and which pods go, whatever their template: one per node that is to have one, none elsewhere (Kubernetes,
// "DaemonSet").
import type { Action } from '../../model/action.ts';
import type { StoredOf } from '../../model/resource.ts';
import { isFinished, isReady, isTerminating } from '../pods.ts';
import { backoffMs, type FailureLog } from './backoff.ts';
import { isServing, isUpdated, type NodePods, type StoredPod } from './nodes.ts';

/** A pod to delete, and what a person is told of it beside that. */
export interface Removal {
  readonly pod: StoredPod;
  readonly report?: Action;
}

/** What is to be done on the nodes. */
export interface Changes {
  /** Nodes that get a pod. */
  readonly create: readonly string[];
  readonly remove: readonly Removal[];
  /** Nodes whose failed pod is replaced. */
  readonly failedOn: readonly string[];
  /** Until the next failed pod may be replaced. */
  readonly waitsMs: readonly number[];
}

/** What judging a node takes. */
export interface Rules {
  readonly daemonSet: StoredOf<'DaemonSet'>;
  /** The hash of the current template. */
  readonly hash: string;
  readonly maxSurge: number;
  readonly failures: FailureLog;
  readonly now: number;
}

const nothing: Changes = { create: [], remove: [], failedOn: [], waitsMs: [] };

/** All changes as one. */
export function together(parts: readonly Changes[]): Changes {
  return {
    create: parts.flatMap(({ create }) => create),
    remove: parts.flatMap(({ remove }) => remove),
    failedOn: parts.flatMap(({ failedOn }) => failedOn),
    waitsMs: parts.flatMap(({ waitsMs }) => waitsMs),
  };
}

function foundEnded(pod: StoredPod, node: string): Removal {
  const name = `${pod.metadata.namespace ?? 'default'}/${pod.metadata.name}`;
  const report: Action =
    pod.status?.phase === 'Failed'
      ? {
          type: 'report',
          severity: 'Warning',
          reason: 'FailedDaemonPod',
          message: `Found failed daemon pod ${name} on node ${node}, will try to kill it`,
        }
      : {
          type: 'report',
          severity: 'Normal',
          reason: 'SucceededDaemonPod',
          message: `Found succeeded daemon pod ${name} on node ${node}, will try to delete it`,
        };
  return { pod, report };
}

/** Pods that have ended are taken away; failed ones not too soon. */
function endedPods({ name, pods }: NodePods, { failures, now }: Rules): Changes {
  const ending = pods.filter((pod) => !isTerminating(pod));
  const succeeded = ending.filter((pod) => pod.status?.phase === 'Succeeded');
  const failed = ending.filter((pod) => pod.status?.phase === 'Failed');
  const waitMs = failed.length === 0 ? 0 : backoffMs(failures, name, now);
  const remove = (waitMs > 0 ? succeeded : [...succeeded, ...failed]).map((pod) => foundEnded(pod, name));
  if (waitMs > 0) return { ...nothing, remove, waitsMs: [waitMs] };
  return { ...nothing, remove, failedOn: failed.length > 0 ? [name] : [] };
}

/**
 * With a surge, a node may have two: the oldest of the current template, as long as it is not available, and the oldest of another one,
 * as long as it is ready.
 */
function surplusWithSurge(running: readonly StoredPod[], { daemonSet, hash, now }: Rules): StoredPod[] {
  const newer = running.find((pod) => isUpdated(pod, hash));
  const older = running.find((pod) => !isUpdated(pod, hash));
  const surplus = running.filter((pod) => pod !== newer && pod !== older);
  if (newer === undefined || older === undefined) return surplus;
  return !isReady(older) || isServing(newer, daemonSet, now) ? [...surplus, older] : surplus;
}

function changesOn(node: NodePods, rules: Rules): Changes {
  const { name, pods, shouldRun, mayStay } = node;
  if (pods.length === 0) return shouldRun ? { ...nothing, create: [name] } : nothing;
  const staying = pods.filter((pod) => !isTerminating(pod));
  if (!mayStay) return { ...nothing, remove: staying.map((pod) => ({ pod })) };
  const ended = endedPods(node, rules);
  const running = staying.filter((pod) => !isFinished(pod));
  if (rules.maxSurge === 0) return together([ended, { ...nothing, remove: running.slice(1).map((pod) => ({ pod })) }]);
  // A failed pod keeps its place until it may be replaced.
  const isMissing = running.length === 0 && shouldRun && ended.waitsMs.length === 0;
  const surplus = running.length > 1 ? surplusWithSurge(running, rules) : [];
  return together([ended, { ...nothing, create: isMissing ? [name] : [], remove: surplus.map((pod) => ({ pod })) }]);
}

/** What the nodes need, one by one. */
export function manageNodes(nodes: readonly NodePods[], rules: Rules): Changes {
  return together(nodes.map((node) => changesOn(node, rules)));
}
