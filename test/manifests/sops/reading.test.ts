// Files that SOPS itself encrypted are read; whatever was done to them since is a problem that shows no secret.
import { describe, expect, test } from 'vitest';
import { parseYaml } from '../../../src/manifests/reading/yaml.ts';
import type { Decrypter } from '../../../src/manifests/rendering.ts';
import { createDecrypter } from '../../../src/manifests/sops/decrypter.ts';
import { decryptDocument, isEncryptedDocument } from '../../../src/manifests/sops/document.ts';
import { decryptFile, isEncryptedFile } from '../../../src/manifests/sops/file.ts';
import { fromDocument, type SourceObject } from '../../../src/manifests/source.ts';
import { ann, annsKeys, bobsKeys, bytesOf, fixture, MARKER, noKeys, textOf } from './test-keys.ts';

const sources = (text: string): SourceObject[] => parseYaml(text).map((document) => fromDocument(document, 'a.yaml'));

async function decrypted(text: string, decrypter: Decrypter = createDecrypter(annsKeys)): Promise<unknown[]> {
  const results = await Promise.all(sources(text).map((source) => decrypter.decryptDocument(source)));
  return results.map((result) =>
    'object' in result
      ? result.object.value
      : `${result.problem.file}:${result.problem.line}:${result.problem.column} ${result.problem.field}: ${result.problem.message}`,
  );
}

async function fileText(name: string, keys = annsKeys): Promise<string> {
  const result = await decryptFile(name, fixture(name), keys);
  return 'bytes' in result ? textOf(result.bytes) : result.faults.map(({ message }) => message).join('\n');
}

describe('documents', () => {
  test('a Secret keeps its shape, its types and its order', async () => {
    const [value] = await decrypted(textOf(fixture('secret.yaml')));
    expect(value).toEqual({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'database' },
      type: 'Opaque',
      stringData: {
        user: 'shop',
        password: MARKER,
        port: 5432,
        isReadOnly: true,
        rate: 0.25,
        '9': 'nine',
        '10': 'ten',
        'config.ini': `[server]\nkey = ${MARKER}\n`,
      },
    });
  });

  test('places stay those of the encrypted file', async () => {
    const [source] = sources(textOf(fixture('secret.yaml')));
    if (source === undefined) throw new Error('no document');
    const result = await createDecrypter(annsKeys).decryptDocument(source);
    if (!('object' in result)) throw new Error(result.problem.message);
    expect(result.object.locate(['stringData', 'password'])).toEqual({ file: 'a.yaml', line: 10, column: 5 });
    expect([result.object.sourceAt(['stringData', 'password']), result.object.sourceAt(['kind'])]).toEqual([undefined, 'Secret']);
  });

  test('several documents with one checksum are decrypted together, whichever is asked for', async () => {
    const text = textOf(fixture('several.yaml'));
    const all = [
      { date: '2001-12-14T00:00:00Z', answer: 'yes', mode: 420, half: 1.5, text: MARKER, list: ['a', MARKER] },
      { second: 1, nothing: null },
    ];
    expect(await decrypted(text)).toEqual(all);
    const [, second] = sources(text);
    if (second === undefined) throw new Error('no second document');
    expect(await decryptDocument(second, annsKeys)).toEqual({ value: all[1] });
  });

  test('a comment that SOPS keeps as an item of a list is none', async () => {
    expect(await decrypted(textOf(fixture('list-comment.yaml')))).toEqual([{ list: ['a', 'b'] }]);
  });

  test.each(['encrypted_comment_regex', 'unencrypted_comment_regex'])('%s is honoured', async (name) => {
    const value = { a: MARKER, b: 'PLAINTEXT-other', c: 420 };
    expect(await decrypted(textOf(fixture(`${name}.yaml`)))).toEqual([value]);
  });

  test('JSON, and a checksum of encrypted values alone', async () => {
    const [value] = await decrypted(textOf(fixture('settings.json')));
    expect(value).toEqual({ a: { b: [1, true, null, MARKER] }, c: 12345678901234568 });
    const changed = textOf(fixture('settings.json')).replace('12345678901234567', '5');
    expect(await decrypted(changed)).toEqual([{ a: { b: [1, true, null, MARKER] }, c: 5 }]);
  });

  test('a document without a text, as a renderer hands it on', async () => {
    const [source] = sources(textOf(fixture('settings.json')));
    if (source === undefined) throw new Error('no document');
    const { written: _written, ...bare } = source;
    expect(await decryptDocument(bare, annsKeys)).toEqual({ value: { a: { b: [1, true, null, MARKER] }, c: 12345678901234568 } });
  });

  test.each<readonly [string, unknown, boolean]>([
    ['a block', { sops: { mac: 'x' }, a: 1 }, true],
    ['a map that is only called sops', { sops: { enabled: true } }, false],
    ['an encrypted value that has lost its block', { a: ['ENC[AES256_GCM,data:QQ==,iv:QQ==,tag:QQ==,type:str]'] }, true],
    ['text about such values', { a: 'it looks like ENC[AES256_GCM,data:QQ==,iv:QQ==,tag:QQ==,type:str]' }, false],
    ['no map', ['sops'], false],
  ])('is it encrypted: %s', (_what, value, expected) => {
    expect(isEncryptedDocument(value)).toBe(expected);
  });
});

