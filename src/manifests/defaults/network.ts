// The defaults of Services, endpoints, ingresses and network policies (Kubernetes, pkg/apis/core, discovery and networking, defaults.go;
// clusterIPs and ipFamilyPolicy as the registry of Services sets them when it stores one).
import type { EndpointSlice, Endpoints, IngressClass, NetworkPolicy, Service } from '../../model/resource.ts';
import { isExternallyAccessible } from '../rules/service.ts';

const AFFINITY_SECONDS = 10800;

/** Type, ports, affinity and traffic. Addresses that are to be chosen stay open. */
export function defaultService({ spec }: Service): void {
  spec.type ??= 'ClusterIP';
  spec.sessionAffinity ??= 'None';
  if (spec.sessionAffinity === 'ClientIP') {
    spec.sessionAffinityConfig ??= {};
    spec.sessionAffinityConfig.clientIP ??= {};
    spec.sessionAffinityConfig.clientIP.timeoutSeconds ??= AFFINITY_SECONDS;
  }
  for (const port of spec.ports ?? []) {
    port.protocol ??= 'TCP';
    port.targetPort ??= port.port;
  }
  if (spec.clusterIP !== undefined) spec.clusterIPs ??= [spec.clusterIP];
  if (isExternallyAccessible(spec)) spec.externalTrafficPolicy ??= 'Cluster';
  if (spec.type === 'LoadBalancer') spec.allocateLoadBalancerNodePorts ??= true;
  if (spec.type === 'ExternalName') return;
  spec.internalTrafficPolicy ??= 'Cluster';
  const families = Math.max(spec.ipFamilies?.length ?? 0, spec.clusterIPs?.length ?? 0);
  if (families < 2) spec.ipFamilyPolicy ??= 'SingleStack';
  // An address of the other family is refused for itself.
  if (spec.clusterIPs?.some((address) => address.includes(':')) !== true) spec.ipFamilies ??= ['IPv4'];
}

/** The protocol of ports. */
export function defaultEndpoints({ subsets }: Endpoints): void {
  for (const { ports } of subsets ?? []) for (const port of ports ?? []) port.protocol ??= 'TCP';
}

/** The name and the protocol of ports. */
export function defaultEndpointSlice({ ports }: EndpointSlice): void {
  for (const port of ports ?? []) {
    port.name ??= '';
    port.protocol ??= 'TCP';
  }
}

/** The scope of the parameters. */
export function defaultIngressClass({ spec }: IngressClass): void {
  if (spec?.parameters !== undefined) spec.parameters.scope ??= 'Cluster';
}

/** The pods, the directions and the protocol of ports. A policy with rules for what goes out restricts what goes out. */
export function defaultNetworkPolicy(policy: NetworkPolicy): void {
  policy.spec ??= {};
  const { spec } = policy;
  spec.podSelector ??= {};
  spec.policyTypes ??= (spec.egress ?? []).length > 0 ? ['Ingress', 'Egress'] : ['Ingress'];
  for (const { ports } of [...(spec.ingress ?? []), ...(spec.egress ?? [])])
    for (const port of ports ?? []) port.protocol ??= 'TCP';
}
