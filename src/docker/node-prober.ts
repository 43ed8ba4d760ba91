// Network probes over connections that somebody else makes (dial.ts): HTTP through node:http, TCP as it is, gRPC through node:http2. Kubernetes,
// "Configure Liveness, Readiness and Startup Probes".
import { type IncomingMessage, request } from 'node:http';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import type { ProbeResult } from '../kubelet/probes/probe-state.ts';
import type { AskedPod, Prober } from '../kubelet/probes/prober.ts';
import { type Dial, dialDirectly } from './dial.ts';
import { dialFault } from './dial-fault.ts';
import { probeGrpc } from './grpc-health.ts';
import { ProbeTime } from './probe-time.ts';

/** As the kubelet: after this many redirects a probe fails. */
const MAX_REDIRECTS = 10;
/** Bytes of an answer that are read before the connection is given up; only the status counts. */
const MAX_BODY_BYTES = 10_240;
/** Characters of an answer that a warning tells. */
const MAX_TOLD = 512;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** Programs look for its beginning, and read the number behind it as Kubernetes' version. */
const USER_AGENT = 'kube-probe/1.34';
const HTTP_PORT = 80;
const HTTPS_PORT = 443;

/** Probes over these connections; over the machine's own network when none are named, which must have a route to the pods. */
export function nodeProber(dial: Dial = dialDirectly): Prober {
  return {
    http: (url, headers, timeoutMs, signal, pod) => probeHttp({ dial, pod }, url, headers, timeoutMs, signal),
    tcp: (host, port, timeoutMs, signal, pod) => probeTcp({ dial, pod }, host, port, timeoutMs, signal),
    grpc: async (host, port, service, timeoutMs, signal, pod) => {
      const time = new ProbeTime(timeoutMs, signal);
      try {
        return await probeGrpc(
          { host, port, service, timeoutMs, userAgent: USER_AGENT },
          (itsTime) => dial(host, port, itsTime, pod),
          time,
        );
      } finally {
        time.end();
      }
    },
  };
}

/** How whoever is asked is reached. */
interface Way {
  readonly dial: Dial;
  readonly pod: AskedPod | undefined;
}

async function probeHttp(
  way: Way,
  url: string,
  headers: readonly { name: string; value: string }[],
  timeoutMs: number,
  signal: AbortSignal,
): Promise<ProbeResult> {
  const time = new ProbeTime(timeoutMs, signal);
  try {
    return await followHttp(way, new URL(url), headers, time);
  } catch (error) {
    time.throwIfUnasked(error);
    const fault = dialFault(error);
    const cause = fault.startsWith('connect:') ? `dial tcp ${new URL(url).host}: ${fault}` : fault;
    const late = 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)';
    return { ok: false, message: `Get "${url}": ${time.isOver ? late : cause}` };
  } finally {
    time.end();
  }
}

/**
 * One request over a connection of its own: a probe asks whether a server answers now. As Go's client, it is not strict about how answers are
 * written: a line may end with a line feed alone, as scripts write it.
 */
async function ask(url: URL, headers: string[], way: Way, time: ProbeTime): Promise<IncomingMessage> {
  const socket = await openFor(url, way, time);
  try {
    return await new Promise((resolve, reject) => {
      const asked = request({
        createConnection: () => socket,
        path: `${url.pathname}${url.search}`,
        headers,
        insecureHTTPParser: true,
        signal: time.signal,
      });
      asked.on('error', reject);
      asked.once('response', resolve);
      asked.end();
    });
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

async function openFor({ hostname, port, protocol }: URL, { dial, pod }: Way, time: ProbeTime): Promise<Duplex> {
  const isSecure = protocol === 'https:';
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const socket = await dial(host, port === '' ? (isSecure ? HTTPS_PORT : HTTP_PORT) : Number(port), time, pod);
  return isSecure ? await secured(socket, host, time.signal) : socket;
}

/** TLS over a connection; no opinion on the certificate. */
function secured(socket: Duplex, hostname: string, signal: AbortSignal): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const servername = isIP(hostname) === 0 ? { servername: hostname } : {};
    const secure = connectTls({ socket, rejectUnauthorized: false, ALPNProtocols: ['http/1.1'], ...servername });
    secure.on('error', reject);
    secure.once('secureConnect', () => resolve(secure));
    signal.addEventListener('abort', () => secure.destroy(), { once: true });
    secure.once('close', () => reject(new Error('EOF')));
  });
}

/** Names may occur more than once; the kubelet's own defaults give way to the manifest's, and an empty one leaves the header out. */
function headerList(host: string, given: readonly { name: string; value: string }[]): string[] {
  const isHost = ({ name }: { name: string }): boolean => name.toLowerCase() === 'host';
  const headers = given.filter((header) => !isHost(header));
  const defaults = [
    ['User-Agent', USER_AGENT],
    ['Accept', '*/*'],
  ] as const;
  const isDefault = (name: string): boolean => defaults.some(([own]) => own.toLowerCase() === name.toLowerCase());
  const has = (name: string): boolean => headers.some((header) => header.name.toLowerCase() === name.toLowerCase());
  return [
    'Host',
    given.find(isHost)?.value || host,
    ...defaults.flatMap(([name, value]) => (has(name) ? [] : [name, value])),
    ...headers.flatMap(({ name, value }) => (value === '' && isDefault(name) ? [] : [name, value])),
  ];
}

async function followHttp(
  way: Way,
  first: URL,
  headers: readonly { name: string; value: string }[],
  time: ProbeTime,
): Promise<ProbeResult> {
  let url = first;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    const answer = await ask(url, headerList(url.host, headers), way, time);
    const { statusCode = 0 } = answer;
    const { location } = answer.headers;
    const next = REDIRECTS.has(statusCode) && location !== undefined ? new URL(location, url) : undefined;
    if (next === undefined || next.hostname !== first.hostname) return await judge(statusCode, answer);
    answer.destroy();
    url = next;
  }
  return { ok: false, message: `Get "${url.href}": stopped after ${MAX_REDIRECTS} redirects` };
}

/**
 * What a last answer amounts to. A redirect away from the container counts as a success, but somebody should look at it. The body of a
 * failure is not told: a probe could be made to show what its author may not see.
 */
async function judge(statusCode: number, body: IncomingMessage): Promise<ProbeResult> {
  const start = await startOf(body);
  if (statusCode < 200 || statusCode >= 400)
    return { ok: false, message: `HTTP probe failed with statuscode: ${statusCode}`, isAnswer: true };
  if (statusCode < 300) return { ok: true };
  return { ok: true, warning: `Probe terminated redirects, Response body: ${start.slice(0, MAX_TOLD)}` };
}

/** The beginning of a body; one that breaks off has ended there. */
async function startOf(body: IncomingMessage): Promise<string> {
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

async function probeTcp(
  { dial, pod }: Way,
  host: string,
  port: number,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<ProbeResult> {
  const time = new ProbeTime(timeoutMs, signal);
  try {
    (await dial(host, port, time, pod)).destroy();
    return { ok: true };
  } catch (error) {
    time.throwIfUnasked(error);
    const address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
    return { ok: false, message: `dial tcp ${address}: ${time.isOver ? 'i/o timeout' : dialFault(error)}` };
  } finally {
    time.end();
  }
}
