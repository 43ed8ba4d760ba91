// Certificates from an ACME server: asked for, proven through a real proxy, kept, and asked for again when it is time or when it failed.
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { valueOf } from '../../src/model/ingress/certificates.ts';
import { ISSUED_ANNOTATION } from '../../src/network/ingress/certificates.ts';
import { CHALLENGES, challengesIn } from '../../src/network/ingress/challenges.ts';
import { selfSignedCertificate } from '../../src/network/ingress/self-signed.ts';
import { openMemoryStore } from '../../src/store/memory-store.ts';
import type { Store } from '../../src/store/store.ts';
import { systemClock } from '../../src/system/clock.ts';
import { silentLogger } from '../../src/system/logger.ts';
import { AcmeIssuer, ORDER_DEADLINE_MS } from '../../src/transport/acme.ts';
import { certificateFor } from '../network/ingress/backends.ts';
import { anIngress, aTlsSecret, rule, type Scene } from '../network/ingress/objects.ts';
import { RunningProxy } from '../network/ingress/running-proxy.ts';
import { type AcmeServer, startAcmeServer } from '../support/acme-server.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { seededIds } from '../support/seeded-ids.ts';

const hosts = ['a.example', 'b.example'];
const ingress = anIngress({ rules: [rule('a.example', ['/', 'Prefix', 'web'])], tls: [{ hosts, secretName: 'cert' }] });

let proxy: RunningProxy;
let store: Store;
let server: AcmeServer;
let issuer: AcmeIssuer;
/** Plays the part of the network agent. */
let follower: Promise<void>;
let ending = new AbortController();

const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10));
};
const secret = (): ReturnType<typeof store.get<'Secret'>> => store.get('Secret', 'shop', 'cert');
const reasons = (): string[] => store.list('Event', 'shop').map(({ reason }) => reason);

async function begin(httpPort: number, days = 90): Promise<void> {
  server = await startAcmeServer({ httpPort, days });
  const clock = systemClock();
  store = openMemoryStore({ clock, ids: seededIds(1) });
  issuer = new AcmeIssuer({
    store,
    clock,
    logger: silentLogger,
    email: 'ann@a.example',
    directoryUrl: server.directoryUrl,
    spreadMs: 300,
  });
  await store.write([{ op: 'create', resource: ingress }]);
}

beforeEach(async () => {
  ending = new AbortController();
  follower = Promise.resolve();
  proxy = await RunningProxy.open();
});
afterEach(async () => {
  ending.abort();
  await follower;
  await issuer.stop();
  await server.close();
  await proxy.close();
});

function scene(): Scene {
  return { ingresses: store.list('Ingress'), secrets: store.list('Secret') };
}

