// A process that asks servers all the time, over many connections, until its standard input ends; then it writes what it has seen as one line
// of JSON. Its argument is a list of Load as JSON.
//
// A request over a connection that was used before and that ends without a byte of an answer is sent again over another one, as browsers and
// other clients do (RFC 9110, section 9.2.2; RFC 9112, section 9.3.1): a server may close an idle connection at any moment, and only the client
// can know that its request came too late. It is counted as repeated. Everything else that is not a good answer is a failure.
import { Agent, type ClientRequest, type IncomingMessage, request as plainRequest, type RequestOptions } from 'node:http';
import { Agent as SecureAgent, request as secureRequest } from 'node:https';
import type { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { TLSSocket } from 'node:tls';

/** One way of asking. */
export interface Load {
  readonly name: string;
  readonly url: string;
  /** Absent: that of the address. */
  readonly host?: string;
  readonly method?: 'GET' | 'POST';
  /** Whether a connection serves many requests. */
  readonly keepAlive: boolean;
  /** Requests under way at once. */
  readonly connections: number;
  /** Between two requests of one connection. */
  readonly pauseMs: number;
}

/** What was seen of one load. */
export interface LoadSeen {
  readonly name: string;
  readonly requests: number;
  readonly repeated: number;
  readonly failed: number;
  /** The first of them, with their time. */
  readonly failures: readonly string[];
  /** Every different text that was answered. */
  readonly answers: readonly string[];
  /** Serial numbers of the certificates that were shown. */
  readonly certificates: readonly string[];
  readonly longestMs: number;
}

const REQUEST_TIMEOUT_MS = 5_000;
const MOST_FAILURES_TOLD = 20;

/** Connections that have had a request. */
const used = new WeakSet<Socket>();

/** The request was not answered, and its connection had been used before. */
class ClosedWhileIdle extends Error {}

class Asking {
  readonly #load: Load;
  readonly #options: RequestOptions & { readonly rejectUnauthorized: boolean; readonly servername?: string };
  readonly #failures: string[] = [];
  readonly #answers = new Set<string>();
  readonly #certificates = new Set<string>();
  #requests = 0;
  #repeated = 0;
  #failed = 0;
  #longestMs = 0;

  constructor(load: Load) {
    this.#load = load;
    const isSecure = load.url.startsWith('https:');
    const settings = { keepAlive: load.keepAlive, maxSockets: load.connections, scheduling: 'fifo' as const };
    this.#options = {
      method: load.method ?? 'GET',
      agent: isSecure ? new SecureAgent({ ...settings, maxCachedSessions: 0 }) : new Agent(settings),
      rejectUnauthorized: false,
      ...(load.host === undefined ? {} : { headers: { host: load.host }, servername: load.host }),
    };
  }

  async work(isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      await this.#ask();
      await delay(this.#load.pauseMs);
    }
  }

  seen(): LoadSeen {
    return {
      name: this.#load.name,
      requests: this.#requests,
      repeated: this.#repeated,
      failed: this.#failed,
      failures: this.#failures,
      answers: [...this.#answers],
      certificates: [...this.#certificates],
      longestMs: Math.round(this.#longestMs),
    };
  }

  async #ask(): Promise<void> {
    this.#requests += 1;
    const begunMs = performance.now();
    for (;;) {
      try {
        this.#answers.add(await this.#answer());
        break;
      } catch (error) {
        if (error instanceof ClosedWhileIdle) {
          this.#repeated += 1;
          continue;
        }
        this.#failed += 1;
        const why = error instanceof Error ? error.message : String(error);
        if (this.#failures.length < MOST_FAILURES_TOLD)
          this.#failures.push(`${new Date().toISOString()} after ${Math.round(performance.now() - begunMs)} ms: ${why}`);
        break;
      }
    }
    this.#longestMs = Math.max(this.#longestMs, performance.now() - begunMs);
  }

  #answer(): Promise<string> {
    return new Promise((resolve, reject) => {
      const ask = this.#load.url.startsWith('https:') ? secureRequest : plainRequest;
      const call = ask(this.#load.url, this.#options, (answer) => this.#read(call, answer, resolve, reject));
      const timer = setTimeout(() => call.destroy(new Error('no answer')), REQUEST_TIMEOUT_MS);
      let isReused = false;
      let bytesBefore = 0;
      let from = 'no connection';
      call.on('close', () => clearTimeout(timer));
      call.on('error', (error: NodeJS.ErrnoException) => {
        const isClosed = error.code === 'ECONNRESET' || error.code === 'EPIPE';
        const isLate = isClosed && isReused && call.socket?.bytesRead === bytesBefore;
        reject(isLate ? new ClosedWhileIdle() : new Error(`${error.message} (${from})`, { cause: error }));
      });
      call.once('socket', (socket) => {
        from = 'not connected';
        const connected = (): void => {
          from = `from port ${socket.localPort}`;
        };
        if (socket.connecting) socket.once('connect', connected);
        else connected();
        // Node says so itself only of some of them.
        isReused = used.has(socket);
        used.add(socket);
        bytesBefore = socket.bytesRead;
      });
      call.end(this.#load.method === 'POST' ? 'a=1' : undefined);
    });
  }

  #read(call: ClientRequest, answer: IncomingMessage, resolve: (text: string) => void, reject: (error: Error) => void): void {
    const { socket } = answer;
    if (!call.reusedSocket && socket instanceof TLSSocket) this.#certificates.add(socket.getPeerCertificate().serialNumber);
    let text = '';
    answer.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
    answer.on('end', () =>
      answer.statusCode === 200 ? resolve(text.trim()) : reject(new Error(`status ${answer.statusCode}: ${text.trim()}`)),
    );
    answer.on('error', reject);
  }
}

const loads = JSON.parse(process.argv[2] ?? '[]') as readonly Load[];
const asking = loads.map((load) => ({ load, asks: new Asking(load) }));
let isOver = false;
process.stdin.on('end', () => {
  isOver = true;
});
process.stdin.resume();
await Promise.all(asking.flatMap(({ load, asks }) => Array.from({ length: load.connections }, () => asks.work(() => isOver))));
process.stdout.write(`${JSON.stringify(asking.map(({ asks }) => asks.seen()))}\n`);
process.exit(0);
