// A real Git server over http or https on loopback: git's own http-backend behind node's http server, with a password, and able to misbehave on demand.
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import {
  createServer as createPlainServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';

/** What goes wrong, for the requests whose path and query match `only` (all without it). */
export type HttpFault =
  /** Accepts the request and never answers. */
  | { readonly kind: 'hang'; readonly only?: RegExp }
  | { readonly kind: 'status'; readonly status: number; readonly only?: RegExp }
  /** Sends only the first bytes of the answer; `isClean` ends it as if that were all. */
  | { readonly kind: 'cut'; readonly afterBytes: number; readonly isClean: boolean; readonly only?: RegExp }
  /** Sends the whole answer with one byte changed, counted from its end. */
  | { readonly kind: 'flip'; readonly fromEnd: number; readonly only?: RegExp }
  | { readonly kind: 'redirect'; readonly to: (path: string) => string; readonly only?: RegExp };

/** One request as it arrived. */
export interface SeenRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly authorization: string | undefined;
  /** Of the answer's content; 0 until there is one. */
  readonly bytesSent: number;
}

/** A running server. */
export interface GitHttpServer {
  /** Of the server; repositories are at `<url>/<folder below dir>`. */
  readonly url: string;
  /** With user and password in it, for the real git client. */
  readonly urlWithCredentials: string;
  /** The authority that signed its certificate; only with `tls`. */
  readonly caFile: string | undefined;
  readonly requests: readonly SeenRequest[];
  forgetRequests(): void;
  misbehave(fault: HttpFault | undefined): void;
  /** Ends open connections too. Harmless twice. */
  close(): Promise<void>;
}

/** What to serve, and to whom. */
export interface GitHttpServerOptions {
  /** Holds the repositories. */
  readonly dir: string;
  readonly username?: string;
  readonly password?: string;
  /** Https, with a certificate for 127.0.0.1 of an authority of its own. */
  readonly tls?: boolean;
  /** 0, or absent: a free one. */
  readonly port?: number;
}

/** Starts the server on 127.0.0.1. Pushing needs a password to be set. */
export async function startGitHttpServer(options: GitHttpServerOptions): Promise<GitHttpServer> {
  const requests: SeenRequest[] = [];
  let fault: HttpFault | undefined;
  const listener: RequestListener = (request, response) => {
    const path = request.url ?? '/';
    const seen = { method: request.method ?? '', path, authorization: request.headers.authorization, bytesSent: 0 };
    requests.push(seen);
    const send = (status: number, headers: Readonly<Record<string, string>>, body: Buffer): void => {
      seen.bytesSent = body.length;
      answer(response, status, headers, body, applying(fault, path));
    };
    handle(options, request, applying(fault, path), send).catch((error: unknown) =>
      response.destroy(error instanceof Error ? error : undefined),
    );
  };
  const certificates = options.tls === true ? await makeCertificates() : undefined;
  const server: Server = certificates === undefined ? createPlainServer(listener) : createTlsServer(certificates, listener);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const scheme = certificates === undefined ? 'http' : 'https';
  const user =
    options.username === undefined
      ? ''
      : `${encodeURIComponent(options.username)}:${encodeURIComponent(options.password ?? '')}@`;
  return {
    url: `${scheme}://127.0.0.1:${port}`,
    urlWithCredentials: `${scheme}://${user}127.0.0.1:${port}`,
    caFile: certificates?.caFile,
    requests,
    forgetRequests: () => requests.splice(0),
    misbehave(next) {
      fault = next;
    },
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      await certificates?.remove();
    },
  };
}

function applying(fault: HttpFault | undefined, path: string): HttpFault | undefined {
  return fault?.only === undefined || fault.only.test(path) ? fault : undefined;
}

type Send = (status: number, headers: Readonly<Record<string, string>>, body: Buffer) => void;

