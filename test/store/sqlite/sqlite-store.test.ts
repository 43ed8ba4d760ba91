import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import Database from 'libsql';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ConfigMap, Secret } from '../../../src/model/resource.ts';
import { StoreCorrupt, StoreUnavailable } from '../../../src/store/failures.ts';
import { firstValue, openForWriting } from '../../../src/store/sqlite/database-file.ts';
import { openSqliteStore, type SqliteStoreOptions } from '../../../src/store/sqlite/sqlite-store.ts';
import { RevisionCompacted, type Store, type Write } from '../../../src/store/store.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { seededIds } from '../../support/seeded-ids.ts';

const WRITER = fileURLToPath(new URL('writer-process.ts', import.meta.url));
const key = new Uint8Array(32).fill(7);
const clock = new FakeClock();
let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'store-'));
  path = join(folder, 'store.db');
});
afterEach(() => rmSync(folder, { recursive: true }));

const open = (options: Partial<SqliteStoreOptions> = {}): Store =>
  openSqliteStore({ path, clock, ids: seededIds(1), key, ...options });
const aMap = (name: string, data: Record<string, string> = {}): ConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default' },
  data,
});
const aSecret = (name: string, text: string): Secret => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name, namespace: 'default', annotations: { note: 'also-hidden' } },
  data: { password: Buffer.from(text).toString('base64') },
});
const create = (resource: ConfigMap | Secret): Write => ({ op: 'create', resource });

async function fill(writes: readonly Write[], options: Partial<SqliteStoreOptions> = {}): Promise<void> {
  const store = open(options);
  const result = await store.write(writes);
  await store.close();
  if (!result.ok) throw new Error(result.message);
}
/** Changes the file behind the store's back. */
function tamper(sql: string, ...values: unknown[]): void {
  const db = new Database(path);
  db.prepare(sql).run(values);
  db.close();
}
/** The bytes of the only secret, as they are in the file. */
const sealed = (): string => {
  const db = new Database(path);
  const row = db.prepare("SELECT hex(value) AS value FROM objects WHERE kind = 'Secret'").get() as { value: string };
  db.close();
  return row.value;
};

