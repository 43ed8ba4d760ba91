// The key that secrets are sealed with, in a file that only its owner may read.
import { randomBytes } from 'node:crypto';
import { closeSync, fstatSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { StoreCorrupt, StoreUnavailable } from '../failures.ts';
import { KEY_BYTES } from './sealed-value.ts';

/**
 * The key in the file (base64, one line); a new one, durable before it is returned, when there is no file. Throws
 * StoreUnavailable when the file cannot be read or written or is open to others, StoreCorrupt when it holds no key.
 */
export function loadOrCreateKey(path: string): Uint8Array {
  return loadKey(path) ?? createKey(path);
}

/** The key in the file; undefined when there is no file. Throws as `loadOrCreateKey`. */
export function loadKey(path: string): Uint8Array | undefined {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw unusable(path, 'read', error);
  }
  try {
    const mode = fstatSync(file).mode & 0o777;
    if ((mode & 0o077) !== 0) {
      const message = `the key file ${path} can be read by others (mode ${mode.toString(8)}); run: chmod 600 ${path}`;
      throw new StoreUnavailable(message);
    }
    const key = Buffer.from(readFileSync(file, 'utf8').trim(), 'base64');
    if (key.length !== KEY_BYTES)
      throw new StoreCorrupt(`the key file ${path} does not hold a key of ${KEY_BYTES} bytes; restore it from a backup`);
    return key;
  } finally {
    closeSync(file);
  }
}

function createKey(path: string): Uint8Array {
  const key = randomBytes(KEY_BYTES);
  const draft = `${path}.new`;
  try {
    const file = openSync(draft, 'w', 0o600);
    try {
      writeSync(file, `${key.toString('base64')}\n`);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(draft, path);
    syncFolder(dirname(path));
  } catch (error) {
    throw unusable(path, 'write', error);
  }
  return key;
}

/** A rename is durable only when its folder is. */
function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function unusable(path: string, verb: string, error: unknown): StoreUnavailable {
  const cause = error instanceof Error ? error.message : String(error);
  return new StoreUnavailable(`cannot ${verb} the key file in folder ${dirname(path)}: ${cause}`, error);
}
