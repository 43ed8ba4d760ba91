// All that planning a pod needs beside the pod and its containers, as plain data. `observeConfiguration` reads the store's part of it.
import { configMapBytes, type KeyedBytes, secretBytes } from '../model/keyed-bytes.ts';
import { podClaims } from '../model/pod-claims.ts';
import { controllerOf, type Pod, type StoredOf } from '../model/resource.ts';
import { allContainersOf } from '../model/workload.ts';
import type { StoreReader } from '../store/store.ts';
import type { PodNetwork } from './addresses/pod-network.ts';
import type { ImageSeen, PullProgress, ResolverSettings } from './engine/container-engine.ts';
import type { Remembered } from './plan/remembered.ts';
import type { ProbeVerdicts } from './probes/probe-state.ts';
import type { NodeCapacity } from './spec/resources.ts';
import type { ServiceSeen } from './spec/service-env.ts';
import { type ClaimsHere, type ClaimVolume, observeClaim } from './volumes/claim-source.ts';

/** How far an image is, as the image pulls report it. */
export type ImageProgress =
  /** `image`: what the engine said of it when it was last seen. */
  | { readonly state: 'present'; readonly image?: ImageSeen }
  | { readonly state: 'pulling'; readonly isDownloading: boolean; readonly progress?: PullProgress }
  | {
      readonly state: 'failed';
      readonly message: string;
      readonly isFinal: boolean;
      readonly retryAtMs: number;
      /** Failures in a row, from 1. */
      readonly failures: number;
    };

/** A step that failed in a way that waiting may cure; it is tried again at `retryAtMs`. */
export interface StepFailure {
  readonly reason: string;
  readonly message: string;
  readonly failures: number;
  readonly retryAtMs: number;
}

/** What a config volume holds: a volume of a ConfigMap, a Secret, fields of the pod, or several of these. */
export interface VolumeVersion {
  /** Empty when it was never written. */
  readonly version: string;
  /** The names that pods see in it. */
  readonly names: readonly string[];
  /** What earlier versions and broken updates have left in it. */
  readonly leftovers: readonly string[];
}

/** What is known of a claim: its phase; for a volume of type `ephemeral` also that it is not the pod's own. */
export type ClaimState = 'Pending' | 'Bound' | 'Lost' | 'NotOwned';

/** What the pod refers to, as the store has it. An absent entry means that there is no such object. */
export interface Configuration {
  readonly configMaps: ReadonlyMap<string, KeyedBytes>;
  readonly secrets: ReadonlyMap<string, KeyedBytes>;
  readonly claims: ReadonlyMap<string, ClaimState>;
  /** Where the data of the bound claims is, by the claim's name. */
  readonly claimVolumes: ReadonlyMap<string, ClaimVolume>;
  /** Services that the pod may be told of; none when absent. */
  readonly services?: readonly ServiceSeen[];
  /** What the engine calls the runtime of the pod's RuntimeClass, by the name of the class; absent when there is no such class. */
  readonly runtimeHandlers?: ReadonlyMap<string, string>;
}

