// What is encrypted here is read back to the same, keeps its layout, and changes in Git only where it was changed.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Document } from 'yaml';
import { parseYaml } from '../../../src/manifests/reading/yaml.ts';
import { createDataKeys } from '../../../src/manifests/sops/data-key.ts';
import { createDecrypter } from '../../../src/manifests/sops/decrypter.ts';
import { type Encrypted, encryptFile, rotateFile, sealEdited, usualRule } from '../../../src/manifests/sops/encrypt.ts';
import { decryptFile, openFile } from '../../../src/manifests/sops/file.ts';
import { generateKeyPair } from '../../../src/manifests/sops/keys.ts';
import { defaultRule, type RuleSetting } from '../../../src/manifests/sops/rule.ts';
import { fromDocument } from '../../../src/manifests/source.ts';
import { ann, annsKeys, bob, bobsKeys, bytesOf, fixture, MARKER, testWorld, textOf } from './test-keys.ts';

const usual: RuleSetting = { name: 'encrypted_regex', value: '^(data|stringData)$' };

async function encrypted(
  path: string,
  text: string | Uint8Array,
  rule = defaultRule,
  recipients = [ann.recipient],
): Promise<string> {
  const bytes = typeof text === 'string' ? bytesOf(text) : text;
  return told(await encryptFile(path, bytes, { recipients, rule }, testWorld()));
}

const told = (result: Encrypted): string =>
  'bytes' in result ? textOf(result.bytes) : result.faults.map(({ message }) => message).join('\n');

async function decrypted(path: string, text: string, keys = annsKeys): Promise<string> {
  const result = await decryptFile(path, bytesOf(text), keys);
  return 'bytes' in result ? textOf(result.bytes) : result.faults.map(({ message }) => message).join('\n');
}

/** Every encrypted value in short. */
const short = (text: string): string =>
  text
    .replace(/ENC\[AES256_GCM,data:[^,]+,iv:[^,]+,tag:[^,]+,type:(\w+)\]/g, 'E<$1>')
    .replace(/-----BEGIN[\s\S]*?-----END AGE ENCRYPTED FILE-----/g, 'AGE');

