// The PersistentVolumeClaims of a pod: those that it names, and those that are made for its generic ephemeral volumes. Facts only.
import type { Pod, PodSpec } from './generated.ts';

/** A claim that a pod mounts. */
export interface PodClaim {
  /** Name of the volume in the pod. */
  readonly volume: string;
  /** Name of the claim, in the pod's namespace. */
  readonly claim: string;
  /** Whether the claim is made for this pod and goes with it (Kubernetes, "Generic ephemeral volumes"). */
  readonly isEphemeral: boolean;
}

/** The name of the claim behind a generic ephemeral volume: the pod's name, a hyphen and the volume's. */
export function ephemeralClaimName(podName: string, volumeName: string): string {
  return `${podName}-${volumeName}`;
}

/** The claims that a pod mounts, in the order of its volumes. */
export function podClaims(pod: {
  readonly metadata: Pod['metadata'];
  readonly spec: Pick<PodSpec, 'volumes'>;
}): readonly PodClaim[] {
  return (pod.spec.volumes ?? []).flatMap(({ name, persistentVolumeClaim, ephemeral }): readonly PodClaim[] => {
    if (persistentVolumeClaim !== undefined)
      return [{ volume: name, claim: persistentVolumeClaim.claimName, isEphemeral: false }];
    if (ephemeral === undefined) return [];
    return [{ volume: name, claim: ephemeralClaimName(pod.metadata.name ?? '', name), isEphemeral: true }];
  });
}

/** Whether a pod mounts a claim of its namespace. */
export function usesClaim(pod: Pick<Pod, 'metadata' | 'spec'>, claim: string): boolean {
  return podClaims(pod).some((each) => each.claim === claim);
}
