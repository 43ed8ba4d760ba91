// Whether a claim has its volume, and if not, what it waits for. Pure.
import { usesClaim } from '../../model/pod-claims.ts';
import type { StoredOf } from '../../model/resource.ts';
import { classOfClaim } from '../../model/storage-classes.ts';
import type { StoreReader } from '../../store/store.ts';
import { type Health, healthy, joined, progressing, unseen } from './verdict.ts';

/**
 * Healthy when Bound, as kstatus and Argo CD judge it. One that waits for its first consumer and has none waits for nobody: it is what its
 * manifest promises.
 */
export function claimHealth(claim: StoredOf<'PersistentVolumeClaim'>, reader: StoreReader): Health {
  const { status, metadata } = claim;
  if (status?.phase === 'Bound') return healthy;
  const told = lastWord(claim, reader);
  if (status?.phase === 'Lost') return { state: 'stuck', message: told ?? 'its volume is lost' };
  if (status?.phase === undefined) return unseen;
  const facts = { classes: reader.list('StorageClass'), volumes: reader.list('PersistentVolume') };
  const isWaiting = classOfClaim(claim, facts).bindingMode === 'WaitForFirstConsumer' && (claim.spec.volumeName ?? '') === '';
  const pods = reader.list('Pod', metadata.namespace ?? 'default').filter((pod) => usesClaim(pod, metadata.name));
  // A pod that its manifest holds back is no consumer yet.
  const isUsed = pods.some(({ spec }) => (spec.schedulingGates ?? []).length === 0 || (spec.nodeName ?? '') !== '');
  if (isWaiting && !isUsed) return healthy;
  return progressing(told ?? 'it has no volume yet');
}

/** What was told of it last. */
function lastWord({ metadata }: StoredOf<'PersistentVolumeClaim'>, reader: StoreReader): string | undefined {
  const events = reader
    .list('Event', metadata.namespace ?? 'default')
    .filter(({ involvedObject }) => involvedObject.uid === metadata.uid);
  const last = events.toSorted((a, b) => Number(b.metadata.resourceVersion) - Number(a.metadata.resourceVersion))[0];
  return last === undefined ? undefined : joined(last.reason, last.message);
}
