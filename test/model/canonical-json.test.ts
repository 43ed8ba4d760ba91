// RFC 8785: one form of JSON.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalize } from '../../src/model/canonical-json.ts';

test.each<readonly [string, unknown, string]>([
  // The example of section 3.2.2, and the sorting of 3.2.3.
  [
    'literals, numbers and texts',
    {
      numbers: [Number('333333333.33333329'), 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
      string: '\u20ac$\u000F\u000aA\u0027\u0042\u0022\u005c\\\u0022\u002f',
      literals: [null, true, false],
    },
    '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
  ],
  [
    'names by their UTF-16 code units',
    { '\u20ac': 'Euro', '\r': 'CR', '\ufb33': 'Dalet', '1': 'One', '\ud83d\ude00': 'Smiley', '\u0080': 'Control', '\u00f6': 'o' },
    '{"\\r":"CR","1":"One","\u0080":"Control","ö":"o","€":"Euro","😀":"Smiley","\ufb33":"Dalet"}',
  ],
  ['names that look like numbers', { 10: 'ten', 9: 'nine' }, '{"10":"ten","9":"nine"}'],
  ['no minus zero', -0, '0'],
  ['what is not defined is not there', { a: undefined, b: [undefined] }, '{"b":[null]}'],
])('%s', (_name, value, text) => {
  expect(canonicalize(value)).toBe(text);
});

test.each([[Number.NaN], [Number.POSITIVE_INFINITY], ['\ud800'], [() => {}]])('%s has no form', (value) => {
  expect(() => canonicalize(value)).toThrow(RangeError);
});

test('says what JSON says, and the same for the same data in any order', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = canonicalize(value);
      expect(canonicalize(JSON.parse(text))).toBe(text);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});
