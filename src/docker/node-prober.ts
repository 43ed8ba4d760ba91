// Network probes from this machine: HTTP through undici, TCP through node:net. Kubernetes, "Configure Liveness, Readiness and Startup Probes".
import { connect } from 'node:net';
import type { Agent } from 'undici';
import type { Prober } from '../kubelet/probes/prober.ts';

/** As the kubelet: after this many redirects a probe fails. */
const MAX_REDIRECTS = 10;
/** Bytes of an answer that are read before the connection is given up; only the status counts. */
const MAX_BODY_BYTES = 10_240;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const USER_AGENT = 'kube-probe/holdfast';

type Result = Awaited<ReturnType<Prober['tcp']>>;

/** Probes over the machine's own network; it must have a route to the pods. `close` frees its sockets. */
export function nodeProber(): Prober & { close(): Promise<void> } {
  let client: Promise<HttpClient> | undefined;
  return {
    http(url, headers, timeoutMs, signal) {
      client ??= loadClient();
      return probeHttp(client, url, headers, timeoutMs, signal);
    },
    tcp: probeTcp,
    close: async () => (await client)?.agent.close(),
  };
}

interface HttpClient {
  readonly agent: Agent;
  readonly request: typeof import('undici').request;
}

/** Loaded with the first probe that needs it. */
async function loadClient(): Promise<HttpClient> {
  const { Agent, request } = await import('undici');
  // A probe asks whether a server answers now: no kept connections, and no opinion on its certificate.
  return { agent: new Agent({ connect: { rejectUnauthorized: false }, pipelining: 0, keepAliveTimeout: 1 }), request };
}

async function probeHttp(
  client: Promise<HttpClient>,
  url: string,
  headers: readonly { name: string; value: string }[],
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Result> {
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    return await followHttp(await client, new URL(url), headerList(headers), AbortSignal.any([signal, timeout]));
  } catch (error) {
    signal.throwIfAborted();
    const cause = timeout.aborted ? `no answer within ${timeoutMs / 1000}s` : messageOf(error);
    return { ok: false, message: `Get "${url}": ${cause}` };
  }
}

/** Names may occur more than once; the kubelet's own defaults give way to the manifest's. */
function headerList(headers: readonly { name: string; value: string }[]): string[] {
  const has = (name: string): boolean => headers.some((header) => header.name.toLowerCase() === name);
  return [
    ...(has('user-agent') ? [] : ['User-Agent', USER_AGENT]),
    ...(has('accept') ? [] : ['Accept', '*/*']),
    ...headers.flatMap(({ name, value }) => [name, value]),
  ];
}

async function followHttp({ agent, request }: HttpClient, first: URL, headers: string[], signal: AbortSignal): Promise<Result> {
  let url = first;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    const { statusCode, headers: answer, body } = await request(url, { dispatcher: agent, headers, signal });
    await body.dump({ limit: MAX_BODY_BYTES, signal }).catch(() => undefined);
    if (statusCode < 200 || statusCode >= 400) return { ok: false, message: `HTTP probe failed with statuscode: ${statusCode}` };
    const location = answer['location'];
    if (!REDIRECTS.has(statusCode) || typeof location !== 'string') return { ok: true };
    const next = new URL(location, url);
    // Another host is not the container: the answer that it gave counts as a success, as with the kubelet.
    if (next.hostname !== first.hostname) return { ok: true };
    url = next;
  }
  return { ok: false, message: `stopped after ${MAX_REDIRECTS} redirects` };
}

function probeTcp(host: string, port: number, timeoutMs: number, signal: AbortSignal): Promise<Result> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, signal });
    const finish = (result: Result): void => {
      socket.destroy();
      resolve(result);
    };
    socket.setTimeout(timeoutMs, () =>
      finish({ ok: false, message: `dial tcp ${host}:${port}: no answer within ${timeoutMs / 1000}s` }),
    );
    socket.once('connect', () => finish({ ok: true }));
    socket.once('error', (error) => {
      if (signal.aborted) reject(error);
      else finish({ ok: false, message: `dial tcp ${host}:${port}: ${messageOf(error)}` });
    });
  });
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message === '' && 'code' in error ? String(error.code) : error.message;
}
