// Jobs that have ended and are gone, because their time to live was over or somebody deleted them. What was done is not done again for the
// same manifest: the inventory remembers it. Pure.
import type { Manifest } from '../manifests/load.ts';
import { jobEnd, jobIdentity } from '../model/job.ts';
import {
  type ApplicationStatus,
  type Desired,
  displayKey,
  type FinishedJob,
  type HealthCheckExpr,
  type InventoryEntry,
  keyOf,
  keyString,
  type Stored,
} from '../model/resource.ts';
import type { StoreReader } from '../store/store.ts';
import { applicationOf } from './applied.ts';
import { type ObjectHealth, unhealthyOf } from './health/health.ts';
import { keyOfEntry, liveOf } from './order.ts';

/** How the very Job of a manifest ended; undefined for another kind, a Job that has not ended, and one that was another. */
export function finishedBefore(resource: Desired, inventory: readonly InventoryEntry[]): FinishedJob | undefined {
  if (resource.kind !== 'Job') return undefined;
  const key = keyString(keyOf(resource));
  const finished = inventory.find((entry) => keyString(keyOfEntry(entry)) === key)?.finished;
  return finished?.identity === jobIdentity(resource.spec) ? finished : undefined;
}

/** Whether a Job's place is empty, or taken by one that was to do something else: then there is nothing of it to look at. */
export function isAway(resource: Desired, live: Stored | undefined): boolean {
  if (live?.kind !== 'Job' || resource.kind !== 'Job') return live === undefined;
  return live.metadata.deletionTimestamp !== undefined || jobIdentity(live.spec) !== jobIdentity(resource.spec);
}

/** Those of the manifests whose objects are not healthy. A Job that is away has been healthy, or is lost, by how it ended. */
export function unhealthyManifests(
  manifests: readonly Manifest[],
  inventory: readonly InventoryEntry[],
  reader: StoreReader,
  checks: readonly HealthCheckExpr[] = [],
): readonly ObjectHealth[] {
  return manifests.flatMap(({ resource }): readonly ObjectHealth[] => {
    const key = keyOf(resource);
    const finished = resource.kind === 'Job' ? finishedBefore(resource, inventory) : undefined;
    if (finished === undefined || !isAway(resource, liveOf(reader, key))) return unhealthyOf([key], reader, checks);
    const message = `it failed at ${finished.time} and is gone; change it to run it again`;
    return finished.result === 'Complete'
      ? []
      : [{ key, state: 'stuck', isFinal: true, sinceMs: Date.parse(finished.time), message }];
  });
}

/**
 * The status with the Jobs of these manifests that have ended in its inventory. To be called at rest only: what a commit brought that is
 * still being verified may be taken back, and then counts for nothing.
 */
export function withFinishedJobs(
  status: ApplicationStatus,
  manifests: readonly Manifest[],
  application: string,
  reader: StoreReader,
): ApplicationStatus {
  const ended = new Map<string, FinishedJob>();
  for (const { resource } of manifests) {
    if (resource.kind !== 'Job') continue;
    const key = keyOf(resource);
    const live = liveOf(reader, key);
    const end = live?.kind === 'Job' && applicationOf(live) === application ? jobEnd(live) : undefined;
    if (end === undefined || live?.kind !== 'Job') continue;
    const time = end.lastTransitionTime ?? live.metadata.creationTimestamp;
    ended.set(keyString(key), {
      identity: jobIdentity(live.spec),
      result: end.type === 'Complete' ? 'Complete' : 'Failed',
      time,
    });
  }
  if (ended.size === 0) return status;
  const inventory = (status.inventory ?? []).map((entry) => {
    const finished = ended.get(keyString(keyOfEntry(entry)));
    return finished === undefined ? entry : { ...entry, finished };
  });
  return { ...status, inventory };
}

/** Why a Job is left alone that is not there. */
export function finishedMessage(resource: Desired, { result, time }: FinishedJob): string {
  const how = result === 'Complete' ? 'completed' : 'failed';
  return `${displayKey(keyOf(resource))} ${how} at ${time} and is gone; it runs again when its spec changes`;
}
