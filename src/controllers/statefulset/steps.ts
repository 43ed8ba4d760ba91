// The three things that happen to the pods of a StatefulSet: wanted ones are made and kept, those too many go, outdated ones are
// replaced (Kubernetes, "Deployment and Scaling Guarantees", "Update strategies").
//
// A rollout that cannot go on is repaired by the next commit. In Kubernetes, a pod that never becomes ready under OrderedReady blocks
// the controller for ever: it waits for the pod before it looks at the template, so that even the commit that mends the template has no
// effect until somebody deletes the pod by hand ("Forced rollback"). Here a wanted pod that is not ready and not of the revision that its
// seat is to have is replaced at once, instead of being waited for. That takes nothing away from anybody: the pod does not serve, it
// counts against maxUnavailable already, its claim stays, and the rolling update would replace it anyway. Ready pods keep Kubernetes'
// order, and pods below the partition or under OnDelete are never touched.
import type { Action } from '../../model/action.ts';
import { keyOf } from '../../model/resource.ts';
import { fromRfc3339 } from '../../model/time.ts';
import { isFinished, isTerminating, isUnseen } from '../pods.ts';
import { claimNamesOf, claimsOf, podOf } from './identity.ts';
import { isStaleClaim, ownersOfNewClaim, withRetention } from './retention.ts';
import {
  isOutdated,
  isUnavailable,
  isUp,
  isUpLongEnough,
  type Pass,
  revisionFor,
  revisionNameOf,
  type Seat,
  type StoredPod,
} from './seats.ts';

/** A pod that ended sooner than this after its creation is replaced only when this time is over, so that pods that cannot live do not follow each other in a rush. */
export const MIN_POD_LIFE_MS = 10_000;
/** Objects made or deleted in one pass; the next pass goes on. */
export const MAX_CHANGES_PER_PASS = 100;

/** What a step does. `isDone` when nothing of it is left to wait for, so that a set with ordered pods may go on. */
export interface Step {
  readonly actions: readonly Action[];
  readonly isDone: boolean;
  /** Look again after this time, even if nothing happens. */
  readonly waitMs?: number;
}

const done: Step = { actions: [], isDone: true };
const blocked: Step = { actions: [], isDone: false };

function removal({ set }: Pass, pod: StoredPod, why = ''): Action {
  const message = `delete Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name} successful${why === '' ? '' : `: ${why}`}`;
  return { type: 'delete', key: keyOf(pod), uid: pod.metadata.uid, reason: 'SuccessfulDelete', message };
}

/** Makes the claims that are missing and gives those that are there the owners of the policy. */
function claimActions({ set, observed }: Pass, ordinal: number, pod: StoredPod | undefined): Action[] {
  return claimsOf(set, ordinal).flatMap((claim): Action[] => {
    const name = claim.metadata.name ?? '';
    const podName = `${set.metadata.name}-${ordinal}`;
    const live = observed.claims.get(name);
    if (live === undefined) {
      const owners = ownersOfNewClaim(set);
      const resource = { ...claim, metadata: { ...claim.metadata, ...(owners.length === 0 ? {} : { ownerReferences: owners }) } };
      const message = `create Claim ${name} Pod ${podName} in StatefulSet ${set.metadata.name} success`;
      return [{ type: 'create', resource, reason: 'SuccessfulCreate', message }];
    }
    return pod === undefined ? [] : retention({ set, observed }, ordinal, pod, name);
  });
}

function retention({ set, observed }: Pick<Pass, 'set' | 'observed'>, ordinal: number, pod: StoredPod, name: string): Action[] {
  const live = observed.claims.get(name);
  const resource = live === undefined ? undefined : withRetention(live, set, pod, ordinal);
  if (resource === undefined) return [];
  const message = `update Claim ${name} Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name} success: persistentVolumeClaimRetentionPolicy`;
  return [{ type: 'update', resource, reason: 'SuccessfulUpdate', message }];
}

/** The claim that a new pod must wait for: it is being deleted, or still belongs to the pod that was here before. */
function leavingClaim({ set, observed }: Pass, { ordinal, name }: Seat): string | undefined {
  return claimNamesOf(set, ordinal).find((claimName) => {
    const live = observed.claims.get(claimName);
    return live !== undefined && (live.metadata.deletionTimestamp !== undefined || isStaleClaim(live, set, name, undefined));
  });
}

function failedCreate({ set }: Pass, seat: Seat, why: string): Step {
  const message = `create Pod ${seat.name} in StatefulSet ${set.metadata.name} failed error: ${why}`;
  return { ...blocked, actions: [{ type: 'report', severity: 'Warning', reason: 'FailedCreate', message }] };
}

