// A real proxy under the configuration that plans make: what clients get.
import { execFileSync } from 'node:child_process';
import { connect as connectH2 } from 'node:http2';
import { networkInterfaces } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { selfSignedCertificate } from '../../../src/network/ingress/self-signed.ts';
import { ask, certificateFor, closePods, type Pod, startGrpcPod, startPod, upgraded } from './backends.ts';
import { anIngress, aService, aSlice, aTlsSecret, rule, type Scene } from './objects.ts';
import { RunningProxy } from './running-proxy.ts';

const nginx = (annotations: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(annotations).map(([name, value]) => [`nginx.ingress.kubernetes.io/${name}`, value]));

let proxy: RunningProxy;
let web: Pod;
let api: Pod;
let grpc: Pod;
let scene: Scene;

/** A Secret with a certificate for names. */
function secretFor(name: string, ...names: [string, ...string[]]): ReturnType<typeof aTlsSecret> {
  const pem = selfSignedCertificate(names, Date.now());
  const at = pem.indexOf('-----BEGIN PRIVATE');
  return aTlsSecret(name, pem.slice(0, at), pem.slice(at));
}

/** … whose key is of the kind that proxies like less. */
function rsaSecretFor(name: string, host: string): ReturnType<typeof aTlsSecret> {
  const words = ['req', '-x509', '-newkey', 'rsa:2048', '-noenc', '-keyout', '-', '-subj', `/CN=${host}`, '-batch'];
  const pem = execFileSync('openssl', [...words, '-addext', `subjectAltName=DNS:${host}`], { stdio: 'pipe' }).toString();
  const at = pem.indexOf('-----BEGIN CERTIFICATE');
  return aTlsSecret(name, pem.slice(at), pem.slice(0, at));
}

const password = (word: string): string => execFileSync('openssl', ['passwd', '-6', word]).toString().trim();

beforeAll(async () => {
  [proxy, web, api, grpc] = await Promise.all([RunningProxy.open(), startPod('web'), startPod('api'), startGrpcPod('grpc')]);
  const own = (host: string, annotations: Record<string, string>, path = '/'): ReturnType<typeof anIngress> =>
    anIngress({ rules: [rule(host, [path, 'ImplementationSpecific', 'web'])] }, { name: host.replaceAll('.', '-'), annotations });
  scene = {
    ingresses: [
      anIngress({
        rules: [
          rule('a.example', ['/', 'Prefix', 'web'], ['/api', 'Prefix', 'api', 'http'], ['/exact', 'Exact', 'api']),
          rule('*.a.example', ['/', 'Prefix', 'api']),
          rule('', ['/open', 'Prefix', 'api']),
        ],
      }),
      anIngress(
        {
          rules: [
            rule('tls.example', ['/', 'Prefix', 'web']),
            rule('x.wild.example', ['/', 'Prefix', 'web']),
            rule('own.wild.example', ['/', 'Prefix', 'web']),
            rule('none.example', ['/', 'Prefix', 'web']),
          ],
          tls: [
            { hosts: ['tls.example'], secretName: 'one' },
            { hosts: ['*.wild.example'], secretName: 'two' },
            { hosts: ['own.wild.example'], secretName: 'three' },
            { hosts: ['none.example'], secretName: 'missing' },
          ],
        },
        { name: 'secure' },
      ),
      anIngress(
        { rules: [rule('both.example', ['/', 'Prefix', 'web'])], tls: [{ hosts: ['both.example'], secretName: 'one' }] },
        { name: 'both', annotations: nginx({ 'ssl-redirect': 'false' }) },
      ),
      own('regex.example', nginx({ 'rewrite-target': '/$2' }), '/shop(/|$)(.*)'),
      own('rewrite.example', nginx({ 'rewrite-target': '/' }), '/shop'),
      own('root.example', nginx({ 'app-root': '/start' })),
      own('small.example', nginx({ 'proxy-body-size': '1k' })),
      own('auth.example', nginx({ 'auth-type': 'basic', 'auth-secret': 'users', 'auth-realm': 'The Shop' })),
      own('nobody.example', nginx({ 'auth-type': 'basic', 'auth-secret': 'nowhere' })),
      own('away.example', nginx({ 'whitelist-source-range': '192.0.2.0/24' })),
      own('near.example', nginx({ 'whitelist-source-range': '192.0.2.0/24,127.0.0.0/8' })),
      own('moved.example', nginx({ 'permanent-redirect': 'https://new.example$request_uri' })),
      own('cors.example', nginx({ 'enable-cors': 'true', 'cors-allow-origin': 'https://*.friend.example' })),
      own('sticky.example', nginx({ affinity: 'cookie', 'session-cookie-name': 'route' })),
      own('limited.example', nginx({ 'limit-rps': '1' })),
      own('snippet.example', nginx({ 'server-snippet': 'location / {}' })),
      anIngress(
        { rules: [rule('grpc.example', ['/', 'Prefix', 'grpc'])] },
        { name: 'grpc', annotations: nginx({ 'backend-protocol': 'GRPC' }) },
      ),
      anIngress({ rules: [rule('empty.example', ['/', 'Prefix', 'empty'])] }, { name: 'empty' }),
      anIngress(
        {
          rules: [rule('fallback.example', ['/x', 'Prefix', 'web'])],
          defaultBackend: { service: { name: 'api', port: { number: 80 } } },
        },
        { name: 'fallback' },
      ),
    ],
    services: [aService('web'), aService('api'), aService('grpc'), aService('empty')],
    slices: [
      aSlice('web', ['127.0.0.1'], web.port),
      aSlice('api', ['127.0.0.1'], api.port),
      aSlice('grpc', ['127.0.0.1'], grpc.port),
    ],
    secrets: [
      secretFor('one', 'tls.example'),
      secretFor('two', '*.wild.example'),
      rsaSecretFor('three', 'own.wild.example'),
      {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'users', namespace: 'shop' },
        stringData: { auth: `ann:${password('secret')}\n` },
      },
    ],
  };
  expect(await proxy.apply(scene)).toEqual({ exitCode: 0, output: expect.stringMatching(/^SERVING \d+\n$/) });
});
afterAll(async () => {
  await proxy.close();
  await closePods();
});

