// What the data planes of all nodes lead clients to. A pod that leaves is reached from every node, so that its kubelet has to hear of all of them.
// Plain bookkeeping: it asks nobody and waits for nothing.
import type { Traffic } from '../kubelet/traffic.ts';

/** A node's part of it. */
export interface JoinedTraffic {
  /** For the node's kubelet: what is led to a pod from anywhere. */
  readonly traffic: Traffic;
  /** Takes the name of the node until `leave`. False when another one that has joined has it. */
  claim(nodeName: string): boolean;
  /** What the node leads to counts no more, its kubelet hears no more, and its name is free. */
  leave(): void;
}

/** The data planes that one process keeps. */
export class ClusterTraffic {
  readonly #planes = new Set<Traffic>();
  /** Names of nodes, and whose they are. */
  readonly #names = new Map<string, Traffic>();
  readonly #listeners = new Set<(uids: readonly string[]) => void>();

  /** Takes in what a node knows itself. */
  join(plane: Traffic): JoinedTraffic {
    const own: ((uids: readonly string[]) => void)[] = [];
    this.#planes.add(plane);
    plane.onLeft((uids) => {
      if (this.#planes.has(plane)) for (const tell of this.#listeners) tell(uids);
    });
    return {
      traffic: {
        isServed: (uid) => [...this.#planes].some((each) => each.isServed(uid)),
        fault: () => {
          const [fault] = [...this.#planes].flatMap((each) => each.fault?.() ?? []);
          return fault;
        },
        onLeft: (callback) => {
          own.push(callback);
          this.#listeners.add(callback);
        },
      },
      claim: (nodeName) => {
        if ((this.#names.get(nodeName) ?? plane) !== plane) return false;
        this.#names.set(nodeName, plane);
        return true;
      },
      leave: () => {
        this.#planes.delete(plane);
        for (const [name, owner] of this.#names) if (owner === plane) this.#names.delete(name);
        for (const callback of own) this.#listeners.delete(callback);
      },
    };
  }
}
