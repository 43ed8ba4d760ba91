// The controls of the level "baseline": known ways out of a container (Kubernetes, "Pod Security Standards").
import type { Container, EphemeralContainer, LifecycleHandler, Probe } from '../../generated.ts';
import { allContainersOf } from '../../workload.ts';
import type { PodUnderTest, SecurityCheck, Violation } from './check.ts';
import { badAppArmor, badSeccomp, badSeccompAnnotations, badSeLinux } from './profiles.ts';
import { containersText, namesWhere, plural, quoted, settersText, sortedSet } from './words.ts';

type AnyContainer = Container | EphemeralContainer;

const harmlessCapabilities: ReadonlySet<string> = new Set([
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
]);

/** Kernel parameters that concern the pod alone, and the minor of the first version that allows them. */
const safeSysctls: ReadonlyMap<string, number> = new Map([
  ['kernel.shm_rmid_forced', 0],
  ['net.ipv4.ip_local_port_range', 0],
  ['net.ipv4.tcp_syncookies', 0],
  ['net.ipv4.ping_group_range', 0],
  ['net.ipv4.ip_unprivileged_port_start', 0],
  ['net.ipv4.ip_local_reserved_ports', 27],
  ['net.ipv4.tcp_keepalive_time', 29],
  ['net.ipv4.tcp_fin_timeout', 29],
  ['net.ipv4.tcp_keepalive_intvl', 29],
  ['net.ipv4.tcp_keepalive_probes', 29],
  ['net.ipv4.tcp_rmem', 32],
  ['net.ipv4.tcp_wmem', 32],
]);

/** Added capabilities that are not in the set, told with the containers that add them. */
export function badCapabilities({ spec }: PodUnderTest, allowed: ReadonlySet<string>): string {
  const added = (container: AnyContainer): readonly string[] =>
    (container.securityContext?.capabilities?.add ?? []).filter((name) => !allowed.has(name));
  const names = namesWhere(spec, (container) => added(container).length > 0);
  if (names.length === 0) return '';
  const wrong = sortedSet(allContainersOf(spec).flatMap(added));
  return `${containersText(names)} must not include ${quoted(wrong)} in securityContext.capabilities.add`;
}

function capabilities(pod: PodUnderTest): Violation | undefined {
  const detail = badCapabilities(pod, harmlessCapabilities);
  return detail === '' ? undefined : { reason: 'non-default capabilities', detail };
}

function hostNamespaces({ spec }: PodUnderTest): Violation | undefined {
  const used = (['hostNetwork', 'hostPID', 'hostIPC'] as const).filter((field) => spec[field] === true);
  return used.length === 0 ? undefined : { reason: 'host namespaces', detail: used.map((field) => `${field}=true`).join(', ') };
}

function hostPaths({ spec }: PodUnderTest): Violation | undefined {
  const names = (spec.volumes ?? []).filter(({ hostPath }) => hostPath !== undefined).map(({ name }) => name);
  if (names.length === 0) return undefined;
  return { reason: 'hostPath volumes', detail: `${plural('volume', 'volumes', names.length)} ${quoted(names)}` };
}

function hostPorts({ spec }: PodUnderTest): Violation | undefined {
  const portsOf = (container: AnyContainer): readonly string[] =>
    (container.ports ?? []).flatMap(({ hostPort = 0 }) => (hostPort === 0 ? [] : [String(hostPort)]));
  const names = namesWhere(spec, (container) => portsOf(container).length > 0);
  if (names.length === 0) return undefined;
  const ports = sortedSet(allContainersOf(spec).flatMap(portsOf));
  const uses = `${plural('uses', 'use', names.length)} ${plural('hostPort', 'hostPorts', ports.length)}`;
  return { reason: 'hostPort', detail: `${containersText(names)} ${uses} ${ports.join(', ')}` };
}

