// A pod's sandbox and containers → what the engine is asked to create, and whether what lives still is that. Pure.
import { canonicalJson, hashOf } from '../../model/hash.ts';
import type { Container, PodSpec, StoredOf } from '../../model/resource.ts';
import type {
  ContainerSeen,
  ContainerSpec,
  FileEntry,
  ImageSeen,
  PublishedPort,
  SecuritySettings,
} from '../engine/container-engine.ts';
import type { PodEnvironment } from '../environment.ts';
import {
  ATTEMPT_LABEL,
  CLUSTER_LABEL,
  CONTAINER_LABEL,
  NAMESPACE_LABEL,
  PIDS_LIMIT_LABEL,
  POD_JSON_LABEL,
  POD_LABEL,
  POD_UID_LABEL,
  ROLE_LABEL,
  SANDBOX_LABEL,
  SANDBOX_START_LABEL,
  SPEC_HASH_LABEL,
  STREAK_LABEL,
} from '../labels.ts';
import { containerName, type PodIdentity, sandboxName, sandboxNetwork } from '../names.ts';
import type { KeyedNote } from '../plan/steps.ts';
import type { SubPath } from '../volumes/sub-paths.ts';
import { containerMounts, sandboxMounts } from '../volumes/volumes.ts';
import { expand, resolveEnv, type SkippedKeys } from './container-env.ts';
import { devicesOf } from './devices.ts';
import { nameFileMounts } from './name-files.ts';
import { containerNamespaces, sandboxNamespaces } from './namespaces.ts';
import { resolverArgs, resolverOf } from './resolver.ts';
import { engineResources, SANDBOX_OOM_SCORE, sandboxWeight } from './resources.ts';
import { sandboxWay } from './sandbox-way.ts';
import { securityOf } from './security.ts';
import { serviceVariables } from './service-env.ts';
import { TERMINATION_DIRECTORY, terminationLog } from './termination-log.ts';

/** The identity of a pod in one cluster. */
export function identityOf(pod: StoredOf<'Pod'>, cluster: string): PodIdentity {
  return { cluster, namespace: pod.metadata.namespace ?? 'default', pod: pod.metadata.name, uid: pod.metadata.uid };
}

function podLabels(
  identity: PodIdentity,
  role: 'sandbox' | 'container',
  attempt: number,
  specHash: string,
): Record<string, string> {
  return {
    [CLUSTER_LABEL]: identity.cluster,
    [ROLE_LABEL]: role,
    [NAMESPACE_LABEL]: identity.namespace,
    [POD_LABEL]: identity.pod,
    [POD_UID_LABEL]: identity.uid,
    [ATTEMPT_LABEL]: String(attempt),
    [SPEC_HASH_LABEL]: specHash,
  };
}

/** The pod as its sandbox remembers it: enough to rebuild it, without status, and with references instead of Secrets' values. */
export function podJson(pod: StoredOf<'Pod'>): string {
  const { name, namespace, uid, labels, annotations, ownerReferences } = pod.metadata;
  return canonicalJson({ metadata: { name, namespace, uid, labels, annotations, ownerReferences }, spec: pod.spec });
}

function publishedPorts(spec: PodSpec): readonly PublishedPort[] {
  return spec.containers.flatMap((container) =>
    (container.ports ?? []).flatMap(({ containerPort, protocol, hostPort, hostIP }): PublishedPort[] =>
      hostPort === undefined || hostPort === 0
        ? []
        : [{ containerPort, protocol: lowered(protocol), hostPort, hostIP: hostIP ?? '' }],
    ),
  );
}

function lowered(protocol: 'TCP' | 'UDP' | 'SCTP' | undefined): 'tcp' | 'udp' | 'sctp' {
  return protocol === 'UDP' ? 'udp' : protocol === 'SCTP' ? 'sctp' : 'tcp';
}

