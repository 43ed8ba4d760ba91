// Stands between Holdfast and the engine, counts the calls and keeps the bodies of creations. Nothing is timed through it.
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { join } from 'node:path';
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
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  return {
    host: `unix://${socketPath}`,
    calls,
    clear: () => void calls.splice(0),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function forward(incoming: IncomingMessage, answer: ServerResponse, dockerHost: string, calls: RecordedCall[]): void {
  const chunks: Buffer[] = [];
  const target = dockerHost.startsWith('unix://')
    ? { socketPath: dockerHost.slice('unix://'.length) }
    : { host: new URL(dockerHost).hostname, port: new URL(dockerHost).port };
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
    calls.push({ call: `${incoming.method ?? ''} ${withoutIds(incoming.url ?? '')}`, body: Buffer.concat(chunks).toString() });
    outgoing.end();
  });
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
