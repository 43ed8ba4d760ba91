import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseLocation, withoutCredentials } from '../../src/git/location.ts';

describe('parseLocation', () => {
  test.each([
    ['a path', './some/repo', { kind: 'local', path: resolve('some/repo'), description: resolve('some/repo') }],
    ['an absolute path', '/srv/repo', { kind: 'local', path: '/srv/repo', description: '/srv/repo' }],
    ['a path with a colon behind a slash', './a:b', { kind: 'local', path: resolve('a:b'), description: resolve('a:b') }],
    ['a file URL', 'file:///srv/my%20repo', { kind: 'local', path: '/srv/my repo', description: '/srv/my repo' }],
    [
      'ssh',
      'ssh://git@example.org:2222/a/b.git',
      { kind: 'ssh', url: 'ssh://git@example.org:2222/a/b.git', description: 'ssh://git@example.org:2222/a/b.git' },
    ],
    [
      'git+ssh',
      'git+ssh://git@example.org/a',
      { kind: 'ssh', url: 'ssh://git@example.org/a', description: 'ssh://git@example.org/a' },
    ],
    ['scp', 'git@example.org:a/b.git', { kind: 'ssh', url: 'git@example.org:a/b.git', description: 'git@example.org:a/b.git' }],
    ['scp without user', 'example.org:b', { kind: 'ssh', url: 'example.org:b', description: 'example.org:b' }],
    ['scp with IPv6', 'git@[::1]:b', { kind: 'ssh', url: 'git@[::1]:b', description: 'git@[::1]:b' }],
  ])('reads %s', (_, repo, expected) => {
    expect(parseLocation(repo)).toEqual(expected);
  });

  test('takes credentials out of an http URL', () => {
    expect(parseLocation('https://ada:p%40ss@example.org/a/b.git/?token=secret')).toEqual({
      kind: 'http',
      url: 'https://example.org/a/b.git',
      description: 'https://example.org/a/b.git',
      username: 'ada',
      password: 'p@ss',
    });
  });

  test.each([
    ['nothing', '', 'empty'],
    ['an option', '--upload-pack=touch /tmp/x', 'cannot start with "-"'],
    ['a remote helper', 'ext::sh -c id', 'remote helpers'],
    ['a host that is an option', 'ssh://-oProxyCommand=id/x', 'cannot start with "-"'],
    ['an encoded one', 'ssh://%2DoProxyCommand=id/x', ''],
    ['a user that is an option', '-oProxyCommand=id@host:x', 'cannot start with "-"'],
    ['a password for ssh', 'ssh://git:secret@host/x', 'use a key file'],
    ['no repository', 'ssh://git@host', 'names no repository'],
    ['no scp path', 'git@host:', 'names no repository'],
    ['another protocol', 'ftp://ada:secret@host/x', 'not supported'],
    ['the git protocol', 'git://host/x', 'not supported'],
    ['a broken escape', 'https://a%zz:secret@host/x', '%25'],
    ['a file URL with a host', 'file://host/x', 'file:///path'],
  ])('refuses %s', (_, repo, why) => {
    expect(() => parseLocation(repo)).toThrow(
      expect.objectContaining({ fault: 'Misconfigured', message: expect.stringContaining(why) }),
    );
    expect(() => parseLocation(repo)).not.toThrow(/secret/);
  });
});

test('withoutCredentials hides them in any text', () => {
  expect(withoutCredentials('fatal: https://ada:secret@host/x and ssh://git@host')).toBe(
    'fatal: https://***@host/x and ssh://***@host',
  );
});
