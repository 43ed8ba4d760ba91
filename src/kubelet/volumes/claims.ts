// The claims of one node: has the Docker volumes of bound claims made, makes volumes for claims that were given to this node, tells of the
// volumes that the engine keeps, and removes those that are to go. Which claim gets which volume is the binder's to decide.

import { podClaims, usesClaim } from '../../model/pod-claims.ts';
import { keyOf, type PersistentVolume, type Stored, type StoredOf } from '../../model/resource.ts';
import { classOfClaim, isProvisioned } from '../../model/storage-classes.ts';
import { provisionedName } from '../../model/volume-make.ts';
import { isReachedFrom } from '../../model/volume-matching.ts';
import { SELECTED_NODE_ANNOTATION } from '../../model/volume-topology.ts';
import { eventWrites } from '../../runtime/events.ts';
import { type Report } from '../../runtime/report.ts';
import type { Store, Write } from '../../store/store.ts';
import { EngineError, type VolumeSeen, type VolumeSpec } from '../engine/container-engine.ts';
import type { EngineCalls } from '../engine/engine-calls.ts';
import { ROLE_LABEL } from '../labels.ts';
import type { NodePreparation } from '../node-preparation.ts';
import { makeDirectory } from './claim-directory.ts';
import { type Provision, provisionFor, UNOPENED_ANNOTATION } from './claim-provision.ts';
import { planVolumeRecovery, volumesHere, wishOf, withWish } from './claim-recovery.ts';
import { boundVolume, type ClaimsHere, sourceOf } from './claim-source.ts';

const COMPONENT = 'volume-keeper';
const CLAIM_PREFIX = 'claim/';
const VOLUME_PREFIX = 'volume/';

type StoredClaim = StoredOf<'PersistentVolumeClaim'>;
type StoredVolume = StoredOf<'PersistentVolume'>;

/** What keeping claims takes. */
export interface ClaimKeeperParts {
  readonly store: Store;
  readonly calls: EngineCalls;
  readonly preparation: NodePreparation;
  readonly cluster: string;
  readonly nodeName: string;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Docker volumes that were made in this process, which the first pod opens to everybody. */
  readonly freshVolumes: Set<string>;
  /** What a claim mounts is there now: pods that wait for it can go on. */
  readonly onReady: (claim: Stored) => void;
}

/** Keeps the claims of one node. */
export class ClaimKeeper implements ClaimsHere {
  readonly #parts: ClaimKeeperParts;
  /** Docker volumes of ours that are known to be there. */
  readonly #known = new Map<string, VolumeSeen>();
  /** Names that are being made: no other claim takes them meanwhile. */
  readonly #making = new Map<string, VolumeSeen>();

  constructor(parts: ClaimKeeperParts) {
    this.#parts = parts;
  }

  get cluster(): string {
    return this.#parts.cluster;
  }

  get present(): { has(volume: string): boolean } {
    return this.#known;
  }

