// ConfigMaps and Secrets: keys, base64, sizes, and what the type of a Secret asks for.
import { expect, test } from 'vitest';
import { loadText } from '../../support/manifest-text.ts';
import { faultsOf } from './pod-faults.ts';

const secret = (rest: string): string => `apiVersion: v1\nkind: Secret\nmetadata: {name: x}\n${rest}\n`;
const configMap = (rest: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n${rest}\n`;
const key =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";
const half = 'x'.repeat(512 * 1024 + 1);

test.each<[string, string, string[]]>([
  ['a key', configMap('data: {a/b: c}'), [`data[a/b]: Invalid value: "a/b": ${key}`]],
  [
    'a long key',
    configMap(`data: {${'k'.repeat(254)}: c}`),
    [`data.${'k'.repeat(254)}: Invalid value: "${'k'.repeat(254)}": must be no more than 253 characters`],
  ],
  [
    'a step upwards',
    configMap('data: {..: c, .: d, ..e: f}'),
    [
      'data[..]: Invalid value: "..": must not be \'..\'',
      'data[.]: Invalid value: ".": must not be \'.\'',
      'data[..e]: Invalid value: "..e": must not start with \'..\'',
    ],
  ],
  ['a key of bytes', configMap('binaryData: {a/b: eA==}'), [`binaryData[a/b]: Invalid value: "a/b": ${key}`]],
  [
    'bytes that are none',
    configMap('binaryData: {a: x}'),
    ['binaryData.a: Invalid value: must be base64 (RFC 4648, with padding)'],
  ],
  [
    'one key in both',
    configMap('data: {a: b}\nbinaryData: {a: eA==}'),
    ['data.a: Invalid value: "a": duplicate of key present in binaryData'],
  ],
  ['too much together', configMap(`data: {a: ${half}, b: ${half}}`), ['data: Too long: may not be more than 1048576 bytes']],
  [
    'too much text of a Secret',
    secret(`stringData: {a: ${half}, b: ${half}}`),
    ['stringData: Too long: may not be more than 1048576 bytes'],
  ],
  ['a key of a Secret', secret('stringData: {a/b: c}'), [`stringData[a/b]: Invalid value: "a/b": ${key}`]],
  [
    'base64 without padding',
    secret('data: {a: eA}'),
    ['data.a: Invalid value: must be base64 (RFC 4648, with padding); plain text belongs under stringData'],
  ],
  [
    'a value that was hidden',
    secret('data: {a: (hidden)}'),
    ['data.a: Invalid value: must be base64 (RFC 4648, with padding); print the values with "holdfast render --show-secrets"'],
  ],
  ['a certificate without a key', secret('type: kubernetes.io/tls\nstringData: {tls.crt: a}'), ['data[tls.key]: Required value']],
  [
    'an SSH key that is empty',
    secret('type: kubernetes.io/ssh-auth\nstringData: {ssh-privatekey: ""}'),
    ['data.ssh-privatekey: Required value'],
  ],
  [
    'nobody to log in',
    secret('type: kubernetes.io/basic-auth\nstringData: {realm: a}'),
    ['data.username: Required value', 'data.password: Required value'],
  ],
  ['a password alone', secret('type: kubernetes.io/basic-auth\nstringData: {password: a}'), []],
  [
    'credentials for no registry',
    secret('type: kubernetes.io/dockerconfigjson\nstringData: {a: b}'),
    ['data[.dockerconfigjson]: Required value'],
  ],
  [
    'credentials that are no JSON',
    secret('type: kubernetes.io/dockerconfigjson\nstringData: {.dockerconfigjson: "[]"}'),
    ['data[.dockerconfigjson]: Invalid value: must be JSON'],
  ],
  ['credentials', secret(`type: kubernetes.io/dockercfg\nstringData: {.dockercfg: '{"a": {}}'}`), []],
  ['a type of its own', secret('type: example.com/thing\nstringData: {a: b}'), []],
])('%s', (_name, text, faults) => {
  expect(faultsOf(text)).toEqual(faults);
});

test('what a Secret holds is in no message', () => {
  const texts = [
    secret('data: {a: c3VwZXI}'),
    secret('type: kubernetes.io/dockercfg\nstringData: {.dockercfg: c3VwZXI}'),
    secret('data: {a: [c3VwZXI]}'),
  ];
  for (const text of texts) {
    const messages = loadText(text).problems.map(({ message }) => message);
    expect(messages).toHaveLength(1);
    expect(messages.join()).not.toContain('c3VwZXI');
  }
});

test('a token that nobody hands out is refused', () => {
  expect(loadText(secret('type: kubernetes.io/service-account-token')).problems).toMatchObject([
    {
      reason: 'UnsupportedField',
      field: 'type',
      message:
        'type "kubernetes.io/service-account-token" is not supported yet: Nothing hands out tokens for accounts yet, so it would stay empty; remove it.',
    },
  ]);
});