async function follow(): Promise<void> {
  let seen = -1;
  while (!ending.signal.aborted) {
    const revision = store.revision();
    if (revision !== seen) await proxy.apply(scene(), { challenges: challengesIn(store) });
    seen = revision;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

test('a certificate is issued, served and kept', async () => {
  await begin(proxy.httpPort);
  await proxy.apply(scene());
  follower = follow();
  issuer.start();
  await until(() => secret() !== undefined);
  const kept = secret();
  expect(kept).toMatchObject({
    type: 'kubernetes.io/tls',
    metadata: { annotations: { [ISSUED_ANNOTATION]: server.directoryUrl } },
  });
  const certificate = new X509Certificate(kept === undefined ? '' : (valueOf(kept, 'tls.crt') ?? ''));
  expect(certificate.subjectAltName).toBe('DNS:a.example, DNS:b.example');
  expect(server.asked.toSorted()).toEqual(hosts);
  await until(() => reasons().includes('CertificateIssued'));
  expect([...challengesIn(store)]).toEqual([]);
  while ((await certificateFor(proxy.httpsPort, 'b.example')) === 'default.example')
    await new Promise((resolve) => setTimeout(resolve, 10));
  // It is the only one: nothing asks again.
  expect(server.issued()).toBe(1);
});

test('one that has lived two thirds of its life is renewed, and its hosts have one at every moment', async () => {
  await begin(proxy.httpPort);
  const pem = selfSignedCertificate(['old.example', ...hosts], Date.now() - 7 * 365 * 86_400_000);
  const at = pem.indexOf('-----BEGIN PRIVATE');
  const old = aTlsSecret('cert', pem.slice(0, at), pem.slice(at));
  const annotations = { [ISSUED_ANNOTATION]: server.directoryUrl };
  const resource = { ...old, metadata: { name: 'cert', namespace: 'shop', annotations } };
  await store.write([{ op: 'create', resource }]);
  await proxy.apply(scene());
  follower = follow();
  const shown = [await certificateFor(proxy.httpsPort, 'b.example')];
  expect(shown).toEqual(['old.example']);
  issuer.start();
  while (shown.at(-1) === 'old.example') shown.push(await certificateFor(proxy.httpsPort, 'b.example'));
  // Nobody was shown the one of hosts without any.
  expect(shown).not.toContain('default.example');
  await until(() => reasons().includes('CertificateIssued'));
  const renewed = new X509Certificate(valueOf(secret() ?? old, 'tls.crt') ?? '');
  expect(renewed.subjectAltName).toBe('DNS:a.example, DNS:b.example');
  expect(server.issued()).toBe(1);
});

test('a proof that fails is told, and not tried at once again', async () => {
  // Nobody answers on the port of the proxy.
  await begin(proxy.httpPort);
  issuer.start();
  await until(() => reasons().includes('CertificateNotIssued'));
  expect(secret()).toBeUndefined();
  const [event] = store.list('Event', 'shop');
  expect(event?.message).toMatch(/gave no certificate for a\.example, b\.example: /);
  const asked = server.asked.length;
  await store.write([{ op: 'create', resource: anIngress({ ...ingress.spec, tls: [] }, { name: 'other' }) }]);
  expect(server.asked).toHaveLength(asked);
});

describe('a server that does not answer', () => {
  let clock: FakeClock;

  beforeEach(async () => {
    const sockets: Socket[] = [];
    const silent = createServer((socket) => void sockets.push(socket));
    const connected = once(silent, 'connection');
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    clock = new FakeClock();
    store = openMemoryStore({ clock, ids: seededIds(1) });
    const { port } = silent.address() as AddressInfo;
    const directoryUrl = `http://127.0.0.1:${port}/directory`;
    issuer = new AcmeIssuer({ store, clock, logger: silentLogger, email: 'ann@a.example', directoryUrl });
    const close = async (): Promise<void> => {
      silent.close();
      for (const socket of sockets) socket.destroy();
      await once(silent, 'close');
    };
    server = { directoryUrl, asked: [], issued: () => 0, close };
    await store.write([{ op: 'create', resource: ingress }]);
    issuer.start();
    await connected;
  });

  test('is given up in its time, and told of', async () => {
    await clock.advance(ORDER_DEADLINE_MS);
    await until(() => reasons().includes('CertificateNotIssued'));
    expect(store.list('Event', 'shop')[0]?.message).toMatch(/did not finish within/);
  });

  test('holds nobody up who stops', async () => {
    await issuer.stop();
    expect(reasons()).toEqual([]);
  });
});

test('answers that a controller left behind are taken away', async () => {
  await begin(proxy.httpPort);
  const { namespace, name } = CHALLENGES;
  const data = { token: Buffer.from('token.thumbprint').toString('base64') };
  await store.write([
    { op: 'create', resource: { apiVersion: 'v1', kind: 'Secret', metadata: { namespace, name }, type: 'Opaque', data } },
  ]);
  expect(challengesIn(store).size).toBe(1);
  issuer.start();
  await until(() => challengesIn(store).size === 0);
});
