// Nobody changes an encrypted file without the key: whatever byte is changed, it is refused, or it means what it meant before.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createManifestLoader } from '../../../src/manifests/loader.ts';
import { formatProblem } from '../../../src/manifests/problem.ts';
import { parseYaml } from '../../../src/manifests/reading/yaml.ts';
import { createDecrypter } from '../../../src/manifests/sops/decrypter.ts';
import { encryptFile } from '../../../src/manifests/sops/encrypt.ts';
import { fromDocument } from '../../../src/manifests/source.ts';
import { memorySnapshot } from '../../support/memory-snapshot.ts';
import { ann, annsKeys, bytesOf, fixture, MARKER, testWorld, textOf } from './test-keys.ts';

const decrypter = createDecrypter(annsKeys);

async function sealedText(path: string, text: string): Promise<string> {
  const rule = { name: 'encrypted_regex', value: '^(data|stringData)$' } as const;
  const result = await encryptFile(path, bytesOf(text), { recipients: [ann.recipient], rule }, testWorld());
  if ('faults' in result) throw new Error(JSON.stringify(result.faults));
  return textOf(result.bytes);
}

function flipped(bytes: Uint8Array, at: number, bit: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ (1 << bit);
  return copy;
}

/** What comes out of a file: its bytes, or one problem. */
async function outcome(path: string, bytes: Uint8Array): Promise<string> {
  // What passes for a plain file is used as it is.
  if (!decrypter.isEncryptedFile(path, bytes)) return Buffer.from(bytes).toString('latin1');
  const result = await decrypter.decryptFile(path, bytes);
  return 'bytes' in result ? Buffer.from(result.bytes).toString('latin1') : `refused: ${formatProblem(result.problem)}`;
}

/** The values of a file, whatever they are called and however they are laid out, and whether they are text. */
async function values(path: string, bytes: Uint8Array): Promise<string> {
  const found: string[] = [];
  for (const document of parseYaml(Buffer.from(bytes).toString('utf8'))) {
    if (document.faults.length > 0 || !decrypter.isEncryptedDocument(document.value)) return 'refused';
    const result = await decrypter.decryptDocument(fromDocument(document, path));
    if ('problem' in result) return 'refused';
    found.push(JSON.stringify(result.object.value));
  }
  return found.join('\n');
}

