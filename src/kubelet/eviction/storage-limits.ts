// Whether a pod uses more of its node's disk than it may. Kubernetes, "Local ephemeral storage" and pkg/kubelet/eviction (its
// localStorageEviction): first the limits of its volumes, then what all its containers may use together, then each by itself. Pure.
import { formatAmount } from '../../model/admission/amounts.ts';
import { byteCount } from '../../model/quantity.ts';
import type { Container, PodSpec, Volume } from '../../model/resource.ts';
import { isSidecar } from '../../model/workload.ts';

/** What a pod has on the disk of its node, in bytes. What could not be measured is not there, and counts as nothing. */
export interface PodDiskUse {
  /** By the name of the volume in the pod. */
  readonly volumes: ReadonlyMap<string, number>;
  /** What those of its containers that run have written into their own layers, by name. */
  readonly containers: ReadonlyMap<string, number>;
}

const RESOURCE = 'ephemeral-storage';
/** From this priority on a pod is critical, and its node does not evict it (Kubernetes, system-cluster-critical). */
const CRITICAL_PRIORITY = 2_000_000_000;

/** Whether a pod can be evicted for what it writes: it has a limit of disk, and is not critical. */
export function isHeldToDisk({ volumes = [], containers, initContainers = [], priority = 0 }: PodSpec): boolean {
  if (priority >= CRITICAL_PRIORITY) return false;
  const hasLimit = ({ resources }: Container): boolean => resources?.limits?.[RESOURCE] !== undefined;
  return [...containers, ...initContainers].some(hasLimit) || volumes.some((volume) => sizeLimit(volume) > 0);
}

/** Whether a volume is an emptyDir on the disk; a volume without any source is one. */
export function isOnDisk(volume: Volume): boolean {
  const isEmptyDir = volume.emptyDir !== undefined || Object.keys(volume).length === 1;
  return isEmptyDir && (volume.emptyDir?.medium ?? '') === '';
}

/** The kubelet's words, its blank at the end among them, for a pod that uses more than it may; undefined for one that does not. */
export function whyEvict(spec: PodSpec, use: PodDiskUse): string | undefined {
  if (!isHeldToDisk(spec)) return undefined;
  return overVolume(spec, use) ?? overSum(spec, use) ?? overContainer(spec, use);
}

/** 0 for a volume that has none, or is in memory: that one is a file system of this size. */
function sizeLimit(volume: Volume): number {
  return isOnDisk(volume) ? byteCount(volume.emptyDir?.sizeLimit) : 0;
}

function overVolume({ volumes = [] }: PodSpec, use: PodDiskUse): string | undefined {
  const over = volumes.find((volume) => sizeLimit(volume) > 0 && (use.volumes.get(volume.name) ?? 0) > sizeLimit(volume));
  return over && `Usage of EmptyDir volume "${over.name}" exceeds the limit "${shown(sizeLimit(over))}". `;
}

/** One container with a limit makes the sum count, also for those without, as in Kubernetes. */
function overSum(spec: PodSpec, use: PodDiskUse): string | undefined {
  const limit = sumOfLimits(spec);
  if (limit === undefined) return undefined;
  const onDisk = (spec.volumes ?? []).filter(isOnDisk).map(({ name }) => use.volumes.get(name) ?? 0);
  const used = [...onDisk, ...use.containers.values()].reduce((sum, bytes) => sum + bytes, 0);
  return used > limit ? `Pod ephemeral local storage usage exceeds the total limit of containers ${shown(limit)}. ` : undefined;
}

function overContainer({ containers }: PodSpec, use: PodDiskUse): string | undefined {
  const over = containers.find((each) => limitOf(each) > 0 && (use.containers.get(each.name) ?? 0) > limitOf(each));
  return over && `Container ${over.name} exceeded its local ephemeral storage limit "${shown(limitOf(over))}". `;
}

/** As the limits of a pod are counted: sidecars beside the rest, other init containers one by one before it, and overhead on top. */
function sumOfLimits({ containers, initContainers = [], overhead }: PodSpec): number | undefined {
  const all = [...containers, ...initContainers];
  if (all.every(({ resources }) => resources?.limits?.[RESOURCE] === undefined)) return undefined;
  let sidecars = 0;
  let largestStart = 0;
  for (const container of initContainers) {
    if (isSidecar(container)) sidecars += limitOf(container);
    largestStart = Math.max(largestStart, sidecars + (isSidecar(container) ? 0 : limitOf(container)));
  }
  const limit = Math.max(largestStart, sidecars + containers.reduce((sum, container) => sum + limitOf(container), 0));
  return limit === 0 ? 0 : limit + byteCount(overhead?.[RESOURCE]);
}

function limitOf({ resources }: Container): number {
  return byteCount(resources?.limits?.[RESOURCE]);
}

function shown(bytes: number): string {
  return formatAmount(RESOURCE, bytes);
}