  /** Takes a first, complete listing as the truth, and tells of what the store does not know. */
  async remember(volumes: readonly VolumeSeen[]): Promise<void> {
    for (const each of volumes) if (isOfClaims(each)) this.#known.set(each.name, each);
    // What an earlier process made and did not come to open.
    for (const volume of volumesHere(this.#parts.store.list('PersistentVolume'), this.#parts.nodeName))
      if (isUnopened(volume)) this.#parts.freshVolumes.add(volume.spec.csi?.volumeHandle ?? '');
    await this.#tell(volumes);
  }

  /** Names that are known now, to be given to `compare` with a listing that is begun after. */
  knownNames(): readonly string[] {
    return [...this.#known.keys()];
  }

  /** Compares a listing with what was known before it was begun, and returns keys that are to be worked on. */
  async compare(volumes: readonly VolumeSeen[], known: readonly string[]): Promise<readonly string[]> {
    const found = new Set(volumes.map(({ name }) => name));
    for (const name of known) if (!found.has(name)) this.#known.delete(name);
    for (const each of volumes) if (isOfClaims(each)) this.#known.set(each.name, each);
    await this.#tell(volumes);
    return this.allKeys();
  }

  /** Keys of everything that may need work. Passes over what is as it should be do nothing. */
  allKeys(): readonly string[] {
    const { store } = this.#parts;
    const volumes = store.list('PersistentVolume').map(({ metadata }) => VOLUME_PREFIX + metadata.name);
    return [...store.list('PersistentVolumeClaim').map(claimKey), ...volumes];
  }

  /** Keys that a change in the store concerns. */
  keysFor(changed: Stored): readonly string[] {
    if (changed.kind === 'PersistentVolumeClaim') return [claimKey(changed)];
    if (changed.kind === 'PersistentVolume') {
      const { claimRef } = changed.spec;
      const claim = claimRef === undefined ? [] : [`${CLAIM_PREFIX}${claimRef.namespace ?? 'default'}/${claimRef.name ?? ''}`];
      return [VOLUME_PREFIX + changed.metadata.name, ...claim];
    }
    if (changed.kind !== 'Pod' || changed.spec.nodeName !== this.#parts.nodeName) return [];
    return podClaims(changed).map(({ claim }) => `${CLAIM_PREFIX}${changed.metadata.namespace ?? 'default'}/${claim}`);
  }

  /** Whether a key of the kubelet's queue is one of these. */
  isKey(key: string): boolean {
    return key.startsWith(CLAIM_PREFIX) || key.startsWith(VOLUME_PREFIX);
  }

  /** Works on one key. Throws when the engine or the store fails. */
  async work(key: string): Promise<void> {
    if (key.startsWith(VOLUME_PREFIX)) return await this.#workOnVolume(key.slice(VOLUME_PREFIX.length));
    const [namespace = '', name = ''] = key.slice(CLAIM_PREFIX.length).split('/');
    const claim = this.#parts.store.get('PersistentVolumeClaim', namespace, name);
    if (claim === undefined) return;
    const volume = boundVolume(this.#parts.store, claim);
    if (volume === undefined) await this.#provision(claim);
    else await this.#realize(claim, volume);
  }

  /** Has the Docker volume of a bound claim, if pods of this node may need it. */
  async #realize(claim: StoredClaim, volume: StoredVolume): Promise<void> {
    const { store, cluster, nodeName, freshVolumes, onReady } = this.#parts;
    const source = sourceOf(volume, cluster);
    if (source?.type !== 'volume') return;
    if (this.#known.has(source.volume.name)) return await this.#markOpened(volume, source.volume.name);
    if (!isReachedFrom(volume, { metadata: { name: nodeName } })) return;
    const isUser = (pod: StoredOf<'Pod'>): boolean => pod.spec.nodeName === nodeName && usesClaim(pod, claim.metadata.name);
    // What is on a server is mounted where a pod is; what the engine holds is there or was lost.
    if (!source.holdsData && !store.list('Pod', claim.metadata.namespace ?? 'default').some(isUser)) return;
    await this.#ensure(source.volume);
    if (source.holdsData) {
      freshVolumes.add(source.volume.name);
      const message = `Docker volume ${source.volume.name} was removed by hand; an empty one takes its place`;
      await this.#report(claim, { reason: 'VolumeLost', message, severity: 'Warning', component: COMPONENT });
    }
    onReady(claim);
  }

  /** Once everybody may write to a new volume, that is not to be done again: its rights are the pods' own matter from then on. */
  async #markOpened(volume: StoredVolume, docker: string): Promise<void> {
    if (!isUnopened(volume) || this.#parts.freshVolumes.has(docker)) return;
    const { [UNOPENED_ANNOTATION]: _mark, ...annotations } = volume.metadata.annotations ?? {};
    await this.#parts.store.write([{ op: 'update', resource: { ...volume, metadata: { ...volume.metadata, annotations } } }]);
  }

  /** Makes the volume of a claim that was given to this node. */
  async #provision(claim: StoredClaim): Promise<void> {
    const { store, cluster, nodeName, freshVolumes } = this.#parts;
    const { metadata, spec } = claim;
    if (metadata.annotations?.[SELECTED_NODE_ANNOTATION] !== nodeName) return;
    if ((spec.volumeName ?? '') !== '' || metadata.deletionTimestamp !== undefined) return;
    if (store.get('PersistentVolume', '', provisionedName(claim)) !== undefined) return;
    const volumes = store.list('PersistentVolume');
    const claimClass = classOfClaim(claim, { classes: store.list('StorageClass'), volumes });
    const taken = new Set(volumesHere(volumes, nodeName).map((volume) => volume.spec.csi?.volumeHandle ?? ''));
    const known = new Map([...this.#known, ...this.#making]);
    const result = provisionFor(claim, claimClass, { cluster, nodeName, known, taken });
    const failed = (message: string): Promise<void> =>
      this.#report(claim, { reason: 'ProvisioningFailed', message, severity: 'Warning', component: COMPONENT });
    const what = `failed to provision volume${claimClass.name === '' ? '' : ` with StorageClass "${claimClass.name}"`}`;
    if (!result.ok) return await failed(`${what}: ${result.message}`);
    try {
      await this.#make(result.provision);
    } catch (error) {
      if (error instanceof EngineError && error.fault !== 'Unreachable') await failed(`${what}: ${error.message}`);
      throw error;
    }
    const { persistentVolume, volume } = result.provision;
    if (isUnopened(persistentVolume)) freshVolumes.add(volume.name);
    const message = `Successfully provisioned volume ${persistentVolume.metadata.name}`;
    const told = { reason: 'ProvisioningSucceeded', message, severity: 'Normal', component: COMPONENT } as const;
    // A refusal means that somebody else has recorded it; whatever is there, the binder goes on with it.
    await store.write([{ op: 'create', resource: persistentVolume }, ...eventWrites(store, claim, told, this.#parts.now())]);
  }

  async #make({ volume, directory }: Provision): Promise<void> {
    this.#making.set(volume.name, seenAs(volume));
    try {
      if (directory !== undefined) await makeDirectory(directory, this.#parts);
      await this.#ensure(volume);
    } finally {
      this.#making.delete(volume.name);
    }
  }

  async #ensure(volume: VolumeSpec): Promise<void> {
    await this.#parts.calls.ensureVolume(volume);
    this.#known.set(volume.name, seenAs(volume));
  }

  /** Removes what is to go: the data of released volumes whose policy says so, and the record of one whose Docker volume is gone. */
  async #workOnVolume(name: string): Promise<void> {
    const { store, cluster, nodeName, calls } = this.#parts;
    const volume = store.get('PersistentVolume', '', name);
    if (volume === undefined || !isProvisioned(volume) || !isLeft(volume)) return;
    const source = sourceOf(volume, cluster);
    if (source?.type !== 'volume' || !isReachedFrom(volume, { metadata: { name: nodeName } })) return;
    const docker = source.volume.name;
    if (this.#known.has(docker)) {
      if (volume.spec.persistentVolumeReclaimPolicy !== 'Delete') return;
      try {
        await calls.removeVolume(docker);
      } catch (error) {
        if (error instanceof EngineError && error.fault !== 'Unreachable')
          await this.#report(volume, {
            reason: 'VolumeFailedDelete',
            message: error.message,
            severity: 'Warning',
            component: COMPONENT,
          });
        throw error;
      }
      this.#known.delete(docker);
    } else if (!source.holdsData && volume.spec.nodeAffinity === undefined) return;
    const { uid, resourceVersion } = volume.metadata;
    await store.write([{ op: 'remove', key: keyOf(volume), uid, resourceVersion }]);
  }

  /** Tells of volumes that no PersistentVolume stands for, and of wishes to have one back. */
  async #tell(volumes: readonly VolumeSeen[]): Promise<void> {
    const { store, nodeName, calls } = this.#parts;
    const nodes = new Set([nodeName, ...store.list('Node').map(({ metadata }) => metadata.name)]);
    const unknown = volumes.filter(({ name }) => !this.#making.has(name));
    const { created, moved } = planVolumeRecovery(unknown, store.list('PersistentVolume'), nodeName, nodes);
    for (const resource of created) await store.write([{ op: 'create', resource }]);
    for (const resource of moved) await this.#write({ op: 'update', resource }, 'VolumeMoved', `it is on ${nodeName} now`);
    for (const each of volumes) {
      const wish = wishOf(each);
      if (wish === undefined) continue;
      const resource = withWish(wish, store.list('PersistentVolume'), nodeName);
      const why = `${wish.namespace}/${wish.claim} is to have it back`;
      if (resource !== undefined) await this.#write({ op: 'update', resource }, 'Undelete', why);
      await calls.removeVolume(each.name);
    }
  }

  async #write(write: Write & { op: 'update' }, reason: string, message: string): Promise<void> {
    const { store, now } = this.#parts;
    const told = { reason, message, severity: 'Normal', component: COMPONENT } as const;
    await store.write([write, ...eventWrites(store, write.resource, told, now())]);
  }

  async #report(about: Stored, report: Report): Promise<void> {
    const { store, now } = this.#parts;
    await store.write(eventWrites(store, about, report, now()));
  }
}

/** Whether a new volume has not been opened to everybody yet. */
function isUnopened({ metadata }: Pick<StoredVolume, 'metadata'> | PersistentVolume): boolean {
  return metadata.annotations?.[UNOPENED_ANNOTATION] !== undefined;
}

/** Whether nobody has a volume any more: its claim is gone. */
function isLeft({ status }: StoredVolume): boolean {
  return status?.phase === 'Released' || status?.phase === 'Failed';
}

function isOfClaims({ labels }: VolumeSeen): boolean {
  return labels[ROLE_LABEL] === 'claim' || labels[ROLE_LABEL] === 'mount';
}

function seenAs({ name, labels, driver = 'local', options = {} }: VolumeSpec): VolumeSeen {
  return { name, labels, driver, options, createdAtMs: 0 };
}

function claimKey(claim: StoredClaim): string {
  const { namespace, name } = keyOf(claim);
  return `${CLAIM_PREFIX}${namespace}/${name}`;
}
