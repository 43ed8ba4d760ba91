import { createServer, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nodeProber } from '../../src/docker/node-prober.ts';
import { podRoutes } from '../../src/docker/pod-routes.ts';
import { silentLogger } from '../../src/system/logger.ts';
import { relayOfThisMachine } from '../support/stream-over-socket.ts';

const pod = { sandboxId: 'a', isOnHostNetwork: false };
const ways = [
  ['over the network of this machine', nodeProber()],
  ['through the sandbox', nodeProber(podRoutes({ engine: relayOfThisMachine(), isRemote: true, logger: silentLogger }))],
] as const;
let server: Server;
let port: number;
let script: TcpServer;
const never = new AbortController().signal;

beforeAll(async () => {
  server = createServer((request, response) => {
    const path = request.url ?? '/';
    if (path === '/hang') return;
    if (path === '/away') response.writeHead(302, { location: 'http://elsewhere.invalid/' });
    else if (path === '/loop') response.writeHead(302, { location: '/loop' });
    else if (path === '/bad') response.writeHead(302, { location: '/500' });
    else if (path === '/header') response.writeHead(request.headers['x-probe'] === 'yes' ? 200 : 400);
    else response.writeHead(Number(path.slice(1)));
    response.end('body');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
  // What the path says, as a script would write it.
  script = createTcpServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', (asked) => socket.end(decodeURIComponent(String(asked).split(' ')[1]?.slice(1) ?? '')));
  });
  await new Promise<void>((resolve) => script.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  script.close();
});

describe.each(ways)('%s', (_way, prober) => {
  test.each([
    ['/200', true, ''],
    ['/399', true, ''],
    ['/404', false, 'HTTP probe failed with statuscode: 404'],
    ['/bad', false, 'HTTP probe failed with statuscode: 500'],
    ['/away', true, ''],
    ['/loop', false, 'stopped after 10 redirects'],
    ['/header', true, ''],
    ['/hang', false, 'context deadline exceeded'],
  ])('http %s', async (path, ok, words) => {
    const result = await prober.http(
      `http://127.0.0.1:${port}${path}`,
      [{ name: 'X-Probe', value: 'yes' }],
      path === '/hang' ? 200 : 10_000,
      never,
      pod,
    );
    expect(result.ok).toBe(ok);
    expect(result.ok ? '' : result.message).toContain(words);
  });

  // Go's client, and so the kubelet, takes a line feed for the end of a line.
  test.each([
    ['HTTP/1.1 200 OK\n\nfine', true, ''],
    ['HTTP/1.0 200 OK\r\n\nfine', true, ''],
    ['HTTP/1.1 503 Not yet\nContent-Type: text/plain\n\n', false, 'HTTP probe failed with statuscode: 503'],
    ['fine', false, 'malformed HTTP response'],
    ['', false, 'EOF'],
  ])('http of a script: %j', async (answer, ok, words) => {
    const { port: there } = script.address() as AddressInfo;
    const result = await prober.http(`http://127.0.0.1:${there}/${encodeURIComponent(answer)}`, [], 10_000, never, pod);
    expect(result.ok).toBe(ok);
    expect(result.ok ? '' : result.message).toContain(words);
  });

  test('headers are those of the kubelet and of the probe, which may say whose name it asks for', async () => {
    const asked = async (headers: { name: string; value: string }[]): Promise<string[]> => {
      const came = new Promise<string[]>((resolve) => server.once('request', ({ rawHeaders }) => resolve(rawHeaders)));
      await prober.http(`http://127.0.0.1:${port}/200`, headers, 10_000, never, pod);
      return (await came).map((word) => word.toLowerCase()).filter((word) => !['connection', 'close'].includes(word));
    };
    expect(await asked([])).toEqual(['host', `127.0.0.1:${port}`, 'user-agent', 'kube-probe/1.34', 'accept', '*/*']);
    const named = [
      { name: 'x-a', value: 'v1' },
      { name: 'Host', value: 'me.example' },
      { name: 'x-a', value: 'v2' },
      { name: 'Accept', value: '' },
    ];
    expect(await asked(named)).toEqual(['host', 'me.example', 'user-agent', 'kube-probe/1.34', 'x-a', 'v1', 'x-a', 'v2']);
  });

  test('tcp tells an open port from a closed one', async () => {
    expect(await prober.tcp('127.0.0.1', port, 10_000, never, pod)).toEqual({ ok: true });
    const closed = await prober.tcp('127.0.0.1', 1, 10_000, never, pod);
    expect(closed.ok ? '' : closed.message).toBe('dial tcp 127.0.0.1:1: connect: connection refused');
  });

  test('an aborted probe rejects', async () => {
    const aborter = new AbortController();
    const asked = prober.http(`http://127.0.0.1:${port}/hang`, [], 10_000, aborter.signal, pod);
    aborter.abort(new Error('stopped'));
    await expect(asked).rejects.toThrow('stopped');
  });
});
