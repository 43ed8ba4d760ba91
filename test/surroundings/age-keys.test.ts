// Where age keys are looked for, and that no message shows one.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readDecryptionKeys, usualKeyFile } from '../../src/surroundings/age-keys.ts';
import { ann, bob } from '../manifests/sops/test-keys.ts';

let home: string;
const at = (...names: readonly string[]): string => join(home, ...names);
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'holdfast-keys-'));
  mkdirSync(at('.config/sops/age'), { recursive: true });
  writeFileSync(at('.config/sops/age/keys.txt'), `# mine\n${ann.identity}\n`);
  writeFileSync(at('bob.txt'), `${bob.identity}\n`);
  writeFileSync(at('broken.txt'), `${ann.identity}\nnot a key: ${bob.identity.slice(0, 30)}\n`);
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

test.each<readonly [string, () => readonly [Record<string, string>, string?], readonly string[], () => readonly string[]]>([
  ['nothing at all', () => [{}], [], () => []],
  ['the usual file', () => [{ HOME: home }], [ann.identity], () => [at('.config/sops/age/keys.txt')]],
  ['the usual file is not there', () => [{ HOME: at('nobody') }], [], () => [at('nobody/.config/sops/age/keys.txt')]],
  [
    'XDG_CONFIG_HOME',
    () => [{ XDG_CONFIG_HOME: at('.config'), HOME: '/nowhere' }],
    [ann.identity],
    () => [at('.config/sops/age/keys.txt')],
  ],
  [
    'all of them',
    () => [{ HOME: home, SOPS_AGE_KEY_FILE: at('bob.txt'), SOPS_AGE_KEY: `${bob.identity} ${ann.identity}` }],
    [bob.identity, ann.identity],
    () => ['SOPS_AGE_KEY_FILE', 'SOPS_AGE_KEY', at('.config/sops/age/keys.txt')],
  ],
  [
    'our own variable',
    () => [{ HOLDFAST_AGE_KEY_FILE: at('bob.txt'), SOPS_AGE_KEY: '' }],
    [bob.identity],
    () => ['HOLDFAST_AGE_KEY_FILE'],
  ],
  [
    'an option wins over everything',
    () => [{ HOME: home, SOPS_AGE_KEY: ann.identity }, at('bob.txt')],
    [bob.identity],
    () => [at('bob.txt')],
  ],
])('%s', (_what, given, identities, searched) => {
  const [env, ageKeyFile] = given();
  const options = ageKeyFile === undefined ? {} : { ageKeyFile };
  expect(readDecryptionKeys(env, options, 'linux')).toEqual({ identities, searched: searched() });
});

test.each<readonly [string, () => Record<string, string>, () => string]>([
  [
    'a file that is not there',
    () => ({ SOPS_AGE_KEY_FILE: at('none') }),
    () => `there is no key file ${at('none')} (SOPS_AGE_KEY_FILE)`,
  ],
  ['a folder', () => ({ SOPS_AGE_KEY_FILE: home }), () => `the key file ${home} (SOPS_AGE_KEY_FILE) cannot be read: EISDIR`],
  [
    'a broken file',
    () => ({ SOPS_AGE_KEY_FILE: at('broken.txt') }),
    () => `${at('broken.txt')} (SOPS_AGE_KEY_FILE): line 2: this is not an age key; one begins with AGE-SECRET-KEY-1`,
  ],
  [
    'a broken variable',
    () => ({ SOPS_AGE_KEY: 'hunter2' }),
    () => 'SOPS_AGE_KEY: line 1: this is not an age key; one begins with AGE-SECRET-KEY-1',
  ],
])('refused: %s', (_what, env, message) => {
  expect(() => readDecryptionKeys(env())).toThrow(expect.objectContaining({ message: message(), code: 'USAGE_FAULT' }));
});

test('macOS keeps them elsewhere', () => {
  expect(usualKeyFile({ HOME: '/Users/ann' }, 'darwin')).toBe('/Users/ann/Library/Application Support/sops/age/keys.txt');
});
