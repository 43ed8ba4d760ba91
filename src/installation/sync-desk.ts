// `holdfast sync` between two processes: an order is a file beside those of order-desk.ts, and so is its answer. Whoever dies, the other one
// sees: a controller that starts later follows an order that is still there, and forgets one that nobody waits for any more.
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { SyncAsked } from '../cli/parts.ts';
import { redactOutcome } from '../cli/redact.ts';
import type { SyncAnswer, SyncOrder } from '../sync/gates/orders.ts';
import type { Outcome } from '../sync/outcome.ts';
import type { Wait } from '../sync/waiters.ts';
import type { Clock } from '../system/clock.ts';
import type { Logger } from '../system/logger.ts';
import { type OpenDesk, ordersFolder, writeOrder } from './order-desk.ts';

const ORDER = '.sync.json';
const ANSWER = '.synced.json';
/** An answer that nobody has taken by then is for nobody. */
const ANSWER_KEPT_MS = 3_600_000;
/** Nobody waits that long beyond what was said. */
const ORDER_KEPT_MS = 60_000;

/** Writes an order down. Throws UsageFault when the folder cannot be written. */
export function askSync(dataDir: string, order: SyncOrder): SyncAsked {
  writeOrder(dataDir, `${order.id}${ORDER}`, order);
  const path = join(ordersFolder(dataDir), `${order.id}${ANSWER}`);
  return {
    answer: () => {
      try {
        // It is written whole, by the controller of this version or another one: what it lacks is not there.
        return JSON.parse(readFileSync(path, 'utf8')) as SyncAnswer;
      } catch {
        return undefined;
      }
    },
    withdraw: () => {
      for (const suffix of [ORDER, ANSWER]) remove(join(ordersFolder(dataDir), `${order.id}${suffix}`));
    },
  };
}

/** What follows orders to sync. */
export interface SyncDeskParts {
  readonly dataDir: string;
  /** Says when there is anything new in the folder. */
  readonly desk: Pick<OpenDesk, 'onChange'>;
  /** Looks at Git at once and says how it ends, of the application of the command line when none is named. */
  readonly plane: { conclude(application: string | undefined, wait: Wait): Promise<Outcome> };
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'error'>;
}

/** Follows the orders of a data folder, those that are there and those to come, until the result is called. */
export function followSyncOrders({ dataDir, desk, plane, clock, logger }: SyncDeskParts): () => void {
  const folder = ordersFolder(dataDir);
  const waits = new Map<string, AbortController>();
  const answer = (id: string, said: SyncAnswer): void => {
    try {
      writeOrder(dataDir, `${id}${ANSWER}`, said);
      remove(join(folder, `${id}${ORDER}`));
    } catch (error) {
      logger.error({ component: 'orders', order: id, error }, 'how a sync ended cannot be told');
    }
  };
  const follow = async (order: SyncOrder, signal: AbortSignal): Promise<void> => {
    const untilMs = order.until === undefined ? undefined : Date.parse(order.until);
    if (untilMs !== undefined && untilMs + ORDER_KEPT_MS < clock.now()) return remove(join(folder, `${order.id}${ORDER}`));
    const outcome = plane.conclude(order.application, { pinned: { commit: order.commit }, untilMs, signal });
    if (untilMs === undefined) {
      outcome.catch(() => undefined);
      return answer(order.id, {});
    }
    const reached = redactOutcome(await outcome);
    if (!signal.aborted) answer(order.id, { outcome: reached });
  };
  const look = (): void => {
    const names = namesIn(folder);
    for (const name of names.filter((each) => each.endsWith(ANSWER))) removeOld(join(folder, name), clock.now());
    const ids = names.filter((name) => name.endsWith(ORDER)).map((name) => name.slice(0, -ORDER.length));
    for (const [id, aborter] of waits) {
      if (ids.includes(id)) continue;
      waits.delete(id);
      aborter.abort(new Error('nobody waits any more'));
    }
    for (const id of ids.filter((each) => !waits.has(each))) {
      const aborter = new AbortController();
      waits.set(id, aborter);
      const order = readOrder(join(folder, `${id}${ORDER}`), id);
      if (order === undefined) logger.error({ component: 'orders', order: id }, 'an order cannot be read, and is not followed');
      else
        follow(order, aborter.signal).catch((error: unknown) =>
          logger.error({ component: 'orders', order: id, error }, 'an order to sync failed'),
        );
    }
  };
  look();
  const forget = desk.onChange(look);
  return () => {
    forget();
    for (const aborter of waits.values()) aborter.abort(new Error('the controller ends'));
  };
}

function readOrder(path: string, id: string): SyncOrder | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof value !== 'object' || value === null) return undefined;
    const text = (name: string): string | undefined => {
      const found: unknown = Reflect.get(value, name);
      return typeof found === 'string' ? found : undefined;
    };
    const [application, commit, until] = ['application', 'commit', 'until'].map(text);
    if (until !== undefined && Number.isNaN(Date.parse(until))) return undefined;
    return { id, ...(application && { application }), ...(commit && { commit }), ...(until && { until }) };
  } catch {
    return undefined;
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function remove(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // It is looked at again when somebody can.
  }
}

function removeOld(path: string, now: number): void {
  try {
    if (statSync(path).mtimeMs + ANSWER_KEPT_MS < now) rmSync(path, { force: true });
  } catch {
    // It has just gone.
  }
}
