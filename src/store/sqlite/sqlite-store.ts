// The embedded store: objects in one SQLite file, all of them in memory as well. A write is acknowledged, and seen, when it is on disk.
// One process writes (see process-lock.ts); others may read.
import { type Kind, keyOf, keyString, type ResourceKey, type Stored } from '../../model/resource.ts';
import type { Clock } from '../../system/clock.ts';
import type { Ids } from '../../system/ids.ts';
import type { Change } from '../apply-write.ts';
import { StoreCorrupt, StoreUnavailable } from '../failures.ts';
import { frozenCopy } from '../frozen.ts';
import { IndexedStore, type Journal } from '../indexed-store.ts';
import { ObjectIndex } from '../object-index.ts';
import type { Lease, Store } from '../store.ts';
import { type DatabaseFile, firstValue, inTransaction, openForReading, openForWriting, storeFailure } from './database-file.ts';
import { KEY_BYTES, seal, unseal } from './sealed-value.ts';

/** Kinds whose values are encrypted: secrets, and the copies of whole commits and of what they removed. */
const SEALED_KINDS: ReadonlySet<Kind> = new Set<Kind>(['Secret', 'ApplicationRevision', 'DeletedObject']);

/** The name under which a fixed text is sealed, so that a wrong key shows even while there is no secret. */
const KEY_CHECK = 'holdfast key check';

/** What the SQLite store needs. */
export interface SqliteStoreOptions {
  /** The file. Its folder must exist. */
  readonly path: string;
  readonly clock: Clock;
  readonly ids: Ids;
  /** 32 bytes (see `loadOrCreateKey`). Without it, Secrets, ApplicationRevisions and DeletedObjects can be neither written nor opened. */
  readonly key?: Uint8Array;
  /**
   * Reads the file once, as it is now, and lets it go; works while another process writes. Writes and leases are refused, watches
   * stay silent.
   */
  readonly readOnly?: boolean;
  /** How many changes are kept for watchers; WATCH_BACKLOG_EVENTS when absent. */
  readonly watchBacklogEvents?: number;
}

/**
 * Opens the store and loads it. Throws StoreUnavailable (folder, permissions, newer format) or StoreCorrupt (damaged, tampered
 * with, other key), with a message for the person who runs Holdfast.
 */
export function openSqliteStore(options: SqliteStoreOptions): Store {
  const { path, key, clock, ids, watchBacklogEvents } = options;
  if (key !== undefined && key.length !== KEY_BYTES) throw new StoreCorrupt(`the store's key must have ${KEY_BYTES} bytes`);
  const readOnly = options.readOnly === true;
  const db = readOnly ? openForReading(path) : openForWriting(path);
  try {
    const { index, revision } = inTransaction(db, readOnly ? 'DEFERRED' : 'IMMEDIATE', () => {
      checkKey(db, path, key, readOnly);
      return load(db, path, key);
    });
    if (readOnly) db.close();
    const journal = readOnly ? refusingJournal(path) : sqliteJournal(db, path, key);
    return new IndexedStore({ clock, ids, journal, index, revision, watchBacklogEvents });
  } catch (error) {
    if (db.open) db.close();
    throw storeFailure(path, error);
  }
}

const keyAdvice =
  'Restore the key file that belongs to it, or move the store away: it is rebuilt from Git and Docker, without the history';

function checkKey(db: DatabaseFile, path: string, key: Uint8Array | undefined, readOnly: boolean): void {
  const sealed = firstValue(db, 'SELECT sealed FROM key_check');
  if (key === undefined) {
    if (sealed !== undefined) throw new StoreCorrupt(`the store ${path} is encrypted, and its key file is missing. ${keyAdvice}`);
    return;
  }
  if (sealed === undefined) {
    if (!readOnly) db.prepare('INSERT INTO key_check VALUES (?)').run([seal(key, KEY_CHECK, KEY_CHECK)]);
    return;
  }
  if (!(sealed instanceof Uint8Array) || unseal(key, KEY_CHECK, sealed) !== KEY_CHECK) {
    throw new StoreCorrupt(`the store ${path} was encrypted with another key. ${keyAdvice}`);
  }
}

function load(db: DatabaseFile, path: string, key: Uint8Array | undefined): { index: ObjectIndex; revision: number } {
  const revision = firstValue(db, 'SELECT number FROM revision');
  if (typeof revision !== 'number') throw new StoreCorrupt(`the store ${path} does not say its revision`);
  const index = new ObjectIndex();
  for (const row of db.prepare('SELECT kind, namespace, name, value FROM objects').raw().all()) {
    const after = parseRow(row, path, key);
    index.apply({ key: keyOf(after), before: undefined, after });
  }
  return { index, revision };
}

