// The smaller parts: keys, scalars as SOPS reads them, creation rules, split data keys.
import { armor, Encrypter } from 'age-encryption';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CreationRule, findCreationRule } from '../../../src/manifests/sops/creation-rules.ts';
import { createDataKeys } from '../../../src/manifests/sops/data-key.ts';
import { readAsSops } from '../../../src/manifests/sops/go-scalar.ts';
import { generateKeyPair, parseIdentities, recipientsOf } from '../../../src/manifests/sops/keys.ts';
import { formatFloat } from '../../../src/manifests/sops/leaf.ts';
import { type Metadata, readMetadata } from '../../../src/manifests/sops/metadata.ts';
import { compileRule, RuleTooCostly } from '../../../src/manifests/sops/rule.ts';
import { combineParts } from '../../../src/manifests/sops/shamir.ts';
import { ann, annsKeys, bob } from './test-keys.ts';

describe('key files', () => {
  test.each<readonly [string, string, readonly string[], readonly string[]]>([
    ['as age-keygen writes it', `# created: 2026\n# public key: ${ann.recipient}\n${ann.identity}\n`, [ann.identity], []],
    [
      'several, with blank lines and CRLF',
      `\r\n${ann.identity}\r\n\r\n  ${bob.identity}  \r\n`,
      [ann.identity, bob.identity],
      [],
    ],
    ['several in one line, one twice', `${ann.identity} ${bob.identity} ${ann.identity}`, [ann.identity, bob.identity], []],
    [
      'a recipient',
      `${ann.recipient}\n`,
      [],
      ['line 1: this is a recipient (the public half); the key begins with AGE-SECRET-KEY-1'],
    ],
    ['a damaged key', `\n${ann.identity.slice(0, -1)}Q\n`, [], ['line 2: this age key is damaged or not complete']],
    ['something else', 'hunter2\n', [], ['line 1: this is not an age key; one begins with AGE-SECRET-KEY-1']],
    ['a plugin', 'AGE-PLUGIN-YUBIKEY-1QQ\n', [], ['line 1: keys of age plugins cannot be used; give an AGE-SECRET-KEY-1… key']],
    [
      'an SSH key',
      '-----BEGIN OPENSSH PRIVATE KEY-----\n',
      [],
      ['this is an SSH or TLS key; only age keys are taken (AGE-SECRET-KEY-1…)'],
    ],
    [
      'a key file with a passphrase',
      '-----BEGIN AGE ENCRYPTED FILE-----\n',
      [],
      ['the keys are protected with a passphrase themselves, which nobody could type here; give them without'],
    ],
  ])('%s', (_what, text, identities, problems) => {
    expect(parseIdentities(text)).toEqual({ identities, problems });
  });

  test('a new key is one, and has a recipient', async () => {
    const { identity, recipient } = await generateKeyPair();
    expect(parseIdentities(identity)).toEqual({ identities: [identity], problems: [] });
    expect(await recipientsOf({ identities: [identity, ann.identity] })).toEqual([recipient, ann.recipient]);
  });

  test('problems never show the line', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 12, unit: fc.constantFrom('x', 'Q', '7') }), (text) => {
        expect(JSON.stringify(parseIdentities(`${text}\nAGE-SECRET-KEY-1${text}`).problems)).not.toContain(text);
      }),
    );
  });
});

test.each<readonly [string, boolean, string, string]>([
  ['text', true, 'str', 'text'],
  ['yes', true, 'str', 'yes'],
  ['TRUE', true, 'bool', 'True'],
  ['false', true, 'bool', 'False'],
  ['false', false, 'str', 'false'],
  ['~', true, 'none', ''],
  ['0644', true, 'int', '420'],
  ['08', true, 'float', '8'],
  ['0o17', true, 'int', '15'],
  ['0x1F', true, 'int', '31'],
  ['-0b11', true, 'int', '-3'],
  ['1_000', true, 'int', '1000'],
  ['+5', true, 'int', '5'],
  ['-0', true, 'int', '0'],
  ['9223372036854775807', true, 'int', '9223372036854775807'],
  ['9223372036854775808', true, 'unknown', ''],
  ['-9223372036854775809', true, 'float', '-9223372036854776000'],
  ['1.50', true, 'float', '1.5'],
  ['.5', true, 'float', '0.5'],
  ['1e3', true, 'float', '1000'],
  ['1e-7', true, 'float', '0.0000001'],
  ['.inf', true, 'float', '+Inf'],
  ['12:30:45', true, 'str', '12:30:45'],
  ['2001-12-14', true, 'time', '2001-12-14T00:00:00Z'],
  ['2001-2-4', true, 'time', '2001-02-04T00:00:00Z'],
  ['2001-02-30', true, 'str', '2001-02-30'],
  ['2001-12-14T21:59:43.10-05:00', true, 'time', '2001-12-14T21:59:43.1-05:00'],
  ['2001-12-14t21:59:43Z', true, 'time', '2001-12-14T21:59:43Z'],
  ['2001-12-14 21:59:43.5', true, 'time', '2001-12-14T21:59:43.5Z'],
  ['2001-12-14 21:59:43 -5', true, 'str', '2001-12-14 21:59:43 -5'],
  ['2001-12-14T21:59:43', true, 'str', '2001-12-14T21:59:43'],
])('SOPS reads %s (plain: %s) as %s', (text, isPlain, type, bytes) => {
  const read = readAsSops(text, isPlain);
  expect([read.type, read.bytes.toString()]).toEqual([type, bytes]);
});

