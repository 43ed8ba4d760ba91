// Requests and limits → what Docker enforces (Kubernetes, "Resource Management for Pods and Containers", "Pod Quality of Service Classes",
// "Node out of memory behavior"). Pure.
import { byteCount, milliCpu } from '../../model/quantity.ts';
import type { Container, Pod, PodStatus } from '../../model/resource.ts';
import { containersOf, isSidecar } from '../../model/workload.ts';
import type { EngineInfo } from '../engine/container-engine.ts';

type QosClass = NonNullable<PodStatus['qosClass']>;

/** Docker takes no smaller weight; it is what a container without a request gets. */
const MIN_CPU_SHARES = 2;
const SHARES_PER_CPU = 1024;
const NANO_PER_MILLI = 1_000_000;
/** The kernel takes no quota below a millisecond in each tenth of a second; Kubernetes rounds up to that, too. */
const MIN_MILLI_CPU_LIMIT = 10;
// Kubernetes uses -998 and -997 where these are 0. An engine that may not lower scores (rootless, or itself in a container) could not
// start anything then, and the order between the classes is what counts.
const GUARANTEED_OOM_SCORE = 0;
const LEAST_BURSTABLE_OOM_SCORE = 3;
const BEST_EFFORT_OOM_SCORE = 1000;
/** The sandbox must outlive what it holds together. */
export const SANDBOX_OOM_SCORE = 0;

/** What a node has, and can hold its containers to. */
export interface NodeCapacity extends Pick<EngineInfo, 'cpus' | 'memoryBytes' | 'enforces'>, NodeSettings {
  /** Whether what it mounts read-only from its host is so all the way down. */
  readonly isRecursivelyReadOnly?: boolean;
  /** OCI runtimes and security options of its engine; absent when they are not known, and then nothing is refused for them. */
  readonly runtimes?: readonly string[];
  readonly securityOptions?: readonly string[];
}

/** What whoever runs a node chose for it, as the settings of a kubelet. */
export interface NodeSettings {
  /** Most processes of a container; 0 or absent for no limit (Kubernetes' podPidsLimit; Docker can limit containers alone). */
  readonly podPidsLimit?: number;
  /** Seccomp profiles by their name relative to the profile directory, as JSON text. */
  readonly seccompProfiles?: ReadonlyMap<string, string>;
  /** Kernel parameters that pods may set beside the safe ones; an asterisk at the end stands for all that begin so. */
  readonly allowedUnsafeSysctls?: readonly string[];
}

/** What Docker is told of a container's resources. */
export interface EngineResources {
  readonly memoryBytes: number;
  readonly nanoCpus: number;
  readonly cpuShares: number;
  readonly oomScoreAdj: number;
  readonly pidsLimit?: number;
}

/** An absent request equals the limit. */
function effective(container: Container): { cpuRequest: number; cpuLimit: number; memoryRequest: number; memoryLimit: number } {
  const { limits, requests } = container.resources ?? {};
  return {
    cpuRequest: milliCpu(requests?.cpu ?? limits?.cpu),
    cpuLimit: milliCpu(limits?.cpu),
    memoryRequest: byteCount(requests?.memory ?? limits?.memory),
    memoryLimit: byteCount(limits?.memory),
  };
}

/** The quality of service of a pod. Init containers count, sidecars or not. */
export function qosClass(pod: Pod): QosClass {
  const all = containersOf(pod.spec).map(effective);
  if (all.every((each) => each.cpuRequest + each.cpuLimit + each.memoryRequest + each.memoryLimit === 0)) return 'BestEffort';
  const isGuaranteed = all.every(
    (each) =>
      each.cpuLimit > 0 && each.memoryLimit > 0 && each.cpuRequest === each.cpuLimit && each.memoryRequest === each.memoryLimit,
  );
  return isGuaranteed ? 'Guaranteed' : 'Burstable';
}

/** What Docker is told for one container of a pod: only what it takes and keeps, so that what is seen later is what was asked for. */
export function engineResources(pod: Pod, container: Container, node: NodeCapacity): EngineResources {
  const { cpuRequest, cpuLimit, memoryRequest, memoryLimit } = effective(container);
  const { podPidsLimit = 0 } = node;
  return {
    memoryBytes: node.enforces.memory ? memoryLimit : 0,
    nanoCpus: cpuQuota(cpuLimit, node) * NANO_PER_MILLI,
    cpuShares: weight(Math.floor((cpuRequest * SHARES_PER_CPU) / 1000), node),
    oomScoreAdj: oomScore(qosClass(pod), oomRequest(pod, container, memoryRequest), node.memoryBytes),
    ...(podPidsLimit > 0 && node.enforces.pids ? { pidsLimit: podPidsLimit } : {}),
  };
}

/** Docker refuses more processors than there are, which limits nothing, and the kernel refuses next to none. 0 is no limit. */
function cpuQuota(milliCpu: number, { cpus }: NodeCapacity): number {
  if (milliCpu === 0) return 0;
  return Math.max(MIN_MILLI_CPU_LIMIT, cpus > 0 ? Math.min(milliCpu, cpus * 1000) : milliCpu);
}

function weight(shares: number, { enforces }: NodeCapacity): number {
  return enforces.cpuShares ? Math.max(MIN_CPU_SHARES, shares) : 0;
}

/** The weight of a sandbox: the least. */
export function sandboxWeight(node: NodeCapacity): number {
  return weight(MIN_CPU_SHARES, node);
}

/** Tells, behind a sentence, that a limit of a container has no effect on this node; nothing when all have. */
export function unenforcedLimit(container: Container, { enforces }: NodeCapacity): string {
  if (enforces.memory || effective(container).memoryLimit === 0) return '';
  return '; its memory limit has no effect, because this Docker Engine cannot limit memory';
}

/** A sidecar is not killed before the containers that it serves: it counts as the least of them at least. */
function oomRequest({ spec }: Pod, container: Container, memoryRequest: number): number {
  const isInit = spec.initContainers?.some(({ name }) => name === container.name) === true;
  if (!isInit || !isSidecar(container)) return memoryRequest;
  return Math.max(memoryRequest, Math.min(...spec.containers.map((each) => effective(each).memoryRequest)));
}

/** The more of the node's memory a Burstable container asked for, the later it is killed; always between the two other classes. */
function oomScore(qos: QosClass, memoryRequest: number, nodeMemoryBytes: number): number {
  if (qos === 'Guaranteed') return GUARANTEED_OOM_SCORE;
  if (qos === 'BestEffort' || nodeMemoryBytes === 0) return BEST_EFFORT_OOM_SCORE;
  const score = 1000 - Math.floor((1000 * memoryRequest) / nodeMemoryBytes);
  return Math.min(Math.max(score, LEAST_BURSTABLE_OOM_SCORE), BEST_EFFORT_OOM_SCORE - 1);
}
