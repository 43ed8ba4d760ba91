// Keeps events from drowning each other (Kubernetes, client-go's EventCorrelator): many that differ in their words alone become one, and whoever
// never stops talking about one object is heard seldom. Its memory is of this process, as in Kubernetes: nothing depends on it.
import { hashOf } from '../model/hash.ts';
import { keyOf, keyString, type Stored } from '../model/resource.ts';
import type { Report } from './report.ts';

/** So many different messages of one reason about one object within the interval are told one by one; from then on they are combined. */
const MAX_SIMILAR = 10;
const SIMILAR_INTERVAL_MS = 600_000;
/** Events of one component about one object that may come at once; then one in each interval. */
const BURST = 25;
const REFILL_INTERVAL_MS = 300_000;
/** Objects that are remembered, the last ones that were spoken of. */
const MAX_REMEMBERED = 4_096;
const COMBINED = '(combined from similar events): ';

/** The name and the words under which an event is stored. */
export interface Correlated {
  readonly name: string;
  readonly message: string;
}

interface Similar {
  readonly messages: Set<string>;
  lastMs: number;
}

interface Bucket {
  tokens: number;
  atMs: number;
}

/** The memory of one store's events. */
export class EventCorrelator {
  readonly #similar = new Map<string, Similar>();
  readonly #buckets = new Map<string, Bucket>();

  /** What an event becomes; undefined when it is one too many. `now` is epoch milliseconds. */
  correlate(about: Stored, report: Report, now: number): Correlated | undefined {
    const { reason, message, severity, component } = report;
    const own = { name: eventName(about, [reason, message, component]), message };
    if (report.isSpared === true) return own;
    const source = `${component} ${keyString(keyOf(about))} ${about.metadata.uid}`;
    const isCombined = this.#isTooSimilar(`${source} ${severity} ${reason}`, message, now);
    if (!this.#hasToken(source, now)) return undefined;
    return isCombined
      ? { name: eventName(about, [reason, severity, component, 'combined']), message: `${COMBINED}${message}` }
      : own;
  }

  #isTooSimilar(key: string, message: string, now: number): boolean {
    const known = this.#similar.get(key);
    const isFresh = known !== undefined && now - known.lastMs <= SIMILAR_INTERVAL_MS;
    const record = isFresh ? known : { messages: new Set<string>(), lastMs: now };
    record.lastMs = now;
    record.messages.add(message);
    remember(this.#similar, key, record);
    if (record.messages.size < MAX_SIMILAR) return false;
    const [oldest = ''] = record.messages;
    record.messages.delete(oldest);
    return true;
  }

  #hasToken(key: string, now: number): boolean {
    const { tokens, atMs } = this.#buckets.get(key) ?? { tokens: BURST, atMs: now };
    const filled = Math.min(BURST, tokens + Math.max(0, now - atMs) / REFILL_INTERVAL_MS);
    remember(this.#buckets, key, { tokens: filled < 1 ? filled : filled - 1, atMs: now });
    return filled >= 1;
  }
}

/** The newest last, the oldest gone. */
function remember<T>(memory: Map<string, T>, key: string, value: T): void {
  memory.delete(key);
  memory.set(key, value);
  if (memory.size <= MAX_REMEMBERED) return;
  const [oldest] = memory.keys();
  if (oldest !== undefined) memory.delete(oldest);
}

function eventName(about: Stored, told: readonly string[]): string {
  return `${about.metadata.name}.${hashOf([about.metadata.uid, ...told])}`;
}
