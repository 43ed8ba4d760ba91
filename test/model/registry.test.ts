import { describe, expect, test } from 'vitest';
import { credentialsFor, keyringOfDockerConfig, keyringOfSecret, registryOf } from '../../src/model/registry.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const config = (auths: object): Uint8Array => bytes(JSON.stringify({ auths }));
const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('what a pull secret holds', () => {
  test.each<[string, object, object[]]>([
    [
      'name and password in one',
      { 'r.example': { auth: base64('ann:s:e') } },
      [{ serverAddress: 'r.example', username: 'ann', password: 's:e' }],
    ],
    [
      'in two fields',
      { 'r.example:5000': { username: 'ann', password: 'x' } },
      [{ serverAddress: 'r.example:5000', username: 'ann', password: 'x' }],
    ],
    [
      'the one wins over the two',
      { r: { auth: base64('ann:x'), username: 'bob', password: 'y' } },
      [{ serverAddress: 'r', username: 'ann', password: 'x' }],
    ],
    ['a token', { r: { identitytoken: 't' } }, [{ serverAddress: 'r', identityToken: 't' }]],
    [
      'scheme and API version are no part of the address',
      { 'https://index.docker.io/v1/': { auth: base64('ann:x') }, 'http://r.example/team/': { auth: base64('bob:y') } },
      [
        { serverAddress: 'index.docker.io', username: 'ann', password: 'x' },
        { serverAddress: 'r.example/team', username: 'bob', password: 'y' },
      ],
    ],
    ['nothing, of a server whose credentials a helper keeps', { r: {} }, []],
  ])('%s', (_what, auths, keyring) => {
    expect(keyringOfSecret(new Map([['.dockerconfigjson', config(auths)]]))).toEqual({ ok: true, keyring });
    expect(keyringOfSecret(new Map([['.dockercfg', bytes(JSON.stringify(auths))]]))).toEqual({ ok: true, keyring });
    expect(keyringOfDockerConfig(config(auths))).toEqual({ ok: true, keyring });
  });

  test.each([
    ['{"auths": [', 'it is not JSON'],
    ['{"auths": 3}', 'its servers are not a map'],
    ['{"auths": "secret"}', 'its servers are not a map'],
  ])('%s is refused without telling it', (text, message) => {
    expect(keyringOfSecret(new Map([['.dockerconfigjson', bytes(text)]]))).toEqual({ ok: false, message });
  });

  test('another kind of secret is refused', () => {
    expect(keyringOfSecret(new Map([['tls.key', bytes('x')]]))).toEqual({
      ok: false,
      message: 'it has neither a key .dockerconfigjson nor .dockercfg',
    });
  });
});

test.each([
  ['nginx', 'index.docker.io', 'nginx'],
  ['team/app:1', 'index.docker.io', 'team/app'],
  ['docker.io/library/nginx', 'index.docker.io', 'library/nginx'],
  ['localhost/app:1', 'localhost', 'app'],
  ['localhost:5000/app:1', 'localhost:5000', 'app'],
  ['r.example/a/b@sha256:0', 'r.example', 'a/b'],
])('%s comes from %s', (image, registry, path) => {
  expect(registryOf(image)).toEqual({ registry, path });
});

const matching = (server: string, image: string): boolean =>
  credentialsFor(image, [[{ serverAddress: server, username: 'ann', password: 'x' }]]).length === 1;

test.each([
  ['r.example', 'r.example/app', true],
  ['r.example', 'r.example:5000/app', false],
  ['r.example:5000', 'r.example:5000/app', true],
  ['r.example/team', 'r.example/team/app', true],
  ['r.example/team', 'r.example/teams/app', false],
  ['r.example/team/app', 'r.example/team/app:1', true],
  ['*.example', 'r.example/app', true],
  ['*.example', 'a.r.example/app', false],
  ['*.*.example', 'a.r.example/app', true],
  ['prefix*.example', 'prefix-7.example/app', true],
  ['r?.example', 'r1.example/app', true],
  ['*.io', 'r.example/app', false],
  ['index.docker.io', 'nginx', true],
  ['docker.io', 'team/app', true],
  ['docker.io/team', 'team/app', true],
  ['docker.io/team', 'other/app', false],
  ['r.example', 'nginx', false],
])('credentials for %s, asked for %s: %s', (server, image, expected) => {
  expect(matching(server, image)).toBe(expected);
});

test('a hostile pattern ends', () => {
  expect(matching(`${'*a'.repeat(50)}.example`, `${'a'.repeat(60)}b.example/app`)).toBe(false);
});

test('all that match are tried: those of the first keyring before others, the longer path before the shorter', () => {
  const of = (serverAddress: string, username: string) => ({ serverAddress, username, password: 'x' });
  const keyrings = [[of('r.example', 'a'), of('r.example/team', 'b'), of('other', 'c')], [of('r.example/team/app', 'd')]];
  expect(credentialsFor('r.example/team/app:1', keyrings).map(({ username }) => username)).toEqual(['b', 'a', 'd']);
});