describe('after a restart', () => {
  test('objects, revision and leases are there', async () => {
    const first = open();
    await first.write([create(aMap('a', { x: '1' }))]);
    await first.write([create(aSecret('s', 'hunter2')), create(aMap('b'))]);
    const lease = await first.lease('leader', 'a', 10_000);
    const before = { maps: first.list('ConfigMap'), secrets: first.list('Secret') };
    await first.close();
    const second = open();
    expect({ maps: second.list('ConfigMap'), secrets: second.list('Secret') }).toEqual(before);
    expect(second.revision()).toBe(2);
    expect(await second.lease('leader', 'b', 10_000)).toEqual(lease);
    await second.close();
  });

  test('the revision goes on, even if the last object was removed', async () => {
    await fill([create(aMap('a'))]);
    await fill([{ op: 'remove', key: { kind: 'ConfigMap', namespace: 'default', name: 'a' } }]);
    const store = open();
    expect(store.list('ConfigMap')).toEqual([]);
    expect(store.revision()).toBe(2);
    expect(() => store.watch(1, new AbortController().signal)).toThrow(RevisionCompacted);
    const result = await store.write([create(aMap('a'))]);
    expect(result).toMatchObject({ ok: true, revision: 3 });
    await store.close();
  });

  test('an open that changes nothing writes nothing', async () => {
    await fill([create(aMap('a'))]);
    const before = readFileSync(path);
    await open().close();
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  test('every commit is told to reach the disk, which no kill can show', () => {
    const db = openForWriting(path);
    // FULL: the log is synchronised with every commit.
    expect([firstValue(db, 'PRAGMA synchronous'), firstValue(db, 'PRAGMA journal_mode')]).toEqual([2, 'wal']);
    db.close();
  });

  test('only one file is left behind by an orderly end', async () => {
    await fill([create(aMap('a'))]);
    expect(existsSync(`${path}-wal`) && statSync(`${path}-wal`).size > 0).toBe(false);
  });
});

describe('kill -9', () => {
  test('loses nothing that was acknowledged, and leaves no half transaction', async () => {
    let next = 0;
    for (let round = 0; round < 3; round++) {
      const child = spawn(process.execPath, ['--import', 'tsx', WRITER, path, String(next)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const acknowledged: string[] = [];
      const lines = createInterface(child.stdout);
      lines.on('line', (line) => {
        acknowledged.push(line);
        if (acknowledged.length === 150 + round * 37) child.kill('SIGKILL');
      });
      await Promise.all([once(child, 'exit'), once(lines, 'close')]);
      const [number, revision] = (acknowledged.at(-1) ?? '').split(' ').map(Number);
      if (number === undefined || revision === undefined) throw new Error('the writer said nothing');
      const store = open();
      for (let seen = 0; seen <= number; seen++) {
        expect(store.get('ConfigMap', 'default', `m${seen}`)?.data).toEqual({ n: String(seen) });
      }
      expect(store.list('Secret').map(({ metadata }) => metadata.name)).toEqual(
        store.list('ConfigMap').map(({ metadata }) => metadata.name),
      );
      expect(store.revision()).toBeGreaterThanOrEqual(revision);
      expect(store.revision()).toBe(store.list('ConfigMap').length);
      next = store.list('ConfigMap').length;
      await store.close();
    }
  });
});

describe('secrets', () => {
  test('are nowhere in the file, nor is what surrounds them', async () => {
    await fill([create(aSecret('s', 'correct horse battery staple')), create(aMap('m', { x: 'visible' }))]);
    const bytes = readFileSync(path).toString('latin1');
    expect(bytes).toContain('visible');
    expect(bytes).not.toContain(Buffer.from('correct horse battery staple').toString('base64'));
    expect(bytes).not.toContain('also-hidden');
  });

  test('sealed twice look different each time', async () => {
    const store = open();
    await store.write([create(aSecret('s', 'x'))]);
    const first = sealed();
    const secret = store.get('Secret', 'default', 's');
    if (secret === undefined) throw new Error('no secret');
    await store.write([{ op: 'update', resource: { ...secret, metadata: { ...secret.metadata, labels: { a: 'b' } } } }]);
    // Twelve bytes of nonce follow the byte of the format.
    expect(sealed().slice(2, 26)).not.toBe(first.slice(2, 26));
    await store.close();
  });

  test.each<[string, () => void, RegExp]>([
    [
      'changed',
      () => tamper("UPDATE objects SET value = CAST(substr(value, 1, 40) || x'00' AS BLOB) WHERE name = 's1'"),
      /Secret\/default\/s1 .*changed outside/,
    ],
    ['cut short', () => tamper("UPDATE objects SET value = x'01' WHERE name = 's1'"), /Secret\/default\/s1 .*changed outside/],
    [
      'swapped with another',
      () => tamper("UPDATE objects SET value = (SELECT value FROM objects WHERE name = 's2') WHERE name = 's1'"),
      /Secret\/default\/s1 .*changed outside/,
    ],
    [
      'replaced by one that is not encrypted',
      () => tamper("UPDATE objects SET value = ? WHERE name = 's1'", JSON.stringify(aSecret('s1', 'mine'))),
      /Secret\/default\/s1 .*not encrypted as it must be/,
    ],
  ])('that were %s behind our back stop the start', async (_what, change, message) => {
    await fill([create(aSecret('s1', 'one')), create(aSecret('s2', 'two'))]);
    change();
    expect(() => open()).toThrow(StoreCorrupt);
    expect(() => open()).toThrow(message);
  });

  test('do not open with another key, even when there is none yet', async () => {
    await fill([create(aMap('a'))]);
    expect(() => open({ key: new Uint8Array(32).fill(8) })).toThrow(StoreCorrupt);
    expect(() => open({ key: new Uint8Array(32).fill(8) })).toThrow(/encrypted with another key. Restore the key file/);
  });

  test('are neither written nor opened without a key', async () => {
    const { key: _key, ...keyless } = { path, clock, ids: seededIds(1), key };
    const store = openSqliteStore(keyless);
    await expect(store.write([create(aSecret('s', 'x'))])).rejects.toThrow(StoreUnavailable);
    expect(store.list('Secret')).toEqual([]);
    await store.close();
    await fill([create(aSecret('s', 'x'))]);
    expect(() => openSqliteStore(keyless)).toThrow(/is encrypted, and its key file is missing. Restore the key file/);
  });

  test('need a key of the right length', () => {
    expect(() => open({ key: new Uint8Array(16) })).toThrow('32 bytes');
  });

  test('the file is for its owner only', async () => {
    await fill([create(aMap('a'))]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });
});

describe('a damaged or foreign file', () => {
  test.each<[string, () => void, RegExp]>([
    [
      'an object that is not JSON',
      () => tamper("UPDATE objects SET value = '{' WHERE name = 'a'"),
      /ConfigMap\/default\/a .*not readable/,
    ],
    [
      'an object under another name',
      () => tamper("UPDATE objects SET name = 'b' WHERE name = 'a'"),
      /another object than its name says/,
    ],
    ['no database at all', () => writeFileSync(path, 'x'.repeat(4096)), /is damaged: .*move it away/],
  ])('with %s is refused', async (_what, change, message) => {
    await fill([create(aMap('a'))]);
    change();
    expect(() => open()).toThrow(StoreCorrupt);
    expect(() => open()).toThrow(message);
  });

  test('of a newer version is refused and left as it is', async () => {
    await fill([create(aMap('a'))]);
    tamper('UPDATE format SET version = 99');
    expect(() => open()).toThrow(StoreUnavailable);
    expect(() => open({ readOnly: true })).toThrow(/written by a newer Holdfast \(format 99/);
  });
});

describe('a folder that cannot be used', () => {
  test.each<[string, () => string, RegExp]>([
    ['is missing', () => join(folder, 'none', 'store.db'), /folder .*none: the folder does not exist/],
    ['is a file', () => (writeFileSync(join(folder, 'file'), ''), join(folder, 'file', 'store.db')), /file: it is not a folder/],
    ['is not writable, even for root', () => '/proc/holdfast-store.db', /cannot use the store in folder \/proc: /],
    ['has a folder of that name', () => (mkdirSync(path), path), /store file is itself a folder/],
  ])('because it %s is named', (_what, pathOf, message) => {
    const where = pathOf();
    expect(() => open({ path: where })).toThrow(StoreUnavailable);
    expect(() => open({ path: where })).toThrow(message);
  });
});

describe('reading only', () => {
  test('works while another one writes, and sees what was committed before', async () => {
    const writer = open();
    await writer.write([create(aMap('a')), create(aSecret('s', 'x'))]);
    const reader = open({ readOnly: true });
    await writer.write([create(aMap('b'))]);
    expect(reader.list('ConfigMap').map(({ metadata }) => metadata.name)).toEqual(['a']);
    expect(reader.list('Secret')).toEqual(writer.list('Secret'));
    expect(reader.revision()).toBe(1);
    await expect(reader.write([create(aMap('c'))])).rejects.toThrow('for reading only');
    await expect(reader.lease('leader', 'a', 1)).rejects.toThrow('for reading only');
    await reader.close();
    await writer.close();
    expect(open({ readOnly: true }).revision()).toBe(2);
  });

  test('of a store that is not there says so and makes none', () => {
    expect(() => open({ readOnly: true })).toThrow(/there is no store in folder/);
    expect(existsSync(path)).toBe(false);
  });

  test('works in folders with odd names', async () => {
    const odd = join(folder, 'a ?b#c%20');
    mkdirSync(odd);
    await fill([create(aMap('a'))], { path: join(odd, 'store.db') });
    expect(open({ path: join(odd, 'store.db'), readOnly: true }).list('ConfigMap')).toHaveLength(1);
  });
});

describe('two writers on one file', () => {
  test('do not overwrite each other: the one that is behind stops', async () => {
    const [first, second] = [open(), open()];
    await first.write([create(aMap('a', { from: 'first' }))]);
    await expect(second.write([create(aMap('a', { from: 'second' }))])).rejects.toThrow(/changed by another process/);
    expect(second.list('ConfigMap')).toEqual([]);
    await first.close();
    await second.close();
    expect(open({ readOnly: true }).get('ConfigMap', 'default', 'a')?.data).toEqual({ from: 'first' });
  });
});
