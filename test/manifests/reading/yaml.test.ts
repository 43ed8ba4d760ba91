import { expect, test } from 'vitest';
import { parseYaml } from '../../../src/manifests/reading/yaml.ts';

// What Kubernetes' own reader makes of these.
test.each<[string, unknown]>([
  ['0644', 420],
  ['0o644', 420],
  ['0400', 256],
  ['08', 8],
  ['0x1F', 31],
  ['0b101', 5],
  ['-017', -15],
  ['+5', 5],
  ['0', 0],
  ['-0', 0],
  ['1_000', 1000],
  ['1.5', 1.5],
  ['1e3', 1000],
  ['.5', 0.5],
  ['5.', 5],
  ['9007199254740993', 9007199254740992],
  ['yes', true],
  ['Yes', true],
  ['on', true],
  ['ON', true],
  ['y', true],
  ['true', true],
  ['TRUE', true],
  ['no', false],
  ['off', false],
  ['Off', false],
  ['n', false],
  ['False', false],
  ['yEs', 'yEs'],
  ['tRue', 'tRue'],
  ['~', null],
  ['null', null],
  ['Null', null],
  ['', null],
  ['.', '.'],
  ['..', '..'],
  ['2024-01-31', '2024-01-31'],
  ['2001-12-14t21:59:43.10-05:00', '2001-12-14t21:59:43.10-05:00'],
  ['12:30:45', '12:30:45'],
  ['1.2.3', '1.2.3'],
  ['1e', '1e'],
  ['0xZZ', '0xZZ'],
  ['=', '='],
  ['-x', '-x'],
  ['"0644"', '0644'],
  ["'yes'", 'yes'],
  ['!!str 5', '5'],
  ['!!int "5"', 5],
  ['!!float 5', 5],
  ['!!bool yes', true],
  ['!!binary aGk=', 'hi'],
  ['!own 3', '3'],
  ['!!timestamp 2001-01-01', '2001-01-01'],
  ['!!omap [x: 1]', [{ x: 1 }]],
  ['!!pairs [x: 1]', [{ x: 1 }]],
  ['!!set {x}', { x: null }],
  ['190:20:30', '190:20:30'],
  ['1__0', 10],
  ['0o8', '0o8'],
  ['99999999999999999999', 1e20],
  ['|\n  yes\n', 'yes\n'],
])('%s reads as %j', (source, value) => {
  expect(parseYaml(`a: ${source}`)[0]).toMatchObject({ value: { a: value }, faults: [] });
});

test.each<[string, string, unknown]>([
  ['keys that are no text', 'yes: 1\n2: b\n1.5: c\n', { true: 1, 2: 'b', 1.5: 'c' }],
  ['aliases', 'a: &x {p: [1]}\nb: *x\n', { a: { p: [1] }, b: { p: [1] } }],
  ['an anchor that is defined again', 'a: &x 1\nb: *x\nc: &x 2\nd: *x\n', { a: 1, b: 1, c: 2, d: 2 }],
  ['merge keys: own keys win', 'a: &x {p: 1, q: 2}\nb: {<<: *x, q: 3}\n', { a: { p: 1, q: 2 }, b: { q: 3, p: 1 } }],
  [
    'merge keys: the first of several wins',
    'a: &x {p: 1}\nb: &y {p: 2, q: 2}\nc:\n  <<: [*x, *y]\n',
    { a: { p: 1 }, b: { p: 2, q: 2 }, c: { p: 1, q: 2 } },
  ],
  ['a quoted << is a key', "'<<': 1\n", { '<<': 1 }],
  ['CRLF', 'a: 1\r\nb:\r\n- x\r\n', { a: 1, b: ['x'] }],
  ['flow style with comments and trailing commas', '{\n  # note\n  a: "x",\n  b: [1, 2,],\n}\n', { a: 'x', b: [1, 2] }],
  ['JSON that is indented with tabs', '{\n\t"a": 1,\n\t"b": [\n\t\t2\n\t]\n}\n', { a: 1, b: [2] }],
  ['JSON', '{"a":"\\u00e9\\ud83d\\ude00\\/","b":[1.0,true,null]}', { a: 'é😀/', b: [1, true, null] }],
])('%s', (_name, text, value) => {
  expect(parseYaml(text)[0]).toMatchObject({ value, faults: [] });
});

test('a key named __proto__ is a key like any other', () => {
  const [document] = parseYaml('__proto__: {a: 1}\n');
  expect(Object.entries(document?.value as object)).toEqual([['__proto__', { a: 1 }]]);
});

test('documents without content are left out; comments, ends and directives are not documents', () => {
  const documents = parseYaml('---\n# nothing\n---\na: 1\n...\n---\n---\nb: 2\n');
  expect(documents.map(({ value }) => value)).toEqual([{ a: 1 }, { b: 2 }]);
});

