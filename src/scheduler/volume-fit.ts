// Where the claims of waiting pods let them be, and which free volumes are spoken for by pods that have a node but not their volume yet.
import { podClaims } from '../model/pod-claims.ts';
import type { Pod, StoredOf } from '../model/resource.ts';
import { classOfClaim } from '../model/storage-classes.ts';
import { smallestMatch } from '../model/volume-matching.ts';
import { type VolumeFacts, volumeNodeConstraint } from '../model/volume-topology.ts';
import type { Refusal } from './refusal.ts';
import type { Room } from './room.ts';

/** What the claims of one pod allow. */
export interface VolumeFit {
  /** Set when no node will do, whichever it is. */
  readonly unschedulable?: string;
  refusalOn(room: Room): Refusal | undefined;
}

type VolumePod = Pick<Pod, 'metadata' | 'spec'>;

/** The volumes of a cluster while pods are being placed. */
export class Volumes {
  #facts: VolumeFacts;

  /** `facts.pods` may be empty: pods are told with `settle`. */
  constructor(facts: VolumeFacts) {
    this.#facts = facts;
  }

  /** What a pod's claims allow; undefined for a pod without claims. */
  fitOf(pod: VolumePod): VolumeFit | undefined {
    if (podClaims(pod).length === 0) return undefined;
    const constraint = volumeNodeConstraint(pod, this.#facts);
    const { unschedulable } = constraint;
    return {
      ...(unschedulable === undefined ? {} : { unschedulable }),
      refusalOn(room) {
        const reason = constraint.refusal(room.node);
        return reason === undefined ? undefined : { reasons: [reason], isFinal: true };
      },
    };
  }

  /** Tells of a pod that has a node, be it on paper: what its claims will take there is no longer free. */
  settle(pod: StoredOf<'Pod'>, room: Room): void {
    const wanted = podClaims(pod);
    if (wanted.length === 0) return;
    const taken = new Set<string>();
    for (const each of wanted) {
      const claim = this.#facts.claims.find(
        ({ metadata }) => metadata.name === each.claim && metadata.namespace === pod.metadata.namespace,
      );
      if (claim === undefined || (claim.spec.volumeName ?? '') !== '') continue;
      const free = this.#facts.volumes.filter(({ metadata }) => !taken.has(metadata.name));
      const match = smallestMatch(claim, classOfClaim(claim, this.#facts).name, free, room.node);
      if (match !== undefined) taken.add(match.metadata.name);
    }
    const seated = { ...pod, spec: { ...pod.spec, nodeName: room.name } };
    this.#facts = {
      ...this.#facts,
      pods: [...this.#facts.pods, seated],
      volumes: this.#facts.volumes.filter(({ metadata }) => !taken.has(metadata.name)),
    };
  }
}
