// The http side of Git's smart protocol: requests with an abort signal, an own CA, redirects that never leak a password, and whole answers only.
import { readFile } from 'node:fs/promises';
import { rootCertificates } from 'node:tls';
import type { GitHttpRequest, GitHttpResponse, HttpClient } from 'isomorphic-git';
import type { Agent, Dispatcher } from 'undici';
import { SourceError } from '../sync/commit-source.ts';
import { assertWholePackets } from './pkt-line.ts';

/** Until the connection stands. */
const CONNECT_TIMEOUT_MS = 15_000;
/** Silence in the middle of an answer. */
const STALL_TIMEOUT_MS = 60_000;
const MAX_REDIRECTS = 5;
/** A pack is held in memory while it is checked and indexed. */
const MAX_ANSWER_BYTES = 1024 * 1024 * 1024;
/** Forges tell Git from browsers by the start of this header. */
const USER_AGENT = 'git/2.0 (holdfast)';

/** What a session needs to know. */
export interface HttpSessionOptions {
  /** The repository's URL without credentials. */
  readonly url: string;
  readonly authorization: string | undefined;
  readonly caFile: string | undefined;
  readonly signal: AbortSignal;
  /** Where an earlier listing was redirected to. */
  readonly movedTo: string | undefined;
}

/** The requests of one call. */
export interface HttpSession extends HttpClient {
  /** Where the repository really is, once a redirect has told. */
  readonly movedTo: string | undefined;
  /** Ends what is under way and closes the connections. */
  close(): Promise<void>;
}

/** Opens connections as they are needed. Throws SourceError Misconfigured for a CA file that cannot be read. */
export async function openHttpSession(options: HttpSessionOptions): Promise<HttpSession> {
  const ca = options.caFile === undefined ? undefined : await certificates(options.caFile);
  // Loaded when there is a server to speak to: a local repository needs none.
  const { default: undici } = await import('undici');
  const agent = new undici.Agent({
    connect: { timeout: CONNECT_TIMEOUT_MS, ...(ca === undefined ? {} : { ca: [...rootCertificates, ca] }) },
    // The caller's signal ends a wait for headers: a server may think for long before it sends a pack.
    headersTimeout: 0,
    bodyTimeout: STALL_TIMEOUT_MS,
  });
  let movedTo = options.movedTo;
  return {
    get movedTo() {
      return movedTo;
    },
    async request(wanted) {
      const answer = await perform(undici.request, agent, options, { ...wanted, url: moved(wanted.url, options.url, movedTo) });
      if (answer.isRedirected) movedTo = baseOf(answer.response.url, options.url);
      return answer.response;
    },
    close: () => agent.destroy(),
  };
}

function moved(url: string, from: string, to: string | undefined): string {
  return to !== undefined && url.startsWith(from) ? to + url.slice(from.length) : url;
}

/** As Git does, a redirect counts only when it leads to the same file of another repository. */
function baseOf(url: string, from: string): string {
  const at = url.indexOf('/info/refs');
  if (at < 0) {
    throw new SourceError(
      'RepositoryNotFound',
      `${from} redirects to ${withoutQuery(url)}, which is no Git repository. Check the URL; some servers do this when credentials are missing`,
    );
  }
  return url.slice(0, at);
}

interface Answer {
  readonly response: GitHttpResponse;
  readonly isRedirected: boolean;
}

async function perform(
  request: typeof import('undici').request,
  agent: Agent,
  options: HttpSessionOptions,
  wanted: GitHttpRequest,
): Promise<Answer> {
  const method = wanted.method === 'POST' ? 'POST' : 'GET';
  const body = method === 'POST' ? await collect(wanted.body) : undefined;
  let url = wanted.url;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
    const isOwn = new URL(url).origin === new URL(options.url).origin;
    const answer = await request(url, {
      dispatcher: agent,
      method,
      signal: options.signal,
      headers: {
        ...wanted.headers,
        'user-agent': USER_AGENT,
        ...(isOwn && options.authorization !== undefined ? { authorization: options.authorization } : {}),
      },
      ...(body === undefined ? {} : { body }),
    });
    const location =
      method === 'GET' && answer.statusCode >= 300 && answer.statusCode < 400 ? headerOf(answer, 'location') : undefined;
    if (location === undefined) return { isRedirected: redirects > 0, response: await received(options, url, method, answer) };
    await answer.body.dump();
    url = redirectTarget(url, location);
  }
  throw new SourceError('Misconfigured', `${options.url} redirects more than ${MAX_REDIRECTS} times`);
}

