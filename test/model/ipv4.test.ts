import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { contains, formatRange, outermost, parseRange, type Range } from '../../src/model/ipv4.ts';

const rangesOf = (...texts: string[]): Range[] => texts.map(parseRange).filter((range) => range !== undefined);

describe('the outermost of ranges', () => {
  test.each<[string, string[], string[]]>([
    ['of none', [], []],
    ['of one', ['10.0.0.0/8'], ['10.0.0.0/8']],
    ['of two side by side, by their addresses', ['10.1.0.0/16', '10.0.0.0/16'], ['10.0.0.0/16', '10.1.0.0/16']],
    ['of one in another', ['10.0.3.0/24', '10.0.0.0/16'], ['10.0.0.0/16']],
    ['of one at the beginning of another', ['10.0.0.0/24', '10.0.0.0/16'], ['10.0.0.0/16']],
    ['of one twice', ['10.0.0.7/32', '10.0.0.7/32'], ['10.0.0.7/32']],
    ['with everything', ['10.0.0.0/8', '0.0.0.0/0', '192.0.2.0/24'], ['0.0.0.0/0']],
  ])('%s', (_what, given, kept) => expect(outermost(rangesOf(...given)).map(formatRange)).toEqual(kept));

  test('have the addresses of all, and none of them twice', () => {
    const range = fc
      .tuple(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 24, max: 32 }))
      .map(([last, prefix]) => parseRange(`10.0.0.${last}/${prefix}`))
      .filter((each) => each !== undefined);
    fc.assert(
      fc.property(fc.array(range, { maxLength: 8 }), fc.integer({ min: 0, max: 255 }), (ranges, last) => {
        const address = (10 << 24) + last;
        const having = (all: readonly Range[]): number => all.filter((each) => contains(each, address)).length;
        expect(having(outermost(ranges))).toBe(Math.min(having(ranges), 1));
      }),
    );
  });
});
