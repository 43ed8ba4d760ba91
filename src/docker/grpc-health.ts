// The gRPC health protocol (grpc.health.v1.Health/Check) over plain HTTP/2, as much of it as a probe needs. Kubernetes, "Configure Liveness,
// Readiness and Startup Probes", gRPC.
import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants, type IncomingHttpHeaders } from 'node:http2';
import type { Duplex } from 'node:stream';
import type { ProbeResult } from '../kubelet/probes/probe-state.ts';
import { dialFault } from './dial-fault.ts';
import type { ProbeTime } from './probe-time.ts';

/** Bytes of an answer that are read; a health answer has a handful. */
const MAX_ANSWER_BYTES = 4_096;
/** Compression flag and length of a gRPC message. */
const PREFIX_BYTES = 5;
const STATUS_NAMES: readonly string[] = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'];
const SERVING = 1;
const UNIMPLEMENTED = '12';
const DEADLINE_EXCEEDED = '4';
/** Names of gRPC's status codes, by number. */
const CODES: readonly string[] =
  'OK Canceled Unknown InvalidArgument DeadlineExceeded NotFound AlreadyExists PermissionDenied ResourceExhausted FailedPrecondition Aborted OutOfRange Unimplemented Internal Unavailable DataLoss Unauthenticated'.split(
    ' ',
  );

interface Answer {
  readonly status: string;
  readonly message: string;
  readonly body: Buffer;
}

/** What is asked of whom. */
export interface GrpcQuestion {
  readonly host: string;
  readonly port: number;
  readonly service: string;
  readonly timeoutMs: number;
  readonly userAgent: string;
}

/** Asks once, over the connection that `dial` makes. Every way of not being healthy is a result; rejects as a Prober does. */
export async function probeGrpc(
  { host, port, service, timeoutMs, userAgent }: GrpcQuestion,
  dial: (time: ProbeTime) => Promise<Duplex>,
  time: ProbeTime,
): Promise<ProbeResult> {
  const address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const unconnected = (failure: unknown): ProbeResult => {
    time.throwIfUnasked(failure);
    const late = `timeout: failed to connect service "${address}" within ${timeoutMs / 1000}s: context deadline exceeded`;
    return failed(time.isOver ? late : `error: failed to connect service at "${address}": ${dialFault(failure)}`);
  };
  let socket: Duplex;
  try {
    socket = await dial(time);
  } catch (error) {
    return unconnected(error);
  }
  const session = connect(`http://${address}`, { createConnection: () => socket });
  const end = (): void => session.destroy();
  time.signal.addEventListener('abort', end, { once: true });
  try {
    const failure = await opened(session);
    if (failure !== undefined || time.signal.aborted) return unconnected(failure);
    const answer = await ask(session, service, timeoutMs, userAgent);
    time.throwIfUnasked(answer);
    if (time.isOver) return failed(`timeout: health rpc did not complete within ${timeoutMs / 1000}s`);
    return answer instanceof Error ? failed(`error: health rpc probe failed: ${answer.message}`) : judge(answer, timeoutMs);
  } finally {
    time.signal.removeEventListener('abort', end);
    session.destroy();
    socket.destroy();
  }
}

function failed(message: string): ProbeResult {
  return { ok: false, message };
}

/** Resolves when the connection is made, with an error when it is not. */
function opened(session: ClientHttp2Session): Promise<Error | undefined> {
  return new Promise((resolve) => {
    let failure: Error | undefined;
    session.on('error', (error) => {
      failure = error;
      resolve(error);
    });
    session.once('connect', () => resolve(undefined));
    session.once('close', () => resolve(failure ?? new Error('the connection was closed')));
  });
}

function ask(session: ClientHttp2Session, service: string, timeoutMs: number, userAgent: string): Promise<Answer | Error> {
  return new Promise((resolve) => {
    if (session.destroyed) return resolve(new Error('the connection was closed'));
    const stream = session.request({
      [constants.HTTP2_HEADER_METHOD]: 'POST',
      [constants.HTTP2_HEADER_PATH]: '/grpc.health.v1.Health/Check',
      [constants.HTTP2_HEADER_CONTENT_TYPE]: 'application/grpc',
      [constants.HTTP2_HEADER_TE]: 'trailers',
      [constants.HTTP2_HEADER_USER_AGENT]: userAgent,
      'grpc-timeout': `${timeoutMs}m`,
    });
    session.once('close', () => resolve(new Error('the connection was closed')));
    collect(stream, resolve);
    stream.end(requestOf(service));
  });
}

function collect(stream: ClientHttp2Stream, resolve: (answer: Answer | Error) => void): void {
  const headers: IncomingHttpHeaders = {};
  let body: Buffer = Buffer.alloc(0);
  stream.on('response', (received) => Object.assign(headers, received));
  stream.on('trailers', (received) => Object.assign(headers, received));
  stream.on('data', (chunk: Buffer) => {
    body = Buffer.concat([body, chunk]).subarray(0, MAX_ANSWER_BYTES);
  });
  stream.once('error', resolve);
  stream.once('end', () => {
    const httpStatus = Number(headers[':status'] ?? 0);
    const unspoken = httpStatus === 200 ? '2' : '14';
    const status = text(headers['grpc-status']) ?? unspoken;
    const missing = httpStatus === 200 ? '' : `unexpected HTTP status code received from server: ${httpStatus}`;
    resolve({ status, message: decoded(text(headers['grpc-message']) ?? missing), body });
  });
}

function text(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}

function decoded(message: string): string {
  try {
    return decodeURIComponent(message);
  } catch {
    return message;
  }
}

/** HealthCheckRequest: field 1 is the name of the service. */
function requestOf(service: string): Buffer {
  const name = Buffer.from(service);
  const message = name.length === 0 ? name : Buffer.concat([Buffer.from([0x0a]), varint(name.length), name]);
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  return Buffer.from([...bytes, rest]);
}

function judge({ status, message, body }: Answer, timeoutMs: number): ProbeResult {
  if (status === UNIMPLEMENTED)
    return failed(`error: this server does not implement the grpc health protocol (grpc.health.v1.Health): ${message}`);
  if (status === DEADLINE_EXCEEDED) return failed(`timeout: health rpc did not complete within ${timeoutMs / 1000}s`);
  if (status !== '0')
    return failed(`error: health rpc probe failed: rpc error: code = ${CODES[Number(status)] ?? status} desc = ${message}`);
  const serving = servingStatus(body);
  return serving === SERVING ? { ok: true } : failed(`service unhealthy (responded with "${STATUS_NAMES[serving] ?? serving}")`);
}

/** HealthCheckResponse: field 1 is the status; absent means UNKNOWN. */
function servingStatus(body: Buffer): number {
  const length = body.length < PREFIX_BYTES ? 0 : body.readUInt32BE(1);
  const message = body.subarray(PREFIX_BYTES, PREFIX_BYTES + length);
  return message[0] === 0x08 ? (message[1] ?? 0) : 0;
}