/** The hash of what a sandbox is made from. */
export function sandboxHash(pod: StoredOf<'Pod'>): string {
  return hashOf({ ports: publishedPorts(pod.spec), volumes: pod.spec.volumes ?? [] });
}

/** The hash of what a container is made from: its part of the pod. Changes of ConfigMaps and Secrets do not restart it. */
export function containerHash(container: Container): string {
  return hashOf(container);
}

/**
 * A sandbox mounts all volumes of its pod, and paths of the host beside those of the pod. Who sees its process looks through /proc/1/root at them
 * unless it may do something that the looker may not (ptrace(2), access mode checks); the program itself makes no use of it.
 */
const SHUT: SecuritySettings = {
  groups: [],
  isPrivileged: false,
  addCapabilities: ['SYS_PTRACE'],
  dropCapabilities: [],
  isRootReadOnly: false,
  noNewPrivileges: false,
  seccomp: 'default',
  appArmor: 'default',
  seLinux: [],
  isProcUnmasked: false,
};

/** The sandbox of a pod. One that is to be plugged in gets its address as a label when that is known. */
export function sandboxSpec(pod: StoredOf<'Pod'>, environment: PodEnvironment, attempt: number): ContainerSpec {
  const identity = identityOf(pod, environment.cluster);
  const resolver = resolverOf(pod, environment);
  const isPlugged = sandboxWay(pod, environment) === 'plugged';
  const args = isPlugged ? [] : resolverArgs(pod, environment);
  const { hosts, ...namespaces } = sandboxNamespaces(pod, sandboxNetwork(environment));
  return {
    name: sandboxName(identity, attempt),
    image: environment.sandboxImage,
    labels: { ...podLabels(identity, 'sandbox', attempt, sandboxHash(pod)), [POD_JSON_LABEL]: podJson(pod) },
    ...(args.length === 0 ? {} : { args }),
    env: [],
    mounts: [...sandboxMounts(pod, identity, environment), { type: 'scratch', target: TERMINATION_DIRECTORY }],
    ...namespaces,
    ...(isPlugged
      ? { network: { type: 'bare' as const, name: sandboxNetwork(environment) } }
      : hosts === undefined
        ? {}
        : { hosts }),
    ...(pod.spec.shareProcessNamespace === true ? { security: SHUT } : {}),
    ...(resolver === undefined ? {} : { resolver }),
    ...runtimeOf(pod.spec, environment),
    ports: pod.spec.hostNetwork === true ? [] : publishedPorts(pod.spec),
    memoryBytes: 0,
    nanoCpus: 0,
    cpuShares: sandboxWeight(environment.node),
    oomScoreAdj: SANDBOX_OOM_SCORE,
  };
}

/** The run of a container that is to be made. */
export interface NextRun {
  readonly attempt: number;
  readonly streak: number;
}

export type ContainerSpecResult =
  | {
      readonly ok: true;
      readonly spec: ContainerSpec;
      /** Parts of volumes that have to be there before it is created. */
      readonly subPaths?: readonly SubPath[];
      /** Files that have to be in the sandbox, below TERMINATION_DIRECTORY, before it is created. */
      readonly terminationFiles?: readonly FileEntry[];
      readonly notes?: readonly KeyedNote[];
    }
  | { readonly ok: false; readonly message: string };

/**
 * One container of a pod in its running sandbox; not ok when something that it refers to is missing, or when it must not run. `image` is
 * what the engine says of its image.
 */
