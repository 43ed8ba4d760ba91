// Pods and clients for a real proxy: programs on loopback addresses, requests to it, and a load that counts what fails.
import { createHash } from 'node:crypto';
import { Agent, createServer, type IncomingHttpHeaders, type IncomingMessage, request, type Server } from 'node:http';
import { createServer as createH2, type Http2Server } from 'node:http2';
import { request as tlsRequest } from 'node:https';
import { type AddressInfo, connect } from 'node:net';

/** A program that tells what it was asked. */
export interface Pod {
  readonly address: string;
  readonly port: number;
  readonly name: string;
  /** Ends at once. */
  close(): Promise<void>;
}

export interface Told {
  readonly pod: string;
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

const open = new Set<Pod>();

/** Ends all pods that were started. */
export async function closePods(): Promise<void> {
  await Promise.all([...open].map((pod) => pod.close()));
}

/** Starts a program. Port 0 is any. It answers upgrades by sending back what it gets. */
export async function startPod(name: string, address = '127.0.0.1', port = 0): Promise<Pod> {
  const server = createServer((asked, answer) => {
    asked.resume();
    asked.on('end', () => {
      const told: Told = { pod: name, method: asked.method ?? '', path: asked.url ?? '', headers: asked.headers };
      answer.setHeader('content-type', 'application/json');
      answer.end(JSON.stringify(told));
    });
  });
  server.keepAliveTimeout = 60_000;
  server.on('upgrade', (asked, socket) => {
    // RFC 6455, section 4.2.2.
    const accept = createHash('sha1')
      .update(`${asked.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
      .digest('base64');
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    socket.pipe(socket);
  });
  return listening(server, name, address, port);
}

/** Starts a program that speaks HTTP/2 without TLS, and ends its answers with trailers as gRPC does. */
export async function startGrpcPod(name: string): Promise<Pod> {
  const server = createH2();
  server.on('stream', (stream, headers) => {
    stream.respond({ ':status': 200, 'content-type': 'application/grpc', 'x-pod': name }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.end(String(headers[':path']));
  });
  return listening(server, name, '127.0.0.1', 0);
}

async function listening(server: Server | Http2Server, name: string, address: string, port: number): Promise<Pod> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, address, resolve);
  });
  const sockets = new Set<{ destroy(): void }>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  const pod: Pod = {
    address,
    port: (server.address() as AddressInfo).port,
    name,
    async close() {
      open.delete(pod);
      const ended = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await ended;
    },
  };
  open.add(pod);
  return pod;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** What the pod was asked, when one was. */
  readonly told: Told | undefined;
}

export interface AskOptions {
  /** The address of the proxy. */
  readonly at?: string;
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  /** Asks with TLS. */
  readonly tls?: boolean;
}

/** Asks a proxy for `host/path`. */
export async function ask(
  port: number,
  url: string,
  { at = '127.0.0.1', method = 'GET', headers = {}, body, tls = false }: AskOptions = {},
): Promise<Answer> {
  const slash = url.indexOf('/');
  const host = url.slice(0, slash);
  const options = {
    host: at,
    port,
    method,
    path: url.slice(slash),
    headers: { host, ...headers },
    agent: false as const,
  };
  return new Promise((resolve, reject) => {
    const taken = (answer: IncomingMessage): void => {
      let text = '';
      answer.on('data', (chunk: Buffer) => (text += chunk.toString()));
      answer.on('end', () =>
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: text, told: toldOf(text) }),
      );
    };
    const asked = tls ? tlsRequest({ ...options, servername: host, rejectUnauthorized: false }, taken) : request(options, taken);
    asked.on('error', reject);
    asked.end(body);
  });
}

function toldOf(text: string): Told | undefined {
  return text.startsWith('{') ? (JSON.parse(text) as Told) : undefined;
}

/** The name of the certificate that a proxy shows for a host. */
export async function certificateFor(port: number, servername: string): Promise<string> {
  const { connect: connectTls } = await import('node:tls');
  return new Promise((resolve, reject) => {
    const socket = connectTls({ host: '127.0.0.1', port, servername, rejectUnauthorized: false }, () => {
      const { subject } = socket.getPeerCertificate();
      socket.destroy();
      resolve(String(subject.CN));
    });
    socket.on('error', reject);
  });
}

/** Opens a WebSocket's connection, says something, and tells what came back. */
export async function upgraded(port: number, host: string, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request({
      host: '127.0.0.1',
      port,
      path: '/ws',
      headers: {
        host,
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
        'sec-websocket-version': '13',
      },
    });
    asked.on('error', reject);
    asked.on('response', (answer) => reject(new Error(`answered ${answer.statusCode}`)));
    asked.on('upgrade', (_answer, socket) => {
      socket.once('data', (chunk: Buffer) => {
        socket.destroy();
        resolve(chunk.toString());
      });
      socket.write(text);
    });
    asked.end();
  });
}

/** Whether somebody listens. */
export async function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

/** Clients that ask again and again, over connections that they keep, until they are told to stop. */
export class Load {
  requests = 0;
  readonly failures: string[] = [];
  readonly pods = new Set<string>();
  #isOver = false;
  readonly #clients: Promise<void>[] = [];

  constructor(port: number, host: string, clients: number, tls = false) {
    for (let index = 0; index < clients; index += 1) this.#clients.push(this.#client(port, host, tls));
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#clients);
  }

  async #client(port: number, host: string, tls: boolean): Promise<void> {
    const { Agent: TlsAgent } = await import('node:https');
    const agent = tls ? new TlsAgent({ keepAlive: true, maxSockets: 1 }) : new Agent({ keepAlive: true, maxSockets: 1 });
    while (!this.#isOver) {
      this.requests += 1;
      await new Promise<void>((resolve) => {
        const options = { host: '127.0.0.1', port, path: '/', headers: { host }, agent };
        const taken = (answer: IncomingMessage): void => {
          let text = '';
          answer.on('data', (chunk: Buffer) => (text += chunk.toString()));
          answer.on('end', () => {
            if (answer.statusCode === 200) this.pods.add(toldOf(text)?.pod ?? '');
            else this.failures.push(`${answer.statusCode} ${text}`);
            resolve();
          });
        };
        const asked = tls
          ? tlsRequest({ ...options, servername: host, rejectUnauthorized: false }, taken)
          : request(options, taken);
        asked.on('error', (error) => {
          this.failures.push(error.message);
          resolve();
        });
        asked.end();
      });
    }
    agent.destroy();
  }
}
