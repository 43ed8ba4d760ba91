// The `age` program and Holdfast read each other's data keys.
import { spawnSync } from 'node:child_process';
import { createDecipheriv, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDataKeys, wrapDataKey } from '../../src/manifests/sops/data-key.ts';
import { encryptFile } from '../../src/manifests/sops/encrypt.ts';
import { decryptFile } from '../../src/manifests/sops/file.ts';
import { generateKeyPair, parseIdentities, recipientsOf } from '../../src/manifests/sops/keys.ts';
import { readMetadata } from '../../src/manifests/sops/metadata.ts';
import { ann, bob, bytesOf, testWorld, textOf } from '../manifests/sops/test-keys.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-age-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(program: string, args: readonly string[], input: Uint8Array = new Uint8Array()): Buffer {
  const { stdout, stderr, status, error } = spawnSync(program, args, { input });
  expect({ error, status, stderr: stderr?.toString() }).toMatchObject({ error: undefined, status: 0 });
  return stdout;
}

function keyFile(name: string, ...identities: readonly string[]): string {
  const path = join(folder, name);
  writeFileSync(path, identities.map((identity) => `${identity}\n`).join(''), { mode: 0o600 });
  return path;
}

const metadataOf = (recipient: string, enc: string): Parameters<ReturnType<typeof createDataKeys>['open']>[0] => {
  const metadata = readMetadata({ age: [{ recipient, enc }], lastmodified: '2026-01-31T12:00:00Z', mac: 'x' });
  if ('fault' in metadata) throw new Error(metadata.fault.message);
  return metadata;
};

test('age reads a data key that Holdfast wrapped, with each of its recipients', async () => {
  const key = randomBytes(32);
  const wrapped = await wrapDataKey(key, [ann.recipient, bob.recipient]);
  expect(run('age', ['-d', '-i', keyFile('ann', ann.identity)], bytesOf(wrapped[0]?.enc ?? ''))).toEqual(key);
  expect(run('age', ['-d', '-i', keyFile('bob', bob.identity)], bytesOf(wrapped[1]?.enc ?? ''))).toEqual(key);
});

test('Holdfast reads a data key that age wrapped, for one recipient or several', async () => {
  const key = randomBytes(32);
  for (const recipients of [[ann.recipient], [bob.recipient, ann.recipient]]) {
    const args = recipients.flatMap((recipient) => ['-r', recipient]);
    const enc = run('age', ['-a', ...args], key).toString();
    const opened = await createDataKeys({ identities: [ann.identity] }).open(metadataOf(ann.recipient, enc));
    expect('key' in opened && Buffer.from(opened.key).equals(key)).toBe(true);
  }
});

test('keys of age-keygen are keys of Holdfast, and the other way round', async () => {
  const text = run('age-keygen', []).toString();
  const { identities, problems } = parseIdentities(text);
  expect(problems).toEqual([]);
  expect(await recipientsOf({ identities })).toEqual([/age1\w+/.exec(text)?.[0]]);
  const own = await generateKeyPair();
  expect(
    run('age-keygen', ['-y', keyFile('own', own.identity)])
      .toString()
      .trim(),
  ).toBe(own.recipient);
});

test('the whole way: a file of Holdfast, opened with age and AES alone', async () => {
  const rule = { name: 'encrypted_regex', value: '^stringData$' } as const;
  const text = 'kind: Secret\nstringData:\n  password: correct horse\n';
  const result = await encryptFile('a.yaml', bytesOf(text), { recipients: [ann.recipient], rule }, testWorld());
  if ('faults' in result) throw new Error(JSON.stringify(result.faults));
  const encrypted = textOf(result.bytes);
  const enc = /-----BEGIN[\s\S]*?END AGE ENCRYPTED FILE-----/.exec(encrypted)?.[0].replace(/^ +/gm, '') ?? '';
  const key = run('age', ['-d', '-i', keyFile('ann', ann.identity)], bytesOf(`${enc}\n`));
  const [, data = '', iv = '', tag = ''] =
    /password: ENC\[AES256_GCM,data:(.+),iv:(.+),tag:(.+),type:str\]/.exec(encrypted) ?? [];
  const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(iv, 'base64'));
  decipher.setAAD(Buffer.from('stringData:password:'));
  decipher.setAuthTag(Buffer.from(tag, 'base64'));
  expect(Buffer.concat([decipher.update(Buffer.from(data, 'base64')), decipher.final()]).toString()).toBe('correct horse');
  expect(await decryptFile('a.yaml', result.bytes, { identities: [ann.identity] })).toEqual({ bytes: Buffer.from(text) });
});
