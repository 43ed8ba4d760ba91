// Patterns of names and images: they mean what RE2 means by them, and none takes longer than its text is long.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compilePattern } from '../../../../src/manifests/kustomize/steps/pattern.ts';

function compiled(source: string): { isIn(text: string): boolean; isAll(text: string): boolean } {
  const pattern = compilePattern(source);
  if ('fault' in pattern) throw new Error(pattern.fault);
  return pattern;
}

describe('compilePattern', () => {
  test.each<[string, string[], string[]]>([
    ['web', ['web'], ['we', 'webs', 'a-web']],
    ['we.?', ['we', 'web', 'we\u{1F600}'], ['webs', 'we\n']],
    ['web|api', ['web', 'api'], ['webapi']],
    ['(?:a|b)+c*', ['a', 'abba', 'bcc'], ['', 'c']],
    ['[a-c0-9_-]{2,3}', ['a-', '_9c'], ['a', 'abca', 'd_']],
    ['[^.]+\\.local', ['x.local'], ['x.y.local', 'xlocal']],
    ['\\d{2}', ['42'], ['4', '424', 'a2']],
    ['[[:alpha:]\\d]+', ['a1'], ['-']],
    ['a{2}', ['aa'], ['a', 'aaa']],
    ['a{,2}', ['a{,2}'], ['aa']],
    ['(?i)web', ['WEB', 'wEb'], ['x']],
    ['(?i:w)eb', ['Web'], ['WEB']],
    ['^web$', ['web'], ['webb']],
    ['[]a]', [']', 'a'], ['b']],
    ['', [''], ['a']],
    ['a??b+?', ['b', 'abb'], ['a']],
  ])('%s', (source, whole, others) => {
    expect(whole.filter((text) => !compiled(source).isAll(text))).toEqual([]);
    expect(others.filter((text) => compiled(source).isAll(text))).toEqual([]);
  });

  test('isIn finds it anywhere', () => {
    expect([compiled('we').isIn('the web'), compiled('^we').isIn('the web'), compiled('b$').isIn('the web')]).toEqual([
      true,
      false,
      true,
    ]);
  });

  test.each([
    ['[', 'missing closing ]'],
    ['(', 'missing closing )'],
    [')', 'unexpected )'],
    ['*', 'missing argument to repetition operator: *'],
    ['a**', 'invalid nested repetition operator'],
    ['[z-a]', 'invalid character class range: z-a'],
    ['\\y', 'invalid escape sequence: \\y'],
    ['(?=a)', 'groups that begin with (? are not supported, except (?: and (?i'],
    ['a{1001}', 'invalid repeat count {1001}'],
    ['\\', 'the pattern ends too early'],
    ['a'.repeat(1001), 'the pattern is longer than 1000 characters'],
    ['((a{100}){100}){100}', 'the pattern is too large'],
    ['((((){1000}){1000}){1000}){1000}', 'the pattern is too large'],
  ])('%s is refused', (source, fault) => {
    expect(compilePattern(source)).toEqual({ fault });
  });

  test('a pattern that stops a backtracking engine is answered', () => {
    expect(compiled('(a+)+(b|a)+$').isAll(`${'a'.repeat(5000)}c`)).toBe(false);
  });

  test('it agrees with the regular expressions of JavaScript where both have the same syntax', () => {
    const piece = fc.constantFrom(
      'a',
      'b',
      '.',
      '[ab]',
      '[^a]',
      '(?:ab|b)',
      '(?:a|)',
      'a*',
      'b+',
      '.?',
      '(?:ab){1,2}',
      '^',
      '$',
      '|',
    );
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 6 }),
        fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 8 }),
        (pieces, text) => {
          const source = pieces.join('');
          const pattern = compilePattern(source);
          fc.pre(!('fault' in pattern));
          if ('fault' in pattern) return;
          expect(pattern.isIn(text)).toBe(new RegExp(source).test(text));
          expect(pattern.isAll(text)).toBe(new RegExp(`^(?:${source})$`).test(text));
        },
      ),
    );
  });

  test('any text is a pattern or a fault, and answers for any other', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (source, text) => {
        const pattern = compilePattern(source);
        const isSound = 'fault' in pattern ? pattern.fault !== '' : !pattern.isAll(text) || pattern.isIn(text);
        expect(isSound).toBe(true);
      }),
    );
  });
});
