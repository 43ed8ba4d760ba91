// The one way to an engine: docker-modem, which is dockerode's transport, with an abort signal and expected statuses on every call. dockerode's
// own methods per resource are not used, because they differ in which of them take a signal.
import { setMaxListeners } from 'node:events';
import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { type Duplex, Readable } from 'node:stream';
import Transport from 'docker-modem';
import { EngineError } from '../kubelet/engine/container-engine.ts';
import type { RegistryCredentials } from '../model/registry.ts';
import type { VersionBody } from './bodies.ts';
import { type DockerHost, describeDockerHost } from './docker-host.ts';
import { givenUp, RefusedByEngine, toEngineError } from './failures.ts';
import { chooseApiVersion, isSpoken } from './mapping.ts';
import { SshAgent } from './ssh-dial.ts';

/** One request of the Docker Engine API. */
export interface EngineRequest {
  /** For messages: what is being done, such as `start web-0`. */
  readonly what: string;
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';
  /** Without the version. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | object>>;
  readonly body?: object;
  /** A tar archive as the body. */
  readonly archive?: Uint8Array | Readable;
  /** For calls that reach a registry. */
  readonly credentials?: RegistryCredentials;
  /** Statuses that are answers; all others become errors. */
  readonly expect: readonly number[];
  readonly signal: AbortSignal;
}

/** An answer, read to its end. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly bytes: Buffer;
}

const MAX_ANSWER_BYTES = 256 * 1024 * 1024;
/** What lies before an engine may refuse a ping. */
const PING_STATUSES = [200, 403, 404];
/** Empty and dotted names lead to other resources than they name: the engine answers with a redirection. */
const HAS_ODD_SEGMENT = /\/\.{0,2}(\/|$)/;
/** So that a stream from an engine that vanished without a word ends. */
const KEEP_ALIVE_MS = 15_000;

/** A Docker Engine that can be called. No call is made until the first request. */
export class Connection {
  readonly address: string;
  readonly #transport: Transport;
  /** Read once; forgotten when the connection fails, since the engine may come back as another version. */
  #apiVersionToSpeak: string | undefined;

  /** Throws Invalid when the TLS files cannot be read. */
  constructor(host: DockerHost) {
    this.address = describeDockerHost(host);
    this.#transport = withoutRedirections(new Transport(toOptions(host)));
  }

  /** Reads an answer to its end. */
  async call(request: EngineRequest): Promise<Answer> {
    const response = await this.open(request);
    return await this.#guard(request, async () => {
      const chunks: Buffer[] = [];
      let length = 0;
      for await (const chunk of chunksOf(response)) {
        length += chunk.length;
        if (length > MAX_ANSWER_BYTES) throw new EngineError('Failed', `${request.what}: the answer is too long`);
        chunks.push(chunk);
      }
      return { status: response.statusCode ?? 0, headers: response.headers, bytes: Buffer.concat(chunks) };
    });
  }

  /** Reads an answer of JSON. The caller names the type: this is the edge where Docker's bytes become typed. */
  async json<Body>(request: EngineRequest): Promise<Body> {
    const { bytes } = await this.call(request);
    try {
      return JSON.parse(bytes.toString()) as Body;
    } catch (error) {
      throw new EngineError('Failed', `${request.what}: ${this.address} did not answer with JSON`, { cause: error });
    }
  }

  /** The beginning of an answer; the caller reads its body, and `chunksOf` it ends with an error when the signal is aborted. */
  async open(request: EngineRequest): Promise<IncomingMessage> {
    return await this.#guard(request, async () => this.#dial(request, await this.apiVersion(request.signal)));
  }

  /** A call after which the connection is a stream of its own; it is destroyed when the signal is aborted. */
  async hijack(partly: Omit<EngineRequest, 'expect'>): Promise<Duplex> {
    const request: EngineRequest = { ...partly, expect: [] };
    const { signal, what } = request;
    return await this.#guard(request, async () => {
      // No status is expected but the one of an upgrade, and what comes of that is the socket itself.
      const socket = (await this.#send(request, await this.apiVersion(signal), true)) as Socket;
      const end = (): void => void socket.destroy(givenUp(what, signal));
      // A reader learns of it; without one, nobody wants to.
      socket.on('error', () => {});
      signal.addEventListener('abort', end, { once: true });
      socket.once('close', () => signal.removeEventListener('abort', end));
      socket.setKeepAlive(true, KEEP_ALIVE_MS);
      if (signal.aborted) end();
      return socket;
    });
  }

  /**
   * What the engine says of its version; asked anew each time. The answer to a ping is enough when we speak the newest API that the engine knows:
   * for the whole answer it runs several programs.
   */
  async version(signal: AbortSignal): Promise<VersionBody> {
    const ping: EngineRequest = { what: 'reach the engine', method: 'GET', path: '/_ping', expect: PING_STATUSES, signal };
    const newest = await this.#guard(ping, async () => {
      const { headers, statusCode } = await this.#dialToEnd(ping);
      return statusCode === 200 ? headers['api-version'] : undefined;
    });
    if (typeof newest === 'string' && isSpoken(newest)) return { ApiVersion: newest };
    const request: EngineRequest = { what: 'read the version', method: 'GET', path: '/version', expect: [200], signal };
    return await this.#guard(request, async () => JSON.parse((await this.#dialToEnd(request)).text) as VersionBody);
  }

  /** The version of the API that this connection speaks. */
  async apiVersion(signal: AbortSignal): Promise<string> {
    this.#apiVersionToSpeak ??= chooseApiVersion(await this.version(signal));
    return this.#apiVersionToSpeak;
  }

  async #guard<T>(request: EngineRequest, call: () => Promise<T>): Promise<T> {
    const { signal, what } = request;
    try {
      return await untilAborted(signal, call);
    } catch (error) {
      const failure = signal.aborted ? givenUp(what, signal) : toEngineError(error, what, this.address);
      if (failure.fault === 'Unreachable') this.#apiVersionToSpeak = undefined;
      throw failure;
    }
  }

  async #dial(request: EngineRequest, version: string | undefined): Promise<IncomingMessage> {
    const message = (await this.#send(request, version, false)) as IncomingMessage;
    message.socket.setKeepAlive(true, KEEP_ALIVE_MS);
    return message;
  }

  /** Without a version, which is not known yet. */
  async #dialToEnd(request: EngineRequest): Promise<Pick<IncomingMessage, 'headers' | 'statusCode'> & { text: string }> {
    const response = await this.#dial(request, undefined);
    const chunks: Buffer[] = [];
    for await (const chunk of chunksOf(response)) chunks.push(chunk);
    return { headers: response.headers, statusCode: response.statusCode, text: Buffer.concat(chunks).toString() };
  }

  #send(request: EngineRequest, version: string | undefined, hijack: boolean): Promise<unknown> {
    // Many calls share one signal; that is no leak.
    setMaxListeners(0, request.signal);
    const { query = {}, body = {}, archive, credentials } = request;
    if (HAS_ODD_SEGMENT.test(request.path)) throw new EngineError('Invalid', `${request.what}: there is no such name`);
    const path = version === undefined ? request.path : `/v${version}${request.path}`;
    const options = {
      path: Object.keys(query).length > 0 ? `${path}?` : path,
      method: request.method,
      options: { _query: query, _body: body },
      ...(archive === undefined ? {} : { file: archive instanceof Readable ? archive : Buffer.from(archive) }),
      ...(credentials === undefined ? {} : { authconfig: toAuthConfig(credentials) }),
      abortSignal: request.signal,
      hijack,
      isStream: true,
      statusCodes: Object.fromEntries(request.expect.map((status) => [status, true])),
    };
    return new Promise((resolve, reject) => {
      this.#transport.dial(options, (error: unknown, response: unknown) => {
        if (error === null || error === undefined) resolve(response);
        else reject(toRefusal(error));
      });
    });
  }
}

