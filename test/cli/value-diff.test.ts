// How one changed field is shown.
import { array, assert, constantFrom, pre, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fieldLines, textDiff } from '../../src/cli/value-diff.ts';

const shown = (old: unknown, next: unknown): string[] => fieldLines('x', old, next).map((line) => line.text);

describe('values', () => {
  test.each<readonly [unknown, unknown, readonly string[]]>([
    [2, 3, ['x: 2 → 3']],
    ['2', 2, ['x: "2" → 2']],
    [undefined, true, ['x: (not set) → true']],
    [{ a: 1 }, undefined, ['x: {"a":1} → (not set)']],
    [
      `registry.example.com/${'a'.repeat(60)}:1`,
      `registry.example.com/${'a'.repeat(60)}:2`,
      [`x: …${'a'.repeat(57)}:1" → …${'a'.repeat(57)}:2"`],
    ],
    [
      `${'a'.repeat(40)}1${'b'.repeat(60)}`,
      `${'a'.repeat(40)}2${'b'.repeat(60)}`,
      [`x: …${'a'.repeat(20)}1${'b'.repeat(39)}… → …${'a'.repeat(20)}2${'b'.repeat(39)}…`],
    ],
  ])('%j → %j', (old, next, expected) => {
    expect(shown(old, next)).toEqual(expected);
  });
});

describe('texts', () => {
  test('differ line by line, with what surrounds the difference', () => {
    expect(shown('a\nb\nc\nd\ne\n', 'a\nb\nC\nd\ne\nf\n')).toEqual([
      'x:',
      '  …',
      '    b',
      '  - c',
      '  + C',
      '    d',
      '    e',
      '  + f',
    ]);
  });

  test('long differences are cut', () => {
    const lines = textDiff('', Array.from({ length: 40 }, (_value, index) => `line ${index}`).join('\n'));
    expect([lines.length, lines.at(-1)]).toEqual([25, { mark: '…', text: '16 more lines' }]);
  });

  test('a difference in the last line break alone is said', () => {
    expect(shown('a\n', 'a')).toEqual(['x:', '  … (only the line break at the end differs)']);
  });

  test('huge texts take no time', () => {
    const text = (word: string): string => Array.from({ length: 5_000 }, (_value, index) => `${word} ${index}`).join('\n');
    expect(textDiff(text('a'), text('b'))).toHaveLength(25);
  });

  test('every kept and removed line is in the old text, every kept and added one in the new', () => {
    const text = array(constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 7 });
    assert(
      property(text, text, (old, next) => {
        pre(old.join() !== next.join());
        const marked = textDiff(old.join('\n'), next.join('\n'));
        const inOld = marked.filter((line) => line.mark === ' ' || line.mark === '-').map((line) => line.text);
        const inNew = marked.filter((line) => line.mark === ' ' || line.mark === '+').map((line) => line.text);
        const isWithin = (part: readonly string[], whole: readonly string[]): boolean => {
          let at = 0;
          for (const line of whole) if (line === part[at]) at++;
          return at === part.length;
        };
        expect([isWithin(inOld, old), isWithin(inNew, next)]).toEqual([true, true]);
        const added = marked.filter((line) => line.mark === '+').length - marked.filter((line) => line.mark === '-').length;
        expect(added).toBe(next.length - old.length);
      }),
    );
  });
});
