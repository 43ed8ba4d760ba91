// Decides the next step of one Deployment: which ReplicaSets it has, how large each is to be, and what it reports. It makes one step
// per pass and looks again; it never touches pods.
import type { Action } from '../../model/action.ts';
import { findCondition } from '../../model/conditions.ts';
import { canonicalJson } from '../../model/hash.ts';
import type { StoredOf } from '../../model/resource.ts';
import { keyOf, REVISION_ANNOTATION, TEMPLATE_HASH_LABEL } from '../../model/resource.ts';
import { type RolloutLimits, rolloutLimits, templateHash } from '../../model/rollout.ts';
import type { Plan } from '../../runtime/controller.ts';
import { planClaims } from '../claims.ts';
import { isFinished } from '../pods.ts';
import type { DeploymentObserved } from './observe.ts';
import { annotationsFor, beyondHistory, currentRevision, revisionOf, scaleAnnotations } from './revision.ts';
import { newSetSize, shrinkOldSets } from './rolling.ts';
import { isScalingEvent, scaledSizes } from './scaling.ts';
import { byAge, type Resize, type Slot, slotOf } from './slot.ts';
import { reportStatus } from './status.ts';
import { newReplicaSet, replicaSetName } from './template.ts';

const DEFAULT_REVISION_HISTORY_LIMIT = 10;

/** The rollout as it stands. */
interface Rollout {
  readonly deployment: StoredOf<'Deployment'>;
  readonly observed: DeploymentObserved;
  readonly limits: RolloutLimits;
  readonly hash: string;
  /** The current template's set, when it exists. */
  readonly current: Slot | undefined;
  readonly old: readonly Slot[];
  readonly revision: number;
}

/** One step: sizes of existing sets, and the size of the current template's set when it is to be made. */
interface Step {
  readonly resizes: readonly Resize[];
  readonly create: number | undefined;
  readonly isRollout: boolean;
}

function readRollout(deployment: StoredOf<'Deployment'>, observed: DeploymentObserved, now: number): Rollout {
  const hash = templateHash(deployment);
  const isCurrent = (set: StoredOf<'ReplicaSet'>): boolean => set.metadata.labels?.[TEMPLATE_HASH_LABEL] === hash;
  const slots = observed.owned
    .map((set) => {
      // The current set may not have been told yet how long a pod has to be ready: the Deployment's word counts.
      const minReadySeconds = (isCurrent(set) ? deployment.spec.minReadySeconds : set.spec.minReadySeconds) ?? 0;
      return slotOf(set, observed.podsOf.get(set.metadata.uid) ?? [], minReadySeconds, now);
    })
    .toSorted(byAge);
  const current = slots.find((slot) => isCurrent(slot.set));
  const old = slots.filter((slot) => slot !== current);
  return { deployment, observed, limits: rolloutLimits(deployment), hash, current, old, revision: currentRevision(current, old) };
}

/** The current template's set at a size: made when missing, resized when it differs. */
function currentAt({ current }: Rollout, replicas: number): Pick<Step, 'resizes' | 'create'> {
  if (current === undefined) return { resizes: [], create: replicas };
  return { resizes: current.replicas === replicas ? [] : [{ slot: current, replicas }], create: undefined };
}

function rollingStep(rollout: Rollout): Step {
  const { limits, old, current } = rollout;
  const grown = currentAt(rollout, newSetSize(limits, old, current?.replicas ?? 0, current?.activePods ?? 0));
  if (grown.create !== undefined || grown.resizes.length > 0 || current === undefined) return { ...grown, isRollout: true };
  return { resizes: shrinkOldSets(limits, old, current), create: undefined, isRollout: true };
}

/** Old pods go entirely before new ones come (Kubernetes, "Recreate Deployment"). */
function recreateStep(rollout: Rollout): Step {
  const { old, observed } = rollout;
  const resizes = old.filter((slot) => slot.replicas > 0).map((slot) => ({ slot, replicas: 0 }));
  if (resizes.length > 0) return { resizes, create: undefined, isRollout: true };
  const oldPods = [...old.flatMap((slot) => observed.podsOf.get(slot.set.metadata.uid) ?? []), ...observed.strayPods];
  if (oldPods.some((pod) => !isFinished(pod))) return { resizes: [], create: undefined, isRollout: true };
  return { ...currentAt(rollout, rollout.limits.replicas), isRollout: true };
}

