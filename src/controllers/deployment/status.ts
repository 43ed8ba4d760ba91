// What a Deployment reports: its numbers, whether it is available, and whether its rollout gets on (Kubernetes, "Deployment status").
import { findCondition, withCondition } from '../../model/conditions.ts';
import type { Condition, DeploymentStatus, StoredOf } from '../../model/resource.ts';
import type { RolloutLimits } from '../../model/rollout.ts';
import { fromRfc3339, toRfc3339 } from '../../model/time.ts';
import { type Slot, sumOf } from './slot.ts';

/** Kubernetes' default and its spelling of "no deadline". */
const DEFAULT_PROGRESS_DEADLINE_SECONDS = 600;
const NO_PROGRESS_DEADLINE_SECONDS = 2 ** 31 - 1;

/** Why a rollout is said to get on, or not. */
type ProgressReason =
  | 'NewReplicaSetCreated'
  | 'FoundNewReplicaSet'
  | 'ReplicaSetUpdated'
  | 'NewReplicaSetAvailable'
  | 'DeploymentPaused'
  | 'DeploymentResumed'
  | 'ProgressDeadlineExceeded';

/** What this pass did that the status has to tell. */
interface StatusInput {
  readonly deployment: StoredOf<'Deployment'>;
  readonly limits: RolloutLimits;
  readonly current: Slot | undefined;
  readonly old: readonly Slot[];
  /** Name of the current template's set, when there is or will be one. */
  readonly currentName: string | undefined;
  /** The set was made in this pass, an older one has become the current one, or a new template waits for old pods to go. */
  readonly event: 'created' | 'found' | 'begun' | undefined;
  /** Whether this pass worked on the rollout; scaling and pauses say nothing of its progress. */
  readonly isRollout: boolean;
  readonly collisionCount: number | undefined;
  readonly now: number;
}

/** The deadline in milliseconds; undefined when the user wants none. */
function deadlineMs(deployment: StoredOf<'Deployment'>): number | undefined {
  const seconds = deployment.spec.progressDeadlineSeconds ?? DEFAULT_PROGRESS_DEADLINE_SECONDS;
  return seconds >= NO_PROGRESS_DEADLINE_SECONDS ? undefined : seconds * 1000;
}

function numbers(input: StatusInput): DeploymentStatus {
  const all = [...input.old, ...(input.current === undefined ? [] : [input.current])];
  const count = (field: 'replicas' | 'readyReplicas' | 'availableReplicas' | 'terminatingReplicas'): number =>
    sumOf(all, (slot) => slot.set.status?.[field] ?? 0);
  const replicas = count('replicas');
  const availableReplicas = count('availableReplicas');
  return {
    observedGeneration: input.deployment.metadata.generation,
    replicas,
    updatedReplicas: input.current?.set.status?.replicas ?? 0,
    readyReplicas: count('readyReplicas'),
    availableReplicas,
    unavailableReplicas: Math.max(0, replicas - availableReplicas),
    terminatingReplicas: count('terminatingReplicas'),
    ...(input.collisionCount === undefined ? {} : { collisionCount: input.collisionCount }),
  };
}

/** Sets the Progressing condition and, with it, the time from which the deadline runs. */
function withProgress(
  conditions: readonly Condition[],
  status: Condition['status'],
  reason: ProgressReason,
  message: string,
  now: number,
): Condition[] {
  const next = withCondition(conditions, { type: 'Progressing', status, reason, message }, now);
  return next.map((condition) =>
    condition.type === 'Progressing' ? { ...condition, lastUpdateTime: toRfc3339(now) } : condition,
  );
}

/** Every pod is of the current template, counted by a report that knows the current spec, and available. */
function isComplete({ limits, current }: StatusInput, status: DeploymentStatus): boolean {
  const isReportCurrent =
    current === undefined || (current.set.status?.observedGeneration ?? 0) >= current.set.metadata.generation;
  return (
    isReportCurrent &&
    status.updatedReplicas === limits.replicas &&
    status.replicas === limits.replicas &&
    status.availableReplicas === limits.replicas
  );
}

function hasProgressed(before: DeploymentStatus | undefined, after: DeploymentStatus): boolean {
  const oldPods = (status: DeploymentStatus | undefined): number => (status?.replicas ?? 0) - (status?.updatedReplicas ?? 0);
  return (
    (after.updatedReplicas ?? 0) > (before?.updatedReplicas ?? 0) ||
    oldPods(after) < oldPods(before) ||
    (after.readyReplicas ?? 0) > (before?.readyReplicas ?? 0) ||
    (after.availableReplicas ?? 0) > (before?.availableReplicas ?? 0)
  );
}