describe('layout', () => {
  test('a Secret', async () => {
    const text = `# The database.
apiVersion: v1
kind: Secret
metadata:
  name: database # its name
stringData:
  # asked for by web
  user: shop   # a role
  quoted: "a \\" b"
  empty: ''
  config: |  # lines

    [server]
    key = 1
  folded: >-
    one
    two

type: Opaque
# the end
`;
    const result = await encrypted('db.yaml', text, usual);
    expect(short(result)).toBe(`# The database.
apiVersion: v1
kind: Secret
metadata:
  name: database # its name
stringData:
  #E<comment>
  user: E<str>   #E<comment>
  quoted: E<str>
  empty: ''
  config: E<str>  #E<comment>
  folded: E<str>

type: Opaque
# the end
sops:
    age:
        - recipient: ${ann.recipient}
          enc: |
            AGE
    lastmodified: "2026-01-31T12:00:00Z"
    mac: E<str>
    encrypted_regex: ^(data|stringData)$
    version: 3.9.0
`);
    expect(await decrypted('db.yaml', result)).toBe(
      text
        .replace('|  # lines\n\n    [server]\n    key = 1\n', '"\\n[server]\\nkey = 1\\n"  # lines\n')
        .replace('>-\n    one\n    two\n', 'one two\n'),
    );
  });

  test('KYAML and JSON keep their braces', async () => {
    const kyaml = '{\n  kind: "ConfigMap", # a\n  data: {\n    x: "1",\n    m: 5,\n  },\n}\n';
    expect(short(await encrypted('a.yaml', kyaml, usual))).toMatch(
      /^\{\n {2}kind: "ConfigMap", # a\n {2}data: \{\n {4}x: "E<str>",\n {4}m: "E<int>",\n {2}\},\n {2}"sops": \{\n/,
    );
    expect(await decrypted('a.yaml', await encrypted('a.yaml', kyaml, usual))).toBe(kyaml);
    const json = '{"a": [1.5, true, null, ""], "b": {"c": "x"}}';
    expect(short(await encrypted('a.json', json))).toMatch(
      /^\{"a": \["E<float>", "E<bool>", null, ""\], "b": \{"c": "E<str>"\}, "sops": \{"age":\[/,
    );
    expect(await decrypted('a.json', await encrypted('a.json', json))).toBe(json);
  });

  test('aliases are written out, keys that are no text get quotes', async () => {
    const text = 'a: &x {p: q}\nb: *x\nc:\n  <<: *x\n  1: r\n  yes: s\nd: !!str 5\n';
    const result = await encrypted('a.yaml', text);
    expect(short(result).split('sops:')[0]).toBe(
      'a: &x {p: "E<str>"}\nb: {"p": "E<str>"}\nc:\n  <<: {"p": "E<str>"}\n  "1": E<str>\n  "true": E<str>\nd: E<str>\n',
    );
    const [document] = parseYaml(await decrypted('a.yaml', result));
    expect(document?.value).toEqual({ a: { p: 'q' }, b: { p: 'q' }, c: { p: 'q', 1: 'r', true: 's' }, d: '5' });
  });

  test('several documents have the same block', async () => {
    const result = await encrypted('a.yaml', '---\na: 1\n---\n# nothing\n---\nb: 2');
    expect(short(result).match(/^\S+:.*$/gm)).toEqual(['a: E<int>', 'sops:', 'b: E<int>', 'sops:']);
    expect(await decrypted('a.yaml', result)).toBe('---\na: 1\n---\n# nothing\n---\nb: 2\n');
  });

  test('an env file', async () => {
    const text = '# one\nA=1\n\nB="x y"\nC=a\\nb\nD=\n';
    const result = await encrypted('a.env', text);
    expect(short(result)).toMatch(/^#E<comment>\nA=E<str>\n\nB=E<str>\nC=E<str>\nD=\nsops_age__list_0__map_recipient=age1/);
    expect(await decrypted('a.env', result)).toBe(text);
  });
});

describe('refused', () => {
  test.each<readonly [string, string, string, RuleSetting, string]>([
    [
      'nothing fits',
      'a.yaml',
      'kind: ConfigMap\ndata: {}\n',
      usual,
      'nothing in it is to be encrypted: no value fits encrypted_regex "^(data|stringData)$"',
    ],
    ['nothing is there', 'a.yaml', '# empty\n', defaultRule, 'there is nothing in it to encrypt'],
    ['a list', 'a.yaml', '- a\n', defaultRule, 'line 1: the document is no map of keys and values, and SOPS encrypts only these'],
    [
      'no YAML',
      'a.yaml',
      'a: b: c\n',
      defaultRule,
      'line 1, column 4: two "key: value" in one line; put the value in quotes, or begin a new line after the first colon',
    ],
    [
      'a key twice',
      'a.yaml',
      'a: 1\na: 2\n',
      defaultRule,
      'line 2, column 1: a: the key "a" is given twice; first at line 1, column 1',
    ],
    [
      'a huge number',
      'a.yaml',
      'a: {m: 12345678901234567890123}\n',
      defaultRule,
      'a.m: SOPS does not know numbers as large as this one; put it in quotes',
    ],
    [
      'a pattern',
      'a.yaml',
      'a: 1\n',
      { name: 'encrypted_regex', value: '(?=a)' },
      'encrypted_regex is not a pattern that can be used: ',
    ],
    [
      'a comment rule',
      'a.yaml',
      'a: 1\n',
      { name: 'encrypted_comment_regex', value: 'x' },
      'files with encrypted_comment_regex can be decrypted, but not encrypted here; use encrypted_regex, or sops',
    ],
    [
      'an ini file',
      'a.ini',
      '[a]\nb = c\n',
      defaultRule,
      'INI files cannot be encrypted; keep the values in a .env or .yaml file',
    ],
    ['an env line', 'a.env', 'A=1\nexport\n', defaultRule, 'line 2 has no "="; write KEY=value, or # before a comment'],
    ['a kept prefix', 'a.env', 'sops_x=1\n', defaultRule, 'keys that begin with "sops_" are kept for SOPS itself; rename them'],
    [
      'a block',
      'a.yaml',
      'a: 1\nsops: {enabled: true}\n',
      defaultRule,
      'it has a "sops" block already; use "holdfast secrets edit" or "rotate" to change it',
    ],
    [
      'encrypted already',
      'everything.yaml',
      '',
      defaultRule,
      'the file is encrypted already; use "holdfast secrets edit" or "rotate" to change it',
    ],
  ])('%s', async (_what, path, text, rule, message) => {
    const result = await encrypted(path, text === '' ? fixture(path) : text, rule);
    expect(message.endsWith(': ') ? result.slice(0, message.length) : result).toBe(message);
  });

  test.each<readonly [string[], string]>([
    [[], 'no recipient was given; name one with --age, or in .sops.yaml'],
    [['age1nonsense'], 'age1nonsense is not an age recipient; one begins with age1 and is printed by "holdfast secrets keygen"'],
    [[bob.identity], 'a secret key was given where its recipient (age1…) belongs'],
    [['ssh-ed25519 AAAA'], 'ssh-ed25519 AAAA: SSH keys are not supported; give an age recipient (age1…)'],
    [['age1yubikey1qwt'], 'age1yubikey1qwt: recipients of age plugins are not supported; give an age recipient (age1…)'],
  ])('recipients %j', async (recipients, message) => {
    expect(await encrypted('a.yaml', 'a: 1\n', defaultRule, recipients)).toBe(message);
  });
});

test.each<readonly [string, string, RuleSetting]>([
  ['a.yaml', 'apiVersion: v1\nkind: Secret\n', usual],
  ['a.yaml', 'apiVersion: v1\nkind: Secret\n---\nx: 1\n', defaultRule],
  ['values.yaml', 'x: 1\n', defaultRule],
  ['a.env', 'kind=x\n', defaultRule],
])('the rule when none is given: %s', (path, text, rule) => {
  expect(usualRule(path, bytesOf(text))).toEqual(rule);
});

describe('recipients', () => {
  test('each of several opens the file, with a post-quantum key as well', async () => {
    const { identity, recipient } = await generateKeyPair();
    const result = await encrypted('a.yaml', 'a: x\n', defaultRule, [ann.recipient, bob.recipient, recipient]);
    for (const keys of [annsKeys, bobsKeys, { identities: [identity] }, { identities: [bob.identity, identity] }])
      expect(await decrypted('a.yaml', result, keys)).toBe('a: x\n');
  });

  test('rotate: a new data key, one recipient more, one less', async () => {
    const before = await encrypted('a.env', 'A=x\nB=y\n');
    const keys = createDataKeys(annsKeys);
    const change = { add: [bob.recipient], remove: [ann.recipient] };
    const after = told(await rotateFile('a.env', bytesOf(before), keys, change, testWorld(1)));
    expect(await decrypted('a.env', after, bobsKeys)).toBe('A=x\nB=y\n');
    expect(await decrypted('a.env', after)).toContain(`needs the age key of ${bob.recipient}`);
    expect(after.split('\n').filter((line) => before.includes(line) && line.includes('ENC['))).toEqual([]);
  });

  test.each<readonly [string, { add: string[]; remove: string[] }, string]>([
    ['nobody would be left', { add: [], remove: [ann.recipient] }, 'nobody could decrypt it any more; keep or add a recipient'],
    [
      'nobody of that name',
      { add: [], remove: [bob.recipient] },
      `${bob.recipient} is not among its recipients: ${ann.recipient}`,
    ],
  ])('rotate: %s', async (_what, change, message) => {
    expect(told(await rotateFile('secret.yaml', fixture('secret.yaml'), createDataKeys(annsKeys), change, testWorld()))).toBe(
      message,
    );
  });

  test('rotate: keys of other programs would be lost', async () => {
    const text = textOf(fixture('secret.yaml')).replace(
      '    age:\n',
      '    pgp:\n        - fp: ABCD\n          enc: x\n    age:\n',
    );
    expect(told(await rotateFile('a.yaml', bytesOf(text), createDataKeys(annsKeys), { add: [], remove: [] }, testWorld()))).toBe(
      'it is encrypted for PGP key ABCD as well, for which Holdfast cannot encrypt; rotate it with sops',
    );
  });
});

describe('editing', () => {
  async function edited(path: string, encryptedBytes: Uint8Array, change: (text: string) => string): Promise<readonly string[]> {
    const opened = await openFile(path, encryptedBytes, createDataKeys(annsKeys));
    if ('faults' in opened) throw new Error(JSON.stringify(opened.faults));
    const result = await sealEdited(path, bytesOf(change(textOf(opened.bytes))), opened, testWorld(2));
    if ('faults' in result) return result.faults.map(({ message }) => message);
    const before = new Set(textOf(encryptedBytes).split('\n'));
    return textOf(result.bytes)
      .split('\n')
      .filter((line) => !before.has(line))
      .map((line) => line.replace(/(ENC\[|"20).*/, '$1'));
  }

  const renewed = ['    lastmodified: "20', '    mac: ENC['];

  test.each<readonly [string, string, (text: string) => string, readonly string[]]>([
    ['nothing', 'secret.yaml', (text) => text, renewed],
    ['a value', 'secret.yaml', (text) => text.replace('user: shop', 'user: ann'), ['    user: ENC[', ...renewed]],
    ['a line of a text', 'secret.yaml', (text) => text.replace('[server]', '[client]'), ['    config.ini: ENC[', ...renewed]],
    ['a new key', 'secret.yaml', (text) => text.replace('    port:', '    host: db\n    port:'), ['    host: ENC[', ...renewed]],
    ['a comment', 'secret.yaml', (text) => text.replace('rotate yearly', 'rotate'), ['    password: ENC[', ...renewed]],
    ['plain text', 'secret.yaml', (text) => text.replace('name: database', 'name: db'), ['    name: db', ...renewed]],
    [
      'one of several documents',
      'several.yaml',
      (text) => text.replace('second: 1', 'second: 2'),
      [...renewed, 'second: ENC[', ...renewed],
    ],
    [
      'an env file',
      'plain.env',
      (text) => text.replace('B=one', 'B=two'),
      ['B=ENC[', 'sops_lastmodified=2026-01-31T12:00:00Z', 'sops_mac=ENC['],
    ],
    [
      'JSON',
      'settings.json',
      (text) => text.replace('true', 'false'),
      ['\t\t\t"ENC[', '\t\t"lastmodified": "20', '\t\t"mac": "ENC['],
    ],
    ['any file', 'binary', () => 'other', ['\t"data": "ENC[', '\t\t"lastmodified": "20', '\t\t"mac": "ENC[']],
    ['no YAML any more', 'secret.yaml', (text) => `${text}user: [`, ['line 19, column 8: ']],
  ])('%s', async (_what, name, change, lines) => {
    const changed = await edited(name, fixture(name), change);
    expect(
      changed.map((line, index) => (lines[index]?.endsWith(': ') === true ? line.slice(0, lines[index].length) : line)),
    ).toEqual(lines);
  });
});

describe('encrypt, then decrypt', () => {
  const scalar = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.string({
      unit: fc.constantFrom(' ', '\n', '\t', '#', ':', '-', "'", '"', 'a', '|', '\u00e9', '\u{1f600}', '\u2028', '\u0085', '\r'),
    }),
    fc.constantFrom(
      '0644',
      'yes',
      '~',
      '2001-12-14',
      '1e3',
      '- x',
      '<<',
      'ENC[x]',
      '12:30:45',
      '---',
      '...',
      '--- a',
      'true',
      '',
    ),
    fc.integer(),
    fc.maxSafeInteger(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.constant(null),
  );
  const name = fc.oneof(
    fc.string({ minLength: 1, maxLength: 6 }),
    fc.constantFrom('data', 'a b', '1', '0', 'y', '<<', 'x_unencrypted', 'sopsy', 'null'),
  );
  const tree = fc.letrec((tie) => ({
    value: fc.oneof({ depthSize: 'small' }, scalar, fc.array(tie('value'), { maxLength: 4 }), tie('map')),
    map: fc.dictionary(
      name.filter((key) => key !== 'sops'),
      tie('value'),
      { maxKeys: 5, noNullPrototype: true },
    ),
  })).map;
  const rules = fc.constantFrom<RuleSetting>(
    defaultRule,
    { name: 'encrypted_regex', value: '^(data|1|<<)$' },
    { name: 'unencrypted_regex', value: 'a' },
    { name: 'encrypted_suffix', value: 'a' },
  );

  test('is the identity for every tree, in YAML and JSON, and no value that is encrypted can be seen', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(tree, { minLength: 1, maxLength: 2 }), rules, fc.boolean(), async (maps, rule, isJson) => {
        const documents = maps.slice(0, isJson ? 1 : 2).map((map) => ({ ...(map as object), secret: MARKER, data: MARKER }));
        const text = isJson
          ? JSON.stringify(documents[0], null, 2)
          : documents.map((map) => new Document(map, { version: '1.1' }).toString({ lineWidth: 0 })).join('---\n');
        const plain = parseYaml(text);
        fc.pre(plain.every(({ faults }) => faults.length === 0));
        const path = isJson ? 'a.json' : 'a.yaml';
        const result = await encrypted(path, text, rule);
        // Numbers that SOPS does not have, and what looks like an encrypted value, are refused with a reason.
        fc.pre(!/SOPS does not know numbers|encrypted already/.test(result));
        expect(rule === defaultRule && result.includes(MARKER)).toBe(false);
        const values: unknown[] = [];
        for (const document of parseYaml(result)) {
          const opened = await createDecrypter(annsKeys).decryptDocument(fromDocument(document, path));
          values.push('object' in opened ? opened.object.value : opened.problem.message);
        }
        expect(values).toEqual(plain.map(({ value }) => value));
        const printed = parseYaml(await decrypted(path, result));
        expect(printed.map(({ value }) => value)).toEqual(plain.map(({ value }) => value));
      }),
      { numRuns: 150 },
    );
  });

  test('is the identity for env files and for bytes', async () => {
    const line = fc.tuple(
      fc.string({ minLength: 1, maxLength: 5 }).filter((key) => !/[=#\n]|^sops_/.test(key)),
      fc.string({ unit: 'grapheme' }).filter((value) => !value.includes('\n')),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 5 }), fc.uint8Array({ minLength: 1 }), async (lines, bytes) => {
        const env = `A=${MARKER}\n${lines.map(([key, value]) => `${key}=${value}\n`).join('')}`;
        expect(await decrypted('a.env', await encrypted('a.env', env))).toBe(env);
        const result = await encryptFile('a.bin', bytes, { recipients: [ann.recipient], rule: defaultRule }, testWorld());
        if ('faults' in result) throw new Error(JSON.stringify(result.faults));
        const opened = await decryptFile('a.bin', result.bytes, annsKeys);
        expect('bytes' in opened && Buffer.from(opened.bytes).equals(Buffer.from(bytes))).toBe(true);
      }),
      { numRuns: 60 },
    );
  });
});
