// When a commit that failed is tried again: by itself as its application says, or because a person wants it. Pure.
import type { ApplicationSpec, ApplicationStatus, SyncRecord } from '../../model/resource.ts';
import { durationMs, type RetryPolicy } from '../../model/sync-policy.ts';
import { fromRfc3339 } from '../../model/time.ts';

const DEFAULT_WAIT_MS = 5_000;
const DEFAULT_FACTOR = 2;
const DEFAULT_LONGEST_MS = 180_000;

/** When the quarantined commit is tried again, in epoch milliseconds; undefined when it is not. */
export function retryAtMs(
  spec: Pick<ApplicationSpec, 'retry'>,
  { quarantined, manual }: ApplicationStatus,
  now: number,
): number | undefined {
  if (quarantined === undefined) return undefined;
  // A wish is forgotten when it is fulfilled. A clock that went back makes nobody wait.
  if (manual?.commit === quarantined.commit.id) return Math.min(fromRfc3339(manual.at), now);
  return spec.retry === undefined ? undefined : automaticMs(spec.retry, quarantined, now);
}

function automaticMs(
  { limit, backoff = {} }: RetryPolicy,
  { retry = 0, finishedAt }: SyncRecord,
  now: number,
): number | undefined {
  if (retry >= limit) return undefined;
  if (fromRfc3339(finishedAt) > now) return now;
  const first = durationMs(backoff.duration ?? '') ?? DEFAULT_WAIT_MS;
  const longest = durationMs(backoff.maxDuration ?? '') ?? DEFAULT_LONGEST_MS;
  return fromRfc3339(finishedAt) + Math.min(first * (backoff.factor ?? DEFAULT_FACTOR) ** retry, longest);
}

/** What is to become of a commit that failed, for people. */
export function retryText(
  spec: Pick<ApplicationSpec, 'retry'>,
  status: ApplicationStatus,
  now: number,
  timeOf: (ms: number) => string,
): string {
  const atMs = retryAtMs(spec, status, now);
  const limit = spec.retry?.limit ?? 0;
  const tries = status.quarantined?.retry ?? 0;
  if (atMs !== undefined)
    return `it is tried again ${atMs <= now ? 'now' : `at ${timeOf(atMs)}`}${limit > 0 ? ` (${tries + 1} of ${limit})` : ''}`;
  const tried = tries === 0 ? '' : ` after ${tries} ${tries === 1 ? 'retry' : 'retries'}`;
  return `it is not tried again${tried} until HEAD moves, or "holdfast retry" is said`;
}
