// Names of what the kubelet makes in Docker. Deterministic, so that making a thing twice collides instead of doubling it.
import { hashOf } from '../model/hash.ts';

/** Docker takes longer names, but its embedded tools and file systems do not. */
const MAX_NAME_LENGTH = 128;
const HASH_LENGTH = 16;

/** The container part of a sandbox's name; an underscore cannot occur in a container's own name. */
export const SANDBOX_PART = '_sandbox';
/** Stands for the volumes of a pod where failures are remembered by container. */
export const VOLUMES_PART = '_volumes';

/** Cuts a name that is too long and ends it with a hash of the whole. */
function fitted(name: string): string {
  if (name.length <= MAX_NAME_LENGTH) return name;
  return `${name.slice(0, MAX_NAME_LENGTH - HASH_LENGTH - 1)}.${hashOf(name, HASH_LENGTH)}`;
}

export interface PodIdentity {
  readonly cluster: string;
  readonly namespace: string;
  readonly pod: string;
  readonly uid: string;
}

/** `hf.<cluster>.<namespace>.<pod>.<container>.<uid8>.<attempt>`, at most 128 characters. */
export function containerName(identity: PodIdentity, container: string, attempt: number): string {
  const { cluster, namespace, pod, uid } = identity;
  return fitted(`hf.${cluster}.${namespace}.${pod}.${container}.${uid.slice(0, 8)}.${attempt}`);
}

/** Name of the sandbox of a pod. */
export function sandboxName(identity: PodIdentity, attempt: number): string {
  return containerName(identity, SANDBOX_PART, attempt);
}

/** Docker volume of a pod's own volume (emptyDir, configMap, secret); goes with the pod. */
export function podVolumeName(identity: PodIdentity, volume: string): string {
  const { cluster, namespace, pod, uid } = identity;
  return fitted(`hf.${cluster}.${namespace}.${pod}.${volume}.${uid.slice(0, 8)}`);
}

/** Docker volume of a PersistentVolumeClaim; it outlives every pod and is never removed by Holdfast. Claims can share such a name. */
export function claimVolumeName(cluster: string, namespace: string, claim: string): string {
  return fitted(`hf-${cluster}-${namespace}-${claim}`);
}

/** The name for a claim whose usual one is another claim's: `shop-db` and `data` read like `shop` and `db-data`. */
export function distinctClaimVolumeName(cluster: string, namespace: string, claim: string): string {
  return fitted(`${claimVolumeName(cluster, namespace, claim)}.${hashOf([namespace, claim])}`);
}

/** The name for a volume of a claim that has another one under its usual names already, kept or of another make. */
export function furtherClaimVolumeName(cluster: string, namespace: string, claim: string, uid: string): string {
  return fitted(`${claimVolumeName(cluster, namespace, claim)}.${hashOf([namespace, claim, uid])}`);
}

/** Docker volume through which this node mounts a declared PersistentVolume; another one when the options are others. */
export function mountVolumeName(cluster: string, volume: string, options: unknown): string {
  return fitted(`hf-${cluster}.pv.${volume}.${hashOf(options)}`);
}

/** The network that all pods of a cluster on one engine share when Holdfast gives them no addresses (`--network none`). */
export function networkName(cluster: string): string {
  return `holdfast-${cluster}`;
}

/** The container for whose sake Docker keeps that network. An underscore cannot occur in a namespace, so no pod's container has the name. */
export function bridgeContainerName(cluster: string): string {
  return `hf.${cluster}._bridge`;
}

/** The network of pods that Holdfast gives their addresses. */
export function podNetworkName(cluster: string): string {
  return `hf-${cluster}`;
}

/** The network that sandboxes are made on. `network`: the one that pods have their addresses from, if they do. */
export function sandboxNetwork({ cluster, network }: { cluster: string; network?: { readonly name: string } }): string {
  return network?.name ?? networkName(cluster);
}

/** Names of Linux network devices have at most 15 characters. */
const BRIDGE_HASH_LENGTH = 10;

/** The bridge of that network. Engines that share their host's network have each its own: their slices differ. */
export function bridgeName(cluster: string, slice: string): string {
  return `hf${hashOf([cluster, slice], BRIDGE_HASH_LENGTH)}`;
}