describe('routes', () => {
  test.each([
    ['a.example/', 'web'],
    ['a.example/apis', 'web'],
    ['a.example/api', 'api'],
    ['a.example/api/', 'api'],
    ['a.example/api/v1', 'api'],
    ['a.example//api/v1', 'api'],
    ['a.example/%61pi/v1', 'api'],
    ['A.Example:8080/api', 'api'],
    ['a.example./', 'web'],
    ['A.example.:8080/x', 'web'],
    ['a.example/exact', 'api'],
    ['a.example/exact/', 'web'],
    ['b.a.example/', 'api'],
    ['elsewhere.example/open/x', 'api'],
    // No rule takes it: the default backend of the only Ingress that has one.
    ['fallback.example/y', 'api'],
    ['fallback.example/x/y', 'web'],
    ['c.b.a.example/', 'api'],
  ])('%s leads to %s', async (url, pod) => {
    expect((await ask(proxy.httpPort, url)).told?.pod).toBe(pod);
  });

  test.each([
    ['fallback.example/x', '/y'],
    ['fallback.example/x,fallback.example', '/y'],
    ['fallback.example,fallback.example/x', '/y'],
    ['fallback.example:80/x', '/y'],
    ['Fallback.example/x', '/%79'],
  ])('a host that is written as %s does not bring a path of its own', async (host, path) => {
    // What leads to another pod is the path /x/y.
    expect((await ask(proxy.httpPort, `any.example${path}`, { headers: { host } })).told).toMatchObject({ pod: 'api', path });
  });

  test.each(['a.example/.x/api', 'a.example/%61pi'])('%s is compared as it is meant', async (url) => {
    expect((await ask(proxy.httpPort, url)).told?.pod).toBe(url.endsWith('%61pi') ? 'api' : 'web');
  });

  test('a path that climbs is refused', async () => {
    expect((await ask(proxy.httpPort, 'a.example/x/%2e%2e/api')).status).toBe(400);
  });

  test('a Service without pods answers 503 with a page', async () => {
    expect(await ask(proxy.httpPort, 'empty.example/')).toMatchObject({ status: 503, body: 'No pod is ready to answer.\n' });
  });

  test('an Ingress that asks for what cannot be done lets nobody through', async () => {
    expect((await ask(proxy.httpPort, 'snippet.example/')).status).toBe(503);
  });

  test('a pod sees who asks, and how', async () => {
    const { told } = await ask(proxy.httpPort, 'a.example/q?x=1', { headers: { 'X-Forwarded-For': '1.2.3.4' } });
    expect(told).toMatchObject({
      path: '/q?x=1',
      headers: {
        host: 'a.example',
        'x-forwarded-for': '127.0.0.1',
        'x-real-ip': '127.0.0.1',
        'x-forwarded-host': 'a.example',
        'x-forwarded-proto': 'http',
        'x-forwarded-port': String(proxy.httpPort),
        'x-forwarded-scheme': 'http',
      },
    });
  });

  test.runIf(networkInterfaces()['lo']?.some(({ family }) => family === 'IPv6'))(
    'also over IPv6, and is told the address',
    async () => {
      expect((await ask(proxy.httpPort, 'a.example/api', { at: '::1' })).told?.headers['x-forwarded-for']).toBe('::1');
      expect((await ask(proxy.httpsPort, 'tls.example/', { at: '::1', tls: true })).told?.headers['x-forwarded-for']).toBe('::1');
      expect((await ask(proxy.httpPort, 'away.example/', { at: '::1' })).status).toBe(403);
      const answers = await Promise.all(Array.from({ length: 12 }, () => ask(proxy.httpPort, 'limited.example/', { at: '::1' })));
      expect(answers.map(({ status }) => status)).toContain(503);
    },
  );

  test('a host with a port is told as it was asked for, and nobody tells a pod of another one', async () => {
    const headers = {
      host: 'A.Example:8080',
      'X-Forwarded-Host': 'x.example',
      'X-Forwarded-Scheme': 'https',
      Proxy: 'x.example',
    };
    const { told } = await ask(proxy.httpPort, 'any.example/api', { headers });
    expect(told?.headers).toMatchObject({
      host: 'A.Example:8080',
      'x-forwarded-host': 'A.Example:8080',
      'x-forwarded-scheme': 'http',
    });
    expect(told?.headers['proxy']).toBeUndefined();
  });
});