function redirectTarget(url: string, location: string): string {
  const target = new URL(location, url);
  const isDowngrade = url.startsWith('https:') && target.protocol !== 'https:';
  if (isDowngrade || !/^https?:$/.test(target.protocol)) {
    throw new SourceError(
      'Misconfigured',
      `${withoutQuery(url)} redirects to ${withoutQuery(target.href)}, which is not followed: it is not https`,
    );
  }
  target.username = '';
  target.password = '';
  return target.href;
}

async function received(
  options: HttpSessionOptions,
  url: string,
  method: string,
  answer: Dispatcher.ResponseData,
): Promise<GitHttpResponse> {
  const refusal = statusFault(options, url, answer.statusCode);
  if (refusal !== undefined) {
    await answer.body.dump();
    throw refusal;
  }
  const type = headerOf(answer, 'content-type') ?? '';
  if (!type.startsWith('application/x-git-')) {
    await answer.body.dump();
    throw new SourceError(
      'RepositoryNotFound',
      `${withoutQuery(url)} answers, but not as a Git repository (${type === '' ? 'no type' : type}). Check the URL`,
    );
  }
  const bytes = await collect(answer.body);
  assertWholePackets(bytes, options.url);
  return {
    url,
    method,
    statusCode: answer.statusCode,
    statusMessage: '',
    headers: { 'content-type': type },
    body: once(bytes),
  };
}

/** What a status other than 200 means. */
function statusFault(options: HttpSessionOptions, url: string, status: number): SourceError | undefined {
  if (status === 200) return undefined;
  const where = options.url;
  // Azure DevOps answers 203 with its sign-in page.
  if (status === 401 || status === 203 || status === 407) {
    const how =
      options.authorization === undefined
        ? 'wants a user name and password, or a token'
        : 'refuses the user name, password or token';
    return new SourceError('AuthenticationFailed', `${where} ${how} (status ${status})`);
  }
  if (status === 403) {
    const who = options.authorization === undefined ? 'reading without credentials' : 'these credentials to read it';
    return new SourceError('AuthenticationFailed', `${where} does not allow ${who} (status 403)`);
  }
  if (status === 404 || status === 410) {
    const hint = options.authorization === undefined ? '. A private repository answers the same without credentials' : '';
    return new SourceError('RepositoryNotFound', `${where} does not exist on the server (status ${status})${hint}`);
  }
  if (status >= 500 || status === 429 || status === 408) {
    return new SourceError('Unreachable', `${where}: the server answers with status ${status}`);
  }
  return new SourceError('Misconfigured', `${withoutQuery(url)} answers with status ${status}`);
}

function headerOf(answer: Dispatcher.ResponseData, name: string): string | undefined {
  const value = answer.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

async function collect(body: AsyncIterable<Uint8Array> | undefined): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  // The library gives a plain array where its types promise an iterator.
  for await (const chunk of body ?? []) {
    chunks.push(chunk);
    bytes += chunk.byteLength;
    if (bytes > MAX_ANSWER_BYTES) {
      throw new SourceError(
        'Misconfigured',
        'the history is too big to be fetched over http (more than 1 GiB): use ssh, or a smaller repository',
      );
    }
  }
  return Buffer.concat(chunks);
}

async function* once(bytes: Uint8Array): AsyncIterableIterator<Uint8Array> {
  yield bytes;
}

async function certificates(path: string): Promise<string> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new SourceError('Misconfigured', `the CA file ${path} cannot be read`, { cause });
  }
  if (!text.includes('-----BEGIN CERTIFICATE-----'))
    throw new SourceError('Misconfigured', `the CA file ${path} holds no certificate in PEM form`);
  return text;
}

function withoutQuery(url: string): string {
  return url.replace(/[?#].*$/, '');
}
