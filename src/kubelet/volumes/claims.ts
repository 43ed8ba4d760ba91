// PersistentVolumeClaims: each is a Docker volume of its own, made when the claim appears and never removed by Holdfast.
import type { StoredOf } from '../../model/resource.ts';
import { eventWrites } from '../../runtime/events.ts';
import type { Store } from '../../store/store.ts';
import type { VolumeSpec } from '../engine/container-engine.ts';
import type { EngineCalls } from '../engine/engine-calls.ts';
import { CLAIM_LABEL, CLUSTER_LABEL, NAMESPACE_LABEL, ROLE_LABEL } from '../labels.ts';
import { claimVolumeName, distinctClaimVolumeName } from '../names.ts';

/** Docker volumes of claims that are known to be there, and the claim of each, as `namespace/name`. */
export type ClaimVolumes = ReadonlyMap<string, string>;

/** The name of a claim's Docker volume: the one that it was bound to, else the one that is labelled as its own, else a free one. */
function volumeName(claim: StoredOf<'PersistentVolumeClaim'>, cluster: string, volumes: ClaimVolumes): string {
  const { name, namespace = 'default' } = claim.metadata;
  const bound = claim.status?.phase === 'Bound' ? claim.status.volume : undefined;
  if (bound !== undefined) return bound;
  const usual = claimVolumeName(cluster, namespace, name);
  const distinct = distinctClaimVolumeName(cluster, namespace, name);
  const owner = `${namespace}/${name}`;
  const isFree = (volumes.get(usual) ?? owner) === owner;
  return isFree && !volumes.has(distinct) ? usual : distinct;
}

/** The Docker volume of a claim. */
function claimVolume(claim: StoredOf<'PersistentVolumeClaim'>, cluster: string, volumes: ClaimVolumes): VolumeSpec {
  const { name, namespace = 'default' } = claim.metadata;
  return {
    name: volumeName(claim, cluster, volumes),
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
  readonly volumes: Map<string, string>;
  /** Those made in this process, which the first pod opens to everybody. */
  readonly freshVolumes: Set<string>;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** Has the volume of a claim made, and reports the claim as bound. Does nothing when both are so. */
export async function bindClaim(claim: StoredOf<'PersistentVolumeClaim'>, parts: ClaimParts): Promise<void> {
  const { store, calls, cluster, volumes, freshVolumes, now } = parts;
  const volume = claimVolume(claim, cluster, volumes);
  const { name, namespace = 'default', uid } = claim.metadata;
  const wasBound = claim.status?.phase === 'Bound' && claim.status.volume === volume.name;
  const isMissing = !volumes.has(volume.name);
  if (isMissing) {
    // Before the answer: another claim that is bound meanwhile must not take the same name.
    volumes.set(volume.name, `${namespace}/${name}`);
    await calls.ensureVolume(volume).catch((error: unknown) => {
      volumes.delete(volume.name);
      throw error;
    });
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
