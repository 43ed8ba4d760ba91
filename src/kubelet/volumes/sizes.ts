// How large volumes in memory may become. Pure.
import { byteCount } from '../../model/quantity.ts';
import type { Container, PodSpec, Quantity } from '../../model/resource.ts';
import { isSidecar } from '../../model/workload.ts';

/**
 * Bytes of an emptyDir in memory: its limit, the memory that the pod may have, or that of the node, whichever is least (Kubernetes,
 * "emptyDir", medium Memory). 0 when none of them is known.
 */
export function memoryVolumeBytes(spec: PodSpec, sizeLimit: Quantity | undefined, nodeMemoryBytes: number): number {
  const known = [byteCount(sizeLimit), podMemoryLimit(spec), nodeMemoryBytes].filter((bytes) => bytes > 0);
  return known.length === 0 ? 0 : Math.min(...known);
}

/** The memory that a pod may have as a whole; 0 when one of its containers has no limit. */
function podMemoryLimit({ containers, initContainers = [] }: PodSpec): number {
  const limitOf = ({ resources }: Container): number => byteCount(resources?.limits?.['memory']);
  if ([...containers, ...initContainers].some((container) => limitOf(container) === 0)) return 0;
  let sidecars = 0;
  let largestStart = 0;
  for (const container of initContainers) {
    if (isSidecar(container)) sidecars += limitOf(container);
    largestStart = Math.max(largestStart, sidecars + (isSidecar(container) ? 0 : limitOf(container)));
  }
  return Math.max(largestStart, sidecars + containers.reduce((sum, container) => sum + limitOf(container), 0));
}
