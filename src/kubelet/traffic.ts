// Whether clients are still led to a pod. A container is asked to stop when they are not any more, so that a pod that ends when it is asked
// to needs no pause before. Kubernetes leaves that to chance and to the preStop hooks of its users.

/** What the network of all nodes knows of the pods. */
export interface Traffic {
  /** Whether somewhere a Service or an Ingress still leads to this pod, although it has left or is about to. Cheap. */
  isServed(uid: string): boolean;
  /** Calls back when pods may no longer be served. */
  onLeft(callback: (uids: readonly string[]) => void): void;
  /** Why what is led to pods cannot be changed just now, for people; undefined when nothing is known to be wrong. */
  fault?(): string | undefined;
}

/** How long a pod waits for that at least, if need be: a busy network that is being changed, or that is looked at for the first time. */
export const LEAVE_MS = 10_000;
/** And at most, however much grace it has. */
const MAX_LEAVE_MS = 60_000;
/** A wait that is longer is told. */
export const LONG_LEAVE_MS = 2_000;

/** How long a pod waits for that, by its grace: whoever gives it longer to end would rather lose time than a request. */
export function leaveMs(graceMs: number): number {
  return Math.min(MAX_LEAVE_MS, Math.max(LEAVE_MS, graceMs));
}
