// What a pod shares with its host and among its containers, and what it is called (Kubernetes, "Share Process Namespace between
// Containers", "DNS for Services and Pods", hostname and subdomain). Pure.
import { CLUSTER_DOMAIN } from '../../model/cluster-domain.ts';
import type { PodSpec, StoredOf } from '../../model/resource.ts';
import type { ContainerSpec } from '../engine/container-engine.ts';
import type { NodeCapacity } from './resources.ts';

/** Names of hosts in DNS, and in Linux. */
const MAX_LABEL_LENGTH = 63;
const MAX_HOST_NAME_LENGTH = 64;

/** Kernel parameters that pods may set unless the node allows more (Kubernetes, "Using sysctls in a Kubernetes Cluster"). */
const SAFE_SYSCTLS: ReadonlySet<string> = new Set([
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_wmem',
]);

/** Host name of a pod, and the domain that its subdomain puts it in; an empty one for none. */
export function podNames(pod: StoredOf<'Pod'>): { readonly hostname: string; readonly domain: string } {
  const { hostnameOverride, hostname, subdomain } = pod.spec;
  if (hostnameOverride !== undefined) return { hostname: hostnameOverride, domain: '' };
  const name = (hostname || pod.metadata.name).slice(0, MAX_LABEL_LENGTH).replace(/[-.]+$/, '');
  const namespace = pod.metadata.namespace ?? 'default';
  const isBelow = subdomain !== undefined && subdomain !== '';
  return { hostname: name, domain: isBelow ? `${subdomain}.${namespace}.svc.${CLUSTER_DOMAIN}` : '' };
}

/** The part of a sandbox that says whose namespaces the pod lives in, and what it is called. */
export type SandboxNamespaces = Pick<
  ContainerSpec,
  'network' | 'processes' | 'ipc' | 'hostname' | 'domainname' | 'hosts' | 'sysctls'
>;

/** The namespaces of a pod's sandbox. `network`: Docker's name of the pods' network. */
export function sandboxNamespaces(pod: StoredOf<'Pod'>, network: string): SandboxNamespaces {
  const { spec } = pod;
  const { hostname, domain } = podNames(pod);
  // The kernel takes the whole name for the host's then; the hosts file has both either way.
  const isWhole = spec.setHostnameAsFQDN === true && domain !== '';
  const names = isWhole ? { hostname: `${hostname}.${domain}` } : { hostname, ...(domain === '' ? {} : { domainname: domain }) };
  const hosts = (spec.hostAliases ?? []).flatMap(({ ip, hostnames = [] }) => hostnames.map((name) => ({ ip, name })));
  const sysctls = (spec.securityContext?.sysctls ?? []).map(({ name, value }) => [dotted(name), value] as const);
  return {
    ...(spec.hostNetwork === true
      ? { network: { type: 'host' as const } }
      : { network: { type: 'network' as const, name: network }, ...names }),
    ...(spec.hostPID === true ? { processes: 'host' as const } : {}),
    ...(spec.hostIPC === true ? { ipc: 'host' as const } : {}),
    ...(hosts.length === 0 ? {} : { hosts }),
    ...(sysctls.length === 0 ? {} : { sysctls: Object.fromEntries(sysctls) }),
  };
}

/** The namespaces of a pod's container, beside the sandbox's network. */
export function containerNamespaces(spec: PodSpec): Pick<ContainerSpec, 'processes' | 'ipc'> {
  return {
    ...(spec.hostPID === true
      ? { processes: 'host' as const }
      : spec.shareProcessNamespace === true
        ? { processes: 'sandbox' as const }
        : {}),
    ...(spec.hostIPC === true ? { ipc: 'host' as const } : {}),
  };
}

/** A name whose first separator is a slash has slashes for dots and dots for slashes (sysctl.d(5)). */
function dotted(name: string): string {
  if (/[./]/.exec(name)?.[0] !== '/') return name;
  return name.replaceAll(/[./]/g, (separator) => (separator === '/' ? '.' : '/'));
}

/** Why this node cannot have the sandbox of a pod, with the reason of an event; undefined when it can. */
export function sandboxProblem(
  pod: StoredOf<'Pod'>,
  node: NodeCapacity,
  handlers: ReadonlyMap<string, string>,
): { readonly reason: string; readonly message: string } | undefined {
  const reason = 'FailedCreatePodSandBox';
  const { spec } = pod;
  const forbidden = (spec.securityContext?.sysctls ?? []).map(({ name }) => dotted(name)).find((name) => !isAllowed(name, node));
  if (forbidden !== undefined) return { reason: 'SysctlForbidden', message: `forbidden sysctl: "${forbidden}" not allowlisted` };
  const tooLong = longNameProblem(pod);
  if (tooLong !== undefined) return { reason, message: tooLong };
  const { securityOptions } = node;
  const isRemapped = securityOptions?.some((option) => option === 'userns' || option === 'rootless') !== false;
  if (spec.hostUsers === false && !isRemapped)
    return { reason, message: 'hostUsers false needs a Docker Engine with user namespaces: set userns-remap of the engine' };
  const problem = runtimeProblem(spec, node, handlers);
  return problem === undefined ? undefined : { reason, message: problem };
}

/** Whether a node lets pods set a kernel parameter. Patterns end with an asterisk. */
function isAllowed(name: string, { allowedUnsafeSysctls = [] }: NodeCapacity): boolean {
  const matches = (pattern: string): boolean =>
    pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
  return SAFE_SYSCTLS.has(name) || allowedUnsafeSysctls.some(matches);
}

function longNameProblem(pod: StoredOf<'Pod'>): string | undefined {
  if (pod.spec.setHostnameAsFQDN !== true || pod.spec.hostNetwork === true) return undefined;
  const { hostname, domain } = podNames(pod);
  const whole = `${hostname}.${domain}`;
  if (domain === '' || whole.length <= MAX_HOST_NAME_LENGTH) return undefined;
  const limit = `(${MAX_HOST_NAME_LENGTH} characters is the max, ${whole.length} characters requested)`;
  return `Failed to construct FQDN from Pod hostname and cluster domain, FQDN ${whole} is too long ${limit}`;
}

function runtimeProblem(
  { runtimeClassName }: PodSpec,
  { runtimes }: NodeCapacity,
  handlers: ReadonlyMap<string, string>,
): string | undefined {
  if (runtimeClassName === undefined || runtimeClassName === '') return undefined;
  const handler = handlers.get(runtimeClassName);
  if (handler === undefined) return `RuntimeClass "${runtimeClassName}" not found`;
  if (runtimes === undefined || runtimes.includes(handler)) return undefined;
  return `no runtime for "${handler}" is configured: the Docker Engine has ${runtimes.join(', ')}`;
}
