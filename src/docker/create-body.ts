// What the kubelet wants of a container → the body of `POST /containers/create`. Pure: no call is made here, and no decision beyond
// translation.
import type {
  ContainerSpec,
  DeviceRequest,
  Mount,
  MountPropagation,
  SecuritySettings,
} from '../kubelet/engine/container-engine.ts';
import { CLUSTER_LABEL } from '../kubelet/labels.ts';

/** Kubernetes' defaults (containerLogMaxSize, containerLogMaxFiles), so that a chatty program does not fill the disk. */
const LOG_CONFIG = { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '5' } };
const PROPAGATIONS: Readonly<Record<MountPropagation, string>> = {
  private: 'rprivate',
  'host-to-container': 'rslave',
  bidirectional: 'rshared',
};

/** Body of `POST /containers/create`. Every object that Docker makes by the way (a missing volume) is labelled as the cluster's, too. */
export function toCreateBody(spec: ContainerSpec, cluster: string): object {
  const isSandbox = spec.network.type !== 'sandbox';
  const exposed = spec.ports.map((port) => `${port.containerPort}/${port.protocol}`);
  return {
    Image: spec.image,
    Labels: { ...spec.labels, [CLUSTER_LABEL]: cluster },
    ...(isGiven(spec.command) ? { Entrypoint: spec.command } : {}),
    ...(isGiven(spec.args) ? { Cmd: spec.args } : {}),
    ...(spec.workingDir === undefined ? {} : { WorkingDir: spec.workingDir }),
    // Docker makes it a network namespace, and knows nothing of it.
    ...(spec.network.type === 'bare' ? { NetworkDisabled: true } : {}),
    ...(isSandbox && spec.hostname !== undefined ? { Hostname: spec.hostname } : {}),
    ...(isSandbox && spec.domainname !== undefined ? { Domainname: spec.domainname } : {}),
    ...(spec.security?.user === undefined ? {} : { User: spec.security.user }),
    ...(spec.stopSignal === undefined ? {} : { StopSignal: spec.stopSignal }),
    ...toTerminal(spec),
    Env: spec.env,
    // Kubernetes knows probes, not the health check of an image.
    Healthcheck: { Test: ['NONE'] },
    ExposedPorts: Object.fromEntries(exposed.map((port) => [port, {}])),
    ...toEndpoint(spec),
    HostConfig: {
      ...toNamespaces(spec),
      ...toNames(spec),
      ...toSecurity(spec.security),
      ...toDevices(spec.devices),
      ...(spec.runtime === undefined ? {} : { Runtime: spec.runtime }),
      Mounts: spec.mounts.filter((mount) => !isShortBind(mount)).map((mount) => toMount(mount, cluster)),
      Binds: spec.mounts.filter(isShortBind).map(toShortBind),
      PortBindings: toPortBindings(spec),
      Memory: spec.memoryBytes,
      // Equal to Memory: a limit without swap beyond it, as Kubernetes means it. Docker would allow as much again.
      ...(spec.memoryBytes > 0 ? { MemorySwap: spec.memoryBytes } : {}),
      NanoCpus: spec.nanoCpus,
      CpuShares: spec.cpuShares,
      ...((spec.pidsLimit ?? 0) > 0 ? { PidsLimit: spec.pidsLimit } : {}),
      OomScoreAdj: spec.oomScoreAdj,
      RestartPolicy: { Name: 'no' },
      LogConfig: LOG_CONFIG,
    },
  };
}

function isGiven(words: readonly string[] | undefined): words is readonly string[] {
  return words !== undefined && words.length > 0;
}

function toTerminal({ terminal }: ContainerSpec): object {
  if (terminal === undefined) return {};
  return { Tty: terminal.tty, OpenStdin: terminal.stdin !== 'closed', StdinOnce: terminal.stdin === 'once' };
}

/** Containers of a pod share the network and the IPC namespace of the sandbox (Kubernetes, "Pods": resource sharing). */
function toNamespaces({ network, ipc, processes }: ContainerSpec): object {
  const sandbox = network.type === 'sandbox' ? `container:${network.containerId}` : undefined;
  const pid = processes === 'host' ? 'host' : processes === 'sandbox' ? sandbox : undefined;
  return {
    ...(network.type === 'bare' ? {} : { NetworkMode: sandbox ?? (network.type === 'network' ? network.name : 'host') }),
    IpcMode: ipc ?? sandbox ?? 'shareable',
    ...(pid === undefined ? {} : { PidMode: pid }),
  };
}

/** The fixed address of a sandbox. */
function toEndpoint({ network }: ContainerSpec): object {
  if (network.type !== 'network' || network.address === undefined) return {};
  return { NetworkingConfig: { EndpointsConfig: { [network.name]: { IPAMConfig: { IPv4Address: network.address } } } } };
}

