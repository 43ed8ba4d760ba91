// PersistentVolumeClaims: each is a Docker volume of its own, made when the claim appears and never removed by Holdfast.
import type { StoredOf } from '../model/resource.ts';
import { eventWrites } from '../runtime/events.ts';
import type { Store } from '../store/store.ts';
import type { VolumeSpec } from './container-engine.ts';
import type { EngineCalls } from './engine-calls.ts';
import { CLAIM_LABEL, CLUSTER_LABEL, NAMESPACE_LABEL, ROLE_LABEL } from './labels.ts';
import { claimVolumeName } from './names.ts';

/** The Docker volume of a claim. */
export function claimVolume(claim: StoredOf<'PersistentVolumeClaim'>, cluster: string): VolumeSpec {
  const { name, namespace = 'default' } = claim.metadata;
  return {
    name: claimVolumeName(cluster, namespace, name),
    labels: { [CLUSTER_LABEL]: cluster, [ROLE_LABEL]: 'claim', [NAMESPACE_LABEL]: namespace, [CLAIM_LABEL]: name },
    inMemory: false,
    sizeBytes: 0,
  };
}

/** What binding a claim needs. */
export interface ClaimParts {
  readonly store: Store;
  readonly calls: EngineCalls;
  readonly cluster: string;
  /** Docker volumes of claims that are known to be there. */
  readonly volumes: Set<string>;
  /** Those made in this process, which the first pod opens to everybody. */
  readonly freshVolumes: Set<string>;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** Has the volume of a claim made, and reports the claim as bound. Does nothing when both are so. */
export async function bindClaim(claim: StoredOf<'PersistentVolumeClaim'>, parts: ClaimParts): Promise<void> {
  const { store, calls, cluster, volumes, freshVolumes, now } = parts;
  const volume = claimVolume(claim, cluster);
  const { name, namespace = 'default', uid } = claim.metadata;
  const wasBound = claim.status?.phase === 'Bound' && claim.status.volume === volume.name;
  const isMissing = !volumes.has(volume.name);
  if (isMissing) {
    await calls.ensureVolume(volume);
    volumes.add(volume.name);
    freshVolumes.add(volume.name);
  }
  if (wasBound && isMissing) {
    const message = `Docker volume ${volume.name} was removed by hand; an empty one takes its place`;
    await store.write(
      eventWrites(store, claim, { reason: 'VolumeLost', message, severity: 'Warning', component: 'kubelet' }, now),
    );
  }
  if (wasBound) return;
  const status = { phase: 'Bound', volume: volume.name };
  await store.write([{ op: 'updateStatus', key: { kind: 'PersistentVolumeClaim', namespace, name }, uid, status }]);
}
