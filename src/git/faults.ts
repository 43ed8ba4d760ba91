// Turns what goes wrong at the edge into the closed list of SourceFault, with a sentence that says what to do.

import { SourceError, type SourceFault } from '../sync/commit-source.ts';
import type { Clock } from '../system/clock.ts';
import { DeadlineExceeded, withDeadline } from '../system/deadline.ts';
import { withoutCredentials } from './location.ts';

/** One listing of the refs of a server. */
export const LIST_TIMEOUT_MS = 60_000;
/** One fetch, of a whole history at worst. */
export const FETCH_TIMEOUT_MS = 600_000;
/** Reading a commit and its files from disk. */
export const READ_TIMEOUT_MS = 300_000;

/** A call to the outside: what it is called in messages, and how long it may take. */
export interface Call {
  readonly clock: Clock;
  /** For people: `reading the branches of https://…`. */
  readonly what: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * Runs a call under its deadline; whatever fails comes out as a SourceError. When the caller gave up, its own reason is thrown, except that a
 * deadline of the caller counts as TimedOut.
 */
export async function attempt<T>(call: Call, perform: (signal: AbortSignal) => Promise<T>): Promise<T> {
  try {
    return await withDeadline(call.clock, call.what, call.timeoutMs, perform, call.signal);
  } catch (error) {
    const reason: unknown = call.signal.aborted ? call.signal.reason : error;
    if (call.signal.aborted && !(reason instanceof DeadlineExceeded)) throw reason;
    throw asSourceError(call.what, reason);
  }
}

/** What an error of the network, of the file system or of a Git library means. */
export function asSourceError(what: string, error: unknown): SourceError {
  if (error instanceof SourceError) return error;
  if (error instanceof DeadlineExceeded) return new SourceError('TimedOut', error.message, { cause: error });
  const message = withoutCredentials(error instanceof Error ? error.message : String(error));
  const known = knownCode(error);
  const [fault, explanation] = known ?? ['Corrupt', message];
  return new SourceError(fault, `${what}: ${explanation}`, { cause: error });
}

const CODES: Readonly<Record<string, readonly [SourceFault, string]>> = {
  ECONNREFUSED: ['Unreachable', 'connection refused. Is the server running, and the port right?'],
  ECONNRESET: ['Unreachable', 'the server closed the connection'],
  EPIPE: ['Unreachable', 'the server closed the connection'],
  ENOTFOUND: ['Unreachable', 'the name of the server is not known to DNS'],
  EAI_AGAIN: ['Unreachable', 'DNS does not answer'],
  EHOSTUNREACH: ['Unreachable', 'no route to the server'],
  ENETUNREACH: ['Unreachable', 'no route to the server'],
  ETIMEDOUT: ['Unreachable', 'the server does not answer'],
  UND_ERR_CONNECT_TIMEOUT: ['Unreachable', 'the server does not answer'],
  UND_ERR_SOCKET: ['Unreachable', 'the server closed the connection'],
  UND_ERR_ABORTED: ['Unreachable', 'the connection broke'],
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: ['Unreachable', 'the answer was cut short'],
  UND_ERR_HEADERS_TIMEOUT: ['TimedOut', 'the server accepted the connection and does not answer'],
  UND_ERR_BODY_TIMEOUT: ['TimedOut', 'the server stopped in the middle of its answer'],
  EPROTO: ['Misconfigured', 'the server does not speak TLS on this port. Should the URL start with http://?'],
  ERR_SSL_WRONG_VERSION_NUMBER: [
    'Misconfigured',
    'the server does not speak TLS on this port. Should the URL start with http://?',
  ],
  ERR_SSL_PACKET_LENGTH_TOO_LONG: [
    'Misconfigured',
    'the server does not speak TLS on this port. Should the URL start with http://?',
  ],
  CERT_HAS_EXPIRED: ['CertificateRejected', 'the certificate of the server has expired'],
  ERR_TLS_CERT_ALTNAME_INVALID: ['CertificateRejected', 'the certificate is for another server name'],
  EACCES: ['Misconfigured', 'not allowed to read or write a file'],
  EPERM: ['Misconfigured', 'not allowed to read or write a file'],
  EROFS: ['Misconfigured', 'the folder cannot be written to'],
  ENOTDIR: ['Misconfigured', 'a file stands where a folder must be'],
  EEXIST: ['Misconfigured', 'a file stands where a folder must be'],
  ENOSPC: ['Misconfigured', 'the disk is full'],
  EMFILE: ['Misconfigured', 'too many open files: raise the limit (ulimit -n)'],
};

const UNTRUSTED = /^(SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_[A-Z_]+|CERT_[A-Z_]+)$/;

function knownCode(error: unknown): readonly [SourceFault, string] | undefined {
  for (let each: unknown = error, depth = 0; each instanceof Error && depth < 5; each = each.cause, depth += 1) {
    const code = codeOf(each);
    if (code === undefined) continue;
    const known = CODES[code];
    if (known !== undefined) return [known[0], `${known[1]} (${withPath(each, code)})`];
    if (UNTRUSTED.test(code)) {
      return [
        'CertificateRejected',
        `the certificate of the server is not trusted (${code}). Give the certificate of its authority as CA file`,
      ];
    }
  }
  return undefined;
}

/** The code that Node.js and its libraries put on errors. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

function withPath(error: Error, code: string): string {
  return 'path' in error && typeof error.path === 'string' ? `${code}, ${error.path}` : code;
}
