// Why a connection failed, in the words that users of Kubernetes know. Pure.

const WORDS: { readonly [code: string]: string | undefined } = {
  ECONNREFUSED: 'connect: connection refused',
  EHOSTUNREACH: 'connect: no route to host',
  ENETUNREACH: 'connect: network is unreachable',
  ETIMEDOUT: 'i/o timeout',
  ECONNRESET: 'read: connection reset by peer',
  EPIPE: 'write: broken pipe',
};

/** The cause of a failed connection. */
export function dialFault(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error ? String(error.code) : '';
  // Node has one code for a connection that was reset and for one that ended before the answer.
  if (code === 'ECONNRESET' && error.message === 'socket hang up') return 'EOF';
  if (code.startsWith('HPE_')) return `malformed HTTP response: ${error.message}`;
  return WORDS[code] ?? (error.message === '' ? code : error.message);
}
