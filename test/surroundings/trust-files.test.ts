import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { UsageFault } from '../../src/cli/usage-fault.ts';
import { manifestLoader } from '../../src/sources/manifest-loader.ts';
import { trustOf } from '../../src/surroundings/trust-files.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keys-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const nothing = (): undefined => undefined;

test('keys are looked at when it starts, and read again later', async () => {
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', join(folder, '.key')]);
  const file = join(folder, 'signers');
  const verify = { mode: 'all', keys: [folder] } as const;
  writeFileSync(file, `* ${execFileSync('cat', [join(folder, '.key.pub')], { encoding: 'utf8' })}`);
  const trust = await trustOf({ verify, workingTree: false }, nothing);
  expect([trust?.mode, (await trust?.readKeys())?.map(({ path }) => path)]).toEqual(['all', [file]]);
  rmSync(folder, { recursive: true });
  await expect(trust?.readKeys()).rejects.toThrow(/keys that may sign cannot be read: ENOENT/);
  folder = mkdtempSync(join(tmpdir(), 'keys-'));
});

test('what cannot be used ends the start', async () => {
  const verify = { mode: 'head', keys: [folder] } as const;
  await expect(trustOf({ verify, workingTree: false }, nothing)).rejects.toThrow(UsageFault);
  writeFileSync(join(folder, 'signers'), 'nonsense');
  await expect(trustOf({ verify, workingTree: false }, nothing)).rejects.toThrow(
    /keys that may sign: .*signers:1: a line has principals/,
  );
  await expect(trustOf({ verify, workingTree: true }, nothing)).rejects.toThrow(
    /--working-tree follows files that nobody has signed/,
  );
  expect(await trustOf({ workingTree: true }, nothing)).toBe(undefined);
});

test('of a commit that is refused nothing is read', async () => {
  const read = (): Promise<Uint8Array> => Promise.reject(new Error('it was read'));
  const file = { path: 'a.yaml', blobId: 'a', sizeBytes: 1, type: 'file', read } as const;
  const { signal } = new AbortController();
  expect(await manifestLoader('')({ files: [file], refusal: 'commit 1234567 is not trusted' }, signal)).toEqual({
    manifests: [],
    problems: [
      {
        severity: 'error',
        reason: 'Untrusted',
        file: '',
        line: 0,
        column: 0,
        field: '',
        message: 'commit 1234567 is not trusted',
      },
    ],
  });
});