function hostsOf({ livenessProbe, readinessProbe, startupProbe, lifecycle }: AnyContainer): readonly string[] {
  const handlers: readonly (Probe | LifecycleHandler | undefined)[] = [
    livenessProbe,
    readinessProbe,
    startupProbe,
    lifecycle?.postStart,
    lifecycle?.preStop,
  ];
  return handlers
    .flatMap((handler) => [handler?.httpGet?.host, handler?.tcpSocket?.host])
    .filter((host): host is string => host !== undefined && host !== '');
}

function probeHosts({ spec }: PodUnderTest): Violation | undefined {
  const names = sortedSet(namesWhere(spec, (container) => hostsOf(container).length > 0));
  if (names.length === 0) return undefined;
  const hosts = sortedSet(allContainersOf(spec).flatMap(hostsOf));
  const what = plural('probe or lifecycle host', 'probe or lifecycle hosts', hosts.length);
  const detail = `${containersText(names)} ${plural('uses', 'use', names.length)} ${what} ${quoted(hosts)}`;
  return { reason: 'probe or lifecycle host', detail };
}

function privileged({ spec }: PodUnderTest): Violation | undefined {
  const names = namesWhere(spec, ({ securityContext }) => securityContext?.privileged === true);
  if (names.length === 0) return undefined;
  return { reason: 'privileged', detail: `${containersText(names)} must not set securityContext.privileged=true` };
}

/** Containers that see more of /proc than is masked by default. */
export function procMount({ spec }: PodUnderTest): Violation | undefined {
  const typeOf = ({ securityContext }: AnyContainer): string => securityContext?.procMount ?? 'Default';
  const names = namesWhere(spec, (container) => typeOf(container) !== 'Default');
  if (names.length === 0) return undefined;
  const types = sortedSet(
    allContainersOf(spec)
      .map(typeOf)
      .filter((type) => type !== 'Default'),
  );
  return { reason: 'procMount', detail: `${containersText(names)} must not set securityContext.procMount to ${quoted(types)}` };
}

/** From 1.35 on, a pod in a user namespace of its own may do more: its root is nobody on the host. */
export function isRelaxed({ spec, minor }: PodUnderTest): boolean {
  return minor >= 35 && spec.hostUsers === false;
}

function sysctls({ spec, minor }: PodUnderTest): Violation | undefined {
  const names = (spec.securityContext?.sysctls ?? []).map(({ name }) => name);
  const forbidden = names.filter((name) => (safeSysctls.get(name) ?? Number.POSITIVE_INFINITY) > minor);
  return forbidden.length === 0 ? undefined : { reason: 'forbidden sysctls', detail: forbidden.join(', ') };
}

function windowsHostProcess({ spec }: PodUnderTest): Violation | undefined {
  const isPod = spec.securityContext?.windowsOptions?.hostProcess === true;
  const names = namesWhere(spec, ({ securityContext }) => securityContext?.windowsOptions?.hostProcess === true);
  if (!isPod && names.length === 0) return undefined;
  const detail = `${settersText(isPod, names)} must not set securityContext.windowsOptions.hostProcess=true`;
  return { reason: 'hostProcess', detail };
}

/** In Kubernetes' order. */
export const baselineChecks: readonly SecurityCheck[] = [
  { id: 'appArmorProfile', since: 0, check: badAppArmor },
  { id: 'capabilities_baseline', since: 0, check: capabilities },
  { id: 'hostNamespaces', since: 0, check: hostNamespaces },
  { id: 'hostPathVolumes', since: 0, check: hostPaths },
  { id: 'hostPorts', since: 0, check: hostPorts },
  { id: 'hostProbesAndHostLifecycle', since: 34, check: probeHosts },
  { id: 'privileged', since: 0, check: privileged },
  { id: 'procMount_baseline', since: 0, check: (pod) => (isRelaxed(pod) ? undefined : procMount(pod)) },
  { id: 'seLinuxOptions', since: 0, check: badSeLinux },
  { id: 'seccompProfile_baseline', since: 0, check: (pod) => (pod.minor < 19 ? badSeccompAnnotations(pod) : badSeccomp(pod)) },
  { id: 'sysctls', since: 0, check: sysctls },
  { id: 'windowsHostProcess', since: 0, check: windowsHostProcess },
];
