// Between the kubelet's words and Docker's. Pure: no call is made here, and no decision beyond translation.
import {
  type ContainerSeen,
  type ContainerSpec,
  EngineError,
  type EngineInfo,
  type Mount,
  type VolumeSeen,
  type VolumeSpec,
} from '../kubelet/engine/container-engine.ts';
import { CLUSTER_LABEL } from '../kubelet/labels.ts';
import type { ContainerBody, InfoBody, NamedBody, VersionBody } from './bodies.ts';

/** Engines older than Docker 20.10 lack what we rely on. */
const OLDEST_API = '1.41';
/** The newest API that these mappings were written against. */
const NEWEST_API = '1.44';
/** What Docker calls architectures, to what images call them. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x86_64: 'amd64', aarch64: 'arm64' };
/** Kubernetes' defaults (containerLogMaxSize, containerLogMaxFiles), so that a chatty program does not fill the disk. */
const LOG_CONFIG = { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '5' } };
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

function isOlder(one: string, other: string): boolean {
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
    enforces: { memory: info.MemoryLimit !== false, cpuShares: info.CPUShares !== false },
  };
}

/** Body of `POST /containers/create`. Every object that Docker makes by the way (a missing volume) is labelled as the cluster's, too. */
export function toCreateBody(spec: ContainerSpec, cluster: string): object {
  const isSandbox = spec.network.type === 'network';
  const exposed = spec.ports.map((port) => `${port.containerPort}/${port.protocol}`);
  return {
    Image: spec.image,
    Labels: { ...spec.labels, [CLUSTER_LABEL]: cluster },
    ...(isGiven(spec.command) ? { Entrypoint: spec.command } : {}),
    ...(isGiven(spec.args) ? { Cmd: spec.args } : {}),
    ...(spec.workingDir === undefined ? {} : { WorkingDir: spec.workingDir }),
    ...(isSandbox && spec.hostname !== undefined ? { Hostname: spec.hostname } : {}),
    Env: spec.env,
    // Kubernetes knows probes, not the health check of an image.
    Healthcheck: { Test: ['NONE'] },
    ExposedPorts: Object.fromEntries(exposed.map((port) => [port, {}])),
    HostConfig: {
      ...toNamespaces(spec),
      Mounts: spec.mounts.filter((mount) => !isBind(mount)).map((mount) => toMount(mount, cluster)),
      Binds: spec.mounts.filter(isBind).map(({ source, target, readOnly }) => `${source}:${target}:${readOnly ? 'ro' : 'rw'}`),
      PortBindings: toPortBindings(spec),
      Memory: spec.memoryBytes,
      // Equal to Memory: a limit without swap beyond it, as Kubernetes means it. Docker would allow as much again.
      ...(spec.memoryBytes > 0 ? { MemorySwap: spec.memoryBytes } : {}),
      NanoCpus: spec.nanoCpus,
      CpuShares: spec.cpuShares,
      OomScoreAdj: spec.oomScoreAdj,
      RestartPolicy: { Name: 'no' },
      LogConfig: LOG_CONFIG,
    },
  };
}

function isGiven(words: readonly string[] | undefined): words is readonly string[] {
  return words !== undefined && words.length > 0;
}

/** Containers of a pod share the network and the IPC namespace of the sandbox (Kubernetes, "Pods": resource sharing). */
function toNamespaces({ network }: ContainerSpec): object {
  if (network.type === 'network') return { NetworkMode: network.name, IpcMode: 'shareable' };
  return { NetworkMode: `container:${network.containerId}`, IpcMode: `container:${network.containerId}` };
}

/** Only the short form makes a missing directory; it cannot say a path with a colon. */
function isBind(mount: Mount): mount is Extract<Mount, { type: 'bind' }> {
  return mount.type === 'bind' && mount.create && !mount.source.includes(':');
}

function toMount(mount: Mount, cluster: string): object {
  if (mount.type === 'bind') return { Type: 'bind', Source: mount.source, Target: mount.target, ReadOnly: mount.readOnly };
  const VolumeOptions = { NoCopy: true, Labels: { [CLUSTER_LABEL]: cluster } };
  return { Type: 'volume', Source: mount.volume, Target: mount.target, ReadOnly: mount.readOnly, VolumeOptions };
}

function toPortBindings(spec: ContainerSpec): object {
  const bindings: Record<string, { HostIp: string; HostPort: string }[]> = {};
  for (const port of spec.ports) {
    const key = `${port.containerPort}/${port.protocol}`;
    bindings[key] = [...(bindings[key] ?? []), { HostIp: port.hostIP, HostPort: String(port.hostPort) }];
  }
  return bindings;
}

/** A container's inspection, as the kubelet sees it. */
export function toSeen(body: ContainerBody): ContainerSeen {
  const state = STATES.find((known) => known === body.State?.Status) ?? 'dead';
  const host = body.HostConfig ?? {};
  const networkMode = host.NetworkMode ?? '';
  const networks = networkMode.startsWith('container:') ? {} : (body.NetworkSettings?.Networks ?? {});
  const home = networks[networkMode] ?? Object.values(networks)[0];
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
    ip: state === 'running' || state === 'paused' ? (home?.IPAddress ?? '') : '',
    settings: {
      name: (body.Name ?? '').replace(/^\//, ''),
      memoryBytes: host.Memory ?? 0,
      nanoCpus: host.NanoCpus ?? 0,
      cpuShares: host.CpuShares ?? 0,
      restartPolicy: host.RestartPolicy?.Name || 'no',
      networks: Object.keys(networks).toSorted(),
    },
  };
}

/** Docker writes the year 1 for "never". */
function toMs(time: string | undefined): number {
  const ms = Date.parse(time ?? '');
  return Number.isNaN(ms) || ms < 0 ? 0 : ms;
}

export function toVolumeSeen(body: NamedBody): VolumeSeen {
  return { name: body.Name ?? '', labels: body.Labels ?? {} };
}

/** Body of `POST /volumes/create`. In memory: world-writable with the sticky bit, as /tmp is. */
export function toVolumeBody(spec: VolumeSpec, cluster: string): object {
  const size = spec.sizeBytes > 0 ? `size=${spec.sizeBytes},` : '';
  return {
    Name: spec.name,
    Driver: 'local',
    Labels: { ...spec.labels, [CLUSTER_LABEL]: cluster },
    DriverOpts: spec.inMemory ? { type: 'tmpfs', device: 'tmpfs', o: `${size}mode=1777` } : {},
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
