// Takes pods off nodes whose NoExecute taints they do not bear, or not any longer (Kubernetes, "Taint-based Evictions"). A taint that
// somebody set is carried out as it stands. The taints of a host that does not answer are carried out only where that helps: when the pod
// has an owner that makes another one, and another node has a place for it now. Otherwise the pod stays what it is, and goes on when its
// host is back: removing it would lose what may well be running.
import { findCondition } from '../model/conditions.ts';
import { NOT_READY_TAINT, taintsOf, tolerates, UNREACHABLE_TAINT } from '../model/node-fit.ts';
import type { StoredOf, Taint, Toleration } from '../model/resource.ts';
import { controllerOf, keyOf } from '../model/resource.ts';
import { fromRfc3339 } from '../model/time.ts';
import type { Controller, Plan } from '../runtime/controller.ts';
import { candidateOf } from './candidate.ts';
import { choose } from './choose.ts';
import { hasNode, isOver } from './queue.ts';
import { roomsWith } from './room.ts';
import { namespaceLabels } from './seating.ts';
import { Volumes } from './volume-fit.ts';

/** How long pods that do not say otherwise bear a host that does not answer, as Kubernetes' admission writes into every pod. */
const DEFAULT_TOLERATION_SECONDS = 300;
/** How soon it is looked again whether another node has a place. */
const LOOK_AGAIN_MS = 30_000;

const ofState: ReadonlySet<string> = new Set([NOT_READY_TAINT, UNREACHABLE_TAINT]);

/** What eviction looks at for one pod. */
export interface EvictionObserved {
  readonly node: StoredOf<'Node'> | undefined;
  /** Whether another node would take the pod now. Only asked where it matters. */
  readonly hasElsewhere: () => boolean;
}

/** Since when a node has a taint, in epoch milliseconds; undefined when nobody wrote it down. */
function addedAt(taint: Taint, node: StoredOf<'Node'>): number | undefined {
  const since =
    taint.timeAdded ?? (ofState.has(taint.key) ? findCondition(node.status?.conditions, 'Ready')?.lastTransitionTime : undefined);
  return since === undefined ? undefined : fromRfc3339(since);
}

/** How long a pod bears a taint, in milliseconds: 0 when not at all. */
function bearsForMs(tolerations: readonly Toleration[], taint: Taint): number {
  const bearing = tolerations.filter((toleration) => tolerates(toleration, taint));
  if (bearing.length === 0) return ofState.has(taint.key) ? DEFAULT_TOLERATION_SECONDS * 1000 : 0;
  const limits = bearing.flatMap(({ tolerationSeconds }) =>
    tolerationSeconds === undefined ? [] : [Math.max(0, tolerationSeconds)],
  );
  return limits.length === 0 ? Number.POSITIVE_INFINITY : Math.min(...limits) * 1000;
}

/** The taint that drives a pod off first, and when. */
function firstDue(pod: StoredOf<'Pod'>, node: StoredOf<'Node'>, now: number): { taint: Taint; dueMs: number } | undefined {
  return taintsOf(node)
    .filter(({ effect }) => effect === 'NoExecute')
    .map((taint) => ({ taint, dueMs: (addedAt(taint, node) ?? now) + bearsForMs(pod.spec.tolerations ?? [], taint) }))
    .filter(({ dueMs }) => Number.isFinite(dueMs))
    .toSorted((a, b) => a.dueMs - b.dueMs)[0];
}

/** Decides for one pod. */
export function planEviction(pod: StoredOf<'Pod'>, { node, hasElsewhere }: EvictionObserved, now: number): Plan<'Pod'> {
  if (node === undefined || isOver(pod)) return { actions: [] };
  const due = firstDue(pod, node, now);
  if (due === undefined) return { actions: [] };
  if (due.dueMs > now) return { actions: [], checkAgainAfterMs: due.dueMs - now };
  const isLost = ofState.has(due.taint.key);
  if (isLost && (controllerOf(pod) === undefined || !hasElsewhere())) return { actions: [], checkAgainAfterMs: LOOK_AGAIN_MS };
  const { namespace, name } = keyOf(pod);
  return {
    actions: [
      {
        type: 'evict',
        key: keyOf(pod),
        uid: pod.metadata.uid,
        condition: { reason: 'DeletionByTaintManager', message: 'Taint manager: deleting due to NoExecute taint' },
        reason: 'TaintManagerEviction',
        message: `Marking for deletion Pod ${namespace}/${name}: it does not tolerate taint {${due.taint.key}: ${due.taint.value ?? ''}} of node ${node.metadata.name}`,
      },
    ],
  };
}

/** Eviction by taints as a controller of pods. */
export const taintEvictionController: Controller<'Pod', EvictionObserved> = {
  name: 'taint-eviction-controller',
  kind: 'Pod',
  wakes(changed, store) {
    if (changed.kind !== 'Node') return [];
    return store
      .list('Pod')
      .filter((pod) => pod.spec.nodeName === changed.metadata.name && !isOver(pod))
      .map(keyOf);
  },
  observe: (store, pod) => ({
    node: hasNode(pod) ? store.get('Node', '', pod.spec.nodeName ?? '') : undefined,
    hasElsewhere: () => {
      const { nodeName: _left, ...spec } = pod.spec;
      const others = store.list('Node').filter(({ metadata }) => metadata.name !== pod.spec.nodeName);
      if (others.length === 0) return false;
      const pods = store.list('Pod').filter((other) => other !== pod);
      const volumes = new Volumes({
        claims: store.list('PersistentVolumeClaim'),
        volumes: store.list('PersistentVolume'),
        classes: store.list('StorageClass'),
        pods: [],
      });
      const moved = { ...pod, spec };
      const rooms = roomsWith(others, pods, namespaceLabels(store.list('Namespace')));
      return choose(candidateOf(moved), rooms, volumes.fitOf(moved)).room !== undefined;
    },
  }),
  plan: planEviction,
};
