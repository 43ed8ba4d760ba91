// A StatefulSet as its planner sees it: one seat per wanted ordinal, taken or free, and the pods that are too many.
import type { StatefulSet, StoredOf } from '../../model/resource.ts';
import { REVISION_HASH_LABEL } from '../../model/revision.ts';
import { isAvailable, isFinished, isReady, isTerminating } from '../pods.ts';
import { type History, type Revision, revisionOf, type StoredRevision } from '../revisions/history.ts';
import { isWantedOrdinal, ordinalOf, podNameOf, startOrdinal, wantedReplicas } from './identity.ts';
import type { StatefulSetObserved } from './observe.ts';

/** Label of a revision: its hash. */
export const HASH_LABEL = 'controller.kubernetes.io/hash';

export type StoredPod = StoredOf<'Pod'>;

/** One wanted ordinal. */
export interface Seat {
  readonly ordinal: number;
  /** Counted from the start ordinal: what the partition is compared with. */
  readonly index: number;
  readonly name: string;
  readonly pod: StoredPod | undefined;
}

/** A pod with its ordinal. */
export interface Surplus {
  readonly ordinal: number;
  readonly pod: StoredPod;
}

/** Everything that one pass works with. */
export interface Pass {
  readonly set: StoredOf<'StatefulSet'>;
  readonly observed: StatefulSetObserved;
  readonly now: number;
  /** The revision that is replaced, and the one that replaces it; equal when nothing is rolled out. */
  readonly current: Revision;
  readonly update: Revision;
  /** Ascending. */
  readonly seats: readonly Seat[];
  /** Descending. */
  readonly surplus: readonly Surplus[];
  /** One pod at a time, in order. */
  readonly isOrdered: boolean;
}

function currentRevision(set: StoredOf<'StatefulSet'>, owned: readonly StoredRevision[], update: Revision): Revision {
  const name = set.status?.currentRevision;
  const stored = owned.find((revision) => revision.metadata.name === name);
  return stored === undefined || name === update.name ? update : revisionOf(stored, HASH_LABEL, set.spec.template);
}

/** Sorts what was observed. */
export function readPass(set: StoredOf<'StatefulSet'>, observed: StatefulSetObserved, history: History, now: number): Pass {
  const byOrdinal = new Map<number, StoredPod>();
  for (const pod of observed.owned) {
    const ordinal = ordinalOf(set, pod.metadata.name);
    if (ordinal !== undefined) byOrdinal.set(ordinal, pod);
  }
  const start = startOrdinal(set);
  const seats = Array.from({ length: Math.max(0, wantedReplicas(set)) }, (_value, index): Seat => {
    const ordinal = start + index;
    return { ordinal, index, name: podNameOf(set, ordinal), pod: byOrdinal.get(ordinal) };
  });
  const surplus = [...byOrdinal]
    .filter(([ordinal]) => !isWantedOrdinal(set, ordinal))
    .map(([ordinal, pod]) => ({ ordinal, pod }))
    .toSorted((a, b) => b.ordinal - a.ordinal);
  const { update } = history;
  const current = currentRevision(set, observed.history.owned, update);
  return { set, observed, now, current, update, seats, surplus, isOrdered: set.spec.podManagementPolicy !== 'Parallel' };
}

/** The revision that a pod was made from, by its label. */
export function revisionNameOf(pod: StoredPod): string {
  return pod.metadata.labels?.[REVISION_HASH_LABEL] ?? '';
}

/** Seats below it keep the current revision; 0 without a partition, and when pods are replaced by hand. */
export function partitionOf({ spec }: Pick<StatefulSet, 'spec'>): number {
  return spec.updateStrategy?.rollingUpdate?.partition ?? 0;
}

/** The revision that a pod made for a seat now would have. */
export function revisionFor({ set, current, update }: Pass, { index }: Seat): Revision {
  return index < partitionOf(set) ? current : update;
}

/** Whether the rolling update replaces the pod of a seat: of another revision, above the partition, and not on its way out. */
export function isOutdated({ set, update }: Pass, { index, pod }: Seat): boolean {
  const isRolling = set.spec.updateStrategy?.type !== 'OnDelete';
  return (
    isRolling && index >= partitionOf(set) && pod !== undefined && !isTerminating(pod) && revisionNameOf(pod) !== update.name
  );
}

/** Running and ready; a pod that is on its way out may be. */
export function isUp(pod: StoredPod | undefined): boolean {
  return pod?.status?.phase === 'Running' && isReady(pod);
}

/** Up for long enough. */
export function isUpLongEnough({ set, now }: Pass, pod: StoredPod | undefined): boolean {
  return pod !== undefined && isUp(pod) && isAvailable(pod, set.spec.minReadySeconds ?? 0, now);
}

/** Whether a seat cannot be counted on: free, ended, on its way out, not ready, or not for long enough. */
export function isUnavailable(pass: Pass, pod: StoredPod | undefined): boolean {
  return pod === undefined || isTerminating(pod) || isFinished(pod) || !isUpLongEnough(pass, pod);
}
