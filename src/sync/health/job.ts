// The health of Jobs: what they are for is to end well. Pure.
import { isSuspended, jobEnd } from '../../model/job.ts';
import { isFinished } from '../../model/pod-phase.ts';
import { controllerOf, type StoredOf } from '../../model/resource.ts';
import { fromRfc3339 } from '../../model/time.ts';
import type { StoreReader } from '../../store/store.ts';
import { culpritOf, podHealth } from './pod.ts';
import { refusedPod } from './refused-pod.ts';
import { type Health, healthy, joined, progressing } from './verdict.ts';

/**
 * Complete, or suspended by its own manifest, or paused by a parallelism of 0: then it waits for nothing. A Job that failed is lost for good. A pod that fails is not yet a
 * Job that does: it is tried again as often as the Job says.
 */
export function jobHealth(job: StoredOf<'Job'>, reader: StoreReader): Health {
  const end = jobEnd(job);
  const isPaused = job.spec.parallelism === 0 && (job.status?.active ?? 0) === 0;
  if (end?.type === 'Complete' || (end === undefined && (isSuspended(job) || isPaused))) return healthy;
  const pods = reader.listOwned('Pod', job.metadata.uid);
  if (end !== undefined) {
    const sinceMs = fromRfc3339(end.lastTransitionTime ?? job.metadata.creationTimestamp);
    return {
      state: 'stuck',
      isFinal: true,
      sinceMs,
      message: joined(joined(end.reason ?? 'Failed', end.message), lastFailure(pods, reader)),
    };
  }
  const culprit = culpritOf(
    pods.filter((pod) => !isTriedAgain(pod)),
    reader,
  );
  if (culprit?.state === 'stuck') return culprit;
  const reason = predecessor(job, reader) ?? refusalOf(job, pods, reader) ?? lastFailure(pods, reader) ?? '';
  return progressing([countMessage(job), reason].filter((part) => part !== '').join('; '));
}

/** Why pods that it lacks are not let in. */
function refusalOf(job: StoredOf<'Job'>, pods: readonly StoredOf<'Pod'>[], reader: StoreReader): string | undefined {
  const { completions = Number.POSITIVE_INFINITY, parallelism = 1 } = job.spec;
  const wanted = Math.min(parallelism, completions - (job.status?.succeeded ?? 0));
  const there = pods.filter((pod) => !isFinished(pod) && pod.metadata.deletionTimestamp === undefined);
  return there.length < wanted ? refusedPod(job, reader) : undefined;
}

/** What a pod failed of is for its Job to judge; so are containers that its restart policy starts again. */
function isTriedAgain(pod: StoredOf<'Pod'>): boolean {
  const { phase, containerStatuses = [] } = pod.status ?? {};
  return phase === 'Failed' || containerStatuses.some(({ state }) => state?.waiting?.reason === 'CrashLoopBackOff');
}

function lastFailure(pods: readonly StoredOf<'Pod'>[], reader: StoreReader): string | undefined {
  const failed = pods.filter((pod) => isTriedAgain(pod) && pod.metadata.deletionTimestamp === undefined);
  const last = failed.toSorted((a, b) => a.metadata.creationTimestamp.localeCompare(b.metadata.creationTimestamp)).at(-1);
  return last === undefined ? undefined : `pod ${last.metadata.name}, ${podHealth(last, reader).message}`;
}

function countMessage({ spec, status }: StoredOf<'Job'>): string {
  const { active = 0, succeeded = 0, failed = 0 } = status ?? {};
  const of = spec.completions === undefined ? '' : ` of ${spec.completions}`;
  return `${succeeded}${of} succeeded, ${active} active${failed === 0 ? '' : `, ${failed} failed`}`;
}

/** A Job starts nothing while pods of the one that it replaces still run. */
function predecessor({ metadata }: StoredOf<'Job'>, reader: StoreReader): string | undefined {
  const pod = reader.list('Pod', metadata.namespace ?? 'default').find((candidate) => {
    const owner = controllerOf(candidate);
    return owner?.kind === 'Job' && owner.name === metadata.name && owner.uid !== metadata.uid && !isFinished(candidate);
  });
  return pod === undefined ? undefined : `it waits for pod ${pod.metadata.name} of the Job before it to end`;
}