function nextStep(rollout: Rollout): Step {
  const { deployment, limits, current, old } = rollout;
  const slots = [...old, ...(current === undefined ? [] : [current])];
  const isRecreate = deployment.spec.strategy?.type === 'Recreate';
  if (deployment.spec.paused === true || isScalingEvent(limits, slots)) {
    const resizes = scaledSizes(limits, current, old, !isRecreate, deployment.status?.replicas ?? 0);
    return { resizes, create: undefined, isRollout: false };
  }
  return isRecreate ? recreateStep(rollout) : rollingStep(rollout);
}

/** The update of one set, if its size, annotations or minReadySeconds are to change. */
function updateOf(rollout: Rollout, slot: Slot, resize: Resize | undefined): Action[] {
  const { deployment, limits } = rollout;
  const { set } = slot;
  const isCurrent = slot === rollout.current;
  const replicas = resize?.replicas ?? slot.replicas;
  const annotations = {
    ...(isCurrent ? annotationsFor(deployment, set, rollout.revision) : set.metadata.annotations),
    ...(resize === undefined ? {} : scaleAnnotations(limits.replicas, limits.maxSurge)),
  };
  const minReadySeconds = isCurrent ? (deployment.spec.minReadySeconds ?? 0) : (set.spec.minReadySeconds ?? 0);
  const isSame =
    replicas === slot.replicas &&
    minReadySeconds === (set.spec.minReadySeconds ?? 0) &&
    canonicalJson(annotations) === canonicalJson(set.metadata.annotations ?? {});
  if (isSame) return [];
  const spec = { ...set.spec, replicas, ...(minReadySeconds === (set.spec.minReadySeconds ?? 0) ? {} : { minReadySeconds }) };
  const direction = replicas > slot.replicas ? 'up' : 'down';
  const why =
    replicas === slot.replicas
      ? { reason: 'ReplicaSetSynced', message: `Updated replica set ${set.metadata.name} to its deployment` }
      : {
          reason: 'ScalingReplicaSet',
          message: `Scaled ${direction} replica set ${set.metadata.name} from ${slot.replicas} to ${replicas}`,
        };
  return [{ type: 'update', resource: { ...set, metadata: { ...set.metadata, annotations }, spec }, ...why }];
}

function createCurrent(rollout: Rollout, replicas: number): Action {
  const { deployment, limits, hash, revision } = rollout;
  const annotations = {
    ...annotationsFor(deployment, undefined, revision),
    ...scaleAnnotations(limits.replicas, limits.maxSurge),
  };
  const name = replicaSetName(deployment, hash);
  return {
    type: 'create',
    resource: newReplicaSet(deployment, hash, replicas, annotations),
    reason: replicas > 0 ? 'ScalingReplicaSet' : 'NewReplicaSetCreated',
    message: replicas > 0 ? `Scaled up replica set ${name} from 0 to ${replicas}` : `Created new replica set ${name}`,
  };
}

/** Writes the rollout's number on the Deployment, once its set exists or is made. */
function numberDeployment({ deployment, revision }: Rollout): Action[] {
  const annotation = String(revision);
  if (deployment.metadata.annotations?.[REVISION_ANNOTATION] === annotation) return [];
  const annotations = { ...deployment.metadata.annotations, [REVISION_ANNOTATION]: annotation };
  const resource = { ...deployment, metadata: { ...deployment.metadata, annotations } };
  return [{ type: 'update', resource, reason: 'RevisionChanged', message: `This is revision ${annotation}` }];
}

