// Texts that nobody means well with: every one ends as objects or as problems, and neither is much larger than the text.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { admitObjects } from '../../../src/manifests/object.ts';
import { readManifestFile } from '../../../src/manifests/reading/file.ts';
import { MAX_ALIASED_NODES } from '../../../src/manifests/reading/plain.ts';

const real = [
  'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  labels: {app: web}\ndata:\n  a: |\n    text\n      more\n  b: "x\\ty"\n  c: >-\n    folded\n    text\n',
  'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  replicas: 2\n  selector: &labels\n    matchLabels: {app: web}\n  template:\n    metadata:\n      labels: {app: web}\n    spec:\n      containers:\n      - name: web # the server\n        image: "web:1"\n        ports:\n        - {containerPort: 80, name: http}\n',
  '# a\n---\n{\n  apiVersion: "v1", kind: "List",\n  items: [{apiVersion: "v1", kind: "Namespace", metadata: {name: "shop",},},],\n}\n...\n---\nbase: &base\n  a: 1\n<<: *base\n',
  '{"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "stringData": {"a": "\\u0041"}}\r\n',
];
const pieces = [
  '\n',
  ' ',
  '  ',
  '\t',
  '\r\n',
  ':',
  ': ',
  '- ',
  '? ',
  '#',
  ' #',
  '&a ',
  '*a',
  '<<: ',
  '!',
  '!!int ',
  '!!binary ',
  '|',
  '>',
  '|2-\n',
  '"',
  "'",
  '{',
  '}',
  '[',
  ']',
  ',',
  '---\n',
  '...\n',
  '%YAML 1.1\n',
  '\u0000',
  '\u0085',
  '\u2028',
  '\ufeff',
  '\ud800',
  '0644',
  'yes',
  '.inf',
  '1e999',
  '${A}',
  '{{ x }}',
  'ENC[',
  'sops: {mac: x}\n',
  '__proto__: ',
  'constructor: ',
  'kind: List\n',
  'items:\n',
  'apiVersion: v1\n',
  '<<<<<<< a\n',
];

const nodes = (value: unknown): number =>
  typeof value === 'object' && value !== null ? Object.values(value).reduce<number>((sum, entry) => sum + nodes(entry), 1) : 1;

/** Reads and admits, and holds what came of it against the size of the text. */
function judge(bytes: Uint8Array, path = 'a.yaml'): void {
  const { objects, problems, release } = readManifestFile(path, bytes);
  const size = objects.reduce((sum, { value }) => sum + nodes(value), 0);
  expect(size).toBeLessThanOrEqual(bytes.byteLength + MAX_ALIASED_NODES + 1);
  const admission = admitObjects(objects);
  const told = [...problems, ...admission.problems, ...admission.foreign.flatMap((each) => each.problems)];
  expect(told.length).toBeLessThanOrEqual(5 * bytes.byteLength + 5);
  for (const { line, column } of told) expect([line >= 0, column >= 0]).toEqual([true, true]);
  release();
  // A place that is asked for later is the same place.
  for (const manifest of admission.manifests) expect(manifest.locate?.([]).line).toBe(manifest.line);
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

test('real texts that were changed anywhere', () => {
  const edit = fc.tuple(fc.nat(600), fc.nat(20), fc.constantFrom(...pieces));
  fc.assert(
    fc.property(fc.constantFrom(...real), fc.array(edit, { minLength: 1, maxLength: 6 }), (text, edits) => {
      judge(encode(edits.reduce((before, [at, cut, piece]) => before.slice(0, at) + piece + before.slice(at + cut), text)));
    }),
    { numRuns: 2000 },
  );
});

test('real texts with changed bytes', () => {
  fc.assert(
    fc.property(fc.constantFrom(...real), fc.array(fc.tuple(fc.nat(600), fc.nat(255)), { maxLength: 5 }), (text, changes) => {
      const bytes = encode(text);
      for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
      judge(bytes, 'a.json');
      judge(bytes);
    }),
    { numRuns: 500 },
  );
});

test('pieces of YAML in any order', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: 'binary', maxLength: 4 })), { maxLength: 60 }),
      (parts) => {
        judge(encode(parts.join('')));
      },
    ),
    { numRuns: 1000 },
  );
});