describe('TLS', () => {
  test.each([
    ['tls.example', 'tls.example'],
    ['x.wild.example', '*.wild.example'],
    ['own.wild.example', 'own.wild.example'],
    ['none.example', 'default.example'],
    ['unknown.example', 'default.example'],
  ])('%s shows the certificate of %s', async (host, name) => {
    expect(await certificateFor(proxy.httpsPort, host)).toBe(name);
  });

  test('a host with a certificate is sent to it, with path and query', async () => {
    const { status, headers } = await ask(proxy.httpPort, 'tls.example/a/b?c=d');
    expect([status, headers.location]).toEqual([308, `https://tls.example:${proxy.httpsPort}/a/b?c=d`]);
    expect((await ask(proxy.httpPort, 'x.wild.example/')).status).toBe(308);
  });

  test('ssl-redirect: "false" keeps it as it is', async () => {
    expect((await ask(proxy.httpPort, 'both.example/')).told?.headers['x-forwarded-proto']).toBe('http');
    expect((await ask(proxy.httpsPort, 'both.example/', { tls: true })).told?.headers).toMatchObject({
      'x-forwarded-proto': 'https',
      'x-forwarded-scheme': 'https',
      'x-forwarded-port': String(proxy.httpsPort),
    });
  });

  test('HTTP/2', async () => {
    const session = connectH2(`https://127.0.0.1:${proxy.httpsPort}`, { servername: 'tls.example', rejectUnauthorized: false });
    const stream = session.request({ ':path': '/h2', ':authority': 'tls.example' });
    const text = await bodyOf(stream);
    session.close();
    expect(JSON.parse(text)).toMatchObject({ pod: 'web', path: '/h2' });
  });

  test('gRPC, with its trailers', async () => {
    const session = connectH2(`https://127.0.0.1:${proxy.httpsPort}`, { servername: 'grpc.example', rejectUnauthorized: false });
    const stream = session.request({
      ':path': '/shop.Cart/Add',
      ':method': 'POST',
      ':authority': 'grpc.example',
      te: 'trailers',
      'content-type': 'application/grpc',
    });
    const trailers = new Promise((resolve) => stream.on('trailers', resolve));
    stream.end('x');
    expect(await bodyOf(stream)).toBe('/shop.Cart/Add');
    expect(await trailers).toMatchObject({ 'grpc-status': '0' });
    session.close();
  });
});

async function bodyOf(stream: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return text;
}

