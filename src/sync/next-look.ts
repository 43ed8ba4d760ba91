// When an application is looked at again although nothing was heard: the next of all times that it waits for. Pure.
import type { WorkResult } from '../runtime/work-queue.ts';
import { isBegun, type Step } from './decide.ts';
import { phaseMs } from './gates/timeouts.ts';
import type { View } from './observe.ts';
import { deadlineOf } from './status.ts';

/** An image is not asked for again sooner than that. */
const SOONEST_RETRY_MS = 1_000;

/** A gate that opens nobody knows when is looked at again after this time. */
const UNKNOWN_MS = 3_600_000;

/** When to look again; undefined when nothing is waited for. `endMs`: when a single run is over. */
export function nextLook(view: View, step: Step & { readonly do: 'wait' }, endMs: number | undefined): WorkResult {
  const { candidate, now, status, observed, patience, retryAtMs } = view;
  const imagesAtMs = candidate?.preflight.retryAtMs;
  const times = [
    step.untilMs,
    isBegun(status.attempt) ? deadlineOf(status) : undefined,
    candidate === undefined ? undefined : candidate.startedAtMs + phaseMs('preflighting', patience),
    imagesAtMs === undefined ? undefined : Math.max(imagesAtMs, now + SOONEST_RETRY_MS),
    observed.gate === undefined ? undefined : (observed.gate.untilMs ?? now + UNKNOWN_MS),
    retryAtMs,
    observed.deleted?.untilMs,
    endMs,
  ];
  const next = Math.min(...times.filter((time): time is number => time !== undefined && time > now));
  return Number.isFinite(next) ? { checkAgainAfterMs: next - now } : undefined;
}