describe('files', () => {
  test('YAML keeps its layout and its comments', async () => {
    expect(await fileText('secret.yaml')).toBe(
      `# The database of the shop.
apiVersion: v1
kind: Secret
metadata:
    name: database
type: Opaque
stringData:
    # Asked for by the web server.
    user: shop
    password: ${MARKER} # rotate yearly
    port: 5432
    isReadOnly: true
    rate: 0.25
    "10": ten
    "9": nine
    config.ini: |
        [server]
        key = ${MARKER}
`,
    );
  });

  test.each<readonly [string, string]>([
    ['everything.yaml', `all: ${MARKER}\nbelow:\n    # ${MARKER}\n    x:\n        - 1\n        - two\n`],
    ['suffix.yaml', `a: ${MARKER}\nplain_unencrypted:\n    seen:\n        - by\n        - all\n`],
    ['plain.env', `# ${MARKER}\nA=${MARKER}\nB=one\\ntwo\n`],
    ['list-comment.yaml', `list:\n    # ${MARKER}\n    - a\n    - b\n`],
    [
      'settings.json',
      `{\n\t"a": {\n\t\t"b": [\n\t\t\t1,\n\t\t\ttrue,\n\t\t\tnull,\n\t\t\t"${MARKER}"\n\t\t]\n\t},\n\t"c": 12345678901234567\n}\n`,
    ],
  ])('%s', async (name, expected) => {
    expect(isEncryptedFile(name, fixture(name))).toBe(true);
    expect(await fileText(name)).toBe(expected);
  });

  test('other files come back byte by byte', async () => {
    const result = await decryptFile('ca.p12', fixture('binary'), annsKeys);
    expect(result).toEqual({ bytes: Buffer.concat([Buffer.from(MARKER), Buffer.from([0, 255])]) });
  });

  test.each<readonly [string, string, boolean]>([
    ['a.yaml', 'a: 1\n', false],
    ['notes.md', 'Values look like ENC[AES256_GCM,data:…] and sit beside "sops:".\n', false],
    ['a.env', 'A=ENC[AES256_GCM,data:QQ==,iv:QQ==,tag:QQ==,type:str]\n', true],
    ['broken.yaml', 'a: ENC[AES256_GCM,data:QQ==\nb: [\nsops:\n  mac: x\n', true],
    ['ca.p12', '{"data": "ENC[AES256_GCM,data:QQ==,iv:QQ==,tag:QQ==,type:str]", "sopt": {}}', true],
    ['a.ini', '[a]\nb = ENC[AES256_GCM,data:QQ==,iv:QQ==,tag:QQ==,type:str]\n[sops]\nmac = x\n', true],
  ])('is it encrypted: %s', (path, text, expected) => {
    expect(isEncryptedFile(path, bytesOf(text))).toBe(expected);
  });

  test.each<readonly [string, string, string]>([
    [
      'a.ini',
      '[a]\nb = ENC[AES256_GCM,x]\n[sops]\nmac = x\n',
      'INI files encrypted with SOPS are not supported; keep the values in a .env or .yaml file',
    ],
    ['a.env', 'A=ENC[AES256_GCM,x]\n', 'the "sops_" lines that say how to decrypt the file are missing'],
    ['a.yaml', 'a: 1\n', 'the file is not encrypted with SOPS'],
  ])('refused: %s', async (path, text, message) => {
    expect(await decryptFile(path, bytesOf(text), annsKeys)).toEqual({ faults: [{ path: [], message }] });
  });
});

