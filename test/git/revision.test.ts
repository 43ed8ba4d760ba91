import { describe, expect, test } from 'vitest';
import { didYouMean, noSuchRevision, parseRevision, revisionLabel, someOf } from '../../src/git/revision.ts';

describe('parseRevision', () => {
  test.each([
    [
      { type: 'branch', name: 'refs/heads/main' },
      { type: 'branch', name: 'main' },
    ],
    [
      { type: 'branch', name: 'team/a-b_c.d' },
      { type: 'branch', name: 'team/a-b_c.d' },
    ],
    [
      { type: 'tag', name: 'refs/tags/v1' },
      { type: 'tag', name: 'v1' },
    ],
    [
      { type: 'commit', name: 'ABCDEF1' },
      { type: 'commit', name: 'abcdef1' },
    ],
  ] as const)('reads %o', (given, expected) => {
    expect(parseRevision(given)).toEqual(expected);
  });

  test.each([
    '',
    '-x',
    '--upload-pack=x',
    'a b',
    'a..b',
    'a*',
    'a?',
    'a[',
    'a~1',
    'a^',
    'a:b',
    'a\\b',
    'a\n',
    '@{u}',
    'a//b',
    'a/',
    '/a',
    'a.lock',
    'a.',
  ])('refuses a branch %j', (name) => {
    expect(() => parseRevision({ type: 'branch', name })).toThrow(/is not a name that a branch can have/);
  });

  test.each(['', 'abc', 'main', 'a'.repeat(41), '-abcdef'])('refuses a commit %j', (name) => {
    expect(() => parseRevision({ type: 'commit', name })).toThrow(/is not the hash of a commit/);
  });
});

test.each([
  [{ type: 'branch', name: 'main' }, 'branch main'],
  [{ type: 'commit', name: 'a'.repeat(40) }, 'commit aaaaaaa'],
] as const)('revisionLabel of %o', (revision, label) => {
  expect(revisionLabel(revision)).toBe(label);
});

test.each([
  ['mian', ['main', 'develop'], ' Did you mean "main"?'],
  ['production', ['prod', 'productoin'], ' Did you mean "productoin"?'],
  ['main', ['develop'], ''],
  ['x', ['y'], ''],
])('didYouMean(%j, %j)', (name, candidates, expected) => {
  expect(didYouMean(name, candidates)).toBe(expected);
});

test('someOf says how many more there are', () => {
  expect(someOf(Array.from({ length: 12 }, (_, index) => `b${String(index).padStart(2, '0')}`))).toBe(
    'b00, b01, b02, b03, b04, b05, b06, b07, b08, b09 and 2 more',
  );
});

test.each([
  [{ type: 'branch', name: 'x' }, ['main'], [], 'R has no branch "x". Its branches are: main.'],
  [{ type: 'tag', name: 'v2' }, ['main'], ['v1'], 'R has no tag "v2". Its tags are: v1. Did you mean "v1"?'],
  [{ type: 'tag', name: 'v2' }, ['main'], [], 'R has no tag "v2". It has no tags.'],
  [{ type: 'branch', name: 'v1' }, ['main'], ['v1'], 'R has no branch "v1", but a tag of that name: follow it with --tag'],
  [{ type: 'branch', name: 'x' }, [], [], 'R is empty: it has no commits yet. Push one'],
] as const)('noSuchRevision of %o', (revision, branches, tags, message) => {
  expect(noSuchRevision('R', revision, branches, tags)).toMatchObject({ fault: 'RevisionNotFound', message });
});
