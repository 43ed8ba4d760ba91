// What the status says while nothing can be done: what is waited for, how everything is, whether the source can be read. Pure; the same
// state yields the same status, so that a pass without news writes nothing.
import type { ApplicationStatus, SourceStatus } from '../model/resource.ts';
import { isBegun, type Observed } from './decide.ts';
import { healthLine } from './health/health.ts';
import type { SourceTrouble } from './source-lane.ts';
import { attemptStatus, withHealth, withSource } from './status.ts';

const SHOWN_LINES = 3;
const SHOWN_WAITS = 10;

export interface RestInput {
  readonly status: ApplicationStatus;
  readonly observed: Observed;
  readonly waitingFor: readonly string[];
  readonly trouble: SourceTrouble | undefined;
  /** Names a repair that does not last. */
  readonly drift: string | undefined;
}

/** The status to have at rest. `now` is epoch milliseconds. */
export function restStatus({ status, observed, waitingFor, trouble, drift }: RestInput, now: number): ApplicationStatus {
  const message = (observed.target?.unhealthy ?? []).slice(0, SHOWN_LINES).map(healthLine).join('; ');
  const told = withSource(withWaiting(status, waitingFor), sourceOf(trouble, observed.head), now);
  return withHealth(told, { health: healthWord(observed, status.health), message, drift }, now);
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
