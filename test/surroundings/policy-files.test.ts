import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { UsageFault } from '../../src/cli/usage-fault.ts';
import { policyFiles } from '../../src/surroundings/policy-files.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'policies-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const namesOf = async (read: ReturnType<typeof policyFiles>): Promise<string[]> =>
  ((await read?.()) ?? []).map(({ path }) => path.slice(folder.length + 1));

test('manifests of a folder and of those below it are read, and what is linked', async () => {
  mkdirSync(join(folder, 'sub'));
  mkdirSync(join(folder, '..data'));
  for (const name of ['b.yaml', 'a.json', 'notes.md', 'sub/c.yml', '..data/d.yaml', '.e.yaml'])
    writeFileSync(join(folder, name), name);
  symlinkSync('..data/d.yaml', join(folder, 'd.yaml'));
  expect(await namesOf(policyFiles([folder]))).toEqual(['a.json', 'b.yaml', 'd.yaml', 'sub/c.yml']);
});

test('what was changed is read by the next load', async () => {
  const path = join(folder, 'a.yaml');
  writeFileSync(path, 'one');
  const read = policyFiles([path]);
  const textOf = async (): Promise<string> => {
    const [file] = (await read?.()) ?? [];
    return `${file?.blobId.slice(0, 4)} ${Buffer.from((await file?.read()) ?? []).toString()}`;
  };
  const first = await textOf();
  writeFileSync(path, 'two');
  expect([first, await textOf()]).toEqual(['7692 one', '3fc4 two']);
});

test('no rules never mean that all is allowed', async () => {
  expect(policyFiles([])).toBe(undefined);
  expect(() => policyFiles([folder])).toThrow(UsageFault);
  expect(() => policyFiles([join(folder, 'nothing')])).toThrow(/policies cannot be read: ENOENT/);
  writeFileSync(join(folder, 'a.yaml'), '');
  const read = policyFiles([folder]);
  rmSync(join(folder, 'a.yaml'));
  await expect(read?.()).rejects.toThrow(/there are no policies in/);
});
