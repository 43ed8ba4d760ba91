import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readObjects } from '../../../src/manifests/reading/file.ts';
import { printManifest } from '../../../src/manifests/reading/print.ts';

const readBack = (value: unknown): unknown => {
  const text = printManifest(value);
  const { objects, problems } = readObjects('a.yaml', new TextEncoder().encode(text));
  return problems.length === 0 ? objects[0]?.value : { text, problems };
};

/** JSON has no -0: what is printed as 0 is read as 0. */
const json = (value: unknown): unknown => JSON.parse(JSON.stringify(value)) as unknown;

const words = [
  '0644',
  '0o17',
  '0x1f',
  '1_000',
  '1e3',
  '.5',
  '5.',
  '+1',
  '-0',
  '12:30:45',
  '2024-01-31',
  'yes',
  'No',
  'ON',
  'off',
  'y',
  'n',
  'true',
  'null',
  '~',
  '',
  '<<',
  '=',
  '.',
  '..',
  '.inf',
  '-.INF',
  '.nan',
  '-',
  '- a',
  '? a',
  ': a',
  'a: b',
  'a #b',
  '#a',
  '&a',
  '*a',
  '!a',
  '!!int 5',
  '|',
  '>',
  '%a',
  '@a',
  '`a',
  '{a}',
  '[a]',
  'a, b',
  '"a"',
  "'a'",
  '---',
  '...',
  'a\n',
  '\na',
  'a\n\n',
  ' a',
  'a ',
  '\ta',
  'a\tb',
  'a\r\nb',
  '\r',
  '\u0085',
  '\u2028',
  '\ufeffa',
  '\u0000',
  '\u0007',
  '\u007f',
  'é',
  '😀',
  '\ud800',
  'a\n b\n  c\n',
  '  a\nb',
  'a\n---\nb',
  '__proto__',
  'constructor',
  '1'.repeat(400),
];

describe('what is printed reads back as it was', () => {
  test.each(words.map((word) => [JSON.stringify(word).slice(0, 40), word]))(
    '%s as a value, a key and an item',
    (_shown, word) => {
      const value = { plain: word, list: [word, [word]], [`k${word}`]: { inner: word } };
      Object.defineProperty(value, word, { value: 1, enumerable: true, configurable: true, writable: true });
      expect(readBack(value)).toEqual(value);
    },
  );

  test('any JSON value', () => {
    fc.assert(
      fc.property(
        fc.object({
          maxDepth: 4,
          values: [
            fc.string({ unit: 'binary' }),
            fc.constantFrom(...words),
            fc.double(),
            fc.integer(),
            fc.boolean(),
            fc.constant(null),
          ],
          key: fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...words)),
        }),
        (value) => {
          const plain = json(value);
          expect(readBack(plain)).toEqual(plain);
        },
      ),
      { numRuns: 1000 },
    );
  });
});
