// The locks of a controller: on its data folder, on its cluster over this machine, and on the engine. Who comes second hears who was first, as a UsageFault.
import { readFileSync, statSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { UsageFault } from '../cli/usage-fault.ts';
import { Connection } from '../docker/connection.ts';
import { EngineLock } from '../docker/engine-lock.ts';
import { hashOf } from '../model/hash.ts';
import { StoreUnavailable } from '../store/failures.ts';
import { acquireProcessLock, lockHolder } from '../store/process-lock.ts';
import type { Clock } from '../system/clock.ts';
import { type ClusterLock, type LockPlace, takeClusterLock } from './cluster-lock.ts';
import { asUsageFault } from './data-folder.ts';
import type { ConnectedEngine } from './engine.ts';

const lockPath = (dataDir: string): string => join(dataDir, 'lock.db');

const CONTROLLER = 'holdfast reconcile';

/** Gives the locks back. */
export type Release = () => void;

/**
 * Takes the lock of the data folder, or throws UsageFault with the name of its holder. It is held until released or until the process
 * ends, however it ends.
 */
export function lockDataDir(dataDir: string): Release {
  return lock(lockPath(dataDir), `the data folder ${dataDir}`);
}

/** Which controller has the data folder now; undefined when none has. Throws UsageFault. */
export function controllerOf(dataDir: string): string | undefined {
  return asUsageFault(() => lockHolder(lockPath(dataDir)));
}

interface LockOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly who?: string;
  readonly onlyLooks?: boolean;
}

/**
 * The same for a cluster on an engine: over all data folders of this machine, and over all machines that reach the engine. The lock of this machine
 * comes first: it proves that a predecessor here is dead. `who` is told to whoever comes too late. With `onlyLooks` nothing is written on the
 * engine: who comes later from another machine does not see this one.
 */
export async function lockCluster(
  { info, host }: Pick<ConnectedEngine, 'info' | 'host'>,
  cluster: string,
  { clock, signal, who = CONTROLLER, onlyLooks = false }: LockOptions,
): Promise<ClusterLock> {
  const path = join(tmpdir(), `holdfast-${hashOf([info.id, cluster])}.lock`);
  const unlock = lock(path, `cluster "${cluster}" on this Docker Engine`, who);
  try {
    const shelf = new EngineLock(new Connection(host), cluster);
    const holder = `${who} (process ${process.pid} on ${hostname()}, since ${new Date(clock.now()).toISOString()})`;
    const held = await takeClusterLock({ shelf, cluster, holder, place: placeOf(path), onlyLooks, clock, signal });
    return { lost: held.lost, release: () => held.release().finally(unlock) };
  } catch (error) {
    unlock();
    throw error;
  }
}

/** This machine, this start of it, and the file that only one process of it can lock. */
function placeOf(lockFile: string): LockPlace {
  const read = (path: string): string => {
    try {
      return readFileSync(path, 'utf8').trim();
    } catch {
      // A system without it: who dies is found out by the time that it says nothing.
      return '';
    }
  };
  const id = read('/etc/machine-id');
  const { dev, ino, birthtimeMs } = statSync(lockFile);
  return {
    machine: id === '' ? '' : hashOf([id, hostname()]),
    boot: read('/proc/sys/kernel/random/boot_id'),
    file: `${dev}:${ino}:${birthtimeMs}`,
  };
}

function lock(path: string, what: string, who = CONTROLLER): Release {
  const taken = asUsageFaultLock(path, who);
  if (taken.ok) return taken.release;
  throw new UsageFault(`${what} is held by ${taken.holder}. Stop that one first, or use another --data-dir and --cluster`);
}

function asUsageFaultLock(path: string, who: string): ReturnType<typeof acquireProcessLock> {
  try {
    return acquireProcessLock(path, who);
  } catch (error) {
    if (error instanceof StoreUnavailable) throw new UsageFault(error.message, { cause: error });
    throw error;
  }
}
