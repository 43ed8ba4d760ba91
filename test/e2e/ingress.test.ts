// Ingresses as users write them, asked from outside of the cluster: hosts, paths, certificates, redirection, and what becomes of them without
// the controller.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { get as getHttp } from 'node:http';
import { get as getHttps } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { byHand } from '../support/docker.ts';
import type { RunningCommand } from '../support/e2e-command.ts';
import { yaml } from '../support/e2e-manifests.ts';
import { server, service } from '../support/e2e-network.ts';
import { NETWORK_SCENE_MS, networkScene } from '../support/e2e-network-scene.ts';
import type { Scene } from '../support/e2e-scene.ts';
import { until } from '../support/e2e-until.ts';

const HTTP_PORT = 21_080 + Number(process.env['VITEST_POOL_ID'] ?? 0) * 10;
const HTTPS_PORT = HTTP_PORT + 1;
const PORTS = ['--ingress-ports', `${HTTP_PORT},${HTTPS_PORT}`];

interface Answered {
  readonly status: number | undefined;
  readonly body: string;
  readonly location: string | undefined;
  /** Common name of the certificate that was shown. */
  readonly certificate?: string;
}

/** Asks the Ingress ports of this host for a page. */
function ask(url: string): Promise<Answered> {
  const { hostname, pathname, protocol } = new URL(url);
  const isTls = protocol === 'https:';
  const options = { host: '127.0.0.1', path: pathname, headers: { host: hostname }, agent: false } as const;
  return new Promise((resolve, reject) => {
    const ofTls = { ...options, port: HTTPS_PORT, servername: hostname, rejectUnauthorized: false };
    const request = isTls ? getHttps(ofTls) : getHttp({ ...options, port: HTTP_PORT });
    request.on('error', reject).on('response', (answer) => {
      const certificate = isTls ? String((answer.socket as TLSSocket).getPeerCertificate().subject.CN) : undefined;
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () =>
        resolve({
          status: answer.statusCode,
          body: Buffer.concat(chunks).toString().trim(),
          location: answer.headers.location,
          ...(certificate === undefined ? {} : { certificate }),
        }),
      );
    });
  });
}

/** A certificate for a host, made here, as the Secret that a team would commit. */
function certificate(name: string, host: string, commonName: string): object {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-certificate-'));
  try {
    const [key, file] = [join(folder, 'key'), join(folder, 'certificate')];
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '30'];
    const names = ['-subj', `/CN=${commonName}`, '-addext', `subjectAltName=DNS:${host}`];
    execFileSync('openssl', ['req', '-x509', ...curve, ...names, '-keyout', key, '-out', file], { stdio: 'ignore' });
    const stringData = { 'tls.crt': readFileSync(file, 'utf8'), 'tls.key': readFileSync(key, 'utf8') };
    return { apiVersion: 'v1', kind: 'Secret', metadata: { name }, type: 'kubernetes.io/tls', stringData };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const to = (name: string): object => ({ service: { name, port: { number: 80 } } });
const path = (text: string, name: string, pathType = 'Prefix'): object => ({ path: text, pathType, backend: to(name) });

function ingress(name: string, host: string, paths: readonly object[], more: object = {}, annotations: object = {}): object {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name, annotations },
    spec: { rules: [{ host, http: { paths } }], ...more },
  };
}