/** Settles when the signal is aborted at the latest, even if the call ignores it. */
async function untilAborted<T>(signal: AbortSignal, call: () => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  const over = new AbortController();
  const aborted = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true, signal: over.signal });
  });
  try {
    return await Promise.race([call(), aborted]);
  } finally {
    over.abort();
  }
}

/** The chunks of an answer; fails when the connection breaks or the call's signal is aborted. */
export async function* chunksOf(response: IncomingMessage): AsyncGenerator<Buffer> {
  for await (const chunk of response) yield chunk as Buffer;
}

/** docker-modem puts the status on the error, and a prefix of its own into the message. */
function toRefusal(error: unknown): unknown {
  if (!(error instanceof Error) || !('statusCode' in error) || typeof error.statusCode !== 'number') return error;
  const message = error.message.replace(/^\(HTTP code \d+\) .*? - /s, '').trim();
  return new RefusedByEngine(error.statusCode, message === '' ? `status ${error.statusCode}` : message);
}

/** Docker's AuthConfig. */
function toAuthConfig({ serverAddress, username, password, identityToken }: RegistryCredentials): object {
  if (identityToken !== undefined) return { serveraddress: serverAddress, identitytoken: identityToken };
  return { serveraddress: serverAddress, username: username ?? '', password: password ?? '' };
}

/** The transport would follow a redirection where nobody can catch what goes wrong; the engine's API has none, so it becomes an error. */
function withoutRedirections(transport: Transport): Transport {
  const build = Reflect.get(transport, 'buildRequest') as (options: object, ...rest: readonly unknown[]) => void;
  const buildStrictly = (options: object, ...rest: readonly unknown[]): void =>
    build.call(transport, { ...options, maxRedirects: 0 }, ...rest);
  Reflect.set(transport, 'buildRequest', buildStrictly);
  return transport;
}

/** Every field is given, since docker-modem fills absent ones from the process's environment. */
function toOptions(host: DockerHost): Transport.ConstructorOptions {
  const none = { host: undefined, ca: undefined, cert: undefined, key: undefined, timeout: 0, pathPrefix: '/' };
  if (host.type === 'unix') return { ...none, socketPath: host.path, protocol: 'http' };
  // The name is for the header alone.
  if (host.type === 'ssh') return { ...none, host: 'docker', protocol: 'http', agent: new SshAgent(host) };
  const address = { host: host.hostname, port: host.port };
  if (host.tls === undefined) return { ...none, ...address, protocol: 'http' };
  const { directory } = host.tls;
  try {
    const [ca, cert, key] = ['ca.pem', 'cert.pem', 'key.pem'].map((name) => readFileSync(join(directory, name)));
    return { ...none, ...address, protocol: 'https', ca, cert, key };
  } catch (error) {
    throw new EngineError('Invalid', `cannot read the TLS files of ${describeDockerHost(host)}: ${String(error)}`, {
      cause: error,
    });
  }
}
