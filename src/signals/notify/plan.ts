// What a receiver is sent next: one notice, several in one, or nothing yet. Pure.
import type { Notice, NotificationStatus, NotificationTargetStatus } from '../../model/resource.ts';
import { fromRfc3339, toRfc3339 } from '../../model/time.ts';
import type { NotificationTarget } from './target.ts';

/** Messages that go out at once. */
export const BURST = 5;
/** After these, one in this time. */
export const REFILL_MS = 60_000;

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
  const missed = Math.max(0, (unseen[0]?.number ?? 0) - told.toldUpTo - 1);
  if (missed === 0 && pending.length <= tokens) return { do: 'send', notices: [first], missed, toldUpTo: first.number };
  return { do: 'send', notices: pending, missed, toldUpTo: state.number };
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
export function toldStatus(told: NotificationTargetStatus, toldUpTo: number, now: number): NotificationTargetStatus {
  const { failing: _failing, ...rest } = told;
  return { ...rest, toldUpTo, sentAt: [toRfc3339(now), ...told.sentAt].slice(0, KEPT_SENDINGS) };
}

/** It cannot be told, and why. The time is that of the first failure. */
export function failingStatus(told: NotificationTargetStatus, message: string, now: number): NotificationTargetStatus {
  return { ...told, failing: { since: told.failing?.since ?? toRfc3339(now), message } };
}
