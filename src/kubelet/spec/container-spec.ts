// A pod's sandbox and containers → what the engine is asked to create, and whether what lives still is that. Pure.
import { canonicalJson, hashOf } from '../../model/hash.ts';
import type { Container, PodSpec, StoredOf } from '../../model/resource.ts';
import type { ContainerSeen, ContainerSpec, PublishedPort } from '../engine/container-engine.ts';
import type { PodEnvironment } from '../environment.ts';
import {
  ATTEMPT_LABEL,
  CLUSTER_LABEL,
  CONTAINER_LABEL,
  NAMESPACE_LABEL,
  POD_JSON_LABEL,
  POD_LABEL,
  POD_UID_LABEL,
  ROLE_LABEL,
  SANDBOX_LABEL,
  SPEC_HASH_LABEL,
  STREAK_LABEL,
} from '../labels.ts';
import { containerName, networkName, type PodIdentity, sandboxName } from '../names.ts';
import { containerMounts, sandboxMounts } from '../volumes/volumes.ts';
import { expand, resolveEnv } from './container-env.ts';
import { engineResources, SANDBOX_OOM_SCORE, sandboxWeight } from './resources.ts';

const MAX_HOSTNAME_LENGTH = 63;

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

/** The sandbox of a pod. */
export function sandboxSpec(pod: StoredOf<'Pod'>, environment: PodEnvironment, attempt: number): ContainerSpec {
  const identity = identityOf(pod, environment.cluster);
  return {
    name: sandboxName(identity, attempt),
    image: environment.sandboxImage,
    labels: { ...podLabels(identity, 'sandbox', attempt, sandboxHash(pod)), [POD_JSON_LABEL]: podJson(pod) },
    env: [],
    mounts: sandboxMounts(pod, identity, environment.claimVolumes),
    network: { type: 'network', name: networkName(environment.cluster) },
    hostname: pod.metadata.name.slice(0, MAX_HOSTNAME_LENGTH).replace(/[-.]+$/, ''),
    ports: publishedPorts(pod.spec),
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
  | { readonly ok: true; readonly spec: ContainerSpec }
  | { readonly ok: false; readonly message: string };

/** One container of a pod in its running sandbox; not ok when something that it refers to is missing. */
export function containerSpec(
  pod: StoredOf<'Pod'>,
  container: Container,
  sandbox: ContainerSeen,
  run: NextRun,
  environment: PodEnvironment,
): ContainerSpecResult {
  const { nodeName, nodeAddress } = environment;
  const env = resolveEnv(container, environment, { pod, nodeName, nodeAddress, podIP: sandbox.ip });
  if (!env.ok) return env;
  const identity = identityOf(pod, environment.cluster);
  const expanded = (texts: readonly string[]): readonly string[] => texts.map((text) => expand(text, env.variables));
  const { command, args, workingDir } = container;
  const spec: ContainerSpec = {
    name: containerName(identity, container.name, run.attempt),
    image: container.image,
    labels: {
      ...podLabels(identity, 'container', run.attempt, containerHash(container)),
      [CONTAINER_LABEL]: container.name,
      [SANDBOX_LABEL]: sandbox.id,
      [STREAK_LABEL]: String(run.streak),
    },
    ...(command !== undefined && command.length > 0 ? { command: expanded(command) } : {}),
    ...(args !== undefined && args.length > 0 ? { args: expanded(args) } : {}),
    ...(workingDir === undefined || workingDir === '' ? {} : { workingDir }),
    env: [...env.variables].map(([name, value]) => `${name}=${value}`),
    mounts: containerMounts(pod, container, identity, environment.claimVolumes),
    network: { type: 'sandbox', containerId: sandbox.id },
    ports: [],
    ...engineResources(pod, container, environment.node),
  };
  return { ok: true, spec };
}

/** What may be edited on a living container, as it has to be. */
export interface ExpectedSettings {
  readonly name: string;
  readonly memoryBytes: number;
  readonly nanoCpus: number;
  readonly cpuShares: number;
  readonly networks: readonly string[];
}

/** What a sandbox's settings have to be. */
export function expectedSandbox(pod: StoredOf<'Pod'>, attempt: number, environment: PodEnvironment): ExpectedSettings {
  const { name, memoryBytes, nanoCpus, cpuShares } = sandboxSpec(pod, environment, attempt);
  return { name, memoryBytes, nanoCpus, cpuShares, networks: [networkName(environment.cluster)] };
}

/** What a container's settings have to be. */
export function expectedContainer(
  pod: StoredOf<'Pod'>,
  container: Container,
  attempt: number,
  environment: PodEnvironment,
): ExpectedSettings {
  const { memoryBytes, nanoCpus, cpuShares } = engineResources(pod, container, environment.node);
  const name = containerName(identityOf(pod, environment.cluster), container.name, attempt);
  return { name, memoryBytes, nanoCpus, cpuShares, networks: [] };
}

/** What somebody changed by hand, as `field old → new, …`; undefined when nothing differs. */
export function handEdits(expected: ExpectedSettings, seen: ContainerSeen): string | undefined {
  const { settings } = seen;
  const edits: string[] = [];
  const compare = (field: string, wanted: string | number, found: string | number): void => {
    if (wanted !== found) edits.push(`${field} ${wanted} → ${found}`);
  };
  compare('name', expected.name, settings.name);
  compare('memory', expected.memoryBytes, settings.memoryBytes);
  compare('nanoCpus', expected.nanoCpus, settings.nanoCpus);
  compare('cpuShares', expected.cpuShares, settings.cpuShares);
  compare('restartPolicy', 'no', settings.restartPolicy === '' ? 'no' : settings.restartPolicy);
  // A container that does not run may be shown without its networks.
  if (seen.state === 'running' || settings.networks.length > 0)
    compare('networks', expected.networks.join(' ') || 'none', [...settings.networks].sort().join(' ') || 'none');
  if (seen.state === 'paused') edits.push('paused no → yes');
  return edits.length === 0 ? undefined : edits.join(', ');
}