test.each<[string, string, string, { line: number; column: number }]>([
  [
    'a duplicate key',
    'a: 1\nb:\n  c: 1\n  d: 2\n  c: 3\n',
    'the key "c" is given twice; first at line 3, column 3',
    { line: 5, column: 3 },
  ],
  [
    'a key twice by another spelling',
    'yes: 1\n"true": 2\n',
    'the key "true" is given twice; first at line 1, column 1',
    { line: 2, column: 1 },
  ],
  ['an unknown alias', 'a: *x\n', 'there is no anchor &x above', { line: 1, column: 4 }],
  ['an anchor within itself', 'a: &x\n  b: *x\n', 'the anchor &x contains itself', { line: 2, column: 6 }],
  ['a key that is a list', '? [a]\n: 1\n', 'a key must be a single word or text', { line: 1, column: 3 }],
  ['a null key', '~: 1\n', 'a key is missing or null', { line: 1, column: 1 }],
  ['infinity', 'a: .inf\n', '.inf is not a number that JSON has', { line: 1, column: 4 }],
  ['a tag that does not fit', 'a: !!int x\n', 'the text does not fit its tag tag:yaml.org,2002:int', { line: 1, column: 10 }],
  ['a merge of text', 'a: {<<: x}\n', 'a merge key needs a mapping or a list of mappings', { line: 1, column: 9 }],
  ['a tab as indentation', 'a:\n\tb: 1\n', 'tabs are not allowed as indentation; use spaces', { line: 2, column: 1 }],
  [
    'a key that moved left',
    'a:\n  b: 1\n c: 2\n',
    'this line is indented differently from the lines it belongs to',
    { line: 3, column: 1 },
  ],
  [
    'a key that moved in a list',
    'a:\n  - b: 1\n   c: 2\n',
    'this line is indented differently from the lines it belongs to',
    { line: 3, column: 1 },
  ],
  [
    'a colon in a value',
    'a: b: c\n',
    'two "key: value" in one line; put the value in quotes, or begin a new line after the first colon',
    { line: 1, column: 4 },
  ],
  [
    'a missing colon',
    'a: b\nfoo\nc: d\n',
    'this line has no "key: value"; a colon is missing here or in a line below',
    { line: 2, column: 1 },
  ],
  [
    'an at sign',
    'a: @x\n',
    'plain value cannot start with reserved character @; put the value in quotes',
    { line: 1, column: 4 },
  ],
  ['quotes without an end', 'a: "b\nc: d\n', 'the text that was begun with " is never ended', { line: 3, column: 1 }],
  [
    'a brace without an end',
    'a: {b: c\nd: e\n',
    'the { above is not closed with }, or what is inside is not indented',
    { line: 2, column: 1 },
  ],
  [
    'an escape of another language',
    'a: "\\d"\n',
    '\\d is not an escape that YAML knows inside "…"; write \\\\ for a backslash, or use \'…\'',
    { line: 1, column: 5 },
  ],
  [
    'a merge conflict',
    '<<<<<<< HEAD\na: 1\n=======\na: 2\n>>>>>>> x\n',
    'a merge conflict is not resolved here',
    { line: 1, column: 1 },
  ],
  [
    'a placeholder in braces',
    'a: {b: ${NAME}}\n',
    "the braces of ${NAME} are read as YAML's own here; put it in quotes",
    { line: 1, column: 9 },
  ],
  [
    'a value of SOPS in braces',
    'a: {b: ENC[AES256_GCM,data:x]}\n',
    "the brackets of the encrypted value are read as YAML's own here; put it in quotes",
    { line: 1, column: 11 },
  ],
  [
    'text after quotes',
    'a: "x" y\n',
    'unexpected scalar at node end; is the text before it in quotes, and complete?',
    { line: 1, column: 8 },
  ],
])('%s is a fault with its place', (_name, text, message, place) => {
  const [document] = parseYaml(text);
  expect(document?.faults).toEqual([{ reason: expect.any(String), message, path: expect.any(Array), place }]);
});

test('nesting is capped, in blocks and in brackets', () => {
  expect(parseYaml('['.repeat(50_000))[0]?.faults[0]).toMatchObject({
    reason: 'TooLarge',
    message: 'nested deeper than 100 levels',
  });
  const steps = Array.from({ length: 200 }, (_, depth) => `${' '.repeat(depth)}a:\n`).join('');
  expect(parseYaml(steps)[0]?.faults[0]).toMatchObject({ reason: 'TooLarge' });
});

test('what aliases expand to is capped', () => {
  const levels = Array.from({ length: 9 }, (_, level) => `l${level + 1}: &l${level + 1} [${`*l${level}, `.repeat(9)}]\n`).join(
    '',
  );
  const [document] = parseYaml(`l0: &l0 [x, x, x]\n${levels}`);
  expect(document?.faults[0]).toMatchObject({ reason: 'TooLarge', message: 'aliases expand to more than 20000 nodes' });
});

test('thousands of keys are read without comparing each with each', () => {
  const text = Array.from({ length: 50_000 }, (_, index) => `k${index}: v\n`).join('');
  expect(Object.keys(parseYaml(text)[0]?.value as object)).toHaveLength(50_000);
});

test('places are found through aliases, merges and lists', () => {
  const text = 'base: &base\n  image: x\none:\n  <<: *base\n  list:\n    - *base\n    - name: b\n';
  const [document] = parseYaml(text);
  expect(document?.locate(['one', 'image'])).toEqual({ line: 2, column: 3 });
  expect(document?.locate(['one', 'list', 0, 'image'])).toEqual({ line: 2, column: 3 });
  expect(document?.locate(['one', 'list', 1])).toEqual({ line: 7, column: 7 });
  expect(document?.locate(['one', 'list', 1, 'gone', 'deeper'])).toEqual({ line: 7, column: 7 });
  expect(document?.sourceAt(['one', 'image'])).toBe('x');
});
