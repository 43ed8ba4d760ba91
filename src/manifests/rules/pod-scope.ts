// What the parts of one pod have to know of each other while they are looked at.
import type { PodSpec, Volume } from '../../model/resource.ts';

/** Names that parts of a pod refer to, and settings of the pod that bear on its containers. */
export interface PodScope {
  readonly volumes: ReadonlyMap<string, Volume>;
  /** Ordinary and init containers. */
  readonly containers: ReadonlySet<string>;
  readonly claims: ReadonlySet<string>;
  /** Undefined when what the manifest says makes no sense and has been told. */
  readonly graceSeconds: number | undefined;
  readonly restartPolicy: string | undefined;
  readonly osName: string | undefined;
  readonly hasHostUsers: boolean;
}

/** The scope of a pod. */
export function scopeOf(spec: PodSpec): PodScope {
  const { terminationGracePeriodSeconds: grace } = spec;
  return {
    volumes: new Map((spec.volumes ?? []).map((volume) => [volume.name, volume])),
    containers: new Set([...spec.containers, ...(spec.initContainers ?? [])].map(({ name }) => name)),
    claims: new Set((spec.resourceClaims ?? []).map(({ name }) => name)),
    graceSeconds: grace === undefined || grace < 0 ? undefined : grace,
    restartPolicy: spec.restartPolicy,
    osName: spec.os?.name,
    hasHostUsers: spec.hostUsers !== false,
  };
}