export function containerSpec(
  pod: StoredOf<'Pod'>,
  container: Container,
  sandbox: ContainerSeen,
  run: NextRun,
  environment: PodEnvironment,
  image?: ImageSeen,
): ContainerSpecResult {
  const { nodeName, nodeAddress, node } = environment;
  const podIP = pod.spec.hostNetwork === true ? nodeAddress : sandbox.ip;
  const services = serviceVariables(
    environment.services ?? [],
    pod.metadata.namespace ?? 'default',
    pod.spec.enableServiceLinks !== false,
  );
  const env = resolveEnv(container, environment, { pod, nodeName, nodeAddress, podIP, node }, services);
  if (!env.ok) return env;
  const security = securityOf(pod, container, image, node);
  if (!security.ok) return security;
  const identity = identityOf(pod, environment.cluster);
  const mounting = containerMounts(pod, container, identity, environment, env.variables);
  if (!mounting.ok) return mounting;
  const expanded = (texts: readonly string[]): readonly string[] => texts.map((text) => expand(text, env.variables));
  const { command, args, workingDir } = container;
  const termination = terminationLog(pod.spec, container, run.attempt, sandbox);
  const devices = devicesOf(container);
  const resources = engineResources(pod, container, node);
  const spec: ContainerSpec = {
    name: containerName(identity, container.name, run.attempt),
    image: container.image,
    labels: {
      ...podLabels(identity, 'container', run.attempt, containerHash(container)),
      [CONTAINER_LABEL]: container.name,
      [SANDBOX_LABEL]: sandbox.id,
      [SANDBOX_START_LABEL]: String(sandbox.startedAtMs),
      [STREAK_LABEL]: String(run.streak),
      ...(resources.pidsLimit === undefined ? {} : { [PIDS_LIMIT_LABEL]: String(resources.pidsLimit) }),
    },
    ...(command !== undefined && command.length > 0 ? { command: expanded(command) } : {}),
    ...(args !== undefined && args.length > 0 ? { args: expanded(args) } : {}),
    ...(workingDir === undefined || workingDir === '' ? {} : { workingDir }),
    env: [...env.variables].map(([name, value]) => `${name}=${value}`),
    mounts: [...mounting.mounts, ...termination.mounts, ...nameFileMounts(container, sandbox)],
    network: { type: 'sandbox', containerId: sandbox.id },
    ports: [],
    ...containerNamespaces(pod.spec),
    ...runtimeOf(pod.spec, environment),
    ...(security.settings === undefined ? {} : { security: security.settings }),
    ...(devices.length === 0 ? {} : { devices }),
    ...terminalOf(container),
    ...(container.lifecycle?.stopSignal === undefined ? {} : { stopSignal: container.lifecycle.stopSignal }),
    ...resources,
  };
  return {
    ok: true,
    spec,
    ...(mounting.subPaths.length === 0 ? {} : { subPaths: mounting.subPaths }),
    ...(termination.files.length === 0 ? {} : { terminationFiles: termination.files }),
    ...(env.skipped.length === 0 ? {} : { notes: skippedNotes(pod, container, env.skipped) }),
  };
}

function terminalOf({ tty, stdin, stdinOnce }: Container): Pick<ContainerSpec, 'terminal'> {
  if (tty !== true && stdin !== true) return {};
  return { terminal: { tty: tty === true, stdin: stdin !== true ? 'closed' : stdinOnce === true ? 'once' : 'open' } };
}

/** The engine's runtime for a pod's class. One that is not known was told when the sandbox was planned. */
function runtimeOf({ runtimeClassName }: PodSpec, { runtimeHandlers }: PodEnvironment): Pick<ContainerSpec, 'runtime'> {
  const runtime = runtimeClassName === undefined ? undefined : runtimeHandlers?.get(runtimeClassName);
  return runtime === undefined ? {} : { runtime };
}

function skippedNotes(pod: StoredOf<'Pod'>, container: Container, skipped: readonly SkippedKeys[]): readonly KeyedNote[] {
  return skipped.map(({ keys, kind, name }) => {
    const source = `${kind} ${pod.metadata.namespace ?? 'default'}/${name}`;
    const message = `Keys [${keys.join(', ')}] from the EnvFrom ${source} were skipped since they are considered invalid environment variable names.`;
    return { key: `env/${container.name}/${message}`, reason: 'InvalidEnvironmentVariableNames', message, severity: 'Warning' };
  });
}
