import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LoadResult } from '../../src/manifests/load.ts';
import { createManifestLoader } from '../../src/manifests/loader.ts';
import { keyOf, keyString } from '../../src/model/resource.ts';
import { loadText, textFile, told } from '../support/manifest-text.ts';

const map = (name: string, rest = ''): string => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\n${rest}`;
const keys = (result: LoadResult): string[] => result.manifests.map(({ resource }) => keyString(keyOf(resource)));
const load = (...files: [string, string][]): Promise<LoadResult> =>
  createManifestLoader().load({ files: files.map(([path, text]) => textFile(path, text)) });

test('documents, Lists and JSON files become manifests with their files and lines', async () => {
  const result = await load(
    ['a.yml', `# first\n---\n${map('one')}---\n---\n${map('two')}`],
    [
      'list.yaml',
      `apiVersion: v1\nkind: List\nitems:\n- ${map('three').replaceAll('\n', '\n  ')}\n- ${map('four').replaceAll('\n', '\n  ')}\n`,
    ],
    [
      'maps.yaml',
      'apiVersion: v1\nkind: ConfigMapList\nmetadata: {resourceVersion: "1"}\nitems: [{apiVersion: v1, kind: ConfigMap, metadata: {name: five}}]\n',
    ],
    ['six.json', '{\n  "kind": "ConfigMap", "apiVersion": "v1",\n  "metadata": {"name": "six"}\n}'],
  );
  expect(told(result)).toEqual([]);
  expect(result.manifests.map(({ resource, file, line }) => [resource.metadata.name, file, line])).toEqual([
    ['one', 'a.yml', 3],
    ['two', 'a.yml', 8],
    ['three', 'list.yaml', 4],
    ['four', 'list.yaml', 8],
    ['five', 'maps.yaml', 4],
    ['six', 'six.json', 1],
  ]);
});

test.each([
  ['.', ['a.yaml', 'apps/b.yaml']],
  ['./', ['a.yaml', 'apps/b.yaml']],
  ['./apps//', ['apps/b.yaml']],
  ['', ['a.yaml', 'apps/b.yaml']],
])('the path %j is read as people mean it', async (root, files) => {
  const loader = createManifestLoader({ root });
  const all = [textFile('a.yaml', map('one')), textFile('apps/b.yaml', map('two'))];
  const result = await loader.load({ files: all.filter(({ path }) => loader.isWanted(path)) });
  expect(result.manifests.map(({ file }) => file)).toEqual(files);
});

test('faults in a List are at their own places, with the field in the item', async () => {
  const text = 'apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: a}\n  dat: {}\n- 5\n';
  expect(told(loadText(text))).toEqual([
    'error UnknownField a.yaml:7:3 dat: unknown field "dat". Did you mean "data"?',
    'error NotAnObject a.yaml:8:3 not a Kubernetes object: this is a number, not a mapping',
  ]);
});

test('a byte order mark and CRLF do not matter', async () => {
  const result = loadText(`\uFEFF${map('a', 'data:\n  t: |\n    x\n    y\n').replaceAll('\n', '\r\n')}`);
  expect(result).toMatchObject({ problems: [], manifests: [{ line: 1, resource: { data: { t: 'x\ny\n' } } }] });
});

test('null means absent, and in maps of text the empty text', async () => {
  const result = loadText(
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: null, labels: null}\ndata: {k: }\nbinaryData: ~\n',
  );
  expect(result.manifests[0]?.resource).toEqual({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'a', namespace: 'default' },
    data: { k: '' },
  });
});

test.each<[string, string, boolean]>([
  ['deep/down/a.yaml', map('a'), true],
  ['a.yml', map('a'), true],
  ['a.yaml.tpl', 'no: [', false],
  ['README.md', 'no: [', false],
  ['.github/workflows/ci.yaml', 'on: push', false],
  ['app/.hidden.yaml', 'no: [', false],
  ['package.json', '{"name": "x", "version": "1"}', false],
  ['tsconfig.json', '{ // comment\n "compilerOptions": {} }', false],
  ['list.json', '[1, 2]', false],
])('%s is looked at or ignored', async (path, text, isManifest) => {
  const result = await load(['z.yaml', map('z')], [path, text]);
  expect(told(result)).toEqual([]);
  expect(result.manifests).toHaveLength(isManifest ? 2 : 1);
});

test('hidden folders above the application do not hide it', async () => {
  const loader = createManifestLoader({ root: '.deploy' });
  expect([loader.isWanted('.deploy/a.yaml'), loader.isWanted('.deploy/.git/a.yaml')]).toEqual([true, false]);
});

test('JSON that names an apiVersion or a kind is judged', async () => {
  expect(told(await load(['a.json', '{"kind": "Pod"}'], ['b.json', '{"apiVersion": "v1" "kind": "Pod"}']))).toEqual([
    'error Required a.json:1:1 apiVersion: Required value',
    expect.stringMatching(/^error InvalidYaml b\.json:1:\d+ /),
  ]);
});

