// The key that signs receipts: made once, private, or brought along.
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { UsageFault } from '../../src/cli/usage-fault.ts';
import { openNotary, ownPublicKey } from '../../src/installation/receipt-key.ts';
import { temporaryFolder } from '../support/git-repo.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let at: (name: string) => string;
beforeAll(async () => {
  folder = await temporaryFolder('holdfast-receipt-key-');
  at = (name) => join(folder.dir, name);
});
afterAll(async () => {
  execFileSync('rm', ['-rf', folder.dir]);
});

test('is made at the first use, and stays', () => {
  execFileSync('mkdir', [at('data')]);
  expect([ownPublicKey(at('data')), readdirSync(at('data'))]).toEqual([undefined, []]);
  const first = openNotary(at('data'), undefined, '1');
  const second = openNotary(at('data'), undefined, '1');
  expect(statSync(at('data/receipt.key')).mode & 0o777).toBe(0o600);
  expect([second.publicKey, ownPublicKey(at('data')), second.sign('x'), second.seal('x')]).toEqual([
    first.publicKey,
    first.publicKey,
    first.sign('x'),
    first.seal('x'),
  ]);
  expect(Buffer.from(first.publicKey, 'base64')).toHaveLength(32);
  chmodSync(at('data/receipt.key'), 0o644);
  expect(() => openNotary(at('data'), undefined, '1')).toThrow('can be read by others');
});

test('is brought along, as PEM', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  writeFileSync(at('own.pem'), privateKey.export({ format: 'pem', type: 'pkcs8' }));
  const { x = '' } = publicKey.export({ format: 'jwk' });
  expect(openNotary(at('nowhere'), at('own.pem'), '1').publicKey).toBe(Buffer.from(x, 'base64url').toString('base64'));
});

test.each([
  [
    'another kind of key',
    () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'pem', type: 'pkcs8' }),
  ],
  ['no key', () => 'hello'],
])('%s is refused without a word of it', (_name, text) => {
  writeFileSync(at('bad'), text());
  expect(() => openNotary(at('data'), at('bad'), '1')).toThrow(
    new UsageFault(
      `the receipt key ${at('bad')} is no Ed25519 key: "openssl genpkey -algorithm ed25519 -out ${at('bad')}" makes one`,
    ),
  );
});

test('a file that is not there', () => {
  expect(() => openNotary(at('data'), at('none'), '1')).toThrow(/^the receipt key .* cannot be read/);
});