describe('annotations', () => {
  test('rewrite-target with groups', async () => {
    const paths = await Promise.all(
      ['/shop', '/shop/', '/shop/a/b?c=1', '/SHOP/x'].map((path) => ask(proxy.httpPort, `regex.example${path}`)),
    );
    expect(paths.map(({ told }) => told?.path)).toEqual(['/', '/', '/a/b?c=1', '/x']);
  });

  test('rewrite-target, however the path is written that the rule is for', async () => {
    const paths = await Promise.all(
      ['//shop//a', '/%73hop/a%20b', '/shop/%3Fx?y=1', '/%73hop/%3Fx%0d%0ay:%20z?y=1', '//shop/%C3%A9'].map((path) =>
        ask(proxy.httpPort, `regex.example${path}`),
      ),
    );
    expect(paths.map(({ told }) => told?.path)).toEqual(['/a', '/a%20b', '/%3Fx?y=1', '/%3Fx%0D%0Ay%3A%20z?y=1', '/%C3%A9']);
  });

  test('rewrite-target without groups', async () => {
    expect((await ask(proxy.httpPort, 'rewrite.example/shop/a?b=c')).told?.path).toBe('/?b=c');
    // The default backend of another Ingress takes what its rule does not.
    expect((await ask(proxy.httpPort, 'rewrite.example/shopping')).told?.pod).toBe('api');
  });

  test('app-root', async () => {
    const { status, headers } = await ask(proxy.httpPort, 'root.example/');
    expect([status, headers.location]).toEqual([302, '/start']);
    expect((await ask(proxy.httpPort, 'root.example/start')).told?.pod).toBe('web');
  });

  test('proxy-body-size', async () => {
    const send = async (length: number): Promise<number> =>
      (await ask(proxy.httpPort, 'small.example/', { method: 'POST', body: 'x'.repeat(length) })).status;
    expect(await Promise.all([1024, 1025, 100_000].map(send))).toEqual([200, 413, 413]);
  });

  test('basic authentication', async () => {
    const login = (text: string): { headers: Record<string, string> } => ({ headers: { authorization: `Basic ${btoa(text)}` } });
    const refused = await ask(proxy.httpPort, 'auth.example/');
    expect([refused.status, refused.headers['www-authenticate']]).toEqual([401, 'Basic realm="The Shop"']);
    expect((await ask(proxy.httpPort, 'auth.example/', login('ann:wrong'))).status).toBe(401);
    expect((await ask(proxy.httpPort, 'auth.example/', login('ann:secret'))).told?.pod).toBe('web');
    expect((await ask(proxy.httpPort, 'nobody.example/', login('ann:secret'))).status).toBe(401);
  });

  test('whitelist-source-range', async () => {
    expect((await ask(proxy.httpPort, 'away.example/')).status).toBe(403);
    expect((await ask(proxy.httpPort, 'near.example/')).status).toBe(200);
  });

  test('permanent-redirect', async () => {
    const { status, headers } = await ask(proxy.httpPort, 'moved.example/a?b');
    expect([status, headers.location]).toEqual([301, 'https://new.example/a?b']);
  });

  test('CORS', async () => {
    const from = (origin: string, method: string): ReturnType<typeof ask> =>
      ask(proxy.httpPort, 'cors.example/', { method, headers: { origin } });
    const friend = 'https://a.friend.example';
    expect((await from(friend, 'OPTIONS')).headers).toMatchObject({
      'access-control-allow-origin': friend,
      'access-control-max-age': '1728000',
    });
    expect((await from(friend, 'GET')).headers['access-control-allow-origin']).toBe(friend);
    expect((await from('https://foe.example', 'GET')).headers['access-control-allow-origin']).toBeUndefined();
  });

  test('affinity', async () => {
    const [first] = (await ask(proxy.httpPort, 'sticky.example/')).headers['set-cookie'] ?? [];
    expect(first).toMatch(/^route=[0-9a-f]+; path=\/; HttpOnly$/);
  });

  test('limit-rps', async () => {
    const statuses: number[] = [];
    for (let index = 0; index < 12; index += 1) statuses.push((await ask(proxy.httpPort, 'limited.example/')).status);
    expect([...new Set(statuses)]).toEqual([200, 503]);
  });

  test('a WebSocket', async () => {
    expect(await upgraded(proxy.httpPort, 'a.example', 'hello')).toBe('hello');
  });
});
