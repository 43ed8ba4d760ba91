// What the status says while nothing can be done: what is waited for, how everything is, whether the source can be read. Pure; the same
// state yields the same status, so that a pass without news writes nothing.
import { findCondition, withCondition } from '../model/conditions.ts';
import type { ApplicationStatus, SourceStatus } from '../model/resource.ts';
import { toRfc3339 } from '../model/time.ts';
import { isBegun } from './decide.ts';
import { healthLine } from './health/health-line.ts';
import type { Observed } from './observed.ts';
import type { SourceTrouble } from './source-lane.ts';
import { attemptStatus } from './status.ts';

const SHOWN_LINES = 3;
const SHOWN_WAITS = 10;

export interface RestInput {
  readonly status: ApplicationStatus;
  readonly observed: Observed;
  readonly waitingFor: readonly string[];
  readonly trouble: SourceTrouble | undefined;
  /** Names a repair that does not last. */
  readonly drift: string | undefined;
  /** Tells what differs and is left so. */
  readonly left?: string | undefined;
}

/** The status to have at rest. `now` is epoch milliseconds. */
export function restStatus({ status, observed, waitingFor, trouble, drift, left }: RestInput, now: number): ApplicationStatus {
  const message = (observed.target?.unhealthy ?? []).slice(0, SHOWN_LINES).map(healthLine).join('; ');
  const told = withSource(withWaiting(status, waitingFor), sourceOf(trouble, observed.head), now);
  return withHealth(told, { health: healthWord(observed, status.health), message, drift, left }, now);
}

function withWaiting(status: ApplicationStatus, waitingFor: readonly string[]): ApplicationStatus {
  if (!isBegun(status.attempt)) return status;
  if (waitingFor.length > 0) return attemptStatus(status, { waitingFor: shortened(waitingFor) });
  const { waitingFor: _waitingFor, ...attempt } = status.attempt;
  return { ...status, attempt };
}

/** So many that a person reads them; the status is written often. */
function shortened(waitingFor: readonly string[]): string[] {
  const rest = waitingFor.length - SHOWN_WAITS;
  return rest > 0 ? [...waitingFor.slice(0, SHOWN_WAITS), `${rest} more`] : [...waitingFor];
}

function sourceOf(trouble: SourceTrouble | undefined, head: string | undefined): Omit<SourceStatus, 'since'> | undefined {
  if (trouble !== undefined) return { ready: false, reason: trouble.reason, message: trouble.message };
  return head === undefined ? undefined : { ready: true, reason: 'Read', message: '' };
}

/** What an earlier run of the controller said of an application's health stands until this one has looked, unless the store tells otherwise. */
function healthWord(
  { target, isObserved }: Observed,
  before: ApplicationStatus['health'],
): NonNullable<ApplicationStatus['health']> {
  if (target === undefined) return 'Unknown';
  const isIll = target.unhealthy.length > 0 || target.waitsFor.length > 0;
  if (!isObserved) return isIll ? 'Unknown' : (before ?? 'Unknown');
  if (target.unhealthy.some((health) => health.state === 'stuck')) return 'Degraded';
  return isIll ? 'Progressing' : 'Healthy';
}

/** Whether the source can be read; `since` moves only when that changes. */
function withSource(status: ApplicationStatus, source: Omit<SourceStatus, 'since'> | undefined, now: number): ApplicationStatus {
  if (source === undefined) return status;
  const old = status.source;
  const isSame = old?.ready === source.ready && old.reason === source.reason;
  return { ...status, source: { ...source, since: isSame ? old.since : toRfc3339(now) } };
}

/** Health, and the conditions Ready and Drifted. */
function withHealth(
  status: ApplicationStatus,
  seen: {
    health: NonNullable<ApplicationStatus['health']>;
    message: string;
    drift: string | undefined;
    left: string | undefined;
  },
  now: number,
): ApplicationStatus {
  const isReady = seen.health === 'Healthy' && status.attempt === undefined && status.held === undefined;
  const reason =
    status.held !== undefined ? 'Held' : status.attempt !== undefined ? 'Progressing' : isReady ? 'Live' : seen.health;
  const message = status.held?.message ?? seen.message;
  const ready = withCondition(status.conditions, { type: 'Ready', status: isReady ? 'True' : 'False', reason, message }, now);
  const drifted = {
    type: 'Drifted',
    status: (seen.left ?? seen.drift) === undefined ? 'False' : 'True',
    reason: seen.left === undefined ? 'RepeatedRepair' : 'LeftAlone',
    message: seen.left ?? seen.drift ?? '',
  } as const;
  const isTold = seen.left !== undefined || seen.drift !== undefined || findCondition(ready, 'Drifted') !== undefined;
  return { ...status, health: seen.health, conditions: isTold ? withCondition(ready, drifted, now) : ready };
}
