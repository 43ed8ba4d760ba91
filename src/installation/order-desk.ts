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
import { type Order } from '../cli/parts.ts';
import { UsageFault } from '../cli/usage-fault.ts';
import { hashOf } from '../model/hash.ts';
import type { AppOrders, OrderDesk, RetryOrder, UndeleteOrder } from '../sync/gates/orders.ts';
import type { Logger } from '../system/logger.ts';

/** Soon enough for somebody who waits at a terminal, and seldom enough to cost nothing. */
const LOOK_EVERY_MS = 500;
const SUSPEND = '.suspend.json';
const RETRY = '.retry.json';
/** Each of them is a file of its own: one does not take the place of another. */
const UNDELETE = /^(.*)\.undelete-[0-9a-f]+\.json$/;

/** Where orders are. */
export const ordersFolder = (dataDir: string): string => join(dataDir, 'orders');

/** Writes an order down, whole and durable when this returns. Throws UsageFault when the folder cannot be written. */
export function giveOrder(dataDir: string, application: string, order: Order): void {
  const { file, content } = written(application, order);
  writeOrder(dataDir, file, content);
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

function written(application: string, order: Order): { readonly file: string; readonly content: object } {
  if (order.say === 'retry') return { file: `${application}${RETRY}`, content: order.retry };
  if (order.say === 'undelete') return { file: undeleteFile(application, order.undelete), content: order.undelete };
  return { file: `${application}${SUSPEND}`, content: order.say === 'suspend' ? order.suspend : { resumedBy: order.who } };
}

function undeleteFile(application: string, { who, at, objects }: UndeleteOrder): string {
  return `${application}.undelete-${hashOf([who, at, ...objects])}.json`;
}

/** A desk that looks at the files; `close` ends that. */
export interface OpenDesk extends OrderDesk {
  close(): void;
}

/** Looks at the orders in a data folder, now and twice a second. */
export function openOrderDesk(dataDir: string, logger: Pick<Logger, 'error'>): OpenDesk {
  const folder = ordersFolder(dataDir);
  const listeners = new Set<() => void>();
  /** Orders that were heard, where the file could not be removed. */
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
      const { retry, undelete, ...rest } = orders.get(application) ?? {};
      const isNews = (order: RetryOrder | UndeleteOrder): boolean => !heard.has(fileOf(application, order));
      const back = undelete?.filter(isNews) ?? [];
      return {
        ...rest,
        ...(retry === undefined || !isNews(retry) ? {} : { retry }),
        ...(back.length === 0 ? {} : { undelete: back }),
      };
    },
    heard: (application, order) => {
      const file = fileOf(application, order);
      heard.add(file);
      try {
        rmSync(join(folder, 'objects' in order ? file : `${application}${RETRY}`), { force: true });
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

/** What tells an order from all others. */
function fileOf(application: string, order: RetryOrder | UndeleteOrder): string {
  return 'objects' in order ? undeleteFile(application, order) : `${application} ${order.at}`;
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
    const application = suffix === undefined ? UNDELETE.exec(name)?.[1] : name.slice(0, -suffix.length);
    if (application === undefined) continue;
    try {
      const found = parseOrder(JSON.parse(readFileSync(join(folder, name), 'utf8')), suffix);
      const before = all.get(application);
      const undelete = [...(before?.undelete ?? []), ...(found.undelete ?? [])].toSorted((a, b) => (a.at < b.at ? -1 : 1));
      all.set(application, { ...before, ...found, ...(undelete.length === 0 ? {} : { undelete }) });
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

function parseOrder(value: unknown, suffix: string | undefined): AppOrders {
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
  if (suffix === RETRY) return { retry: { who: text('who'), at: time('at') } };
  if (suffix === undefined) {
    const objects = fields['objects'];
    if (!Array.isArray(objects) || !objects.every((each) => typeof each === 'string' && /^[^/]+\/[^/]*\/[^/]+$/.test(each)))
      throw new Error('it names no objects');
    return { undelete: [{ who: text('who'), at: time('at'), objects: objects as string[] }] };
  }
  if (fields['resumedBy'] !== undefined) return { resumedBy: text('resumedBy') };
  const until = fields['until'] === undefined ? {} : { until: time('until') };
  return { suspend: { who: text('who'), reason: text('reason'), since: time('since'), ...until } };
}