test.each<readonly [string, string, string, string]>([
  ['5', '!!str', 'str', '5'],
  ['1', 'tag:yaml.org,2002:float', 'float', '1'],
  ['aGVs\nbG8=', '!!binary', 'str', 'hello'],
  ['5', '!other', 'str', '5'],
])('SOPS reads %s with the tag %s', (text, tag, type, bytes) => {
  const read = readAsSops(text, true, tag);
  expect([read.type, read.bytes.toString()]).toEqual([type, bytes]);
});

test('numbers have no exponent, and are the same numbers', () => {
  expect([1e21, 1.5e-7, 5e-324, -0, 123.456, 1e22].map(formatFloat).slice(0, 2)).toEqual([
    '1000000000000000000000',
    '0.00000015',
  ]);
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      const text = formatFloat(value);
      expect(text).toMatch(/^-?\d+(\.\d+)?$/);
      expect(Number(text)).toBe(value);
    }),
  );
});

describe('.sops.yaml', () => {
  const text = `
creation_rules:
  - path_regex: ^prod/.*\\.ya?ml$
    age: >-
      ${ann.recipient},
      ${bob.recipient}
    encrypted_regex: ^(data|stringData)$
    mac_only_encrypted: true
  - path_regex: \\.env$
    age: [${bob.recipient}]
  - path_regex: ^both/
    age: ${ann.recipient}
    pgp: 85D77543B3D624B63CEA9E6DBC17301B491B3F21
  - path_regex: ^groups/
    shamir_threshold: 2
    key_groups: [{age: [${ann.recipient}]}, {age: [${bob.recipient}]}]
  - path_regex: ^group/
    key_groups: [{age: [${ann.recipient}]}]
    unencrypted_suffix: _plain
  - path_regex: ^two/
    encrypted_regex: a
    unencrypted_regex: b
`;
  const unencryptedSuffix = { name: 'unencrypted_suffix', value: '_unencrypted' } as const;

  test.each<readonly [string, CreationRule | { fault: string }]>([
    [
      'prod/a.yaml',
      {
        recipients: [ann.recipient, bob.recipient],
        rule: { name: 'encrypted_regex', value: '^(data|stringData)$' },
        macOnlyEncrypted: true,
      },
    ],
    ['x/.env', { recipients: [bob.recipient], rule: unencryptedSuffix, macOnlyEncrypted: false }],
    ['group/a', { recipients: [ann.recipient], rule: { name: 'unencrypted_suffix', value: '_plain' }, macOnlyEncrypted: false }],
    ['both/a', { fault: 'creation_rules[2]: it asks for "pgp" as well, for which Holdfast cannot encrypt; encrypt with sops' }],
    [
      'groups/a',
      { fault: 'creation_rules[3]: data keys that are split among key_groups cannot be made here; encrypt with sops' },
    ],
    ['two/a', { fault: 'creation_rules[5]: only one of unencrypted_regex, encrypted_regex can hold for a file' }],
    ['other', { fault: 'no path_regex of its creation rules fits other' }],
  ])('%s', (path, expected) => {
    expect(findCreationRule(text, path)).toEqual(expected);
  });

  test.each<readonly [string, string, CreationRule | undefined | { fault: string }]>([
    ['no rules', 'stores: {yaml: {indent: 2}}\n', undefined],
    ['nothing', '', undefined],
    [
      'a rule for everything',
      `creation_rules: [{age: ${ann.recipient}}]`,
      { recipients: [ann.recipient], rule: unencryptedSuffix, macOnlyEncrypted: false },
    ],
    ['no list', 'creation_rules: {}', { fault: 'creation_rules must be a list' }],
    [
      'a bad pattern',
      'creation_rules: [{path_regex: "("}]',
      { fault: expect.stringMatching(/^creation_rules\[0\]\.path_regex is not a pattern: ./) as string },
    ],
    ['no YAML', 'a: b: c', { fault: expect.stringMatching(/^line 1: two/) as string }],
  ])('%s', (_what, rules, expected) => {
    expect(findCreationRule(rules, 'a.yaml')).toEqual(expected);
  });
});

