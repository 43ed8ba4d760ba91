// Decides which pods one ReplicaSet or ReplicationController makes and which it deletes, and what it reports. It never changes a pod's
// spec.
import type { Action } from '../../model/action.ts';
import { isConditionTrue, withCondition } from '../../model/conditions.ts';
import type { LabelSelector, ReplicaSetStatus, StoredOf } from '../../model/resource.ts';
import { keyOf } from '../../model/resource.ts';
import { fromRfc3339 } from '../../model/time.ts';
import type { Plan } from '../../runtime/controller.ts';
import { planClaims } from '../claims.ts';
import { generatedName, podFromTemplate } from '../new-pod.ts';
import { activePods, availableInMs, isFinished, isReady, isTerminating } from '../pods.ts';
import { rankForDeletion } from './ranking.ts';

/** Pods made or deleted in one pass, so that no transaction and no burst grows without bound; the next pass goes on. */
export const MAX_PODS_PER_PASS = 100;
/** A pod that ended sooner than this after its creation is replaced only when this time is over, so that pods that cannot live do not follow each other in a rush. */
export const MIN_POD_LIFE_MS = 10_000;

/** What keeps a number of equal pods, as far as that goes: a ReplicaSet, or a ReplicationController seen as one. */
export interface ReplicaKeeper {
  readonly owner: StoredOf<'ReplicaSet'> | StoredOf<'ReplicationController'>;
  readonly selector: LabelSelector;
}

/** A keeper's surroundings. */
export interface ReplicaSetObserved {
  /** Pods whose managing controller is the keeper, terminating and finished ones included. */
  readonly owned: readonly StoredOf<'Pod'>[];
  /** Active pods that it may adopt: its selector matches, nobody owns them. */
  readonly orphans: readonly StoredOf<'Pod'>[];
  /** Pods of all ReplicaSets of the same owner, its own included. */
  readonly related: readonly StoredOf<'Pod'>[];
}

function removal(pod: StoredOf<'Pod'>, reason: string, message: string): Action {
  return { type: 'delete', key: keyOf(pod), uid: pod.metadata.uid, reason, message };
}

/** Milliseconds for which a finished pod still keeps its place; 0 when it may be replaced, or the clock was set back since it was made. */
function restMs(pod: StoredOf<'Pod'>, now: number): number {
  const createdMs = fromRfc3339(pod.metadata.creationTimestamp);
  return createdMs > now ? 0 : Math.max(0, createdMs + MIN_POD_LIFE_MS - now);
}

/** Deletes pods that have ended: nobody else would, and they would pile up. */
function planFinished(owned: readonly StoredOf<'Pod'>[], now: number): { actions: Action[]; held: number; waitMs: number[] } {
  const finished = owned.filter((pod) => isFinished(pod) && !isTerminating(pod));
  const resting = finished.filter((pod) => restMs(pod, now) > 0);
  const actions = finished
    .filter((pod) => !resting.includes(pod))
    .slice(0, MAX_PODS_PER_PASS)
    .map((pod) => {
      const why = pod.status?.reason === undefined ? '' : ` (${pod.status.reason})`;
      return removal(pod, 'PodFinished', `Deleted pod: ${pod.metadata.name}, which has ended as ${pod.status?.phase}${why}`);
    });
  return { actions, held: resting.length, waitMs: resting.map((pod) => restMs(pod, now)) };
}

function planCreations({ owner }: ReplicaKeeper, count: number, suffix: () => string): Action[] {
  const { template } = owner.spec;
  if (template === undefined) return [];
  return Array.from({ length: Math.min(count, MAX_PODS_PER_PASS) }, (): Action => {
    const pod = podFromTemplate(owner, template, generatedName(owner, suffix()));
    return { type: 'create', resource: pod, reason: 'SuccessfulCreate', message: `Created pod: ${pod.metadata.name}` };
  });
}