test('what cannot be text and what is too large is refused', async () => {
  const result = await createManifestLoader().load({
    files: [
      { ...textFile('a.yaml', ''), read: async () => new Uint8Array([0x61, 0xff, 0xfe]) },
      { ...textFile('b.yaml', ''), sizeBytes: 4 * 1024 * 1024 + 1, read: () => Promise.reject(new Error('not asked')) },
      { path: 'c.yaml', blobId: 'c', type: 'file', read: async () => new Uint8Array(4 * 1024 * 1024 + 1) },
      { ...textFile('d.yaml', ''), read: async () => new Uint8Array([0xff, 0xfe, 0x61, 0]) },
    ],
  });
  expect(told(result)).toEqual([
    'error Unreadable a.yaml the file is not valid UTF-8',
    'error TooLarge b.yaml the file has 4194305 bytes; at most 4194304 are read',
    'error TooLarge c.yaml the file has 4194305 bytes; at most 4194304 are read',
    'error Unreadable d.yaml the file is UTF-16; save it as UTF-8',
  ]);
});

test('one name may be declared once', async () => {
  const result = await load(
    ['a.yaml', `${map('x')}---\n${map('x')}`],
    ['b.yaml', map('x').replace('name: x', 'name: x, namespace: shop')],
    ['c.yaml', map('x')],
  );
  expect(told(result)).toEqual([
    'error Duplicate a.yaml:7:12 metadata.name: configmap/x is declared twice; first at a.yaml:1',
    'error Duplicate c.yaml:3:12 metadata.name: configmap/x is declared twice; first at a.yaml:1',
  ]);
});

test.each<[string, [string, string][]]>([
  ['no files', []],
  ['nothing that ends as a manifest', [['README.md', 'hello']]],
])('%s is an empty set that says how manifests are named', async (_name, files) => {
  expect(told(await load(...files))).toEqual([
    'error Empty there are no manifests (files that end in .yaml, .yml or .json); an empty set is applied only where the commit says that it means it',
  ]);
});

test.each<[string, [string, string][]]>([
  ['nothing but comments', [['a.yaml', '# nothing\n---\n']]],
  [
    'nothing but other files',
    [
      ['README.md', 'hello'],
      ['package.json', '{}'],
    ],
  ],
  ['an empty List', [['a.yaml', 'apiVersion: v1\nkind: List\nitems: []\n']]],
])('%s is an empty set', async (_name, files) => {
  expect(told(await load(...files))).toEqual([
    'error Empty there are no Kubernetes objects; an empty set is applied only where the commit says that it means it',
  ]);
});

test.each<['together' | 'apart', string]>([
  ['together', 'error'],
  ['apart', 'note'],
])('policies alone are an empty set, which only who applies it must not have (%s)', async (sets, severity) => {
  const policy = '{apiVersion: holdfast.dev/v1, kind: Policy, metadata: {name: a}, spec: {validations: [{expression: "true"}]}}';
  const result = await createManifestLoader({ sets }).load({ files: [textFile('a.yaml', policy)] });
  expect(told(result)).toEqual([
    `${severity} Empty there are only policies; an empty set is applied only where the commit says that it means it`,
  ]);
});

test('every fault of every document is told, sorted by place', async () => {
  const result = await load(['b.yaml', 'a: ['], ['a.yaml', `${map('ok')}---\nkind: Pod\n---\n- x\n`]);
  expect(result.problems.map(({ file, line, reason }) => `${file}:${line} ${reason}`)).toEqual([
    'a.yaml:5 Required',
    'a.yaml:7 NotAnObject',
    expect.stringMatching(/^b\.yaml:\d+ InvalidYaml$/),
  ]);
  expect(keys(result)).toEqual(['ConfigMap/default/ok']);
});

test('what was loaded is remembered for the next set, shared and frozen', async () => {
  const loader = createManifestLoader();
  const a = textFile('a.yaml', map('a'));
  const first = await loader.load({ files: [a, textFile('b.yaml', map('b'))] });
  const second = await loader.load({ files: [{ ...a, read: () => Promise.reject(new Error('not asked')) }] });
  expect(second.manifests[0]).toBe(first.manifests[0]);
  expect(() => Object.assign(second.manifests[0]?.resource.metadata ?? {}, { name: 'z' })).toThrow(TypeError);
});

test('no bytes make the loader throw, and what is no manifest never comes out as one', () => {
  const piece = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom(
      'apiVersion: v1\n',
      'kind: Pod\n',
      'kind: List\n',
      '- ',
      '  ',
      '\n',
      '---\n',
      'a: &a\n',
      '*a',
      '<<: ',
      '{',
      '}',
      '[',
      '? ',
      '!!int ',
      'metadata:\n',
      'spec: {containers: ',
    ),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      const result = loadText(pieces.join(''));
      expect(result.problems.some(({ severity }) => severity === 'error') || result.manifests.length > 0).toBe(true);
    }),
    { numRuns: 500 },
  );
});