/** When the deadline of the running rollout strikes, epoch milliseconds; undefined when nothing is waited for. */
export function progressDeadlineAt(deployment: StoredOf<'Deployment'>, conditions: readonly Condition[]): number | undefined {
  const deadline = deadlineMs(deployment);
  const progress = findCondition(conditions, 'Progressing');
  const since = progress?.lastUpdateTime ?? progress?.lastTransitionTime;
  if (deadline === undefined || since === undefined) return undefined;
  if (['NewReplicaSetAvailable', 'DeploymentPaused', 'ProgressDeadlineExceeded'].includes(progress?.reason ?? ''))
    return undefined;
  return fromRfc3339(since) + deadline;
}

/** The conditions as this pass's own doings leave them: pauses, and the appearance of the current template's set. */
function afterEvents(input: StatusInput, conditions: Condition[]): Condition[] {
  const { deployment, event, currentName, now } = input;
  const progress = findCondition(conditions, 'Progressing');
  if (deployment.spec.paused === true) {
    // A rollout that has failed stays failed; a pause is no excuse.
    if (progress?.reason === 'DeploymentPaused' || progress?.reason === 'ProgressDeadlineExceeded') return conditions;
    return withProgress(conditions, 'Unknown', 'DeploymentPaused', 'Deployment is paused', now);
  }
  if (event === 'created') {
    return withProgress(conditions, 'True', 'NewReplicaSetCreated', `Created new replica set "${currentName}"`, now);
  }
  if (event === 'found') {
    return withProgress(conditions, 'True', 'FoundNewReplicaSet', `Found new replica set "${currentName}"`, now);
  }
  if (event === 'begun') {
    // The time that the template before it had is not taken from the new one's.
    return withProgress(conditions, 'True', 'ReplicaSetUpdated', `Deployment "${deployment.metadata.name}" is progressing.`, now);
  }
  if (progress?.reason === 'DeploymentPaused') {
    return withProgress(conditions, 'Unknown', 'DeploymentResumed', 'Deployment is resumed', now);
  }
  return conditions;
}

function afterRollout(input: StatusInput, status: DeploymentStatus, conditions: Condition[]): Condition[] {
  const { deployment, currentName, now } = input;
  const subject = currentName === undefined ? `Deployment "${deployment.metadata.name}"` : `ReplicaSet "${currentName}"`;
  const progress = findCondition(conditions, 'Progressing');
  if (status.replicas === status.updatedReplicas && progress?.reason === 'NewReplicaSetAvailable') return conditions;
  if (isComplete(input, status)) {
    return withProgress(conditions, 'True', 'NewReplicaSetAvailable', `${subject} has successfully progressed.`, now);
  }
  if (hasProgressed(deployment.status, status)) {
    return withProgress(conditions, 'True', 'ReplicaSetUpdated', `${subject} is progressing.`, now);
  }
  const deadline = progressDeadlineAt(deployment, conditions);
  if (deadline !== undefined && now >= deadline) {
    return withProgress(conditions, 'False', 'ProgressDeadlineExceeded', `${subject} has timed out progressing.`, now);
  }
  return conditions;
}

function withAvailability(conditions: readonly Condition[], limits: RolloutLimits, available: number, now: number): Condition[] {
  return available >= limits.minAvailable
    ? withCondition(
        conditions,
        {
          type: 'Available',
          status: 'True',
          reason: 'MinimumReplicasAvailable',
          message: 'Deployment has minimum availability.',
        },
        now,
      )
    : withCondition(
        conditions,
        {
          type: 'Available',
          status: 'False',
          reason: 'MinimumReplicasUnavailable',
          message: 'Deployment does not have minimum availability.',
        },
        now,
      );
}

/** Passes on that a ReplicaSet cannot make its pods, the current set's failure first; takes the condition away when none fails. */
function withReplicaFailure(conditions: readonly Condition[], input: StatusInput): Condition[] {
  const sets = [...(input.current === undefined ? [] : [input.current]), ...input.old];
  const failure = sets
    .map((slot) => findCondition(slot.set.status?.conditions, 'ReplicaFailure'))
    .find((found) => found !== undefined);
  const others = conditions.filter((condition) => condition.type !== 'ReplicaFailure');
  return failure === undefined ? others : [...others, failure];
}

/** The whole new status, and when to look again for the deadline's sake. */
export function reportStatus(input: StatusInput): { status: DeploymentStatus; checkAgainAfterMs: number | undefined } {
  const { deployment, limits, now } = input;
  const counted = numbers(input);
  let conditions = withAvailability(deployment.status?.conditions ?? [], limits, counted.availableReplicas ?? 0, now);
  conditions = afterEvents(input, conditions);
  if (deadlineMs(deployment) === undefined) conditions = conditions.filter((condition) => condition.type !== 'Progressing');
  else if (input.isRollout) conditions = afterRollout(input, counted, conditions);
  conditions = withReplicaFailure(conditions, input);
  const deadline = input.isRollout ? progressDeadlineAt(deployment, conditions) : undefined;
  return {
    status: { ...counted, conditions },
    checkAgainAfterMs: deadline === undefined ? undefined : Math.max(0, deadline - now),
  };
}
