// A wire to a real Docker Engine that a test can watch and cut.
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type NetConnectOpts, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DockerHost } from '../../src/docker/docker-host.ts';

export interface EngineProxy {
  /** Where to reach the engine through the proxy. */
  readonly host: DockerHost;
  /** Requests so far, such as `POST /v1.41/containers/create`. */
  readonly requests: readonly string[];
  /** Those that may change something; commands in containers (probes) do not count. */
  writes(): readonly string[];
  /** Cuts all connections; new ones are taken again. */
  cut(): void;
  close(): Promise<void>;
}

const REQUEST_LINE = /^(GET|HEAD|POST|PUT|DELETE) (\S+) HTTP\/1\.1$/gm;

/** Listens on a socket of its own, or on a port of 127.0.0.1. */
export async function openEngineProxy(engine: DockerHost, kind: 'unix' | 'tcp' = 'unix'): Promise<EngineProxy> {
  const folder = await mkdtemp(join(tmpdir(), 'engine-proxy-'));
  const target: NetConnectOpts = engine.type === 'unix' ? { path: engine.path } : { host: engine.hostname, port: engine.port };
  const requests: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(target);
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(one);
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
      one.on('error', () => other.destroy());
      one.pipe(other);
    }
    client.on('data', (chunk: Buffer) => {
      for (const [, method = '', path = ''] of chunk.toString('latin1').matchAll(REQUEST_LINE))
        requests.push(`${method} ${path}`);
    });
  });
  const path = join(folder, 'docker.sock');
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    if (kind === 'unix') server.listen(path, resolve);
    else server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    host: kind === 'unix' ? { type: 'unix', path } : { type: 'tcp', hostname: '127.0.0.1', port },
    requests,
    writes: () => requests.filter((request) => !/^(GET|HEAD) |\/exec(\/|$)/.test(request)),
    cut,
    close: async () => {
      cut();
      await new Promise((resolve) => {
        server.close(resolve);
      });
      await rm(folder, { recursive: true, force: true });
    },
  };
}
