// How large a pull would be, asked of registries that answer, refuse, want a token, or are none.
import { createServer, type RequestListener, type Server } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { imagePullBytes, manifestPlace } from '../../src/docker/registry-sizes.ts';

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const bound = server.address();
  return `127.0.0.1:${typeof bound === 'object' && bound !== null ? bound.port : 0}`;
}

const manifest = JSON.stringify({ config: { size: 5 }, layers: [{ size: 100 }, { size: 20 }] });
const index = JSON.stringify({
  manifests: [
    { digest: 'sha256:arm', platform: { os: 'linux', architecture: 'arm64' } },
    { digest: 'sha256:amd', platform: { os: 'linux', architecture: 'amd64' } },
  ],
});
const files: Readonly<Record<string, string>> = {
  '/v2/shop/web/manifests/1': manifest,
  '/v2/shop/all/manifests/1': index,
  '/v2/shop/all/manifests/sha256:amd': manifest,
  '/v2/shop/odd/manifests/1': 'no JSON',
};
const registry: RequestListener = ({ url = '' }, response) => {
  response.writeHead(files[url] === undefined ? 404 : 200).end(files[url]);
};
/** Gives a token to Ali only. */
const guarded: RequestListener = (request, response) => {
  const { url = '', headers } = request;
  if (url.startsWith('/token')) {
    const isAli = headers.authorization === `Basic ${Buffer.from('ali:sesame').toString('base64')}`;
    response.writeHead(isAli ? 200 : 401).end(isAli && url.includes('scope=pull') ? '{"token":"t"}' : '');
  } else if (headers.authorization === 'Bearer t') registry(request, response);
  else {
    const challenge = `Bearer realm="http://${headers.host}/token",service="r",scope="pull"`;
    response.writeHead(401, { 'WWW-Authenticate': challenge }).end();
  }
};
const ali = { serverAddress: 'x', username: 'ali', password: 'sesame' };

async function size(
  listener: RequestListener,
  name: string,
  credentials: readonly (typeof ali)[] = [],
): Promise<number | undefined> {
  const image = `${await serve(listener)}/${name}`;
  return await imagePullBytes({ image, credentials, architecture: 'amd64' }, new AbortController().signal);
}

describe('the size of an image', () => {
  test('of one machine', async () => expect(await size(registry, 'shop/web:1')).toBe(125));
  test('of several: that of the engine', async () => expect(await size(registry, 'shop/all:1')).toBe(125));
  test('that is not there', async () => expect(await size(registry, 'shop/none:1')).toBe(undefined));
  test('that is no manifest', async () => expect(await size(registry, 'shop/odd:1')).toBe(undefined));
  test('for a token', async () => expect(await size(guarded, 'shop/web:1', [ali])).toBe(125));
  test('without the right password', async () =>
    expect(await size(guarded, 'shop/web:1', [{ ...ali, password: 'x' }])).toBe(undefined));
  test('with a name and password', async () => {
    const basic: RequestListener = (request, response) => {
      if (request.headers.authorization !== undefined) registry(request, response);
      else response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="r"' }).end();
    };
    expect([await size(basic, 'shop/web:1', [ali]), await size(basic, 'shop/web:1')]).toEqual([125, undefined]);
  });
  test('where nobody listens', async () => {
    const question = { image: '127.0.0.1:9/x:1', credentials: [], architecture: 'amd64' };
    expect(await imagePullBytes(question, new AbortController().signal)).toBe(undefined);
  });
  test('is not waited for when nobody wants to know any more', async () => {
    const address = await serve(() => {});
    const aborter = new AbortController();
    const asked = imagePullBytes({ image: `${address}/x:1`, credentials: [], architecture: 'amd64' }, aborter.signal);
    aborter.abort(new Error('enough'));
    await expect(asked).rejects.toThrow('enough');
  });
});

test.each([
  ['busybox', 'https://registry-1.docker.io', 'library/busybox', 'latest'],
  ['docker.io/ada/web:2', 'https://registry-1.docker.io', 'ada/web', '2'],
  ['ghcr.io/ada/web', 'https://ghcr.io', 'ada/web', 'latest'],
  ['localhost:5000/web:1@sha256:ab', 'http://localhost:5000', 'web', 'sha256:ab'],
  ['registry.example.com:5000/a/b:1', 'https://registry.example.com:5000', 'a/b', '1'],
])('%s', (image, origin, path, reference) => {
  expect(manifestPlace(image)).toEqual({ origin, path, reference });
});
