// A rolling update of a DaemonSet: the old pod of a node goes before its new one comes, or the new one comes before the old one goes
// (Kubernetes, "Perform a Rolling Update on a DaemonSet"). Never more unavailable, and never more beside each other, than the limits say.
import type { IntOrString, StoredOf } from '../../model/resource.ts';
import { isTerminating, isUnseen } from '../pods.ts';
import { isServing, isUpdated, type NodePods, type StoredPod } from './nodes.ts';

/** The limits in nodes. */
export interface DaemonLimits {
  readonly maxSurge: number;
  readonly maxUnavailable: number;
}

function amount(limit: IntOrString, total: number): number {
  const text = String(limit);
  return text.endsWith('%') ? Math.ceil((Number(text.slice(0, -1)) * total) / 100) : Number(text);
}

/** Shares of the nodes that are to have a pod are rounded up; when both come out as 0, one node may be without. */
export function daemonLimits({ spec }: StoredOf<'DaemonSet'>, nodes: readonly NodePods[]): DaemonLimits {
  const rolling = spec.updateStrategy?.rollingUpdate;
  if (spec.updateStrategy?.type === 'OnDelete') return { maxSurge: 0, maxUnavailable: 0 };
  const desired = nodes.filter(({ shouldRun }) => shouldRun).length;
  const maxSurge = amount(rolling?.maxSurge ?? 0, desired);
  const maxUnavailable = amount(rolling?.maxUnavailable ?? 1, desired);
  return { maxSurge, maxUnavailable: maxSurge === 0 && maxUnavailable === 0 ? 1 : maxUnavailable };
}

/** The pods of one node by template: undefined when there are several of a kind, which is put in order first. */
function pairOf(pods: readonly StoredPod[], hash: string): { newer?: StoredPod; older?: StoredPod } | undefined {
  const staying = pods.filter((pod) => !isTerminating(pod));
  const [newer, otherNew] = staying.filter((pod) => isUpdated(pod, hash));
  const [older, otherOld] = staying.filter((pod) => !isUpdated(pod, hash));
  if (otherNew !== undefined || otherOld !== undefined) return undefined;
  return { ...(newer === undefined ? {} : { newer }), ...(older === undefined ? {} : { older }) };
}

/** What an update takes to judge pods. */
export interface UpdateRules {
  readonly daemonSet: StoredOf<'DaemonSet'>;
  readonly hash: string;
  readonly limits: DaemonLimits;
  readonly now: number;
}

/** Nodes that get a pod, and pods that go, for the update's sake. */
export interface UpdateStep {
  readonly create: readonly string[];
  readonly remove: readonly StoredPod[];
}

/** Old pods that are unavailable go at once; available ones as far as the limit allows. */
function replaceFirst(nodes: readonly NodePods[], { daemonSet, hash, limits, now }: UpdateRules): UpdateStep {
  const replaced: StoredPod[] = [];
  const candidates: StoredPod[] = [];
  let unavailable = 0;
  for (const { pods, shouldRun } of nodes) {
    if (pods.length === 0 && !shouldRun) continue;
    const pair = pairOf(pods, hash);
    const only = pair === undefined || (pair.newer === undefined) === (pair.older === undefined) ? undefined : pair;
    const pod = only?.newer ?? only?.older;
    const serves = pod !== undefined && isServing(pod, daemonSet, now);
    if (!serves) unavailable += 1;
    if (only?.older === undefined) continue;
    if (serves) candidates.push(only.older);
    else if (!isUnseen(only.older)) replaced.push(only.older);
  }
  return { create: [], remove: [...replaced, ...candidates.slice(0, Math.max(0, limits.maxUnavailable - unavailable))] };
}

/** New pods come beside the old ones, which go once the new ones are available. An old one that is unavailable is not waited for. */
function surgeFirst(nodes: readonly NodePods[], { daemonSet, hash, limits, now }: UpdateRules): UpdateStep {
  const remove: StoredPod[] = [];
  const replacing: string[] = [];
  const candidates: string[] = [];
  const misplaced: StoredPod[] = [];
  let surging = 0;
  let available = 0;
  for (const { name, pods, shouldRun } of nodes) {
    const pair = pairOf(pods, hash);
    if (pair === undefined) {
      surging += 1;
      continue;
    }
    const { newer, older } = pair;
    const oldServes = older !== undefined && isServing(older, daemonSet, now);
    const newServes = newer !== undefined && isServing(newer, daemonSet, now);
    if (oldServes || newServes) available += 1;
    if (older === undefined) continue;
    if (newServes) remove.push(older);
    else if (newer !== undefined) surging += 1;
    else if (!shouldRun) (oldServes ? misplaced : remove).push(older);
    else (oldServes ? candidates : replacing).push(name);
  }
  // Pods on nodes that get no new ones go as far as the others make up for them.
  const desired = nodes.filter(({ shouldRun }) => shouldRun).length;
  remove.push(...misplaced.slice(0, Math.max(0, available - desired)));
  return { create: [...replacing, ...candidates.slice(0, Math.max(0, limits.maxSurge - surging))], remove };
}

/** The next step of the update; nothing to do when every pod is of the current template, or pods are replaced by hand. */
export function rollNodes(nodes: readonly NodePods[], rules: UpdateRules): UpdateStep {
  if (rules.daemonSet.spec.updateStrategy?.type === 'OnDelete') return { create: [], remove: [] };
  return rules.limits.maxSurge === 0 ? replaceFirst(nodes, rules) : surgeFirst(nodes, rules);
}
