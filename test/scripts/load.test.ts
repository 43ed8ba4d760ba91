import { copyFileSync, existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { temporaryFolder } from '../support/git-repo.ts';

const LOADER = fileURLToPath(new URL('../../scripts/load.cjs', import.meta.url));
const CHUNKS = {
  'entry.js': '(function (exports, require) { const { add } = require("./add.js"); exports.three = () => add(1, 2); })',
  'add.js':
    '(function (exports, require) { const { isDeepStrictEqual } = require("node:util"); exports.add = (a, b) => a + b; })',
};

interface Loader {
  load(name: string): { three(): number };
  keepCode(): void;
}

const folders: { remove(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(folders.splice(0).map((folder) => folder.remove()));
});

async function bundle(): Promise<string> {
  const folder = await temporaryFolder('holdfast-load-');
  folders.push(folder);
  copyFileSync(LOADER, join(folder.dir, 'load.cjs'));
  for (const [name, text] of Object.entries(CHUNKS)) writeFileSync(join(folder.dir, name), text);
  return folder.dir;
}

/** As a new process would. */
function loader(dir: string): Loader {
  const path = join(dir, 'load.cjs');
  const require = createRequire(path);
  Reflect.deleteProperty(require.cache, path);
  return require(path) as Loader;
}

async function bundleWithCode(): Promise<string> {
  const dir = await bundle();
  const first = loader(dir);
  expect(first.load('entry.js').three()).toBe(3);
  first.keepCode();
  return dir;
}

test('chunks load each other, and what they did is kept beside them', async () => {
  const dir = await bundleWithCode();
  expect(Object.keys(CHUNKS).map((name) => existsSync(join(dir, `${name}.code`)))).toEqual([true, true]);
  const again = loader(dir);
  expect(again.load('entry.js').three()).toBe(3);
  expect(again.load('entry.js')).toBe(again.load('entry.js'));
});

test.each<[string, (file: string) => void]>([
  ['empty', (file) => truncateSync(file, 0)],
  ['cut off', (file) => truncateSync(file, 100)],
  ['zeros from some point on', (file) => writeFileSync(file, readFileSync(file).fill(0, 64))],
  [
    'changed here and there',
    (file) =>
      writeFileSync(
        file,
        readFileSync(file).map((byte, at) => (at % 37 === 0 ? byte ^ 90 : byte)),
      ),
  ],
  ['that of another chunk', (file) => copyFileSync(file.replace('add', 'entry'), file)],
])('code that is %s only costs time', async (_what, spoil) => {
  const dir = await bundleWithCode();
  spoil(join(dir, 'add.js.code'));
  expect(loader(dir).load('entry.js').three()).toBe(3);
});
