// Whether clients are still led to a pod. A container is asked to stop when they are not any more, so that a pod that ends when it is asked
// to needs no pause before. Kubernetes leaves that to chance and to the preStop hooks of its users.

/** What the network of all nodes knows of the pods. */
export interface Traffic {
  /** Whether somewhere a Service or an Ingress still leads to this pod, although it has left or is about to. Cheap. */
  isServed(uid: string): boolean;
  /** Calls back when pods may no longer be served. */
  onLeft(callback: (uids: readonly string[]) => void): void;
}

/**
 * How long a pod waits for that at most: a busy network that is being changed, or that is looked at for the first time. One that is known not to
 * answer serves nobody, by `isServed`.
 */
export const LEAVE_MS = 10_000;
