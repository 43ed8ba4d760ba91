// Whether clients are still led to a pod. A container is asked to stop when they are not any more, so that a pod that ends when it is asked
// to needs no pause before. Kubernetes leaves that to chance and to the preStop hooks of its users.

/** What the network of all nodes knows of the pods. */
export interface Traffic {
  /** Whether somewhere a Service or an Ingress still leads to this pod, although it has left or is about to. Cheap. */
  isServed(uid: string): boolean;
  /** Calls back when pods may no longer be served. */
  onLeft(callback: (uids: readonly string[]) => void): void;
}

/** How long a pod waits for that: a node that does not answer must not keep pods from ending. */
export const LEAVE_MS = 2_000;
