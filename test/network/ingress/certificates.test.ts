// When certificates are asked for.
import { expect, test } from 'vitest';
import { readCertificate } from '../../../src/model/ingress/certificates.ts';
import type { Secret } from '../../../src/model/resource.ts';
import { type Attempt, ISSUED_ANNOTATION, pauseAfter, planCertificates } from '../../../src/network/ingress/certificates.ts';
import { selfSignedCertificate } from '../../../src/network/ingress/self-signed.ts';
import { anIngress, aTlsSecret, rule } from './objects.ts';

const START = Date.UTC(2026, 0, 1);
const YEAR = 365 * 86_400_000;
const ingress = anIngress({
  rules: [rule('a.example', ['/', 'Prefix', 'web'])],
  tls: [{ hosts: ['a.example'], secretName: 'cert' }],
});
const pem = selfSignedCertificate(['a.example'], START);
const at = pem.indexOf('-----BEGIN PRIVATE');
const theirs = aTlsSecret('cert', pem.slice(0, at), pem.slice(at));
const ours: Secret = {
  ...theirs,
  metadata: { ...theirs.metadata, annotations: { [ISSUED_ANNOTATION]: 'https://acme.example/' } },
};

const planned = (
  secret: Secret | undefined,
  now = START,
  attempts = new Map<string, Attempt>(),
  of = ingress,
): ReturnType<typeof planCertificates> => planCertificates({ ingresses: [of], classes: [], secret: () => secret, attempts, now });

test.each<[string, Secret | undefined, number, string[]]>([
  ['a missing one', undefined, START, ['there is none']],
  ["somebody else's", theirs, START + 20 * YEAR, []],
  ['one of ours in its first two thirds', ours, START + 6 * YEAR, []],
  ['one of ours after them', ours, START + 7 * YEAR, ['it has lived two thirds of its life']],
  ['one that cannot be read', { ...ours, stringData: {} }, START, ['it has no tls.crt and tls.key']],
])('%s', (_name, secret, now, reasons) => {
  expect(planned(secret, now).orders.map(({ reason }) => reason)).toEqual(reasons);
});

test('a host more takes another certificate', () => {
  const more = anIngress({ ...ingress.spec, tls: [{ hosts: ['a.example', 'b.example'], secretName: 'cert' }] });
  expect(planned(ours, START, new Map(), more).orders).toMatchObject([
    { hosts: ['a.example', 'b.example'], reason: 'it is not for b.example' },
  ]);
});

test('a wildcard cannot be proven', () => {
  const wild = anIngress({ ...ingress.spec, tls: [{ hosts: ['*.a.example'], secretName: 'cert' }] });
  expect(planned(undefined, START, new Map(), wild)).toMatchObject({
    orders: [],
    unprovable: [{ message: '*.a.example cannot be proven over HTTP: bring Secret "cert", or name the hosts one by one' }],
  });
});

test('failures are waited for, longer each time', () => {
  const attempts = new Map([['shop/cert', { failures: 3, lastMs: START }]]);
  expect(planned(undefined, START + 1, attempts)).toMatchObject({ orders: [], nextMs: START + 240_000 });
  expect(planned(undefined, START + 240_000, attempts).orders).toHaveLength(1);
  expect([0, 1, 2, 3, 20].map(pauseAfter)).toEqual([0, 60_000, 120_000, 240_000, 21_600_000]);
});

test('a certificate that signed itself can be read, and its key fits', () => {
  const read = readCertificate(theirs);
  expect(read).toMatchObject({ ok: true, names: ['a.example'], notBeforeMs: START - 3_600_000, notAfterMs: START + 10 * YEAR });
  const other = selfSignedCertificate(['a.example'], START);
  expect(readCertificate(aTlsSecret('x', pem.slice(0, at), other.slice(other.indexOf('-----BEGIN PRIVATE'))))).toEqual({
    ok: false,
    message: 'its tls.key is not the key of its tls.crt',
  });
});