describe('what is wrong is said in one line', () => {
  const secret = textOf(fixture('secret.yaml'));
  const changed =
    'the encrypted value was changed, moved or put under another key since it was encrypted; undo that, and change values with "holdfast secrets edit"';
  const checksum =
    'the checksum does not fit: something was added, removed or changed without the keys since the file was encrypted; undo that, and make changes with "holdfast secrets edit"';
  const damaged = 'the wrapped data key is damaged or was changed; restore the file from Git';

  test.each<readonly [string, (text: string) => string, string]>([
    ['a key is renamed', (text) => text.replace('user:', 'username:'), `a.yaml:9:5 stringData.username: ${changed}`],
    [
      'a value is replaced by plain text',
      (text) => text.replace(/user: \S+/, 'user: me'),
      'a.yaml:9:5 stringData.user: the value is not encrypted, but the rule of this file says that it is; restore it, or set it with "holdfast secrets edit"',
    ],
    ['a value is removed', (text) => text.replace(/ {4}user: .*\n/, ''), `a.yaml:28:5 sops.mac: ${checksum}`],
    ['plain text is changed', (text) => text.replace('name: database', 'name: databases'), `a.yaml:29:5 sops.mac: ${checksum}`],
    [
      'the time is changed',
      (text) => text.replace(/lastmodified: "2026/, 'lastmodified: "2027'),
      `a.yaml:29:5 sops.mac: ${checksum}`,
    ],
    [
      'the checksum is missing',
      (text) => text.replace(/ {4}mac: .*\n/, ''),
      'a.yaml:17:1 sops.mac: the checksum is missing; the file is not complete',
    ],
    ['the wrapped key is damaged', (text) => text.replace('YWdlLWVu', 'YWdlLWVv'), `a.yaml:18:5 sops.age: ${damaged}`],
    [
      'two rules',
      (text) => `${text.trimEnd()}\n    encrypted_suffix: _secret\n`,
      'a.yaml:17:1 sops: only one of encrypted_suffix, encrypted_regex can hold for a file',
    ],
    [
      'a pattern that is none',
      (text) => text.replace('^(data|stringData)$', '"(data"'),
      'a.yaml:30:5 sops.encrypted_regex: encrypted_regex is not a pattern that can be used: ',
    ],
  ])('%s', async (_what, change, message) => {
    const [told] = await decrypted(change(secret));
    // What is wrong with the pattern is told behind the colon.
    expect(message.endsWith(': ') ? String(told).slice(0, message.length) : told).toBe(message);
  });

  test.each<readonly [string, Decrypter, string]>([
    [
      'no key at all',
      createDecrypter({ ...noKeys, searched: ['SOPS_AGE_KEY_FILE', '/home/ann/keys.txt'] }),
      `needs the age key of ${ann.recipient}, and there is none (looked in SOPS_AGE_KEY_FILE, /home/ann/keys.txt): give --age-key-file FILE or set SOPS_AGE_KEY_FILE`,
    ],
    ['another key', createDecrypter(bobsKeys), `needs the age key of ${ann.recipient}, and none of the 1 key at hand fits`],
  ])('%s', async (_what, decrypter, message) => {
    expect(await decrypted(secret, decrypter)).toEqual([`a.yaml:17:1 sops: ${message}`]);
  });

  test.each<readonly [string, string, string]>([
    [
      'pgp',
      '    pgp:\n        - fp: 85D77543B3D624B63CEA9E6DBC17301B491B3F21\n          enc: x\n',
      'PGP key 85D77543B3D624B63CEA9E6DBC17301B491B3F21',
    ],
    ['kms', '    kms:\n        - arn: arn:aws:kms:eu-1:1:key/a\n          enc: x\n', 'AWS KMS key arn:aws:kms:eu-1:1:key/a'],
    ['hc_vault', '    hc_vault:\n        - key_name: shop\n          enc: x\n', 'Vault key shop'],
  ])('only other programs have the key: %s', async (_field, block, name) => {
    const other = secret.replace(/ {4}age:\n[\s\S]*?(?= {4}lastmodified)/, block);
    const message = `encrypted for ${name} only, and Holdfast opens files with age keys; add an age recipient with "sops rotate --add-age"`;
    expect(await decrypted(other)).toEqual([`a.yaml:17:1 sops: ${message}`]);
    // One age key suffices, whatever else there is.
    const both = secret.replace('    age:\n', `${block}    age:\n`);
    expect((await decrypted(both))[0]).toMatchObject({ kind: 'Secret' });
    const need = `needs the age key of ${ann.recipient}, or ${name}, which only sops can use, and none of the 1 key at hand fits`;
    expect(await decrypted(both, createDecrypter(bobsKeys))).toEqual([`a.yaml:17:1 sops: ${need}`]);
  });

  test('one document of several, and the others with it', async () => {
    const text = textOf(fixture('several.yaml')).replace(/second: \S+/, 'second: 2');
    expect(await decrypted(text)).toEqual([
      'a.yaml:9:1 sops: a document that was encrypted together with this one cannot be decrypted',
      'a.yaml:25:1 second: the value is not encrypted, but the rule of this file says that it is; restore it, or set it with "holdfast secrets edit"',
    ]);
  });

  test('many changed values are one problem', async () => {
    const text = secret.replace('stringData:', 'data:');
    const [told] = await decrypted(text);
    expect(told).toBe(`a.yaml:9:5 data.user: ${changed} (and 7 more like it)`);
  });

  test('an encrypted comment that was changed is seen where comments are shown', async () => {
    const text = secret.replace(/#ENC\[AES256_GCM,data:../, '#ENC[AES256_GCM,data:AA');
    const message = 'line 8: the encrypted comment was changed or moved; remove it, or restore it from Git';
    expect(await decryptFile('a.yaml', bytesOf(text), annsKeys)).toEqual({ faults: [{ path: [], message }] });
  });
});
