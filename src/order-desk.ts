// What people say to a controller beside Git, as files in the data folder: one command writes them, whatever controller there is follows
// them. The files are the truth: they outlive the controller and the store. See docs/adr/0018.
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { type Order, UsageFault } from './cli/parts.ts';
import type { AppOrders, OrderDesk } from './sync/gates/orders.ts';
import type { Logger } from './system/logger.ts';

/** Soon enough for somebody who waits at a terminal, and seldom enough to cost nothing. */
const LOOK_EVERY_MS = 500;
const SUSPEND = '.suspend.json';
const RETRY = '.retry.json';

/** Where orders are. */
export const ordersFolder = (dataDir: string): string => join(dataDir, 'orders');

/** Writes an order down, whole and durable when this returns. Throws UsageFault when the folder cannot be written. */
export function giveOrder(dataDir: string, application: string, order: Order): void {
  const content = order.say === 'suspend' ? order.suspend : order.say === 'resume' ? { resumedBy: order.who } : order.retry;
  writeOrder(dataDir, `${application}${order.say === 'retry' ? RETRY : SUSPEND}`, content);
}

/** Writes a file of the folder of orders, whole and durable when this returns. Throws UsageFault. */
export function writeOrder(dataDir: string, name: string, content: object): void {
  const folder = ordersFolder(dataDir);
  const path = join(folder, name);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const draft = `${path}.new`;
    const file = openSync(draft, 'w', 0o600);
    try {
      writeSync(file, `${JSON.stringify(content)}\n`);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(draft, path);
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    throw new UsageFault(`the order cannot be written: ${cause}. Run it as the user who runs "holdfast reconcile"`, {
      cause: error,
    });
  }
}

/** A desk that looks at the files; `close` ends that. */
export interface OpenDesk extends OrderDesk {
  close(): void;
}

/** Looks at the orders in a data folder, now and twice a second. */
export function openOrderDesk(dataDir: string, logger: Pick<Logger, 'error'>): OpenDesk {
  const folder = ordersFolder(dataDir);
  const listeners = new Set<() => void>();
  /** Orders to try again that were heard, where the file could not be removed. */
  const heard = new Set<string>();
  let seen = '';
  let orders = new Map<string, AppOrders>();
  const look = (): boolean => {
    const now = fingerprint(folder);
    if (now === seen) return false;
    seen = now;
    orders = readAll(folder, logger);
    return true;
  };
  look();
  const timer = setInterval(() => {
    if (look()) for (const listener of listeners) listener();
  }, LOOK_EVERY_MS);
  timer.unref();
  return {
    of: (application) => {
      const { retry, ...rest } = orders.get(application) ?? {};
      return retry === undefined || heard.has(`${application} ${retry.at}`) ? rest : { ...rest, retry };
    },
    heard: (application, { at }) => {
      heard.add(`${application} ${at}`);
      try {
        rmSync(join(folder, `${application}${RETRY}`), { force: true });
      } catch (error) {
        logger.error({ component: 'orders', application, error }, 'an order that was heard cannot be removed');
      }
    },
    onChange: (callback) => {
      listeners.add(callback);
      return () => listeners.delete(callback);
    },
    close: () => clearInterval(timer),
  };
}

/** What is there, by names and times; empty when nothing is. */
function fingerprint(folder: string): string {
  try {
    return readdirSync(folder)
      .toSorted()
      .map((name) => {
        const { mtimeMs, ino } = statSync(join(folder, name));
        return `${name} ${mtimeMs} ${ino}`;
      })
      .join('\n');
  } catch {
    // It is not there yet, or a file has just gone: the next look will tell.
    return '';
  }
}

function readAll(folder: string, logger: Pick<Logger, 'error'>): Map<string, AppOrders> {
  const all = new Map<string, AppOrders>();
  for (const name of namesIn(folder)) {
    const suffix = [SUSPEND, RETRY].find((each) => name.endsWith(each));
    if (suffix === undefined) continue;
    const application = name.slice(0, -suffix.length);
    try {
      const found = parseOrder(JSON.parse(readFileSync(join(folder, name), 'utf8')), suffix === RETRY);
      all.set(application, { ...all.get(application), ...found });
    } catch (error) {
      logger.error({ component: 'orders', file: join(folder, name), error }, 'an order cannot be read, and is not followed');
    }
  }
  return all;
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function parseOrder(value: unknown, isRetry: boolean): AppOrders {
  if (typeof value !== 'object' || value === null) throw new Error('it is no object');
  const fields = value as Readonly<Record<string, unknown>>;
  const text = (name: string): string => {
    const found = fields[name];
    if (typeof found !== 'string') throw new Error(`it has no text "${name}"`);
    return found;
  };
  const time = (name: string): string => {
    if (Number.isNaN(Date.parse(text(name)))) throw new Error(`"${name}" is no time`);
    return text(name);
  };
  if (isRetry) return { retry: { who: text('who'), at: time('at') } };
  if (fields['resumedBy'] !== undefined) return { resumedBy: text('resumedBy') };
  const until = fields['until'] === undefined ? {} : { until: time('until') };
  return { suspend: { who: text('who'), reason: text('reason'), since: time('since'), ...until } };
}
