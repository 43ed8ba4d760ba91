// What a receiver is sent next: one notice, several in one, or nothing yet. Pure.
import { createHash } from 'node:crypto';
import type { Notice, NotificationEvent, NotificationStatus, NotificationTargetStatus } from '../../model/resource.ts';
import { fromRfc3339, toRfc3339 } from '../../model/time.ts';
import type { NotificationTarget } from './target.ts';

/** Messages that go out at once. */
export const BURST = 5;
/** After these, one in this time. */
export const REFILL_MS = 60_000;

/** How long the same cause is gathered before it is told once more, after the first repetition and after each further one. */
const REPEAT_MS = [REFILL_MS, 600_000, 3_600_000] as const;
/** What is told again and again of one cause. */
const BAD: readonly NotificationEvent[] = ['rolled-back', 'held', 'failed', 'drift', 'source-unready'];

export type Delivery =
  | { readonly do: 'nothing' }
  | { readonly do: 'wait'; readonly waitMs: number }
  | {
      readonly do: 'send';
      /** Oldest first. */
      readonly notices: readonly Notice[];
      /** How many more there were that nobody knows any longer. */
      readonly missed: number;
      readonly toldUpTo: number;
    };

/** What this receiver is to have next. */
export function planDelivery(
  state: NotificationStatus,
  target: NotificationTarget,
  told: NotificationTargetStatus,
  now: number,
): Delivery {
  const unseen = state.notices.filter(({ number }) => number > told.toldUpTo).toReversed();
  const pending = unseen.filter(({ event }) => target.events?.includes(event) ?? true);
  const [first] = pending;
  if (first === undefined) return { do: 'nothing' };
  const { tokens, nextMs } = budget(told.sentAt, now);
  if (tokens < 1) return { do: 'wait', waitMs: nextMs };
  const isGathered = isRepeat(pending, told);
  const waitMs = isGathered ? repeatWaitMs(told, now) : 0;
  if (waitMs > 0) return { do: 'wait', waitMs };
  const missed = Math.max(0, (unseen[0]?.number ?? 0) - told.toldUpTo - 1);
  if (!isGathered && missed === 0 && pending.length <= tokens)
    return { do: 'send', notices: [first], missed, toldUpTo: first.number };
  return { do: 'send', notices: pending, missed, toldUpTo: state.number };
}

/** What is bad and why; without names of pods, numbers and hashes, which differ each time. Undefined for what is good. */
export function causeOf({ event, reason }: Notice): string | undefined {
  if (!BAD.includes(event)) return undefined;
  const same = reason.replace(/[\w.-]*\d[\w.-]*/g, '#');
  return createHash('sha256').update(`${event} ${same}`).digest('hex').slice(0, 12);
}

function isRepeat(pending: readonly Notice[], { lastCause }: NotificationTargetStatus): boolean {
  return lastCause !== undefined && pending.every((notice) => causeOf(notice) === lastCause);
}

function repeatWaitMs({ sentAt, repeats = 0 }: NotificationTargetStatus, now: number): number {
  const [last] = sentAt;
  if (last === undefined) return 0;
  const pauseMs = REPEAT_MS[Math.min(repeats, REPEAT_MS.length - 1)] ?? REFILL_MS;
  // A clock that was set back must not hold anything up for longer.
  return Math.min(fromRfc3339(last), now) + pauseMs - now;
}

/** How many messages may go out now, by when the last ones did; and when there is another one. */
function budget(sentAt: readonly string[], now: number): { readonly tokens: number; readonly nextMs: number } {
  let tokens = BURST;
  let atMs = Number.NEGATIVE_INFINITY;
  for (const sentMs of sentAt.map(fromRfc3339).toReversed()) {
    // A clock that was set back must not hold anything up for longer than an empty budget would.
    const momentMs = Math.min(sentMs, now);
    tokens = Math.min(BURST, tokens + (momentMs - atMs) / REFILL_MS) - 1;
    atMs = momentMs;
  }
  tokens = Math.min(BURST, tokens + (now - atMs) / REFILL_MS);
  return { tokens: Math.floor(tokens), nextMs: Math.max(1, Math.ceil((1 - tokens) * REFILL_MS)) };
}

/** Sendings that the budget depends on. */
const KEPT_SENDINGS = 2 * BURST;

/** It has them. */
export function toldStatus(
  told: NotificationTargetStatus,
  { notices, toldUpTo }: { readonly notices: readonly Notice[]; readonly toldUpTo: number },
  now: number,
): NotificationTargetStatus {
  const { failing: _failing, lastCause: _lastCause, repeats = 0, ...rest } = told;
  const last = notices.at(-1);
  const lastCause = last === undefined ? undefined : causeOf(last);
  const sentAt = [toRfc3339(now), ...told.sentAt].slice(0, KEPT_SENDINGS);
  if (lastCause === undefined) return { ...rest, toldUpTo, sentAt };
  return { ...rest, toldUpTo, sentAt, lastCause, ...(isRepeat(notices, told) ? { repeats: repeats + 1 } : {}) };
}

/** It cannot be told, and why. The time is that of the first failure. */
export function failingStatus(told: NotificationTargetStatus, message: string, now: number): NotificationTargetStatus {
  return { ...told, failing: { since: told.failing?.since ?? toRfc3339(now), message } };
}
