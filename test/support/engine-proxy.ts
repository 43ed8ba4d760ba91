// A wire to a real Docker Engine that a test can watch and cut.
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type NetConnectOpts, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DockerHost, describeDockerHost } from '../../src/docker/docker-host.ts';

export interface EngineProxy {
  /** Where to reach the engine through the proxy. */
  readonly host: DockerHost;
  /** The same for DOCKER_HOST. */
  readonly address: string;
  /** Requests since the start, or since `forget`, such as `POST /v1.41/containers/create`. */
  readonly requests: readonly string[];
  /** Those that may change something: all but GET and HEAD. */
  writes(): readonly string[];
  forget(): void;
  /** Cuts all connections; new ones are taken again. */
  cut(): void;
  close(): Promise<void>;
}

const REQUEST_LINE = /^(GET|HEAD|POST|PUT|DELETE) (\S+) HTTP\/1\.1$/gm;

/** Listens on a port of 127.0.0.1, or on a socket: at this path, or at one of its own. */
export async function openEngineProxy(
  engine: DockerHost,
  at: { readonly port: 'any' } | { readonly path?: string } = {},
): Promise<EngineProxy> {
  if (engine.type === 'ssh') throw new Error('a proxy in front of ssh is not needed yet');
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
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    if ('port' in at) server.listen(0, '127.0.0.1', resolve);
    else server.listen(at.path ?? join(folder, 'docker.sock'), resolve);
  });
  const bound = server.address();
  const host: DockerHost =
    typeof bound === 'string' ? { type: 'unix', path: bound } : { type: 'tcp', hostname: '127.0.0.1', port: bound?.port ?? 0 };
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    host,
    address: describeDockerHost(host),
    requests,
    writes: () => requests.filter((request) => !/^(GET|HEAD) /.test(request)),
    forget: () => void requests.splice(0),
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
