// Between the kubelet's words and Docker's. Pure: no call is made here, and no decision beyond translation.
import {
  type ContainerSeen,
  type DiskUse,
  EngineError,
  type EngineInfo,
  type ImageSeen,
  type LiveSettings,
  type NetworkSeen,
  type NetworkSpec,
  type VolumeSeen,
  type VolumeSpec,
} from '../kubelet/engine/container-engine.ts';
import { CLUSTER_LABEL, PLUG_ADDRESS_LABEL } from '../kubelet/labels.ts';
import type {
  ContainerBody,
  DiskUseBody,
  HostConfigBody,
  ImageBody,
  InfoBody,
  LabelsBody,
  NetworkBody,
  VersionBody,
  VolumeBody,
} from './bodies.ts';

/** Engines older than Docker 20.10 lack what we rely on. */
const OLDEST_API = '1.41';
/** The newest API that these mappings were written against. */
const NEWEST_API = '1.45';
/** What Docker calls architectures, to what images call them. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x86_64: 'amd64', aarch64: 'arm64' };
const STATES: readonly ContainerSeen['state'][] = ['created', 'running', 'paused', 'restarting', 'exited', 'dead', 'removing'];

/** The API version to speak: the newest that both sides know. Throws Invalid when there is none. */
export function chooseApiVersion(version: VersionBody): string {
  const newest = version.ApiVersion ?? OLDEST_API;
  const oldest = version.MinAPIVersion ?? OLDEST_API;
  if (isOlder(newest, OLDEST_API))
    throw new EngineError(
      'Invalid',
      `Docker ${version.Version ?? ''} (API ${newest}) is too old: 20.10 (API ${OLDEST_API}) or later is needed`,
    );
  if (isOlder(newest, NEWEST_API)) return newest;
  return isOlder(NEWEST_API, oldest) ? oldest : NEWEST_API;
}

/** Whether an engine whose newest API this is can be spoken to in it. */
export function isSpoken(newest: string): boolean {
  return !isOlder(newest, OLDEST_API) && !isOlder(NEWEST_API, newest);
}

/** Whether one API version is older than another. */
export function isOlder(one: string, other: string): boolean {
  const [major = 0, minor = 0] = one.split('.').map(Number);
  const [otherMajor = 0, otherMinor = 0] = other.split('.').map(Number);
  return major < otherMajor || (major === otherMajor && minor < otherMinor);
}

export function toInfo(info: InfoBody, version: VersionBody): EngineInfo {
  const architecture = info.Architecture ?? '';
  return {
    id: info.ID ?? '',
    name: info.Name ?? '',
    version: info.ServerVersion ?? version.Version ?? '',
    apiVersion: version.ApiVersion ?? '',
    operatingSystem: info.OperatingSystem ?? '',
    kernelVersion: info.KernelVersion ?? '',
    architecture: ARCHITECTURES[architecture] ?? architecture,
    cpus: info.NCPU ?? 0,
    memoryBytes: info.MemTotal ?? 0,
    enforces: { memory: info.MemoryLimit !== false, cpuShares: info.CPUShares !== false, pids: info.PidsLimit !== false },
    runtimes: Object.keys(info.Runtimes ?? {}).toSorted(),
    cgroupVersion: info.CgroupVersion === '2' ? 2 : 1,
    securityOptions: (info.SecurityOptions ?? []).map(nameOfOption).toSorted(),
    rootDirectory: info.DockerRootDir ?? '',
  };
}

/** The name in `name=seccomp,profile=default`; old engines write the name alone. */
function nameOfOption(option: string): string {
  return /(?:^|,)name=([^,]+)/.exec(option)?.[1] ?? option;
}

