// All that planning a pod needs beside the pod and its containers, as plain data. `observeConfiguration` reads the store's part of it.
import type { ConfigMap, PersistentVolumeClaim, Pod, Secret } from '../model/resource.ts';
import type { StoreReader } from '../store/store.ts';
import type { ProbeVerdicts } from './probes/probe-state.ts';
import type { NodeCapacity } from './spec/resources.ts';

/** Keys and bytes of a ConfigMap or Secret. */
export type KeyedBytes = ReadonlyMap<string, Uint8Array>;

/** How far an image is, as the image pulls report it. */
export type ImageProgress =
  | { readonly state: 'present' }
  | { readonly state: 'pulling'; readonly isDownloading: boolean }
  | {
      readonly state: 'failed';
      readonly message: string;
      readonly isFinal: boolean;
      readonly retryAtMs: number;
      /** Failures in a row, from 1. */
      readonly failures: number;
    };

/** What the kubelet remembers of the signals it sent to a container. */
export interface SentSignals {
  readonly stopAtMs: number;
  readonly killAtMs?: number;
  /** Why, when the container is to be started again whatever its restart policy says of its exit code. */
  readonly restart?: boolean;
}

/** A step that failed in a way that waiting may cure; it is tried again at `retryAtMs`. */
export interface StepFailure {
  readonly reason: string;
  readonly message: string;
  readonly failures: number;
  readonly retryAtMs: number;
}

/** What a config volume holds. */
export interface VolumeVersion {
  /** Empty when it was never written. */
  readonly version: string;
  /** The names that pods see in it; absent when only the version could be read back. */
  readonly names?: readonly string[];
}

/** What the pod refers to, as the store has it. An absent entry means that there is no such object. */
export interface Configuration {
  readonly configMaps: ReadonlyMap<string, KeyedBytes>;
  readonly secrets: ReadonlyMap<string, KeyedBytes>;
  readonly claims: ReadonlyMap<string, 'Pending' | 'Bound' | 'Lost'>;
  /** Docker volumes of the bound claims, by the claim's name. */
  readonly claimVolumes: ReadonlyMap<string, string>;
}

/** The world around a pod. */
export interface PodEnvironment extends Configuration {
  readonly cluster: string;
  readonly nodeName: string;
  readonly nodeAddress: string;
  readonly node: NodeCapacity;
  readonly sandboxImage: string;
  /** Whether the network and the sandbox image are known to be there. */
  readonly isNodePrepared: boolean;
  /** Docker volumes of claims that were made in this process and have not been opened to everybody yet. */
  readonly freshVolumes: ReadonlySet<string>;
  /** Docker volumes of this pod that are known to be there. */
  readonly volumes: ReadonlySet<string>;
  /** Sandboxes whose volumes were filled in this process. */
  readonly preparedSandboxes: ReadonlySet<string>;
  /** What each config volume of the current sandbox holds, by the volume's name in the pod; absent when it is not known. */
  readonly volumeVersions: ReadonlyMap<string, VolumeVersion>;
  /** Answers to `prepare-image` steps of this pass, by wish. */
  readonly images: ReadonlyMap<string, ImageProgress>;
  /** Probe results by container id. */
  readonly probes: ReadonlyMap<string, ProbeVerdicts>;
  readonly signals: ReadonlyMap<string, SentSignals>;
  /** When each container that has ended was first seen so, by container id. */
  readonly endings: ReadonlyMap<string, number>;
  /** Failures of steps, by container name; the sandbox's under SANDBOX_PART, those of removals under the name of the Docker volume. */
  readonly failures: ReadonlyMap<string, StepFailure>;
}

const encoder = new TextEncoder();

/** Keys and bytes of a ConfigMap. */
export function configMapBytes(configMap: ConfigMap): KeyedBytes {
  const bytes = new Map<string, Uint8Array>();
  for (const [key, text] of Object.entries(configMap.data ?? {})) bytes.set(key, encoder.encode(text));
  for (const [key, base64] of Object.entries(configMap.binaryData ?? {})) bytes.set(key, Buffer.from(base64, 'base64'));
  return bytes;
}

/** Keys and bytes of a Secret; `stringData` wins over `data`. */
export function secretBytes(secret: Secret): KeyedBytes {
  const bytes = new Map<string, Uint8Array>();
  for (const [key, base64] of Object.entries(secret.data ?? {})) bytes.set(key, Buffer.from(base64, 'base64'));
  for (const [key, text] of Object.entries(secret.stringData ?? {})) bytes.set(key, encoder.encode(text));
  return bytes;
}

/** Names of the objects that a pod reads. */
export interface References {
  readonly configMaps: ReadonlySet<string>;
  readonly secrets: ReadonlySet<string>;
  readonly claims: ReadonlySet<string>;
}

/** What a pod refers to. */
export function referencesOf(pod: Pod): References {
  const configMaps = new Set<string>();
  const secrets = new Set<string>();
  const claims = new Set<string>();
  for (const volume of pod.spec.volumes ?? []) {
    if (volume.configMap !== undefined) configMaps.add(volume.configMap.name);
    if (volume.secret !== undefined) secrets.add(volume.secret.secretName);
    if (volume.persistentVolumeClaim !== undefined) claims.add(volume.persistentVolumeClaim.claimName);
  }
  for (const container of pod.spec.containers) {
    for (const { configMapRef, secretRef } of container.envFrom ?? []) {
      if (configMapRef !== undefined) configMaps.add(configMapRef.name);
      if (secretRef !== undefined) secrets.add(secretRef.name);
    }
    for (const { valueFrom } of container.env ?? []) {
      if (valueFrom?.configMapKeyRef !== undefined) configMaps.add(valueFrom.configMapKeyRef.name);
      if (valueFrom?.secretKeyRef !== undefined) secrets.add(valueFrom.secretKeyRef.name);
    }
  }
  return { configMaps, secrets, claims };
}

/** Reads what a pod refers to. */
export function observeConfiguration(store: StoreReader, pod: Pod): Configuration {
  const namespace = pod.metadata.namespace ?? 'default';
  const references = referencesOf(pod);
  const configMaps = new Map<string, KeyedBytes>();
  const secrets = new Map<string, KeyedBytes>();
  const claims = new Map<string, NonNullable<NonNullable<PersistentVolumeClaim['status']>['phase']>>();
  const claimVolumes = new Map<string, string>();
  for (const name of references.configMaps) {
    const found = store.get('ConfigMap', namespace, name);
    if (found !== undefined) configMaps.set(name, configMapBytes(found));
  }
  for (const name of references.secrets) {
    const found = store.get('Secret', namespace, name);
    if (found !== undefined) secrets.set(name, secretBytes(found));
  }
  for (const name of references.claims) {
    const found = store.get('PersistentVolumeClaim', namespace, name);
    if (found !== undefined) claims.set(name, found.status?.phase ?? 'Pending');
    if (found?.status?.volume !== undefined) claimVolumes.set(name, found.status.volume);
  }
  return { configMaps, secrets, claims, claimVolumes };
}