describe('rules', () => {
  test.each<readonly [Parameters<typeof compileRule>[0]['name'], string, string, boolean]>([
    ['unencrypted_suffix', '_plain', 'a/b_plain/c', false],
    ['unencrypted_suffix', '_plain', 'a/plain/c', true],
    ['encrypted_suffix', '_secret', 'a_secret/b', true],
    ['encrypted_suffix', '_secret', 'a/secret', false],
    ['encrypted_regex', '^(data|stringData)$', 'data/x', true],
    ['encrypted_regex', '^(data|stringData)$', 'metadata/x', false],
    ['encrypted_regex', '(?i)PASS', 'my/password', true],
    ['unencrypted_regex', '^kind$', 'kind', false],
  ])('%s %s: %s', (name, value, path, expected) => {
    const rule = compileRule({ name, value });
    if ('fault' in rule || rule.byForm) throw new Error('not a rule of paths');
    expect(rule.covers(path.split('/'))).toBe(expected);
  });

  test('hostile keys and patterns end', () => {
    const rule = compileRule({ name: 'encrypted_regex', value: '(a+)+$' });
    if ('fault' in rule || rule.byForm) throw new Error('not a rule of paths');
    expect(rule.covers([`${'a'.repeat(5000)}b`])).toBe(false);
    expect(() => rule.covers([`${'a'.repeat(20_000)}b`])).toThrow(RuleTooCostly);
  });
});

describe('data keys that are split among groups', () => {
  const secret = Uint8Array.from({ length: 32 }, (_none, index) => index * 7);
  const times = (one: number, other: number): number => {
    let product = 0;
    for (let bit = 7; bit >= 0; bit -= 1) {
      product = (product << 1) ^ ((product & 0x80) === 0 ? 0 : 0x11b);
      if (((other >> bit) & 1) === 1) product ^= one;
    }
    return product;
  };
  /** Parts of which two are enough: a line through the secret for each byte. */
  const part = (at: number): Uint8Array =>
    Uint8Array.from([...[...secret].map((byte, index) => byte ^ times((index * 31 + 5) % 256, at)), at]);

  async function wrapped(bytes: Uint8Array, recipient: string): Promise<{ recipient: string; enc: string }> {
    const encrypter = new Encrypter();
    encrypter.addRecipient(recipient);
    return { recipient, enc: armor.encode(await encrypter.encrypt(bytes)) };
  }

  test('any two parts give the secret', () => {
    for (const [one, other] of [
      [1, 2],
      [2, 3],
      [1, 3],
      [255, 7],
    ] as const)
      expect(combineParts([part(one), part(other)])).toEqual(secret);
    expect(combineParts([part(1), part(2), part(3)])).toEqual(secret);
  });

  test.each([[[part(1)]], [[part(1), part(1)]], [[part(1), part(2).slice(1)]], [[]]])(
    'parts that do not belong together',
    (parts) => {
      expect(combineParts(parts)).toBeUndefined();
    },
  );

  test('are opened when enough groups are, and otherwise say how many', async () => {
    const groups = [
      { age: [await wrapped(part(1), ann.recipient)] },
      { age: [await wrapped(part(2), bob.recipient)] },
      { hc_vault: [{ key_name: 'shop' }] },
    ];
    const block = { key_groups: groups, shamir_threshold: 2, lastmodified: '2026-01-31T12:00:00Z', mac: 'x' };
    const metadata = readMetadata(block) as Metadata;
    expect(await createDataKeys({ identities: [ann.identity, bob.identity] }).open(metadata)).toEqual({ key: secret });
    expect(await createDataKeys(annsKeys).open(metadata)).toEqual({
      fault: {
        path: ['sops'],
        message: `needs the age key of ${ann.recipient} or ${bob.recipient}, or Vault key shop, which only sops can use; the data key is split among 3 groups, of which 2 must be opened, and none of the 1 key at hand fits`,
      },
    });
  });
});

test('a data key is opened once, however many files have it', async () => {
  const encrypter = new Encrypter();
  encrypter.addRecipient(ann.recipient);
  const enc = armor.encode(await encrypter.encrypt(new Uint8Array(32)));
  const metadata = readMetadata({
    age: [{ recipient: ann.recipient, enc }],
    lastmodified: '2026-01-31T12:00:00.5+00:00',
    mac: 'x',
  }) as Metadata;
  expect(metadata.lastModified).toBe('2026-01-31T12:00:00Z');
  const keys = createDataKeys(annsKeys);
  const opened = await Promise.all(Array.from({ length: 1000 }, () => keys.open(metadata)));
  const [first] = opened;
  expect(first).toEqual({ key: new Uint8Array(32) });
  const same = opened.filter((result) => 'key' in result && first !== undefined && 'key' in first && result.key === first.key);
  expect(same.length).toBe(1000);
});

test('SSH and passphrase stanzas are named', async () => {
  const encrypter = new Encrypter();
  encrypter.addRecipient({ wrapFileKey: () => [{ args: ['ssh-ed25519', 'a', 'b'], body: new Uint8Array(32) }] });
  const enc = armor.encode(await encrypter.encrypt(new Uint8Array(32)));
  const metadata = readMetadata({
    age: [{ recipient: 'ssh-ed25519 AAAA', enc }],
    lastmodified: '2026-01-31T12:00:00Z',
    mac: 'x',
  }) as Metadata;
  expect(await createDataKeys(annsKeys).open(metadata)).toEqual({
    fault: {
      path: ['sops'],
      message:
        'needs the age key of ssh-ed25519 AAAA (the file is wrapped with "ssh-ed25519", a kind of key that cannot be used here), and none of the 1 key at hand fits',
    },
  });
});
