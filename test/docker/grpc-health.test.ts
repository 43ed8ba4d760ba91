import { createServer, type Http2Server, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
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
const never = new AbortController().signal;
let server: Http2Server;
let port: number;
/** What the server was asked, by service. */
const asked = new Map<string, IncomingHttpHeaders>();

/** A health answer: prefix, then field 1 with the status. */
const answer = (status: number): Buffer => Buffer.from(status === 0 ? [0, 0, 0, 0, 0] : [0, 0, 0, 0, 2, 8, status]);

function serve(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
  const pieces: Buffer[] = [];
  stream.on('data', (piece: Buffer) => pieces.push(piece));
  stream.on('error', () => undefined);
  stream.on('end', () => {
    const body = Buffer.concat(pieces);
    const service = body.length > 7 ? body.subarray(7).toString() : '';
    asked.set(service, headers);
    if (service === 'hang') return;
    const ends: { [service: string]: [string, string] | undefined } = {
      missing: ['5', 'unknown%20service'],
      old: ['12', 'unknown service grpc.health.v1.Health'],
    };
    const [status, message] = ends[service] ?? ['0', ''];
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () =>
      stream.sendTrailers({ 'grpc-status': status, ...(message === '' ? {} : { 'grpc-message': message }) }),
    );
    stream.end(status === '0' ? answer(service === 'down' ? 2 : service === 'blank' ? 0 : 1) : undefined);
  });
}

beforeAll(async () => {
  server = createServer();
  server.on('stream', serve);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(async () => {
  server.close();
});

describe.each(ways)('%s', (_way, prober) => {
  test.each([
    ['', true, ''],
    ['shop', true, ''],
    ['down', false, 'service unhealthy (responded with "NOT_SERVING")'],
    ['blank', false, 'service unhealthy (responded with "UNKNOWN")'],
    ['missing', false, 'error: health rpc probe failed: rpc error: code = NotFound desc = unknown service'],
    [
      'old',
      false,
      'error: this server does not implement the grpc health protocol (grpc.health.v1.Health): unknown service grpc.health.v1.Health',
    ],
    ['hang', false, 'timeout: health rpc did not complete within 0.2s'],
  ])('service "%s"', async (service, ok, message) => {
    const result = await prober.grpc('127.0.0.1', port, service, service === 'hang' ? 200 : 10_000, never, pod);
    expect([result.ok, result.ok ? '' : result.message]).toEqual([ok, message]);
    expect(asked.get(service)).toMatchObject({
      ':method': 'POST',
      ':path': '/grpc.health.v1.Health/Check',
      'content-type': 'application/grpc',
      te: 'trailers',
    });
  });

  test('a port on which nobody listens is told', async () => {
    const result = await prober.grpc('127.0.0.1', 1, '', 10_000, never, pod);
    expect(result).toEqual({
      ok: false,
      message: 'error: failed to connect service at "127.0.0.1:1": connect: connection refused',
    });
  });

  test('an aborted probe rejects', async () => {
    const aborter = new AbortController();
    const probing = prober.grpc('127.0.0.1', port, 'hang', 10_000, aborter.signal, pod);
    aborter.abort(new Error('stopped'));
    await expect(probing).rejects.toThrow('stopped');
  });
});
