import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { assertWholePackets, packetsOf, pktLine } from '../../src/git/pkt-line.ts';

test('a length in four digits counts itself', () => {
  expect(pktLine('done\n')).toBe('0009done\n');
  expect(pktLine('ü')).toBe('0006ü');
});

test('every line comes back, and every shorter answer is refused', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }), { minLength: 1 }),
      fc.nat(),
      (lines, cut) => {
        const whole = Buffer.from(`${lines.map((line) => pktLine(line)).join('')}0000`);
        expect([...packetsOf(whole, 'x')].map(String)).toEqual(lines.map((line) => Buffer.from(line).toString()));
        const shorter = whole.subarray(0, cut % whole.length);
        expect(() => assertWholePackets(shorter, 'x')).toThrow(expect.objectContaining({ fault: 'Unreachable' }));
      },
    ),
  );
});

test.each([
  ['ERR upload-pack: not our ref 12', 'RevisionNotFound'],
  ['ERR try later', 'Unreachable'],
])('%s', (line, fault) => {
  expect(() => assertWholePackets(Buffer.from(pktLine(line)), 'x')).toThrow(expect.objectContaining({ fault }));
});
