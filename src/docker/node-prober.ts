// Network probes from this machine: HTTP through undici, TCP through node:net, gRPC through node:http2. Kubernetes, "Configure Liveness,
// Readiness and Startup Probes".
import { connect } from 'node:net';
import type { Agent } from 'undici';
import type { ProbeResult } from '../kubelet/probes/probe-state.ts';
import type { Prober } from '../kubelet/probes/prober.ts';
import { dialFault } from './dial-fault.ts';
import { probeGrpc } from './grpc-health.ts';

/** As the kubelet: after this many redirects a probe fails. */
const MAX_REDIRECTS = 10;
/** Bytes of an answer that are read before the connection is given up; only the status counts. */
const MAX_BODY_BYTES = 10_240;
/** Characters of an answer that a warning tells. */
const MAX_TOLD = 512;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** Programs look for its beginning, and read the number behind it as Kubernetes' version. */
const USER_AGENT = 'kube-probe/1.34';

/** Probes over the machine's own network; it must have a route to the pods. `close` frees its sockets. */
export function nodeProber(): Prober & { close(): Promise<void> } {
  let client: Promise<HttpClient> | undefined;
  return {
    http(url, headers, timeoutMs, signal) {
      client ??= loadClient();
      return probeHttp(client, url, headers, timeoutMs, signal);
    },
    tcp: probeTcp,
    grpc: (host, port, service, timeoutMs, signal) => probeGrpc(host, port, service, timeoutMs, signal, USER_AGENT),
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
): Promise<ProbeResult> {
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    return await followHttp(await client, new URL(url), headerList(headers), AbortSignal.any([signal, timeout]));
  } catch (error) {
    signal.throwIfAborted();
    const fault = dialFault(error);
    const cause = fault.startsWith('connect:') ? `dial tcp ${new URL(url).host}: ${fault}` : fault;
    const late = 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)';
    return { ok: false, message: `Get "${url}": ${timeout.aborted ? late : cause}` };
  }
}

/** Names may occur more than once; the kubelet's own defaults give way to the manifest's, and an empty one leaves the header out. */
function headerList(headers: readonly { name: string; value: string }[]): string[] {
  const defaults = [
    ['User-Agent', USER_AGENT],
    ['Accept', '*/*'],
  ] as const;
  const isDefault = (name: string): boolean => defaults.some(([own]) => own.toLowerCase() === name.toLowerCase());
  const has = (name: string): boolean => headers.some((header) => header.name.toLowerCase() === name.toLowerCase());
  return [
    ...defaults.flatMap(([name, value]) => (has(name) ? [] : [name, value])),
    ...headers.flatMap(({ name, value }) => (value === '' && isDefault(name) ? [] : [name, value])),
  ];
}

async function followHttp(
  { agent, request }: HttpClient,
  first: URL,
  headers: string[],
  signal: AbortSignal,
): Promise<ProbeResult> {
  let url = first;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    const { statusCode, headers: answer, body } = await request(url, { dispatcher: agent, headers, signal });
    const location = answer['location'];
    const next = REDIRECTS.has(statusCode) && typeof location === 'string' ? new URL(location, url) : undefined;
    if (next === undefined || next.hostname !== first.hostname) return await judge(statusCode, body);
    await body.dump({ limit: MAX_BODY_BYTES, signal }).catch(() => undefined);
    url = next;
  }
  return { ok: false, message: `Get "${url.href}": stopped after ${MAX_REDIRECTS} redirects` };
}

/**
 * What a last answer amounts to. A redirect away from the container counts as a success, but somebody should look at it. The body of a
 * failure is not told: a probe could be made to show what its author may not see.
 */
async function judge(statusCode: number, body: AsyncIterable<unknown> & { destroy(): unknown }): Promise<ProbeResult> {
  const start = await startOf(body);
  if (statusCode < 200 || statusCode >= 400)
    return { ok: false, message: `HTTP probe failed with statuscode: ${statusCode}`, isAnswer: true };
  if (statusCode < 300) return { ok: true };
  return { ok: true, warning: `Probe terminated redirects, Response body: ${start.slice(0, MAX_TOLD)}` };
}

/** The beginning of a body; one that breaks off has ended there. */
async function startOf(body: AsyncIterable<unknown> & { destroy(): unknown }): Promise<string> {
  const pieces: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of body) {
      const piece = Buffer.from(chunk instanceof Uint8Array ? chunk : String(chunk));
      pieces.push(piece);
      length += piece.length;
      if (length >= MAX_BODY_BYTES) break;
    }
  } catch {
    // The status has come, and that is what counts.
  }
  body.destroy();
  return Buffer.concat(pieces).toString('utf8');
}

function probeTcp(host: string, port: number, timeoutMs: number, signal: AbortSignal): Promise<ProbeResult> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, signal });
    const finish = (result: ProbeResult): void => {
      socket.destroy();
      resolve(result);
    };
    const address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
    socket.setTimeout(timeoutMs, () => finish({ ok: false, message: `dial tcp ${address}: i/o timeout` }));
    socket.once('connect', () => finish({ ok: true }));
    socket.once('error', (error) => {
      if (signal.aborted) reject(error);
      else finish({ ok: false, message: `dial tcp ${address}: ${dialFault(error)}` });
    });
  });
}
