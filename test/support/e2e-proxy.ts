// A proxy on a Unix socket in front of the Docker Engine that records every request, as the engine's own access log would.
import { createServer, type IncomingMessage, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { hostOfEnvironment } from '../../scripts/engine-api.mjs';

/** A running proxy. */
export interface EngineProxy {
  /** For DOCKER_HOST. */
  readonly host: string;
  /** `METHOD /path` of everything since the start, or since `forget`. */
  readonly requests: readonly string[];
  /** Those that may change something: all but GET and HEAD. */
  readonly writes: readonly string[];
  forget(): void;
  close(): Promise<void>;
}

/** Starts the proxy with its socket in `dir`. */
export async function startEngineProxy(dir: string): Promise<EngineProxy> {
  const path = join(dir, 'engine.sock');
  const upstream = upstreamAddress();
  const requests: string[] = [];
  const sockets = new Set<Socket>();
  const note = (incoming: IncomingMessage): void => void requests.push(`${incoming.method} ${incoming.url}`);
  const server = createServer((incoming, answer) => {
    note(incoming);
    const { method = 'GET', url = '/', headers } = incoming;
    const onward = request({ ...upstream, method, path: url, headers }, (response) => {
      answer.writeHead(response.statusCode ?? 500, response.headers);
      // An event stream begins with its head: whoever listens waits for that.
      answer.flushHeaders();
      response.pipe(answer);
      response.on('error', () => answer.destroy());
    });
    onward.on('error', () => answer.destroy());
    answer.on('close', () => onward.destroy());
    incoming.pipe(onward);
  });
  // `exec` and `attach` take the connection over.
  server.on('upgrade', (incoming: IncomingMessage, socket: Socket, head: Buffer) => {
    note(incoming);
    const onward = 'socketPath' in upstream ? connect(upstream.socketPath) : connect(upstream.port, upstream.host);
    const lines = [`${incoming.method} ${incoming.url} HTTP/1.1`];
    for (let index = 0; index < incoming.rawHeaders.length; index += 2)
      lines.push(`${incoming.rawHeaders[index]}: ${incoming.rawHeaders[index + 1]}`);
    onward.write(`${lines.join('\r\n')}\r\n\r\n`);
    onward.write(head);
    onward.pipe(socket).pipe(onward);
    for (const [one, other] of [
      [socket, onward],
      [onward, socket],
    ] as const)
      one.on('error', () => other.destroy());
  });
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  return {
    host: `unix://${path}`,
    requests,
    get writes() {
      return requests.filter((line) => !/^(GET|HEAD) /.test(line));
    },
    forget: () => void requests.splice(0),
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function upstreamAddress(): { readonly socketPath: string } | { readonly host: string; readonly port: number } {
  const host = hostOfEnvironment();
  if (host.startsWith('unix://')) return { socketPath: host.slice('unix://'.length) };
  const { hostname, port } = new URL(host);
  return { host: hostname, port: Number(port) };
}