describe('much of one thing', () => {
  const many = 20_000;
  const map = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n';
  const pod = 'apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n';
  test.each<[string, string]>([
    ...pieces.map((piece): [string, string] => [JSON.stringify(piece), piece.repeat(many / 4)]),
    ['documents that expand aliases', `a: &a [${'x,'.repeat(99)}]\nb: [${'*a,'.repeat(99)}]\n---\n`.repeat(300)],
    ['unknown fields', map + Array.from({ length: many }, (_, index) => `k${index}: v\n`).join('')],
    ['misspelt items', pod + '  - {nme: x}\n'.repeat(many / 4)],
    ['items without anything', pod + '  - {}\n'.repeat(many / 4)],
    [
      'wrong labels',
      `${map.replace('}', ', labels: {')}${Array.from({ length: many / 4 }, (_, index) => `-${index}: x`).join(', ')}}}\n`,
    ],
    ['keys that are given twice', 'a: 1\n'.repeat(many)],
    ['placeholders without an end', `${map}data: {a: "${'${A'.repeat(many)}", b: 5}\n`],
    ['a deep List', '{apiVersion: v1, kind: List, items: ['.repeat(1000)],
    ['a List of many', `apiVersion: v1\nkind: List\nitems:\n${'- {apiVersion: v1, kind: ConfigMap}\n'.repeat(many / 10)}`],
  ])('%s', (_name, text) => {
    expect(() => judge(encode(text))).not.toThrow();
  });
});

test('aliases of all documents of a file are counted together', () => {
  const one = `a: &a [${'x,'.repeat(99)}]\nb: [${'*a,'.repeat(99)}]\n`;
  const { objects, problems } = readManifestFile('a.yaml', encode(`${one}---\n`.repeat(4)));
  expect(objects).toHaveLength(2);
  expect(problems.map(({ message }) => message)).toEqual(
    expect.arrayContaining([`aliases expand to more than ${MAX_ALIASED_NODES} nodes`]),
  );
});

test.each<[string, Uint8Array, string]>([
  ['a NUL', encode('a: b\0c\n'), 'a.yaml:1:5 the character U+0000 is not allowed here; write it as an escape in double quotes'],
  [
    'a bell',
    encode('a: 1\nb: "\u0007"\n'),
    'a.yaml:2:5 the character U+0007 is not allowed here; write it as an escape in double quotes',
  ],
  [
    'C1 controls',
    encode('a: \u0080\n'),
    'a.yaml:1:4 the character U+0080 is not allowed here; write it as an escape in double quotes',
  ],
  [
    'a byte order mark in the middle',
    encode('a: 1\n---\n\ufeffb: 2\n'),
    'a.yaml:3:1 the character U+FEFF is not allowed here; a byte order mark belongs to the beginning of a file',
  ],
  ['UTF-16, little end first', new Uint8Array([0xff, 0xfe, 0x61, 0]), 'a.yaml:0:0 the file is UTF-16; save it as UTF-8'],
  ['UTF-16, big end first', new Uint8Array([0xfe, 0xff, 0, 0x61]), 'a.yaml:0:0 the file is UTF-16; save it as UTF-8'],
  ['half a character', new Uint8Array([0x61, 0xc3]), 'a.yaml:0:0 the file is not valid UTF-8'],
  ['a surrogate', new Uint8Array([0xed, 0xa0, 0x80]), 'a.yaml:0:0 the file is not valid UTF-8'],
])('%s is refused', (_name, bytes, message) => {
  const { objects, problems } = readManifestFile('a.yaml', bytes);
  expect(objects).toEqual([]);
  expect(problems.map((problem) => `${problem.file}:${problem.line}:${problem.column} ${problem.message}`)).toEqual([message]);
});

test.each<[string, Uint8Array]>([
  ['a byte order mark at the beginning', encode('\ufeffa: 1\n')],
  ['the line break of old terminals', encode('a: 1\u0085')],
  ['characters of every plane', encode('a: 1 # é 漢 😀 \u{10ffff}\n')],
])('%s is read', (_name, bytes) => {
  expect(readManifestFile('a.yaml', bytes).problems).toEqual([]);
});
