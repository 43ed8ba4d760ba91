// The health of DaemonSets. Pure.
import { isDaemonNodeAway } from '../../model/daemon-set.ts';
import type { StoredOf } from '../../model/resource.ts';
import { REVISION_HASH_LABEL } from '../../model/revision.ts';
import type { StoreReader } from '../../store/store.ts';
import { culpritOf } from './pod.ts';
import { refusedPod } from './refused-pod.ts';
import { type Health, healthy, progressing, unseen } from './verdict.ts';

/**
 * As `kubectl rollout status` judges: observed, every node that is to have a pod has one of the new template, all of them available. A
 * node whose engine does not answer is not to have one in Kubernetes' numbers; it is waited for all the same, for a commit that reached
 * no node has not become healthy.
 */
export function daemonSetHealth(daemonSet: StoredOf<'DaemonSet'>, reader: StoreReader): Health {
  const { status, spec, metadata } = daemonSet;
  if ((status?.observedGeneration ?? 0) < metadata.generation) return unseen;
  const desired = status?.desiredNumberScheduled ?? 0;
  const updated = spec.updateStrategy?.type === 'OnDelete' ? desired : (status?.updatedNumberScheduled ?? 0);
  const available = status?.numberAvailable ?? 0;
  const away = reader.list('Node').filter((node) => isDaemonNodeAway(daemonSet, node));
  const isWhole = updated >= desired && available >= desired;
  if (isWhole && away.length === 0) return healthy;
  if (isWhole) return progressing(`node ${away[0]?.metadata.name ?? ''} is not ready`);
  const pods = reader.listOwned('Pod', metadata.uid);
  const ofNew = pods.filter((pod) => pod.metadata.labels?.[REVISION_HASH_LABEL] === newestHash(daemonSet, reader));
  const culprit = culpritOf(ofNew, reader) ?? culpritOf(pods, reader);
  if (culprit !== undefined) return culprit;
  const there = pods.filter(({ metadata: { deletionTimestamp } }) => deletionTimestamp === undefined);
  const refusal = there.length < desired ? refusedPod(daemonSet, reader) : undefined;
  if (refusal !== undefined) return progressing(`${available} of ${desired} pods are available; ${refusal}`);
  if (updated < desired) return progressing(`${updated} of ${desired} nodes have a pod of the new template`);
  return progressing(`${available} of ${desired} pods are available`);
}

function newestHash(daemonSet: StoredOf<'DaemonSet'>, reader: StoreReader): string | undefined {
  const revisions = reader.listOwned('ControllerRevision', daemonSet.metadata.uid);
  return revisions.toSorted((a, b) => b.revision - a.revision)[0]?.metadata.labels?.[REVISION_HASH_LABEL];
}
