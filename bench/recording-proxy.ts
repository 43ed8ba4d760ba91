// Stands between Holdfast and the engine, counts the calls and keeps the bodies of creations. Nothing is timed through it.
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { type Duplex, pipeline } from 'node:stream';
import type { CreateBody } from './floor.ts';

/** A call without ids, such as `POST /containers/{id}/start`. */
export interface RecordedCall {
  readonly call: string;
  readonly body: string;
}

export interface RecordingProxy {
  /** For DOCKER_HOST. */
  readonly host: string;
  readonly calls: readonly RecordedCall[];
  /** Forgets the calls until now. */
  clear(): void;
  close(): Promise<void>;
}

/** Starts a proxy on a socket in `folder`. */
export async function startRecordingProxy(folder: string, dockerHost: string): Promise<RecordingProxy> {
  const socketPath = join(folder, 'proxy.sock');
  const calls: RecordedCall[] = [];
  const server = createServer((incoming, answer) => forward(incoming, answer, dockerHost, calls));
  const streams = new Set<Duplex>();
  server.on('upgrade', (incoming: IncomingMessage, socket: Duplex, head: Buffer) => {
    calls.push({ call: callOf(incoming), body: '' });
    for (const end of tunnel(incoming, socket, head, dockerHost)) streams.add(end);
  });
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  return {
    host: `unix://${socketPath}`,
    calls,
    clear: () => void calls.splice(0),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
        for (const stream of streams) stream.destroy();
      }),
  };
}

function forward(incoming: IncomingMessage, answer: ServerResponse, dockerHost: string, calls: RecordedCall[]): void {
  const chunks: Buffer[] = [];
  const target = targetOf(dockerHost);
  const outgoing = request({ ...target, method: incoming.method, path: incoming.url, headers: incoming.headers }, (response) => {
    answer.writeHead(response.statusCode ?? 500, response.headers);
    response.pipe(answer);
    response.on('error', () => answer.destroy());
  });
  outgoing.on('error', () => answer.destroy());
  answer.on('close', () => outgoing.destroy());
  incoming.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    outgoing.write(chunk);
  });
  incoming.on('end', () => {
    calls.push({ call: callOf(incoming), body: Buffer.concat(chunks).toString() });
    outgoing.end();
  });
}

type Target = { readonly socketPath: string } | { readonly host: string; readonly port: number };

function targetOf(dockerHost: string): Target {
  if (dockerHost.startsWith('unix://')) return { socketPath: dockerHost.slice('unix://'.length) };
  return { host: new URL(dockerHost).hostname, port: Number(new URL(dockerHost).port) };
}

/** A call that becomes a stream of its own, such as an exec: passed on as it comes. Returns both of its ends. */
function tunnel(incoming: IncomingMessage, socket: Duplex, head: Buffer, dockerHost: string): readonly Duplex[] {
  const target = targetOf(dockerHost);
  const outgoing = 'socketPath' in target ? connect(target.socketPath) : connect(target.port, target.host);
  const headers = incoming.rawHeaders.map((text, index) => (index % 2 === 0 ? `${text}: ` : `${text}\r\n`)).join('');
  outgoing.write(`${incoming.method ?? ''} ${incoming.url ?? ''} HTTP/1.1\r\n${headers}\r\n`);
  outgoing.write(head);
  pipeline(socket, outgoing, socket, () => {});
  return [socket, outgoing];
}

function callOf({ method = '', url = '' }: IncomingMessage): string {
  return `${method} ${withoutIds(url)}`;
}

function withoutIds(url: string): string {
  return (url.split('?')[0] ?? '').replace(/^\/v[\d.]+/, '').replace(/\/[0-9a-f]{64}(?=\/|$)/, '/{id}');
}

/** The bodies of creations among the calls. */
export function createBodies(calls: readonly RecordedCall[]): readonly CreateBody[] {
  return calls.filter(({ call }) => call === 'POST /containers/create').map(({ body }) => JSON.parse(body) as CreateBody);
}

/** How often each call was made, the most frequent first: `create 2, start 2`. */
export function countCalls(calls: readonly RecordedCall[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { call } of calls) counts.set(call, (counts.get(call) ?? 0) + 1);
  return new Map([...counts].toSorted((a, b) => b[1] - a[1]));
}
