// The volumes of claims as `holdfast volumes` shows them: what the engine has, and what the store knows of it. Facts only.
import type { VolumeSeen } from '../kubelet/engine/container-engine.ts';
import { APPLICATION_LABEL, CAPACITY_LABEL, CLAIM_LABEL, NAMESPACE_LABEL, ROLE_LABEL } from '../kubelet/labels.ts';
import type { StoredOf } from '../model/resource.ts';
import { APPLICATION_ANNOTATION } from '../model/resource.ts';
import { DOCKER_PROVISIONER } from '../model/storage-classes.ts';
import { toRfc3339 } from '../model/time.ts';
import type { StoreReader } from '../store/store.ts';

/** One Docker volume with the data of a claim. */
export interface ListedVolume {
  /** Of the Docker volume. */
  readonly name: string;
  readonly namespace: string;
  readonly claim: string;
  readonly application?: string;
  /** What its claim asked for; volumes of the local driver have no size of their own. */
  readonly capacity?: string;
  readonly driver: string;
  /** The PersistentVolume that stands for it, when the store has one. */
  readonly persistentVolume?: string;
  /** `kept`: no claim has it. `unknown`: there is no store that would know. */
  readonly state: 'bound' | 'kept' | 'unknown';
  /** Since when it is in that state, RFC 3339; absent when nobody knows. */
  readonly since?: string;
}

/** Every volume of a claim that the engine has, by namespace and claim. */
export function listVolumes(seen: readonly VolumeSeen[], reader: StoreReader | undefined): readonly ListedVolume[] {
  const volumes = reader?.list('PersistentVolume') ?? [];
  return seen
    .filter(({ labels }) => labels[ROLE_LABEL] === 'claim' && (labels[CLAIM_LABEL] ?? '') !== '')
    .map((each) => listed(each, volumes, reader))
    .toSorted((a, b) => sortKey(a).localeCompare(sortKey(b)));
}

function listed(
  { name, labels, driver, createdAtMs }: VolumeSeen,
  volumes: readonly StoredOf<'PersistentVolume'>[],
  reader: StoreReader | undefined,
): ListedVolume {
  const volume = volumes.find(({ spec: { csi } }) => csi?.driver === DOCKER_PROVISIONER && csi.volumeHandle === name);
  const namespace = labels[NAMESPACE_LABEL] ?? 'default';
  const claim = reader?.get('PersistentVolumeClaim', namespace, labels[CLAIM_LABEL] ?? '');
  const isBound = volume !== undefined && claim !== undefined && claim.spec.volumeName === volume.metadata.name;
  const application = claim?.metadata.annotations?.[APPLICATION_ANNOTATION] ?? labels[APPLICATION_LABEL];
  const capacity = String(volume?.spec.capacity['storage'] ?? labels[CAPACITY_LABEL] ?? '');
  const since = volume?.status?.lastPhaseTransitionTime ?? (createdAtMs > 0 ? toRfc3339(createdAtMs) : undefined);
  return {
    name,
    namespace,
    claim: labels[CLAIM_LABEL] ?? '',
    ...(application === undefined ? {} : { application }),
    ...(capacity === '' || capacity === '0' ? {} : { capacity }),
    driver,
    ...(volume === undefined ? {} : { persistentVolume: volume.metadata.name }),
    state: reader === undefined ? 'unknown' : isBound ? 'bound' : 'kept',
    ...(since === undefined ? {} : { since }),
  };
}

function sortKey({ namespace, claim, state, name }: ListedVolume): string {
  return `${namespace}/${claim} ${state} ${name}`;
}
