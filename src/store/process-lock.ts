// One process at a time: a lock that the operating system takes back when its holder dies, however it dies. Adapter: files, process.
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import Database from 'libsql';
import { StoreUnavailable } from './failures.ts';

/** A look at the lock (`lockHolder`) holds it for an instant; taking it waits for that. */
const LOOK_TIMEOUT_MS = 250;

/** The lock, or who has it. */
export type ProcessLock = { readonly ok: true; readonly release: () => void } | { readonly ok: false; readonly holder: string };

/**
 * Takes the lock file at `path` (made when missing; its folder must exist). It is held until `release` or the end of the process;
 * `kill -9` included, since it is a file lock of the operating system (SQLite, "BEGIN EXCLUSIVE"). Who comes too late learns
 * `holderDescription` with process id, host and time. Throws StoreUnavailable when the file cannot be used.
 */
export function acquireProcessLock(path: string, holderDescription: string): ProcessLock {
  const description = `${path}.holder`;
  let db: InstanceType<typeof Database> | undefined;
  try {
    db = new Database(path);
    db.exec(`PRAGMA busy_timeout = ${LOOK_TIMEOUT_MS}`);
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db?.close();
    if (isBusy(error)) return { ok: false, holder: readHolder(description) };
    const cause = error instanceof Error ? error.message : String(error);
    throw new StoreUnavailable(
      `cannot use the lock file ${path}: check that the folder ${dirname(path)} exists and is writable (${cause})`,
      error,
    );
  }
  const held = db;
  const since = new Date().toISOString();
  try {
    writeHolder(description, `${holderDescription} (process ${process.pid} on ${hostname()}, since ${since})`);
  } catch (error) {
    held.close();
    throw new StoreUnavailable(`cannot write ${description}: check that the folder ${dirname(path)} is writable`, error);
  }
  let isHeld = true;
  const release = (): void => {
    if (!isHeld) return;
    isHeld = false;
    rmSync(description, { force: true });
    held.exec('ROLLBACK');
    held.close();
  };
  return { ok: true, release };
}

/** Who has the lock now; undefined when nobody has. Takes nothing and makes no file. */
export function lockHolder(path: string): string | undefined {
  if (!existsSync(path)) return undefined;
  let db: InstanceType<typeof Database> | undefined;
  try {
    db = new Database(path, { readonly: true });
    db.exec('PRAGMA busy_timeout = 0');
    db.prepare('SELECT count(*) FROM sqlite_master').get();
    return undefined;
  } catch (error) {
    if (isBusy(error)) return readHolder(`${path}.holder`);
    const cause = error instanceof Error ? error.message : String(error);
    throw new StoreUnavailable(`cannot look at the lock file ${path} (${cause})`, error);
  } finally {
    db?.close();
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY');
}

/** Whole or not at all: a reader never sees half a line. */
function writeHolder(path: string, holder: string): void {
  writeFileSync(`${path}.new`, `${holder}\n`);
  renameSync(`${path}.new`, path);
}

function readHolder(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    // It has the lock and has not yet said who it is.
    return 'another process';
  }
}