async function handle(
  options: GitHttpServerOptions,
  request: IncomingMessage,
  fault: HttpFault | undefined,
  send: Send,
): Promise<void> {
  const body = await collect(request);
  if (fault?.kind === 'hang') return;
  if (fault?.kind === 'status') return send(fault.status, { 'content-type': 'text/plain' }, Buffer.from('as ordered'));
  if (fault?.kind === 'redirect') return send(302, { location: fault.to(request.url ?? '/') }, Buffer.alloc(0));
  const expected = options.username === undefined ? undefined : `${options.username}:${options.password ?? ''}`;
  const given = Buffer.from((request.headers.authorization ?? '').replace(/^Basic /, ''), 'base64').toString();
  if (expected !== undefined && given !== expected) {
    return send(401, { 'www-authenticate': 'Basic realm="git"', 'content-type': 'text/plain' }, Buffer.from('who are you?'));
  }
  const { status, headers, content } = await runBackend(options, request, body);
  send(status, headers, content);
}

function answer(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
  body: Buffer,
  fault: HttpFault | undefined,
): void {
  if (fault?.kind === 'cut') {
    // Without a length, so that the client cannot know where the end should be.
    response.writeHead(status, { ...headers, ...(fault.isClean ? {} : { 'content-length': String(body.length) }) });
    response.write(body.subarray(0, fault.afterBytes), () => (fault.isClean ? response.end() : response.destroy()));
    return;
  }
  if (fault?.kind === 'flip') {
    const at = body.length - fault.fromEnd;
    body[at] = (body[at] ?? 0) ^ 0xff;
  }
  response.writeHead(status, { ...headers, 'content-length': String(body.length) });
  response.end(body);
}

/** Common Gateway Interface (RFC 3875), as much of it as http-backend needs. */
async function runBackend(
  options: GitHttpServerOptions,
  request: IncomingMessage,
  body: Buffer,
): Promise<{ status: number; headers: Record<string, string>; content: Buffer }> {
  const [path = '/', query = ''] = (request.url ?? '/').split('?', 2);
  const protocol = request.headers['git-protocol'];
  const child = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env['PATH'],
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_PROJECT_ROOT: options.dir,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: decodeURIComponent(path),
      QUERY_STRING: query,
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      CONTENT_LENGTH: String(body.length),
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      REMOTE_ADDR: '127.0.0.1',
      ...(options.username === undefined ? {} : { REMOTE_USER: options.username }),
      ...(typeof protocol === 'string' ? { GIT_PROTOCOL: protocol } : {}),
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  // The backend may end without reading everything.
  child.stdin.on('error', () => {});
  child.stdin.end(body);
  const output = await collect(child.stdout);
  const headEnd = output.indexOf('\r\n\r\n');
  const headers: Record<string, string> = {};
  for (const line of output.toString('latin1', 0, Math.max(headEnd, 0)).split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  const status = Number.parseInt(headers['status'] ?? '200', 10);
  delete headers['status'];
  return { status: headEnd < 0 ? 500 : status, headers, content: Buffer.from(output.subarray(headEnd + 4)) };
}

async function collect(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

export interface Certificates {
  readonly key: Buffer;
  readonly cert: Buffer;
  readonly caFile: string;
  remove(): Promise<void>;
}

/** A key and a certificate for 127.0.0.1, and the authority that has signed it. */
export async function makeCertificates(): Promise<Certificates> {
  const dir = await mkdtemp(join(tmpdir(), 'holdfast-tls-'));
  const openssl = (...args: string[]) => execa('openssl', args, { cwd: dir });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  await openssl('req', '-x509', ...newKey, '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '2', '-subj', '/CN=Test Authority');
  await openssl(
    'req',
    ...newKey,
    '-keyout',
    'server.key',
    '-out',
    'server.csr',
    '-subj',
    '/CN=127.0.0.1',
    '-addext',
    'subjectAltName=IP:127.0.0.1',
  );
  const sign = [
    '-in',
    'server.csr',
    '-CA',
    'ca.pem',
    '-CAkey',
    'ca.key',
    '-CAcreateserial',
    '-out',
    'server.pem',
    '-copy_extensions',
    'copy',
  ];
  await openssl('x509', '-req', '-days', '2', ...sign);
  return {
    key: await readFile(join(dir, 'server.key')),
    cert: await readFile(join(dir, 'server.pem')),
    caFile: join(dir, 'ca.pem'),
    remove: () => rm(dir, { recursive: true, force: true }),
  };
}