describe('Ingresses', () => {
  let at: Scene;
  let controller: RunningCommand;
  const rewrite = { 'nginx.ingress.kubernetes.io/rewrite-target': '/$1', 'nginx.ingress.kubernetes.io/use-regex': 'true' };
  const secure = (commonName: string): string =>
    yaml(
      certificate('shop-certificate', 'secure.example', commonName),
      ingress('secure', 'secure.example', [path('/', 'shop')], {
        tls: [{ hosts: ['secure.example'], secretName: 'shop-certificate' }],
      }),
    );
  const files = {
    'apps.yaml': yaml(service('shop'), server('shop', { replicas: 2 }), service('blog'), server('blog')),
    'plain.yaml': yaml(ingress('plain', 'plain.example', [path('/', 'shop'), path('/cgi-bin/blog', 'blog')])),
    'paths.yaml': yaml(
      ingress('rewritten', 'rewritten.example', [path('/blog/(.*)', 'blog', 'ImplementationSpecific')], {}, rewrite),
      ingress('anything', '*.wild.example', [path('/', 'blog')]),
    ),
    'secure.yaml': secure('secure.example'),
  };
  const who = (url: string): Promise<Answered> => ask(`${url}/cgi-bin/who`);

  beforeAll(async () => {
    ({ at, controller } = await networkScene('ingress', files, PORTS));
  }, NETWORK_SCENE_MS);
  afterAll(async () => {
    await at.close();
  }, NETWORK_SCENE_MS);

  test('hosts and paths lead to their Services, and nothing else is answered', async () => {
    // Readiness takes a moment to the door.
    await until(
      'answers of both Services',
      () => Promise.all([who('http://plain.example'), who('http://any.wild.example')]),
      (answers) => answers.every(({ status }) => status === 200),
    );
    expect((await who('http://plain.example')).body).toMatch(/^shop-/);
    expect((await who('http://any.wild.example')).body).toMatch(/^blog-/);
    expect((await who('http://two.levels.wild.example')).status).toBe(404);
    expect((await who('http://unknown.example')).status).toBe(404);
    expect((await ask('http://rewritten.example/blog/cgi-bin/who')).body).toMatch(/^blog-/);
    expect((await ask('http://rewritten.example/cgi-bin/who')).status).toBe(404);
  });

  test('a host with a certificate is served by it, and plain http is sent there', async () => {
    expect(await who('https://secure.example')).toMatchObject({
      status: 200,
      body: expect.stringMatching(/^shop-/) as string,
      certificate: 'secure.example',
    });
    expect(await who('http://secure.example')).toMatchObject({
      status: 308,
      location: `https://secure.example:${HTTPS_PORT}/cgi-bin/who`,
    });
  });

  test('a renewed certificate, another path and more pods reach the door by the commit that has them', async () => {
    const commit = await at.repo.commit(
      {
        'secure.yaml': secure('renewed'),
        'plain.yaml': yaml(ingress('plain', 'plain.example', [path('/', 'blog')])),
        'apps.yaml': yaml(service('shop'), server('shop', { replicas: 3 }), service('blog'), server('blog')),
      },
      'Renewed',
    );
    await at.untilLive(commit);
    await until(
      'the new certificate',
      () => who('https://secure.example'),
      (answer) => answer.certificate === 'renewed',
    );
    await until(
      'the other Service',
      () => who('http://plain.example'),
      ({ body }) => body.startsWith('blog-'),
    );
    const seen = new Set<string>();
    await until(
      'all three pods',
      async () => seen.add((await who('https://secure.example')).body.split(' ')[0] ?? ''),
      (names) => names.size === 3,
    );
  });

  test('get and why tell where it is served', async () => {
    const { stdout } = await at.ask(['get', 'ingress', 'secure']);
    expect(stdout).toMatch(
      /^NAME +CLASS +HOSTS +ADDRESS +PORTS +AGE\nsecure +<none> +secure\.example +\d+\.\d+\.\d+\.\d+ +80, 443 /,
    );
    expect((await at.ask(['why', 'ingress/secure'])).stdout).toMatch(/^ingress\/secure is healthy/);
    expect((await at.holdfast(['net', 'check'])).stdout).toMatch(/All \d+ checks are right/);
  });

  test('a load balancer does not take the ports away', async () => {
    const door = service('door', {
      type: 'LoadBalancer',
      selector: { app: 'shop' },
      ports: [{ port: HTTP_PORT, targetPort: 'http' }],
    });
    await at.repo.commit({ 'door.yaml': yaml(door) }, 'A load balancer on the port of the door');
    await until(
      'it waits and says why',
      async () => (await at.ask(['why', 'service/door'])).stdout,
      (text) => text.includes(`port ${HTTP_PORT}/TCP of `) && text.includes(' serves Ingresses, such as ingress/'),
    );
    expect((await who('http://plain.example')).body).toMatch(/^blog-/);
    await at.untilLive(await at.repo.commit({ 'door.yaml': null }, 'Without it'));
  });

  test('without the controller it is served on, also by a network container that began anew', async () => {
    await at.stop(controller);
    expect((await who('https://secure.example')).status).toBe(200);
    type Inspected = { readonly State: { readonly Pid: number }; readonly RestartCount: number };
    const look = async (): Promise<Inspected> => (await byHand('GET', `/containers/hf.${at.cluster}._network/json`)) as Inspected;
    const before = await look();
    process.kill(before.State.Pid, 'SIGKILL');
    await until('Docker has started it again', look, ({ RestartCount }) => RestartCount > before.RestartCount);
    await until(
      'it is served again',
      () => who('https://secure.example').catch(() => undefined),
      (answer) => answer?.status === 200 && answer.certificate === 'renewed',
    );
    expect((await who('http://plain.example')).body).toMatch(/^blog-/);
    expect((await who('http://unknown.example')).status).toBe(404);
  });
});
