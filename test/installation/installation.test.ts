import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { UsageFault } from '../../src/cli/usage-fault.ts';
import { prepareDataDir } from '../../src/installation/data-folder.ts';
import { isOwnEngine } from '../../src/installation/engine.ts';
import { lockDataDir } from '../../src/installation/locks.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-place-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

test('the data folder is made with its parents, for its owner only', async () => {
  const dataDir = join(folder, 'a', 'b');
  prepareDataDir(dataDir);
  prepareDataDir(dataDir);
  expect((await stat(dataDir)).mode & 0o777).toBe(0o700);
});

test.each([
  [
    'below a file',
    async () => {
      const file = join(folder, 'file');
      await writeFile(file, '');
      return join(file, 'data');
    },
  ],
  // Folders below /proc cannot be made, and the error is that they are not there: a recursion that tries again never ends.
  ['where folders cannot be made', () => Promise.resolve('/proc/holdfast/data')],
])('a data folder %s is refused with its name and the way out', async (_where, place) => {
  const dataDir = await place();
  expect(() => prepareDataDir(dataDir)).toThrow(UsageFault);
  expect(() => prepareDataDir(dataDir)).toThrow(/^the data folder \S+ cannot be written: .*Give another one with --data-dir$/);
});

test('a data folder that is held is refused with the name of its holder, until it is given back', () => {
  const dataDir = join(folder, 'held');
  prepareDataDir(dataDir);
  const release = lockDataDir(dataDir);
  expect(() => lockDataDir(dataDir)).toThrow(new RegExp(`is held by .*${process.pid}`));
  release();
  lockDataDir(dataDir)();
});

test.each([
  ['unix', 'host-1', true],
  // A container that was given the socket.
  ['unix', '3f2a9c', false],
  ['tcp', 'host-1', false],
  ['ssh', 'host-1', false],
] as const)('an engine at %s of host-1, asked from %s: that this machine is locked is enough: %s', (type, machine, expected) => {
  expect(isOwnEngine({ info: { name: 'host-1' }, host: { type } }, machine)).toBe(expected);
});