/** The edge at which bytes of the file become an object. What was sealed or written by this store is trusted from here on. */
function parseRow(row: unknown, path: string, key: Uint8Array | undefined): Stored {
  const [kind, namespace, name, value] = Array.isArray(row) ? (row as unknown[]) : [];
  const id = `${String(kind)}/${String(namespace)}/${String(name)}`;
  const damaged = (why: string, cause?: unknown): StoreCorrupt => new StoreCorrupt(`${id} in the store ${path}: ${why}`, cause);
  let text = value;
  if (value instanceof Uint8Array) {
    if (key === undefined) throw damaged('it is encrypted, and no key was given');
    text = unseal(key, id, value);
    if (text === undefined) throw damaged('it was changed outside of Holdfast, or encrypted with another key');
  } else if (SEALED_KINDS.has(kind as Kind)) {
    throw damaged('it is not encrypted as it must be, so it was changed outside of Holdfast');
  }
  let resource: Stored;
  try {
    resource = frozenCopy(JSON.parse(String(text)) as Stored);
    if (keyString(keyOf(resource)) === id) return resource;
  } catch (error) {
    throw damaged('it is not readable', error);
  }
  throw damaged('it is another object than its name says');
}

function sqliteJournal(db: DatabaseFile, path: string, key: Uint8Array | undefined): Journal {
  const advance = db.prepare('UPDATE revision SET number = ? WHERE number = ?');
  const put = db.prepare(
    'INSERT INTO objects VALUES (?, ?, ?, ?) ON CONFLICT (kind, namespace, name) DO UPDATE SET value = excluded.value',
  );
  const remove = db.prepare('DELETE FROM objects WHERE kind = ? AND namespace = ? AND name = ?');
  const guarded = <T>(body: () => T): T => {
    try {
      return inTransaction(db, 'IMMEDIATE', body);
    } catch (error) {
      throw storeFailure(path, error);
    }
  };
  return {
    keep(revision, changes) {
      // Encrypting may fail (no key), so it comes before the file is touched.
      const rows = lastOfEach(changes).map(({ key: of, after }) => ({ of, value: after && valueOf(of, after, key) }));
      guarded(() => {
        if (advance.run(revision, revision - 1).changes !== 1) {
          throw new StoreUnavailable(`the store ${path} was changed by another process, or a write failed half-way; start again`);
        }
        for (const { of, value } of rows) {
          if (value === undefined) remove.run(of.kind, of.namespace, of.name);
          else put.run(of.kind, of.namespace, of.name, value);
        }
      });
    },
    keepLease: (name, decide) => guarded(() => keepLease(db, name, decide)),
    close() {
      try {
        // Leaves one file behind. A reader may be in the way; then the next open does it.
        db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
      } catch (error) {
        throw storeFailure(path, error);
      } finally {
        db.close();
      }
    },
  };
}

/** Only the last state of each object has to be kept. */
function lastOfEach(changes: readonly Change[]): readonly Change[] {
  return changes.length === 1 ? changes : [...new Map(changes.map((change) => [keyString(change.key), change])).values()];
}

function valueOf(of: ResourceKey, resource: Stored, key: Uint8Array | undefined): string | Uint8Array {
  const text = JSON.stringify(resource);
  if (!SEALED_KINDS.has(of.kind)) return text;
  if (key === undefined)
    throw new StoreUnavailable(`a ${of.kind} is only stored encrypted, and the store was opened without a key`);
  return seal(key, keyString(of), text);
}

function keepLease(db: DatabaseFile, name: string, decide: (current: Lease | undefined) => Lease | undefined): Lease | undefined {
  const row = db.prepare('SELECT holder, expires_at_ms FROM leases WHERE name = ?').raw().get([name]);
  const [holder, expiresAtMs] = Array.isArray(row) ? (row as unknown[]) : [];
  const current = typeof holder === 'string' && typeof expiresAtMs === 'number' ? { holder, expiresAtMs } : undefined;
  const next = decide(current);
  if (next === current) return current;
  if (next === undefined) db.prepare('DELETE FROM leases WHERE name = ?').run([name]);
  else db.prepare('INSERT OR REPLACE INTO leases VALUES (?, ?, ?)').run(name, next.holder, next.expiresAtMs);
  return next;
}

function refusingJournal(path: string): Journal {
  const refuse = (): never => {
    throw new StoreUnavailable(`the store ${path} was opened for reading only`);
  };
  return { keep: refuse, keepLease: refuse, close() {} };
}
