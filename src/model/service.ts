// What a Service says, read in one way by everybody: its addresses, its ports and where they lead (Kubernetes, "Service"). Facts only.
import type { Container, PodSpec, Service, ServicePort, ServiceSpec } from './generated.ts';
import { isSidecar } from './workload.ts';

/** What `clusterIP` says in a Service that has no virtual address. */
export const HEADLESS = 'None';
/** Seconds that a client stays with its pod, when sessionAffinity is ClientIP and nothing else is said. */
export const DEFAULT_AFFINITY_SECONDS = 10_800;
/** The `loadBalancerClass` of the load balancer that there is; it serves Services without a class too. */
export const LOAD_BALANCER_CLASS = 'holdfast.dev/load-balancer';
/** Node ports (kube-apiserver, --service-node-port-range). */
export const NODE_PORTS = { first: 30_000, last: 32_767 } as const;

/** The type, as the API server fills it in. */
export function serviceTypeOf({ type = 'ClusterIP' }: ServiceSpec): NonNullable<ServiceSpec['type']> {
  return type;
}

/** A name for another DNS name: no address, no ports, no pods. */
export function isExternalName(spec: ServiceSpec): boolean {
  return serviceTypeOf(spec) === 'ExternalName';
}

/** `clusterIP: None`: a name for the addresses of the pods, and no virtual address. */
export function isHeadless({ clusterIP, clusterIPs }: ServiceSpec): boolean {
  return clusterIPs === undefined || clusterIPs.length === 0
    ? clusterIP === HEADLESS
    : clusterIPs.length === 1 && clusterIPs[0] === HEADLESS;
}

/** Whether it has, or is to be given, a virtual address. */
export function needsClusterAddress(spec: ServiceSpec): boolean {
  return !isExternalName(spec) && !isHeadless(spec);
}

/** Whether each of its ports has, or is to be given, a port of the nodes. */
export function needsNodePorts(spec: ServiceSpec): boolean {
  const type = serviceTypeOf(spec);
  return type === 'NodePort' || (type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false);
}

/** Its virtual address; undefined for one without, or before it was given one. */
export function clusterAddressOf({ spec }: Pick<Service, 'spec'>): string | undefined {
  if (!needsClusterAddress(spec)) return undefined;
  const address = spec.clusterIPs?.[0] ?? spec.clusterIP ?? '';
  return address === '' ? undefined : address;
}

/** Whether it is a load balancer that gets its addresses here, and not from a program of its own. */
export function isBalanced({ spec }: Pick<Service, 'spec'>): boolean {
  return spec.type === 'LoadBalancer' && (spec.loadBalancerClass ?? LOAD_BALANCER_CLASS) === LOAD_BALANCER_CLASS;
}

/** The ports of the nodes that lead to it, each once. */
export function nodePortsOf({ spec }: Pick<Service, 'spec'>): readonly number[] {
  if (isExternalName(spec)) return [];
  return [...new Set((spec.ports ?? []).flatMap(({ nodePort = 0 }) => (nodePort === 0 ? [] : [nodePort])))];
}

/**
 * The number of the pod's port that a port of the Service leads to (Kubernetes, FindPort of pkg/api/v1/pod); undefined when none of its
 * containers has a port of that name and protocol.
 */
export function targetPortOf({ port, targetPort = port, protocol = 'TCP' }: ServicePort, pod: PodSpec): number | undefined {
  if (typeof targetPort === 'number') return targetPort;
  const containers: readonly Container[] = [...pod.containers, ...(pod.initContainers ?? []).filter(isSidecar)];
  for (const { ports = [] } of containers)
    for (const its of ports) if (its.name === targetPort && (its.protocol ?? 'TCP') === protocol) return its.containerPort;
  return undefined;
}

/** Whether pods are found for it: it has a selector and is not a mere name for something outside. */
export function selectsPods(spec: ServiceSpec): boolean {
  return !isExternalName(spec) && hasSelector(spec);
}

/** Whether pods are chosen by labels: without a selector, Endpoints or EndpointSlices are written by hand. */
export function hasSelector({ selector }: ServiceSpec): boolean {
  return Object.keys(selector ?? {}).length > 0;
}