// SOPS binds values to their keys. Keys without an encrypted value, and what is empty, are not covered by it, and not in these files.
describe('every byte of a file', () => {
  test.each(['plain.env', 'binary'])('%s: refused, or the same', async (name) => {
    const bytes = fixture(name);
    const before = await outcome(name, bytes);
    const wrong: string[] = [];
    for (let at = 0; at < bytes.length; at += 1) {
      const after = await outcome(name, flipped(bytes, at, at % 7));
      if (!after.startsWith('refused: ') && after !== before) wrong.push(`${at}: ${JSON.stringify(after)}`);
    }
    expect(wrong).toEqual([]);
  });

  test('YAML as a file: refused, or the same values and comments', async () => {
    const bytes = fixture('everything.yaml');
    const read = (text: string): string => JSON.stringify([parseYaml(text).map(({ value }) => value), text.match(/#.*/g)]);
    const before = read(await outcome('a.yaml', bytes));
    const wrong: string[] = [];
    for (let at = 0; at < bytes.length; at += 1) {
      const after = await outcome('a.yaml', flipped(bytes, at, at % 7));
      if (!after.startsWith('refused: ') && read(after) !== before) wrong.push(`${at}: ${JSON.stringify(after)}`);
    }
    expect(wrong).toEqual([]);
  });

  test('a document: refused, or the same values', async () => {
    const bytes = fixture('everything.yaml');
    const before = await values('a.yaml', bytes);
    const wrong: string[] = [];
    for (let at = 0; at < bytes.length; at += 1) {
      const after = await values('a.yaml', flipped(bytes, at, (at + 3) % 8));
      if (after !== 'refused' && after !== before) wrong.push(`${at}: ${after}`);
    }
    expect(wrong).toEqual([]);
  });

  test('a Secret: refused by decryption or by its schema, or the same Secret', async () => {
    const text = `apiVersion: v1\nkind: Secret\nmetadata: {name: db}\nstringData:\n  user: shop\n  password: ${MARKER}\n`;
    const bytes = bytesOf(await sealedText('db.yaml', text));
    const load = async (changed: Uint8Array): Promise<string> => {
      const { manifests, problems } = await createManifestLoader({ decrypter }).load(
        memorySnapshot({ 'db.yaml': textOf(changed) }),
      );
      if (problems.some(({ severity }) => severity === 'error')) return 'refused';
      return JSON.stringify(manifests.map(({ resource }) => resource));
    };
    const before = await load(bytes);
    expect(before).toContain(Buffer.from(MARKER).toString('base64'));
    const wrong: string[] = [];
    for (let at = 0; at < bytes.length; at += 1) {
      const after = await load(flipped(bytes, at, (at + 5) % 7));
      if (after !== 'refused' && after !== before) wrong.push(`${at}: ${after}`);
    }
    expect(wrong).toEqual([]);
  });
});

describe('no message shows a secret', () => {
  const names = ['secret.yaml', 'several.yaml', 'everything.yaml', 'settings.json', 'plain.env', 'binary'];
  const secretParts = [MARKER, 'marker', ann.identity, ann.identity.slice(15, 40)];

  test('whatever is done to a file', async () => {
    const change = fc.record({
      name: fc.constantFrom(...names),
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      remove: fc.nat({ max: 60 }),
      insert: fc.oneof(
        fc.string({ maxLength: 5 }),
        fc.constantFrom(
          '\n',
          ': ',
          'sops:\n  mac: x\n',
          'ENC[',
          ']',
          '- ',
          '"',
          ', type:int]',
          'type:int',
          'type:bool',
          '&a ',
          '*a',
          '!!int ',
        ),
      ),
      from: fc.double({ min: 0, max: 1, noNaN: true }),
      copied: fc.nat({ max: 300 }),
    });
    await fc.assert(
      fc.asyncProperty(change, async ({ name, at, remove, insert, from, copied }) => {
        const text = textOf(fixture(name));
        const place = Math.floor(at * text.length);
        const source = Math.floor(from * text.length);
        const changed = text.slice(0, place) + insert + text.slice(source, source + copied) + text.slice(place + remove);
        const bytes = bytesOf(changed);
        const told: string[] = [];
        if (decrypter.isEncryptedFile(name, bytes)) {
          const result = await decrypter.decryptFile(name, bytes);
          if ('problem' in result) told.push(formatProblem(result.problem));
        }
        for (const document of parseYaml(changed)) {
          told.push(...document.faults.map(({ message }) => message));
          if (document.faults.length > 0 || !decrypter.isEncryptedDocument(document.value)) continue;
          const result = await decrypter.decryptDocument(fromDocument(document, name));
          if ('problem' in result) told.push(formatProblem(result.problem));
        }
        for (const message of told) {
          for (const part of secretParts) expect(message).not.toContain(part);
          expect(message).not.toContain('\n');
        }
      }),
      { numRuns: 300 },
    );
  });

  test('a value that says it is of another type', async () => {
    const text = textOf(fixture('secret.yaml')).replaceAll('type:str]', 'type:int]');
    const [document] = parseYaml(text);
    if (document === undefined) throw new Error('no document');
    const result = await decrypter.decryptDocument(fromDocument(document, 'a.yaml'));
    if (!('problem' in result)) throw new Error('it was not refused');
    expect(formatProblem(result.problem)).toBe(
      'a.yaml:9:5 stringData.user: the encrypted value says that it is a whole number, but it is not (and 4 more like it)',
    );
  });
});