/** A container's inspection, as the kubelet sees it. */
export function toSeen(body: ContainerBody): ContainerSeen {
  const state = STATES.find((known) => known === body.State?.Status) ?? 'dead';
  const host = body.HostConfig ?? {};
  const networkMode = host.NetworkMode ?? '';
  const networks = networkMode.startsWith('container:') ? {} : (body.NetworkSettings?.Networks ?? {});
  const home = networks[networkMode] ?? Object.values(networks)[0];
  // Docker knows nothing of the network of such a container.
  const plugged = body.Config?.NetworkDisabled === true ? body.Config.Labels?.[PLUG_ADDRESS_LABEL] : undefined;
  const address = plugged ?? home?.IPAMConfig?.IPv4Address;
  return {
    id: body.Id ?? '',
    labels: body.Config?.Labels ?? {},
    image: body.Config?.Image ?? '',
    imageId: body.Image ?? '',
    state,
    createdAtMs: toMs(body.Created),
    startedAtMs: toMs(body.State?.StartedAt),
    finishedAtMs: toMs(body.State?.FinishedAt),
    exitCode: body.State?.ExitCode ?? 0,
    isOomKilled: body.State?.OOMKilled ?? false,
    error: body.State?.Error ?? '',
    ...scratchVolumes(body),
    ip: state === 'running' || state === 'paused' ? (plugged ?? home?.IPAddress ?? '') : '',
    ...(address ? { address } : {}),
    ...(plugged !== undefined && state === 'running' ? { pid: body.State?.Pid ?? 0 } : {}),
    settings: {
      name: (body.Name ?? '').replace(/^\//, ''),
      memoryBytes: host.Memory ?? 0,
      nanoCpus: host.NanoCpus ?? 0,
      cpuShares: host.CpuShares ?? 0,
      pidsLimit: Math.max(host.PidsLimit ?? 0, 0),
      restartPolicy: host.RestartPolicy?.Name || 'no',
      networks: Object.keys(networks).toSorted(),
      others: otherSettings(host),
    },
  };
}

/** Docker names volumes that nobody named by 64 hexadecimal digits. */
const GENERATED_NAME = /^[0-9a-f]{64}$/;

function scratchVolumes({ Mounts }: ContainerBody): Pick<ContainerSeen, 'scratchVolumes'> {
  const own = (Mounts ?? []).filter(({ Type, Name = '' }) => Type === 'volume' && GENERATED_NAME.test(Name));
  if (own.length === 0) return {};
  return { scratchVolumes: Object.fromEntries(own.map(({ Destination = '', Name = '' }) => [Destination, Name])) };
}

/** What `docker update` sets and we never do, by Docker's own names. */
function otherSettings(host: HostConfigBody): LiveSettings['others'] {
  const memory = host.Memory ?? 0;
  // A limit of memory comes with an equal one of memory and swap, or -1 where swap cannot be limited.
  const isOurSwap = [0, -1, memory].includes(host.MemorySwap ?? 0);
  const settings = {
    blkioWeight: host.BlkioWeight,
    cpuPeriod: host.CpuPeriod,
    cpuQuota: host.CpuQuota,
    cpuRealtimePeriod: host.CpuRealtimePeriod,
    cpuRealtimeRuntime: host.CpuRealtimeRuntime,
    cpusetCpus: host.CpusetCpus,
    cpusetMems: host.CpusetMems,
    memoryReservation: host.MemoryReservation,
    memorySwap: isOurSwap ? 0 : host.MemorySwap,
  };
  return Object.entries(settings).flatMap(([name, value]) =>
    value === undefined || value === 0 || value === '' ? [] : [`${name}=${value}`],
  );
}

/** Docker writes the year 1 for "never". */
function toMs(time: string | undefined): number {
  const ms = Date.parse(time ?? '');
  return Number.isNaN(ms) || ms < 0 ? 0 : ms;
}

export function toVolumeSeen(body: VolumeBody): VolumeSeen {
  return {
    name: body.Name ?? '',
    labels: body.Labels ?? {},
    driver: body.Driver ?? 'local',
    options: body.Options ?? {},
    createdAtMs: toMs(body.CreatedAt),
  };
}

/** What our volumes and containers occupy. A volume that the engine cannot measure, or did not, has the size -1. */
export function toDiskUse({ Volumes, Containers }: DiskUseBody, cluster: string): DiskUse {
  const ours = <T extends { readonly Labels?: LabelsBody }>(all: readonly T[] | null | undefined): readonly T[] =>
    (all ?? []).filter(({ Labels }) => Labels?.[CLUSTER_LABEL] === cluster);
  return {
    volumes: new Map(
      ours(Volumes).flatMap(({ Name = '', UsageData }) => {
        const bytes = UsageData?.Size ?? -1;
        return bytes < 0 ? [] : [[Name, bytes] as const];
      }),
    ),
    containers: new Map(ours(Containers).map(({ Id = '', SizeRw = 0 }) => [Id, SizeRw] as const)),
  };
}

/** Body of `POST /volumes/create`. In memory: world-writable with the sticky bit, as /tmp is. */
export function toVolumeBody(spec: VolumeSpec, cluster: string): object {
  const size = spec.sizeBytes > 0 ? `size=${spec.sizeBytes},` : '';
  const inMemory = spec.inMemory ? { type: 'tmpfs', device: 'tmpfs', o: `${size}mode=1777` } : {};
  return {
    Name: spec.name,
    Driver: spec.driver ?? 'local',
    Labels: { ...spec.labels, [CLUSTER_LABEL]: cluster },
    DriverOpts: spec.options ?? inMemory,
  };
}

/** Letters of its id that Docker puts into the name of a bridge that nobody named. */
const SHORT_NETWORK_ID = 12;
const BRIDGE_NAME = 'com.docker.network.bridge.name';

export function toNetworkSeen(body: NetworkBody): NetworkSeen {
  const ranges = (body.IPAM?.Config ?? []).filter(({ Subnet = '' }) => Subnet.includes('.'));
  return {
    name: body.Name ?? '',
    labels: body.Labels ?? {},
    subnets: ranges.map(({ Subnet = '' }) => Subnet),
    gateway: ranges[0]?.Gateway ?? '',
    bridge: body.Driver === 'bridge' ? (body.Options?.[BRIDGE_NAME] ?? `br-${(body.Id ?? '').slice(0, SHORT_NETWORK_ID)}`) : '',
  };
}

/** The API of Docker 28, which drops what comes from other hosts for ports that are not published; engines before it refuse the word. */
const GUARDED_API = '1.48';

/** Body of `POST /networks/create` for an engine with this API. */
export function toNetworkBody(spec: NetworkSpec, cluster: string, apiVersion: string): object {
  const { name, labels, addresses, bridge, isOpen = false } = spec;
  const options = {
    ...(bridge === undefined ? {} : { [BRIDGE_NAME]: bridge }),
    ...(isOpen && !isOlder(apiVersion, GUARDED_API) ? { 'com.docker.network.bridge.gateway_mode_ipv4': 'nat-unprotected' } : {}),
  };
  const Config = addresses && [{ Subnet: addresses.subnet, Gateway: addresses.gateway, IPRange: addresses.dynamic }];
  return {
    Name: name,
    Driver: 'bridge',
    // Names of networks are not unique by themselves before Docker 25.
    CheckDuplicate: true,
    Labels: { ...labels, [CLUSTER_LABEL]: cluster },
    ...(Object.keys(options).length === 0 ? {} : { Options: options }),
    ...(Config === undefined ? {} : { IPAM: { Driver: 'default', Config } }),
  };
}

/** An image, inspected or listed. References that stand for none are left out. */
export function toImageSeen(body: ImageBody): ImageSeen {
  const isNamed = (reference: string): boolean => !reference.startsWith('<none>');
  return {
    id: body.Id ?? '',
    tags: (body.RepoTags ?? []).filter(isNamed).toSorted(),
    digests: (body.RepoDigests ?? []).filter(isNamed).toSorted(),
    sizeBytes: body.Size ?? 0,
    user: body.Config?.User ?? '',
    labels: body.Config?.Labels ?? body.Labels ?? {},
  };
}

/** Query of a pull. A reference without a tag means `latest`; Docker would fetch all tags. */
export function toPullQuery(reference: string): { fromImage: string; tag?: string } {
  if (reference.includes('@')) return { fromImage: reference };
  const { repository, tag } = splitReference(reference);
  return { fromImage: repository, tag: tag ?? 'latest' };
}

/** Splits `registry:5000/name:tag` at the colon that begins the tag. */
export function splitReference(reference: string): { repository: string; tag: string | undefined } {
  const colon = reference.indexOf(':', reference.lastIndexOf('/') + 1);
  return colon < 0
    ? { repository: reference, tag: undefined }
    : { repository: reference.slice(0, colon), tag: reference.slice(colon + 1) };
}
