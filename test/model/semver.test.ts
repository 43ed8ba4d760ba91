// Ranges of versions against versions, as npm and Flux read them.
import { describe, expect, test } from 'vitest';
import { highestIn, parseVersionRange } from '../../src/model/semver.ts';

const versions = ['v0.9.9', '1.2.0-rc.1', '1.2.0-rc.10', '1.2.0', '1.2.9', 'v1.4.2', '1.10.0', '2.0.0', 'latest', '1.2'];

describe('a range of versions', () => {
  test.each([
    ['*', '2.0.0'],
    ['>=1.2.0 <2.0.0', '1.10.0'],
    ['>= 1.2.0, < 1.4', '1.2.9'],
    ['^1.2', '1.10.0'],
    ['^0.9', 'v0.9.9'],
    ['~1.2', '1.2.9'],
    ['~1.2.1', '1.2.9'],
    ['1.x', '1.10.0'],
    ['1.2.*', '1.2.9'],
    ['1.2.0', '1.2.0'],
    ['<1.2.0', 'v0.9.9'],
    ['>1.4', '2.0.0'],
    ['<=1.4', 'v1.4.2'],
    ['!=2.0.0', '1.10.0'],
    ['1.2.0 - 1.4.2', 'v1.4.2'],
    ['~1.2 || ^2', '2.0.0'],
    ['>=1.2.0-0 <1.2.0', '1.2.0-rc.10'],
    ['>=3', undefined],
  ])('%s has %s as the highest', (text, highest) => {
    const range = parseVersionRange(text);
    expect(range && highestIn(range, versions)).toBe(highest);
  });

  test.each(['', 'latest', '>=', '1.2.3.4', '>=1 || nonsense', '^^1', 'x'.repeat(300)])('%j is none', (text) => {
    expect(parseVersionRange(text)).toBeUndefined();
  });
});
