// Where the state is: the data folder, its store, the locks, the engine. Turns what a user has to mend into a UsageFault.
import { createHmac } from 'node:crypto';
import { accessSync, constants, existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { type PlaceOptions, UsageFault } from '../cli/parts.ts';
import { Connection } from '../docker/connection.ts';
import { createDockerEngine } from '../docker/docker-engine.ts';
import { type DockerHost, describeDockerHost, parseDockerHost } from '../docker/docker-host.ts';
import { EngineLock } from '../docker/engine-lock.ts';
import { type ContainerEngine, EngineError, type EngineInfo } from '../kubelet/engine/container-engine.ts';
import { hashOf } from '../model/hash.ts';
import { StoreCorrupt, StoreUnavailable } from '../store/failures.ts';
import { acquireProcessLock, lockHolder } from '../store/process-lock.ts';
import { loadKey, loadOrCreateKey } from '../store/sqlite/key-file.ts';
import { openSqliteStore } from '../store/sqlite/sqlite-store.ts';
import type { Store } from '../store/store.ts';
import type { Clock } from '../system/clock.ts';
import { DeadlineExceeded, withDeadline } from '../system/deadline.ts';
import type { Ids } from '../system/ids.ts';
import { type ClusterLock, type LockPlace, takeClusterLock } from './cluster-lock.ts';
import { yieldingStore } from './yielding-store.ts';

/** How long an engine may take to say who it is. */
const ENGINE_ANSWER_TIMEOUT_MS = 10_000;

const storePath = (dataDir: string): string => join(dataDir, 'store.db');
const lockPath = (dataDir: string): string => join(dataDir, 'lock.db');
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

function asUsageFault<T>(open: () => T): T {
  try {
    return open();
  } catch (error) {
    if (error instanceof StoreUnavailable || error instanceof StoreCorrupt) throw new UsageFault(error.message, { cause: error });
    throw error;
  }
}

/** An engine that has answered. */
export interface ConnectedEngine {
  readonly engine: ContainerEngine;
  readonly info: EngineInfo;
  readonly host: DockerHost;
}

/** Connects to the engine that Docker's own environment variables name. Throws UsageFault when none answers. */
export async function connectEngine(
  { cluster }: Pick<PlaceOptions, 'cluster'>,
  env: Readonly<Record<string, string | undefined>>,
  clock: Clock,
): Promise<ConnectedEngine> {
  const parsed = parseDockerHost({
    DOCKER_HOST: env['DOCKER_HOST'],
    DOCKER_TLS_VERIFY: env['DOCKER_TLS_VERIFY'],
    DOCKER_CERT_PATH: env['DOCKER_CERT_PATH'],
    HOME: env['HOME'],
  });
  if (!parsed.ok) throw new UsageFault(parsed.message);
  try {
    const engine = createDockerEngine({ cluster, host: parsed.host, clock });
    const ask = (signal: AbortSignal): Promise<EngineInfo> => engine.info(signal);
    const info = await withDeadline(
      clock,
      `asking the Docker Engine at ${describeDockerHost(parsed.host)}`,
      ENGINE_ANSWER_TIMEOUT_MS,
      ask,
    );
    return { engine, info, host: parsed.host };
  } catch (error) {
    if (error instanceof EngineError || error instanceof DeadlineExceeded) throw new UsageFault(error.message, { cause: error });
    throw error;
  }
}

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

/**
 * Whether the engine is on this very machine, as far as names tell: then the lock of the machine keeps others away. A container that was given the
 * engine's socket, such as a CI job, has another name than the machine, and a folder for temporary files that nobody else sees.
 */
export function isOwnEngine(
  { info, host }: { readonly info: Pick<EngineInfo, 'name'>; readonly host: Pick<DockerHost, 'type'> },
  machine = hostname(),
): boolean {
  return host.type === 'unix' && info.name === machine;
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
