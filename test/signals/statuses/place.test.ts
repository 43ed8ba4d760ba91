// Where statuses go: derived from the repository's address, or as somebody says.
import { describe, expect, test } from 'vitest';
import { hostOf, type PlaceChoice, placeOf } from '../../../src/signals/statuses/place.ts';

const at = (forge: string, api: string, repository: string) => ({ forge, api, repository });

describe('what an address tells', () => {
  test.each<[string, PlaceChoice, object]>([
    ['https://github.com/acme/shop.git', {}, at('github', 'https://api.github.com', 'acme/shop')],
    ['git@github.com:acme/shop.git', {}, at('github', 'https://api.github.com', 'acme/shop')],
    ['ssh://git@github.com/acme/shop', {}, at('github', 'https://api.github.com', 'acme/shop')],
    ['https://github.acme.example/ops/shop', {}, at('github', 'https://github.acme.example/api/v3', 'ops/shop')],
    ['https://gitlab.com/acme/ops/shop.git', {}, at('gitlab', 'https://gitlab.com/api/v4', 'acme/ops/shop')],
    ['git@gitlab.acme.example:ops/shop.git', {}, at('gitlab', 'https://gitlab.acme.example/api/v4', 'ops/shop')],
    ['https://codeberg.org/acme/shop', {}, at('forgejo', 'https://codeberg.org/api/v1', 'acme/shop')],
    ['https://bitbucket.org/acme/shop.git', {}, at('bitbucket', 'https://api.bitbucket.org/2.0', 'acme/shop')],
    ['http://git.example:3000/acme/shop.git', { forge: 'gitea' }, at('gitea', 'http://git.example:3000/api/v1', 'acme/shop')],
    ['https://example.com/git/acme/shop/', { forge: 'gitea' }, at('gitea', 'https://example.com/git/api/v1', 'acme/shop')],
    ['ssh://git@git.example:2222/acme/shop', { forge: 'forgejo' }, at('forgejo', 'https://git.example/api/v1', 'acme/shop')],
    ['https://[::1]:8443/acme/shop', { forge: 'gitlab' }, at('gitlab', 'https://[::1]:8443/api/v4', 'acme/shop')],
    [
      'git@git.example:acme/shop',
      { forge: 'gitlab', api: 'https://git.example/gitlab/api/v4/' },
      at('gitlab', 'https://git.example/gitlab/api/v4', 'acme/shop'),
    ],
  ])('%s %j', (repository, choice, expected) => {
    expect(placeOf(repository, choice)).toEqual(expected);
  });
});

test.each<[string, PlaceChoice, string]>([
  ['/srv/shop.git', {}, '/srv/shop.git is on no forge'],
  ['file:///srv/shop.git', {}, 'is on no forge'],
  ['https://git.example/acme/shop', {}, 'it is not known which forge git.example is: one of github, gitlab,'],
  ['https://github.com/shop', {}, 'does not name an owner and a repository'],
  ['https://github.com/a/b', { api: 'ftp://x' }, 'has to begin with http:// or https://'],
  ['https://github.com/a/b', { api: 'https://me:secret@x' }, 'and have no password'],
])('%s %j has no place', (repository, choice, reason) => {
  expect(placeOf(repository, choice)).toEqual({ fault: expect.stringContaining(reason) });
});

test('the host of all forms of an address', () => {
  const all = ['https://Git.example:3000/a/b', 'git@git.example:a/b', 'ssh://git@git.example:22/a/b', 'https://me@git.example/a'];
  expect(new Set(all.map(hostOf))).toEqual(new Set(['git.example']));
  expect(hostOf('/srv/a')).toBeUndefined();
});
