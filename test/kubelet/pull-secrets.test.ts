import { expect, test } from 'vitest';
import { pullCredentials } from '../../src/kubelet/images/pull-secrets.ts';
import type { KeyedBytes } from '../../src/model/keyed-bytes.ts';
import { aPod } from '../support/builders.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const secret = (server: string, username: string): KeyedBytes =>
  new Map([['.dockerconfigjson', bytes(JSON.stringify({ auths: { [server]: { username, password: 'x' } } }))]]);
const podWith = (...names: string[]) => {
  const pod = aPod({ name: 'web' });
  return { ...pod, spec: { ...pod.spec, imagePullSecrets: names.map((name) => ({ name })) } };
};

test('secrets are tried in the order in which the pod names them', () => {
  const secrets = new Map([
    ['a', secret('r.example', 'ann')],
    ['b', secret('r.example', 'bob')],
  ]);
  expect(pullCredentials(podWith('b', 'a'), 'r.example/app', secrets)).toEqual({
    credentials: [
      { serverAddress: 'r.example', username: 'bob', password: 'x' },
      { serverAddress: 'r.example', username: 'ann', password: 'x' },
    ],
    problems: [],
  });
});

test('what is missing or no pull secret is told, and the others count', () => {
  const secrets = new Map<string, KeyedBytes>([
    ['a', secret('r.example', 'ann')],
    ['tls', new Map([['tls.key', bytes('x')]])],
  ]);
  expect(pullCredentials(podWith('gone', 'tls', 'a', 'lost'), 'r.example/app', secrets)).toEqual({
    credentials: [{ serverAddress: 'r.example', username: 'ann', password: 'x' }],
    problems: [
      'Unable to retrieve some image pull secrets (gone, lost); attempting to pull the image may not succeed.',
      'Image pull secret tls cannot be used: it has neither a key .dockerconfigjson nor .dockercfg',
    ],
  });
});

test('a pod without pull secrets has none', () => {
  expect(pullCredentials(aPod({ name: 'web' }), 'r.example/app', new Map())).toEqual({ credentials: [], problems: [] });
});