function create(pass: Pass, seat: Seat): Step {
  const { set, observed } = pass;
  const stranger = observed.strangers.get(seat.name);
  if (stranger !== undefined)
    return stranger.isGoing
      ? blocked
      : failedCreate(pass, seat, `pods "${seat.name}" already exists and belongs to somebody else`);
  const claim = leavingClaim(pass, seat);
  if (claim !== undefined) return failedCreate(pass, seat, `pvc ${claim} is being deleted`);
  // Claims come first: where they are refused, for a quota, the pod is not to wait for them in vain.
  const claims = claimActions(pass, seat.ordinal, undefined);
  if (claims.length > 0) return { actions: claims, isDone: false, waitMs: 0 };
  const resource = podOf(set, revisionFor(pass, seat), seat.ordinal);
  const message = `create Pod ${seat.name} in StatefulSet ${set.metadata.name} successful`;
  return { actions: [{ type: 'create', resource, reason: 'SuccessfulCreate', message }], isDone: false };
}

/** A pod that has ended is deleted, and its successor made once it is gone: the name is taken until then. */
function replaceFinished(pass: Pass, pod: StoredPod): Step {
  const { set, now } = pass;
  if (isTerminating(pod)) return blocked;
  const createdMs = fromRfc3339(pod.metadata.creationTimestamp);
  const waitMs = createdMs > now ? 0 : createdMs + MIN_POD_LIFE_MS - now;
  if (waitMs > 0) return { ...blocked, waitMs };
  const isFailed = pod.status?.phase === 'Failed';
  const what = `StatefulSet ${set.metadata.namespace ?? 'default'}/${set.metadata.name} is recreating`;
  const report: Action = isFailed
    ? { type: 'report', severity: 'Warning', reason: 'RecreatingFailedPod', message: `${what} failed Pod ${pod.metadata.name}` }
    : {
        type: 'report',
        severity: 'Normal',
        reason: 'RecreatingTerminatedPod',
        message: `${what} terminated Pod ${pod.metadata.name}`,
      };
  return { ...blocked, actions: [report, removal(pass, pod)] };
}

/** Whether somebody has looked at the pod and found it not ready: one that was just rebuilt from Docker has not been looked at. */
function isKnownDown(pod: StoredPod): boolean {
  return !isUp(pod) && !isUnseen(pod);
}

/** Makes, keeps or replaces the pod of one seat. */
export function tendSeat(pass: Pass, seat: Seat): Step {
  const { pod } = seat;
  if (pod === undefined) return create(pass, seat);
  if (isFinished(pod)) return replaceFinished(pass, pod);
  if (isTerminating(pod)) return blocked;
  if (isKnownDown(pod) && isOutdated(pass, seat)) {
    const why = `it is not ready and of revision ${revisionNameOf(pod)}, which is replaced by ${pass.update.name}`;
    return { ...blocked, actions: [removal(pass, pod, why)] };
  }
  return { actions: claimActions(pass, seat.ordinal, pod), isDone: isUpLongEnough(pass, pod) };
}

/** Keeps all seats: from the first, and no further than the first that is not done, when pods are ordered. */
export function tendSeats(pass: Pass): Step {
  if (!pass.isOrdered) return joined(pass.seats.map((seat) => tendSeat(pass, seat)));
  const steps: Step[] = [];
  for (const seat of pass.seats) {
    const step = tendSeat(pass, seat);
    steps.push(step);
    if (!step.isDone) break;
  }
  return joined(steps);
}

function joined(steps: readonly Step[]): Step {
  const waits = steps.flatMap(({ waitMs }) => waitMs ?? []);
  return {
    actions: steps.flatMap(({ actions }) => actions),
    isDone: steps.every(({ isDone }) => isDone),
    ...(waits.length === 0 ? {} : { waitMs: Math.min(...waits) }),
  };
}

/**
 * Deletes the pods that are too many, the highest first. When pods are ordered, one at a time, and one that is not available goes only
 * when none below it is in that state.
 */
export function shrink(pass: Pass): Step {
  const { set, observed, surplus, isOrdered } = pass;
  const claims = surplus.flatMap(({ ordinal, pod }) =>
    isTerminating(pod) ? [] : claimNamesOf(set, ordinal).flatMap((name) => retention({ set, observed }, ordinal, pod, name)),
  );
  if (!isOrdered) {
    const going = surplus.filter(({ pod }) => !isTerminating(pod));
    return { actions: [...claims, ...going.map(({ pod }) => removal(pass, pod))], isDone: true };
  }
  const next = surplus[0];
  if (next === undefined) return done;
  const lowestDown = surplus.findLast(({ pod }) => isUnavailable(pass, pod));
  const mustWait = isTerminating(next.pod) || (!isUpLongEnough(pass, next.pod) && next !== lowestDown);
  return { actions: [...claims, ...(mustWait ? [] : [removal(pass, next.pod)])], isDone: false };
}

/** Replaces pods of another revision from the highest ordinal on, as many as maxUnavailable leaves. */
export function roll(pass: Pass, maxUnavailable: number): Step {
  const { seats } = pass;
  const outdated = seats.filter((seat) => isOutdated(pass, seat) && isUp(seat.pod)).toReversed();
  const unavailable = seats.filter(({ pod }) => isUnavailable(pass, pod)).length;
  const going = outdated.slice(0, Math.max(0, maxUnavailable - unavailable));
  return { actions: going.flatMap(({ pod }) => (pod === undefined ? [] : [removal(pass, pod)])), isDone: going.length === 0 };
}
