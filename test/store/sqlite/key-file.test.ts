import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadKey, loadOrCreateKey } from '../../../src/store/sqlite/key-file.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'key-'));
  path = join(folder, 'key');
});
afterEach(() => rmSync(folder, { recursive: true }));

test('a new key is random, kept, and readable by its owner only', () => {
  expect(loadKey(path)).toBeUndefined();
  const key = loadOrCreateKey(path);
  expect(key).toHaveLength(32);
  expect(loadOrCreateKey(path)).toEqual(key);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder)).toEqual(['key']);
  expect(loadOrCreateKey(join(folder, 'other'))).not.toEqual(key);
});

test('a key that others can read is refused, with the cure', () => {
  loadOrCreateKey(path);
  chmodSync(path, 0o644);
  expect(() => loadOrCreateKey(path)).toThrow(`can be read by others (mode 644); run: chmod 600 ${path}`);
});

test('a damaged key file is never replaced', () => {
  writeFileSync(path, 'c2hvcnQ=\n', { mode: 0o600 });
  expect(() => loadOrCreateKey(path)).toThrow('does not hold a key of 32 bytes');
});

test('a missing folder is named', () => {
  expect(() => loadOrCreateKey(join(folder, 'none', 'key'))).toThrow(`key file in folder ${join(folder, 'none')}: `);
});