/** Resolver, hosts file and kernel parameters: what containers have through the namespaces and files of their sandbox. */
function toNames({ network, resolver = {}, hosts = [], sysctls }: ContainerSpec): object {
  if (network.type === 'sandbox') return {};
  const { servers, searches, options } = resolver;
  return {
    ...(servers === undefined ? {} : { Dns: servers }),
    // A dot stands for "none"; an empty list for what the engine's host has.
    ...(searches === undefined ? {} : { DnsSearch: searches.length === 0 ? ['.'] : searches }),
    ...(options === undefined ? {} : { DnsOptions: options }),
    ...(hosts.length === 0 ? {} : { ExtraHosts: hosts.map(({ ip, name }) => `${name}:${ip}`) }),
    ...(sysctls === undefined ? {} : { Sysctls: sysctls }),
  };
}

function toSecurity(security: SecuritySettings | undefined): object {
  if (security === undefined) return {};
  const { groups, isPrivileged, addCapabilities, dropCapabilities, isRootReadOnly, isProcUnmasked } = security;
  const options = toSecurityOptions(security);
  return {
    ...(groups.length === 0 ? {} : { GroupAdd: groups.map(String) }),
    ...(isPrivileged ? { Privileged: true } : {}),
    ...(addCapabilities.length === 0 ? {} : { CapAdd: addCapabilities }),
    ...(dropCapabilities.length === 0 ? {} : { CapDrop: dropCapabilities }),
    ...(isRootReadOnly ? { ReadonlyRootfs: true } : {}),
    ...(options.length === 0 ? {} : { SecurityOpt: options }),
    ...(isProcUnmasked ? { MaskedPaths: [], ReadonlyPaths: [] } : {}),
  };
}

function toSecurityOptions({ noNewPrivileges, seccomp, appArmor, seLinux }: SecuritySettings): readonly string[] {
  const profile = (name: string, choice: SecuritySettings['seccomp']): readonly string[] =>
    choice === 'default' ? [] : [`${name}=${choice === 'unconfined' ? choice : choice.profile}`];
  return [
    ...(noNewPrivileges ? ['no-new-privileges'] : []),
    ...profile('seccomp', seccomp),
    ...profile('apparmor', appArmor),
    ...seLinux.map((label) => `label=${label}`),
  ];
}

function toDevices(devices: readonly DeviceRequest[] = []): object {
  const paths = devices.flatMap((device) => (device.type === 'path' ? [device.path] : []));
  const requests = devices.flatMap((device) => (device.type === 'driver' ? [device] : []));
  const toPath = (path: string): object => ({ PathOnHost: path, PathInContainer: path, CgroupPermissions: 'rwm' });
  return {
    ...(paths.length === 0 ? {} : { Devices: paths.map(toPath) }),
    ...(requests.length === 0
      ? {}
      : {
          DeviceRequests: requests.map(({ driver, count, capabilities }) => ({
            Driver: driver,
            Count: count,
            Capabilities: [capabilities],
          })),
        }),
  };
}

type Bind = Extract<Mount, { type: 'bind' }>;

/** Only the short form makes a missing directory with every engine; it cannot say a path with a colon. */
function isShortBind(mount: Mount): mount is Bind {
  return mount.type === 'bind' && mount.create && !mount.source.includes(':') && !mount.target.includes(':');
}

function toShortBind({ source, target, readOnly, propagation }: Bind): string {
  return `${source}:${target}:${readOnly ? 'ro' : 'rw'}${propagation === undefined ? '' : `,${PROPAGATIONS[propagation]}`}`;
}

function toMount(mount: Mount, cluster: string): object {
  if (mount.type === 'scratch') return { Type: 'volume', Target: mount.target };
  const { target, readOnly, propagation } = mount;
  const common = { Target: target, ReadOnly: readOnly };
  if (mount.type === 'bind') {
    const BindOptions = {
      ...(propagation === undefined ? {} : { Propagation: PROPAGATIONS[propagation] }),
      // Known from API 1.42 on; older engines refuse a missing source.
      ...(mount.create ? { CreateMountpoint: true } : {}),
    };
    return { Type: 'bind', Source: mount.source, ...common, ...(Object.keys(BindOptions).length === 0 ? {} : { BindOptions }) };
  }
  const Subpath = mount.subPath === undefined ? {} : { Subpath: mount.subPath };
  const VolumeOptions = { NoCopy: true, Labels: { [CLUSTER_LABEL]: cluster }, ...Subpath };
  return { Type: 'volume', Source: mount.volume, ...common, VolumeOptions };
}

function toPortBindings(spec: ContainerSpec): object {
  const bindings: Record<string, { HostIp: string; HostPort: string }[]> = {};
  for (const port of spec.ports) {
    const key = `${port.containerPort}/${port.protocol}`;
    bindings[key] = [...(bindings[key] ?? []), { HostIp: port.hostIP, HostPort: String(port.hostPort) }];
  }
  return bindings;
}
