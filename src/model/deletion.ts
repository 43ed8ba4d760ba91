// How objects end (Kubernetes, "Finalizers" and "Garbage Collection"): what keeps an object that is asked to go, and when it is gone. Rules
// only; who writes them is src/runtime/deletion.ts. Must not decide who goes.
import { isFinished } from './pod-phase.ts';
import type { Stored, StoredOf } from './resource.ts';
import { toRfc3339 } from './time.ts';

/**
 * What becomes of the objects that an object owns: deleted after it, deleted before it, or left without it (Kubernetes, "Cascading
 * deletion").
 */
export type Propagation = 'Background' | 'Foreground' | 'Orphan';

/** Finalizer of an object that waits for its dependents to go. */
export const FOREGROUND_FINALIZER = 'foregroundDeletion';
/** Finalizer of an object that waits for its dependents to be released. */
export const ORPHAN_FINALIZER = 'orphan';
/** Entry of a Namespace's spec.finalizers: its content goes first. */
export const NAMESPACE_FINALIZER = 'kubernetes';

/** Grace of a pod that does not say its own (Kubernetes, "Pod termination"). */
const DEFAULT_GRACE_SECONDS = 30;

/** Whether an object is asked to go. */
export function isEnding(resource: Pick<Stored, 'metadata'>): boolean {
  return resource.metadata.deletionTimestamp !== undefined;
}

/** The finalizers that keep an object; for a Namespace those of its spec too. */
export function finalizersOf(resource: Stored): readonly string[] {
  const own = resource.metadata.finalizers ?? [];
  return resource.kind === 'Namespace' ? [...own, ...(resource.spec?.finalizers ?? [])] : own;
}

/** Whether a pod has been given to a node: then it has containers there, even when it has finished, and its kubelet removes it. */
export function isBound(pod: StoredOf<'Pod'>): boolean {
  return (pod.spec.nodeName ?? '') !== '';
}

/** Whether a pod's kubelet is done with it: its containers are gone, and only finalizers keep it. */
export function isLetGo(pod: StoredOf<'Pod'>): boolean {
  return isEnding(pod) && pod.metadata.deletionGracePeriodSeconds === 0 && isFinished(pod);
}

/** Whether an update that leads to `next` ends the object: it is asked to go, and the last finalizer was taken off. */
export function endsBy(before: Stored, next: Stored): boolean {
  if (!isEnding(before) || finalizersOf(before).length === 0 || finalizersOf(next).length > 0) return false;
  return before.kind !== 'Pod' || !isBound(before) || isLetGo(before);
}

/**
 * The object as it is when it is asked to go at `now` (epoch milliseconds), or undefined when nothing keeps it and it can be removed at once.
 * A pod on a node is kept until its kubelet lets go of it; a Namespace until it is empty.
 */
export function asEnding(resource: Stored, propagation: Propagation, now: number): Stored | undefined {
  const own = (resource.metadata.finalizers ?? []).filter((name) => name !== FOREGROUND_FINALIZER && name !== ORPHAN_FINALIZER);
  const added = propagation === 'Foreground' ? [FOREGROUND_FINALIZER] : propagation === 'Orphan' ? [ORPHAN_FINALIZER] : [];
  const finalizers = [...own, ...added];
  const isOnNode = resource.kind === 'Pod' && isBound(resource);
  if (finalizers.length === 0 && !isOnNode && resource.kind !== 'Namespace') return undefined;
  const graceSeconds = isOnNode ? (resource.spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS) : 0;
  const { finalizers: _before, ...rest } = resource.metadata;
  const metadata = {
    ...rest,
    ...(finalizers.length === 0 ? {} : { finalizers }),
    deletionTimestamp: toRfc3339(now + graceSeconds * 1000),
    deletionGracePeriodSeconds: graceSeconds,
  };
  return resource.kind === 'Namespace'
    ? { ...resource, metadata, spec: { ...resource.spec, finalizers: [NAMESPACE_FINALIZER] } }
    : { ...resource, metadata };
}

/** The object without one of its finalizers. */
export function withoutFinalizer(resource: Stored, finalizer: string): Stored {
  const { finalizers = [], ...metadata } = resource.metadata;
  const left = finalizers.filter((name) => name !== finalizer);
  return { ...resource, metadata: { ...metadata, ...(left.length === 0 ? {} : { finalizers: left }) } };
}
