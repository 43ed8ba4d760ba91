// The port on which webhooks come in and metrics are read, over node:http. Slow and greedy clients cost time and memory that are bounded.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { dispatch, jsonAnswer, type SignalAnswer, type SignalRoute, type WantsBody } from '../signals/desk.ts';
import type { Logger } from '../system/logger.ts';
import { hostAndPort, startListening } from './listening.ts';

/** What clients may cost. */
export interface ListenerLimits {
  /** A head that takes longer is cut off. */
  readonly headTimeoutMs: number;
  /** So is a whole request. */
  readonly requestTimeoutMs: number;
  /** How exactly the two are held. */
  readonly timeoutCheckMs: number;
  readonly maxConnections: number;
  /** Of all bodies that are on their way in at the same time. */
  readonly maxBodiesBytes: number;
  /** How long answers may take to go out once the listener is to end. */
  readonly closeTimeoutMs: number;
}

const LIMITS: ListenerLimits = {
  headTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  timeoutCheckMs: 1_000,
  maxConnections: 512,
  maxBodiesBytes: 64 * 1024 * 1024,
  closeTimeoutMs: 2_000,
};
const KEEP_ALIVE_MS = 5_000;
/** Of a body that is not wanted. The largest that a forge sends is 25 MB. */
const MAX_DISCARDED_BYTES = 32 * 1024 * 1024;

/** What to do about a port that cannot be had. */
const WAYS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'give another one with --listen, or end what listens there',
  EADDRNOTAVAIL: '0.0.0.0 stands for all that it has',
};

/** Of all requests together. */
interface Shared {
  /** Of bodies that are on their way in. */
  bytes: number;
  readonly maxBytes: number;
  /** Connections are not kept for another request. */
  isClosing: boolean;
}

/** A port that is listened on. */
export interface SignalListener {
  /** `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Takes no more requests, lets those that are being answered end, and closes. Resolves when nothing is open any more. Harmless twice. */
  close(): Promise<void>;
}

export interface SignalListenerParts {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  readonly routes: readonly SignalRoute[];
  readonly logger: Logger;
  readonly limits?: Partial<ListenerLimits>;
}

/** Listens. Throws UsageFault when that cannot be. */
export async function listenForSignals({ host, port, routes, logger, ...given }: SignalListenerParts): Promise<SignalListener> {
  const limits = { ...LIMITS, ...given.limits };
  const shared: Shared = { bytes: 0, maxBytes: limits.maxBodiesBytes, isClosing: false };
  const server = createServer(
    {
      headersTimeout: limits.headTimeoutMs,
      requestTimeout: limits.requestTimeoutMs,
      connectionsCheckingInterval: limits.timeoutCheckMs,
      keepAliveTimeout: KEEP_ALIVE_MS,
    },
    (request, response) => {
      answerTo(request, response, routes, shared).catch((error: unknown) => {
        logger.error({ component: 'signals', error, path: pathOf(request) }, 'request failed');
        send(request, response, jsonAnswer(500, { result: 'failed', message: 'see the log of Holdfast' }), shared);
      });
    },
  );
  server.maxConnections = limits.maxConnections;
  const listening = await startListening(server, { host, port }, WAYS);
  return {
    url: `http://${hostAndPort(host, listening)}`,
    close: () => {
      shared.isClosing = true;
      return closed(server, limits.closeTimeoutMs);
    },
  };
}

function closed(server: Server, timeoutMs: number): Promise<void> {
  if (!server.listening) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), timeoutMs);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    server.closeIdleConnections();
  });
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').split('?')[0] ?? '/';
}

async function answerTo(
  request: IncomingMessage,
  response: ServerResponse,
  routes: readonly SignalRoute[],
  shared: Shared,
): Promise<void> {
  const headers: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(request.headers)) headers[name] = Array.isArray(value) ? value[0] : value;
  const opened = await dispatch(routes, { method: request.method ?? '', path: pathOf(request), headers });
  if (!('maxBytes' in opened)) return send(request, response, opened, shared);
  const answer = await withBody(request, opened, shared);
  // Who sends no more has gone; there is nobody to answer to.
  if (answer !== undefined) send(request, response, answer, shared);
}

async function withBody(request: IncomingMessage, wanted: WantsBody, shared: Shared): Promise<SignalAnswer | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > wanted.maxBytes) return wanted.tooLong();
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      length += chunk.length;
      shared.bytes += chunk.length;
      if (length > wanted.maxBytes) return wanted.tooLong();
      if (shared.bytes > shared.maxBytes)
        return jsonAnswer(503, { result: 'busy', message: 'too much at once; try again' }, { 'retry-after': '5' });
      chunks.push(chunk);
    }
    return await wanted.answer(Buffer.concat(chunks));
  } catch (error) {
    if (request.destroyed && !request.complete) return undefined;
    throw error;
  } finally {
    shared.bytes -= length;
  }
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  { status, headers = {}, body }: SignalAnswer,
  shared: Shared,
): void {
  if (response.headersSent || response.destroyed) return;
  // Who is still sending would not get to read the answer if the connection were cut: what is left of the body is read and thrown away, until the
  // time for a request is over. More than anybody means to send is not.
  const isEndless = Number(request.headers['content-length'] ?? 0) > MAX_DISCARDED_BYTES;
  if (!request.complete && !isEndless) request.resume();
  const ending = isEndless || shared.isClosing ? { connection: 'close' } : {};
  response.writeHead(status, {
    ...headers,
    ...ending,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(request.method === 'HEAD' ? '' : body);
}
