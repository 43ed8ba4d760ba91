// Whom a push concerns.
import { describe, expect, test } from 'vitest';
import { isFollowed, repositoryName } from '../../../src/signals/hooks/followed.ts';

describe('the name of a repository', () => {
  test.each([
    ['https://git.example.com/shop/web.git', 'git.example.com/shop/web'],
    ['https://Git.Example.com/Shop/web/', 'git.example.com/shop/web'],
    ['https://user:pass@git.example.com:8443/shop/web', 'git.example.com/shop/web'],
    ['git@git.example.com:shop/web.git', 'git.example.com/shop/web'],
    ['git.example.com:shop/web', 'git.example.com/shop/web'],
    ['ssh://git@git.example.com:2222/shop/web.git', 'git.example.com/shop/web'],
    ['git://git.example.com/shop/web.git?x=y', 'git.example.com/shop/web'],
    ['http://[::1]:3000/shop/web.git', '[::1]/shop/web'],
    ['/srv/git/web.git', '/srv/git/web'],
    ['file:///srv/git/web.git/', '/srv/git/web'],
  ])('%s is %s', (address, name) => {
    expect(repositoryName(address)).toBe(name);
  });
});

describe('a push to', () => {
  const repository = 'https://git.example.com/shop/web.git';
  const push = (refs: readonly string[], defaultBranch?: string) => ({
    repositories: ['git@git.example.com:shop/web.git'],
    refs,
    ...(defaultBranch === undefined ? {} : { defaultBranch }),
  });
  test.each<readonly [string, readonly string[], string | undefined, string, boolean]>([
    ['the branch', ['refs/heads/main'], undefined, 'branch main', true],
    ['one of several', ['refs/heads/next', 'refs/heads/main'], undefined, 'branch main', true],
    ['another', ['refs/heads/main2'], undefined, 'branch main', false],
    ['a branch with a slash', ['refs/heads/team/main'], undefined, 'branch team/main', true],
    ['the tag', ['refs/tags/v1'], undefined, 'tag v1', true],
    ['a branch of the name of the tag', ['refs/heads/v1'], undefined, 'tag v1', false],
    ['whatever, with a commit to stay at', ['refs/heads/main'], undefined, 'commit 1a2b3c4', false],
    ['whatever, with a working tree', ['refs/heads/main'], undefined, 'working tree', false],
    ['the default branch', ['refs/heads/trunk'], 'trunk', 'default branch', true],
    ['beside the default branch', ['refs/heads/next'], 'trunk', 'default branch', false],
    ['some branch, when the default is not known', ['refs/heads/next'], undefined, 'default branch', true],
    ['nothing that is named', [], undefined, 'branch main', true],
  ])('%s: %j', (_name, refs, defaultBranch, revision, expected) => {
    expect(isFollowed(push(refs, defaultBranch), { application: 'shop', repository, revision })).toBe(expected);
  });
});
