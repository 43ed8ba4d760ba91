// The SQLite file: opening it, its format, and its failures in the store's own words.
import { accessSync, closeSync, constants, existsSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import Database from 'libsql';
import { StoreCorrupt, StoreUnavailable } from '../failures.ts';

/** How long a statement waits for another connection, such as a reader that holds up a checkpoint. */
const BUSY_TIMEOUT_MS = 5_000;
/** The write-ahead log is cut back to this size after a checkpoint. */
const JOURNAL_SIZE_LIMIT_BYTES = 16 * 1024 * 1024;

/** What turns format n into format n + 1; the first makes an empty file format 1. Never change one that was released. */
const FORMATS: readonly string[] = [
  `CREATE TABLE format (version INTEGER NOT NULL);
   INSERT INTO format VALUES (0);
   CREATE TABLE revision (number INTEGER NOT NULL);
   INSERT INTO revision VALUES (0);
   CREATE TABLE key_check (sealed BLOB NOT NULL);
   CREATE TABLE objects (
     kind TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL, value NOT NULL,
     PRIMARY KEY (kind, namespace, name)
   ) WITHOUT ROWID;
   CREATE TABLE leases (name TEXT PRIMARY KEY, holder TEXT NOT NULL, expires_at_ms INTEGER NOT NULL) WITHOUT ROWID;`,
];

/** An open SQLite file. */
export type DatabaseFile = InstanceType<typeof Database>;

/**
 * Opens the file for writing, creating it when it is missing (not its folder), readable by its owner only, in the newest format.
 * Every transaction is on disk when it returns (WAL, synchronous FULL).
 */
export function openForWriting(path: string): DatabaseFile {
  prepareFile(path);
  return opened(path, path, (db) => {
    db.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
    const mode = firstValue(db, 'PRAGMA journal_mode = WAL');
    if (mode !== 'wal')
      throw new StoreUnavailable(`the file system of ${dirname(path)} cannot hold the store: no write-ahead log there`);
    db.exec('PRAGMA synchronous = FULL');
    db.exec(`PRAGMA journal_size_limit = ${JOURNAL_SIZE_LIMIT_BYTES}`);
    const version = formatOf(db, path);
    if (version === FORMATS.length) return;
    inTransaction(db, 'IMMEDIATE', () => {
      for (const step of FORMATS.slice(version)) db.exec(step);
      db.prepare('UPDATE format SET version = ?').run([FORMATS.length]);
    });
  });
}

/** Opens an existing file for reading only. Works while another process writes; sees what was committed before. */
export function openForReading(path: string): DatabaseFile {
  if (!existsSync(path)) throw new StoreUnavailable(`there is no store in folder ${dirname(path)}: ${path} does not exist`);
  return opened(path, `${pathToFileURL(path).href}?mode=ro`, (db) => {
    db.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
    if (formatOf(db, path) < FORMATS.length) {
      throw new StoreUnavailable(`the store ${path} is in an older format; start the controller once, it will convert it`);
    }
  });
}

/** Runs `body` in a transaction: committed when it returns, undone when it throws. */
export function inTransaction<T>(db: DatabaseFile, mode: 'IMMEDIATE' | 'DEFERRED', body: () => T): T {
  db.exec(`BEGIN ${mode}`);
  try {
    const result = body();
    db.exec('COMMIT');
    return result;
  } catch (error) {
    // Some failures end the transaction by themselves.
    if (db.inTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

/** A failure of SQLite or the file system as one of the store's own; those pass unchanged. */
export function storeFailure(path: string, error: unknown): Error {
  if (error instanceof StoreUnavailable || error instanceof StoreCorrupt) return error;
  const code = codeOf(error);
  const said = error instanceof Error ? error.message : String(error);
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB') {
    const advice = 'Restore it from a backup, or move it away: it is rebuilt from Git and Docker, without the history';
    return new StoreCorrupt(`the store ${path} is damaged: ${said}. ${advice}`, error);
  }
  return new StoreUnavailable(`cannot use the store in folder ${dirname(path)}: ${reasonOf(code) ?? said}`, error);
}

function reasonOf(code: string): string | undefined {
  if (code === 'ENOENT') return 'the folder does not exist. Create it, or give another one';
  if (code === 'ENOTDIR') return 'it is not a folder. Give another one';
  if (code === 'EISDIR') return 'the store file is itself a folder. Give another one';
  if (code === 'EACCES' || code === 'EPERM')
    return 'it is not writable for this user. Change its owner or mode, or give another one';
  if (code === 'EROFS') return 'it is on a read-only file system. Give another one';
  if (code === 'SQLITE_FULL' || code === 'ENOSPC') return 'the disk is full';
  if (code === 'SQLITE_BUSY') return 'another process is writing to it';
  return undefined;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** Says in the file system's words what libsql would say as a number, and sets the mode before there is anything to read. */
function prepareFile(path: string): void {
  try {
    if (!existsSync(path)) closeSync(openSync(path, 'wx', 0o600));
    else if (statSync(path).isDirectory()) throw Object.assign(new Error('is a directory'), { code: 'EISDIR' });
    accessSync(path, constants.R_OK | constants.W_OK);
    accessSync(dirname(path), constants.W_OK | constants.X_OK);
  } catch (error) {
    throw storeFailure(path, error);
  }
}

function opened(path: string, address: string, prepare: (db: DatabaseFile) => void): DatabaseFile {
  let db: DatabaseFile | undefined;
  try {
    db = new Database(address);
    prepare(db);
    return db;
  } catch (error) {
    db?.close();
    throw storeFailure(path, error);
  }
}

function formatOf(db: DatabaseFile, path: string): number {
  const isNew = firstValue(db, "SELECT count(*) FROM sqlite_master WHERE name = 'format'") === 0;
  const version = isNew ? 0 : firstValue(db, 'SELECT version FROM format');
  if (typeof version !== 'number') throw new StoreCorrupt(`the store ${path} does not say its format`);
  if (version > FORMATS.length) {
    const known = `format ${version}, this version knows formats up to ${FORMATS.length}`;
    throw new StoreUnavailable(`the store ${path} was written by a newer Holdfast (${known}); use that one, or another folder`);
  }
  return version;
}

/** The first column of the first row. */
export function firstValue(db: DatabaseFile, sql: string): unknown {
  const row = db.prepare(sql).raw().get();
  return Array.isArray(row) ? row[0] : undefined;
}
