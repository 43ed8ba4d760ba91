// What keeps a new commit from being applied although it may be good: a suspension, or a sync window that is shut. Pure.
import type { ApplicationSpec, ApplicationStatus, Suspension } from '../../model/resource.ts';
import { fromRfc3339, toRfc3339 } from '../../model/time.ts';
import { type WindowState, windowState } from './windows.ts';

/** A gate that is shut. */
export interface Gate {
  /**
   * What stands still: `commits`: new ones wait, all else goes on. `sync`: nothing that is at rest is written. `everything`: nothing at all is,
   * what is under way is held where it is.
   */
  readonly holds: 'commits' | 'sync' | 'everything';
  readonly waitingFor: readonly string[];
  /** When it opens, in epoch milliseconds; absent when nobody knows. */
  readonly untilMs?: number;
}

/** The gate in front of the commit at HEAD; undefined when it is open. */
export function gateOf(
  spec: ApplicationSpec,
  status: ApplicationStatus,
  head: string | undefined,
  now: number,
): Gate | undefined {
  const { suspension, manual } = status;
  if (suspension !== undefined) return suspensionGate(suspension);
  if (spec.windows === undefined) return undefined;
  const state = rememberedState(spec.windows, now);
  const isWanted = manual !== undefined && manual.commit === head;
  if (state.isOpen || (isWanted && state.isManualOpen)) return undefined;
  const until = state.untilMs === undefined ? 'no time is known when it opens' : `it opens at ${toRfc3339(state.untilMs)}`;
  const manually = state.isManualOpen ? '; "holdfast retry" lets the commit through' : '';
  const waitingFor = [`a sync window: ${state.because}; ${until}${manually}`];
  return { holds: 'commits', waitingFor, ...(state.untilMs === undefined ? {} : { untilMs: state.untilMs }) };
}

function suspensionGate(suspension: Suspension): Gate {
  const { by, until } = suspension;
  return {
    holds: by === 'command' ? 'everything' : 'sync',
    waitingFor: [suspensionText(suspension)],
    ...(until === undefined ? {} : { untilMs: fromRfc3339(until) }),
  };
}

/** `the end of the suspension by ada until 2026-…: disk is full`. */
export function suspensionText({ by, who, reason, until }: Suspension): string {
  if (by === 'git') return `a commit without spec.suspend: ${reason}`;
  const end = until === undefined ? '"holdfast resume"' : `${until}, or "holdfast resume"`;
  return `${end}: suspended by ${who}: ${reason}`;
}

/** The state of windows is the same until it changes: asking again is cheap. */
const states = new WeakMap<object, { readonly fromMs: number; readonly toMs: number; readonly state: WindowState }>();
/** A state that is not known to change is computed anew after this time. */
const LONGEST_MS = 3_600_000;

function rememberedState(windows: NonNullable<ApplicationSpec['windows']>, now: number): WindowState {
  const known = states.get(windows);
  if (known !== undefined && known.fromMs <= now && now < known.toMs) return known.state;
  const state = windowState(windows, now);
  states.set(windows, { fromMs: now, toMs: state.untilMs ?? now + LONGEST_MS, state });
  return state;
}