/** The numbers that a keeper reports (Kubernetes, ReplicaSetStatus). */
function report({ owner }: ReplicaKeeper, owned: readonly StoredOf<'Pod'>[], isStuck: boolean, now: number): ReplicaSetStatus {
  const active = activePods(owned);
  const minReadySeconds = owner.spec.minReadySeconds ?? 0;
  const templateLabels = Object.entries(owner.spec.template?.metadata?.labels ?? {});
  const others = (owner.status?.conditions ?? []).filter((condition) => condition.type !== 'ReplicaFailure');
  const message = `The ${owner.kind === 'ReplicaSet' ? 'replica set' : 'replication controller'} has no pod template`;
  const failure = { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message } as const;
  const conditions = isStuck ? withCondition(owner.status?.conditions, failure, now) : others;
  return {
    observedGeneration: owner.metadata.generation,
    replicas: active.length,
    fullyLabeledReplicas: active.filter((pod) => templateLabels.every(([name, value]) => pod.metadata.labels?.[name] === value))
      .length,
    readyReplicas: active.filter(isReady).length,
    availableReplicas: active.filter((pod) => availableInMs(pod, minReadySeconds, now) === 0).length,
    terminatingReplicas: owned.filter((pod) => isTerminating(pod) && !isFinished(pod)).length,
    ...(conditions.length === 0 ? {} : { conditions }),
  };
}

/** The conditions while pods are refused. The first refusal is told; those after it differ in the pod's name alone. */
function refusedConditions({ owner }: ReplicaKeeper, message: string, now: number): NonNullable<ReplicaSetStatus['conditions']> {
  const old = owner.status?.conditions;
  const failure = { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message } as const;
  return old !== undefined && isConditionTrue(old, 'ReplicaFailure') ? old : withCondition(old, failure, now);
}

/** The next step of a ReplicaSet (Kubernetes, "How a ReplicaSet works"). */
export function planReplicaSet(
  set: StoredOf<'ReplicaSet'>,
  observed: ReplicaSetObserved,
  now: number,
  suffix: () => string,
): Plan<'ReplicaSet'> {
  return planReplicas({ owner: set, selector: set.spec.selector }, observed, now, suffix);
}

/**
 * The next step of a keeper of replicas. Terminating pods are replaced at once and not counted. `checkAgainAfterMs` is the time until the
 * next pod becomes available or a place is free again.
 */
export function planReplicas(
  keeper: ReplicaKeeper,
  observed: ReplicaSetObserved,
  now: number,
  suffix: () => string,
): Plan<'ReplicaSet'> {
  const { owner, selector } = keeper;
  if (owner.metadata.deletionTimestamp !== undefined) return { actions: [] };
  const { owned } = observed;
  const claims = planClaims(
    owner,
    selector,
    owned.filter((pod) => !isFinished(pod)),
    observed.orphans,
  );
  if (claims.length > 0) return { actions: claims, checkAgainAfterMs: 0 };

  const wanted = owner.spec.replicas ?? 1;
  const minReadySeconds = owner.spec.minReadySeconds ?? 0;
  const active = activePods(owned);
  const finished = planFinished(owned, now);
  const missing = wanted - active.length - finished.held;
  const surplus = Math.min(MAX_PODS_PER_PASS, Math.max(0, active.length - wanted));
  // Ranking costs more than all the rest of a pass.
  const ranked = surplus === 0 ? [] : rankForDeletion(active, observed.related, minReadySeconds, now);
  const removals = ranked.slice(0, surplus).map((pod) => removal(pod, 'SuccessfulDelete', `Deleted pod: ${pod.metadata.name}`));
  const creations = missing > 0 ? planCreations(keeper, missing, suffix) : [];
  const isStuck = missing > 0 && owner.spec.template === undefined;

  const waits = [...finished.waitMs, ...active.map((pod) => availableInMs(pod, minReadySeconds, now))].filter(
    (wait) => wait !== undefined && wait > 0,
  ) as number[];
  const isCut = missing > creations.length && !isStuck;
  const checkAgainAfterMs = isCut ? 0 : waits.length > 0 ? Math.min(...waits) : undefined;
  const status = report(keeper, owned, isStuck, now);
  return {
    actions: [...finished.actions, ...creations, ...removals],
    status,
    whenRefused: (message) => ({ ...status, conditions: refusedConditions(keeper, message, now) }),
    ...(checkAgainAfterMs === undefined ? {} : { checkAgainAfterMs }),
  };
}
