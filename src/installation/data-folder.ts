// The data folder: the store and its keys, and what else is kept beside it. Turns what a user has to mend into a UsageFault.
import { createHmac } from 'node:crypto';
import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { UsageFault } from '../cli/usage-fault.ts';
import { StoreCorrupt, StoreUnavailable } from '../store/failures.ts';
import { loadKey, loadOrCreateKey } from '../store/sqlite/key-file.ts';
import { openSqliteStore } from '../store/sqlite/sqlite-store.ts';
import type { Store } from '../store/store.ts';
import type { Clock } from '../system/clock.ts';
import type { Ids } from '../system/ids.ts';
import { yieldingStore } from './yielding-store.ts';

const storePath = (dataDir: string): string => join(dataDir, 'store.db');
const keyPath = (dataDir: string): string => join(dataDir, 'store.key');
/** What saved plans are marked with. */
const planKeyPath = (dataDir: string): string => join(dataDir, 'plan.key');
/** Clones of remote repositories; may be deleted at any time. */
export const gitCachePath = (dataDir: string): string => join(dataDir, 'git');

/** Makes the data folder, readable by its owner only. Throws UsageFault when it cannot be used. */
export function prepareDataDir(dataDir: string): void {
  try {
    makeFolder(resolve(dataDir));
    accessSync(dataDir, constants.W_OK | constants.X_OK);
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    throw new UsageFault(`the data folder ${dataDir} cannot be written: ${cause}. Give another one with --data-dir`, {
      cause: error,
    });
  }
}

/** One level after the other: the platform's own recursion never ends where folders cannot be made, such as below /proc. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  mkdirSync(path, { mode: 0o700 });
}

/** What marks the objects of saved plans, by a key of this data folder, made at the first need. Throws UsageFault. */
export function planSeal(dataDir: string): (text: string) => string {
  prepareDataDir(dataDir);
  const key = asUsageFault(() => loadOrCreateKey(planKeyPath(dataDir)));
  return (text) => createHmac('sha256', key).update(text).digest('hex');
}

/** Opens the store for writing. Throws UsageFault. */
export function openOwnStore(dataDir: string, clock: Clock, ids: Ids): Store {
  return yieldingStore(
    asUsageFault(() => openSqliteStore({ path: storePath(dataDir), clock, ids, key: loadOrCreateKey(keyPath(dataDir)) })),
  );
}

/** The store as it is now, for reading, also while a controller writes it; undefined when there is none. Throws UsageFault. */
export function openStoreForReading(dataDir: string, clock: Clock, ids: Ids): Store | undefined {
  if (!existsSync(storePath(dataDir))) return undefined;
  return asUsageFault(() => {
    const key = loadKey(keyPath(dataDir));
    return openSqliteStore({ path: storePath(dataDir), clock, ids, readOnly: true, ...(key === undefined ? {} : { key }) });
  });
}

/** What the store says of its files, as something that a user has to mend. */
export function asUsageFault<T>(open: () => T): T {
  try {
    return open();
  } catch (error) {
    if (error instanceof StoreUnavailable || error instanceof StoreCorrupt) throw new UsageFault(error.message, { cause: error });
    throw error;
  }
}