function cleanUp(rollout: Rollout): Action[] {
  const limit = rollout.deployment.spec.revisionHistoryLimit ?? DEFAULT_REVISION_HISTORY_LIMIT;
  const podCount = (slot: Slot): number => rollout.observed.podsOf.get(slot.set.metadata.uid)?.length ?? 0;
  return beyondHistory(rollout.old, limit, podCount).map(({ set }) => ({
    type: 'delete',
    key: keyOf(set),
    uid: set.metadata.uid,
    reason: 'RevisionHistoryLimit',
    message: `Deleted replica set ${set.metadata.name} of revision ${revisionOf(set)}: the last ${limit} old ones are kept`,
  }));
}

/** Whether the last report says that the rollout was complete; history is cleaned up only then. */
function wasComplete({ deployment, limits }: Rollout): boolean {
  const { status } = deployment;
  return (
    status?.updatedReplicas === limits.replicas &&
    status.replicas === limits.replicas &&
    status.availableReplicas === limits.replicas
  );
}

/** A stranger has the name of the set to be made: when it is not about to go, another hash is taken. */
function planCollision(rollout: Rollout, namesake: StoredOf<'ReplicaSet'>, now: number): Plan<'Deployment'> {
  const { deployment, observed } = rollout;
  const taken = deployment.status?.collisionCount;
  const collisionCount = observed.isNamesakeGoing ? taken : (taken ?? 0) + 1;
  const { status } = reportStatus({ ...rollout, currentName: undefined, event: undefined, isRollout: true, collisionCount, now });
  if (observed.isNamesakeGoing) return { actions: [], status };
  const message = `The name ${namesake.metadata.name} belongs to another replica set; another hash is used`;
  return { actions: [{ type: 'report', severity: 'Warning', reason: 'HashCollision', message }], status, checkAgainAfterMs: 0 };
}

/**
 * The next step of a Deployment (Kubernetes, "Deployments"). At most one of: claiming ReplicaSets, growing the current one, shrinking old
 * ones, removing history. `checkAgainAfterMs` is the time to the progress deadline.
 */
export function planDeployment(
  deployment: StoredOf<'Deployment'>,
  observed: DeploymentObserved,
  now: number,
): Plan<'Deployment'> {
  if (deployment.metadata.deletionTimestamp !== undefined) return { actions: [] };
  const claims = planClaims(deployment, deployment.spec.selector, observed.owned, observed.orphans);
  if (claims.length > 0) return { actions: claims, checkAgainAfterMs: 0 };

  const rollout = readRollout(deployment, observed, now);
  const { current, old } = rollout;
  const step = nextStep(rollout);
  if (step.create !== undefined && observed.namesake !== undefined) return planCollision(rollout, observed.namesake, now);

  const slots = [...old, ...(current === undefined ? [] : [current])];
  const resizeOf = new Map(step.resizes.map((resize) => [resize.slot, resize]));
  const changes = slots.flatMap((slot) => updateOf(rollout, slot, resizeOf.get(slot)));
  const creations = step.create === undefined ? [] : [createCurrent(rollout, step.create)];
  const hasSet = current !== undefined || step.create !== undefined;
  const isIdle = changes.length === 0 && creations.length === 0;
  const isHistoryDue = isIdle && (deployment.spec.paused === true || (step.isRollout && wasComplete(rollout)));
  const isNews = current !== undefined && revisionOf(current.set) !== 0 && revisionOf(current.set) !== rollout.revision;
  const isUntold = current !== undefined && findCondition(deployment.status?.conditions, 'Progressing') === undefined;
  const isBegun = !hasSet && (deployment.status?.observedGeneration ?? 0) < deployment.metadata.generation;
  const { status, checkAgainAfterMs } = reportStatus({
    ...rollout,
    currentName: hasSet ? replicaSetName(deployment, rollout.hash) : undefined,
    event: creations.length > 0 ? 'created' : isNews || isUntold ? 'found' : isBegun ? 'begun' : undefined,
    isRollout: step.isRollout,
    collisionCount: deployment.status?.collisionCount,
    now,
  });
  return {
    actions: [...creations, ...changes, ...(isHistoryDue ? cleanUp(rollout) : []), ...(hasSet ? numberDeployment(rollout) : [])],
    status,
    ...(checkAgainAfterMs === undefined ? {} : { checkAgainAfterMs }),
  };
}