/** The world around a pod. */
export interface PodEnvironment extends Configuration, Remembered {
  readonly cluster: string;
  readonly nodeName: string;
  readonly nodeAddress: string;
  /** Absent when pods have their addresses and names from the engine. */
  readonly network?: PodNetwork;
  /** The resolver of the node's host; absent when it is not known. */
  readonly hostResolver?: ResolverSettings;
  /** Whether DNS of the cluster is not to be had: what begins now has the engine's. */
  readonly isWithoutNames?: boolean;
  readonly node: NodeCapacity;
  readonly sandboxImage: string;
  /** Whether the network and the sandbox image are known to be there. */
  readonly isNodePrepared: boolean;
  /** Docker volumes of claims that were made in this process and have not been opened to everybody yet. */
  readonly freshVolumes: ReadonlySet<string>;
  /** Until when its containers are not asked to stop, because clients are still led to it; absent when they are not. Epoch milliseconds. */
  readonly servedUntilMs?: number;
  /** Since when it waits for that, epoch milliseconds, and what is known to be wrong. */
  readonly leaving?: { readonly sinceMs: number; readonly fault?: string };
  /** Why the node has decided to evict the pod; absent when it has not. */
  readonly evictionMessage?: string;
  /** Docker volumes of this pod that are known to be there. */
  readonly volumes: ReadonlySet<string>;
  /** Whether sandboxes can be plugged in now; they cannot when absent. */
  readonly isPluggable?: boolean;
  /** Sandboxes that were plugged in in this process; none when absent. */
  readonly pluggedSandboxes?: ReadonlySet<string>;
  /** Sandboxes whose volumes were filled in this process. */
  readonly preparedSandboxes: ReadonlySet<string>;
  /** What each config volume of the current sandbox holds, by the volume's name in the pod; absent when it is not known. */
  readonly volumeVersions: ReadonlyMap<string, VolumeVersion>;
  /** Answers to `prepare-image` steps of this pass, by wish. */
  readonly images: ReadonlyMap<string, ImageProgress>;
  /** Probe results by container id. */
  readonly probes: ReadonlyMap<string, ProbeVerdicts>;
  /** Failures of steps, by container name; the sandbox's under SANDBOX_PART, those of removals under the name of the Docker volume. */
  readonly failures: ReadonlyMap<string, StepFailure>;
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
  const claims = new Set(podClaims(pod).map(({ claim }) => claim));
  for (const volume of pod.spec.volumes ?? []) {
    if (volume.configMap !== undefined) configMaps.add(volume.configMap.name);
    if (volume.secret !== undefined) secrets.add(volume.secret.secretName);
    for (const { configMap, secret } of volume.projected?.sources ?? []) {
      if (configMap !== undefined) configMaps.add(configMap.name);
      if (secret !== undefined) secrets.add(secret.name);
    }
  }
  for (const { name = '' } of pod.spec.imagePullSecrets ?? []) if (name !== '') secrets.add(name);
  for (const container of allContainersOf(pod.spec)) {
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

/** Reads what a pod refers to, as it is on this node. */
export function observeConfiguration(store: StoreReader, pod: StoredOf<'Pod'>, here: ClaimsHere): Configuration {
  const namespace = pod.metadata.namespace ?? 'default';
  const references = referencesOf(pod);
  const configMaps = new Map<string, KeyedBytes>();
  const secrets = new Map<string, KeyedBytes>();
  const claims = new Map<string, ClaimState>();
  const claimVolumes = new Map<string, ClaimVolume>();
  const own = new Set(podClaims(pod).flatMap(({ claim, isEphemeral }) => (isEphemeral ? [claim] : [])));
  const isForeign = ({ metadata }: StoredOf<'PersistentVolumeClaim'>): boolean =>
    own.has(metadata.name) && controllerOf({ metadata })?.uid !== pod.metadata.uid;
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
    if (found === undefined) continue;
    const { phase, volume } = observeClaim(store, found, here);
    claims.set(name, isForeign(found) ? 'NotOwned' : phase);
    if (volume !== undefined) claimVolumes.set(name, volume);
  }
  return { configMaps, secrets, claims, claimVolumes, ...observeClass(store, pod), services: observeServices(store, namespace) };
}

function observeClass(store: StoreReader, { spec }: Pod): Pick<Configuration, 'runtimeHandlers'> {
  const name = spec.runtimeClassName ?? '';
  const found = name === '' ? undefined : store.get('RuntimeClass', '', name);
  return found === undefined ? {} : { runtimeHandlers: new Map([[name, found.handler]]) };
}

/** Those of the pod's namespace, and that of the API. */
function observeServices(store: StoreReader, namespace: string): readonly ServiceSeen[] {
  const api = namespace === 'default' ? undefined : store.get('Service', 'default', 'kubernetes');
  return [...store.list('Service', namespace), ...(api === undefined ? [] : [api])];
}
