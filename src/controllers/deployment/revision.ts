// The numbers of a Deployment's rollouts, kept as annotations, and the history that they order (Kubernetes, "Rolling Back").

import type { StoredOf } from '../../model/resource.ts';
import { REVISION_ANNOTATION } from '../../model/resource.ts';
import { annotatedNumber, byAge, DESIRED_REPLICAS_ANNOTATION, MAX_REPLICAS_ANNOTATION, type Slot } from './slot.ts';

/** Annotation of a ReplicaSet that served earlier rollouts: their numbers, separated by commas. */
const REVISION_HISTORY_ANNOTATION = 'deployment.kubernetes.io/revision-history';

/** Annotations of a Deployment that say something of the Deployment alone. */
const notCopied: ReadonlySet<string> = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  'deprecated.deployment.rollback.to',
  REVISION_ANNOTATION,
  REVISION_HISTORY_ANNOTATION,
  DESIRED_REPLICAS_ANNOTATION,
  MAX_REPLICAS_ANNOTATION,
]);

type Annotations = Readonly<Record<string, string>>;

/** The number of a ReplicaSet's last rollout; 0 when it has none. */
export function revisionOf(set: StoredOf<'ReplicaSet'>): number {
  return annotatedNumber(set, REVISION_ANNOTATION) ?? 0;
}

/** The number that the current template's rollout has: one more than any older one, unless its set has a higher one already. */
export function currentRevision(current: Slot | undefined, old: readonly Slot[]): number {
  const next = 1 + old.reduce((highest, slot) => Math.max(highest, revisionOf(slot.set)), 0);
  return Math.max(next, current === undefined ? 0 : revisionOf(current.set));
}

/** The annotations that the ReplicaSet of the current template is to have; those it has and the Deployment lacks stay. */
export function annotationsFor(
  deployment: StoredOf<'Deployment'>,
  set: StoredOf<'ReplicaSet'> | undefined,
  revision: number,
): Annotations {
  const copied = Object.entries(deployment.metadata.annotations ?? {}).filter(([name]) => !notCopied.has(name));
  const annotations: Annotations = {
    ...set?.metadata.annotations,
    ...Object.fromEntries(copied),
    [REVISION_ANNOTATION]: String(revision),
  };
  const last = set === undefined ? 0 : revisionOf(set);
  if (last === 0 || last === revision) return annotations;
  const history = [annotations[REVISION_HISTORY_ANNOTATION], String(last)].filter((part) => part !== undefined && part !== '');
  return { ...annotations, [REVISION_HISTORY_ANNOTATION]: history.join(',') };
}

/** The annotations that tell what a ReplicaSet was scaled for. */
export function scaleAnnotations(replicas: number, maxSurge: number): Annotations {
  return { [DESIRED_REPLICAS_ANNOTATION]: String(replicas), [MAX_REPLICAS_ANNOTATION]: String(replicas + maxSurge) };
}

/** Old ReplicaSets beyond the history limit, oldest rollout first. Only those whose pods are all gone, so that none is cut off. */
export function beyondHistory(old: readonly Slot[], limit: number, podCount: (slot: Slot) => number): Slot[] {
  const ordered = old.toSorted((a, b) => revisionOf(a.set) - revisionOf(b.set) || byAge(a, b));
  return ordered
    .slice(0, Math.max(0, ordered.length - limit))
    .filter(
      (slot) =>
        slot.replicas === 0 &&
        (slot.set.status?.replicas ?? 0) === 0 &&
        (slot.set.status?.observedGeneration ?? 0) >= slot.set.metadata.generation &&
        podCount(slot) === 0,
    );
}
