// What a probe last found wrong with a pod. A pod's status tells that a container is not ready, or that it ended with 0, and not that a probe
// is why; the kubelet tells that in an event. Pure.
import type { ContainerStatus, StoredOf } from '../../model/resource.ts';
import { fromRfc3339 } from '../../model/time.ts';
import type { StoreReader } from '../../store/store.ts';

const PROBE_REASON = 'Unhealthy';

/** `Liveness probe failed: HTTP probe failed with statuscode: 404`, when that was said of this run of the container or of its last one. */
export function probeFailure(
  pod: StoredOf<'Pod'>,
  { state, lastState }: ContainerStatus,
  reader: StoreReader,
): string | undefined {
  const startedAt = state?.running?.startedAt ?? state?.terminated?.startedAt ?? lastState?.terminated?.startedAt;
  if (startedAt === undefined) return undefined;
  const sinceMs = fromRfc3339(startedAt);
  return reader
    .list('Event', pod.metadata.namespace ?? 'default')
    .filter(
      ({ involvedObject, reason, lastTimestamp, message }) =>
        involvedObject.uid === pod.metadata.uid &&
        reason === PROBE_REASON &&
        fromRfc3339(lastTimestamp) >= sinceMs &&
        // A readiness probe ends nothing: a container that has ended did so for another reason.
        (state?.running !== undefined || !message.includes('Readiness probe failed')),
    )
    .toSorted((a, b) => Number(a.metadata.resourceVersion) - Number(b.metadata.resourceVersion))
    .at(-1)?.message;
}
